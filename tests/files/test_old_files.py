"""Old Word, Hangul, RTF and Excel files give their words in order, and damaged ones a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import GeoinvError, UnreadableFileError
from geoinv.files.compound import authors_of, is_compound, properties_of, streams_of
from geoinv.files.old_documents import compound_paragraphs
from geoinv.files.old_workbooks import old_sheets
from geoinv.files.rich_text import rtf_paragraphs
from geoinv.files.workbooks import workbook_sheets
from tests.case.odd.boxes import compound, doc, hwp, rtf, summary, xls

_WORDS = st.lists(
    st.text(st.sampled_from("abc XYZ.,정문부두“”–1"), min_size=1, max_size=30).filter(lambda text: text.strip() != ""),
    min_size=1,
    max_size=6,
)


def _stripped(texts: list[str]) -> list[str]:
    return [text.strip() for text in texts]


@given(_WORDS, _WORDS)
def test_a_word_document_gives_its_paragraphs_and_what_stands_beside_them(texts, beside):
    running, others = compound_paragraphs(doc(*texts, beside=beside), file="a.doc")
    assert (running, others) == (texts, beside)


@given(_WORDS, st.booleans())
def test_a_hangul_document_gives_its_paragraphs(texts, packed):
    running, _ = compound_paragraphs(hwp(*texts, packed=packed), file="a.hwp")
    assert _stripped(running) == _stripped(texts)


def test_a_long_paragraph_of_hangul_needs_a_longer_record():
    (text,), _ = compound_paragraphs(hwp("긴 말 " * 2000), file="a.hwp")
    assert text.strip() == ("긴 말 " * 2000).strip()


@given(_WORDS)
def test_rtf_gives_its_paragraphs_whether_signs_are_bytes_or_numbers(texts):
    running, beside = rtf_paragraphs(rtf(*texts), file="a.rtf")
    assert (running, beside) == (_stripped(texts), [])


def test_what_rtf_keeps_beside_its_text_stays_beside_it():
    head = r"{\info{\author quayle}{\title talk}}{\*\generator program;}{\header\pard page 1\par}{\pict 00ff}"
    running, beside = rtf_paragraphs(rtf("said", head=head), file="a.rtf")
    assert running == ["said"] and beside == ["quayle", "talk", "page 1"]


@pytest.mark.parametrize("locked", [doc("x", locked=True), hwp("x", flags=2), hwp("x", flags=4)])
def test_a_locked_document_says_so(locked):
    with pytest.raises(UnreadableFileError, match="locked"):
        compound_paragraphs(locked, file="a.doc")


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_a_damaged_document_gives_a_sentence_or_its_words(at, noise):
    for data, read in ((doc("said", "더"), compound_paragraphs), (hwp("said", "더"), compound_paragraphs)):
        broken = data[:at] + noise + data[at + len(noise) :]
        try:
            read(broken, file="a")
        except GeoinvError as error:
            assert error.sentence().endswith(".")


def test_streams_come_back_whatever_their_size():
    streams = {"small": b"a" * 10, "mini": b"b" * 4095, "large": b"c" * 4096, "Box/inside": b"d" * 70_000, "none": b""}
    assert streams_of(compound(streams), file="a") == streams
    assert is_compound(compound(streams)) and not is_compound(b"PK\x03\x04")


def test_properties_tell_who_saved_a_document():
    data = compound({"\x05SummaryInformation": summary(title="증언", author="quayle", comments="x")})
    assert dict(properties_of(data, file="a")) == {"title": "증언", "author": "quayle", "comments": "x"}
    assert list(authors_of(data, file="a")) == [("author", "quayle")]


def test_an_old_workbook_gives_its_shown_sheets_and_tells_the_hidden_ones():
    data = xls(자료=[["위도", "값"], [5.5, 12.0]], hidden1=[["key"]])
    assert [(name, shown) for name, _, shown in old_sheets(data, file="a.xls")] == [("자료", True), ("hidden1", False)]
    assert workbook_sheets(data, file="a.xls") == [("자료", [["위도", "값"], ["5.5", "12"]])]
    assert workbook_sheets(xls(hidden1=[["key"]]), file="a.xls") == [("hidden1", [["key"]])]
