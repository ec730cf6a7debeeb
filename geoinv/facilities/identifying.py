"""What in a text or a column tells who somebody is: names, telephones, addresses, numbers, devices.

It is for a person to look at: what is found is told by its kind, place and shape, never in full, so that neither a
terminal nor a log holds what a case must not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from geoinv.facilities.person_names import could_be_name, name_words, names_in

__all__ = [
    "Identifying",
    "IdentifyingKind",
    "column_kind",
    "identifying_in",
    "in_column",
    "masked",
    "vocabulary_version",
]

IdentifyingKind = Literal[
    "personal name", "telephone number", "e-mail address", "address", "identity number", "account", "device", "position"
]

_DIGIT = re.compile(r"\d")
#: No telephone or identity number has fewer, whatever stands between them.
_SIX_DIGITS = re.compile(r"\d(?:[ ().-]{0,3}\d){5}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_RRN = re.compile(r"(?<!\d)(\d{6})[- ]([1-8])\d{6}(?!\d)")
_CHINESE_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PASSPORT = re.compile(
    r"(?:passport|여권|护照)(?:\s?(?:no|number|번호))?[.:：# ]{0,3}\s*([A-Z]{1,2}\d{7,8}|[A-Z]\d{3}[A-Z]\d{4})", re.I
)
_ACCOUNT = re.compile(
    r"(?:kakao ?(?:talk)?|카카오톡|카톡|wechat|위챗|微信|weixin|telegram|텔레그램|whatsapp|왓츠앱|line|라인"
    r"|signal|시그널|instagram|facebook|페이스북|skype)\s*(?:id|아이디|account|handle|号)\s*[:：=는은]?\s*@?([A-Za-z0-9][\w.-]{2,})",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?:t\.me|wa\.me|facebook\.com|instagram\.com|vk\.com)/[\w.+-]{3,}", re.IGNORECASE)
#: A person's own folder in the path of a file that a program noted (Windows, macOS, Linux).
_OWN_FOLDER = re.compile(
    r"(?:[A-Za-z]:[\\/]+Users[\\/]+|[/]Users/|[/]home/)"
    r"(?!(?:public|default|user|admin|shared|runner)\b)([^\\/\"'<>|\n]{2,40})[\\/]",
    re.IGNORECASE,
)
#: International: a plus and a country code (ITU-T E.164: at most fifteen digits).
_INTERNATIONAL = re.compile(r"(?<![\w.])(?:\+|00)[1-9](?:[ ().-]{0,2}\d){7,13}(?!\d)")
#: Korean mobile and fixed numbers, written with separators or, mobile, without; Chinese mobile numbers.
_KOREAN = re.compile(r"(?<![\d.-])0(?:1[016789]|2|[3-6]\d|70)[-. )]{1,2}\d{3,4}[-. ]\d{4}(?![\d-])")
_KOREAN_MOBILE = re.compile(r"(?<![\d.-])010\d{8}(?!\d)")
_CHINESE = re.compile(r"(?<![\d.-])1[3-9]\d(?:[ -]?\d{4}){2}(?![\d.])")
_NORTHERN = re.compile(r"(?<![\d.-])19[1-5][- ]\d{3}[- ]\d{4}(?![\d-])")
_SPOKEN_PHONE = re.compile(
    r"(?:\btel|phone|mobile|전화|휴대폰|핸드폰|연락처|电话)[^\d\n]{0,12}(\d(?:[ -]?\d){6,13})(?!\d)", re.IGNORECASE
)
_KOREAN_ADDRESS = (
    # a street and a number; a lot in a dong, ri or eup; a flat; a people's unit
    re.compile(r"[가-힣]{1,8}(?:대로|로|길)\s?\d{1,4}(?:번?길\s?\d{1,4})?(?:-\d{1,4})?(?:번지|호)?(?![\d층m미년월])(?=[\s,.)]|$)"),
    re.compile(r"[가-힣]{1,6}(?:동|리|읍|면)\s\d{1,4}(?:-\d{1,4}|번지|반(?!장))"),
    re.compile(r"[가-힣]+(?:시|군|구역|구)\s[가-힣]{1,6}(?:동|리|읍|구)\s?\d{1,3}\s?(?:인민)?반(?!장)"),
    re.compile(r"\d{1,4}동\s?\d{2,4}호"),
)  # fmt: skip
_STREETS = r"Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Terrace|Boulevard|Blvd|Crescent|Gardens"
_ADDRESS = re.compile(
    rf"(?<![\d.])\d{{1,5}}[A-Za-z]?,?\s+(?:[A-Z][A-Za-z'’-]+\s+){{1,3}}(?:{_STREETS})\b(?!\s+(?:Station|Bridge))"
)
_FLAT = re.compile(r"\b(?:Apt|Apartment|Flat)\.?\s?#?\d+[A-Za-z]?,\s*\w+")
#: Columns, by the folded end of their header. What survey tools add comes from KoBoToolbox's and ODK's documentation.
_COLUMNS: dict[IdentifyingKind, str] = {
    "device": "deviceid device_id imei subscriberid subscriber_id simserial sim_serial simid sim_id serialnumber "
    "serial_number serial_no mac_address",
    "telephone number": "phone phonenumber phone_number tel telephone mobile cellphone cell_phone "
    "전화 전화번호 전화_번호 휴대폰 핸드폰 연락처 휴대전화 电话",
    "e-mail address": "email e_mail email_address 이메일 전자우편 메일",
    "account": "username user_name submitted_by account kakao kakao_id wechat wechat_id enumerator 계정 사용자",
    "address": "address home_address street_address 주소 거주지 현주소",
    "identity number": "passport passport_no passport_number passportnumber national_id id_card id_number resident_no "
    "resident_number 주민번호 주민등록번호 여권번호 공민증 공민증번호",
    "personal name": "fullname full_name firstname first_name lastname last_name surname family_name given_name "
    "real_name witness interviewee interviewer interpreter victim perpetrator respondent "
    "성명 본명 실명 성함 증언자 면담자 구술자 목격자 피해자 가해자 통역",
}
#: Columns in which any value is what the header says; in the others the value must look like it too.
_BY_HEADER_ALONE = {"device", "telephone number", "e-mail address", "account", "address", "identity number"}
#: What stands there where nothing was noted, or where somebody has already taken it out.
_EMPTY = re.compile(
    r"(?:|-+|n/?a|none|null|unknown|no|yes|not[ _].*|0|collect:|없음|모름|미상|[x*]+"
    r"|(?:simulated|fictional|redacted|removed|withheld)\b.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Identifying:
    """Something that may tell who somebody is.

    Attributes
    ----------
    kind
        What it looks like.
    shape
        Its first sign and its length, never more.
    """

    kind: IdentifyingKind
    shape: str


def vocabulary_version() -> str:
    """Version of the vocabulary that names are found with."""
    return name_words().version


def masked(text: str) -> str:
    """How something found is shown: its first sign and its length."""
    text = text.strip()
    return f"{text[:1]}… ({len(text)} signs)"


def _is_rrn(match: re.Match[str]) -> bool:
    """Whether the first six digits of a Korean resident's number are a day (YYMMDD)."""
    digits = match.group(1)
    century = {"1": 1900, "2": 1900, "3": 2000, "4": 2000, "5": 1900, "6": 1900, "7": 2000, "8": 2000}
    try:
        date(century[match.group(2)] + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return False
    return True


def _is_chinese_id(text: str) -> bool:
    """Whether the check sign of a Chinese resident identity number is right (GB 11643-1999)."""
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17].upper()


