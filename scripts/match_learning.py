"""How ``learn_match`` fits its numbers, and what it reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from geoinv.facilities.match_agreed import Agreed, agreed, expected_best
from geoinv.facilities.match_parts import PARTS, Rows
from geoinv.facilities.match_rank import KEEP, odds_of_every_way, signs_of
from geoinv.facilities.match_ranker import SIGNS, WITHIN, Ranker, ranker_from, total
from geoinv.facilities.match_traits import TRAITS

__all__ = [
    "ABSENT",
    "ABSENT_ANY",
    "CONFIDENT",
    "Part",
    "Row",
    "calibration_error",
    "f1_of",
    "learned",
    "logistic",
    "plain",
    "report",
]

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Numbers = dict[str, Any]

#: A placement is as good as the best found if its F1 is within about this of it; below so much it is wrong.
_NEAR, _WRONG = 0.07, 0.35
#: Share of absent compounds for which a placement may be likelier than not: a quarter of what is promised.
CONFIDENT = 0.005
#: What an absent compound weighs beside a present one: where probabilities are fitted, about one drawing in six is of
#: what is not there; where it is asked whether anything is right, four in ten, for refusing is the safer mistake.
ABSENT, ABSENT_ANY = 0.3, 1.0
#: Kinds of pieces weighed by kind of drawing, hidden units, and how strongly points' few cases are held.
_LAYERS: dict[str, tuple[str, ...]] = {"shapes": tuple(PARTS), "points": tuple(PARTS), "few": ()}
_UNITS = 12
#: Passes over the cases, cases a step, rate, decay, and what expected F1 counts beside likelihood.
_PASSES, _STEP, _RATE, _DECAY, _EXPECTED = 12, 24, 0.01, 0.02, 0.7
_FOLDS = 3


@dataclass(frozen=True)
class Part:
    """What was found on one group of m candidates: h settled placements of n drawn things.

    Attributes
    ----------
    traits, parts
        As the ranking weighs them.
    pairs
        Each placement's own best pairs, (h, n).
    mean, radius, near, share
        As ``match_agreed`` joins them.
    right, answered
        Which pairs are right, (n, m), and how many drawn things have a right one.
    given
        Log weights where every way of pairing was weighed, (h,): then there is nothing to learn of them.
    """

    traits: Array
    parts: Mapping[str, Rows]
    pairs: Index
    mean: NDArray[np.complex128]
    radius: Array
    near: Index
    share: Array
    right: NDArray[np.bool_]
    answered: int
    given: Array | None = None

    @property
    def f1(self) -> Array:
        """Of each placement's own pairs, (h,)."""
        return np.array([f1_of(one, self.right, self.answered) for one in self.pairs])


@dataclass(frozen=True)
class Row:
    """One case: a part for every group of candidates."""

    level: str
    found: list[Part]

    @property
    def f1(self) -> Array:
        """Of all placements of all groups."""
        return np.concatenate([one.f1 for one in self.found])

    @property
    def present(self) -> bool:
        """Whether there is anything right to find."""
        return bool(any(one.right.any() for one in self.found))


def f1_of(pairs: Index, right: NDArray[np.bool_], answered: int) -> float:
    """F1 of one-to-one pairs (n,)."""
    made = np.flatnonzero(pairs >= 0)
    hits = int(right[made, pairs[made]].sum())
    return 2 * hits / (len(made) + answered) if hits else 0.0


def learned(rows: list[Row], kind: str) -> Numbers:
    """All numbers of one kind of drawing."""
    numbers = _weights(rows, kind)
    folds = [_weights([row for k, row in enumerate(rows) if k % _FOLDS != fold], kind) for fold in range(_FOLDS)]
    single = [(row, folds[k % _FOLDS]) for k, row in enumerate(rows) if len(row.found) == 1]
    scored = [(row, _score(ranker_from(own), row.found[0])) for row, own in single]
    numbers["temperature"] = _temperature(scored)
    heated = [(row, score / numbers["temperature"]) for row, score in scored]
    numbers["present"] = _present([(row, _joined(row.found[0], heat), heat) for row, heat in heated])
    weighing = ranker_from(numbers)
    numbers["pairs"] = _pairs(weighing, [(row, _printed(weighing, row.found[0], heat)) for row, heat in heated])
    rounded: Numbers = plain(numbers)
    return rounded


