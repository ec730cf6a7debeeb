"""Claims whose truth is known: what somebody who was there would say of a made block, right and wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geoinv.models.claims_parts import Untestable, adjacent_rooms, named, one_version, rooms_called
from geoinv.models.claims_routes import route
from geoinv.models.solids_walls import preferred_hypothesis
from geoinv.records.blueprint import Blueprint, Room
from geoinv.records.claims import Claim, ClaimKind, Claims
from geoinv.records.measures import Interval

__all__ = ["CLAIMANT", "KnownClaim", "Meant", "known_claims", "meant_rooms", "on_others"]

#: Somebody who drew nothing and spoke with nobody who did.
CLAIMANT = "w9"
#: How people misjudge a size, a distance or a time that they got right: sd of its logarithm.
_MISJUDGED = 0.12
#: By what factor a wrong one is off.
_WRONG = (1.8, 2.6)


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
    """A right and a wrong claim of each plane kind about a block, by somebody who knows it."""
    rng = np.random.default_rng([seed, 4711])
    rooms = meant_rooms(model, truth, drawn)
    if len(rooms) < 3:
        return ()
    speaker = _Speaker(truth, rooms, rng)
    kinds: tuple[Callable[[bool], KnownClaim | None], ...] = (
        speaker.size, speaker.heads, speaker.distance, speaker.walk, speaker.count, speaker.beside,
    )  # fmt: skip
    made = [make(wrong) for make in kinds for wrong in (False, True)]
    return tuple(one for one in made if one is not None)


class _Speaker:
    def __init__(self, truth: Blueprint, rooms: Sequence[Meant], rng: np.random.Generator) -> None:
        self.truth, self.rooms, self.rng = truth, rooms, rng
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


def on_others(claims: Sequence[KnownClaim], labels: Sequence[str], seed: int) -> Claims:
    """Claims about one place said of another: its subjects and objects taken for random rooms there (a placebo)."""
    rng = np.random.default_rng([seed, 815])
    moved = []
    for one in claims:
        first, second = (str(name) for name in rng.choice(np.array(labels, object), 2, replace=False))
        names = {"subject": first} if one.claim.kind != "count" else {}
        moved.append(one.claim.model_copy(update=names | ({"object": second} if one.claim.object else {})))
    return Claims(claims=tuple(moved))
