"""Measure where ``geoinv locate`` puts facilities whose place is known, under several laws of what witnesses say.

    python scripts/measure_locate.py --first 1000 --cases 40

Per law: median error in metres, its ratio to that of the geometric median of the pins, the share of facilities within
the 50 % and the 90 % region, the area under the ROC curve of ``probability_valid``, and CPU seconds a facility. Seeds
below 1000 are for setting things, seeds from 1000 on for measuring only. The last law is what witnesses of made worlds
say (``geoinv.worlds``).
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from shapely.geometry import LineString, Point, mapping

from geoinv.facilities.locate import posterior
from geoinv.facilities.locate_cells import spatial_median
from geoinv.geometry.frames import to_lonlat, xy_to_local, xy_to_lonlat
from geoinv.records.places import Frame
from geoinv.records.testimony import COMPASS, Statements

FRAME = Frame(lon=-150.0, lat=25.0)  # open ocean; everything here is fictional
Floats = NDArray[np.float64]


@dataclass
class Telling:
    """One facility's statements in the making; the truth is at 0, 0."""

    rng: np.random.Generator
    marks: dict[str, Any] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    valid: list[bool] = field(default_factory=list)
    dependent: list[list[str]] = field(default_factory=list)

    def add(self, witness: str, valid: bool, **more: Any) -> None:
        """One statement."""
        self.said.append({"id": f"s{len(self.said)}", "witness": witness, **more})
        self.valid.append(valid)

    def pin(self, witness: str, valid: bool, place: Floats, radius: float | None) -> None:
        """A pin at a place in metres."""
        self.add(witness, valid, kind="pin", point=_at(place), radius_m=radius)

    def landmark(self, key: str, reach: float) -> Floats:
        """A point landmark somewhere within reach."""
        place = self.rng.normal(0, reach / 2, 2)
        self.marks[key] = {"type": "Point", "coordinates": _at(place)}
        return place

    def river(self, reach: float) -> None:
        """A straight river that passes within a third of the reach."""
        turn, off = self.rng.uniform(0, math.pi), self.rng.normal(0, reach / 3)
        along, across = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
        line = LineString([off * across - 4 * reach * along, off * across + 4 * reach * along])
        self.marks["river"] = mapping(to_lonlat(FRAME, line))
        self.marks["river"]["coordinates"] = [list(place) for place in self.marks["river"]["coordinates"]]
        self.off = -off * across

    def read(self) -> Statements:
        """As the command reads it."""
        return Statements.read({"landmarks": self.marks, "statements": self.said, "dependent": self.dependent})


def _at(place: Floats) -> list[float]:
    lon, lat = xy_to_lonlat(FRAME, place[None])[0]
    return [float(lon), float(lat)]


def _compass(vector: Floats, points: int) -> str:
    names = list(COMPASS)[:: 16 // points]
    return names[round(math.degrees(math.atan2(vector[0], vector[1])) % 360 / (360 / points)) % points]


def _wild(rng: np.random.Generator, reach: float) -> Floats:
    """Where a witness who is wrong puts a pin: about, anywhere near, or in another part of the country."""
    turn = rng.uniform(0, 2 * math.pi)
    far = (abs(rng.normal(0, 5 * reach)), 8 * reach * math.sqrt(rng.random()), reach * math.exp(rng.uniform(0.5, 4)))
    return far[int(rng.integers(3))] * np.array([math.cos(turn), math.sin(turn)])


def _pins(told: Telling, count: int, reach: float, wrong: float, small: float, spread: float) -> list[bool]:
    """Pins with claimed radii; ``small``: mean log by which these are too small."""
    rng, knows = told.rng, []
    for number in range(count):
        knows.append(bool(rng.random() >= wrong))
        radius = reach * math.exp(rng.normal(0, 0.5))
        off = rng.normal(0, radius / 1.5 * math.exp(rng.normal(small, spread)), 2)
        told.pin(f"w{number}", knows[-1], off if knows[-1] else _wild(rng, reach), round(radius, 1))
    return knows


def pins(rng: np.random.Generator) -> Telling:
    """Four to nine pins of any scale, a quarter wrong."""
    told = Telling(rng)
    _pins(told, int(rng.integers(4, 10)), math.exp(rng.uniform(3.5, 7.5)), 0.25, 0.4, 0.55)
    return told


def relative(rng: np.random.Generator) -> Telling:
    """Pins, and distances, directions and sides."""
    told = Telling(rng)
    reach = math.exp(rng.uniform(5, 7.5))
    knows = _pins(told, int(rng.integers(4, 10)), reach, 0.25, 0.4, 0.55)
    bridge = told.landmark("bridge", 4 * reach)
    told.river(3 * reach)
    for number, right in enumerate(knows):
        if rng.random() < 0.5:
            valid = bool(rng.random() < (0.9 if right else 0.3))
            _from(told, f"w{number}", bridge, valid)
        if rng.random() < 0.4:
            valid = bool(rng.random() < (0.95 if right else 0.5))
            told.add(
                f"w{number}", valid, kind="side", landmark="river", side=_compass(told.off * (1 if valid else -1), 8)
            )
    return told


def _from(told: Telling, witness: str, mark: Floats, valid: bool) -> None:
    rng = told.rng
    away = -mark if valid else rng.normal(0, max(500.0, float(np.hypot(*mark))), 2)
    turn = math.radians(rng.normal(0, 15))
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) @ away
    distance = max(20.0, float(np.hypot(*away)) * math.exp(rng.normal(0, 0.35)))
    direction = _compass(turned, int(rng.choice((8, 16)))) if rng.random() < 0.8 else None
    told.add(witness, valid, kind="from", landmark="bridge", direction=direction, distance_m=round(distance, -1))