def _score(weighing: Ranker, part: Part) -> Array:
    """Log weights of placements over the temperature, (h,)."""
    if part.given is not None:
        return part.given / weighing.temperature
    return weighing.score(part.traits, part.parts)


def plain(value: Any) -> Any:
    """Numbers rounded, arrays as lists."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(one) for one in value]
    return value if isinstance(value, str) else round(float(value), 5)


@dataclass(frozen=True)
class _Held:
    """One case ready to be learned from: standardised traits and pieces, what each placement deserves, F1."""

    traits: Array
    layers: dict[str, Rows]
    due: Array
    f1: Array


def _weights(rows: list[Row], kind: str) -> Numbers:
    """Weights of traits and pieces, the rest of the numbers as if nothing were known (Adam: Kingma and Ba 2015)."""
    rng = np.random.default_rng(0)
    own = [row for row in rows if row.f1.max() >= _WRONG]
    every = np.concatenate([part.traits for row in own for part in row.found])
    numbers: Numbers = {"traits": TRAITS, "signs": SIGNS, "parts": PARTS}
    numbers |= {"middle": every.mean(axis=0), "spread": np.maximum(every.std(axis=0), 1e-3)}
    learnt: dict[str, Array] = {"weights": np.zeros(len(TRAITS))}
    scales: dict[str, tuple[Array, Array]] = {}
    for name in _LAYERS[kind]:
        values = np.concatenate([part.parts[name][0] for row in own for part in row.found])
        scales[name] = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-3)
        learnt |= {f"{name} inner": rng.normal(0, 0.3, (values.shape[1], _UNITS)), f"{name} shift": np.zeros(_UNITS)}
        learnt[f"{name} outer"] = rng.normal(0, 0.02, _UNITS)
    held = [_held(row, numbers, scales) for row in own]
    # Where every way was weighed there is nothing to learn of weights.
    learnt = _adam(held, learnt, rng) if kind != "few" else learnt
    layers = {
        name: {"middle": scales[name][0], "spread": scales[name][1]}
        | {key: learnt[f"{name} {key}"] for key in ("inner", "shift", "outer")}
        for name in _LAYERS[kind]
    }
    nothing = np.zeros(len(SIGNS))
    blank = np.zeros(len(SIGNS) + 1)
    unknown = {"middle": nothing, "spread": nothing + 1, "first": blank, "any": blank, "firm": 0.0}
    numbers |= {"weights": learnt["weights"], "layers": layers, "temperature": 1.0, "present": unknown}
    return numbers | {"pairs": (0.0, 1.0, 0.0)}


def _held(row: Row, numbers: Numbers, scales: dict[str, tuple[Array, Array]]) -> _Held:
    table = np.concatenate([part.traits for part in row.found])
    starts = np.cumsum([0, *(len(part.traits) for part in row.found)])
    layers = {}
    for name, (middle, spread) in scales.items():
        values = np.concatenate([part.parts[name][0] for part in row.found])
        owner = np.concatenate([part.parts[name][1] + at for part, at in zip(row.found, starts[:-1], strict=True)])
        layers[name] = np.clip((values - middle) / spread, -WITHIN, WITHIN).astype(np.float32), owner
    f1 = row.f1
    due = np.exp((f1 - f1.max()) / _NEAR)
    z = np.clip((table - numbers["middle"]) / numbers["spread"], -WITHIN, WITHIN)
    return _Held(z, layers, due / due.sum(), f1)


def _adam(held: list[_Held], learnt: dict[str, Array], rng: np.random.Generator) -> dict[str, Array]:
    mean = {name: np.zeros_like(value) for name, value in learnt.items()}
    square = {name: np.zeros_like(value) for name, value in learnt.items()}
    steps = _PASSES * (len(held) // _STEP)
    for step in range(1, steps + 1):
        if (step - 1) % (len(held) // _STEP) == 0:
            order = rng.permutation(len(held))
        first = (step - 1) % (len(held) // _STEP) * _STEP
        slope = {name: np.zeros_like(value) for name, value in learnt.items()}
        for index in order[first : first + _STEP]:
            _add_slope(held[index], learnt, slope)
        rate = _RATE * (1 - step / (steps + 1))
        for name in learnt:
            one = slope[name] / _STEP
            mean[name] = 0.9 * mean[name] + 0.1 * one
            square[name] = 0.99 * square[name] + 0.01 * one**2
            move = mean[name] / (1 - 0.9**step) / (np.sqrt(square[name] / (1 - 0.99**step)) + 1e-8)
            learnt[name] = learnt[name] - rate * (move + _DECAY * learnt[name])
    return learnt


def _add_slope(case: _Held, learnt: dict[str, Array], slope: dict[str, Array]) -> None:
    """Add one case's gradient: of its log likelihood, and of the F1 expected under its shares."""
    count = len(case.traits)
    score = case.traits @ learnt["weights"]
    bent = {}
    for name, (z, owner) in case.layers.items():
        bent[name] = np.tanh(
            z @ learnt[f"{name} inner"].astype(np.float32) + learnt[f"{name} shift"].astype(np.float32)
        )
        score = score + np.bincount(owner, bent[name] @ learnt[f"{name} outer"], count)
    share = np.exp(score - score.max())
    share /= share.sum()
    due = (1 - _EXPECTED) * (share - case.due) - 3 * _EXPECTED * share * (case.f1 - share @ case.f1)
    slope["weights"] += case.traits.T @ due
    for name, (z, owner) in case.layers.items():
        each = due[owner].astype(np.float32)
        slope[f"{name} outer"] += bent[name].T @ each
        back = each[:, None] * learnt[f"{name} outer"].astype(np.float32) * (1 - bent[name] ** 2)
        slope[f"{name} inner"] += z.T @ back
        slope[f"{name} shift"] += back.sum(axis=0)


