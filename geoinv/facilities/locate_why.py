"""Which statements can hardly both be right, and why, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from geoinv.records.locations import Conflict
from geoinv.records.testimony import Statement, Statements

__all__ = ["EVEN", "MOST", "conflicts", "words_of"]

#: At most this many conflicts are listed, worst first: more would hide the one that matters.
MOST = 20
#: Statements whose probabilities differ by less are as doubtful as each other.
EVEN = 0.05
_EARTH = Geod(ellps="WGS84")


def conflicts(
    statements: Statements, kernels: NDArray[np.float64], validity: NDArray[np.float64]
) -> tuple[Conflict, ...]:
    """Pairs of statements for which no place is left where both are likelier right than worthless.

    Parameters
    ----------
    statements
        What was said.
    kernels
        Each statement's log ratio to its background over places, shape (s, n).
    validity
        Posterior probability that each is valid, shape (s,).
    """
    said, found = statements.statements, []
    for i in range(len(said)):
        for j in range(i + 1, len(said)):
            common = float(np.minimum(kernels[i], kernels[j]).max(initial=-np.inf))
            best = min(float(kernels[i].max(initial=0.0)), float(kernels[j].max(initial=0.0)))
            if common < 0.0 < best:
                found.append((common, i, j))
    found.sort()
    return tuple(
        Conflict(first=said[i].id, second=said[j].id, why=_why(statements, i, j, validity)) for _, i, j in found[:MOST]
    )


def words_of(statement: Statement) -> str:
    """A statement in a few words, for a sentence."""
    marks = " and ".join(statement.landmarks) if statement.landmarks else statement.landmark
    amount = statement.distance_m if statement.distance_m is not None else statement.minutes
    number = "–".join(f"{v:g}" for v in amount) if isinstance(amount, tuple) else f"{amount:g}" if amount else ""
    unit = " min" if statement.kind == "walk" else " m"
    texts = {
        "pin": "the pin" + (f" (within {statement.radius_m:g} m)" if statement.radius_m else ""),
        "published": f"the coordinate published by {statement.source or 'a source'}",
        "area": f"the area {statement.place or 'drawn'}",
        "from": " ".join(
            str(v) for v in (number + unit if number else "", statement.direction or "", "from", marks) if v
        ),
        "walk": " ".join(str(v) for v in (number + unit, "on foot", statement.direction or "", "from", marks) if v),
        "side": f"the {statement.side} side of {marks}",
        "sees": f"{'does not see' if statement.negated else 'sees'} {marks}",
        "near": f"near {marks}" + (f" ({number}{unit})" if number else ""),
        "between": f"between {marks}",
    }
    return ("not " if statement.negated and statement.kind != "sees" else "") + texts[statement.kind]


def _why(statements: Statements, i: int, j: int, validity: NDArray[np.float64]) -> str:
    first, second = statements.statements[i], statements.statements[j]
    doubted = first if validity[i] < validity[j] else second
    lean = f"; with everything else that was said, {doubted.id} is the more doubtful one"
    if abs(float(validity[i] - validity[j])) < EVEN:
        lean = "; nothing else that was said decides between them"
    if first.point is not None and second.point is not None:
        gap = _distance(first.point, second.point)
        text = (
            f"{words_of(first)} of {first.witness} and {words_of(second)} of {second.witness} are {_metres(gap)} apart"
        )
        return text + lean
    return (
        f"no place fits both “{words_of(first)}” ({first.witness}) and “{words_of(second)}” ({second.witness})" + lean
    )


def _metres(value: float) -> str:
    return f"{value / 1000:.1f} km" if value >= 1000 else f"{value:.0f} m"


def _distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two places, longitude and latitude."""
    return float(_EARTH.inv(*a, *b)[2])
