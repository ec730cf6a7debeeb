"""Hypotheses: many rough similarity placements of one sketch on the candidates, pre-scored all at once.

Plane points are complex numbers here: a similarity is ``z → g·z + t`` with ``|g|`` metres per drawing unit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geoinv.facilities.match_evidence import (
    ROUGH,
    Problem,
    along,
    line_score,
    link_score,
    place_score,
    to_complex,
)
from geoinv.facilities.match_items import Line, same_words
from geoinv.facilities.match_kinds import Spreads, fixed_kinds, kinds

__all__ = ["hypotheses", "rough_scores"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.int64]

#: Nearest candidates looked at per drawn thing in pre-scoring.
NEAREST = 6
#: More candidates than this are looked through by neighbourhoods, with so many times the tries.
_CROWDED, _OFTENER = 400, 8
#: Share of drawn things that stand among the candidates.
PRESENT = 0.6


def _from_pairs(problem: Problem, rng: np.random.Generator, tries: int) -> tuple[Complex, Complex]:
    """Two drawn things far apart on two candidates of plausible kind."""
    drawn, ground = problem.drawn, problem.ground
    x, y = to_complex(drawn.xy), to_complex(ground.xy)
    i, j = np.ogrid[: len(x), : len(y)]
    scale, turn = np.array(problem.scale), np.array(0.0)
    seen = kinds(problem, scale, turn, Spreads.usual(1), i, j)
    share = np.exp(np.clip(fixed_kinds(problem) + (seen.size + seen.ratio)[0], -4.0, 4.0))
    cumulative = np.cumsum(share, axis=1) / share.sum(axis=1, keepdims=True)
    crowded = len(y) > _CROWDED
    a, b = rng.integers(len(x), size=(2, tries * (_OFTENER if crowded else 1)))
    far = np.abs(x[b] - x[a]) > 0.7 * drawn.radius
    a, b = a[far], b[far]
    if crowded:
        a, b, p, q = _near_partners(problem, rng, cumulative, a, b)
    else:
        draws = rng.random((2, len(a)))
        p = np.minimum((cumulative[a] < draws[0][:, None]).sum(axis=1), len(y) - 1)
        q = np.minimum((cumulative[b] < draws[1][:, None]).sum(axis=1), len(y) - 1)
    two = p != q
    a, b, p, q = a[two], b[two], p[two], q[two]
    g = (y[q] - y[p]) / (x[b] - x[a])
    fits = np.abs(np.log(np.maximum(np.abs(g), 1e-12) / problem.scale)) < (0.7 if problem.sized else 0.9)
    return g[fits], y[p[fits]] - g[fits] * x[a[fits]]


def _near_partners(
    problem: Problem, rng: np.random.Generator, cumulative: Array, a: Index, b: Index
) -> tuple[Index, Index, Index, Index]:
    """Of two drawn things far apart, the first on a candidate of its kind, the second on one not too far from that.

    Among hundreds of candidates two picked at random hardly ever lie as far apart as the drawing says.
    """
    x, y = to_complex(problem.drawn.xy), to_complex(problem.ground.xy)
    rows = cumulative + np.arange(len(x))[:, None]
    first = np.searchsorted(rows.ravel(), rng.random(len(a)) + a) - a * len(y)
    p = np.clip(first, 0, len(y) - 1)
    reach = 2.0 * problem.scale * float(np.abs(x[b] - x[a]).max(initial=0.0))
    tree = cKDTree(problem.ground.xy)
    beside: list[list[int]] = list(tree.query_ball_point(problem.ground.xy, reach, return_sorted=True))  # type: ignore[arg-type]
    count = np.array([len(one) for one in beside])
    place = (np.cumsum(count) - count)[p] + (rng.random(len(p)) * count[p]).astype(np.int64)
    q = np.concatenate([np.asarray(one, dtype=np.int64) for one in beside])[place]
    share = np.diff(cumulative, axis=1, prepend=0.0)
    kept = rng.random(len(q)) < share[b, q] / share.max(axis=1)[b]
    return a[kept], b[kept], p[kept], q[kept]


def _from_directions(problem: Problem, rng: np.random.Generator, limit: int) -> tuple[Complex, Complex]:
    """One drawn thing on one candidate, turned so that their longer sides agree."""
    drawn, ground = problem.drawn, problem.ground
    turn = ground.angle[None, :] - drawn.angle[:, None]
    i, j = np.nonzero(np.isfinite(turn) & (drawn.elongation[:, None] > 1.2) & (ground.elongation[None, :] > 1.2))
    if drawn.parallel or not len(i):
        return np.zeros(0, np.complex128), np.zeros(0, np.complex128)
    i, j = np.repeat(i, 6), np.repeat(j, 6)
    half = np.tile(np.repeat([0.0, np.pi], 3), len(i) // 6)
    stretch = np.tile([0.8, 1.0, 1.25], len(i) // 3)
    return _one_point(problem, rng, i, to_complex(ground.xy)[j], turn[i, j] + half, stretch, limit)


def _one_point(
    problem: Problem,
    rng: np.random.Generator,
    i: NDArray[np.int64],
    at: Complex,
    turn: Array,
    stretch: Array,
    limit: int,
) -> tuple[Complex, Complex]:
    if len(i) > limit:
        keep = rng.choice(len(i), limit, replace=False)
        i, at, turn, stretch = i[keep], at[keep], turn[keep], stretch[keep]
    g = problem.scale * stretch * np.exp(1j * turn)
    return g, at - g * to_complex(problem.drawn.xy)[i]


def _known_points(problem: Problem, rng: np.random.Generator) -> list[tuple[complex, complex]]:
    """Drawn points with where they are, as far as links, equal words and ties tell."""
    known: list[tuple[complex, complex]] = []
    x, y = to_complex(problem.drawn.xy), to_complex(problem.ground.xy)
    for link in problem.links:
        if link.element is not None and link.weight > 0.5:
            spot = complex(link.place.centroid.x, link.place.centroid.y)
            jitter = rng.normal(size=(4, 2)) * link.sigma_m
            known += [(complex(x[link.element]), spot + complex(*shift)) for shift in [(0.0, 0.0), *jitter]]
    for i, words in enumerate(problem.drawn.words):
        known += [
            (complex(x[i]), complex(y[j]))
            for j, labels in enumerate(problem.ground.words)
            if words and same_words(words, labels) > 0.5
        ]
    return known


def _from_known(problem: Problem, rng: np.random.Generator, limit: int) -> tuple[Complex, Complex]:
    """A known point and any other drawn thing on any candidate; two known points."""
    x, y = to_complex(problem.drawn.xy), to_complex(problem.ground.xy)
    gs: list[Complex] = []
    ts: list[Complex] = []
    known = _known_points(problem, rng)
    for source, target in known:
        others = [(source2, target2) for source2, target2 in known if source2 != source]
        apart = np.concatenate([np.repeat(x - source, len(y)), np.array([s - source for s, _ in others])])
        aimed = np.concatenate([np.tile(y - target, len(x)), np.array([e - target for _, e in others])])
        far = (np.abs(apart) > 0.4 * problem.drawn.radius) & (np.abs(aimed) > 0)
        g = aimed[far] / apart[far]
        g = g[np.abs(np.log(np.abs(g) / problem.scale)) < 0.7]
        gs.append(g)
        ts.append(target - g * source)
    if not gs:
        return np.zeros(0, np.complex128), np.zeros(0, np.complex128)
    g, t = np.concatenate(gs), np.concatenate(ts)
    keep = rng.choice(len(g), min(limit, len(g)), replace=False)
    return g[keep], t[keep]


def _chord(points: Array) -> complex:
    apart = points[-1] - points[0]
    return complex(apart[0], apart[1])


def _from_lines(problem: Problem, rng: np.random.Generator, limit: int) -> tuple[Complex, Complex]:
    """Turned so that a drawn road runs as the real one, at every shift that puts a drawn thing on a candidate."""
    x, y = to_complex(problem.drawn.xy), to_complex(problem.ground.xy)
    gs: list[Complex] = []
    ts: list[Complex] = []
    open_links = [link for link in problem.links if link.line is not None and link.place.length > 0]
    for link in open_links:
        line = problem.drawn.lines[link.line or 0]
        place: Any = link.place  # shapely's stubs know of single lines only
        real = shapely.get_coordinates(shapely.line_interpolate_point(place, np.linspace(0, 1, 12), normalized=True))
        if line.closed or abs(_chord(real)) < 0.3 * link.place.length:
            continue
        base = np.angle(_chord(real) / _chord(line.points))
        turns = (base + np.array([0.0, np.pi])[:, None] + np.radians([-12.0, 0.0, 12.0])[None, :]).ravel()
        g = problem.scale * np.exp(1j * turns)[:, None] * np.array([0.7, 0.85, 1.0, 1.2, 1.45])[None, :]
        middle = complex(*line.points[len(line.points) // 2])
        source = np.concatenate([np.repeat(x, len(y)), np.full(len(real), middle)])
        target = np.concatenate([np.tile(y, len(x)), to_complex(real)])
        shift = target[None, :] - g.reshape(-1, 1) * source[None, :]
        # Only shifts that leave the drawn road on the real one.
        off = np.abs(
            ((g.reshape(-1, 1) * middle + shift - to_complex(real[:1])) / (_chord(real) / abs(_chord(real)))).imag
        )
        good = off < 0.5 * problem.radius_m + 2 * link.sigma_m
        gs.append(np.broadcast_to(g.reshape(-1, 1), shift.shape)[good])
        ts.append(shift[good])
    if not gs:
        return np.zeros(0, np.complex128), np.zeros(0, np.complex128)
    g, t = np.concatenate(gs), np.concatenate(ts)
    keep = rng.choice(len(g), min(limit, len(g)), replace=False)
    return g[keep], t[keep]


def _corners(line: Line) -> Complex:
    """Corners of a wall, simplified until few are left, counter-clockwise where it closes."""
    shape = line.shape
    for share in (0.02, 0.04, 0.08, 0.15):
        simple = shape.simplify(share * shape.length)
        if len(simple.coords) <= 9:
            break
    points = to_complex(np.asarray(simple.coords)[:, :2])
    if not line.closed:
        return points
    points = points[:-1]
    turn = float(np.imag(np.conj(points) * np.roll(points, -1)).sum())
    return points if turn >= 0 else points[::-1]


def _from_walls(problem: Problem) -> tuple[Complex, Complex]:
    """Two drawn wall corners on two real ones, and walls as a whole at every turn."""
    gs: list[complex] = []
    ts: list[complex] = []
    for drawn, real in problem.pairs:
        if drawn.role not in ("wall", "fence"):
            continue
        source, target = _corners(drawn), _corners(real)
        for a in range(len(source)):
            for b in range(len(source)):
                for p in range(len(target)):
                    for q in range(len(target)):
                        if a != b and p != q:
                            g = (target[q] - target[p]) / (source[b] - source[a])
                            gs.append(complex(g))
                            ts.append(complex(target[p] - g * source[a]))
    g, t = np.array(gs, np.complex128), np.array(ts, np.complex128)
    ok = np.abs(np.log(np.maximum(np.abs(g), 1e-9) / problem.scale)) < 0.8
    return g[ok], t[ok]


def _from_ties(problem: Problem) -> tuple[Complex, Complex]:
    """Placements that obey a person's ties: any turn and scale about one, the best similarity through more."""
    x = to_complex(problem.drawn.xy)
    source = np.array([x[index] for index, _, _ in problem.ties])
    target = np.array([complex(*place) for _, _, place in problem.ties])
    if len(source) >= 2 and np.ptp(np.abs(source - source[0])) > 1e-9:
        moved, aimed = source - source.mean(), target - target.mean()
        g = np.array([(np.conj(moved) @ aimed) / (np.abs(moved) ** 2).sum()])
        # Ties leave the rest of a bent plan open: it is tried turned and scaled a little about them.
        about = np.exp(1j * np.radians([0.0, -18.0, 18.0]))[:, None] * np.array([1.0, 0.75, 1.33])[None, :]
        g = (g * about.ravel()[:, None]).ravel()
        return g, target.mean() - g * source.mean()
    turns = np.exp(1j * np.linspace(0, 2 * np.pi, 120, endpoint=False))
    stretch = problem.scale * np.exp(np.linspace(-0.6, 0.6, 9))
    g = (turns[:, None] * stretch[None, :]).ravel()
    return g, target[0] - g * source[0]


