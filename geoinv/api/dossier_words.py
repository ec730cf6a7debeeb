"""Words of a dossier, English and Korean, as data with a version. No native speaker has reviewed the Korean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from geoinv.pages.words import Language

__all__ = ["said"]


@cache
def _words() -> Mapping[str, tuple[str, str]]:
    text = files("geoinv").joinpath("api/data/dossier_words.json").read_text(encoding="utf-8")
    return {key: (english, korean) for key, (english, korean) in json.loads(text)["words"].items()}


def said(key: str, language: Language, **values: object) -> str:
    """A word or sentence of the dossier in a language, its braces filled."""
    text = _words()[key][1 if language == "ko" else 0]
    return text.format(**values) if values else text
