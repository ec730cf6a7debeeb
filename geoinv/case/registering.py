"""Registering a case's scene: to another of its scenes, to outlines in a file, or by points that a person tied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd

from geoinv.case.folder import Case
from geoinv.case.kinds import SCENES
from geoinv.case.scenes import open_described
from geoinv.errors import CaseError
from geoinv.files.geojson import read_table
from geoinv.imagery.coregister import coregister, tied
from geoinv.imagery.scene import Scene, open_scene
from geoinv.records.decisions import SetProperty
from geoinv.records.scenes import SceneRecord

__all__ = ["reference_in", "registration_of"]

_Pair = tuple[tuple[float, float], tuple[float, float]]


@contextmanager
def reference_in(path: Path) -> Iterator[Scene | gpd.GeoDataFrame]:
    """What a file holds that a scene can be registered to: a scene, or outlines.

    Raises
    ------
    InputError
        If it can be read as neither.
    """
    if path.suffix.lower() in SCENES:
        with open_described(path) as scene:
            yield scene
    else:
        yield read_table(path)


def registration_of(case: Case, target: str, *, to: str | None, ties: Sequence[_Pair] = ()) -> SetProperty:
    """The decision that registers a scene, with its offset and error; to be recorded with a name and a reason.

    Parameters
    ----------
    case
        The case.
    target
        The scene, as ``imagery/b.tif``. Where it lay by an earlier registration does not count.
    to
        Another scene of the case, or a file of outlines.
    ties
        Pairs of places instead: as the scene shows a thing, and where it is.

    Raises
    ------
    CaseError
        If there is no such scene, or its offset cannot be told: then nothing is to be recorded.
    InputError
        If a file cannot be read or a pair is impossible.
    """
    scenes = {path: SceneRecord.read(data, file=path) for path, data in case.scenes()}
    if target not in scenes:
        raise CaseError(f"there is no scene “{target}”", do=f"choose one of: {', '.join(scenes) or 'none yet'}")
    if ties:
        found = tied(ties, to=to or "ties")
    elif to is None or to == target:
        raise CaseError("nothing to register the scene to", do="name another scene or outlines, or tie points")
    else:
        plain = scenes[target].model_copy(update={"registration": None})
        with open_scene(case.root / target, plain) as scene:
            if to in scenes:
                with open_scene(case.root / to, scenes[to]) as other:
                    found = coregister(scene, other)
            else:
                with reference_in(Path(to)) as other:
                    found = coregister(scene, other)
        found = found.model_copy(update={"to": to if to in scenes else Path(to).name})
    if not found.registered:
        raise CaseError(f"{target} was not registered: {found.why}", do="tie points by hand, at least four, far apart")
    return SetProperty(target=target, field="registration", value=found.plain())
