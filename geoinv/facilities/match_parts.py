"""What a placement is made of, piece by piece, for the learned ranking: things with partners, and neighbours.

Sums over a placement (``match_traits``) cannot tell nine middling pairs from five good ones beside four chance ones;
rows for every drawn thing and every two neighbours can.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError

from geoinv.facilities.match_evidence import Problem, to_complex
from geoinv.facilities.match_kinds import named
from geoinv.facilities.match_settle import Settled

__all__ = ["PARTS", "Rows", "parts"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.int64]
#: Rows (r, f) and the placement that each belongs to, (r,).
Rows = tuple[Array, Index]

#: Columns by kind of row. Partners are the likeliest ones; odds are logarithms.
PARTS: dict[str, tuple[str, ...]] = {
    "things": (
        "surest",
        "found",
        "odds",
        "place",
        "size",
        "ratio",
        "turn",
        "turn_along_page",
        "name",
        "existence",
        "off_place",  # log of one and the squared distance in standard errors
        "off_radii",
        "off_size",
        "off_ratio",
        "off_turn",
        "longish",  # log ratio of the sides as drawn
        "large",  # log area against the usual one as drawn
        "far_out",  # from the drawing's middle, in radii
        "ahead",  # odds of the likeliest partner over the next
        "partner_large",
        "crowded",
        "spread",  # log standard error of the place, in radii
        "name_found",
    ),
    "edges": ("both", "longer", "off_length", "off_way", "off", "length", "off_directions", "off_sizes", "drawn"),
}


def parts(problem: Problem, settled: Settled) -> dict[str, Rows]:
    """Rows of h placements, by kind.

    Parameters
    ----------
    problem, settled
        What was searched, and h settled placements.
    """
    best = settled.share.argmax(axis=2)[..., None]
    partner = _at(settled.near, best).astype(np.int64)
    sure = _at(settled.share, best)
    return {
        "things": _things(problem, settled, best, partner, sure),
        "edges": _edges(problem, settled, partner, sure),
    }


def _at(values: NDArray[np.generic], best: Index) -> Array:
    """Values of each thing's likeliest partner, (h, n), of values that broadcast with (h, n, k)."""
    full = np.broadcast_to(values, (*best.shape[:2], values.shape[2]))
    out: Array = np.take_along_axis(full, best, axis=2)[..., 0]
    return out


def _against_usual(values: Array) -> Array:
    """Log areas against their median, held to ±2; 0 where unknown."""
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(len(values))
    out: Array = np.clip(np.nan_to_num(values - np.median(values[known])), -2.0, 2.0)
    return out


def _things(problem: Problem, settled: Settled, best: Index, partner: Index, sure: Array) -> Rows:
    drawn, ground, looks = problem.drawn, problem.ground, settled.looks
    number = np.broadcast_to(np.arange(len(drawn))[None], partner.shape)
    radius = np.abs(settled.bend.factor)[:, None]
    apart = np.abs(settled.mean - to_complex(ground.xy)[partner])
    name = named(drawn, ground)[number, partner]
    odds = np.sort(np.clip(settled.odds, -10.0, 10.0), axis=2)
    turn = _at(looks.turn, best)
    large = _against_usual(ground.log_area)
    columns = [
        sure,
        settled.share.sum(axis=2),
        np.clip(_at(settled.odds, best), -8.0, 8.0),
        np.clip(_at(settled.place, best), -6.0, 6.0),
        _at(looks.size, best),
        _at(looks.ratio, best),
        turn * (not drawn.parallel),
        turn * drawn.parallel,
        name,
        np.log(ground.existence / ground.existence.mean())[partner],
        np.log1p(apart**2 / settled.variance),
        np.minimum(apart / radius, 1.5),
        np.clip(np.nan_to_num(_at(looks.off_size, best)) - settled.spreads.grown[:, :, 0], -2.0, 2.0),
        np.minimum(np.abs(np.nan_to_num(_at(looks.off_ratio, best))), 2.0),
        np.abs(np.nan_to_num(_at(looks.off_turn, best))),
        np.log(drawn.elongation)[number],
        _against_usual(drawn.log_area)[number],
        np.abs(to_complex(drawn.unit))[number],
        odds[..., -1] - odds[..., -2] if odds.shape[2] > 1 else np.full(sure.shape, 5.0),
        large[partner],
        problem.usual_places[partner] - np.log(ground.density),
        0.5 * np.log(settled.variance) - np.log(radius),
        sure * np.maximum(name, 0.0),
    ]
    rows = np.stack(columns, axis=-1).reshape(-1, len(columns))
    return rows, np.repeat(np.arange(len(sure)), len(drawn))


def _edges(problem: Problem, settled: Settled, partner: Index, sure: Array) -> Rows:
    """Every two neighbours as drawn (Delaunay): whether their partners lie to each other as they do."""
    drawn, ground = problem.drawn, problem.ground
    blank = np.zeros((0, len(PARTS["edges"]))), np.zeros(0, dtype=np.int64)
    if len(drawn) < 4:
        return blank
    try:
        faces = Delaunay(drawn.unit).simplices
    except QhullError:
        return blank
    edges = np.unique(np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [0, 2]]]), axis=1), axis=0)
    if not len(edges):
        return blank
    one, two = edges.T
    unit, there = to_complex(drawn.unit), to_complex(ground.xy)[partner]
    way = (unit[two] - unit[one])[None]
    real = (there[:, two] - there[:, one]) / settled.bend.factor[:, None]
    apart = np.abs(real) > 1e-6
    ratio = np.where(apart, real, 1.0) / way
    longer = np.where(apart, np.clip(np.log(np.abs(ratio)), -2.0, 2.0), 0.0)
    length = np.broadcast_to(np.minimum(np.abs(way), 2.0), real.shape)
    aside = (drawn.angle[two] - drawn.angle[one])[None] - (
        ground.angle[partner[:, two]] - ground.angle[partner[:, one]]
    )
    grown = (drawn.log_area[two] - drawn.log_area[one])[None]
    grown = grown - (ground.log_area[partner[:, two]] - ground.log_area[partner[:, one]])
    both = sure[:, one] * sure[:, two]
    columns = [
        both,
        both * longer,
        both * np.abs(longer),
        both * np.where(apart, np.abs(np.angle(ratio)), 3.1),
        both * np.minimum(np.abs(real - way), 2.0),
        both * length,
        both * np.abs((np.nan_to_num(aside) + np.pi / 4) % (np.pi / 2) - np.pi / 4),
        both * np.abs(np.clip(np.nan_to_num(grown), -3.0, 3.0)),
        length,
    ]
    return np.stack(columns, axis=-1).reshape(-1, len(columns)), np.repeat(np.arange(len(both)), len(edges))