def _near(problem: Problem, g: Complex, t: Complex) -> Array:
    """Fast support of similarities (h,): how many drawn things fall near some candidate, from a distance field."""
    ground, x = problem.ground, to_complex(problem.drawn.xy)
    low, high = ground.xy.min(axis=0), ground.xy.max(axis=0)
    cell = max(0.06 * problem.radius_m, float((high - low).max()) / 400, 1e-6)
    shape = np.maximum(np.ceil((high - low) / cell).astype(int) + 21, 1)
    start = low - 10 * cell
    grid = np.stack(np.meshgrid(*(start[k] + cell * np.arange(shape[k]) for k in (0, 1)), indexing="ij"), axis=-1)
    apart, _ = cKDTree(ground.xy).query(grid.reshape(-1, 2), distance_upper_bound=1.2 * problem.radius_m)
    field = np.asarray(apart).reshape(shape)
    support = np.zeros(len(g))
    for point in x:
        at = g * point + t
        column = np.clip(((at.real - start[0]) / cell).round().astype(int), 0, shape[0] - 1)
        row = np.clip(((at.imag - start[1]) / cell).round().astype(int), 0, shape[1] - 1)
        support += np.exp(-0.5 * (field[column, row] / (0.22 * np.abs(g) * problem.drawn.radius)) ** 2)
    return support


