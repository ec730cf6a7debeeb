"""Odd things that are kept: meshes, point clouds, pictures, recordings, archives, and what nobody knows."""

from __future__ import annotations

import io
import json
import struct

import laspy
import numpy as np
import trimesh

from tests.case.odd.making import Odd, csv_of, kml, pin, png, zipped

__all__ = ["KEPT", "LAZ", "MESH"]

_ONE = {"reference": 1}
MESH = trimesh.creation.box((4, 3, 2))
_DAE = (
    b'<COLLADA xmlns="c"><asset><unit meter="0.0254"/></asset><mesh><source><float_array id="m-positions-array" '
    b'count="24"></float_array></source><vertices id="v"/><triangles count="12"/></mesh></COLLADA>'
)


def _mesh(form: str) -> bytes:
    data = MESH.export(file_type=form)
    return data.encode() if isinstance(data, str) else bytes(data)


def _cloud(suffix: str) -> bytes:
    header = laspy.LasHeader(point_format=3, version="1.2")
    cloud = laspy.LasData(header)
    cloud.x, cloud.y, cloud.z = np.arange(9.0), np.arange(9.0), np.zeros(9)
    out = io.BytesIO()
    cloud.write(out, do_compress=suffix == ".laz")
    return out.getvalue()


def _gltf(count: int = 8) -> bytes:
    accessor = {"count": count, "min": [0, 0, 0], "max": [1, 2, 3]}
    return json.dumps({
        "asset": {"version": "2.0"}, "accessors": [accessor, {"count": 36}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "buffers": [{"uri": "../../case.toml", "byteLength": 9}],
    }).encode()  # fmt: skip


_LAS, LAZ = _cloud(".las"), _cloud(".laz")
_ZIP = zipped({"pins.csv": csv_of("witness,latitude,longitude", "w1,5,-30"), "media/a.png": png(33, 44)})

KEPT: tuple[Odd, ...] = (
    Odd("box.obj", _mesh("obj"), _ONE, 0, ("reference evidence",)),
    Odd("library.obj", b"mtllib ../../case.toml\n" + _mesh("obj"), _ONE),
    Odd("empty.obj", b"# nothing\n", {}, 1),
    Odd("noise.obj", b"v a b c\nf 1 2 3\n", {}, 1),
    Odd("far-face.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 99999999\n", {}, 1),
    Odd("box.ply", _mesh("ply"), _ONE),
    Odd("promise.ply",
        b"ply\nformat binary_little_endian 1.0\nelement vertex 4000000000\nproperty float x\nend_header\n", {},
        1, ("promises more",)),
    Odd("cut.ply", _mesh("ply")[:150], {}, 1),
    Odd("box.stl", _mesh("stl"), _ONE),
    Odd("promise.stl", b"\0" * 80 + struct.pack("<I", 4_000_000_000), {}, 1, ("promises more",)),
    Odd("box.glb", _mesh("glb"), _ONE),
    Odd("cut.glb", _mesh("glb")[:200], {}, 1),
    Odd("noise.glb", b"glTF" + b"\xff" * 40, {}, 1),
    Odd("away.gltf", _gltf(), _ONE),
    Odd("minus.gltf", _gltf(-1), {}, 1),
    Odd("list.gltf", b"[]", {}, 1),
    Odd("sketchup.dae", _DAE, _ONE),
    Odd("bomb.dae", b"<!DOCTYPE d [<!ENTITY a 'a'>]><COLLADA>&a;</COLLADA>", {}, 1, ("entities",)),
    Odd("other.dae", b"<kml/>", {}, 1, ("not COLLADA",)),
    Odd("cloud.las", _LAS, _ONE),
    Odd("cloud.laz", LAZ, _ONE),
    Odd("cut.las", _LAS[:100], {}, 1),
    Odd("noise.laz", b"LASF" + b"\xff" * 400, {}, 1),
    Odd("photo.png", png(50, 51), _ONE, 0, ("belongs into sketches",)),
    Odd("photo-cut.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 20, {}, 1),
    Odd("talk.mp3", b"ID3", {}, 0, ("a recording is kept",)),
    Odd("talk.mp4", b"\0\0\0\x18ftypmp42", {}, 0, ("transcript",)),
    Odd("box.mtl", b"newmtl a\n"),
    Odd("export.zip", _ZIP, {}, 0, ("2 files of it",)),
    Odd("korean.zip", zipped({"지도.kml": kml(pin("정문"))}), {}, 0, ("1 files",)),
    Odd("slip.zip", zipped({"../../case.toml": b"x"}), {}, 1, ("outside its folder",)),
    Odd("root.zip", zipped({"/etc/x": b"x"}), {}, 1, ("outside its folder",)),
    Odd("inner.zip", zipped({"a.zip": _ZIP, "b.csv": csv_of("witness,latitude,longitude", "w1,6,-30")}), {}, 1,
        ("archive in an archive",)),
    Odd("mac.zip", zipped({"__MACOSX/._a": b"x", ".DS_Store": b"x", "a.kml": kml(pin("a"))}), {}, 0, ("1 files",)),
    Odd("empty.zip", zipped({}), {}, 1, ("no file in this archive",)),
    Odd("bomb.zip", zipped({"a.csv": b"0" * 6_000_000}), {}, 1, ("far more than anything honest",)),
    Odd("nameless.zip", zipped({"Qa": b"x"}).replace(b"Qa", b"\0a"), {}, 1, ("without a name",)),
    Odd("noise.zip", b"PK\x03\x04" + b"\0" * 40, {}, 1, ("not a zip",)),
    Odd("long.zip", zipped({"x" * 250 + ".csv": b"a"}), {}, 1, ("cannot be a file's name",)),
    Odd("contacts.vcf", b"BEGIN:VCARD", {}, 1, ("does not know this kind",)),
    Odd("readme.md", b"# notes\n"),
)  # fmt: skip
