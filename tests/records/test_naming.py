"""A name is found however it is written and whatever Korean joins to it, and not inside another."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.records.naming import Naming, folded

_LETTERS = st.text(alphabet="abcw01239", min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("said by w1.", "w1"), ("W1's brother", "w1"), ("w1은 보았다", "w1"), ("증인w1에게", "w1"),
        ("plan_w1.svg", "w1"), ("올빼미가 보았다", "올빼미"), ("증인올빼미에게 들었다", "올빼미"),
        (unicodedata.normalize("NFD", "올빼미는 보았다"), "올빼미"), ("Ｗ１ said", "w1"), ("w1", "w1"),
        ("w1씨가", "W1"), ("w\u200b1 said", "w1"), ("sketch-w1.svg", "w1"),
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(text: str, name: str) -> None:
    assert Naming([name, "x-other"]).search(text) and Naming([name]).loosely(text)


@pytest.mark.parametrize(("text", "name"), [("w12.kml", "w1"), ("aw1", "w1"), ("heronry", "heron"), ("", "w1")])
def test_nor_is_it_found_inside_another(text: str, name: str) -> None:
    assert not Naming([name]).search(text) and not Naming([name]).loosely(text) and not Naming([name]).as_word(text)


@pytest.mark.parametrize(
    ("text", "name"), [("told by W-1", "w1"), ("KF 0142", "kf-0142"), ("kf0142는", "KF-0142"), ("w 1이", "w1")]
)
def test_a_number_written_apart_is_found_where_words_are_left_out_rather_than_lost(text: str, name: str) -> None:
    assert Naming([name]).loosely(text) and not Naming([name]).search(text)


@pytest.mark.parametrize("text", ["바다가", "바다에서 보았다", "바다", "바다님께서", "(바다)"])
def test_a_korean_name_is_a_word_with_its_particles(text: str) -> None:
    assert Naming(["바다"]).as_word(text)


@pytest.mark.parametrize("text", ["바다마을 구류장", "앞바다", "incident-w1", "w1-3f0a", "person_w1"])
def test_a_longer_word_is_another(text: str) -> None:
    assert not Naming(["바다", "w1"]).as_word(text)


def test_empty_names_are_nowhere() -> None:
    assert not Naming(["", " "]).search("anything") and folded("ＡＢ") == "ab"


@given(st.lists(_LETTERS, min_size=1, max_size=6), _LETTERS)
def test_among_words_a_name_is_found_if_and_only_if_it_is_one(words: list[str], name: str) -> None:
    text = " ".join(words)
    assert Naming([name]).search(text) == Naming([name]).as_word(text) == (name in words)
    assert Naming([name]).search("는 ".join(words) + "는") == (name in words)
