"""A scene of which date would help most next: the one that halves most of what is not known of when buildings came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from geoinv.records.asks import Ask
from geoinv.records.dates import PartialDate
from geoinv.records.footprints import Footprint
from geoinv.records.measures import Interval

__all__ = ["ask_for_scene"]

#: Brackets shorter than this need no scene, years.
_SHORT = 0.5
_UNSURE = "cannot be said whether it stands"


def ask_for_scene(
    footprints: Sequence[Footprint], scenes: Sequence[PartialDate], stays: Sequence[PartialDate]
) -> Ask | None:
    """The date of a scene that would shrink most of the brackets within which buildings came to stand.

    A building not standing yet on one scene came between it and the next; one that stands on the first scene may have
    come since the first witness was there. Each date within a bracket is held as likely as any other.

    Parameters
    ----------
    footprints
        Of one facility.
    scenes
        When those at hand were taken.
    stays
        When witnesses were there.
    """
    dates = sorted(_year(one.earliest) for one in scenes if one.known)
    if not dates:
        return None
    since = min((_year(one.earliest) for one in stays if one.known), default=dates[0])
    buildings = [one for one in footprints if one.role in ("building", "tower")]
    brackets = [bracket for one in buildings if (bracket := _bracket(one, dates, since)) is not None]
    if not brackets:
        return None
    judged = 1 - sum(any(_UNSURE in warning for warning in one.warnings) for one in buildings) / len(buildings)
    lows, highs = np.array(brackets).T
    tried = np.unique(np.round(np.concatenate([np.linspace(low, high, 9)[1:-1] for low, high in brackets]), 1))
    gains = [_gain(float(when), lows, highs) * judged for when in tried]
    best, whole = int(np.argmax(gains)), float((highs - lows).sum())
    when, mean = float(tried[best]), whole / len(brackets)
    shrinks = gains[best] / whole
    after = mean * (1 - shrinks)
    inside = int(((lows < when) & (when < highs)).sum())
    record = tuple(dict.fromkeys(one.text for one in scenes if one.known))
    return Ask(
        kind="scene", about="when buildings came", date=f"{int(when)}",
        now=Interval(low=0.0, best=round(mean, 2), high=round(mean, 2), unit="years"), after=round(after, 2),
        shrinks=round(shrinks, 3), on_record=record, worth=round(shrinks, 3),
        sentence={
            "en": f"On record: scenes of {', '.join(record)}. Get a scene of about {int(when)}: when {inside} of "
            f"{len(buildings)} buildings came to stand is known within {mean:.1f} years on average, and should "
            f"be within {after:.1f} (−{shrinks:.0%}).",
            "ko": f"기록: {', '.join(record)} 영상. {int(when)}년 무렵의 영상 구하기: "
            f"건물 {len(buildings)}채 가운데 {inside}채가 들어선 "
            f"때의 폭이 평균 {mean:.1f}년에서 {after:.1f}년으로 줄어들 것으로 예상(−{shrinks:.0%}).",
        },
    )  # fmt: skip


def _year(when: date) -> float:
    return when.year + (when.timetuple().tm_yday - 1) / 365.25


def _bracket(one: Footprint, dates: Sequence[float], since: float) -> tuple[float, float] | None:
    """Between which years a building came to stand, where that is not known well enough."""
    if one.not_before is None:
        low, high = since, dates[0]
    else:
        low = _year(one.not_before.earliest)
        high = next((when for when in dates if when > low + 1e-6), low)
    return (low, high) if high - low > _SHORT else None


def _gain(when: float, lows: np.ndarray, highs: np.ndarray) -> float:
    """Years of bracket that a scene takes away, expected: of (a, b) asked at t, 2 (t − a) (b − t) / (b − a)."""
    inside = (lows < when) & (when < highs)
    low, high = lows[inside], highs[inside]
    return float((2 * (when - low) * (high - when) / (high - low)).sum())
