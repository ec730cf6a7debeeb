"""What goes wrong at the desk, and what it is doing, is told in Korean on Korean pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import geoinv
from geoinv.api.desk.errors_ko import KOREAN, korean_sentence, korean_told
from geoinv.api.desk.readers_ko import READERS
from geoinv.api.desk.words import desk_words
from geoinv.case.build import STEPS
from geoinv.errors import CaseError, FieldError
from geoinv.pages.words import LANGUAGES
from tests.api.desk.conftest import Visitor

_HOME = Path(geoinv.__file__).parent
#: Told in the terminal, before there is a page.
_TERMINAL = {"port {} is taken on this machine", "choose another with --port"}


def _raised() -> Iterator[tuple[str, str]]:
    """Every sentence that the desk and decisions raise, with braces for what it names."""
    for path in [*sorted((_HOME / "api/desk").rglob("*.py")), _HOME / "case/decisions.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
                for one in (*node.args[:1], *(word.value for word in node.keywords if word.arg == "do")):
                    if isinstance(one, ast.Constant):
                        yield path.name, str(one.value)
                    elif isinstance(one, ast.JoinedStr):
                        yield path.name, "".join(p.value if isinstance(p, ast.Constant) else "{}" for p in one.values)


def test_every_sentence_of_the_desk_has_its_korean() -> None:
    missing = {(file, text) for file, text in _raised() if text not in KOREAN and text not in _TERMINAL}
    assert missing == set()
    assert all(english.count("{}") == korean.count("{}") for english, korean in KOREAN.items())


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            CaseError("there is a facility “reef” already", do="choose another slug"),
            "“reef” 시설이 이미 있다. 다른 짧은 이름을 고른다.",
        ),
        (
            FieldError("reef has no drawing “a\nb”", do="choose one of: x, y", item="row 3"),
            "row 3: reef에는 “a\ufffdb” 그림이 없다. 다음 가운데 고른다: x, y.",
        ),
        (CaseError("nobody has put this into words yet", do="wait"), "nobody has put this into words yet; wait."),
    ],
)
def test_a_sentence_names_what_it_is_about(error: CaseError | FieldError, told: str) -> None:
    assert korean_sentence(error) == told


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("plan.jpg: this is not a drawing that can be read; save it as PNG, JPEG, TIFF, PDF or SVG.",
         "plan.jpg: 읽을 수 있는 그림이 아니다. PNG, JPEG, TIFF, PDF, SVG 가운데 하나로 저장한다."),
        ("a/list.csv, row 2, column “phone”: this looks like a telephone number (+… (16 signs)).",
         "a/list.csv, row 2, column “phone”: 전화번호처럼 보인다(+… (16 signs))."),
        ("scan.pdf, page 2: this file is empty; export it again.",
         "scan.pdf, page 2: 파일이 비어 있다. 다시 내보낸다."),
        ("nobody has written this: in Korean; yet.", "nobody has written this: in Korean; yet."),
    ],
)  # fmt: skip
def test_what_a_reader_said_is_told_in_korean_with_its_place(kept: str, told: str) -> None:
    assert korean_told(kept) == told


def test_every_reader_sentence_with_korean_is_one_that_readers_say() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in sorted(_HOME.rglob("*.py")) if path.name[-6:] != "_ko.py"
    )
    source = re.sub(r'"\s*\n?\s*f?"', "", source)  # strings in pieces
    said = [one for one in READERS if not one.startswith("this looks like")]  # “a” or “an” is put in
    lost = [one for one in said if not all(part.strip(" ().") in source for part in one.split("{}"))]
    assert lost == []
    assert all(english.count("{}") == korean.count("{}") for english, korean in READERS.items())


def test_every_step_of_a_build_is_told_in_words() -> None:
    for language in LANGUAGES:
        assert {f"step {step}" for step in STEPS} <= set(desk_words(language))


def test_a_korean_page_is_answered_in_korean(visitor: Callable[..., Visitor]) -> None:
    one = visitor()
    body = {"kind": "undo", "entry": "ent-none"}
    for language, told in (("ko", "“ent-none” 결정은 없다"), ("en", "there is no decision")):
        one.client.get(f"/?lang={language}")
        answer = one.send("/decide", {"body": body, "reason": "because", "seen": 10**6})
        assert answer.status_code == 400 and told in answer.json()["detail"]
