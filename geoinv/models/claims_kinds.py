"""The plane kinds of claim, each as a number or yes-or-no of a drawn model: sizes, counts, distances, neighbours.

The ray kinds are in :mod:`geoinv.models.claims_rays`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPoint
from shapely.geometry.base import BaseGeometry

from geoinv.models.claims_assumed import ELSEWHERE, ORDER_ERROR, ROOM_OFF_M, STANDARDS, Setting
from geoinv.models.claims_draws import Draw, interval_value
from geoinv.models.claims_parts import Place, Untestable, adjacent_rooms, named, places, rooms_called
from geoinv.models.claims_routes import Route, Ways
from geoinv.records.blueprint import Building, Opening, Part, PerimeterWall, Room, Stair, Storey
from geoinv.records.claims import Claim
from geoinv.records.measures import Interval

__all__ = [
    "AdjacentTest",
    "AreaTest",
    "CountTest",
    "DimensionTest",
    "DistanceTest",
    "Kind",
    "Test",
    "WalkTest",
    "placed",
]

#: What rival rooms measure: sides, areas, heights and counts as lognormal shares of the model's. Areas of two rooms of
#: made blocks differ by 0.49 (sd of the logarithm; 264 rooms, seeds 400–411), sides by 0.71 of that; counts of cells
#: are set so that as many rivals pass as other blocks do (0.34 there). Wider laws, with punishment cells of 0.66 m² and
#: chambers of 30 m² among them, would flatter the power.
_SIDE_SD, _AREA_SD, _SMALL_SD, _COUNT_SD = 0.35, 0.50, 0.25, 0.30
_DEPENDS = {
    "area": "polygon", "length": "polygon", "width": "polygon", "height": "height_m", "thickness": "thickness_m",
    "sill": "sill_m", "steps": "rise_m",
}  # fmt: skip


class Test(Protocol):
    """What every kind of claim gives.

    Attributes
    ----------
    yes_or_no, unit
        Whether it answers yes or no; else the unit of its number.
    rivals
        Which rival models it draws, in words.
    alternatives
        Assumption, what it could be otherwise, and the settings (or the claim's fields) that say so.
    models, most, most_rivals
        How many models are drawn at most, how many draws of models and settings together, and of rivals.
    needs_interval
        Whether an interval must have been said.
    caveats
        What is printed with its number.
    """

    claim: Claim
    yes_or_no: bool
    unit: str
    rivals: str
    alternatives: Sequence[tuple[str, str, Mapping[str, Any]]]
    models: int
    most: int
    most_rivals: int
    needs_interval: bool
    caveats: Sequence[str]

    def value(self, draw: Draw, setting: Setting) -> float:
        """The number in one drawn model; 1 or 0 of a yes-or-no."""

    def relied(self, draw: Draw) -> tuple[tuple[Part, tuple[str, ...]], ...]:
        """The parts that the number rests on, each with the properties used."""

    def shapes(self, draw: Draw, setting: Setting) -> dict[str, BaseGeometry]:
        """What a figure draws."""


@dataclass
class Kind:
    """What the kinds share: finding places in a draw, and putting rivals' in their stead."""

    claim: Claim
    yes_or_no: bool = False
    needs_interval: bool = True
    unit: str = "m"
    rivals: str = ""
    alternatives: Sequence[tuple[str, str, Mapping[str, Any]]] = ()
    models: int = 400
    most: int = 400
    most_rivals: int = 400
    caveats: Sequence[str] = ()
    _ids: dict[tuple[str | None, str], str] = field(default_factory=dict, repr=False)

    def place(self, draw: Draw, wanted: str | None, setting: Setting | None = None, turn: int = 0) -> Place:
        """The part a word means in a draw; in a rival model another one that could be meant."""
        if wanted is None:
            raise Untestable("what it is about is only half said: the other end is missing")
        key = (draw.hypothesis, wanted)
        if key not in self._ids:
            self._ids[key] = named(draw.blueprint, wanted).part.id
        found = next(place for place in places(draw.blueprint) if place.part.id == self._ids[key])
        if setting is None:
            return found
        if setting.rival is not None:
            return _another(draw, found, setting.rival)
        return _misplaced(draw, found, setting.moved[turn])

    def sized_place(self, draw: Draw, setting: Setting) -> Place:
        """The part whose size is asked; as often as a room is somewhere else altogether, it has another's size."""
        place = self.place(draw, self.claim.subject)
        return place if setting.rival is not None else _misplaced(draw, place, setting.moved[0], swapped=False)

    def ends(self, draw: Draw, setting: Setting | None) -> tuple[Place, Place]:
        """Both ends of what is claimed; where one is taken for the other, the other is where that one was."""
        names = (self.claim.subject, self.claim.object)
        start, end = (self.place(draw, name, setting, turn) for turn, name in enumerate(names))
        if setting is None or setting.rival is not None or start.part.id != end.part.id:
            return start, end
        first, second = (self.place(draw, name) for name in names)
        return (start, first) if start.part.id == second.part.id else (second, end)

    def way(self, draw: Draw, start: Place, end: Place) -> Route:
        """The shortest way on foot, found once for each draw and pair of ends."""
        if "ways" not in draw.kept:
            draw.kept["ways"] = Ways(draw.blueprint)
        ways: Ways = draw.kept["ways"]
        return ways.route(start, end)

    def shapes(self, draw: Draw, setting: Setting) -> dict[str, BaseGeometry]:
        """The parts it is about."""
        subject = self.place(draw, self.claim.subject)
        found = {"from": subject.ground}
        if self.claim.object:
            found["to"] = self.place(draw, self.claim.object).ground
        return found


def _alike(draw: Draw, place: Place) -> list[Place]:
    """Parts that a rival model could have in a place's stead: any room for a room, else any of its sort."""
    sort = type(place.part)
    found = [one for one in places(draw.blueprint) if type(one.part) is sort]
    if isinstance(place.part, Room) and place.part.role != "corridor":
        found = [one for one in found if isinstance(one.part, Room) and one.part.role != "corridor"]
    return found


def _another(draw: Draw, place: Place, rng: np.random.Generator) -> Place:
    found = _alike(draw, place)
    return found[int(rng.integers(len(found)))]


def _misplaced(draw: Draw, place: Place, chance: float, *, swapped: bool = True) -> Place:
    """The place itself, or another as often as rooms drawn from memory are elsewhere, (if ``swapped``) one off."""
    part = place.part
    if not isinstance(part, Room) or part.role == "corridor":
        return place
    elsewhere, order = (table[part.evidence["polygon"].status] for table in (ELSEWHERE, ORDER_ERROR))
    if chance >= elsewhere + order * swapped:
        return place
    others = [one for one in _alike(draw, place) if one.part.id != part.id and _together(one, place)]
    share = chance / elsewhere if chance < elsewhere else (chance - elsewhere) / order
    if chance >= elsewhere:
        others = [one for one in others if adjacent_rooms(one.ground, place.ground)]
    return others[min(int(share * len(others)), len(others) - 1)] if others else place


def _together(one: Place, other: Place) -> bool:
    return one.storey is not None and other.storey is not None and one.storey.id == other.storey.id


def _off_m(ends: Sequence[Place], setting: Setting) -> float:
    """By how much the way between two places is longer or shorter, their middles being off."""
    if setting.rival is not None:
        return 0.0
    return sum(
        score * ROOM_OFF_M[place.part.evidence["polygon"].status]
        for place, score in zip(ends, setting.off, strict=True)
        if isinstance(place.part, Room) and place.part.role != "corridor"
    )


def placed(place: Place) -> tuple[tuple[Part, tuple[str, ...]], ...]:
    """A part with the property that says where it is; of a room also its building's outline."""
    part = place.part
    names = tuple(name for name in ("polygon", "outline", "line", "at") if name in part.evidence)
    return ((part, names or tuple(type(part).shaping)),)


class DimensionTest(Kind):
    """``dimension``: a length, width, height, area, thickness, sill or number of steps of one part."""

    def __init__(self, claim: Claim) -> None:
        unit = claim.said_value.unit if claim.said_value else "m"
        super().__init__(claim, unit=unit)
        self.measure = claim.measure or ("area" if unit == "m2" else None)
        if self.measure is None:
            raise Untestable("which dimension is meant is not said: length, width or height")
        if self.measure not in _DEPENDS:
            raise Untestable(f"“{self.measure}” is no dimension that a model has")
        wanted = {"area": "m2", "steps": "count"}.get(self.measure, "m")
        if claim.said_value and unit != wanted:
            raise Untestable(f"the {self.measure} was said in {unit}, not in {wanted}")
        self.rivals = (
            "the same part in plausible rival models: its "
            f"{self.measure} redrawn from what such parts measure (lognormal about the model's, sd "
            f"{self._rival_sd():.2f}), over the blueprint's intervals and rival hypotheses"
        )

    def _rival_sd(self) -> float:
        return _AREA_SD if self.measure == "area" else _SIDE_SD if self.measure in ("length", "width") else _SMALL_SD

    def value(self, draw: Draw, setting: Setting) -> float:
        """The dimension, in the claim's unit."""
        found = _size(self.sized_place(draw, setting), str(self.measure))
        if setting.rival is not None:
            found *= float(np.exp(setting.rival.normal(0, self._rival_sd())))
        return found

    def relied(self, draw: Draw) -> tuple[tuple[Part, tuple[str, ...]], ...]:
        """The part, by what is measured of it; a room's height is its storey's."""
        place = self.place(draw, self.claim.subject)
        name = _DEPENDS[str(self.measure)]
        if isinstance(place.part, Room) and self.measure == "height" and place.storey is not None:
            return ((place.storey, ("height_m",)), *placed(place))
        used = name if name in place.part.evidence else next(iter(type(place.part).shaping))
        if isinstance(place.part, Opening):
            used = {"width": "width_m", "height": "head_m", "sill": "sill_m"}.get(str(self.measure), used)
        return ((place.part, (used,)),)


def _size(place: Place, measure: str) -> float:
    part = place.part
    if measure in ("area", "length", "width") and isinstance(part, Room | Building):
        shape = place.ground
        if measure == "area":
            return float(shape.area)
        corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))[:3]
        sides = np.hypot(*np.diff(corners, axis=0).T)
        return float(sides.max() if measure == "length" else sides.min())
    given: dict[tuple[type, str], Any] = {
        (Room, "height"): lambda: place.storey.height_m if place.storey else None,
        (Storey, "height"): lambda: getattr(part, "height_m", None),
        (Opening, "height"): lambda: getattr(part, "head_m", 0.0) - getattr(part, "sill_m", 0.0),
        (Opening, "sill"): lambda: getattr(part, "sill_m", None),
        (PerimeterWall, "length"): lambda: place.ground.length,
        (Stair, "height"): lambda: getattr(part, "rise_m", None),
        (Stair, "length"): lambda: place.ground.length,
        (Stair, "steps"): lambda: getattr(part, "steps", None),
        (Building, "height"): lambda: _eaves(part),
    }
    ask = given.get((type(part), measure)) or (lambda: getattr(part, f"{measure}_m", None))
    value = ask()
    if value is None:
        raise Untestable(f"the model has no {measure} of {place.name}")
    return float(value)