def hearsay(rng: np.random.Generator) -> Telling:
    """Pins; in half of the cases some repeat one wrong rumour, which is sometimes known."""
    told = Telling(rng)
    reach = math.exp(rng.uniform(5, 7.5))
    count = int(rng.integers(5, 10))
    _pins(told, count, reach, 0.2, 0.4, 0.55)
    rumour = bool(rng.random() < 0.5)
    repeating = [f"r{number}" for number in range(int(rng.integers(2, 4)))]
    source = _wild(rng, reach) if rumour else rng.normal(0, 0.6 * reach, 2)
    for name in repeating:
        told.pin(
            name, not rumour, source + rng.normal(0, 0.3 * reach, 2), round(reach * math.exp(rng.normal(0, 0.4)), 1)
        )
    if rng.random() < 0.7:
        told.dependent.append(repeating)
    return told


def overconfident(rng: np.random.Generator) -> Telling:
    """Radii three to five times too small, two witnesses in five wrong."""
    told = Telling(rng)
    _pins(told, int(rng.integers(4, 10)), math.exp(rng.uniform(4, 7)), 0.4, rng.uniform(1.0, 1.7), 0.7)
    return told


def abroad(rng: np.random.Generator) -> Telling:
    """A few pins, one or two of them hundreds of kilometres off, and what lies near."""
    told = Telling(rng)
    reach = math.exp(rng.uniform(4.5, 7))
    count = int(rng.integers(2, 5))
    _pins(told, count, reach, 0.1, 0.4, 0.55)
    for number in range(int(rng.integers(1, 3)) if count > 2 else 1):
        turn, far = rng.uniform(0, 2 * math.pi), math.exp(rng.uniform(math.log(8e4), math.log(8e5)))
        told.pin(f"f{number}", False, far * np.array([math.cos(turn), math.sin(turn)]), round(reach, 1))
    bridge = told.landmark("bridge", 3 * reach)
    if count == 2 or rng.random() < 0.5:
        _from(told, "w0", bridge, True)
    return told


def mixed(rng: np.random.Generator) -> Telling:
    """One to three pins; areas, walks, sights, near and between."""
    told = Telling(rng)
    reach = math.exp(rng.uniform(5.5, 7))
    knows = _pins(told, int(rng.integers(1, 4)), reach, 0.2, 0.4, 0.55)
    spots = {key: told.landmark(key, 3 * reach) for key in ("bridge", "station", "mill")}
    told.river(2 * reach)
    for number in range(int(rng.integers(2, 5))):
        name, wrong = f"v{number}", bool(rng.random() < 0.2)
        for kind in rng.choice(("walk", "near", "sees", "area", "side", "from"), size=2, replace=False):
            _mixed(told, name, str(kind), spots, reach, wrong)
    return told if knows else told


def _mixed(told: Telling, name: str, kind: str, spots: dict[str, Floats], reach: float, wrong: bool) -> None:
    rng = told.rng
    key = str(rng.choice(sorted(spots)))
    shift = rng.normal(0, 6 * reach, 2) if wrong else np.zeros(2)
    away = float(np.hypot(*(spots[key] - shift)))
    if kind == "walk":
        minutes = max(1.0, round(away / (60 * rng.uniform(0.9, 1.4)) * rng.lognormal(0.1, 0.25)))
        told.add(name, not wrong, kind="walk", landmark=key, minutes=minutes)
    elif kind == "near":
        told.add(name, not wrong, kind="near", landmark=key, distance_m=round(away * rng.uniform(1.0, 1.6) + 50, -1))
    elif kind == "sees":
        seen = bool(rng.random() < 0.95 / (1 + (float(np.hypot(*spots[key])) / 2500) ** 3.5))
        told.add(name, not wrong, kind="sees", landmark=key, negated=seen == wrong)
    elif kind == "area":
        ring = Point(shift + rng.normal(0, 0.7 * reach, 2)).buffer(2.5 * reach, quad_segs=3)
        polygon = mapping(to_lonlat(FRAME, ring))
        told.add(name, not wrong, kind="area", polygon=polygon)
    elif kind == "side":
        told.add(name, not wrong, kind="side", landmark="river", side=_compass(told.off * (-1 if wrong else 1), 8))
    else:
        _from(told, name, spots["bridge"], not wrong)


