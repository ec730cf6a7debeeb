"""Measure the registration of point clouds on made worlds: laid right, laid wrong, refused.

    python scripts/measure_register.py --seeds 10 --first 1000

Each world's own surfaces are sampled as somebody flying by would see them, with the ground about them; noise is added,
a part is cropped away, everything is turned any way and moved; then the cloud is laid on the world's model. Symmetric
stands for one rectangular block alone: only a refusal is right there.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import shapely
import trimesh
from scipy.spatial.transform import Rotation

from geoinv.errors import RefusalError
from geoinv.models.rays import ray_engine
from geoinv.models.register import register
from geoinv.models.solids import build_solids
from geoinv.records.blueprint import Blueprint, Building, Site
from geoinv.records.clouds import Cloud
from geoinv.records.places import LonLat
from geoinv.worlds.plan import make_plan

#: Name, noise in metres, and the share of the place's width that is kept.
CASES = (("clean", 0.02, 1.0), ("noise 0.1 m", 0.10, 1.0), ("noise 0.3 m", 0.30, 1.0), ("half of it", 0.05, 0.5))
_RIGHT_M, _POINTS = 0.5, 15_000


def seen(scene: trimesh.Scene, seed: int) -> np.ndarray:
    """Points that somebody flying by could see, shape (n, 3)."""
    whole = trimesh.util.concatenate(list(scene.geometry.values()))
    points, faces = trimesh.sample.sample_surface(whole, 3 * _POINTS, seed=seed)
    normals = whole.face_normals[faces]
    engine = ray_engine(whole.vertices, whole.faces)
    ways = [(0, 0, 1), (0, 2, 1), (0, -2, 1), (2, 0, 1), (-2, 0, 1)]
    open_to = [(normals @ way > 0) & ~engine.occluded(points + 1e-3 * normals, way) for way in ways]
    low, high = whole.bounds[:, :2] + [[-3], [3]]
    ground = np.column_stack(
        [np.random.default_rng(seed).uniform(low, high, (_POINTS // 3, 2)), np.zeros(_POINTS // 3)]
    )
    free = ~engine.occluded(ground + [0, 0, 1e-3], (0.0, 0.0, 1.0))
    return np.concatenate([np.asarray(points)[np.any(open_to, axis=0)][:_POINTS], ground[free]])


def taken(points: np.ndarray, noise: float, seed: int) -> Cloud:
    """The points as a program hands them over."""
    rng = np.random.default_rng(seed)
    turn = Rotation.random(random_state=seed).as_matrix()
    moved = (points + rng.normal(0, noise, points.shape)) @ turn.T + rng.uniform(-500, 500, 3)
    middle = (moved.min(axis=0) + moved.max(axis=0)) / 2
    return Cloud("cloud.ply", moved - middle, tuple(middle), "point cloud")


def judged(scene: trimesh.Scene, points: np.ndarray, noise: float, seed: int) -> tuple[str, float]:
    """``right``, ``wrong`` or ``refused``, and the mean error in metres."""
    try:
        found = register(taken(points, noise, seed), scene, seed=seed)
    except RefusalError:
        return "refused", np.nan
    turned = found.cloud.points  # the same points, in order: the error of each is known
    error = float(np.linalg.norm(turned @ found.fit.matrix[:3, :3].T + found.fit.matrix[:3, 3] - points, axis=1).mean())
    return ("right" if error - noise * 1.6 < _RIGHT_M else "wrong"), error


def alone(blueprint: Blueprint) -> Blueprint:
    """One rectangular block, nothing else: the same when turned round."""
    first = blueprint.buildings[0]
    block = Building(id="b", outline=shapely.box(-15, -5, 15, 5), storeys=(), evidence=first.evidence)
    storey = first.storeys[0].model_copy(update={"rooms": (), "openings": (), "walls": ()})
    block = block.model_copy(update={"storeys": (storey,)})
    return blueprint.model_copy(update={"buildings": (block,), "site": Site()})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1000)
    asked = parser.parse_args()
    rows: dict[str, list[tuple[str, float]]] = {}
    began = time.process_time()
    for seed in range(asked.first, asked.first + asked.seeds):
        plan = make_plan(
            ("county", "camp")[seed % 2], seed, slug="w", title="Made (fictional)", at=LonLat(-150.0, -40.0)
        )
        scene = build_solids(plan.blueprint)
        points = seen(scene, seed)
        for name, noise, share in CASES:
            part = points[points[:, 0] <= np.quantile(points[:, 0], share)]
            rows.setdefault(name, []).append(judged(scene, part, noise, seed))
        symmetric = build_solids(alone(plan.blueprint))
        rows.setdefault("symmetric", []).append(judged(symmetric, seen(symmetric, seed), 0.05, seed))
    for name, found in rows.items():
        counts = {what: sum(one == what for one, _ in found) for what in ("right", "wrong", "refused")}
        errors = [error for what, error in found if what == "right"]
        middle = f", median error {np.median(errors):.3f} m" if errors else ""
        print(
            f"{name}: " + ", ".join(f"{count} {what}" for what, count in counts.items()) + f" of {len(found)}{middle}"
        )
    print(f"{(time.process_time() - began) / sum(map(len, rows.values())):.1f} s CPU a cloud")


if __name__ == "__main__":
    main()
