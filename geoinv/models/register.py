"""A point cloud laid on a model: where it lies, how far each part is from it, what it proposes. Nothing is taken.

First placements come from the plan of what stands above the ground, where the cloud shows the ground, and from global
features (FPFH; Rusu, Blodow and Beetz, ICRA 2009), each of these also turned by quarters of a circle, since compounds
are boxes; point-to-plane ICP (Chen and Medioni 1992) with a Tukey kernel refines them. What fits nearly as well in
another place is no registration: the method then refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

from geoinv.errors import RefusalError
from geoinv.models.rays import load_open3d, ray_engine
from geoinv.models.register_starts import plan_starts
from geoinv.records.clouds import Cloud

__all__ = ["Fit", "Registration", "register"]

Floats = NDArray[np.float64]

#: Edge of the cells that both point sets are thinned to for the global search: so much of the cloud's half width, and
#: at least and at most so many metres.
_VOXEL, _VOXEL_M = 1 / 60, (0.8, 2.5)
#: Points taken from the model's outside.
_SAMPLED = 40_000
#: Distances within which ICP takes pairs, metres, from coarse to fine; its last is what "fits" means.
_REACHES_M = (2.5, 1.0, 0.4)
#: A cloud of which less lies on the model than this is of something else.
_LEAST_FITNESS = 0.55
#: Another placement is a rival if its misfit is no worse than this many times the best one's …
_RIVAL_MISFIT = 1.35
#: … and it differs by more than this: metres at the cloud's edge.
_DIFFERENT_M = 1.5
_TRIES = 3
#: Clouds show the ground too: points of it are laid this far apart, this far around the model; beyond, it goes on.
_GROUND_M, _AROUND_M, _FAR_M = 1.0, 4.0, 60.0
#: So many of the placements that the thinned points leave are refined with all points.
_REFINED = 4


@dataclass(frozen=True)
class Fit:
    """How well a placement fits.

    Attributes
    ----------
    matrix
        From the cloud's metres (about its middle) to the model's, shape (4, 4), rigid.
    fitness
        Share of the cloud's points within 0.4 m of the model.
    misfit_m
        Mean distance of the cloud's points from the model, each counted as 1 m at most.
    """

    matrix: Floats
    fitness: float
    misfit_m: float


@dataclass(frozen=True)
class Registration:
    """A cloud on a model.

    Attributes
    ----------
    cloud
        What was laid.
    fit
        Where, and how well.
    rivals
        Other places it was tried in, best first, each worse by far.
    points
        The cloud's points in the model's metres, shape (n, 3).
    """

    cloud: Cloud
    fit: Fit
    rivals: tuple[Fit, ...]
    points: Floats


def register(cloud: Cloud, scene: trimesh.Scene, *, seed: int = 0) -> Registration:
    """Where a cloud lies on a model.

    Parameters
    ----------
    cloud
        In metres, any way up, anywhere; its scale is taken as right.
    scene
        From :func:`geoinv.models.solids.build_solids`.
    seed
        Of the points drawn from the model and of the search.

    Raises
    ------
    RefusalError
        If it fits in several places equally well (a symmetric model), or nowhere.
    """
    o3d = load_open3d()
    o3d.utility.set_verbosity_level(o3d.utility.VerbosityLevel.Error)
    outside = _outside(scene, seed)
    reach = float(np.linalg.norm(cloud.points, axis=1).max())
    voxel = float(np.clip(_VOXEL * reach, *_VOXEL_M))
    target, source = _cloud(o3d, outside, voxel / 2), _cloud(o3d, cloud.points, voxel / 2)
    engine = _engine(o3d, scene)
    thin, model = _cloud(o3d, np.asarray(source.points), voxel), _cloud(o3d, np.asarray(target.points), voxel)
    some = np.asarray(thin.points)
    starts = plan_starts(cloud.points, outside, seed) + _starts(o3d, thin, model, voxel, seed)
    rough = [_refined(o3d, thin, model, start, _REACHES_M[:2]) for start in starts]
    first = _distinct([_judged(o3d, engine, some, matrix) for matrix in rough], reach)[:_REFINED]
    fine = [_refined(o3d, source, target, fit.matrix, _REACHES_M[1:]) for fit in first]
    found = _distinct([_judged(o3d, engine, cloud.points, matrix) for matrix in fine], reach)
    if not found or found[0].fitness < _LEAST_FITNESS:
        share = f"{found[0].fitness:.0%}" if found else "none"
        raise RefusalError(
            f"at best {share} of its points lie on the model",
            do="check its unit and that it shows this place",
            file=cloud.name,
        )
    best, rivals = found[0], tuple(found[1:])
    if rivals and rivals[0].misfit_m <= _RIVAL_MISFIT * best.misfit_m + 0.01:
        raise RefusalError(
            f"it fits in several places nearly as well ({_turn(best, rivals[0])}): the model does not tell which",
            do="give a cloud with more of the place on it, or crop it to something unlike the rest",
            file=cloud.name,
        )
    points = cloud.points @ best.matrix[:3, :3].T + best.matrix[:3, 3]
    return Registration(cloud, best, rivals, points)


def _outside(scene: trimesh.Scene, seed: int) -> Floats:
    """Points evenly over what can be seen of the model and of the ground about it from outside, shape (n, 3)."""
    solids = [mesh for mesh in scene.geometry.values() if mesh.metadata.get("kind") not in ("room", "fixture", "stair")]
    whole = _joined(solids)
    points, faces = trimesh.sample.sample_surface(whole, 2 * _SAMPLED, seed=seed)
    normals = np.asarray(whole.face_normals)[faces]
    engine = ray_engine(whole.vertices, whole.faces)
    seen = np.zeros(len(points), bool)
    for way in _SKY:
        seen |= (normals @ way > 0.05) & ~engine.occluded(points + normals * 1e-3, way)
    shown = np.asarray(points, np.float64)[seen][:_SAMPLED]
    if _has_ground(scene):
        return shown
    (west, south), (east, north) = whole.bounds[:, :2] + [[-_AROUND_M], [_AROUND_M]]
    x, y = np.meshgrid(np.arange(west, east, _GROUND_M), np.arange(south, north, _GROUND_M))
    ground = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
    return np.concatenate([shown, ground[~engine.occluded(ground + [0, 0, 1e-3], (0.0, 0.0, 1.0))]])


def _has_ground(scene: trimesh.Scene) -> bool:
    return any(mesh.metadata.get("kind") == "terrain" for mesh in scene.geometry.values())


#: Directions a point is looked at from: the zenith, and eight sides at 15 and at 45 degrees.
_SKY = np.array(
    [(0.0, 0.0, 1.0)]
    + [
        (np.cos(up) * np.sin(turn), np.cos(up) * np.cos(turn), np.sin(up))
        for up in np.radians((15.0, 45.0))
        for turn in np.radians(np.arange(0, 360, 45))
    ]
)


def _joined(solids: list[trimesh.Trimesh]) -> trimesh.Trimesh:
    whole = trimesh.util.concatenate(solids)
    if not isinstance(whole, trimesh.Trimesh) or not len(whole.faces):
        raise RefusalError("the model has no solids", do="give a blueprint with at least one building")
    return whole


def _cloud(o3d: Any, points: Floats, voxel: float) -> Any:
    """Points thinned to one a cell, with the normals of the surface they lie on."""
    made = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points)).voxel_down_sample(voxel)
    made.estimate_normals(o3d.geometry.KDTreeSearchParamHybrid(radius=2.5 * voxel, max_nn=30))
    return made


def _engine(o3d: Any, scene: trimesh.Scene) -> Any:
    """The model to measure distances from, on level ground where it has none of its own."""
    whole = _joined(list(scene.geometry.values()))
    made = o3d.t.geometry.RaycastingScene()
    _put(o3d, made, np.asarray(whole.vertices), np.asarray(whole.faces))
    if not _has_ground(scene):
        (west, south), (east, north) = whole.bounds[:, :2] + [[-_FAR_M], [_FAR_M]]
        corners = np.array([(west, south, 0), (east, south, 0), (east, north, 0), (west, north, 0)])
        _put(o3d, made, corners, np.array([[0, 1, 2], [0, 2, 3]]))
    return made


def _put(o3d: Any, scene: Any, vertices: Floats, faces: NDArray[np.int64]) -> None:
    corners = o3d.core.Tensor(np.ascontiguousarray(vertices, np.float32))
    scene.add_triangles(corners, o3d.core.Tensor(np.ascontiguousarray(faces, np.uint32)))


def _distinct(fits: list[Fit], reach: float) -> list[Fit]:
    """The best of those that are one place, best first."""
    found: list[Fit] = []
    for fit in sorted(fits, key=lambda one: one.misfit_m):
        if all(_apart(fit, other, reach) >= _DIFFERENT_M for other in found):
            found.append(fit)
    return found


def _starts(o3d: Any, thin: Any, model: Any, voxel: float, seed: int) -> list[Floats]:
    """First placements: from features, and each turned by quarters about the upright through the cloud's middle."""
    steps = o3d.pipelines.registration
    search = o3d.geometry.KDTreeSearchParamHybrid(radius=6 * voxel, max_nn=120)
    own, theirs = steps.compute_fpfh_feature(thin, search), steps.compute_fpfh_feature(model, search)
    found: list[Floats] = []
    for number in range(_TRIES):
        o3d.utility.random.seed(seed * 1000 + number)
        result = steps.registration_ransac_based_on_feature_matching(
            thin,
            model,
            own,
            theirs,
            number % 2 == 0,  # both ways the nearest, and one way
            1.5 * voxel,
            steps.TransformationEstimationPointToPoint(False),
            3,
            [
                steps.CorrespondenceCheckerBasedOnEdgeLength(0.9),
                steps.CorrespondenceCheckerBasedOnDistance(1.5 * voxel),
            ],
            steps.RANSACConvergenceCriteria(20_000, 0.999),
        )
        found.append(np.asarray(result.transformation))
    return [_turned(start, quarter) for start in found for quarter in range(4)]


