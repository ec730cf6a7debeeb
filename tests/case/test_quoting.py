"""Passages are quoted by paragraph, and a source that is not there, or does not say so, is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.overview import overview
from geoinv.case.quoting import cited_wrongly, names_passage, passage_named, quoted_in
from geoinv.case.told import claims_of, room_accounts_of, transcripts_of
from geoinv.errors import FieldError
from geoinv.records.decisions import GradeSource

_TALK = "The gate was green.\n\nFrom the gate it was “twenty steps” to the hall.\n\nWe slept six to a room.\n"
_CLAIMS = """witness,kind,subject,object,low,high,unit,source,page,quotation
w1,distance,gate,hall,11,17,m,talk.txt,p2,twenty  steps
w1,distance,gate,hall,11,17,m,transcript:talk.txt#p2,,Twenty Steps
w1,dimension,gate,,1,2,m,talk.txt,p9,
w1,dimension,gate,,1,2,m,talk.txt#p1,,six to a room
w1,dimension,gate,,1,2,m,lost.docx,p1,
w1,dimension,gate,,1,2,m,"A report of 2014 (fictional)",p. 12,six to a room
w1,dimension,gate,,1,2,m,talk.txt,,nowhere said
"""
_ROOMS = "witness,building,room,length_m,source,page,quotation\nw1,hall,bunks,4,talk.txt,p3,six to a room\n"


@pytest.fixture
def case_root(make_case: Callable[..., Path]) -> Path:
    root = make_case()
    testimony = root / "facilities/reef/testimony"
    (testimony / "talk.txt").write_text(_TALK)
    (testimony / "claims.csv").write_text(_CLAIMS)
    (testimony / "rooms.csv").write_text(_ROOMS)
    with Case.open(root) as case:
        take_in(case, by="ines")
    return root


def test_sources_that_are_there_and_say_so_pass_and_the_others_are_named(case_root: Path) -> None:
    with Case.open(case_root) as case:
        told = list(cited_wrongly(case, "reef"))
        lines = "\n".join(overview(case, ["reef"]))
    assert [sentence.split(": ", 1)[1] for sentence in told] == [
        "talk.txt has 3 paragraphs, and no paragraph 9",
        "its quotation does not stand in talk.txt#p1; it stands in #p3",
        "its source “lost.docx” is no file of this case",
        "its quotation stands nowhere in talk.txt",
    ]
    assert all(sentence.startswith("facilities/reef/testimony/claims.csv, ") for sentence in told)
    assert all(sentence in lines for sentence in told)
    assert "7 claims, 1 rooms told of, 1 transcripts" in lines


def test_a_passage_has_its_words_and_what_cites_it(case_root: Path) -> None:
    with Case.open(case_root) as case:
        transcripts = transcripts_of(case, "reef")
        transcript, passage = passage_named(transcripts, "transcript:talk.txt#p3")
        assert (transcript.name, passage.text) == ("talk.txt", "We slept six to a room.")
        (cites,) = quoted_in(case, "reef", "talk.txt", 3)
        assert cites.startswith("room account ")
        assert len(list(quoted_in(case, "reef", "talk.txt", 2))) == 2
        assert len(claims_of(case, "reef")) == 7 and room_accounts_of(case, "reef")[0].room == "bunks"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("transcript:talk.txt#p9", "no paragraph 9"),
        ("transcript:lost.txt#p1", "no transcript"),
        ("talk.txt", "no passage"),
    ],
)
def test_a_passage_that_is_not_there_is_one_sentence(case_root: Path, name: str, told: str) -> None:
    with Case.open(case_root) as case, pytest.raises(FieldError, match=told):
        passage_named(transcripts_of(case, "reef"), name)


def test_a_passage_can_be_graded_if_it_is_there(case_root: Path) -> None:
    with Case.open(case_root) as case:
        decide(case, GradeSource(source="transcript:talk.txt#p2", reliability="B"), by="ines", reason="said twice")
        with pytest.raises(FieldError, match="no paragraph 7"):
            decide(case, GradeSource(source="talk.txt#p7", reliability="B"), by="ines", reason="said twice")
        assert len(case.decisions()) == 1


def test_what_names_a_passage() -> None:
    assert names_passage("talk.docx#p12") and names_passage("transcript:talk.docx#p1")
    assert not any(names_passage(name) for name in ("plan.svg#b3", "plan.svg#p3", "w1", "talk.docx"))


def test_records_with_the_same_wrong_source_are_told_together(make_case: Callable[..., Path]) -> None:
    root = make_case()
    rows = "".join(f"i{number},2019-03,Kitchen,w1,search,Fictional,lost.docx\n" for number in range(1, 31))
    heading = "id,date,place_label,witness,kind,summary,source\n"
    (root / "facilities/reef/incidents.csv").write_text(heading + rows)
    with Case.open(root) as case:
        take_in(case, by="ines")
        (told,) = cited_wrongly(case, "reef")
    assert (
        told == "facilities/reef/incidents.csv, i1, i2, i3 and 27 more: its source “lost.docx” is no file of this case"
    )