def _numbers_in(text: str) -> Iterator[tuple[int, int, IdentifyingKind]]:
    for match in _RRN.finditer(text):
        if _is_rrn(match):
            yield *match.span(), "identity number"
    for match in _CHINESE_ID.finditer(text):
        if _is_chinese_id(match.group()):
            yield *match.span(), "identity number"
    for pattern in (_INTERNATIONAL, _KOREAN, _KOREAN_MOBILE, _CHINESE, _NORTHERN):
        for match in pattern.finditer(text):
            yield *match.span(), "telephone number"
    for match in _SPOKEN_PHONE.finditer(text):
        yield *match.span(1), "telephone number"


def _spans(text: str) -> Iterator[tuple[int, int, IdentifyingKind]]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield *match.span(), "e-mail address"
    for pattern in (_ACCOUNT, _HANDLE):
        for match in pattern.finditer(text):
            yield *match.span(), "account"
    if "/" in text or "\\" in text:
        for match in _OWN_FOLDER.finditer(text):
            yield *match.span(1), "account"
    if _SIX_DIGITS.search(text):
        yield from _numbers_in(text)
    if _DIGIT.search(text):
        for match in _PASSPORT.finditer(text):
            yield *match.span(1), "identity number"
        for pattern in (*_KOREAN_ADDRESS, _ADDRESS, _FLAT):
            for match in pattern.finditer(text):
                yield *match.span(), "address"
    for start, end in names_in(text):
        yield start, end, "personal name"


def identifying_in(text: str) -> tuple[Identifying, ...]:
    """What a text holds that may tell who somebody is.

    Parameters
    ----------
    text
        Any text, of any length.

    Returns
    -------
    tuple of Identifying
        In the text's order; of two that overlap the one that begins first.
    """
    found: list[Identifying] = []
    last = -1
    for start, end, kind in sorted(_spans(text), key=lambda span: (span[0], -span[1])):
        if start >= last:
            found.append(Identifying(kind, masked(text[start:end])))
            last = end
    return tuple(found)


def column_kind(header: str) -> IdentifyingKind | None:
    """What a column's header says its values are, or ``None`` where it says nothing of people.

    Parameters
    ----------
    header
        As it stands in the file; for KoBo's grouped names (``group/phone``) the end counts.
    """
    folded = re.sub(r"[^0-9a-z가-힣一-鿿]+", "_", header.casefold()).strip("_")
    return next((kind for kind, names in _COLUMNS.items() if _ends_in(folded, names.split())), None)


def _ends_in(folded: str, names: Sequence[str]) -> bool:
    """Whether a folded header is one of some names, or ends in one behind a group's name."""
    return any(folded == name or folded.endswith(f"_{name}") for name in names)


def in_column(kind: IdentifyingKind, value: str) -> Identifying | None:
    """A value of a column that by its header is of people, if it tells anything.

    Parameters
    ----------
    kind
        As ``column_kind`` gives it.
    value
        One cell.
    """
    value = value.strip()
    if _EMPTY.fullmatch(value):
        return None
    if kind in _BY_HEADER_ALONE or could_be_name(value):
        return Identifying(kind, masked(value))
    return None
