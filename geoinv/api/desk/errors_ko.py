"""What goes wrong at the desk, in Korean: what the desk, decisions and readers raise; other sentences stay in English.

The Korean has not been reviewed by a native speaker.
"""

from __future__ import annotations

import re
from functools import cache

from geoinv.api.desk.readers_ko import READERS
from geoinv.errors import GeoinvError

__all__ = ["KOREAN", "korean_sentence", "korean_told"]

#: English, with ``{}`` for each thing named → Korean, with the same things in the same order.
KOREAN: dict[str, str] = {
    "an account is named by a codename of up to 60 letters": "계정 이름은 60자 이하의 암호명이다",
    "there is no role “{}”": "“{}” 역할은 없다",
    "choose one of: {}": "다음 가운데 고른다: {}",
    "a password has at least {} letters and is not the name": "비밀번호는 {}글자 이상이며 이름과 달라야 한다",
    "take a sentence": "문장 하나를 쓰면 좋다",
    "choose one": "하나 고른다",
    "somebody must keep the accounts": "계정을 관리할 사람이 있어야 한다",
    "make another one lead first": "먼저 다른 사람을 책임자로 정한다",
    "this draft is too large to keep": "초안이 너무 커서 보관할 수 없다",
    "record what you have": "지금까지 한 것을 기록한다",
    "this file of the desk cannot be read": "작업대의 이 파일을 읽을 수 없다",
    "delete it": "지운다",
    "there is no figure of this claim": "이 증언의 그림이 없다",
    "build the case first": "먼저 구축한다",
    "this is no decision that is taken at the desk": "작업대에서 내리는 결정이 아니다",
    "reload the page": "페이지를 다시 연다",
    "this place cannot be read": "이 위치를 읽을 수 없다",
    "correct it": "고친다",
    "there is no such tile": "그런 영상 조각이 없다",
    "this scene is not in the case any more": "이 위성영상은 이제 사건에 없다",
    "a facility needs a name, and a short one in Latin letters for its folder":
        "시설에는 이름과, 폴더에 쓸 로마자 짧은 이름이 필요하다",
    "give both": "둘 다 적는다",
    "there is a facility “{}” already": "“{}” 시설이 이미 있다",
    "choose another short name": "다른 짧은 이름을 고른다",
    "there is no report yet": "아직 보고서가 없다",
    "this file's name cannot be used": "이 파일 이름은 쓸 수 없다",
    "rename it and drop it again": "이름을 바꾸어 다시 놓는다",
    "these files are not here any more": "이 파일들은 이제 여기에 없다",
    "drop them again": "다시 놓는다",
    "look through it, then say why it names nobody": "살펴본 뒤, 아무도 특정하지 않는 이유를 적는다",
    "this file is larger than what goes through a browser, or than there is room for":
        "이 파일은 브라우저로 보내기에 너무 크거나 저장할 공간이 모자란다",
    "lay it into the case's folder and build": "사건 폴더에 직접 넣고 구축한다",
    "these pairs cannot be read": "이 연결점들을 읽을 수 없다",
    "this drawing is not a plan of the whole place": "이 그림은 시설 전체의 평면이 아니다",
    "choose another": "다른 것을 고른다",
    "the case has changed since you looked at this release": "이 공개본을 살펴본 뒤 사건이 바뀌었다",
    "look at it again": "다시 살펴본다",
    "there is no such model": "그런 모형이 없다",
    "there is no such role": "그런 역할은 없다",
    "choose one of those listed": "목록에 있는 것 가운데 고른다",
    "this is missing from the request": "요청에 이것이 빠졌다",
    "this request is larger than any that a page of the desk sends": "작업대 페이지가 보내는 것보다 큰 요청이다",
    "this request cannot be read": "이 요청을 읽을 수 없다",
    "this form cannot be read": "이 양식을 읽을 수 없다",
    "this cannot be read": "이것을 읽을 수 없다",
    "{} has no drawing “{}”": "{}에는 “{}” 그림이 없다",
    "a decision needs a reason": "결정에는 이유가 필요하다",
    "say why with --reason": "이유를 적는다",
    "look at it again, then decide": "다시 살펴본 뒤 결정한다",
    "this room lies in no building whose inside is known": "이 방은 내부가 알려진 어느 건물에도 있지 않다",
    "draw it within one of which a drawing shows rooms": "그림에 방이 있는 건물 안에 그린다",
    "{} has no incident “{}”": "{}에는 “{}” 사건이 없다",
    "take an id from its incidents": "그 시설의 사건 번호를 쓴다",
    "{} has no statement “{}”": "{}에는 “{}” 진술이 없다",
    "take an id from “decide words”": "“decide words”에 나오는 번호를 쓴다",
    "a claim is of the witness whose words it is": "검증할 말은 그 말을 한 증인의 것이어야 한다",
    "name that witness": "그 증인을 적는다",
    "this case has no audience “{}”": "이 사건에는 “{}” 공개 대상이 없다",
    "name one of case.toml with --within": "case.toml에 있는 대상을 적는다",
    "a request is for named records": "요청에는 어느 기록인지 적어야 한다",
    "name them with --facility or --incident": "시설이나 사건을 적는다",
    "a request ends": "요청에는 끝나는 날이 있어야 한다",
    "say when with --until": "언제까지인지 적는다",
    "“{}” is nothing that can be set of {}": "“{}”은(는) {}에 정할 수 있는 속성이 아니다",
    "there is no decision “{}”": "“{}” 결정은 없다",
    "list them with “geoinv decide history”": "이력에서 찾아본다",
    "a drawn shape is a point, a line, or an area whose edge does not cross itself":
        "그린 모양은 점이나 선, 또는 테두리가 스스로 엇갈리지 않는 면이어야 한다",
    "draw it again": "다시 그린다",
    "the room “{}” is in the building {}, not in “{}”": "“{}” 방은 {} 건물에 있으며 “{}”에 있지 않다",
    "name the room alone": "방만 적는다",
    "a facility cannot be merged into itself": "시설을 그 자신과 합칠 수 없다",
    "name two facilities": "시설 두 곳을 적는다",
    "choose another slug": "다른 짧은 이름을 고른다",
    "{} has no file “{}”": "{}에는 “{}” 파일이 없다",
    "name files below facilities/{}, such as testimony/w1.kml":
        "facilities/{} 아래의 파일을 적는다(예: testimony/w1.kml)",
}  # fmt: skip


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    # The longest first: what says more of a sentence fits it better.
    every = sorted({**READERS, **KOREAN}.items(), key=lambda pair: -len(pair[0]))
    return tuple((re.compile(re.escape(one).replace(r"\{\}", "(.*?)") + r"\Z", re.S), other) for one, other in every)


