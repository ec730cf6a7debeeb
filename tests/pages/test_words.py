from __future__ import annotations

import string

import pytest

from geoinv.errors import FieldError
from geoinv.pages.words import LANGUAGES, WORDS, language_of, word, words
from geoinv.records.evidence import Status


def test_every_word_is_there_in_both_languages_with_the_same_holes() -> None:
    for key, (english, korean) in WORDS.items():
        holes = [sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in (english, korean)]
        assert holes[0] == holes[1], key
        assert korean and (english or key == "korean note"), key


def test_every_status_has_its_name_and_its_meaning() -> None:
    for language in LANGUAGES:
        table = words(language)
        assert all(table[str(status)] and table[f"{status} means"] for status in Status)


def test_holes_are_filled_and_unknown_languages_refused() -> None:
    assert word("scene of", "ko", date="2016") == "2016 영상"
    with pytest.raises(FieldError, match="en or ko"):
        language_of("fr")