def _eaves(part: Part) -> float | None:
    return max((s.floor_m + s.height_m for s in part.storeys), default=None) if isinstance(part, Building) else None


class CountTest(Kind):
    """``count``: rooms of a role, the longest row of them, or doors or turns on the way between two parts."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim, unit="count")
        self.counted = claim.counted or ("doors" if claim.object else "rooms")
        if claim.said_value and claim.said_value.unit != "count":
            raise Untestable(f"a count was said in {claim.said_value.unit}")
        self.walks = self.counted in ("doors", "turns")
        if self.walks:
            self.models, self.most, self.most_rivals = 16, 64, 64
            self.rivals = "the same building with other rooms at both ends of the way"
        else:
            self.rivals = (
                f"buildings like it with other numbers of rooms (lognormal about the model's, sd {_COUNT_SD:.2f}), "
                "over the blueprint's rival hypotheses"
            )

    def value(self, draw: Draw, setting: Setting) -> float:
        """How many."""
        if self.walks:
            start, end = self.ends(draw, setting)
            way = self.way(draw, start, end)
            doors = {one.part.id for one in places(draw.blueprint) if isinstance(one.part, Opening)}
            return float(sum(name in doors for name in way.through) if self.counted == "doors" else way.turns)
        rooms = rooms_called(draw.blueprint, self.claim.subject)
        count = float(_longest_row(rooms) if self.counted == "row" else len(rooms))
        known = _known_count(rooms)
        if known is not None and self.counted == "rooms" and setting.rival is None:
            interval, others = known
            count = max(0.0, float(np.round(interval_value(interval, setting.number))) - others)
        if setting.rival is not None:
            count = max(0.0, float(np.round(count * np.exp(setting.rival.normal(0, _COUNT_SD)))))
        return count

    def relied(self, draw: Draw) -> tuple[tuple[Part, tuple[str, ...]], ...]:
        """The rooms counted, or both ends and what is passed."""
        if not self.walks:
            return tuple((room.part, ("polygon",)) for room in rooms_called(draw.blueprint, self.claim.subject))
        start, end = self.place(draw, self.claim.subject), self.place(draw, self.claim.object)
        return (*placed(start), *placed(end), *_passed(draw, self.way(draw, start, end)))

    def shapes(self, draw: Draw, setting: Setting) -> dict[str, BaseGeometry]:
        """The rooms counted, or the way."""
        if self.walks:
            ends = [self.place(draw, name) for name in (self.claim.subject, self.claim.object)]
            return {"from": ends[0].ground, "to": ends[1].ground, "route": self.way(draw, *ends).line}
        return {"from": shapely.union_all([room.ground for room in rooms_called(draw.blueprint, self.claim.subject)])}


def _known_count(rooms: Sequence[Place]) -> tuple[Interval, int] | None:
    """How many cells of every kind there were, and how many of them are not counted here.

    Where the storey says so and it is cells that are counted: it counts punishment cells among them.
    """
    storeys = {room.storey.id: room.storey for room in rooms if room.storey is not None}
    if len(storeys) != 1 or not all(isinstance(room.part, Room) and room.part.role == "cell" for room in rooms):
        return None
    storey = next(iter(storeys.values()))
    evidence = storey.evidence.get("cell_count")
    if evidence is None or evidence.interval is None:
        return None
    return evidence.interval, sum("cell" in room.role and room.role != "cell" for room in storey.rooms)


def _longest_row(rooms: Sequence[Place]) -> int:
    """Most rooms that hang together wall to wall."""
    left, longest = list(rooms), 0
    while left:
        row, edge = 0, [left.pop()]
        while edge:
            here = edge.pop()
            row += 1
            touching = [one for one in left if adjacent_rooms(one.ground, here.ground)]
            left = [one for one in left if one not in touching]
            edge += touching
        longest = max(longest, row)
    return longest


def _passed(draw: Draw, way: Route) -> tuple[tuple[Part, tuple[str, ...]], ...]:
    known = {one.part.id: one.part for one in places(draw.blueprint)}
    return tuple(
        (known[name], ("at",) if isinstance(known[name], Opening) else ("line",))
        for name in way.through
        if name in known
    )


class AreaTest(Kind):
    """``area_per_person``: floor a head; of a number of people alone, whether they could have stood there at all."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim, unit="m2", caveats=STANDARDS)
        said = claim.said_value
        self.possible = said is not None and said.unit == "count"
        self.needs_interval = not self.possible
        self.yes_or_no = self.possible
        if claim.occupants is None and not self.possible:
            raise Untestable("how many people were in the room is not said")
        self.rivals = (
            f"rooms of other sizes (lognormal about the model's, sd {_AREA_SD:.2f}) with as many people in them, over "
            "the blueprint's intervals and rival hypotheses"
        )

    def floor(self, draw: Draw, setting: Setting) -> float:
        """Floor a head, m²; the ground of a latrine inside the room is left out."""
        place = self.sized_place(draw, setting)
        if not isinstance(place.part, Room):
            raise Untestable(f"{place.name} is not a room")
        taken = [
            one.size_m[0] * one.size_m[1]
            for one in (place.storey.fixtures if place.storey else ())
            if one.room == place.part.id and one.kind == "latrine"
        ]
        area = max(0.0, place.ground.area - sum(taken)) / (setting.occupants or 1.0)
        if setting.rival is not None:
            area *= float(np.exp(setting.rival.normal(0, _AREA_SD)))
        return float(area)

    def value(self, draw: Draw, setting: Setting) -> float:
        """Floor a head; 1 or 0 where only what is possible is asked."""
        area = self.floor(draw, setting)
        return float(area >= setting.body_m2) if self.possible else area

    def relied(self, draw: Draw) -> tuple[tuple[Part, tuple[str, ...]], ...]:
        """The room."""
        return ((self.place(draw, self.claim.subject).part, ("polygon",)),)


