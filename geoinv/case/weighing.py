"""How believable one place of a drawing is: what is seen and said of it, and the weights learned for that.

The weights are those of a conditional logit (McFadden 1974) over the places of a drawing, those of its mirror image,
and "none of these", learned on worlds by ``scripts/learn_placing.py``, which prints how well they do on worlds they
were not learned on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

__all__ = ["MIRRORED", "NONE", "WEIGHTS", "Traits", "cover_odds", "log_weights"]

#: Share of the ground that roofs found without any drawing cover: of a drawn building rightly laid, and of a yard.
_ROOF_OF_BUILDING, _ROOF_OF_YARD = 0.55, 0.10
#: Square metres that count as one independent look.
_ONE_LOOK_M2 = 80.0


@dataclass(frozen=True)
class Traits:
    """What speaks for one place of a drawing.

    Attributes
    ----------
    buildings, walls
        Log evidence of the pixels, summed over drawn buildings and over pieces of drawn walls.
    said
        Log odds of testimony, landmarks and sizes.
    sides
        Log odds that drawn roads and waters lie on the sides where they are.
    cover
        Log odds that roofs found without the drawing lie where it has buildings and not where it has yard.
    stretch
        Square of the log ratio of its two scales, negative.
    """

    buildings: float
    walls: float
    said: float
    sides: float
    cover: float
    stretch: float


#: Learned; see the module's docstring.
WEIGHTS = Traits(buildings=0.171, walls=0.565, said=0.256, sides=0.528, cover=0.200, stretch=0.350)
#: Log weight of a drawing having been drawn left for right, against any one place.
MIRRORED = -1.947
#: Log weight of "none of these": as learned where a fifth of the drawings were strangers, taken to one in sixteen,
#: which is nearer to what is filed under a facility (prior correction: King & Zeng 2001, eq. 7).
NONE = 5.355 - math.log((1 / 5) / (4 / 5)) + math.log((1 / 16) / (15 / 16))


def log_weights(traits: Sequence[Traits]) -> NDArray[np.float64]:
    """Log weights of places, shape (h,)."""
    table = np.array([astuple(one) for one in traits]).reshape(-1, len(fields(Traits)))
    weights: NDArray[np.float64] = table @ np.array(astuple(WEIGHTS))
    return weights


def cover_odds(buildings: Sequence[Polygon], ground: BaseGeometry, roofs: BaseGeometry) -> float:
    """Log odds that roofs found blind lie under drawn buildings and not in the yard between, against roofs anywhere.

    Parameters
    ----------
    buildings, ground
        Metres; the drawn buildings as laid, and the ground inside the wall.
    roofs
        Everything found without the drawing, metres, as one geometry.
    """
    built = shapely.union_all([shape.buffer(0) for shape in buildings])
    yard = ground.difference(built)
    around = ground.buffer(0.25 * math.sqrt(max(ground.area, 1.0)))
    anywhere = float(np.clip(roofs.intersection(around).area / max(around.area, 1.0), 0.02, 0.5))
    odds = 0.0
    for part, share in ((built, _ROOF_OF_BUILDING), (yard, _ROOF_OF_YARD)):
        under = float(roofs.intersection(part).area)
        odds += under * math.log(share / anywhere) + (part.area - under) * math.log((1 - share) / (1 - anywhere))
    return odds / _ONE_LOOK_M2
