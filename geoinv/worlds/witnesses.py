"""What witnesses say: pins and sentences with human errors, who heard it from whom, and what they had been shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import to_lonlat, xy_to_lonlat
from geoinv.records.claims import Claim
from geoinv.records.dates import PartialDate
from geoinv.records.facility import WitnessNote
from geoinv.records.measures import PYEONG_M2, Interval
from geoinv.records.testimony import COMPASS, Landmark, Statement, Statements
from geoinv.worlds.plan import Plan

__all__ = ["WITNESSES", "Pin", "Testimony", "testimony_of"]

Array = NDArray[np.float64]
_SIDES = {
    "N": "north",
    "S": "south",
    "E": "east",
    "W": "west",
    "NE": "north-east",
    "NW": "north-west",
    "SE": "south-east",
}
_SIDES |= {"SW": "south-west"}

#: The cast of every world; the periods lie before, across and after the building that came late.
WITNESSES: dict[str, WitnessNote] = {
    "w1": WitnessNote(
        role="held there (fictional)",
        saw="own cell, corridor, yard",
        stay=PartialDate("2015-10/2016-03"),
        exposure=(),
        consent=("public", "partners"),
    ),
    "w2": WitnessNote(
        role="held there (fictional)",
        saw="most rooms; cleaned the corridor",
        stay=PartialDate("2012~/2013-11"),
        exposure=(),
        consent=("partners",),
    ),
    "w3": WitnessNote(
        role="guard of the outer posts (fictional)",
        saw="the outside only: wall, gate, road",
        stay=PartialDate("2014/2016"),
        exposure=(),
        consent=("public", "partners"),
    ),
    "w4": WitnessNote(
        role="brought food to the gate (fictional)",
        saw="gate and yard; the rest told by w1",
        stay=PartialDate("2016"),
        exposure=(),
        heard_from=("w1",),
        consent=("partners",),
    ),
    "w5": WitnessNote(
        role="held there (fictional)",
        saw="two huts and the block",
        stay=PartialDate("2016-05/2017"),
        exposure=("imagery",),
        consent=("public", "partners"),
    ),
}


@dataclass(frozen=True)
class Pin:
    """A pin set on a map: whose, what it is called, and where (longitude, latitude)."""

    witness: str
    name: str
    lonlat: tuple[float, float]


@dataclass(frozen=True)
class Testimony:
    """All that was said in one world.

    Attributes
    ----------
    statements
        The file ``statements.yaml``.
    claims
        Testable things said beside (one of them in pyeong), kept in the same file.
    pins
        For KML files, by witness.
    forms
        Rows of a KoBo export.
    notes
        What is known of each witness.
    false
        Ids of statements (and numbers of form rows) that are wrong, for scoring.
    """

    statements: Statements
    claims: tuple[Claim, ...]
    pins: tuple[Pin, ...]
    forms: tuple[dict[str, Any], ...]
    notes: dict[str, WitnessNote]
    false: tuple[str, ...]


def _compass(degrees: float, points: int = 16) -> str:
    names = list(COMPASS)[:: 16 // points]
    return names[round((degrees % 360) / (360 / points)) % points]


def _bearing(start: Array, end: Array) -> float:
    return math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])) % 360


class _Speaker:
    """Says things about where a place is; every so often something is wrong."""

    def __init__(self, plan: Plan, rng: np.random.Generator) -> None:
        self.plan, self.rng = plan, rng
        self.home = np.zeros(2)
        self.marks = plan.surroundings.marks
        self.said: list[Statement] = []
        self.false: list[str] = []

    def _point(self, key: str) -> Array:
        geometry = self.marks[key].geometry
        return np.array((geometry if isinstance(geometry, Point) else geometry.centroid).coords[0])

    def _name(self, key: str) -> str:
        return self.marks[key].names[0]

    def _add(self, witness: str, kind: str, wrong: bool, **more: Any) -> None:
        number = f"s{len(self.said) + 1}"
        self.said.append(Statement(id=number, witness=witness, kind=kind, **more))
        if wrong:
            self.false.append(number)

    def _remembered(self, key: str, wrong: bool) -> tuple[float, float]:
        """Direction and distance as remembered: paths are recalled a fifth too short, directions to a compass point."""
        start = self._point(key)
        bearing = _bearing(start, self.home) + float(self.rng.normal(0, 12))
        distance = float(np.hypot(*(self.home - start))) * float(self.rng.lognormal(-0.15, 0.25))
        if wrong:
            bearing, distance = (
                bearing + float(self.rng.uniform(100, 260)),
                distance * float(self.rng.uniform(1.4, 3.0)),
            )
        return bearing, distance

    def distance(self, witness: str, key: str, wrong: bool) -> None:
        bearing, distance = self._remembered(key, wrong)
        low, high = (round(distance * share, -1) for share in (0.8, 1.25))
        direction = _compass(bearing, 8)
        words = f"{_SIDES[direction]} of {self._name(key)}, {low:.0f} to {high:.0f} metres"
        self._add(
            witness, "from", wrong, landmark=key, direction=direction, distance_m=(low, high), by="air", said=words
        )

    def walk(self, witness: str, key: str, wrong: bool, korean: bool = False) -> None:
        bearing, distance = self._remembered(key, wrong)
        minutes = max(1, round(distance * 1.25 / 75))
        direction = _compass(bearing, 8) if self.rng.random() < 0.7 else None
        words = f"about {minutes} minutes on foot from {self._name(key)}"
        if korean:
            words = f"{self.marks[key].names[1]}에서 걸어서 {minutes}분쯤"
        span = (float(max(1, minutes - 1)), float(minutes + 2))
        self._add(witness, "walk", wrong, landmark=key, direction=direction, minutes=span, by="path", said=words)

    def side(self, witness: str, key: str, wrong: bool) -> None:
        line = self.marks[key].geometry
        if not isinstance(line, LineString):
            raise TypeError("only a line has sides")
        foot = line.interpolate(line.project(Point(self.home)))
        bearing = _bearing(np.array((foot.x, foot.y)), self.home) + (180 if wrong else 0)
        side = _compass(bearing, 8)
        self._add(
            witness, "side", wrong, landmark=key, side=side, said=f"on the {_SIDES[side]} side of {self._name(key)}"
        )

    def near(self, witness: str, key: str, wrong: bool) -> None:
        distance = float(self.marks[key].geometry.distance(Point(self.home)))
        said = max(20.0, round(distance * (0.3 if wrong else float(self.rng.uniform(1.0, 1.4))), -1))
        self._add(
            witness,
            "near",
            wrong,
            landmark=key,
            distance_m=said,
            said=f"no more than {said:.0f} metres from {self._name(key)}",
        )

    def between(self, witness: str, first: str, second: str) -> None:
        a, b = self._point(first), self._point(second)
        share = float((self.home - a) @ (b - a)) / float((b - a) @ (b - a))
        words = f"between {self._name(first)} and {self._name(second)}"
        self._add(witness, "between", not 0 < share < 1, landmarks=(first, second), said=words)

    def sees(self, witness: str, key: str) -> None:
        self._add(witness, "sees", False, landmark=key, negated=False, said=f"from the yard you see {self._name(key)}")

    def where(self, spread: float, gross: bool) -> tuple[float, float]:
        """A pin: long-tailed about the truth, or somewhere else altogether."""
        scale = spread * float(self.rng.lognormal(0, 0.4))
        off = self.rng.normal(0, scale, 2)
        if gross:
            turn = self.rng.uniform(0, 2 * math.pi)
            off = off + float(self.rng.uniform(700, 2200)) * np.array((math.cos(turn), math.sin(turn)))
        lon, lat = xy_to_lonlat(self.plan.blueprint.frame, (self.home + off)[None])[0]
        return round(float(lon), 7), round(float(lat), 7)

    def pin(self, witness: str, spread: float, wrong: bool) -> None:
        """A pin with the radius claimed for it, which is too small."""
        radius = max(10.0, round(spread * 1.5 * math.exp(-0.4) * float(self.rng.lognormal(0, 0.3)), -1))
        words = f"within {radius:.0f} metres of here, I am sure"
        self._add(witness, "pin", wrong, point=self.where(spread, wrong), radius_m=radius, said=words)


def testimony_of(plan: Plan, seed: int, witnesses: int) -> Testimony:
    """What is said in a world by its first ``witnesses`` (4 or 5) witnesses; about one statement in four is wrong."""
    rng = np.random.default_rng([seed, 111])
    speaker = _Speaker(plan, rng)
    acts: list[Callable[[bool], None]] = [
        lambda wrong: speaker.distance("w1", "bridge", wrong),
        lambda wrong: speaker.side("w1", "river", wrong),
        lambda wrong: speaker.walk("w2", "crossroads", wrong, korean=True),
        lambda wrong: speaker.side("w2", "road", wrong),
        lambda wrong: speaker.pin("w2", 70.0, wrong),
        lambda wrong: speaker.near("w3", "road", wrong),
        lambda wrong: speaker.distance("w3", "chimney", wrong),
        lambda wrong: speaker.walk("w4", "bridge", wrong),
        lambda wrong: speaker.distance("w4", "crossroads", wrong),
    ]
    if witnesses > 4:
        acts += [lambda wrong: speaker.pin("w5", 45.0, wrong), lambda wrong: speaker.distance("w5", "station", wrong)]
    wrong = set(rng.choice(len(acts), size=round(len(acts) / 4), replace=False).tolist())
    for number, act in enumerate(acts):
        act(number in wrong)
    speaker.between("w3", "bridge", "crossroads")
    speaker.sees("w1", "chimney")
    names = list(WITNESSES)[:witnesses]
    pins = _pins(plan, speaker, names)
    forms, false_rows = _forms(speaker, names)
    landmarks = {
        key: Landmark(
            name=f"{mark.names[0]} / {mark.names[1]}", geometry=to_lonlat(plan.blueprint.frame, _clipped(mark.geometry))
        )
        for key, mark in plan.surroundings.marks.items()
    }
    dependent: list[tuple[str, ...]] = [("w1", "w4")]
    statements = Statements(landmarks=landmarks, statements=tuple(speaker.said), dependent=tuple(dependent))
    claims = _claims(plan, rng)
    return Testimony(
        statements, claims, pins, forms, {name: WITNESSES[name] for name in names}, tuple(speaker.false) + false_rows
    )


def _clipped(geometry: BaseGeometry) -> BaseGeometry:
    """Lines only as far as people there know them, with few points."""
    return (
        geometry.intersection(Point(0, 0).buffer(900)).simplify(2.0) if isinstance(geometry, LineString) else geometry
    )


def _pins(plan: Plan, speaker: _Speaker, names: list[str]) -> tuple[Pin, ...]:
    """Pins of KML files: the place, and one building each of two witnesses."""
    frame = plan.blueprint.frame
    gate = np.array(plan.compound.gates[0][:2])
    kitchen = plan.compound.forms["kitchen"].outline.centroid if "kitchen" in plan.compound.forms else Point(gate)
    near = [(gate, "w3", "gate"), (np.array(kitchen.coords[0]), "w1", "kitchen")]
    titles = {"w1": "The place", "w2": "여기", "w3": "about here", "w4": "somewhere here, I was told", "w5": "here"}
    pins = [Pin(name, titles[name], speaker.where(90.0 if name == "w4" else 55.0, False)) for name in names]
    for spot, witness, title in near:
        lon, lat = xy_to_lonlat(frame, (spot + speaker.rng.normal(0, 14, 2))[None])[0]
        pins.append(Pin(witness, title, (round(float(lon), 7), round(float(lat), 7))))
    return tuple(pins)


def _forms(speaker: _Speaker, names: list[str]) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    """Rows of a KoBo export: one without a position, one far off, precisions that are the phone's."""
    rows: list[dict[str, Any]] = []
    false: list[str] = []
    for number, name in enumerate([*names, "w2", "w3"]):
        empty, gross = number == len(names), number == len(names) + 1
        lon, lat = speaker.where(80.0, gross)
        precision = round(float(speaker.rng.uniform(4, 20)), 1)
        where: dict[str, Any] = {
            "_where_latitude": lat,
            "_where_longitude": lon,
            "_where_altitude": 0,
            "_where_precision": precision,
        }
        if empty:
            where = dict.fromkeys(where, "")
        day = 10 + number
        rows.append(
            {
                "start": f"2026-03-{day}T09:10:04.112+00:00",
                "end": f"2026-03-{day}T09:41:40.870+00:00",
                "deviceid": "simulated-device",
                "witness": name,
                "simulated": "true",
                "question": "Where was the place? Put the pin on it.",
                "where": "" if empty else f"{lat} {lon} 0 {precision}",
                **where,
                "note": "could not find it on the map" if empty else "the phone had poor signal" if gross else "",
                "_id": 5100 + number,
                "_uuid": f"00000000-0000-4000-8000-{5100 + number:012d}",
                "_submission_time": f"2026-03-{day}T10:00:00",
            }
        )
        if gross:
            false.append(f"kobo-export.csv row {number + 2}")
    return tuple(rows), tuple(false)


