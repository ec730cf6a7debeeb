"""Which question about where would help most next: pins and ways not on record yet, by the error expected then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.locate import posterior
from geoinv.geometry.frames import to_local
from geoinv.records.asks import Ask
from geoinv.records.measures import Interval
from geoinv.records.testimony import Statements

__all__ = ["asks_where"]

Floats = NDArray[np.float64]

#: Places drawn from the posterior, and answers of each.
_PLACES = 24
#: A pin's radius where nobody here stated one, metres; how far radii are exceeded (see ``docs/methods/locate.md``).
_RADIUS_M, _EXCEEDED = 300.0, (0.77, 1.49, 2.9)
#: Spread of a recalled distance (of its logarithm) and of a recalled heading, degrees.
_DISTANCE, _HEADING = 0.45, 30.0
#: Landmarks farther than this are no start of a way that one remembers, metres.
_FAR_M = 4000.0
_LEAST = 0.05


@dataclass(frozen=True)
class _Belief:
    """Where the place may be: cells, shape (n, 2), their probability, and how often statements here are valid."""

    cells: Floats
    mass: Floats
    valid: float

    def error_m(self, mass: Floats) -> float:
        """Distance expected from the middle of the densest half."""
        order = np.argsort(-mass)
        half = order[: int(np.searchsorted(np.cumsum(mass[order]), 0.5)) + 1]
        middle = np.average(self.cells[half], axis=0, weights=mass[half])
        return float(mass @ np.hypot(*(self.cells - middle).T))


def asks_where(said: Statements, witnesses: Sequence[str], seed: int = 0) -> tuple[Ask, ...]:
    """Questions about where a facility is, most worth asking first; none where nothing was said yet.

    Parameters
    ----------
    said
        What is on record.
    witnesses
        Who may be asked, by codename.
    seed
        Of the answers drawn.
    """
    found = posterior(said)
    belief = _Belief(
        found.cells.centre, found.mass / found.mass.sum(), float(np.clip(found.validity.mean(), 0.2, 0.95))
    )
    now = belief.error_m(belief.mass)
    radii = [one.radius_m for one in said.statements if one.kind == "pin" and one.radius_m]
    radius = float(np.median(radii)) if radii else _RADIUS_M
    places = {
        key: np.array(to_local(found.frame, mark.geometry).centroid.coords[0]) for key, mark in said.landmarks.items()
    }
    asks: list[Ask] = []
    for witness, landmark in _open(said, witnesses, places, belief):
        rng = np.random.default_rng([seed, 616, len(asks)])
        after = _after(belief, rng, None if landmark is None else places[landmark], radius)
        own = tuple(one.id for one in said.statements if one.witness == witness)
        shrinks = float(np.clip(1 - after / now, 0, 1)) if now > 0 else 0.0
        if shrinks < _LEAST:
            continue
        name = None if landmark is None else said.landmarks[landmark].name or landmark
        asks.append(
            Ask(
                kind="where", about="pin" if landmark is None else "way", witness=witness,
                now=Interval(low=0.0, best=round(now, 1), high=round(now, 1)), after=round(after, 1),
                shrinks=round(shrinks, 3), on_record=own, worth=round(shrinks, 3),
                sentence=_sentences(witness, name, own, now, after, shrinks),
            )
        )  # fmt: skip
    return tuple(sorted(asks, key=lambda one: -one.worth))


def _open(
    said: Statements, witnesses: Sequence[str], places: dict[str, Floats], belief: _Belief
) -> Iterator[tuple[str, str | None]]:
    """Of each witness a pin, if none is on record, and the way from the nearest landmark not told of yet."""
    middle = np.average(belief.cells, axis=0, weights=belief.mass)
    near = sorted((float(np.hypot(*(at - middle))), key) for key, at in places.items())
    for witness in witnesses:
        own = [one for one in said.statements if one.witness == witness]
        if not any(one.kind == "pin" and one.of is None for one in own):
            yield witness, None
        told = {key for one in own for key in (one.landmark, *one.landmarks)}
        fresh = [key for away, key in near if key not in told and away < _FAR_M]
        if fresh:
            yield witness, fresh[0]


def _after(belief: _Belief, rng: np.random.Generator, start: Floats | None, radius: float) -> float:
    """The error expected once the answer is had: the mean over answers drawn from places that the place may have."""
    errors = []
    for index in rng.choice(len(belief.mass), _PLACES, p=belief.mass):
        true = belief.cells[index]
        if rng.random() >= belief.valid:  # an answer about somewhere else: any of the places
            true = belief.cells[int(rng.integers(len(belief.cells)))]
        like = _pin(belief, rng, true, radius) if start is None else _way(belief, rng, true, start)
        # Worth nothing, an answer could have been any: as likely at every cell as it is on average.
        mass = belief.mass * (belief.valid * like + (1 - belief.valid) * float(belief.mass @ like))
        errors.append(belief.error_m(mass / mass.sum()))
    return float(np.mean(errors))


def _pin(belief: _Belief, rng: np.random.Generator, true: Floats, radius: float) -> Floats:
    at = true + rng.normal(0, radius * float(rng.choice(_EXCEEDED)) / 1.5, 2)
    away = np.hypot(*(belief.cells - at).T)
    scales = np.array(_EXCEEDED)[:, None] * radius / 1.5
    return np.asarray((np.exp(-0.5 * (away / scales) ** 2) / scales**2).mean(axis=0))


def _way(belief: _Belief, rng: np.random.Generator, true: Floats, start: Floats) -> Floats:
    off = true - start
    metres = max(float(np.hypot(*off)), 1.0) * float(np.exp(_DISTANCE * rng.standard_normal()))
    heading = float(np.degrees(np.arctan2(*off))) + _HEADING * float(rng.standard_normal())
    ways = belief.cells - start
    logs = np.log(np.maximum(np.hypot(*ways.T), 1.0) / metres) / _DISTANCE
    turned = (np.degrees(np.arctan2(*ways.T)) - heading + 180) % 360 - 180
    return np.asarray(np.exp(-0.5 * (logs**2 + (turned / _HEADING) ** 2)))


def _sentences(
    witness: str, landmark: str | None, own: Sequence[str], now: float, after: float, shrinks: float
) -> dict[str, str]:
    record = f"On record of {witness}: {', '.join(own)}. " if own else f"Nothing on record of {witness}. "
    record_ko = f"{witness}의 기록: {', '.join(own)}. " if own else f"{witness}의 기록 없음. "
    what = "to point to the place on a map" if landmark is None else f"how far and which way it is from {landmark}"
    what_ko = "지도에서 위치를 짚어 달라고 하기" if landmark is None else f"{landmark}에서의 거리와 방향 묻기"
    return {
        "en": f"{record}Ask {witness} {what}: the expected error of the place should fall from {now:.0f} to "
        f"{after:.0f} m (−{shrinks:.0%}).",
        "ko": f"{record_ko}{witness}에게 {what_ko}: 위치의 예상 오차가 {now:.0f} m에서 {after:.0f} m로 줄어들 것으로 "
        f"예상(−{shrinks:.0%}).",
    }
