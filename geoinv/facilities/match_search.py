"""Hypotheses: many rough similarity placements of one sketch on the candidates, pre-scored all at once.

Plane points are complex numbers here: a similarity is ``z → g·z + t`` with ``|g|`` metres per drawing unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import LineString

from geoinv.facilities.match_items import APART, Drawn, Ground, Line, Link, same_words

__all__ = ["Problem", "directed", "hypotheses", "inside_hull", "known_odds", "line_score", "link_score", "place_score", "unary"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.int64]

#: Spread of sketch-to-ground size ratios (natural log of areas) and of building sizes in general.
SIZE_SPREAD, SIZE_POPULATION = 0.55, 0.95
#: Direction error of a drawn building, radians, and the share of drawn directions that mean nothing.
TURN_SPREAD, TURN_LOST = 0.22, 0.3
#: Standard error of a drawn position as a share of the layout's radius, per coordinate, before any fit.
ROUGH = 0.2
#: Share of drawn elements that stand among the candidates.
PRESENT = 0.6
#: Nearest candidates looked at per drawn thing in pre-scoring.
NEAREST = 6
#: Standard deviation of the natural logarithm of the scale about the ratio of sizes.
SCALE_SPREAD = 0.35


@dataclass(frozen=True)
class Problem:
    """One sketch to be laid on one set of candidates.

    Attributes
    ----------
    scale
        Metres per drawing unit expected from sizes (or, without sizes, from the layouts' radii).
    sized
        Whether ``scale`` comes from sizes.
    links
        Drawn things whose place is roughly known.
    pairs
        Drawn walls and roads with the real ones of the same kind.
    centre, reach_m, spread_m
        Prior of the sketch's middle: flat within ``reach_m`` of ``centre``, then falling with ``spread_m``; ``None`` if unknown.
    ties
        Drawn index → candidate index, or place in metres, as a person said.
    """

    drawn: Drawn
    ground: Ground
    scale: float
    sized: bool
    links: tuple[Link, ...] = ()
    pairs: tuple[tuple[Line, Line], ...] = ()
    centre: tuple[float, float] | None = None
    reach_m: float = 0.0
    spread_m: float = 1.0
    ties: tuple[tuple[int, int | None, tuple[float, float]], ...] = ()

    @property
    def radius_m(self) -> float:
        """The layout's expected radius on the ground."""
        return self.scale * self.drawn.radius

    @cached_property
    def usual_size(self) -> float:
        """Median of the candidates' log areas, 0 where none has one."""
        known = self.ground.log_area[np.isfinite(self.ground.log_area)]
        return float(np.median(known)) if len(known) else 0.0

    @cached_property
    def fixed_odds(self) -> Array:
        """What does not depend on the placement: words, roles, existence, the ratio of sides; shape (n, m)."""
        drawn, ground = self.drawn, self.ground
        fixed = _word_score(drawn, ground) + 0.7 * np.log(ground.existence / ground.existence.mean())[None, :]
        stretch = np.log(drawn.elongation)[:, None] - np.log(ground.elongation)[None, :]
        sized: Array = np.clip(0.35 - 0.5 * (stretch / 0.4) ** 2, -1.5, 0.35) * np.isfinite(ground.log_area)
        return fixed + sized


def _word_score(drawn: Drawn, ground: Ground) -> Array:
    out = np.zeros((len(drawn), len(ground)))
    for i, (role, words) in enumerate(zip(drawn.roles, drawn.words, strict=True)):
        for j, (other, labels) in enumerate(zip(ground.roles, ground.words, strict=True)):
            if labels and words:
                out[i, j] += 2.5 if same_words(words, labels) > 0.5 else -2.0
            elif labels:
                out[i, j] -= 1.0
            if role != other and (role in APART or other in APART) and not (labels and labels == words):
                out[i, j] -= 6.0
            elif role == other == "tower":
                out[i, j] += 1.5
    return out


def unary(problem: Problem, scale: Array, i: Index, j: Index) -> Array:
    """Log odds of "is" against "any candidate" from size, shape, words and existence.

    Parameters
    ----------
    scale, i, j
        Metres per drawing unit, drawn index and candidate index; they are broadcast together.
    """
    drawn, ground = problem.drawn, problem.ground
    off = drawn.log_area[i] + 2 * np.log(scale) - ground.log_area[j]
    usual = (ground.log_area[j] - problem.usual_size) / SIZE_POPULATION
    odds = np.log(SIZE_POPULATION / SIZE_SPREAD) - 0.5 * (off / SIZE_SPREAD) ** 2 + 0.5 * usual**2
    sized = np.where(np.isfinite(odds), np.clip(odds, -5.0, 3.0), 0.0)
    out: Array = problem.fixed_odds[i, j] + sized
    return out


def directed(problem: Problem, turn: Array, i: Index, j: Index) -> Array:
    """Log odds from directions at rotations ``turn`` (radians), broadcast with the indices; 0 where a direction is unknown."""
    drawn, ground = problem.drawn, problem.ground
    # A nearly square thing has no longer side: its direction is known but for a quarter turn.
    fold = np.where((drawn.elongation[i] > 1.35) & (ground.elongation[j] > 1.35), 1.0, 2.0)
    difference = (drawn.angle[i] - ground.angle[j] + turn) * fold
    off = np.abs((difference + np.pi / 2) % np.pi - np.pi / 2) / fold
    inside = np.exp(-0.5 * (off / TURN_SPREAD) ** 2) * (np.pi / fold) / (TURN_SPREAD * np.sqrt(2 * np.pi))
    known = np.isfinite(off) & (drawn.elongation[i] > 1.1) & (ground.elongation[j] > 1.1)
    odds = np.log((1 - TURN_LOST) * inside + TURN_LOST) * (0.15 if drawn.parallel else 1.0)
    out: Array = np.where(known, odds, 0.0)
    return out


def known_odds(problem: Problem, scale: float, turn: float) -> Array:
    """Everything but position at one scale and rotation, shape (n, m)."""
    i, j = np.ogrid[: len(problem.drawn), : len(problem.ground)]
    return unary(problem, np.array(scale), i, j) + directed(problem, np.array(turn), i, j)


def _complex(points: Array) -> Complex:
    out: Complex = points[..., 0] + 1j * points[..., 1]
    return out


def _from_pairs(problem: Problem, rng: np.random.Generator, tries: int) -> tuple[Complex, Complex]:
    """Two drawn things far apart on two candidates of plausible kind."""
    drawn, ground = problem.drawn, problem.ground
    x, y = _complex(drawn.xy), _complex(ground.xy)
    i, j = np.ogrid[: len(x), : len(y)]
    share = np.exp(np.clip(unary(problem, np.array(problem.scale), i, j), -4.0, 4.0))
    cumulative = np.cumsum(share, axis=1) / share.sum(axis=1, keepdims=True)
    a, b = rng.integers(len(x), size=(2, tries))
    far = np.abs(x[b] - x[a]) > 0.7 * drawn.radius
    a, b = a[far], b[far]
    draws = rng.random((2, len(a)))
    p = np.minimum((cumulative[a] < draws[0][:, None]).sum(axis=1), len(y) - 1)
    q = np.minimum((cumulative[b] < draws[1][:, None]).sum(axis=1), len(y) - 1)
    two = p != q
    a, b, p, q = a[two], b[two], p[two], q[two]
    g = (y[q] - y[p]) / (x[b] - x[a])
    fits = np.abs(np.log(np.abs(g) / problem.scale)) < (0.7 if problem.sized else 0.9)
    return g[fits], y[p[fits]] - g[fits] * x[a[fits]]


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
    return _one_point(problem, rng, i, _complex(ground.xy)[j], turn[i, j] + half, stretch, limit)


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
    return g, at - g * _complex(problem.drawn.xy)[i]


def _known_points(problem: Problem, rng: np.random.Generator) -> list[tuple[complex, complex]]:
    """Drawn points with where they are, as far as links, equal words and ties tell."""
    known: list[tuple[complex, complex]] = []
    x, y = _complex(problem.drawn.xy), _complex(problem.ground.xy)
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
    x, y = _complex(problem.drawn.xy), _complex(problem.ground.xy)
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
    """Turned so that a drawn road runs as the real one, at every shift that puts a drawn thing on a candidate or the road's ends."""
    x, y = _complex(problem.drawn.xy), _complex(problem.ground.xy)
    gs: list[Complex] = []
    ts: list[Complex] = []
    open_links = [link for link in problem.links if link.line is not None and link.place.length > 0]
    for link in open_links:
        line = problem.drawn.lines[link.line or 0]
        real = shapely.get_coordinates(
            shapely.line_interpolate_point(link.place, np.linspace(0, 1, 12), normalized=True)
        )
        if line.closed or abs(_chord(real)) < 0.3 * link.place.length:
            continue
        base = np.angle(_chord(real) / _chord(line.points))
        turns = (base + np.array([0.0, np.pi])[:, None] + np.radians([-12.0, 0.0, 12.0])[None, :]).ravel()
        g = problem.scale * np.exp(1j * turns)[:, None] * np.array([0.7, 0.85, 1.0, 1.2, 1.45])[None, :]
        middle = complex(*line.points[len(line.points) // 2])
        source = np.concatenate([np.repeat(x, len(y)), np.full(len(real), middle)])
        target = np.concatenate([np.tile(y, len(x)), _complex(real)])
        shift = target[None, :] - g.reshape(-1, 1) * source[None, :]
        # Only shifts that leave the drawn road on the real one.
        off = np.abs(
            ((g.reshape(-1, 1) * middle + shift - _complex(real[:1])) / (_chord(real) / abs(_chord(real)))).imag
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
    points = _complex(np.asarray(simple.coords)[:, :2])
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
    x = _complex(problem.drawn.xy)
    source = np.array([x[index] for index, _, _ in problem.ties])
    target = np.array([complex(*place) for _, _, place in problem.ties])
    if len(source) >= 2 and np.ptp(np.abs(source - source[0])) > 1e-9:
        moved, aimed = source - source.mean(), target - target.mean()
        g = np.array([(np.conj(moved) @ aimed) / (np.abs(moved) ** 2).sum()])
        return g, target.mean() - g * source.mean()
    turns = np.exp(1j * np.linspace(0, 2 * np.pi, 120, endpoint=False))
    stretch = problem.scale * np.exp(np.linspace(-0.6, 0.6, 9))
    g = (turns[:, None] * stretch[None, :]).ravel()
    return g, target[0] - g * source[0]


def place_score(problem: Problem, g: Complex, t: Complex) -> Array:
    """Log prior of similarities (h,): scale from sizes, the sketch's middle from testimony, a north arrow."""
    score = -0.5 * (np.log(np.abs(g) / problem.scale) / (SCALE_SPREAD if problem.sized else 0.5)) ** 2
    if problem.centre is not None:
        middle = g * complex(*problem.drawn.centre) + t - complex(*problem.centre)
        beyond = np.maximum(np.abs(middle) - problem.reach_m, 0.0) / problem.spread_m
        score = score + np.log(0.98 * np.exp(-0.5 * beyond**2) + 1e-6)
    if problem.drawn.north is not None:
        # A north arrow n clockwise from the page's up points north once the page is turned n counter-clockwise.
        off = np.angle(g * np.exp(-1j * problem.drawn.north))
        score = score + np.log(0.8 * np.exp(-0.5 * (off / 0.35) ** 2) * 2 * np.pi / (0.35 * np.sqrt(2 * np.pi)) + 0.2)
    return score


def link_score(problem: Problem, place: Array, radius: Array) -> Array:
    """Log odds of links to single things given mapped centres (h, n, 2) and radii (h,): shape (h,)."""
    score = np.zeros(len(place))
    best: dict[tuple[int, str], Array] = {}
    for link in problem.links:
        if link.element is None:
            continue
        at = shapely.points(place[:, link.element])
        off = shapely.distance(at, link.place)
        spread = np.hypot(link.sigma_m, ROUGH * radius)
        area = max(problem.ground.area_m2, 25 * link.sigma_m**2)
        inside = area * np.exp(-0.5 * (off / spread) ** 2) / (2 * np.pi * spread**2)
        odds = np.log((1 - 0.7 * link.weight) + 0.7 * link.weight * inside)
        # Of several anchors one label may mean, the nearest counts.
        key = (link.element, link.source)
        best[key] = np.maximum(best[key], odds) if key in best else odds
    for odds in best.values():
        score += odds
    return score


def _along(points: Array, g: Complex, t: Complex) -> Array:
    moved = g[:, None] * _complex(points)[None, :] + t[:, None]
    return np.stack([moved.real, moved.imag], axis=-1)


def line_score(problem: Problem, g: Complex, t: Complex, *, step: int = 3) -> Array:
    """Log odds that drawn roads and walls lie on the real ones at similarities (h,): shape (h,)."""
    radius = np.abs(g) * problem.drawn.radius
    score = np.zeros(len(g))
    best: dict[str, Array] = {}
    wanted = [
        (problem.drawn.lines[link.line], link.place, link.sigma_m, link.weight, None)
        for link in problem.links
        if link.line is not None
    ]
    wanted += [(one, real.shape, real.sigma_m, 0.8, real) for one, real in problem.pairs]
    for line, place, sigma, weight, real in wanted:
        off = shapely.distance(shapely.points(_along(line.points[::step], g, t)), place)
        if real is not None and real.closed and line.closed:
            # A whole wall must also be covered, or a small ring on one side of a large one would do.
            back = (_complex(real.points[::step])[None, :] - t[:, None]) / g[:, None]
            ring = LineString(line.shape.coords)
            gap = shapely.distance(shapely.points(np.stack([back.real, back.imag], axis=-1)), ring) * np.abs(g)[:, None]
            off = np.concatenate([off, gap], axis=1)
        spread = np.hypot(sigma, 0.15 * radius)[:, None]
        width = (3.0 * radius)[:, None]
        odds = np.log(
            (1 - weight) + weight * width * np.exp(-0.5 * (off / spread) ** 2) / (spread * np.sqrt(2 * np.pi))
        )
        total = odds.mean(axis=1) * 4.0
        best[line.id] = np.maximum(best[line.id], total) if line.id in best else total
    for total in best.values():
        score += total
    return score


def _near(problem: Problem, g: Complex, t: Complex) -> Array:
    """Fast support of similarities (h,): how many drawn things fall near some candidate, from a distance field."""
    ground, x = problem.ground, _complex(problem.drawn.xy)
    low, high = ground.xy.min(axis=0), ground.xy.max(axis=0)
    cell = max(0.06 * problem.radius_m, float((high - low).max()) / 400, 1e-6)
    shape = np.maximum(np.ceil((high - low) / cell).astype(int) + 21, 1)
    start = low - 10 * cell
    grid = np.stack(np.meshgrid(*(start[k] + cell * np.arange(shape[k]) for k in (0, 1)), indexing="ij"), axis=-1)
    field = cKDTree(ground.xy).query(grid.reshape(-1, 2), distance_upper_bound=1.2 * problem.radius_m)[0].reshape(shape)
    support = np.zeros(len(g))
    for point in x:
        at = g * point + t
        column = np.clip(((at.real - start[0]) / cell).round().astype(int), 0, shape[0] - 1)
        row = np.clip(((at.imag - start[1]) / cell).round().astype(int), 0, shape[1] - 1)
        support += np.exp(-0.5 * (field[column, row] / (0.22 * np.abs(g) * problem.drawn.radius)) ** 2)
    return support


def _soft(problem: Problem, g: Complex, t: Complex) -> Array:
    """Log odds of similarities (h,) with every drawn thing free to take its best candidates, shape (h,)."""
    drawn, ground = problem.drawn, problem.ground
    radius = np.abs(g) * drawn.radius
    place = _along(drawn.xy, g, t)
    # Only the nearest few candidates can be the best one.
    apart, j = cKDTree(ground.xy).query(place, k=np.arange(1, min(NEAREST, len(ground)) + 1))
    spread = (ROUGH * radius)[:, None, None]
    i = np.arange(len(drawn))[None, :, None]
    odds = unary(problem, np.abs(g)[:, None, None], i, j) + directed(problem, np.angle(g)[:, None, None], i, j)
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
    score = _soft(problem, g, t)
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


def inside_hull(place: Array, points: Array) -> NDArray[np.bool_]:
    """Which points (m, 2) lie inside the hull of mapped centres (n, 2)."""
    hull = shapely.convex_hull(shapely.multipoints(place))
    out: NDArray[np.bool_] = shapely.contains_xy(hull, points[:, 0], points[:, 1])
    return out