def _turned(start: Floats, quarters: int) -> Floats:
    """A placement turned about the upright through where it puts the cloud's middle."""
    c, s = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarters]
    turn = np.eye(4)
    turn[:2, :2] = [[c, -s], [s, c]]
    middle = start[:3, 3]
    turn[:3, 3] = middle - turn[:3, :3] @ middle
    return np.asarray(turn @ start, np.float64)


def _refined(o3d: Any, source: Any, target: Any, start: Floats, reaches: tuple[float, ...]) -> Floats:
    steps, matrix = o3d.pipelines.registration, start
    for reach in reaches:
        way = steps.TransformationEstimationPointToPlane(steps.TukeyLoss(reach))
        rounds = steps.ICPConvergenceCriteria(max_iteration=30)
        matrix = np.asarray(steps.registration_icp(source, target, reach, matrix, way, rounds).transformation)
    return np.asarray(matrix, np.float64)


def _judged(o3d: Any, engine: Any, points: Floats, matrix: Floats) -> Fit:
    some = points[:: max(1, len(points) // 8000)]
    placed = some @ matrix[:3, :3].T + matrix[:3, 3]
    away = engine.compute_distance(o3d.core.Tensor(np.ascontiguousarray(placed, np.float32))).numpy()
    return Fit(matrix, float((away < _REACHES_M[-1]).mean()), float(np.minimum(away, 1.0).mean()))


def _apart(one: Fit, other: Fit, reach: float) -> float:
    """How far two placements put the same point of the cloud apart, at most, metres."""
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * reach / np.sqrt(3)
    moved = [corners @ fit.matrix[:3, :3].T + fit.matrix[:3, 3] for fit in (one, other)]
    return float(np.linalg.norm(moved[0] - moved[1], axis=1).max())


def _turn(one: Fit, other: Fit) -> str:
    between = one.matrix[:3, :3] @ other.matrix[:3, :3].T
    angle = np.degrees(np.arccos(np.clip((np.trace(between) - 1) / 2, -1, 1)))
    shift = float(np.linalg.norm(one.matrix[:3, 3] - other.matrix[:3, 3]))
    return f"turned by {angle:.0f}° and moved by {shift:.1f} m"
