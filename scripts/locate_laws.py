"""Laws of what witnesses say of a place that is known, for ``measure_locate.py`` and ``learn_locate.py``.

Each law makes one facility's statements from a seed; the truth is at ``FRAME``. In *pins*, *relative*, *hearsay*,
*abroad*, *walks* and *mixed* what ``locate`` assumes about witnesses holds more or less; the others break it, each
another way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, mapping

from geoinv.geometry.frames import to_lonlat, xy_to_lonlat
from geoinv.records.places import Frame
from geoinv.records.testimony import COMPASS, Statements

__all__ = ["BROKEN", "FRAME", "LAWS", "Telling", "case_of", "world_of"]

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


def _from(told: Telling, witness: str, mark: Floats, valid: bool, *, short: float = 0.0, wander: float = 15.0) -> None:
    """A distance and mostly a direction from the bridge: ``short`` in log, ``wander`` in degrees."""
    rng = told.rng
    away = -mark if valid else rng.normal(0, max(500.0, float(np.hypot(*mark))), 2)
    turn = math.radians(rng.normal(0, wander))
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) @ away
    distance = max(20.0, float(np.hypot(*away)) * math.exp(rng.normal(short, 0.35)))
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


def walks(rng: np.random.Generator) -> Telling:
    """One to three pins, and walks of so many minutes, most with a direction, recalled 23 % short."""
    told = Telling(rng)
    reach = math.exp(rng.uniform(5.5, 7))
    _pins(told, int(rng.integers(1, 4)), reach, 0.25, 0.4, 0.55)
    spots = {key: told.landmark(key, 5 * reach) for key in ("bridge", "station")}
    for number in range(int(rng.integers(2, 6))):
        valid, key = bool(rng.random() >= 0.25), str(rng.choice(sorted(spots)))
        away = -spots[key] if valid else rng.normal(0, max(500.0, float(np.hypot(*spots[key]))), 2)
        turn = math.radians(rng.normal(0, 15))
        turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) @ away
        seconds = float(np.hypot(*away)) * rng.uniform(1, 1.5) / rng.uniform(0.7, 1.5)
        minutes = max(1.0, round(seconds / 60 * 0.77 * rng.lognormal(0.0, 0.3)))
        direction = _compass(turned, 8) if rng.random() < 0.7 else None
        told.add(f"v{number}", valid, kind="walk", landmark=key, minutes=minutes, direction=direction)
    return told


def strewn(rng: np.random.Generator) -> Telling:
    """Radii five to nine times too small, few witnesses wrong."""
    told = Telling(rng)
    _pins(told, int(rng.integers(4, 10)), math.exp(rng.uniform(3.5, 6.5)), 0.1, rng.uniform(1.6, 2.2), 0.55)
    return told


def uneven(rng: np.random.Generator) -> Telling:
    """Radii that say next to nothing about who is nearer: heavy tails, a quarter wrong."""
    told = Telling(rng)
    _pins(told, int(rng.integers(4, 10)), math.exp(rng.uniform(4, 7)), 0.25, 0.7, 1.2)
    return told


def vague(rng: np.random.Generator) -> Telling:
    """Two in five are wrong, but not far enough off to stand out: two to eight times what right ones are."""
    told = Telling(rng)
    reach = math.exp(rng.uniform(4, 7))
    for number in range(int(rng.integers(4, 10))):
        knows = bool(rng.random() >= 0.4)
        radius = reach * math.exp(rng.normal(0, 0.5))
        off = rng.normal(0, radius / 1.5 * math.exp(rng.normal(0.6, 0.5)), 2)
        told.pin(f"w{number}", knows, off if knows else off * rng.uniform(2, 8), round(radius, 1))
    return told


def leaning(rng: np.random.Generator) -> Telling:
    """What all who are right have been told or shown lies to one side: they share an error as large as a radius."""
    told = Telling(rng)
    reach = math.exp(rng.uniform(4, 7))
    lean = rng.normal(0, 0.7 * reach, 2)
    for number in range(int(rng.integers(4, 10))):
        knows = bool(rng.random() >= 0.25)
        radius = reach * math.exp(rng.normal(0, 0.5))
        off = lean + rng.normal(0, radius / 1.5 * math.exp(rng.normal(0.4, 0.55)), 2)
        told.pin(f"w{number}", knows, off if knows else _wild(rng, reach), round(radius, 1))
    return told


def astray(rng: np.random.Generator) -> Telling:
    """Radii three times too small, distances a third too short and directions 30° off."""
    told = Telling(rng)
    reach = math.exp(rng.uniform(5, 7))
    knows = _pins(told, int(rng.integers(3, 8)), reach, 0.35, 1.1, 0.6)
    bridge = told.landmark("bridge", 5 * reach)
    for number, right in enumerate(knows):
        if rng.random() < 0.7:
            valid = bool(rng.random() < (0.9 if right else 0.3))
            _from(told, f"w{number}", bridge, valid, short=math.log(1 / 1.5), wander=30.0)
    return told


def rumoured(rng: np.random.Generator) -> Telling:
    """Two or three of five to nine repeat one wrong rumour and nobody knows it; radii two to three times too small."""
    told = Telling(rng)
    reach = math.exp(rng.uniform(4.5, 7))
    _pins(told, int(rng.integers(3, 7)), reach, 0.2, rng.uniform(0.7, 1.1), 0.6)
    source = _wild(rng, reach)
    for number in range(int(rng.integers(2, 4))):
        told.pin(f"r{number}", False, source + rng.normal(0, 0.4 * reach, 2), round(reach, 1))
    return told


LAWS: dict[str, Callable[[np.random.Generator], Telling]] = {
    "pins": pins,
    "relative": relative,
    "hearsay": hearsay,
    "overconfident": overconfident,
    "abroad": abroad,
    "mixed": mixed,
    "walks": walks,
    "strewn": strewn,
    "uneven": uneven,
    "vague": vague,
    "leaning": leaning,
    "astray": astray,
    "rumoured": rumoured,
}
#: Laws under which what the model assumes does not hold.
BROKEN = ("overconfident", "strewn", "uneven", "vague", "leaning", "astray", "rumoured")


def case_of(name: str, seed: int) -> tuple[Statements, tuple[float, float], list[bool]]:
    """Statements under a law, the true place (longitude, latitude) and which statements are right."""
    if name == "worlds":
        return world_of(seed)
    told = LAWS[name](np.random.default_rng([seed, list(LAWS).index(name)]))
    return told.read(), (FRAME.lon, FRAME.lat), told.valid


def world_of(seed: int) -> tuple[Statements, tuple[float, float], list[bool]]:
    """Statements of a made world's witnesses."""
    from geoinv.worlds.plan import make_plan
    from geoinv.worlds.witnesses import testimony_of
    from geoinv.worlds.world import OCEAN

    plan = make_plan(("camp", "county")[seed % 2], seed, slug="w", title="w", at=OCEAN)
    told = testimony_of(plan, seed, 4 + seed % 2)
    frame = plan.blueprint.frame
    valid = [s.id not in told.false for s in told.statements.statements]
    return told.statements, (frame.lon, frame.lat), valid