class DistanceTest(Kind):
    """``distance``: between two parts, by air or on foot."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim)
        if claim.said_value and claim.said_value.unit != "m":
            raise Untestable(f"a distance was said in {claim.said_value.unit}, not in m")
        self.by_path = claim.by == "path"
        if self.by_path:
            self.models, self.most, self.most_rivals = 16, 64, 64
        self.rivals = "the same model with other parts of their sort at both ends"
        other = "middles" if claim.ends == "edges" else "edges"
        if not self.by_path:
            self.alternatives = (("distance between middles or edges", f"between {other}", {"ends": other}),)

    def value(self, draw: Draw, setting: Setting) -> float:
        """Metres."""
        start, end = self.ends(draw, setting)
        if self.by_path:
            return max(0.0, self.way(draw, start, end).length_m + _off_m((start, end), setting))
        one, other = start.ground, end.ground
        away = one.distance(other) if self.claim.ends == "edges" else one.centroid.distance(other.centroid)
        return max(0.0, float(away) + _off_m((start, end), setting))

    def relied(self, draw: Draw) -> tuple[tuple[Part, tuple[str, ...]], ...]:
        """Both ends, and what is passed on foot."""
        start, end = self.place(draw, self.claim.subject), self.place(draw, self.claim.object)
        passed = _passed(draw, self.way(draw, start, end)) if self.by_path else ()
        return (*placed(start), *placed(end), *passed)

    def shapes(self, draw: Draw, setting: Setting) -> dict[str, BaseGeometry]:
        """Both ends and the line between them."""
        start, end = self.place(draw, self.claim.subject), self.place(draw, self.claim.object)
        found = {"from": start.ground, "to": end.ground}
        if self.by_path:
            return found | {"route": self.way(draw, start, end).line}
        return found | {"sight": LineString([start.ground.centroid, end.ground.centroid])}


class WalkTest(Kind):
    """``walk_time``: minutes on foot between two parts."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim, unit=claim.said_value.unit if claim.said_value else "min", models=16, most_rivals=64)
        if self.unit not in ("min", "s"):
            raise Untestable(f"a walk was said in {self.unit}, not in min or s")
        self.rivals = "the same model with other parts of their sort at both ends of the way, at any pace"
        self.alternatives = (
            ("pace", "0.5 m/s, led or ill", {"pace_m_s": 0.5}),
            ("pace", "1.5 m/s, brisk", {"pace_m_s": 1.5}),
        )

    def value(self, draw: Draw, setting: Setting) -> float:
        """Minutes, or seconds where seconds were said."""
        start, end = self.ends(draw, setting)
        way = self.way(draw, start, end)
        level = max(0.0, way.length_m - way.stairs_m + _off_m((start, end), setting))
        seconds = (level + way.stairs_m / setting.stairs) / setting.pace_m_s
        return seconds if self.unit == "s" else seconds / 60

    def relied(self, draw: Draw) -> tuple[tuple[Part, tuple[str, ...]], ...]:
        """Both ends and what is passed."""
        start, end = self.place(draw, self.claim.subject), self.place(draw, self.claim.object)
        return (*placed(start), *placed(end), *_passed(draw, self.way(draw, start, end)))

    def shapes(self, draw: Draw, setting: Setting) -> dict[str, BaseGeometry]:
        """Both ends and the way."""
        start, end = self.place(draw, self.claim.subject), self.place(draw, self.claim.object)
        way = self.way(draw, start, end)
        line = way.line
        return {"from": start.ground, "to": end.ground, "route": line, "steps": MultiPoint(list(line.coords))}


class AdjacentTest(Kind):
    """``adjacent``: whether two rooms share a wall."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim, yes_or_no=True, needs_interval=False, unit="yes or no")
        self.rivals = "the same building with its rooms in another order"

    def value(self, draw: Draw, setting: Setting) -> float:
        """1 where they do."""
        start, end = self.ends(draw, setting)
        if start.part.id == end.part.id and setting.rival is not None:
            return 0.0
        if not (isinstance(start.part, Room) and isinstance(end.part, Room)):
            raise Untestable("only rooms are tested for being next to each other")
        return float(adjacent_rooms(start.ground, end.ground))

    def relied(self, draw: Draw) -> tuple[tuple[Part, tuple[str, ...]], ...]:
        """Both rooms."""
        return (*placed(self.place(draw, self.claim.subject)), *placed(self.place(draw, self.claim.object)))
