"""How often a claim holds: over the model's own draws, and over rival models; until it is known well enough."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geoinv.models.claims_assumed import Setting, best_setting, drawn_setting
from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_kinds import Test
from geoinv.models.claims_parts import Untestable
from geoinv.records.claims import Claim, Flip, Verdict
from geoinv.records.measures import Interval

__all__ = ["CONSISTENT", "INCONSISTENT", "Sample", "evened", "flips", "holds", "sampled", "verdict_of"]

#: A claim that holds in at least this share of the model's draws is consistent with it, in at most the second not, if
#: one that was as likely right as wrong before would then be right, or wrong, nineteen times out of twenty. What
#: nineteen draws of twenty bear out is consistent however many rivals do so too: its power says what that is worth.
CONSISTENT, INCONSISTENT = 0.75, 0.05
#: Drawing stops when the share's standard error is below this, or at a kind's most. Kinds that cost a search for a way
#: or thousands of rays a draw have at most 64, so that a share about one half stays above it, and says so.
_GOAL_SE = 0.035
_BATCH = 24
#: Draws at an end of what was drawn that are looked at for what would flip a verdict, as a share.
_TAIL = 0.15


@dataclass
class Sample:
    """What some draws gave.

    Attributes
    ----------
    values
        The numbers, shape (n,); 1 and 0 of a yes-or-no.
    passed
        Whether the claim held in each.
    drawn
        Draw → what was drawn of what.
    failed
        In how many draws the question could not be asked (a part of one hypothesis only).
    """

    values: list[float] = field(default_factory=list)
    passed: list[bool] = field(default_factory=list)
    drawn: list[Mapping[str, float]] = field(default_factory=list)
    failed: int = 0

    @property
    def count(self) -> int:
        """Draws that gave an answer."""
        return len(self.values)

    @property
    def rate(self) -> float:
        """Share in which the claim held."""
        return float(np.mean(self.passed)) if self.passed else 0.0

    @property
    def standard_error(self) -> float:
        """Of the share, with two made-up successes and failures so that 0 and 1 have one too (Agresti & Coull)."""
        n = self.count + 4
        p = (sum(self.passed) + 2) / n
        return float(np.sqrt(p * (1 - p) / n))

    @property
    def converged(self) -> bool:
        """Whether the standard error is at its goal."""
        return self.standard_error <= _GOAL_SE

    def interval(self, best: float, unit: str) -> Interval:
        """The middle 90 % of the values, about the value of the best model."""
        low, high = np.quantile(self.values, [0.05, 0.95])
        return Interval(low=min(float(low), best), best=best, high=max(float(high), best), unit=unit, coverage=0.9)

    @property
    def extremes(self) -> tuple[float, float]:
        """Least and most."""
        return float(min(self.values)), float(max(self.values))


def holds(claim: Claim, test: Test, value: float) -> bool:
    """Whether a value is what was said."""
    said = claim.said_value
    met = value > 0.5 if test.yes_or_no or said is None else said.contains(value)
    return met != claim.negated


def evened(rate: float, rival_rate: float) -> float:
    """How likely a claim is that was as likely right as wrong before the model was asked.

    Parameters
    ----------
    rate, rival_rate
        Shares of the model's draws and of its rivals in which it holds: what is claimed is not picked at random, so
        that a claim that few rivals meet needs the more against it, and one that many meet the more for it (Bayes'
        theorem at even odds).
    """
    for_it, against = rate * (1 - rival_rate), rival_rate * (1 - rate)
    return for_it / (for_it + against) if for_it + against > 0 else rate


def verdict_of(rate: float, rival_rate: float, left_out: float = 0.0) -> Verdict:
    """Consistent, inconsistent, or neither.

    Parameters
    ----------
    rate, rival_rate
        Shares of the model's draws and of its rivals in which a claim holds.
    left_out
        How often what holds in no draw is true all the same, because of what no draw has (:func:`left_out_of`): nothing
        is refuted on less.
    """
    if rate >= CONSISTENT and max(rate, evened(rate, rival_rate)) >= 1 - INCONSISTENT:
        return "consistent"
    least = max(rate, left_out)
    return "inconsistent" if max(least, evened(least, rival_rate)) <= INCONSISTENT else "undecidable"


def sampled(claim: Claim, test: Test, drawing: Drawing, seed: int, *, rival: bool = False) -> Sample:
    """Draws of a claim's value, the same for the same seed, until the share that holds is known well enough.

    Parameters
    ----------
    claim, test
        What is asked, and how.
    drawing
        The model to draw from.
    rival
        Draw rival models rather than the model's own.

    Raises
    ------
    Untestable
        If the question cannot be asked in any draw; the first reason given.
    """
    sample = Sample()
    why: Untestable | None = None
    for number in range(test.most_rivals if rival else test.most):
        rng = np.random.default_rng([seed, 77 if rival else 7, number])
        setting = drawn_setting(claim, rng)
        draw = drawing.draw(number % test.models)
        try:
            value = test.value(draw, replace(setting, rival=rng) if rival else setting)
        except Untestable as error:
            sample.failed += 1
            why = why or error
            continue
        finally:
            enough = sample.count + sample.failed
        sample.values.append(value)
        sample.passed.append(holds(claim, test, value))
        sample.drawn.append({**draw.values, **_parameters(setting, claim)})
        if enough % _BATCH == _BATCH - 1 and sample.count >= 2 * _BATCH and sample.converged:
            break
    if not sample.count:
        raise why or Untestable("no draw of the model could be asked")
    return sample


def _parameters(setting: Setting, claim: Claim) -> dict[str, float]:
    found = {"doors and hatches in sight lines": 1.2 if setting.opened else 0.8}
    if claim.kind == "walk_time":
        found["pace"] = setting.pace_m_s / best_setting(claim).pace_m_s
    if claim.kind == "sees":
        found["height of the eyes"] = setting.eye_m / best_setting(claim).eye_m
    if claim.kind == "sun_patch":
        found["the clock"] = 1 + setting.clock_h
    return found if claim.kind in ("sees", "sun_patch", "walk_time") else {}


def flips(
    claim: Claim,
    test: Test,
    drawing: Drawing,
    samples: tuple[Sample, Sample],
    make: Callable[[Claim], Test],
    relied: Collection[str],
    left_out: float,
) -> tuple[Flip, ...]:
    """Which assumptions would change the verdict: parameters, hypotheses, and what the model does not know well.

    ``samples`` are the model's own and its rivals'; ``relied`` the parts that the test rests on: what was drawn of
    others is not looked at; ``left_out`` as of :func:`verdict_of`.
    """
    found: list[Flip] = []
    sample, rival = samples[0], samples[1].rate
    now = verdict_of(sample.rate, rival, left_out)
    base = _at_best(claim, test, drawing, None, {}) if now == "undecidable" else now == "consistent"
    for assumption, otherwise, change in test.alternatives:
        fields = {name: value for name, value in change.items() if name in Claim.model_fields}
        other = claim.model_copy(update=fields) if fields else claim
        asked = make(other) if fields else test
        then = _at_best(other, asked, drawing, None, {k: v for k, v in change.items() if k not in fields})
        if base is not None and then is not None and then != base:
            found.append(Flip(assumption=assumption, otherwise=otherwise, verdict=_word(then)))
    for name in drawing.hypotheses[1:]:
        then = _at_best(claim, test, drawing, name, {})
        if base is not None and then is not None and then != base:
            found.append(Flip(assumption="hypothesis", otherwise=f"version {name}", verdict=_word(then)))
    return (*found, *_tails(sample, (rival, left_out), now, relied))


def _word(held: bool) -> Verdict:
    return "consistent" if held else "inconsistent"


def _at_best(
    claim: Claim, test: Test, drawing: Drawing, hypothesis: str | None, change: Mapping[str, float]
) -> bool | None:
    try:
        value = test.value(drawing.best(hypothesis), replace(best_setting(claim), **change))  # type: ignore[arg-type]
    except Untestable:
        return None
    return holds(claim, test, value)


def _tails(sample: Sample, against: tuple[float, float], now: Verdict, relied: Collection[str]) -> tuple[Flip, ...]:
    """What was drawn that flips the verdict when it lies at one end of its range; the strongest three.

    ``against`` is the share of rivals that pass, and what the model leaves out.
    """
    passed = np.array(sample.passed, float)
    known = sorted({name for drawn in sample.drawn for name in drawn})
    names = [name for name in known if " of " not in name or name.rpartition(" of ")[2] in relied]
    count = max(6, round(_TAIL * sample.count))
    if sample.count < 2 * count or not 0 < passed.mean() < 1:
        return ()
    found: list[tuple[float, Flip]] = []
    for name in names:
        values = np.array([drawn.get(name, np.nan) for drawn in sample.drawn])
        if np.isnan(values).any() or np.ptp(values) < 1e-9:
            continue
        order = np.argsort(values, kind="stable")
        for end, chosen in (("low", order[:count]), ("high", order[-count:])):
            then = verdict_of(float(passed[chosen].mean()), *against)
            if then not in (now, "undecidable") and _surely(passed, chosen):
                words = f"near the {end} end of its range ({_share(values[chosen])})"
                flip = Flip(assumption=name, otherwise=words, verdict=then)
                found.append((abs(float(passed[chosen].mean() - passed.mean())), flip))
    return tuple(flip for _, flip in sorted(found, key=lambda item: (-item[0], item[1].assumption))[:3])


def _surely(passed: NDArray[np.float64], chosen: NDArray[np.int64]) -> bool:
    """Whether a tail differs from the whole by more than chance would (three standard errors)."""
    p = float(np.clip(passed.mean(), 0.02, 0.98))
    return bool(abs(passed[chosen].mean() - p) > 3 * np.sqrt(p * (1 - p) / len(chosen)))


def _share(values: Sequence[float] | NDArray[np.float64]) -> str:
    return f"about {float(np.median(values)):.2f} of what the model has"
