"""What an answer is expected to change: a model's own samples weighed by answers drawn from them.

The value of an answer before it is had (preposterior analysis: Raiffa & Schlaifer, Applied Statistical Decision Theory,
1961): an answer is drawn from one of the samples with the error people make, every sample is weighed by how likely it
makes that answer, and what is left of the interval is looked at; then the mean over many answers is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoinv.models.claims_sampling import verdict_of

__all__ = ["AnswerLaw", "Worth", "law_of", "worth_of_number", "worth_of_yes"]

Floats = NDArray[np.float64]

#: Answers drawn of each question.
_ANSWERS = 48
#: Spread of an answer worth nothing, standard deviation of its logarithm.
_WORTHLESS = 1.0


@dataclass(frozen=True)
class AnswerLaw:
    """How far answers lie from what is true.

    Attributes
    ----------
    spread
        Standard deviation: of the logarithm, or of counts themselves.
    counts
        Whether whole numbers are answered.
    """

    spread: float
    counts: bool = False


#: By unit. Sizes in paces and tiles, areas as two such sizes, times with the pace not known, counts off by one:
#: assumed; recalled walking distances run from −96 % to +71 % (n = 123), which the last but one covers.
_LAWS = {
    "m": AnswerLaw(0.20), "m2": AnswerLaw(0.30), "min": AnswerLaw(0.45), "s": AnswerLaw(0.45),
    "count": AnswerLaw(0.7, counts=True),
}  # fmt: skip


def law_of(unit: str) -> AnswerLaw:
    """How far answers in a unit lie from what is true."""
    return _LAWS.get(unit, AnswerLaw(0.3))


@dataclass(frozen=True)
class Worth:
    """What an answer is expected to change.

    Attributes
    ----------
    now, after
        Width of the 90 % interval, or the chance of being wrong, now and expected with the answer.
    settles
        Probability that a claim undecidable now would be decided, in the order in which the claims were given.
    """

    now: float
    after: float
    settles: tuple[float, ...] = ()

    @property
    def shrinks(self) -> float:
        """Share by which it gets smaller, 0–1."""
        return float(np.clip(1 - self.after / self.now, 0, 1)) if self.now > 0 else 0.0


def worth_of_number(
    values: Floats,
    law: AnswerLaw,
    knows: float,
    rng: np.random.Generator,
    *,
    before: Floats | None = None,
    claims: tuple[tuple[Callable[[float], bool], float], ...] = (),
) -> Worth:
    """The worth of being told a number.

    Parameters
    ----------
    values
        What the model's samples give, shape (n,).
    law
        How far answers lie from the truth.
    knows
        Probability that the answer is worth anything.
    rng
        Answers are drawn from it.
    before
        What claims are held to where the model may not be used, being the claimant's own account: samples of rivals;
        by default the model's own.
    claims
        Of each claim that is undecidable now: whether it holds at a value, and its rival pass rate.
    """
    answers = _answers(values, law, knows, rng)
    weights = _weights(answers, values, law, knows)
    order = np.argsort(values, kind="stable")
    shares, sorted_ = np.cumsum(weights[:, order], axis=1), values[order]
    low, high = (sorted_[np.minimum((shares < level).sum(axis=1), len(sorted_) - 1)] for level in (0.05, 0.95))
    now = float(np.subtract(*np.quantile(values, [0.95, 0.05])))
    samples = values if before is None else before
    weights = weights if before is None else _weights(answers, before, law, knows)
    settled = []
    for holds, rivals in claims:
        held = np.array([holds(float(value)) for value in samples], float)
        settled.append(float(np.mean([verdict_of(float(rate), rivals) != "undecidable" for rate in weights @ held])))
    return Worth(now, min(float((high - low).mean()), now), tuple(settled))


def _answers(values: Floats, law: AnswerLaw, knows: float, rng: np.random.Generator) -> Floats:
    true = values[np.linspace(0, len(values) - 1, _ANSWERS).round().astype(int)]
    scores, known = rng.standard_normal(_ANSWERS), rng.random(_ANSWERS) < knows
    if law.counts:
        wide = max(2.0, float(values.std()) * 2)
        return np.asarray(
            np.maximum(0, np.where(known, true + law.spread * scores, values.mean() + wide * scores)).round()
        )
    logs = np.log(np.maximum(true, 1e-3))
    middle = float(np.log(np.maximum(values, 1e-3)).mean())
    return np.asarray(np.exp(np.where(known, logs + law.spread * scores, middle + _WORTHLESS * scores)))


def _weights(answers: Floats, samples: Floats, law: AnswerLaw, knows: float) -> Floats:
    """What each sample weighs once each answer is had, shape (answers, samples); rows add to 1."""
    weights = _likelihood(answers, samples, law, knows)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _likelihood(answers: Floats, samples: Floats, law: AnswerLaw, knows: float) -> Floats:
    """How likely each sample makes each answer, shape (answers, samples)."""
    if law.counts:
        wide = max(2.0, float(samples.std()) * 2)
        right = _normal(answers[:, None] - samples[None], law.spread)
        return np.asarray(knows * right + (1 - knows) * _normal(answers[:, None] - samples.mean(), wide))
    said, has = np.log(np.maximum(answers, 1e-3)), np.log(np.maximum(samples, 1e-3))
    right = _normal(said[:, None] - has[None], law.spread)
    return np.asarray(knows * right + (1 - knows) * _normal(said[:, None] - has.mean(), _WORTHLESS))


def _normal(off: Floats, spread: float) -> Floats:
    return np.asarray(np.exp(-0.5 * (off / spread) ** 2) / spread)


def worth_of_yes(rate: float, rivals: float, knows: float, *, own: bool, left_out: float = 0.0) -> Worth:
    """The worth of being told, by somebody else, whether something was so.

    Parameters
    ----------
    rate, rivals
        Share of the model's draws, and of its rivals, in which the claim holds.
    knows
        Probability that the answer is right beyond a guess.
    own
        Whether the model may not be used for the claim, being the claimant's own account.
    left_out
        How often such a claim is true though no draw bears it out.
    """
    right = (1 + knows) / 2
    base = rivals if own else rate
    after, settled = 0.0, 0.0
    for told, chance in (
        (True, rate * right + (1 - rate) * (1 - right)),
        (False, rate * (1 - right) + (1 - rate) * right),
    ):
        hit = right if told else 1 - right
        both = base * hit + (1 - base) * (1 - hit)
        then = base * hit / both if both > 0 else base
        after += chance * min(then, 1 - then)
        settled += chance * (verdict_of(then, rivals, left_out) != "undecidable")
    now = min(base, 1 - base)
    return Worth(now, min(after, now), (settled,))
