"""The ray kinds of claim: what was seen from where, and where the sun fell."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError
from geoinv.geometry.sun import sun_position
from geoinv.models.claims_assumed import Setting
from geoinv.models.claims_draws import Draw
from geoinv.models.claims_kinds import Kind, placed
from geoinv.models.claims_parts import Place, Untestable
from geoinv.models.claims_sight import Eyes, Patch, Sighting, Stage, eyes_at
from geoinv.records.blueprint import Blueprint, Opening, Part, Room
from geoinv.records.claims import Claim
from geoinv.records.dates import PartialDate

__all__ = ["SeesTest", "SunTest", "moments"]

Floats = NDArray[np.float64]

#: Models and draws at most.
_COST: dict[str, Any] = {"models": 48, "most": 96, "most_rivals": 96}
#: A patch smaller than this is no patch one remembers, m².
_LEAST_M2 = 0.02
#: Days tried of a date known in part, and minutes between the moments tried of a day.
_DAYS, _STEP_MIN = 9, 15
#: How far about a single time said it may have been, minutes.
_ABOUT_MIN = 30
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})$")


class _Rays(Kind):
    """What the ray kinds share: a stage for each draw, made once and shared by all claims."""

    def stage(self, draw: Draw) -> Stage:
        """The draw's solids, ready for rays."""
        if "stage" not in draw.kept:
            draw.kept["stage"] = Stage(draw)
        found: Stage = draw.kept["stage"]
        return found


class SeesTest(_Rays):
    """``sees``: whether a part is seen from a place, at the eyes' height."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim, yes_or_no=True, needs_interval=False, unit="yes or no", **_COST)
        if claim.conditions.blindfold:
            raise Untestable("the witness was blindfolded")
        if claim.conditions.night:
            raise Untestable("it was night, and what was lit is not known")
        if claim.conditions.obstruction and claim.negated:
            raise Untestable("people stood between, so that not seeing it says nothing of the building")
        self.rivals = "the same model with the eyes, or what was seen, at other places of their sort"
        self.alternatives = (
            ("doors and hatches", "open", {"opened": True}),
            ("doors and hatches", "shut", {"opened": False}),
            ("pose", "sitting", {"eye_m": 0.72}),
            ("pose", "standing on a bunk 0.45 m high", {"eye_m": 1.97}),
        )

    def _ends(self, draw: Draw, setting: Setting | None) -> tuple[Eyes, Place]:
        subject = self.place(draw, self.claim.subject, setting, 0)
        wanted = self.place(draw, self.claim.object, setting, 1)
        viewpoint = self.claim.viewpoint if setting is None or setting.rival is None else None
        return eyes_at(draw.blueprint, subject, viewpoint, draw.number), wanted

    def sighting(self, draw: Draw, setting: Setting, *, moved: bool = True) -> Sighting:
        """What is seen in one drawn model."""
        eyes, wanted = self._ends(draw, setting if moved else None)
        return self.stage(draw).sees(eyes, setting.eye_m, wanted, opened=setting.opened)

    def value(self, draw: Draw, setting: Setting) -> float:
        """1 where it is seen."""
        return float(self.sighting(draw, setting).seen)

    def relied(self, draw: Draw) -> tuple[tuple[Part, tuple[str, ...]], ...]:
        """Both ends, the openings the sight line goes through, and what stands in it."""
        subject, wanted = self.place(draw, self.claim.subject), self.place(draw, self.claim.object)
        eyes, _ = self._ends(draw, None)
        found = self.stage(draw).sees(eyes, 1.52, wanted, opened=self.claim.conditions.hatch == "open")
        return (*placed(subject), *placed(wanted), *_along(draw.blueprint, found))

    def shapes(self, draw: Draw, setting: Setting) -> dict[str, BaseGeometry]:
        """Both ends and the sight line."""
        found = self.sighting(draw, setting, moved=False)
        return super().shapes(draw, setting) | {"sight" if found.seen else "blocked": found.line}


def _along(blueprint: Blueprint, found: Sighting) -> tuple[tuple[Part, tuple[str, ...]], ...]:
    parts: list[tuple[Part, tuple[str, ...]]] = []
    for building in blueprint.buildings:
        if building.outline.intersects(found.line):
            parts.append((building, ("outline",)))
        openings = [one for storey in building.storeys for one in storey.openings]
        parts += [(one, ("at",)) for one in openings if _near(found, one)]
    site = [part for part in blueprint.site.parts() if part.id == found.obstacle]
    return (*parts, *((part, tuple(type(part).shaping)[:1]) for part in site))


def _near(found: Sighting, one: Opening) -> bool:
    return bool(found.line.distance(Point(one.at)) < one.width_m / 2 + 0.2)


class SunTest(_Rays):
    """``sun_patch``: whether, or how much, sun fell on a room's floor at a date and time."""

    def __init__(self, claim: Claim) -> None:
        self.sized = claim.said_value is not None
        super().__init__(claim, yes_or_no=not self.sized, needs_interval=False, unit="m2", **_COST)
        if claim.conditions.blindfold:
            raise Untestable("the witness was blindfolded")
        if claim.said_value is not None and claim.said_value.unit != "m2":
            raise Untestable(f"a patch of sun was said in {claim.said_value.unit}, not in m2")
        moments(claim, 0.0, 0.0)  # a date no calendar has is told before anything is computed
        self.rivals = "the same building turned any way, its room any other room"
        self.alternatives = (
            ("clock", "an hour fast", {"clock_h": 1.0}),
            ("clock", "an hour slow", {"clock_h": -1.0}),
            ("doors and hatches", "open", {"opened": True}),
        )

    def patch(self, draw: Draw, setting: Setting, *, moved: bool = True) -> Patch:
        """The largest patch of the moments said."""
        place = self.place(draw, self.claim.subject, setting if moved else None)
        if not isinstance(place.part, Room) or place.storey is None:
            raise Untestable(f"{place.name} is not a room with a floor")
        openings = {one.id for one in place.storey.openings if place.part.id in one.connects and one.kind == "window"}
        if setting.rival is None and moved and not openings and not self._lets_in(place):
            raise Untestable(f"the model knows no window of {place.name}")
        frame = draw.blueprint.frame
        turn = float(setting.rival.uniform(0, 360)) if setting.rival is not None else 0.0
        towards = _suns(self.claim, frame.lon, frame.lat, setting.clock_h, turn)
        if not len(towards):
            return Patch(0.0, MultiPoint(), 0, 0.1)
        return self.stage(draw).sun(place.ground, place.storey.floor_m, towards, opened=setting.opened)

    @staticmethod
    def _lets_in(place: Place) -> bool:
        storey = place.storey
        return storey is not None and any(
            one.kind in ("window", "gap", "hatch") and place.ground.distance(Point(one.at)) < 1.0
            for one in storey.openings
        )

    def value(self, draw: Draw, setting: Setting) -> float:
        """Its area, m²; 1 or 0 where only a patch at all is asked."""
        area = self.patch(draw, setting).area_m2
        return area if self.sized else float(area >= _LEAST_M2)

    def relied(self, draw: Draw) -> tuple[tuple[Part, tuple[str, ...]], ...]:
        """The room, its windows and the building's outline."""
        place = self.place(draw, self.claim.subject)
        if place.storey is None or place.building is None:
            raise Untestable(f"{place.name} is not a room with a floor")
        near = [one for one in place.storey.openings if place.ground.distance(Point(one.at)) < 1.0]
        windows = [(one, ("at", "width_m", "sill_m", "head_m")) for one in near if one.kind != "door"]
        return (*placed(place), (place.building, ("outline",)), *windows)

    def shapes(self, draw: Draw, setting: Setting) -> dict[str, BaseGeometry]:
        """The room and the patch."""
        found = self.patch(draw, setting, moved=False)
        squares = found.points.buffer(found.step_m / 2, cap_style="square")
        return super().shapes(draw, setting) | {"patch": squares}


