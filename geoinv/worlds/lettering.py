"""Handwriting as strokes: Latin letters, figures and Hangul syllables, drawn with one pen line each."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["strokes_of", "width_of"]

Array = NDArray[np.float64]

#: Glyphs on a grid four wide: base line 0, small letters to 4, tall ones to 6, tails to -2; strokes parted by "/".
_LATIN = {
    "a": "4,4 1,4 0,3 0,1 1,0 3,0 4,1/4,4 4,0",
    "b": "0,6 0,0 3,0 4,1 4,3 3,4 0,4",
    "c": "4,3.5 3,4 1,4 0,3 0,1 1,0 3,0 4,.5",
    "d": "4,6 4,0 1,0 0,1 0,3 1,4 4,4",
    "e": "0,2 4,2 4,3 3,4 1,4 0,3 0,1 1,0 3.5,0",
    "f": "3.5,6 2.5,6 2,5 2,0/.5,4 3.5,4",
    "g": "4,4 1,4 0,3 0,1 1,0 4,0/4,4 4,-1 3,-2 1,-2",
    "h": "0,6 0,0/0,3 1,4 3,4 4,3 4,0",
    "i": "2,4 2,0/2,5.2 2,5.6",
    "j": "3,4 3,-1 2,-2 1,-2/3,5.2 3,5.6",
    "k": "0,6 0,0/3.5,4 0,1.7/1.2,2.5 4,0",
    "l": "2,6 2,0",
    "m": "0,4 0,0/0,3 1,4 2,3 2,0/2,3 3,4 4,3 4,0",
    "n": "0,4 0,0/0,3 1,4 3,4 4,3 4,0",
    "o": "1,4 3,4 4,3 4,1 3,0 1,0 0,1 0,3 1,4",
    "p": "0,4 0,-2/0,4 3,4 4,3 4,1 3,0 0,0",
    "q": "4,4 1,4 0,3 0,1 1,0 4,0/4,4 4,-2",
    "r": "0,4 0,0/0,2.5 1.5,4 3.2,4",
    "s": "4,3.5 3,4 1,4 0,3 1,2 3,2 4,1 3,0 1,0 0,.5",
    "t": "1.5,5.5 1.5,.5 2.5,0 3.5,.3/0,4 3.3,4",
    "u": "0,4 0,1 1,0 3,0 4,1/4,4 4,0",
    "v": "0,4 2,0 4,4",
    "w": "0,4 1,0 2,3 3,0 4,4",
    "x": "0,4 4,0/4,4 0,0",
    "y": "0,4 2,.5/4,4 1,-2",
    "z": "0,4 4,4 0,0 4,0",
    "0": "1,6 3,6 4,4.5 4,1.5 3,0 1,0 0,1.5 0,4.5 1,6",
    "1": "1,5 2,6 2,0",
    "2": "0,5 1,6 3,6 4,5 4,4 0,0 4,0",
    "3": "0,5.5 1,6 3,6 4,5 3,3.3 1.5,3.2/3,3.2 4,2 4,1 3,0 1,0 0,.6",
    "4": "3,0 3,6 0,2 4,2",
    "5": "4,6 .5,6 .3,3.5 3,3.7 4,2.5 4,1 3,0 0,.3",
    "6": "3.5,6 1,4.5 0,2 1,0 3,0 4,1 3.5,3 1,3 0,2",
    "7": "0,6 4,6 1.5,0",
    "8": "2,3.3 .5,4.5 1,6 3,6 3.5,4.5 2,3.3 0,1.5 1,0 3,0 4,1.5 2,3.3",
    "9": "4,4.5 3,3 1,3 0,4.5 1,6 3,6 4,4.5 3.5,0",
    "'": "2,6 1.7,4.8",
    "?": "0,5 1,6 3,6 4,5 2,3 2,1.6/2,.2 2,0",
    "(": "3,7 2,5 2,1 3,-1",
    ")": "1,7 2,5 2,1 1,-1",
    ".": "2,0 2.2,.2",
    ",": "2,.4 1.4,-.8",
    "-": "1,2.2 3.2,2.2",
    "×": ".6,3.4 3.4,.6/3.4,3.4 .6,.6",
    "N": "0,0 0,6 4,0 4,6",
}
_RING = " ".join(f"{0.5 + 0.5 * math.cos(t):.3f},{0.5 + 0.5 * math.sin(t):.3f}" for t in np.linspace(1.6, 7.88, 11))
#: Hangul consonants in a unit square, y up.
_CONSONANT = {
    "ㄱ": "0,1 1,1 .75,0",
    "ㄴ": "0,1 0,0 1,0",
    "ㄷ": "1,1 0,1 0,0 1,0",
    "ㄹ": "0,1 1,1 1,.5 0,.5 0,0 1,0",
    "ㅁ": "0,1 1,1 1,0 0,0 0,1",
    "ㅂ": "0,1 0,0 1,0 1,1/0,.5 1,.5",
    "ㅅ": ".5,1 0,0/.45,.7 1,0",
    "ㅇ": _RING,
    "ㅈ": "0,1 1,1 0,0/.5,.5 1,0",
    "ㅊ": ".3,1.1 .7,1.1/0,.85 1,.85 0,0/.5,.45 1,0",
    "ㅋ": "0,1 1,1 .75,0/0,.5 .9,.5",
    "ㅌ": "1,1 0,1 0,0 1,0/0,.5 1,.5",
    "ㅍ": "0,1 1,1/.3,1 .3,0/.7,1 .7,0/0,0 1,0",
    "ㅎ": ".3,1.1 .7,1.1/0,.85 1,.85/.5,.65 .2,.5 .2,.15 .5,0 .8,.15 .8,.5 .5,.65",
}
_LEAD = (
    "ㄱ",
    "ㄱㄱ",
    "ㄴ",
    "ㄷ",
    "ㄷㄷ",
    "ㄹ",
    "ㅁ",
    "ㅂ",
    "ㅂㅂ",
    "ㅅ",
    "ㅅㅅ",
    "ㅇ",
    "ㅈ",
    "ㅈㅈ",
    "ㅊ",
    "ㅋ",
    "ㅌ",
    "ㅍ",
    "ㅎ",
)
_TAIL = (
    *(
        "",
        "ㄱ",
        "ㄱㄱ",
        "ㄱㅅ",
        "ㄴ",
        "ㄴㅈ",
        "ㄴㅎ",
        "ㄷ",
        "ㄹ",
        "ㄹㄱ",
        "ㄹㅁ",
        "ㄹㅂ",
        "ㄹㅅ",
        "ㄹㅌ",
        "ㄹㅍ",
        "ㄹㅎ",
    ),
    *("ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅅㅅ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ"),
)
#: Vowels: the upright part (a syllable's right third) and the level part (its lower third), each in a unit square.
_UPRIGHT = {
    "ㅏ": ".3,1 .3,0/.3,.5 1,.5",
    "ㅐ": ".2,1 .2,0/.8,1 .8,0/.2,.5 .8,.5",
    "ㅑ": ".3,1 .3,0/.3,.65 1,.65/.3,.35 1,.35",
    "ㅒ": ".2,1 .2,0/.8,1 .8,0/.2,.65 .8,.65/.2,.35 .8,.35",
    "ㅓ": ".8,1 .8,0/.1,.5 .8,.5",
    "ㅔ": ".5,1 .5,0/.9,1 .9,0/0,.5 .5,.5",
    "ㅕ": ".8,1 .8,0/.1,.65 .8,.65/.1,.35 .8,.35",
    "ㅖ": ".5,1 .5,0/.9,1 .9,0/0,.65 .5,.65/0,.35 .5,.35",
    "ㅣ": ".5,1 .5,0",
}
_LEVEL = {
    "ㅗ": "0,.2 1,.2/.5,.2 .5,1",
    "ㅛ": "0,.2 1,.2/.35,.2 .35,1/.65,.2 .65,1",
    "ㅜ": "0,.8 1,.8/.5,.8 .5,0",
    "ㅠ": "0,.8 1,.8/.35,.8 .35,0/.65,.8 .65,0",
    "ㅡ": "0,.5 1,.5",
}
_VOWEL = (
    "ㅏ",
    "ㅐ",
    "ㅑ",
    "ㅒ",
    "ㅓ",
    "ㅔ",
    "ㅕ",
    "ㅖ",
    "ㅗ",
    "ㅗㅏ",
    "ㅗㅐ",
    "ㅗㅣ",
    "ㅛ",
    "ㅜ",
    "ㅜㅓ",
    "ㅜㅔ",
    "ㅜㅣ",
    "ㅠ",
    "ㅡ",
    "ㅡㅣ",
    "ㅣ",
)


def _lines(text: str) -> list[Array]:
    return [np.array([[float(v) for v in pair.split(",")] for pair in part.split()]) for part in text.split("/")]


def _boxed(text: str, left: float, bottom: float, width: float, height: float) -> list[Array]:
    return [line * (width, height) + (left, bottom) for line in _lines(text)]


def _consonants(names: str, left: float, bottom: float, width: float, height: float) -> list[Array]:
    share = width / len(names)
    return [
        line
        for index, name in enumerate(names)
        for line in _boxed(
            _CONSONANT[name], left + index * share, bottom, share * (0.82 if len(names) > 1 else 1), height
        )
    ]


def _syllable(code: int) -> list[Array]:
    """A Hangul syllable in a square of 5.6, put together from its letters (Unicode 15, section 3.12)."""
    lead, vowel, tail = code // 588, code % 588 // 28, code % 28
    parts = _VOWEL[vowel]
    level, upright = next((p for p in parts if p in _LEVEL), ""), next((p for p in parts if p in _UPRIGHT), "")
    floor = 0.36 if tail else 0.0
    room = 1.0 - floor
    width = 0.52 if upright else 0.8
    low = floor + room * (0.45 if level else 0.12)
    found = _consonants(_LEAD[lead], 0.08, low, width, (floor + room * 0.94) - low)
    if level:
        found += _boxed(_LEVEL[level], 0.0, floor + room * 0.08, 0.66 if upright else 1.0, room * 0.32)
    if upright:
        found += _boxed(_UPRIGHT[upright], 0.66, floor, 0.32, room)
    if tail:
        found += _consonants(_TAIL[tail], 0.15, 0.0, 0.7, 0.28)
    return [line * 5.6 for line in found]


def _advance(letter: str) -> float:
    if "가" <= letter <= "힣":
        return 6.6
    return {" ": 3.2, "i": 3.2, "l": 3.2, "'": 2.5, ".": 3.0, "m": 5.6, "w": 5.6}.get(letter, 5.3)


def width_of(text: str, height: float) -> float:
    """Width of a line of writing whose tall letters are ``height`` high."""
    return sum(_advance(letter) for letter in text) * height / 6.0


def strokes_of(text: str, height: float, rng: np.random.Generator) -> list[Array]:
    """A line of writing as pen strokes, y up, beginning at 0, 0.

    Parameters
    ----------
    text
        Latin letters and Hangul; what it has no strokes for is left out.
    height
        Of tall letters.
    rng
        Unsteadiness: no two letters come out alike.
    """
    unit, at, found = height / 6.0, 0.0, []
    for letter in text:
        if "가" <= letter <= "힣":
            lines = _syllable(ord(letter) - 0xAC00)
        else:
            glyph = _LATIN.get(letter) or _LATIN.get(letter.lower(), "")
            lines = _lines(glyph) if glyph else []
        lean, size = 0.12 + float(rng.normal(0, 0.05)), 1.0 + float(rng.normal(0, 0.06))
        lift = float(rng.normal(0, 0.25))
        for line in lines:
            shaky = line * size + rng.normal(0, 0.10, line.shape)
            found.append(np.column_stack([shaky[:, 0] + lean * shaky[:, 1] + at, shaky[:, 1] + lift]) * unit)
        at += _advance(letter) * (1 + float(rng.normal(0, 0.04)))
    return found
