"""Classical voters: ways to grow a rough mask to the building under it, and their majority.

Each voter gets a picture, the rough mask and how far (pixels) the mask's edge may be off: what is deeper inside than
that is taken for building, what is farther outside is taken for ground, and the band between is decided by colour and
edges. GrabCut (Rother, Kolmogorov & Blake 2004), marker-controlled watershed (Meyer 1994), random walker (Grady 2006)
and graph-based segments (Felzenszwalb & Huttenlocher 2004) fail in different places, which is why they vote.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import felzenszwalb, random_walker, watershed

from geoinv.imagery.masks import Field, Mask, gradients, lab

__all__ = ["Ballot", "cleaned", "seeds", "vote"]

#: Share of voters for each pixel, float32, and the mean agreement (IoU) of the voters with the majority.
Ballot = tuple[Field, float]
_Rgb = NDArray[np.uint8]


def seeds(rough: Mask, reach: float) -> tuple[Mask, Mask]:
    """Pixels that are surely building and surely ground if the rough mask's edge is off by at most ``reach`` pixels."""
    inside = ndimage.distance_transform_edt(rough)
    outside = ndimage.distance_transform_edt(~rough)
    ground = outside > reach
    if not ground.any():
        ground = outside >= 0.9 * outside.max()
    return inside > min(reach, 0.6 * float(inside.max())), ground


def cleaned(mask: Mask, rough: Mask) -> Mask:
    """The one connected part, holes filled and hairs cut, that overlaps the rough mask most, or the rough mask."""
    whole = ndimage.binary_fill_holes(ndimage.binary_opening(mask))
    labels, count = ndimage.label(whole)
    overlap = np.bincount(labels.ravel(), rough.ravel().astype(np.float64), count + 1)
    overlap[0] = 0
    return labels == int(overlap.argmax()) if overlap.max() > 0 else rough


def _grabcut(rgb: _Rgb, rough: Mask, reach: float) -> Mask:
    building, ground = seeds(rough, reach)
    marks = np.where(rough, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[ground], marks[building] = cv2.GC_BGD, cv2.GC_FGD
    cv2.setRNGSeed(1)  # its colour clusters start at random
    try:
        background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(rgb[..., ::-1].copy(), marks, (0, 0, 1, 1), background, foreground, 4, cv2.GC_INIT_WITH_MASK)
    except cv2.error:
        return rough  # too few colours to make clusters of: no opinion
    result: Mask = (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)
    return result


def _watershed(rgb: _Rgb, rough: Mask, reach: float) -> Mask:
    building, ground = seeds(rough, reach)
    east, south = gradients(lab(rgb), 1.0)
    markers = np.zeros(rough.shape, np.int32)
    markers[building], markers[ground] = 1, 2
    result: Mask = watershed(np.hypot(east, south), markers) == 1
    return result


def _walker(rgb: _Rgb, rough: Mask, reach: float) -> Mask:
    building, ground = seeds(rough, reach)
    markers = np.zeros(rough.shape, np.int32)
    markers[building], markers[ground] = 1, 2
    if not (markers == 0).any() or not building.any():
        return rough
    result: Mask = (
        random_walker(lab(rgb) / 50, markers, beta=200, mode="cg_j", channel_axis=2, tol=1e-2, prob_tol=1.0) == 1
    )
    return result


def _segments(rgb: _Rgb, rough: Mask, smallest: int) -> Mask:
    pieces = felzenszwalb(rgb, scale=40, sigma=0.6, min_size=smallest)
    size = np.bincount(pieces.ravel())
    share = np.bincount(pieces.ravel(), rough.ravel().astype(np.float64), len(size)) / np.maximum(size, 1)
    result: Mask = (share > 0.5)[pieces]
    return result


def vote(rgb: _Rgb, rough: Mask, reach: float, gsd: float) -> Ballot:
    """Let the voters decide about each pixel.

    Parameters
    ----------
    rgb
        Picture, shape (height, width, 3).
    rough
        Rough mask of one building.
    reach
        How far the rough mask's edge may be off, pixels (one standard deviation).
    gsd
        Metres a pixel.

    Returns
    -------
    tuple
        Share of the voters 0–1 for each pixel; mean IoU of the voters with their majority.
    """
    voters: tuple[Callable[[], Mask], ...] = (
        lambda: _grabcut(rgb, rough, reach),
        lambda: _watershed(rgb, rough, 0.7 * reach),
        lambda: _watershed(rgb, rough, 1.2 * reach),
        lambda: _walker(rgb, rough, reach),
        lambda: _segments(rgb, rough, max(8, int(4 / gsd**2))),
    )
    masks = [cleaned(voter(), rough) for voter in voters]
    share = np.asarray(np.mean(masks, axis=0), np.float32)
    majority = share > 0.5
    agreement = [float((mask & majority).sum() / max(1, (mask | majority).sum())) for mask in masks]
    return share, float(np.mean(agreement))