def _clock_minutes(text: str) -> int:
    found = _CLOCK.match(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise Untestable(f"“{text}” is a time that no clock has")
    return int(found[1]) * 60 + int(found[2])


def _minutes(said: Sequence[str]) -> range:
    """Minutes of the day that are tried."""
    if not said:
        return range(0, 24 * 60, _STEP_MIN)
    times = [_clock_minutes(text) for text in said]
    low, high = (times[0] - _ABOUT_MIN, times[0] + _ABOUT_MIN) if len(times) == 1 else (times[0], times[-1])
    if high < low:  # over midnight
        high += 24 * 60
    return range(low, high + 1, max(1, min(_STEP_MIN, (high - low) // 4 or 1)))


def _days(said: str | None) -> list[date]:
    """Days that are tried of a date known in part; of more than a year, those of one."""
    if not said:
        return [date(2015, 1, 1) + timedelta(days=round(365 * k / _DAYS)) for k in range(_DAYS)]
    try:
        known = PartialDate(said)
    except FieldError as error:
        raise Untestable(f"“{said}” is a date that no calendar has") from error
    year = known.earliest.year
    if re.match(r"^\d{4}-24", known.text):  # winter lies at either end of its year
        end = date(year, 2, calendar.monthrange(year, 2)[1])
        spans = [(date(year, 1, 1), end), (date(year, 12, 1), date(year, 12, 31))]
    else:
        last = min(known.latest.toordinal(), known.earliest.toordinal() + 365)
        spans = [(known.earliest, date.fromordinal(last))]
    days: list[date] = []
    for first, final in spans:
        count = max(1, _DAYS // len(spans))
        length = (final - first).days
        days += [first + timedelta(days=round(length * k / max(1, count - 1))) for k in range(count if length else 1)]
    return sorted(set(days))


def moments(claim: Claim, lon: float, clock_h: float) -> list[datetime]:
    """The moments at which a claim may have been, in universal time.

    Parameters
    ----------
    claim
        Its date, its times and its clock's offset; of a clock nobody described, mean solar time of the longitude.
    lon
        Degrees east.
    clock_h
        Hours by which the clock is fast.

    Raises
    ------
    Untestable
        If the time is one that no clock has, or the date one that no calendar has.
    """
    offset = (claim.utc_offset_h if claim.utc_offset_h is not None else lon / 15.0) + clock_h
    found = []
    for day in _days(claim.date):
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=offset)
        found += [midnight + timedelta(minutes=minute) for minute in _minutes(claim.time)]
    return found


def _suns(claim: Claim, lon: float, lat: float, clock_h: float, turn_deg: float) -> Floats:
    """Unit vectors towards the sun at every moment at which it is up, shape (n, 3)."""
    suns = [sun_position(lon, lat, when) for when in moments(claim, lon, clock_h)]
    turned = [sun._replace(azimuth=(sun.azimuth + turn_deg) % 360.0) for sun in suns if sun.elevation > 0.3]
    found: Floats = np.array([sun.direction() for sun in turned]).reshape(-1, 3)
    return found
