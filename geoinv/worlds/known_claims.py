"""Claims whose truth is known: what somebody who was there would say of a made block, right and wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from geoinv.models.claims_parts import Untestable, adjacent_rooms, named, one_version, rooms_called
from geoinv.models.claims_routes import route
from geoinv.models.solids_walls import preferred_hypothesis
from geoinv.records.blueprint import Blueprint, Room
from geoinv.records.claims import Claim, ClaimKind, Claims
from geoinv.records.measures import Interval
from geoinv.worlds.known_rays import seen_share, sunlit_m2

__all__ = ["CLAIMANT", "KnownClaim", "Meant", "known_claims", "meant_rooms", "on_others"]

#: Somebody who drew nothing and spoke with nobody who did.
CLAIMANT = "w9"
#: How people misjudge a size, a distance or a time that they got right: sd of its logarithm.
_MISJUDGED = 0.12
#: By what factor a wrong one is off.
_WRONG = (1.8, 2.6)

#: Rooms this far apart at most are asked to see each other, metres; seen is what is seen from this share of places.
_SIGHT_M, _GLIMPSE = 8.0, 0.01
#: A patch of sun that is remembered, m²; the sun stands at least so high where somebody says wrongly that it fell in.
_PATCH_M2, _SUN_UP_DEG = 0.1, 5.0


@dataclass(frozen=True)
class KnownClaim:
    """A claim, what is true of it, and the number it is about.

    Attributes
    ----------
    claim
        Its subject and object are labels in the blind model.
    true
        Whether what was said holds in truth.
    value
        The true number, in the claim's unit; 1 or 0 of neighbours.
    """

    claim: Claim
    true: bool
    value: float


@dataclass(frozen=True)
class Meant:
    """A label of the blind model with the true room that a witness means by it."""

    label: str
    room: Room


def meant_rooms(model: Blueprint, truth: Blueprint, drawn: Mapping[str, Sequence[str]]) -> tuple[Meant, ...]:
    """Labels that name one room of a model built from drawings, with the true room drawn under that label.

    Parameters
    ----------
    model, truth
        Built blind; as it is.
    drawn
        ``sketch-file#element-id`` → ids of the true rooms it stands for.
    """
    model = one_version(model, preferred_hypothesis(model))
    known = {room.id: room for building in truth.buildings for storey in building.storeys for room in storey.rooms}
    fitted = [room for building in model.buildings for storey in building.storeys for room in storey.rooms]
    found: dict[str, Meant] = {}
    for room in fitted:
        stands = [name for element in room.drawn for name in drawn.get(element, ()) if name in known]
        for label in room.labels:
            # Under a label a witness means the room that bears the name, else what most drawings of it show.
            bearing = [one for one in known.values() if label in one.labels]
            best = bearing[0] if len(bearing) == 1 else known[max(stands, key=stands.count)] if stands else None
            try:
                unique = named(model, label).part.id == room.id
            except Untestable:
                unique = False
            if best is not None and unique and room.role != "corridor":
                found[label] = Meant(label, best)
                break
    return tuple(found.values())


def known_claims(
    model: Blueprint, truth: Blueprint, drawn: Mapping[str, Sequence[str]], seed: int
) -> tuple[KnownClaim, ...]:
    """A right and a wrong claim of each plane kind about a block, by somebody who knows it; of the ray kinds one each.

    Which of the ray kinds is right takes turns with the seed: each costs as much as all of the plane kinds together.
    """
    rng = np.random.default_rng([seed, 4711])
    rooms = meant_rooms(model, truth, drawn)
    if len(rooms) < 3:
        return ()
    speaker = _Speaker(truth, rooms, rng, _windowed(model))
    kinds: tuple[Callable[[bool], KnownClaim | None], ...] = (
        speaker.size, speaker.heads, speaker.distance, speaker.walk, speaker.count, speaker.beside,
    )  # fmt: skip
    made = [make(wrong) for make in kinds for wrong in (False, True)]
    made += [speaker.sees(wrong=seed % 2 == 0), speaker.sun(wrong=seed % 2 == 1)]
    return tuple(one for one in made if one is not None)


class _Speaker:
    def __init__(
        self, truth: Blueprint, rooms: Sequence[Meant], rng: np.random.Generator, windowed: frozenset[str]
    ) -> None:
        self.truth, self.rooms, self.rng, self.windowed = truth, rooms, rng, windowed
        self.number = 0

    def _two(self) -> tuple[Meant, Meant]:
        first, second = self.rng.choice(len(self.rooms), 2, replace=False)
        return self.rooms[int(first)], self.rooms[int(second)]

    def _said(self, value: float, wrong: bool, unit: str, around: tuple[float, float]) -> Interval:
        said = value * float(self.rng.lognormal(0, _MISJUDGED))
        if wrong:
            factor = float(self.rng.uniform(*_WRONG))
            said *= factor if self.rng.random() < 0.5 else 1 / factor
        low, high = (round(said * share, 2) for share in around)
        return Interval(low=low, best=round(said, 2), high=high, unit=unit)

    def _made(self, kind: ClaimKind, subject: str, said: Interval | None, value: float, **more: object) -> KnownClaim:
        self.number += 1
        fields = {"id": f"q{self.number}", "witness": CLAIMANT, "kind": kind, "subject": subject, "said_value": said}
        claim = Claim.read({**{key: item for key, item in fields.items() if item is not None}, **more})
        true = said.contains(value) if said is not None else value > 0.5
        return KnownClaim(claim, true, value)

    def size(self, wrong: bool) -> KnownClaim:
        room = self._two()[0]
        area = float(room.room.polygon.area)
        return self._made("dimension", room.label, self._said(area, wrong, "m2", (0.75, 1.3)), area)

    def heads(self, wrong: bool) -> KnownClaim:
        room, people = self._two()[0], int(self.rng.integers(4, 20))
        area = float(room.room.polygon.area) / people
        heads = Interval(low=people, best=people, high=people, unit="count")
        said = self._said(area, wrong, "m2", (0.75, 1.3))
        return self._made("area_per_person", room.label, said, area, occupants=heads)

    def distance(self, wrong: bool) -> KnownClaim:
        start, end = self._two()
        metres = float(start.room.polygon.centroid.distance(end.room.polygon.centroid))
        said = self._said(metres, wrong, "m", (0.75, 1.3))
        return self._made("distance", start.label, said, metres, object=end.label)

    def walk(self, wrong: bool) -> KnownClaim | None:
        start, end = self._two()
        try:
            metres = route(self.truth, named(self.truth, start.room.id), named(self.truth, end.room.id)).length_m
        except Untestable:
            return None
        seconds = metres / float(self.rng.uniform(0.8, 1.4))
        said = self._said(seconds, wrong, "s", (0.6, 1.6))
        return self._made("walk_time", start.label, said, seconds, object=end.label)

    def count(self, wrong: bool) -> KnownClaim | None:
        try:
            cells = len(rooms_called(self.truth, "cell"))
        except Untestable:
            return None
        off = int(self.rng.choice((-3, 3))) if wrong else int(self.rng.choice((-1, 0, 0, 1)))
        best = max(1, cells + off)
        said = Interval(low=best - 1, best=best, high=best + 1, unit="count")
        return self._made("count", "cell", said, float(cells))

    def beside(self, wrong: bool) -> KnownClaim | None:
        for _ in range(60):
            start, end = self._two()
            beside = adjacent_rooms(start.room.polygon, end.room.polygon)
            if beside != wrong and start.room.id != end.room.id:
                return self._made("adjacent", start.label, None, float(beside), object=end.label)
        return None

    def sees(self, wrong: bool) -> KnownClaim | None:
        """From one room into another not far off, doors open: whether anything of it can be seen at all."""
        for _ in range(40):
            start, end = self._two()
            if start.room.polygon.distance(end.room.polygon) > _SIGHT_M or start.room.id == end.room.id:
                continue
            share = seen_share(self.truth, start.room, end.room)
            if share == 0 if wrong else share >= _GLIMPSE:
                opened = {"pose": "standing", "hatch": "open"}
                value = float(not wrong)
                return self._made("sees", start.label, None, value, object=end.label, conditions=opened)
        return None

    def sun(self, wrong: bool) -> KnownClaim | None:
        """That the sun fell on a floor at a time of a day, doors shut; wrong where it fell nowhere about then."""
        known = [one for one in self.rooms if one.label in self.windowed]
        rooms = known or list(self.rooms)
        offset = round(self.truth.frame.lon / 7.5) / 2
        for _ in range(80):
            meant = rooms[int(self.rng.integers(len(rooms)))]
            day = date(2015, 1, 1) + timedelta(days=int(self.rng.integers(365)))
            half = int(self.rng.integers(12, 39))  # half hours of the clock, 06:00 to 19:00
            at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=half / 2 - offset)
            if not self._sunlit(meant, at, wrong):
                continue
            said = {"date": day.isoformat(), "time": f"{half // 2:02d}:{half % 2 * 30:02d}", "utc_offset_h": offset}
            shut = {"conditions": {"hatch": "shut"}}
            return self._made("sun_patch", meant.label, None, float(not wrong), **said, **shut)
        return None

    def _sunlit(self, meant: Meant, at: datetime, wrong: bool) -> bool:
        """Whether a moment does for a right claim; for a wrong one, whether the sun is up and lights nothing then."""
        now = sunlit_m2(self.truth, meant.room, at)
        if not wrong:
            return now.least_m2 >= _PATCH_M2
        around = (at + timedelta(minutes=minutes) for minutes in range(-60, 61, 15))
        return now.elevation_deg > _SUN_UP_DEG and all(
            sunlit_m2(self.truth, meant.room, when).most_m2 == 0 for when in around
        )


def _windowed(model: Blueprint) -> frozenset[str]:
    """Labels of the rooms of which a model knows a window."""
    storeys = [storey for building in model.buildings for storey in building.storeys]
    ids = {name for storey in storeys for one in storey.openings if one.kind == "window" for name in one.connects}
    return frozenset(label for storey in storeys for room in storey.rooms if room.id in ids for label in room.labels)


def on_others(claims: Sequence[KnownClaim], labels: Sequence[str], seed: int) -> Claims:
    """Claims about one place said of another: its subjects and objects taken for random rooms there (a placebo)."""
    rng = np.random.default_rng([seed, 815])
    moved = []
    for one in claims:
        first, second = (str(name) for name in rng.choice(np.array(labels, object), 2, replace=False))
        names = {"subject": first} if one.claim.kind != "count" else {}
        moved.append(one.claim.model_copy(update=names | ({"object": second} if one.claim.object else {})))
    return Claims(claims=tuple(moved))