def rough_scores(problem: Problem, g: Complex, t: Complex) -> Array:
    """Log odds of similarities (h,) with every drawn thing free to take its best candidates, shape (h,)."""
    drawn, ground = problem.drawn, problem.ground
    radius = np.abs(g) * drawn.radius
    place = along(drawn.xy, g, t)
    # Only the nearest few candidates can be the best one.
    found = cKDTree(ground.xy).query(place, k=np.arange(1, min(NEAREST, len(ground)) + 1))
    apart, j = np.asarray(found[0], np.float64), np.asarray(found[1], np.int64)
    spread = (ROUGH * radius)[:, None, None]
    i = np.arange(len(drawn))[None, :, None]
    seen = kinds(problem, np.abs(g)[:, None, None], np.angle(g)[:, None, None], Spreads.usual(1), i, j)
    odds = seen.total + fixed_kinds(problem)[i, j]
    odds -= 0.5 * (apart / spread) ** 2 + np.log(2 * np.pi * spread**2 * ground.density)
    best = PRESENT * np.exp(np.clip(odds.max(axis=2), -30, 30)) + (1 - PRESENT)
    score: Array = np.log(best).sum(axis=1)
    return score + place_score(problem, g, t) + link_score(problem, place, radius) + line_score(problem, g, t)


