"""What a test of testimony assumes where nobody said: each with its default, its range and its source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from geoinv.models.claims_draws import interval_value
from geoinv.records.claims import Claim, ClaimKind
from geoinv.records.evidence import Status, weakest
from geoinv.records.measures import Interval

__all__ = [
    "BODY_M2",
    "ELSEWHERE",
    "LEFT_OUT",
    "ORDER_ERROR",
    "PACE",
    "POSES",
    "ROOM_OFF_M",
    "STANDARDS",
    "Setting",
    "assumed",
    "best_setting",
    "drawn_setting",
    "left_out_of",
]

#: Share of a person's stature at which the eyes are, by pose, standing 0.936 (Drillis & Contini 1966); of the others
#: what a body of those segments gives. Statures 1.50–1.75 m (assumed).
POSES: dict[str, Interval] = {
    "standing": Interval(low=1.40, best=1.52, high=1.64),
    "kneeling": Interval(low=1.02, best=1.13, high=1.24),
    "sitting": Interval(low=0.63, best=0.72, high=0.81),
    "lying": Interval(low=0.05, best=0.15, high=0.30),
}
#: Pace on the level, m/s: 1.25, marginalised over 0.5–1.5 for age, load, escort and snow.
PACE = (0.5, 1.25, 1.5)
#: Pace on stairs as a share of that on the level: about half (Fruin, Pedestrian Planning and Design, 1971).
STAIRS = 0.5
#: Least floor that a standing body takes up, m²: from the densest crowds seen to Fruin's body ellipse (1971).
BODY_M2 = (0.14, 0.21)
#: How often a room drawn from memory is one place off in its row, by how the room's shape is known. Measured, as are
#: the next two, on 791 rooms fitted in 36 practice worlds (seeds 310–345), held to the truth: 631 corroborated, 77
#: attested, 83 contested. Observed, inferred and conjectural ones are not among them: assumed.
ORDER_ERROR: dict[Status, float] = {
    Status.OBSERVED: 0.0, Status.CORROBORATED: 0.03, Status.ATTESTED: 0.03,
    Status.CONTESTED: 0.03, Status.INFERRED: 0.03, Status.CONJECTURAL: 0.03,
}  # fmt: skip
#: How often it is not there at all but somewhere else in its building: another row, the other end, another room's name.
ELSEWHERE: dict[Status, float] = {
    Status.OBSERVED: 0.0, Status.CORROBORATED: 0.016, Status.ATTESTED: 0.19,
    Status.CONTESTED: 0.37, Status.INFERRED: 0.37, Status.CONJECTURAL: 0.37,
}  # fmt: skip
#: How far off a room's middle is besides what bending its building does, metres (standard deviation towards any other
#: room): what is left of the error of distances between rooms, the middle 68 % of it, once that is taken out.
ROOM_OFF_M: dict[Status, float] = {
    Status.OBSERVED: 0.0, Status.CORROBORATED: 0.44, Status.ATTESTED: 1.5,
    Status.CONTESTED: 1.5, Status.INFERRED: 1.5, Status.CONJECTURAL: 1.5,
}  # fmt: skip
#: How often what holds in no draw is true all the same, because of what no draw has: a pane or a door that nobody drew.
#: Measured on 29 practice worlds (seeds 510–522, 524–539): of accounts of sight 10 of 99 right ones and 36 of 116 wrong
#: ones held in no draw, and .117 of rivals pass: .101 × .117 against .310 × .883. Of other kinds what no draw bears out
#: is wrong as often as is promised.
LEFT_OUT: dict[ClaimKind, float] = {"sees": 0.04}

#: Printed with every area per person; none of them is a pass mark.
STANDARDS: tuple[str, ...] = (
    "CPT/Inf(2015)44: 6 m² of living space in a single cell and 4 m² a head in a shared one, sanitary annexe excluded, "
    "at least 2 m between walls and 2.5 m between floor and ceiling.",
    "ICRC: 3.4 m² a head in a dormitory, 5.4 m² in a single cell.",
    "Mandela Rules 13, 14, 43 and 44: sleeping places with due regard to floor space, air, heat and light; no "
    "prolonged solitary confinement.",
    "The ICRC's old emergency figure of 2 m² was misread as permission: it is never a pass mark, and neither is any "
    "figure here.",
)


@dataclass(frozen=True)
class Setting:
    """The parameters of one draw, besides the model itself.

    Attributes
    ----------
    eye_m
        Eyes above what the witness is on, bunk included.
    pace_m_s, stairs
        On the level; share of it on stairs.
    opened
        Whether doors, hatches and gates in sight lines stand open.
    clock_h
        Hours by which the clock is off what is assumed of it.
    occupants, body_m2
        People in the room; least floor a body takes.
    moved
        Uniform numbers that decide whether the rooms at both ends are one place off, or elsewhere.
    off
        Standard normal scores of how far off each end is.
    number
        Standard normal score of how many there are, of what is counted.
    rival
        Draws a rival model's changes; ``None`` of the model itself.
    """

    eye_m: float
    pace_m_s: float = PACE[1]
    stairs: float = STAIRS
    opened: bool = False
    clock_h: float = 0.0
    occupants: float | None = None
    body_m2: float = BODY_M2[1]
    moved: tuple[float, float] = (1.0, 1.0)
    off: tuple[float, float] = (0.0, 0.0)
    number: float = 0.0
    rival: np.random.Generator | None = None


def left_out_of(kind: ClaimKind, known: Iterable[Status]) -> float:
    """How often a claim of a kind is true though no draw bears it out; never where all it rests on was observed.

    Parameters
    ----------
    kind
        Of the claim.
    known
        How each part that its test rests on is known.
    """
    return 0.0 if weakest(known) is Status.OBSERVED else LEFT_OUT.get(kind, 0.0)


def _eye(claim: Claim) -> Interval:
    return claim.conditions.eye_height_m or POSES[claim.conditions.pose]


def _people(claim: Claim) -> Interval | None:
    said = claim.said_value
    return claim.occupants or (said if said is not None and said.unit == "count" else None)


def best_setting(claim: Claim) -> Setting:
    """Every parameter at its best value."""
    conditions, people = claim.conditions, _people(claim)
    pace = conditions.pace_m_s.best if conditions.pace_m_s else PACE[1]
    return Setting(
        eye_m=_eye(claim).best + conditions.standing_on_m,
        pace_m_s=pace,
        opened=conditions.hatch == "open",
        occupants=people.best if people else None,
    )


def drawn_setting(claim: Claim, rng: np.random.Generator) -> Setting:
    """Every parameter drawn from its range."""
    conditions, people = claim.conditions, _people(claim)
    scores = rng.standard_normal(3)
    pace = float(rng.triangular(*PACE))
    given = conditions.pace_m_s
    return replace(
        best_setting(claim),
        eye_m=interval_value(_eye(claim), float(scores[0])) + conditions.standing_on_m,
        pace_m_s=max(0.1, interval_value(given, float(scores[1]))) if given else pace,
        opened=conditions.hatch == "open" if conditions.hatch else bool(rng.random() < 0.5),
        clock_h=0.0 if claim.utc_offset_h is not None else float(rng.uniform(-1, 1)),
        occupants=max(1.0, round(interval_value(people, float(scores[2])))) if people else None,
        body_m2=float(rng.uniform(*BODY_M2)),
        moved=(float(rng.random()), float(rng.random())),
        off=(float(rng.standard_normal()), float(rng.standard_normal())),
        number=float(rng.standard_normal()),
    )


def assumed(claim: Claim) -> dict[str, str]:
    """The parameters that bear on a claim's kind, in words with their sources."""
    conditions = claim.conditions
    found: dict[str, str] = {}
    if claim.kind == "sees":
        eye = _eye(claim)
        source = "as said" if conditions.eye_height_m else "0.936 of stature standing, Drillis & Contini 1966"
        found["eyes"] = f"{eye.best:g} m ({eye.low:g} to {eye.high:g}) above the floor, {conditions.pose}; {source}"
        if conditions.standing_on_m:
            found["standing on"] = f"{conditions.standing_on_m:g} m, as said"
    if claim.kind in ("sees", "sun_patch"):
        state = f"{conditions.hatch}, as said" if conditions.hatch else "not said: open and shut each in half the draws"
        found["doors and hatches"] = state
    if claim.kind == "walk_time":
        pace = conditions.pace_m_s
        found["pace"] = (
            f"{pace.best:g} m/s ({pace.low:g} to {pace.high:g}), as said"
            if pace
            else "1.25 m/s, marginalised over 0.5 to 1.5 (age, load, escort, snow)"
        )
        found["stairs"] = "at half that pace along the slope (Fruin 1971)"
        found["way"] = "the shortest on foot, every door and gate on it passable"
    if claim.kind == "sun_patch":
        found["clock"] = (
            f"UTC{claim.utc_offset_h:+g} h, as said"
            if claim.utc_offset_h is not None
            else "mean solar time of the place, within an hour"
        )
        found["sky"] = "clear: clouds can keep the sun out on any day"
    if claim.kind == "area_per_person" and claim.said_value is not None and claim.said_value.unit == "count":
        found["floor a body takes"] = "0.14 to 0.21 m² standing (densest crowds; Fruin 1971): what is possible at all"
    return found
