"""Words that help: keys, how the hour goes, steps of a build, what evidence is of; English and Korean."""

from __future__ import annotations

__all__ = ["HELP"]

#: Key → (English, Korean). Of keys, a line each: the key, a dash, what it does.
HELP: dict[str, tuple[str, str]] = {
    "keys": ("Keys", "글쇠"),
    "keys everywhere": (
        "Tab, Enter — go from thing to thing, and press it\n"
        "Ctrl+Z — take back the last step, or what was just recorded\n"
        "Esc — close, or end what was begun\n"
        "? — these keys",
        "Tab, Enter — 다음 것으로 옮겨 가고, 누르기\nCtrl+Z — 마지막 단계나 방금 기록한 것 되돌리기\n"
        "Esc — 닫기, 또는 시작한 것 끝내기\n? — 이 글쇠 목록",
    ),
    "keys place": (
        "← ↑ → ↓ — by hand: move the drawing by a metre (with Shift by ten)\n"
        "[ ] — turn it by a degree (with Shift by ten)\n+ − — make it larger or smaller",
        "← ↑ → ↓ — 손으로: 그림을 1 m씩 옮기기(Shift: 10 m)\n[ ] — 1도씩 돌리기(Shift: 10도)\n+ − — 크게, 작게",
    ),
    "keys outlines": (
        "Right click — on a corner: take it out\nEsc — stop measuring",
        "오른쪽 단추 — 모서리 지우기\nEsc — 재기 끝내기",
    ),
    "keys drawings": ("Right click — on a corner: take it out", "오른쪽 단추 — 모서리 지우기"),
    "keys rooms": (
        "← ↑ → ↓ — walking: turn, go forward and back\nEsc — stop walking\n"
        "Enter — on a room of the plan: why it is here",
        "← ↑ → ↓ — 걷기: 돌기, 앞으로, 뒤로\nEsc — 걷기 끝내기\nEnter — 평면도의 방에서: 그 근거 보기",
    ),
    "keys claims": (
        "Enter — on a room of the plan: from where, then to where\nEsc — point out no spot",
        "Enter — 평면도의 방에서: 시작하는 곳, 다음은 끝나는 곳\nEsc — 지점 누르기 그만두기",
    ),
    # how it goes
    "how it goes": ("How it goes", "진행 순서"),
    "first make": ("Make a facility: its name is enough.", "시설을 만든다. 이름만 있으면 된다."),
    "first drop": (
        "Drop what you have: pins, transcripts, tables, drawings, scans, scenes. You see what each gives, then take "
        "it in.",
        "가진 것을 놓는다: 위치 표시, 녹취록, 표, 그림, 스캔, 위성영상. 내용을 확인한 뒤 들인다.",
    ),
    "first place": (
        "Under Place, click a building in a drawing and then the same one on the scene; three are enough.",
        "‘위치’에서 그림의 건물과 영상의 같은 건물을 차례로 누른다. 세 쌍이면 충분하다.",
    ),
    "first build": ("Build: locations, outlines, rooms, models and tests are made.",
                    "구축한다: 위치, 윤곽, 방, 모형, 검증이 만들어진다."),
    "first correct": (
        "Look at what came of it, ask why anything is there, correct what is wrong. Everything can be taken back.",
        "결과를 살펴보고, 무엇이 왜 있는지 묻고, 틀린 것을 고친다. 무엇이든 되돌릴 수 있다.",
    ),
    "first release": ("Publish: look at what is withheld and why, then make the release.",
                      "공개한다: 무엇을 왜 빼는지 확인한 뒤 공개본을 만든다."),
    # steps of a build
    "step trace": ("reading drawings", "그림 읽기"),
    "step locate": ("where it is", "위치 추정"),
    "step place": ("laying drawings on the ground", "그림을 지상에 놓기"),
    "step outline": ("outlines of buildings", "건물 윤곽"),
    "step interior": ("rooms", "방"),
    "step model": ("the model", "모형"),
    "step claims": ("testing claims", "증언 검증"),
    "step ask": ("what to ask next", "다음에 물을 것"),
    "step bind": ("where incidents were", "사건 장소"),
    "step show": ("figures and pages", "그림과 보고서"),
    "step sum": ("what is known", "종합"),
    # what evidence is of
    "value for": ("for it:", "찬성"),
    "value independent": ("of them independent:", "그중 독립"),
    "value against": ("against:", "반대"),
    "property at": ("place", "위치"),
    "property cell count": ("number of cells", "감방 수"),
    "property floor m": ("floor level, m", "바닥 높이(m)"),
    "property head m": ("height of its head, m", "위틀 높이(m)"),
    "property kind": ("kind", "종류"),
    "property line": ("line", "선"),
    "property rise m": ("rise, m", "단 높이(m)"),
    "property sill m": ("height of its sill, m", "아래틀 높이(m)"),
    "property thickness m": ("thickness, m", "두께(m)"),
    "property wall thickness m": ("thickness of walls, m", "벽 두께(m)"),
    "property polygon": ("shape", "모양"),
    "property outline": ("outline", "윤곽"),
    "property geometry": ("outline", "윤곽"),
    "property width m": ("width", "너비"),
    "property length m": ("length", "길이"),
    "property depth m": ("depth", "깊이"),
    "property height m": ("height", "높이"),
    "property area m2": ("area", "넓이"),
    "property role": ("role", "역할"),
    "property labels": ("names", "이름"),
    "property drawn": ("drawn by", "그린 것"),
    "property not before": ("built not before", "지어진 때, 이후"),
    "property not after": ("gone not after", "없어진 때, 이전"),
    "property votes": ("who speaks for it", "뒷받침하는 증언"),
    "property outline spread": ("how far outlines differ", "윤곽들의 차이"),
    "property support over placebos": ("support in the scene over chance", "영상의 뒷받침(우연 대비)"),
    # what contradicts
    "what this room was": ("what this room was", "이 방이 무엇이었는지"),
    "whether there is a room between its neighbours": (
        "whether there is a room between its neighbours", "이웃한 두 방 사이에 방이 있었는지"),
    "which of two outlines stands here": ("which of two outlines stands here", "두 윤곽 가운데 어느 것이 맞는지"),
    "which wall encloses the place": ("which wall encloses the place", "어느 담이 이곳을 둘러싸는지"),
}  # fmt: skip
