"""Clouds and meshes become points in metres; what cannot be read is refused in words."""

from __future__ import annotations

import laspy
import numpy as np
import pytest
import trimesh

from geoinv.errors import GeoinvError, MissingToolError, UnreadableFileError
from geoinv.files.point_clouds import CLOUD_SUFFIXES, read_cloud

BOX = trimesh.creation.box((4.0, 6.0, 3.0)).apply_translation([100, 200, 1.5])


def points(count=500):
    return np.random.default_rng(1).uniform([98, 197, 0], [102, 203, 3], (count, 3))


def write(path, suffix):
    file = path / f"it{suffix}"
    if suffix in (".las", ".laz"):
        cloud = laspy.LasData(laspy.LasHeader(point_format=3, version="1.2"))
        cloud.header.scales = [0.001] * 3
        cloud.x, cloud.y, cloud.z = points().T
        cloud.write(str(file))
    elif suffix == ".xyz":
        rows = "\n".join(f"{x:.3f}, {y:.3f}, {z:.3f}, 12 200 3" for x, y, z in points())
        file.write_text(f"x,y,z,colour\n# taken in June\n{rows}\n")
    elif suffix == ".gltf":
        parts = trimesh.exchange.gltf.export_gltf(trimesh.Scene(BOX), embed_buffers=True)
        file.write_bytes(parts["model.gltf"])
    elif suffix == ".dae":
        file.write_bytes(trimesh.exchange.dae.export_collada(BOX))
    else:
        file.write_bytes(data if isinstance(data := BOX.export(file_type=suffix[1:]), bytes) else data.encode())
    return file


@pytest.mark.parametrize("suffix", sorted(CLOUD_SUFFIXES))
def test_every_format_gives_points_in_metres_about_their_middle(tmp_path, suffix):
    cloud = read_cloud(write(tmp_path, suffix), date="2015-06")
    assert cloud.name == f"it{suffix}" and cloud.date == "2015-06"
    assert cloud.form == ("point cloud" if suffix in (".las", ".laz", ".xyz") else "mesh")
    assert np.abs(np.array(cloud.middle) - [100, 200, 1.5]).max() < 0.1
    assert np.abs(np.ptp(cloud.points, axis=0) - [4, 6, 3]).max() < 0.1
    again = read_cloud(tmp_path / f"it{suffix}", date="2015-06")
    assert np.array_equal(cloud.points, again.points)


def test_a_files_unit_is_what_a_person_says(tmp_path):
    cloud = read_cloud(write(tmp_path, ".xyz"), metres=0.01)
    assert np.abs(np.ptp(cloud.points, axis=0) - [0.04, 0.06, 0.03]).max() < 0.001


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xyz", b"1 2 3\n4 5 6\n", "only 2 points"),
        ("a.xyz", b"1 2 3\nfour five six\n" * 60, "not three numbers"),
        ("a.xyz", b"nan nan nan\n" * 80, "only 0 points"),
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 99999999\nend_header\n", "promises|damaged|cannot be read"),
        ("a.las", b"LASF" + b"\0" * 400, "damaged|promises"),
        ("a.glb", b"glTF\0\0", "GLB|damaged"),
        ("a.e57", b"x", "neither a mesh nor a point cloud"),
        ("a.stl", b"solid x\nendsolid x\n", "vertices|damaged|points"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GeoinvError, match=says) as told:
        read_cloud(tmp_path / name)
    assert told.value.file == name


def test_dae_without_its_library_names_what_mends_it(tmp_path, monkeypatch):
    file = write(tmp_path, ".dae")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match=r"geoinv\[formats\]"):
        read_cloud(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnreadableFileError):
        read_cloud(tmp_path / "none.ply")
