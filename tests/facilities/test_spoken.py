"""What is said in words is read as intervals, rightly and sparingly; nothing breaks it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.facilities.spoken import read_words
from scripts.measure_words import measured
from tests.facilities.spoken_phrases import BUILD, MEASURE, SENTENCES, Phrases


@pytest.mark.parametrize(
    ("phrases", "precision", "recall"), [(BUILD, 0.98, 0.98), (MEASURE, 0.95, 0.95), (SENTENCES, 0.90, 0.90)]
)
def test_measures_are_found_and_little_else(phrases: Phrases, precision: float, recall: float) -> None:
    right, given_, wanted, wrong = measured(phrases)
    assert right / given_ >= precision, wrong
    assert right / wanted >= recall, wrong


def test_the_lists_are_long_enough_to_measure_on() -> None:
    assert len(BUILD) + len(MEASURE) >= 150
    assert not {words for words, _ in BUILD} & {words for words, _ in MEASURE}


def test_a_readings_words_stand_where_it_says() -> None:
    text = "Then, about ten minutes north of the bridge, 방은 5평."
    readings = read_words(text)
    assert [reading.kind for reading in readings] == ["duration", "direction", "area"]
    assert all(text[reading.start : reading.end] == reading.interval.said for reading in readings)


def test_about_widens_and_a_pace_is_no_metre() -> None:
    (exact,), (about,) = read_words("10 minutes"), read_words("about 10 minutes")
    assert (exact.interval.low, exact.interval.high) == (7.5, 12.5)
    assert (about.interval.low, about.interval.high) == (5, 15)
    (paces,) = read_words("eighty paces")
    assert paces.interval.low < 80 * 0.56 and paces.interval.high > 80 * 0.84
    assert "0.55 to 0.85 m" in paces.rule


def test_a_heading_is_as_wide_as_its_letters_are_few() -> None:
    widths = [read_words(f"to the {words}")[0].interval.width for words in ("north", "north-east", "north-north-east")]
    assert widths == [90, 45, 22.5]


_PIECES = ["10", "ten", "half", "a", "and", "of", "km", "m", "by", "north", "두", "분", "평", "에서", "~", "반"]


@given(st.text(max_size=120) | st.lists(st.sampled_from(_PIECES), max_size=14).map(" ".join))
def test_any_words_give_sound_intervals_within_the_text(text: str) -> None:
    readings = read_words(text)
    ends = [0, *(reading.end for reading in readings)]
    for reading, end in zip(readings, ends, strict=False):
        assert end <= reading.start < reading.end <= len(text)
        assert reading.interval.low <= reading.interval.best <= reading.interval.high


def test_long_words_take_no_longer_than_their_length() -> None:
    def seconds(text: str) -> float:
        start = time.process_time()
        read_words(text)
        return time.process_time() - start

    for piece in ("ten and ", "half of a ", "삼백 ", "1,", "about about ", "north ", "10~"):
        assert seconds(piece * 2_000) < 5.0, piece