def _korean(text: str) -> str | None:
    for pattern, korean in _patterns():
        if found := pattern.match(text):
            return korean.format(*(READERS.get(name, name) for name in found.groups()))
    return None


def korean_sentence(error: GeoinvError) -> str:
    """An error as one sentence in Korean; in English where nobody has written it in Korean yet."""
    what = _korean(error.what)
    if what is None:
        return error.sentence()
    do = (_korean(error.do) or error.do) if error.do else ""
    where = ", ".join(str(part) for part in (error.file, error.item) if part)
    said = ". ".join(part.rstrip(".") for part in (f"{where}: {what}" if where else what, do) if part) + "."
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in said)


def korean_told(text: str) -> str:
    """A sentence as a reader kept it (“where: what; do.”) in Korean; as it is where nobody has written it in Korean.

    Parameters
    ----------
    text
        As ``GeoinvError.sentence`` gives it, or a plain sentence.
    """
    bare = text.rstrip(".")
    for place in (0, *(found.end() for found in re.finditer(": ", bare))):
        for end in (len(bare), *(found.start() for found in re.finditer("; ", bare[place:]))):
            what, do = (bare[place:], "") if end == len(bare) else (bare[place : place + end], bare[place + end + 2 :])
            korean, then = _korean(what), _korean(do) if do else ""
            if korean is not None and then is not None:
                told = ". ".join(part for part in (bare[:place] + korean, then) if part)
                return told + text[len(bare) :]
    return text
