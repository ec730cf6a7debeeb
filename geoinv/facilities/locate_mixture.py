"""The robust mixture: statements and witnesses that may be worthless, groups that may repeat one source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Group", "Mixture", "Said", "log_sum"]

Floats = NDArray[np.float64]

#: Prior of the share of pins that are valid, marginalised.
SHARES = ((0.55, 0.20), (0.75, 0.45), (0.9, 0.35))
#: A statement's validity given that its witness knows the place, or does not.
_KNOWS, _LOST = 0.95, 0.06
#: Evidence of misfit: from this mean log inflation of radii on what was said counts less, and by so much of itself over
#: one unit more. Whoever misjudges radii as badly is wrong in other ways too, which the model has no part for.
_MISFIT, _DISCOUNT = 0.5, 0.3


def log_sum(values: Floats, axis: int | None = None) -> Floats:
    """``log(sum(exp(values)))`` without overflow."""
    return np.asarray(np.logaddexp.reduce(values, axis=axis if axis is not None else 0))


@dataclass(frozen=True)
class Said:
    """One statement as the mixture sees it.

    Attributes
    ----------
    index
        Its place among all statements.
    kernels
        Log ratio of the statement if valid to it if worthless, shape (settings, n): one row per setting of the scales
        where it is a pin, else one row.
    worthless
        Log likelihood of the statement if worthless, shape (settings or 1, n): the facility's place says a little even
        about wrong pins, which lie about it.
    power
        How much of it counts: below 1 where one witness says several things that hang together.
    places
        Whether it is a pin, which alone can be copied from a common source.
    """

    index: int
    kernels: Floats
    worthless: Floats
    power: float
    places: bool

    def at(self, setting: int) -> Floats:
        """Its kernel under one setting, shape (n,)."""
        return np.asarray(self.kernels[setting if len(self.kernels) > 1 else 0])

    def else_at(self, setting: int) -> Floats:
        """Its log likelihood if worthless under one setting, shape (n,)."""
        return np.asarray(self.worthless[setting if len(self.worthless) > 1 else 0])


@dataclass(frozen=True)
class Group:
    """Witnesses who may all repeat one source, and the prior probability that they do.

    Attributes
    ----------
    witnesses
        Their statements, one tuple a witness.
    shared
        Prior probability that all repeat one source; 0 for a witness alone.
    """

    witnesses: tuple[tuple[Said, ...], ...]
    shared: float

    def without(self, dropped: set[int]) -> Group:
        """The group as if some statements had not been made."""
        kept = tuple(tuple(said for said in one if said.index not in dropped) for one in self.witnesses)
        return Group(tuple(one for one in kept if one), self.shared)

    def mentions(self, dropped: set[int]) -> bool:
        """Whether any of these statements is in the group."""
        return any(said.index in dropped for one in self.witnesses for said in one)


@dataclass(frozen=True)
class Mixture:
    """All groups over all places, and the hyperparameters that are summed over.

    Attributes
    ----------
    groups
        Every statement is in exactly one.
    settings
        Log prior weight of each setting of the scales, shape (s,).
    log_area
        Log area of the cells the kernels are given on, shape (n,).
    log_prior
        Log prior density of the place, up to a constant, shape (n,).
    inflations
        Logarithm of how many times wider than stated each setting reads radii, shape (s,).
    """

    groups: tuple[Group, ...]
    settings: Floats
    inflations: Floats
    log_area: Floats
    log_prior: Floats

    def hypers(self) -> Iterator[tuple[int, float, float]]:
        """Setting, share of valid pins and log prior weight of every combination."""
        for setting, weight in enumerate(self.settings):
            for share, prior in SHARES:
                yield setting, share, float(weight) + float(np.log(prior))

    def terms(self, group: Group) -> Floats:
        """A group's log likelihood under every combination, shape (combinations, n)."""
        return np.array([self._group(group, setting, share) for setting, share, _ in self.hypers()])

    def prior(self) -> Floats:
        """Log prior weight of every combination, shape (combinations,)."""
        return np.array([weight for _, _, weight in self.hypers()])

    def joint(self, terms: Sequence[Floats]) -> Floats:
        """Log of prior times likelihood, shape (combinations, n), from the groups' terms."""
        total = self.prior()[:, None] + self.log_prior
        for term in terms:
            total = total + term
        return np.asarray(total)

    def inflation(self, joint: Floats) -> float:
        """Posterior mean of the logarithm of how many times wider than stated radii are read."""
        weight = log_sum(joint + self.log_area, axis=1)
        weight = np.exp(weight - weight.max()).reshape(len(self.settings), -1).sum(axis=1)
        return float(np.average(self.inflations, weights=weight))

    def log_density(self, joint: Floats) -> Floats:
        """Log probability per square metre of the place if the model holds, shape (n,)."""
        density = log_sum(joint, axis=0)
        return np.asarray(density - float(log_sum(density + self.log_area)))

    def widened(self, joint: Floats) -> Floats:
        """Log probability per square metre of the place as it is printed, shape (n,).

        Where radii turn out far too small the likelihood is raised to a power below 1, as of a coarsened posterior
        (Miller & Dunson 2019): the density widens with the evidence that the model does not hold, and only there.
        """
        power = 1.0 - _DISCOUNT * float(np.clip(self.inflation(joint) - _MISFIT, 0.0, 1.0))
        density = self.log_prior + power * (log_sum(joint, axis=0) - self.log_prior)
        return np.asarray(density - float(log_sum(density + self.log_area)))

    def _group(self, group: Group, setting: int, share: float) -> Floats:
        alone = np.zeros(len(self.log_area))
        for one in group.witnesses:
            alone = alone + _witness(one, setting, share)[0]
        if group.shared <= 0 or len(group.witnesses) < 2:
            return alone
        right, wrong = self._one_source(group, setting, share)
        return np.asarray(
            np.logaddexp(np.log(1 - group.shared) + alone, np.log(group.shared) + np.logaddexp(right, wrong))
        )

    def _one_source(self, group: Group, setting: int, share: float) -> tuple[Floats, Floats]:
        """Log likelihood if all repeat one source that is right about the place, and if it is wrong.

        Copies scatter about what the source said, so their agreement (the integral of the product of their densities
        over what that was) speaks as much for a wrong source as for a right one; only one kernel's worth of
        information is left about the place itself.
        """
        pins = [said for one in group.witnesses for said in one if said.places]
        rest = [said for one in group.witnesses for said in one if not said.places]
        told = np.zeros(len(self.log_area))
        other = np.zeros(len(self.log_area))
        for said in rest:
            told = told + said.power / len(group.witnesses) * said.at(setting)
            other = other + said.power * said.else_at(setting)
        if not pins:
            return np.log(share) + told + other, np.log(1 - share) + other
        elsewhere = np.mean([said.else_at(setting) for said in pins], axis=0)
        dense = [said.at(setting) + said.else_at(setting) for said in pins]
        product, mean = np.sum(dense, axis=0), np.mean(dense, axis=0)
        agreement = float(log_sum(product + self.log_area))
        source = mean - float(log_sum(mean + self.log_area))
        right = np.log(share) + agreement + source + told + other
        return right, np.log(1 - share) + agreement + elsewhere + other

    def validity(self, joint: Floats, count: int) -> Floats:
        """Posterior probability that each of ``count`` statements is valid, shape (count,)."""
        weight = joint + self.log_area
        weight = np.exp(weight - weight.max())
        weight /= weight.sum()
        result = np.zeros(count)
        for row, (setting, share, _) in enumerate(self.hypers()):
            if weight[row].sum() < 1e-6:
                continue
            for group in self.groups:
                self._add_validity(group, setting, share, weight[row], result)
        return np.clip(result, 0.0, 1.0)

    def _add_validity(self, group: Group, setting: int, share: float, weight: Floats, result: Floats) -> None:
        common, sourced = np.zeros(len(weight)), np.zeros(len(weight))
        if group.shared > 0 and len(group.witnesses) > 1:
            right, wrong = self._one_source(group, setting, share)
            either = np.logaddexp(right, wrong)
            total = self._group(group, setting, share)
            common = np.exp(np.minimum(0.0, np.log(group.shared) + either - total))
            sourced = np.exp(right - either)
        for one in group.witnesses:
            _, chances = _witness(one, setting, share)
            for said, chance in zip(one, chances, strict=True):
                result[said.index] += float(weight @ (common * sourced + (1 - common) * chance))


def _witness(statements: Sequence[Said], setting: int, share: float) -> tuple[Floats, list[Floats]]:
    """A witness's log likelihood, and the probability of each statement being valid, over all places."""
    knows = np.clip((share - _LOST) / (_KNOWS - _LOST), 0.02, 0.98)
    states = []
    for prior, valid in ((knows, _KNOWS), (1 - knows, _LOST)):
        good = [np.log(valid) + said.power * said.at(setting) for said in statements]
        states.append(np.log(prior) + sum(np.logaddexp(value, np.log(1 - valid)) for value in good))
    total = np.logaddexp(states[0], states[1])
    first = np.exp(states[0] - total)
    # Whether it holds is asked of each statement by itself: a slip is one, however little it counts beside others.
    chances = [
        first * _chance(said.at(setting), _KNOWS) + (1 - first) * _chance(said.at(setting), _LOST)
        for said in statements
    ]
    for said in statements:
        total = total + said.power * said.else_at(setting)
    return np.asarray(total), chances


def _chance(kernel: Floats, prior: float) -> Floats:
    """Posterior probability of being valid from the log ratio and the prior."""
    return np.asarray(1.0 / (1.0 + (1.0 - prior) / prior * np.exp(np.minimum(-kernel, 60.0))))
