"""What the annex, themes and posts of a dossier promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoinv.api.annex import annex_document
from geoinv.api.dossier import dossier_document
from geoinv.api.publish import publish
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.errors import CaseError, FieldError
from geoinv.pages.documents import all_text
from geoinv.records.decisions import SetProperty
from tests.api.whole_case import write_whole_case
from tests.pages import samples

SLUG = "example-centre"
AUDIENCES = (None, "partners", "public")
POSTS = [
    {"post": "Head", "holder": "Official A (fictional)", "period": "2012/2015", "reports_to": "Chief",
     "cleared_for": ["partners"], "source": "gazette"},
    {"post": "Chief", "holder": "perp-canary-1", "period": "2010/.."},
]  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory):
    with Case.open(write_whole_case(tmp_path_factory.mktemp("annex"))) as opened:
        decide(opened, SetProperty(target=SLUG, field="posts", value=POSTS), by="ines", reason="read in the gazette")
        publish(opened, "public")
        yield opened


def words(document: object) -> str:
    return "\n".join(all_text(document))


def test_an_annex_holds_the_facts_and_what_speaks_against_but_no_regime(case: Case) -> None:
    text = words(annex_document(case, ()))
    assert "kept standing" in text and "can neither confirm nor deny" in text and "inconsistent" in text
    assert "Global Magnitsky" not in text and "7212" in text


def test_an_annex_for_others_names_nobody(case: Case) -> None:
    text = words(annex_document(case, (SLUG,), audience="partners", language="ko"))
    assert not [canary for canary in samples.CANARIES if canary in text] and "감수를 받지 않았다" in text


def test_a_theme_holds_its_own_acts_only(case: Case) -> None:
    whole, some = (words(dossier_document(case, SLUG, theme=theme)) for theme in (None, "religion"))
    assert "kept standing" in some and "held at the river" not in some and "held at the river" in whole
    assert "kept standing" not in words(dossier_document(case, SLUG, theme="religion", audience="public"))
    with pytest.raises(FieldError, match="gender, labour, religion"):
        dossier_document(case, SLUG, theme="weather")


def test_posts_are_shown_inside_and_outside_only_where_cleared(case: Case) -> None:
    inside, partners, public = (
        words(dossier_document(case, SLUG, audience=one)) for one in (None, "partners", "public")
    )
    assert "Official A" in inside and "perp-canary-1" in inside and "gazette" in inside
    assert "Official A" in partners and "gazette" not in partners and "perp-canary" not in partners
    assert "Official A" not in public


def test_what_cannot_be_annexed_is_refused(case: Case, tmp_path: Path) -> None:
    with pytest.raises(CaseError):
        annex_document(case, ("elsewhere",))
