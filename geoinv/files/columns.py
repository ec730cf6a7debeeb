"""Which column of a table means what: KoBo and ODK exports, spreadsheets typed by hand, in English and Korean."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["COLUMN_NAMES", "recognise"]

#: Spellings by meaning, best first; compared after folding, and for places as the end of ``site/where_latitude`` too.
COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "lat": ("latitude", "lat", "위도", "y_lat", "gps_latitude", "북위"),
    "lon": ("longitude", "lon", "lng", "long", "경도", "x_lon", "gps_longitude", "동경"),
    "precision": ("precision", "accuracy", "정밀도", "정확도", "gps정확도"),
    "geopoint": ("geopoint", "gps", "where", "location_gps", "좌표", "위치좌표"),
    "geolocation": ("geolocation_geolocation", "geolocation", "지리위치"),
    "radius_m": ("radius_m", "radius", "반경", "반경_m", "반지름"),
    "witness": ("witness", "witness_id", "witness_code", "codename", "interviewee",
                "증언자", "목격자", "증인", "면담자", "구술자"),
    "note": ("said", "note", "notes", "comment", "comments", "description", "words", "quotation",
             "진술", "증언", "메모", "비고", "설명"),
    "of": ("of", "thing", "place_meant", "building", "건물", "대상"),
    "role": ("role", "역할"),
    "title": ("title", "name", "제목", "이름", "명칭"),
    "template": ("template", "틀"),
    "id": ("id", "incident_id", "record_id", "번호", "식별자", "사건번호", "아이디"),
    "date": ("date_edtf", "date", "when", "incident_date", "날짜", "일자", "일시", "발생일", "시기"),
    "place_label": ("place_label", "place", "building", "location", "where", "장소", "건물", "위치"),
    "room_label": ("room_label", "room", "cell", "방", "호실", "감방"),
    "kind": ("kind", "type", "event", "incident_type", "유형", "종류", "사건유형"),
    "summary": ("summary", "what", "description", "account", "내용", "요약", "개요", "설명"),
    "certainty": ("certainty", "confidence", "확실성", "신뢰도", "확신도"),
    "violation": ("violation", "violation_type", "침해", "침해유형", "인권침해"),
    "victim": ("victim", "victim_code", "피해자"),
    "perpetrator": ("perpetrator", "perpetrator_code", "가해자"),
    "involvement": ("involvement", "degree_of_involvement", "관여", "관여정도"),
    "agency": ("perpetrator_agency", "agency", "가해자소속", "소속기관"),
    "post": ("perpetrator_post", "post", "가해자직책", "직책"),
    "pillars": ("pillars", "pillar", "조사축"),
    "supersedes": ("supersedes", "replaces", "대체"),
    "victim_activity": ("victim_activity", "what_the_victim_was_doing", "피해자활동"),
    "source": ("source", "source_file", "file", "출처", "자료", "원본파일"),
    "page": ("page", "pages", "쪽", "페이지", "면"),
    "quotation": ("quotation", "quote", "exact_words", "인용", "원문"),
    "consent": ("consent", "consent_audiences", "동의", "공개동의"),
    "embargo_until": ("embargo_until", "embargo", "공개유예", "엠바고"),
    "act": ("act", "consent_to", "행위", "동의행위"),
    "audience": ("audience", "for_whom", "공개대상", "대상", "동의대상"),
    "given": ("given", "agreed", "consent_given", "동의여부", "동의함"),
    "until": ("until", "valid_until", "expires", "기한", "유효기간", "만료일"),
    "landmark": ("landmark", "지형지물", "기준점"),
    "other_landmark": ("other_landmark", "second_landmark", "and_landmark", "다른지형지물", "두번째지형지물"),
    "direction": ("direction", "bearing", "방향", "방위"),
    "distance_m": ("distance_m", "distance", "거리", "거리_m"),
    "minutes": ("minutes", "minutes_walked", "walk_minutes", "걸린시간", "도보시간", "분"),
    "side": ("side", "쪽방향", "어느쪽"),
    "negated": ("negated", "not", "denied", "부정", "아님"),
    "by": ("by", "measured_by", "기준"),
    "subject": ("subject", "from", "무엇", "주체"),
    "object": ("object", "to", "대상", "상대"),
    "low": ("low", "at_least", "최소", "최저"),
    "high": ("high", "at_most", "최대", "최고"),
    "unit": ("unit", "단위"),
    "building": ("building", "block", "건물", "동"),
    "role_of_room": ("role", "room_role", "use", "용도", "역할"),
    "count": ("count", "how_many", "number_of_rooms", "개수", "방수"),
    "occupants": ("occupants", "people", "수용인원", "인원"),
    "length_m": ("length_m", "length", "길이", "길이_m"),
    "width_m": ("width_m", "width", "너비", "폭", "너비_m"),
    "height_m": ("height_m", "height", "높이", "높이_m"),
    "storey": ("storey", "floor", "층"),
    "next_to": ("next_to", "beside", "neighbours", "옆", "이웃"),
}  # fmt: skip


def _fold(name: str) -> str:
    """Lower case; every run of signs other than letters and digits one underscore; units in brackets left out."""
    bare = re.sub(r"[(\[（].*?[)\]）]", "", name.casefold())
    return re.sub(r"[^0-9a-z\uac00-\ud7a3]+", "_", bare).strip("_")


def _score(folded: str, spellings: Sequence[str], grouped: bool) -> float:
    """How well a column's folded name fits: 1 for the first spelling, less for later ones and for grouped names."""
    for rank, spelling in enumerate(spellings):
        if folded == spelling:
            return 1.0 - 0.01 * rank
    if grouped:
        for rank, spelling in enumerate(spellings):
            if folded.endswith("_" + spelling):
                return 0.6 - 0.01 * rank
    return 0.0


def recognise(columns: Sequence[str], meanings: Sequence[str]) -> dict[str, str]:
    """Column by meaning, each column used once, for the meanings that were found.

    Parameters
    ----------
    columns
        Header of the table.
    meanings
        Keys of ``COLUMN_NAMES`` to look for, most important first.

    Returns
    -------
    dict
        For KoBo's ``_where_latitude`` and ``_where_precision`` too, which end in what they mean.
    """
    found: dict[str, str] = {}
    for meaning in meanings:
        free = [name for name in columns if name not in found.values()]
        # Only positions and their accuracy come with a question's name before them; "cause_of_note" is no note.
        grouped = meaning in ("lat", "lon", "precision")
        scored = [(_score(_fold(name), COLUMN_NAMES[meaning], grouped), name) for name in free]
        best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
        if best[0] > 0:
            found[meaning] = best[1]
    return found