def _joined(part: Part, heated: Array) -> Agreed:
    return agreed(part.mean, part.radius, part.near, part.share, heated, part.right.shape[1], KEEP)


def _rights(part: Part) -> float:
    """F1 from which on a placement is right: half of it, or hardly less than the best found."""
    return max(_WRONG, min(0.5, float(part.f1.max()) - 0.25))


def _temperature(scored: list[tuple[Row, Array]]) -> float:
    """What log weights are divided by, by likelihood where one is right."""

    def loss(heat: float) -> float:
        value = 0.02 * heat**2
        for row, score in scored:
            right = row.f1 >= _rights(row.found[0])
            if right.any():
                value -= (total(score[right] / np.exp(heat)) - total(score / np.exp(heat))) / len(scored)
        return value

    return float(np.exp(minimize_scalar(loss, bounds=(-1.0, 2.5), method="bounded").x))


def _present(seen: list[tuple[Row, Agreed, Array]]) -> Numbers:
    """The laws of whether the first placement is right and whether any is; from where on it may be called likely."""
    signs = np.array([signs_of(joined, heated, row.found[0].traits) for row, joined, heated in seen])
    middle, spread = signs.mean(axis=0), np.maximum(signs.std(axis=0), 1e-3)
    z = np.column_stack([np.clip((signs - middle) / spread, -WITHIN, WITHIN), np.ones(len(signs))])
    weight = np.array([1.0 if row.present else ABSENT for row, _, _ in seen])
    reached = [
        [row.present and _first(row.found[0], joined, k) >= _rights(row.found[0]) for k in range(len(joined.leaders))]
        for row, joined, _ in seen
    ]
    first = logistic(z, np.array([one[0] for one in reached]), weight)
    # Wrong confidence is worse than no answer: where the compound is absent, hardly ever is one likelier than not.
    absent = np.array([not row.present for row, _, _ in seen])
    firm = float(np.quantile(z[absent] @ first, 1 - CONFIDENT)) if absent.any() else 0.0
    weight = np.where(absent, ABSENT_ANY, 1.0)
    any_right = logistic(z, np.array([any(one) for one in reached]), weight)
    return {"middle": middle, "spread": spread, "first": first, "any": any_right, "firm": max(firm, 0.0)}


def logistic(z: Array, right: NDArray[np.bool_], weight: Array) -> Array:
    """Weights of signs (r, s), the last a constant, by which log odds of being right are linear."""

    def loss(numbers: Array) -> float:
        odds = z @ numbers
        value = np.average(np.logaddexp(0.0, np.where(right, -odds, odds)), weights=weight)
        return float(value + 0.005 * numbers[:-1] @ numbers[:-1])

    found: Array = minimize(loss, np.zeros(z.shape[1]), method="BFGS").x
    return found