def _claims(plan: Plan, rng: np.random.Generator) -> tuple[Claim, ...]:
    """Things said that the model can be asked: a cell's size in pyeong, how many cells, what adjoins what."""
    rooms = [room for building in plan.blueprint.buildings for storey in building.storeys for room in storey.rooms]
    cells = [room for room in rooms if room.role == "cell"]
    if not cells:
        return ()
    cell = cells[int(rng.integers(len(cells)))]
    pyeong = max(1.0, round(2 * cell.polygon.area * float(rng.lognormal(0, 0.15)) / PYEONG_M2) / 2)
    people = int(rng.integers(7, 16))
    low, high = (round(pyeong * share * PYEONG_M2, 1) for share in (0.75, 1.25))
    size = Interval(low=low, best=round(pyeong * PYEONG_M2, 1), high=high, unit="m2", said=f"{pyeong:g} pyeong")
    count = len(cells) + int(rng.choice((-1, 0, 0, 0, 1)))
    number = Interval(low=count, best=count, high=count, unit="count", coverage=1.0, said=f"{count} cells")
    return (
        Claim(
            id="q1",
            witness="w2",
            kind="dimension",
            subject=cell.labels[0],
            said_value=size,
            said=f"{pyeong:g}평쯤 되는 방에 {people}명이 있었다",
        ),
        Claim(id="q2", witness="w1", kind="count", subject="cell", said_value=number, said=f"I counted {count} cells"),
        Claim(
            id="q3",
            witness="w1",
            kind="adjacent",
            subject="latrine",
            object=cells[-1].labels[0],
            said="the latrine was beside the last cell",
        ),
    )