def hypotheses(
    problem: Problem, rng: np.random.Generator, *, tries: int = 90_000, keep: int = 60
) -> list[tuple[complex, complex]]:
    """The most promising distinct similarities, best first.

    Parameters
    ----------
    problem
        Sketch, candidates and what is known.
    rng
        Seeded generator.
    tries
        Random pairs drawn.
    keep
        How many are returned at most.
    """
    if problem.ties:
        sets = [_from_ties(problem)]
    else:
        sets = [
            _from_pairs(problem, rng, tries),
            _from_directions(problem, rng, 8_000),
            _from_known(problem, rng, 12_000),
            _from_lines(problem, rng, 12_000),
            _from_walls(problem),
        ]
    # Each kind of evidence sends its own best, so that a strong cue of one kind is not crowded out by many weak ones.
    share = 2_000 if problem.ties else 600
    first = [_shortlist(problem, g, t, 1_600 if index == 0 else share) for index, (g, t) in enumerate(sets)]
    g, t = np.concatenate([one for one, _ in first]), np.concatenate([two for _, two in first])
    if not len(g):
        return []
    score = rough_scores(problem, g, t)
    order = np.argsort(-score, kind="stable")
    return _distinct(problem, g[order], t[order], keep)


def _shortlist(problem: Problem, g: Complex, t: Complex, keep: int) -> tuple[Complex, Complex]:
    usable = np.isfinite(g) & np.isfinite(t) & (np.abs(g) > 0)
    g, t = g[usable], t[usable]
    if len(g):
        order = np.argsort(-(_near(problem, g, t) + 0.5 * place_score(problem, g, t)), kind="stable")[:keep]
        g, t = g[order], t[order]
    return g, t


def _distinct(problem: Problem, g: Complex, t: Complex, keep: int) -> list[tuple[complex, complex]]:
    """The first of each group of placements that differ by less than a tenth of the radius."""
    centre, radius = complex(*problem.drawn.centre), problem.drawn.radius
    middle, arm = g * centre + t, g * radius
    alive = np.ones(len(g), dtype=bool)
    out: list[tuple[complex, complex]] = []
    for index in range(len(g)):
        if not alive[index]:
            continue
        out.append((complex(g[index]), complex(t[index])))
        if len(out) == keep:
            break
        apart = np.abs(middle - middle[index]) ** 2 + np.abs(arm - arm[index]) ** 2
        alive &= apart > (0.14 * np.abs(arm[index])) ** 2
    return out
