"""Points measured on real surfaces: a photogrammetric cloud, a laser scan, or points taken from somebody's mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cloud"]


@dataclass(frozen=True)
class Cloud:
    """Dated reference evidence as points.

    Attributes
    ----------
    name
        File name: the source that everything read off it names.
    points
        Metres in the file's own axes and origin, shape (n, 3), about their own middle (``middle`` is what was taken
        off, so that nothing is lost in single precision).
    middle
        In the file's own coordinates, metres.
    form
        ``mesh`` (points are taken from its surfaces) or ``point cloud``.
    date
        When it was taken (EDTF), where that is known.
    """

    name: str
    points: NDArray[np.float64]
    middle: tuple[float, float, float]
    form: str
    date: str | None = None
