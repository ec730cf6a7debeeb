"""The desk's own words, English and Korean; statuses and what figures say come from ``geoinv.pages.words``.

The Korean has not been reviewed by a native speaker; every Korean page says so.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from geoinv.api.desk.words_claims import CLAIMS
from geoinv.api.desk.words_help import HELP
from geoinv.api.desk.words_kept import PAGES
from geoinv.api.desk.words_past import PAST
from geoinv.pages.words import LANGUAGES, Language, words

__all__ = ["desk_words"]

#: Key → (English, Korean).
_SHELL: dict[str, tuple[str, str]] = {
    "desk": ("Desk", "작업대"),
    "home": ("Home", "처음"),
    "place it": ("Place", "위치"),
    "outlines": ("Outlines", "윤곽"),
    "rooms": ("Rooms and 3D", "방과 3차원"),
    "trace it": ("Drawings", "그림"),
    "claims page": ("Claims", "증언 검증"),
    "incidents page": ("Incidents", "사건"),
    "publish": ("Publish", "공개"),
    "history": ("History", "이력"),
    "team": ("People", "사람들"),
    "sign in": ("Sign in", "로그인"),
    "sign out": ("Sign out", "로그아웃"),
    "signed in as": ("Signed in as {name}", "{name}(으)로 로그인함"),
    "name": ("Name", "이름"),
    "password": ("Password", "비밀번호"),
    "new password": ("New password, at least ten letters", "새 비밀번호(열 글자 이상)"),
    "again": ("The same again", "한 번 더"),
    "choose password": ("Choose a password", "비밀번호 정하기"),
    "save": ("Save", "저장"),
    "cancel": ("Cancel", "취소"),
    "undo": ("Undo", "되돌리기"),
    "reason": ("Why?", "이유"),
    "reason hint": (
        "One sentence: what you saw. It stands in the ledger with your name.",
        "무엇을 보았는지 한 문장으로. 이름과 함께 기록에 남는다.",
    ),
    "record": ("Record", "기록"),
    "recorded": ("Recorded.", "기록했다."),
    "taken back": ("Taken back. Both stay in the ledger.", "되돌렸다. 둘 다 기록에 남는다."),
    "conflict": ("Somebody decided on this meanwhile", "그사이 다른 사람이 결정했다"),
    "conflict means": (
        "Nothing of yours was lost and nothing was overwritten. Keep what stands, or record yours as well: both stay "
        "in the ledger, and the later one counts.",
        "잃어버린 것도 덮어쓴 것도 없다. 지금 결정을 그대로 두거나, 내 결정을 추가로 기록할 수 있다. 둘 다 기록에 "
        "남고 나중 것이 효력을 가진다.",
    ),
    "keep theirs": ("Keep what stands", "지금 결정 유지"),
    "record mine": ("Record mine as well", "내 결정도 기록"),
    "session ended": (
        "You were away for a while, so the desk signed you out. Nothing was lost: sign in and go on.",
        "한동안 사용하지 않아 로그아웃되었다. 잃어버린 것은 없다. 다시 로그인하면 된다.",
    ),
    "sign in wrong": ("That name and password do not belong together.", "이름과 비밀번호가 맞지 않는다."),
    "sign in wait": (
        "Too many wrong passwords. The next try is looked at in {seconds} seconds.",
        "비밀번호가 여러 번 틀렸다. {seconds}초 뒤에 다시 시도할 수 있다.",
    ),
    "link used": (
        "This link was used already, or is older than a day. Ask for another: geoinv desk --link NAME",
        "이미 사용했거나 하루가 지난 링크이다. 새 링크를 받으려면: geoinv desk --link 이름",
    ),
    "not allowed": ("Your role may look, not change this.", "현재 역할로는 볼 수만 있다."),
    "something wrong": ("That did not work", "처리하지 못했다"),
    "back home": ("Back to the start", "처음으로"),
    "not here": ("There is no such page at this desk.", "이 작업대에는 그런 페이지가 없다."),
    "simulated case": ("FICTIONAL CASE", "가상 사건"),
    "loading": ("One moment…", "잠시만…"),
    "draft kept": ("Draft kept", "초안 저장됨"),
    "draft found": (
        "You had begun something here on {at}; it is shown as you left it.",
        "{at}에 작업하던 내용을 그대로 보여 준다.",
    ),
    "drop draft": ("Begin anew", "새로 시작"),
    "offline": (
        "The desk does not answer. What you did here stays in this page; start it again with “geoinv desk”.",
        "작업대가 응답하지 않는다. 이 페이지의 내용은 남아 있다. “geoinv desk”로 다시 시작하면 된다.",
    ),
    "role reader": ("reader: looks", "열람자: 보기만"),
    "role investigator": ("investigator: adds, decides, builds", "조사자: 추가, 결정, 구축"),
    "role lead": ("lead: also publishes and keeps accounts", "책임자: 공개와 계정 관리까지"),
    "not built": ("Not built yet.", "아직 구축하지 않았다."),
    "build first": ("Add files and build first; then there is something to see here.",
                    "먼저 파일을 추가하고 구축해야 볼 것이 생긴다."),
    "facility": ("Facility", "시설"),
    "close": ("Close", "닫기"),
    "accept": ("Accept", "수락"),
    "reject": ("Reject", "거부"),
    "none chosen": ("choose…", "선택…"),
}  # fmt: skip


@cache
def desk_words(language: Language) -> MappingProxyType[str, str]:
    """Every word a page of the desk may use, by key."""
    index = LANGUAGES.index(language)
    own = {key: pair[index] for key, pair in {**_SHELL, **PAGES, **PAST, **CLAIMS, **HELP}.items()}
    return MappingProxyType({**words(language), **own})
