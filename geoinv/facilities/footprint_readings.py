"""Which of several outlines read for one building is borne out best, and how far they differ.

Several drawings that lie on one building each prompt a reading of the scene, and readings of one roof can differ in
size by half. None is the truth and none wins by its own score alone: the one is taken that agrees best with all the
others, with the pixels under it, and with what was found without any prompt. The others are not averaged into it; how
far they lie from it is stated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.footprint_groups import Ground, Outline
from geoinv.facilities.footprint_lines import lines_apart
from geoinv.geometry.overlap import iou

__all__ = ["READINGS_DIFFER", "Reading", "best_reading"]

#: Overlap below which two readings of one building are said to differ.
_DIFFER = 0.5
#: What agreement with an outline found without any prompt counts, beside agreement with the other readings and the
#: reading's own score at 1 each: set on simulated readings, where anything from a quarter to one does about as well.
_BLIND = 0.5
#: How the warning about readings that differ begins: a person's own outline does away with it.
READINGS_DIFFER = "the outlines read under"
#: Which outlines go before which, whatever their scores.
_RANK: Mapping[str, int] = {"person": 3, "imagery": 2, "imagery prompted": 1, "sketch": 0}


@dataclass(frozen=True)
class Reading:
    """The outline taken for a building, and what the other readings say to it.

    Attributes
    ----------
    outline
        The one taken.
    others
        Ids of the other readings of the same kind, sorted.
    overlaps
        Overlap (intersection over union) of each of them with the one taken, 0–1, in the same order.
    spread_m
        Distance within which nine tenths of the edges of the one taken and of another lie of each other, metres: the
        median over the others; ``None`` where there is one reading only.
    """

    outline: Outline
    others: tuple[str, ...] = ()
    overlaps: tuple[float, ...] = ()
    spread_m: float | None = None

    @property
    def alone(self) -> bool:
        """Whether there are other readings, and none of them agrees with it."""
        return bool(self.overlaps) and max(self.overlaps) < _DIFFER

    @property
    def differ(self) -> bool:
        """Whether another reading of the building does not agree with it."""
        return bool(self.overlaps) and min(self.overlaps) < _DIFFER

    @property
    def difference(self) -> str:
        """How far the readings differ, in words."""
        return (
            f"{READINGS_DIFFER} {len(self.others) + 1} drawings differ: they overlap by "
            f"{100 * min(self.overlaps, default=1.0):.0f} % at the least, and lie {self.spread_m or 0.0:.0f} m apart"
        )


def best_reading(outlines: Sequence[Outline], ground: Ground) -> Reading | None:
    """The outline that is borne out best among several of one building; ``None`` where there is none.

    A person's goes before what was read without any prompt, that before what was read under a drawing, and that before
    a drawing itself. Among equals the merit of one is its mean overlap with the others, weighted by their scores, plus
    its own score, plus half its overlap with the best of the outlines found without any prompt.

    Parameters
    ----------
    outlines
        Of one building, metres of the ground's frame.
    ground
        With everything found there without a prompt.
    """
    rank = max((_RANK[one.origin] for one in outlines), default=-1)
    rows = sorted((one for one in outlines if _RANK[one.origin] == rank), key=lambda one: one.id)
    if not rows:
        return None
    best = max(rows, key=lambda one: _merit(one, rows, ground))
    rest = _read_elsewhere(best, rows)
    apart = [lines_apart(best.shape.boundary, other.shape.boundary).most_m for other in rest]
    return Reading(
        outline=best,
        others=tuple(other.id for other in rest),
        overlaps=tuple(round(iou(best.shape, other.shape), 4) for other in rest),
        spread_m=round(float(np.median(apart)), 2) if apart else None,
    )


def _merit(one: Outline, rows: Sequence[Outline], ground: Ground) -> float:
    others = _read_elsewhere(one, rows)
    weights = [max(other.score, 1e-3) for other in others]
    agreement = float(np.average([iou(one.shape, other.shape) for other in others], weights=weights)) if others else 0.0
    return agreement + one.score + _BLIND * _found_blind(one.shape, ground)


def _read_elsewhere(one: Outline, rows: Sequence[Outline]) -> list[Outline]:
    """Readings under other drawings: what one drawing shows beside a building is no second reading of it."""
    mine = _sketches(one)
    return [other for other in rows if other is not one and not mine & _sketches(other)]


def _sketches(one: Outline) -> set[str]:
    return {name.rpartition("#")[0] for name in one.drawn}


def _found_blind(shape: BaseGeometry, ground: Ground) -> float:
    return max((iou(shape, found) for found in ground.candidates.values()), default=0.0)