def _first(part: Part, joined: Agreed, number: int) -> float:
    """F1 of what a placement prints."""
    return f1_of(expected_best(joined.share[number])[0], part.right, part.answered)


@dataclass(frozen=True)
class _Printed:
    """What ``match`` prints of one case: marginals of the first placement's pairs, one minus none, which are right."""

    marginal: Array
    limit: float
    right: NDArray[np.bool_]
    first: float
    f1: float


def _printed(weighing: Ranker, part: Part, heated: Array) -> _Printed:
    joined = _joined(part, heated)
    signs = signs_of(joined, heated, part.traits)
    if part.given is not None:
        odds = np.append(odds_of_every_way(weighing, joined, signs), 0.0)
    else:
        odds = np.append(weighing.present.above_none(signs, joined.weight), 0.0)
    share = np.exp(odds - odds.max())
    share /= share.sum()
    pairs, _ = expected_best(joined.share[0])
    made = np.flatnonzero(pairs >= 0)
    marginal = np.einsum("c,cnm->nm", share[:-1], joined.share)[made, pairs[made]]
    right = part.right[made, pairs[made]]
    f1 = f1_of(pairs, part.right, part.answered)
    return _Printed(marginal, 1.0 - float(share[-1]), right, float(share[0]), f1)


def _pairs(weighing: Ranker, seen: list[tuple[Row, _Printed]]) -> tuple[float, float, float]:
    """Constant and slopes of pairs' log odds (Platt 1999)."""
    usual = np.array([0.0, 1.0, 0.0])

    def loss(numbers: Array) -> float:
        made, value = replace(weighing, pairs=(float(numbers[0]), float(numbers[1]), float(numbers[2]))), 0.0
        for row, one in seen:
            share = np.clip(made.pair(one.marginal, one.limit), 1e-6, 1 - 1e-6)
            weight = 1.0 if row.present else ABSENT
            value -= weight * float(np.log(np.where(one.right, share, 1 - share)).sum())
        return value / len(seen) + 0.5 * float(((np.asarray(numbers) - usual) ** 2).sum())

    constant, slope, pull = minimize(loss, usual, method="Nelder-Mead").x
    return float(constant), float(slope), float(pull)


def report(weighing: Ranker, rows: list[Row]) -> None:
    """Print what the numbers do on cases that nothing was learned from."""
    law = weighing.present
    print(f"temperature {weighing.temperature:.2f}, pairs {weighing.pairs}, firm {law.firm:.2f}")
    for name, numbers in (("first", law.first), ("any", law.any)):
        print(f"{name} right: {dict(zip((*SIGNS, 'constant'), np.round(numbers, 2).tolist(), strict=True))}")
    print("level | cases | F1 best in pool | first | none ≥ .5 | placement > .5 | calibration error | pairs ≥ .9 right")
    for level in dict.fromkeys(row.level for row in rows):
        own = [row.found[0] for row in rows if row.level == level]
        printed = [_printed(weighing, part, _score(weighing, part)) for part in own]
        pairs = [
            pair for one in printed for pair in zip(weighing.pair(one.marginal, one.limit), one.right, strict=True)
        ]
        sure = [hit for share, hit in pairs if share >= 0.9]
        print(f"{level} | {len(own)} | {np.mean([part.f1.max() for part in own]):.3f} | "
              f"{np.mean([one.f1 for one in printed]):.3f} | {np.mean([one.limit <= 0.5 for one in printed]):.2f} | "
              f"{np.mean([one.first > 0.5 for one in printed]):.3f} | {calibration_error(pairs):.3f} | "
              f"{sum(sure)}/{len(sure)}", flush=True)  # fmt: skip


def calibration_error(pairs: list[tuple[float, bool]]) -> float:
    """Expected calibration error of (probability, right), ten bins."""
    if not pairs:
        return 0.0
    share, hit = np.array([one for one, _ in pairs]), np.array([float(one) for _, one in pairs])
    bins = np.minimum((share * 10).astype(int), 9)
    return float(sum(abs((share - hit)[bins == k].sum()) for k in range(10)) / len(pairs))
