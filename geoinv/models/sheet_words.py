"""The words printed on sheets and renders, English and Korean.

Korean here has not been reviewed by a native speaker. Callers may pass words of their own: any key left out is taken
from here.
"""

from __future__ import annotations

from collections.abc import Mapping

from geoinv.errors import InputError

__all__ = ["LANGUAGES", "WORDS", "sheet_words"]

#: Languages the words are in.
LANGUAGES = ("en", "ko")

#: Word by key, in the order of :data:`LANGUAGES`.
_TABLE: dict[str, tuple[str, str]] = {
    "fictional": ("FICTIONAL – an invented place for demonstration", "가상 – 시연을 위해 지어낸 장소"),
    "site plan": ("Site plan", "배치도"),
    "floor plan": ("Floor plan", "평면도"),
    "render": (
        "Colour: how each part's place is known; heights may be assumed",
        "색: 각 부분의 위치 근거. 높이는 가정일 수 있음",
    ),
    "cut at": ("cut at {height} m above the floor", "바닥 위 {height} m에서 자름"),
    "storey": ("storey {number}", "{number}층"),
    "scale": ("Scale", "축척"),
    "true north": ("true north", "진북"),
    "grid north": ("grid north {angle}°", "도북 {angle}°"),
    "status": ("How each part is known", "각 부분의 근거 정도"),
    "corroborated": ("corroborated – independent sources agree", "교차 확인 – 독립된 출처가 일치"),
    "observed": ("observed – imagery alone", "관측 – 위성영상만"),
    "attested": ("attested – one witness", "증언 – 증인 한 명"),
    "contested": ("contested – sources exclude each other", "상충 – 출처가 서로 배제"),
    "inferred": ("inferred – computed by a stated rule", "추론 – 명시된 규칙으로 계산"),
    "conjectural": ("conjectural – assumed to close the model", "가정 – 모형을 닫기 위한 가정"),
    "cut": ("wall, cut", "자른 벽"),
    "door": ("door; which way it opened is not known", "문 – 여는 방향은 알 수 없음"),
    "window": ("window", "창"),
    "gap": ("opening without a door", "문 없는 개구부"),
    "entrance": ("entrance", "입구"),
    "crosses": ("crosses every {step} m", "십자 간격 {step} m"),
    "over": ("over {scene}", "바탕: {scene}"),
    "unknown": ("interior not known", "내부 알 수 없음"),
    "rooms": ("Rooms", "방"),
    "buildings": ("Buildings and site", "건물과 대지"),
    "number": ("No.", "번호"),
    "name": ("Name", "이름"),
    "use": ("Use", "용도"),
    "area": ("Area m²", "면적 m²"),
    "size": ("Size m", "크기 m"),
    "known": ("Known", "근거"),
    "page": ("sheet {number} of {count}", "{count}장 중 {number}"),
    "views": ("Sections and elevations", "단면도와 입면도"),
    "section": ("Section {name}–{name}", "단면 {name}–{name}"),
    "elevation": ("{side} elevation", "{side} 입면"),
    "axonometric": ("Axonometric", "부등각 투상도"),
    "axonometric rule": ("floor plan and heights both to scale", "평면과 높이 모두 축척대로"),
    "levels": ("Heights", "높이"),
    "level": ("Level", "위치"),
    "height": ("m above ground", "지면 위 m"),
    "floor": ("floor", "바닥"),
    "ceiling": ("ceiling", "천장"),
    "top": ("top of the roof", "지붕 위"),
    "eaves": ("eaves", "처마"),
    "north side": ("North", "북쪽"),
    "north-east side": ("North-east", "북동쪽"),
    "east side": ("East", "동쪽"),
    "south-east side": ("South-east", "남동쪽"),
    "south side": ("South", "남쪽"),
    "south-west side": ("South-west", "남서쪽"),
    "west side": ("West", "서쪽"),
    "north-west side": ("North-west", "북서쪽"),
    "short corroborated": ("corroborated", "교차 확인"),
    "short observed": ("observed", "관측"),
    "short attested": ("attested", "증언"),
    "short contested": ("contested", "상충"),
    "short inferred": ("inferred", "추론"),
    "short conjectural": ("conjectural", "가정"),
    "sources": ("Sources", "출처"),
    "contradictions": ("Accounts differ", "진술이 다른 점"),
    "assumed": ("Assumed", "가정한 것"),
    "ask": ("To ask next", "다음에 물을 것"),
    "more": ("and {count} more", "그 밖에 {count}건"),
    "drawn version": ("version {name} is drawn", "{name}안을 그림"),
    "not a survey": (
        "Not a survey: a reconstruction from testimony, drawings and imagery.",
        "측량 도면이 아님: 증언, 그림, 위성영상에 따른 재구성.",
    ),
    "model": ("model {hash}", "모형 {hash}"),
    "crs": (
        "CRS: azimuthal equidistant on WGS 84 about {lon}, {lat}",
        "좌표계: WGS 84 정거방위도법, 중심 {lon}, {lat}",
    ),
    "crs hidden": ("CRS: local metres, place withheld", "좌표계: 지역 미터, 위치 비공개"),
    "unlabelled": ("–", "–"),
    "building": ("building", "건물"),
    "perimeter wall": ("perimeter wall", "외곽 담장"),
    "wall": ("wall", "담장"),
    "fence": ("fence", "울타리"),
    "gate": ("gate", "출입문"),
    "tower": ("post", "초소"),
    "path": ("path", "길"),
    "room": ("room", "방"),
    "cell": ("cell", "감방"),
    "punishment cell": ("punishment cell", "독방"),
    "interrogation": ("interrogation room", "심문실"),
    "corridor": ("corridor", "복도"),
    "latrine": ("latrine", "화장실"),
    "guard": ("guard room", "경비실"),
    "grid": ("ground lines every 10 m", "바닥선 간격 10 m"),
    "standing": (
        "eyes {height} m above ground, looking towards {azimuth}°",
        "눈높이 지면 위 {height} m, {azimuth}° 방향",
    ),
    "looking": ("looking from {azimuth}°, {elevation}° down", "{azimuth}°에서, {elevation}° 내려다봄"),
}

#: The words of each language, by key.
WORDS: dict[str, Mapping[str, str]] = {
    language: {key: both[number] for key, both in _TABLE.items()} for number, language in enumerate(LANGUAGES)
}


def sheet_words(lang: str, words: Mapping[str, str] | None = None) -> dict[str, str]:
    """The words of a language, with a caller's own in place of the defaults.

    Raises
    ------
    InputError
        If there are no words in that language and the caller brings none.
    """
    if lang not in WORDS and not words:
        raise InputError(f"there are no words for sheets in “{lang}”", do=f"choose one of {', '.join(LANGUAGES)}")
    return {**WORDS.get(lang, WORDS["en"]), **(words or {})}
