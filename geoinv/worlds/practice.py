"""Practice sheets: plans and interiors by many hands, stroke by stroke, with what is truly on them.

They are what ``trace`` learns its certainty from and is measured on. Nothing on them exists anywhere: places, words and
hands are chance. Units are millimetres of the sheet, y down, origin at its top left.
"""

from __future__ import annotations

import numpy as np

from geoinv.worlds.practice_compounds import put_compound
from geoinv.worlds.practice_hands import Hand, Practice, PracticeKind, manner_of
from geoinv.worlds.practice_interiors import put_interior

__all__ = ["practice_sheet"]

_SIZES = ((297.0, 210.0), (210.0, 297.0), (279.0, 216.0), (210.0, 148.0), (257.0, 182.0))


def practice_sheet(seed: int, kind: PracticeKind) -> Practice:
    """A sheet by one hand.

    Parameters
    ----------
    seed
        The same seed gives the same sheet.
    kind
        A compound's plan or a building's rooms.

    Returns
    -------
    Practice
        Strokes in drawing order and what is truly there.
    """
    rng = np.random.default_rng([seed, 401, 0 if kind == "compound" else 1])
    width, height = _SIZES[int(rng.choice(len(_SIZES), p=(0.5, 0.15, 0.15, 0.1, 0.1)))]
    sheet = Practice((width, height), kind)
    hand = Hand(sheet, manner_of(rng), rng)
    if kind == "compound":
        put_compound(hand)
    else:
        put_interior(hand)
    return sheet