LAWS: dict[str, Callable[[np.random.Generator], Telling]] = {
    "pins": pins,
    "relative": relative,
    "hearsay": hearsay,
    "overconfident": overconfident,
    "abroad": abroad,
    "mixed": mixed,
}


@dataclass(frozen=True)
class Scored:
    """One facility's result."""

    error: float
    plain: float
    half: bool
    most: bool
    area: float
    seconds: float


def score(statements: Statements, truth: tuple[float, float]) -> tuple[Scored, list[float]]:
    """Locate and compare with the truth (longitude, latitude); the probabilities of being valid beside."""
    start = time.process_time()
    found = posterior(statements)
    best, half, most = found.best(), found.region(0.5), found.region(0.9)
    seconds = time.process_time() - start
    true = xy_to_local(found.frame, np.array([truth]))[0]
    points = np.array([s.point for s in statements.statements if s.kind == "pin"], dtype=float).reshape(-1, 2)
    pin_xy = xy_to_local(found.frame, points) if len(points) else np.zeros((1, 2))
    plain = float(np.hypot(*(spatial_median(pin_xy, np.ones(len(pin_xy)), floor=1.0) - true)))
    spot = Point(true)
    scored = Scored(
        float(np.hypot(*(best - true))), plain, half.contains(spot), most.contains(spot), most.area / 1e6, seconds
    )
    return scored, [float(v) for v in found.validity]


def auc(chances: list[float], valid: list[bool]) -> float:
    """Area under the ROC curve (Mann & Whitney 1947)."""
    good = np.array(valid)
    if good.all() or not good.any():
        return math.nan
    ranks = rankdata(chances)
    return float((ranks[good].sum() - good.sum() * (good.sum() + 1) / 2) / (good.sum() * (~good).sum()))


def _row(name: str, scored: list[Scored], chances: list[float], valid: list[bool]) -> None:
    error = float(np.median([one.error for one in scored]))
    plain = float(np.median([one.plain for one in scored]))
    ninth = float(np.quantile([one.error for one in scored], 0.9))
    half, most = (float(np.mean([getattr(one, key) for one in scored])) for key in ("half", "most"))
    area = float(np.median([one.area for one in scored]))
    seconds = float(np.mean([one.seconds for one in scored]))
    sizes = f"{error:8.0f} {ninth:9.0f} {error / plain:6.2f} {half:6.2f} {most:6.2f} {area:9.2f}"
    print(f"{name:>14} {len(scored):4d} {sizes} {auc(chances, valid):6.3f} {seconds:6.2f}", flush=True)


def main() -> None:
    """Make, locate and score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--laws", default=",".join([*LAWS, "worlds"]))
    options = parser.parse_args()
    columns = f"{'median':>8} {'p90':>9} {'ratio':>6} {'50 %':>6} {'90 %':>6} {'km2':>9}"
    print(f"{'law':>14} {'n':>4} {columns} {'AUC':>6} {'s':>6}")
    for name in options.laws.split(","):
        scored: list[Scored] = []
        chances: list[float] = []
        valid: list[bool] = []
        for seed in range(options.first, options.first + options.cases):
            statements, truth, right = _world(seed) if name == "worlds" else _case(name, seed)
            one, said = score(statements, truth)
            scored.append(one)
            chances += said
            valid += right
        _row(name, scored, chances, valid)


def _case(name: str, seed: int) -> tuple[Statements, tuple[float, float], list[bool]]:
    told = LAWS[name](np.random.default_rng([seed, list(LAWS).index(name)]))
    return told.read(), (FRAME.lon, FRAME.lat), told.valid


def _world(seed: int) -> tuple[Statements, tuple[float, float], list[bool]]:
    """Statements of a made world's witnesses."""
    from geoinv.worlds.plan import make_plan
    from geoinv.worlds.witnesses import testimony_of
    from geoinv.worlds.world import OCEAN

    plan = make_plan(("camp", "county")[seed % 2], seed, slug="w", title="w", at=OCEAN)
    told = testimony_of(plan, seed, 4 + seed % 2)
    frame = plan.blueprint.frame
    valid = [s.id not in told.false for s in told.statements.statements]
    return told.statements, (frame.lon, frame.lat), valid


if __name__ == "__main__":
    main()
