"""Placements that lie nearly alike are weighed together, and what is printed does best on average over them.

Sixty settled placements are a rough sample of what may be: beside a right one lie others a little turned or bent,
beside a chance one few. The weight of a placement is therefore that of all about it, and its pairs are those of the
greatest expected F1 over its neighbours (minimum Bayes risk decoding: Kumar and Byrne 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

__all__ = ["Agreed", "agreed", "expected_best"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.int64]

#: Placements agree by a normal law of how far they put the drawn things apart (root mean square), in radii.
REACH = 0.6
#: The one that speaks for a neighbourhood lies so near its middle.
_CLOSE = 0.3
#: Weights below this share of the whole are left out of averages.
_LEAST = 1e-4
#: Soft pairs add up to fewer than there are, for rivals take from each other: at most so many times their sum.
_SOFT = 2.0


@dataclass(frozen=True)
class Agreed:
    """c placements that lie apart, each speaking for all about it, heaviest first.

    Attributes
    ----------
    leaders, member
        Their numbers, (c,), and for each of the h placements the nearest leader, as a number below c, (h,).
    weight
        Their shares of all weight, (c,), adding to 1; what lies between two counts for both.
    own
        The share of all weight that lies nearest each, (c,), adding to 1.
    share
        Probability of every pair if the placement is one about the leader, (c, n, m).
    """

    leaders: Index
    member: Index
    weight: Array
    own: Array
    share: Array


def agreed(mean: Complex, radius: Array, near: Index, share: Array, heated: Array, many: int, keep: int) -> Agreed:
    """Placements joined with those about them.

    Parameters
    ----------
    mean, radius
        Where h placements put n drawn things, (h, n), metres, and how large they are, (h,).
    near, share
        Each thing's nearest candidates and the probability of each pair, (h, n, k).
    heated
        Log weights, (h,).
    many, keep
        Number of candidates, and of placements returned at most.
    """
    weight = np.exp(heated - heated.max())
    weight /= weight.sum()
    apart = np.sqrt((np.abs(mean[:, None] - mean[None]) ** 2).mean(axis=2) / (radius[:, None] * radius[None]))
    alike = np.exp(-0.5 * (apart / REACH) ** 2)
    around = alike @ weight
    leaders: dict[int, float] = {}
    for number in np.lexsort((-heated, -around)):
        if len(leaders) == keep:
            break
        if not (apart[number, list(leaders)] < REACH).any():
            # The heaviest close by speaks for all, for its turn and scale fit best.
            close = np.flatnonzero(apart[number] <= _CLOSE)
            leaders.setdefault(int(close[np.argmax(heated[close])]), float(around[number]))
    first = np.array(list(leaders), dtype=np.int64)
    held = np.array(list(leaders.values()))
    member = np.argmin(apart[:, first], axis=1)
    # The first has all about it; a rival speaks for its own alone, or it would be the first's shadow.
    found = [
        _average(near, share, alike[one] * weight * (member == number if number else 1.0), many)
        for number, one in enumerate(first)
    ]
    own = np.bincount(member, weight, len(first)).astype(np.float64)
    return Agreed(first, member, held / held.sum(), own, np.stack(found))


def _average(near: Index, share: Array, weight: Array, many: int) -> Array:
    """Probability of every pair averaged over placements, (n, many)."""
    weight = weight / max(float(weight.sum()), 1e-300)
    used = np.flatnonzero(weight > _LEAST)
    things = np.arange(near.shape[1])[None, :, None]
    cells = (near[used] + many * things).ravel()
    held = (weight[used, None, None] * share[used]).ravel()
    found = np.bincount(cells, held, many * near.shape[1]).astype(np.float64).reshape(-1, many)
    return np.minimum(found, 1.0)


def expected_best(share: Array) -> tuple[Index, float]:
    """One-to-one pairs of the greatest expected F1, candidate per thing (n,), −1 for none, and that F1.

    Parameters
    ----------
    share
        Probability of every pair, (n, m).
    """
    columns = np.flatnonzero(share.max(axis=0, initial=0.0) > _LEAST)
    pairs = np.full(len(share), -1, dtype=np.int64)
    if not len(columns):
        return pairs, 0.0
    rows, picked = linear_sum_assignment(-share[:, columns])
    sure = share[rows, columns[picked]]
    order = np.argsort(-sure, kind="stable")
    there = max(min(_SOFT * float(share.sum()), len(share)), 1e-9)
    reached = 2 * np.cumsum(sure[order]) / (np.arange(1, len(order) + 1) + there)
    kept = order[: int(np.argmax(reached)) + 1]
    kept = kept[sure[kept] > _LEAST]
    pairs[rows[kept]] = columns[picked[kept]]
    return pairs, float(reached.max())
