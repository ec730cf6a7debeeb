"""What devices and programs left in inputs reaches nothing that is made; nothing lingers, and nothing is sent."""

from __future__ import annotations

import base64
import getpass
import io
import json
import os
import platform
import re
import signal
import socket
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import rasterio
from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

from geoinv.api.publish import publish
from geoinv.case.build import build
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.start import start_case
from geoinv.cli.health import examine_case
from geoinv.files.atomic import sweep_below, temporary_prefix
from geoinv.models.sheets import sheet_png
from tests.case import tiny

#: A word that devices and programs left in every input; it may be in nothing that is made.
_LEFT = "Zanderquill"
_XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><dc:creator>{_LEFT}</dc:creator></x:xmpmeta>"


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x013B] = exif[0x8298] = _LEFT
    exif.get_ifd(0x8769)[0xA431] = f"{_LEFT}-0142"
    exif.get_ifd(0x8825).update({1: "N", 2: (IFDRational(5), IFDRational(0), IFDRational(0))})
    return exif


def _marked(root: Path) -> Path:
    """A whole small case in which every input has something left in it."""
    tiny.write_case(root)
    (drawing,) = list(root.rglob("*.svg"))
    text = drawing.read_text()
    scan = Image.open(io.BytesIO(sheet_png(text.replace("<svg ", '<svg width="211mm" height="193mm" ', 1)))).convert(
        "RGB"
    )
    drawing.write_text(
        text.replace("<svg ", f'<svg data-author="{_LEFT}" ', 1).replace(
            "</svg>", f"<!-- {_LEFT} --><metadata>{_LEFT}</metadata><desc>/home/{_LEFT}/plan.svg</desc></svg>"
        )
    )
    scan.save(drawing.with_name("scan.jpg"), exif=_exif(), comment=_LEFT.encode(), xmp=_XMP.encode())
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Author", _LEFT)
    chunks.add_itxt("XML:com.adobe.xmp", _XMP)
    scan.save(drawing.with_name("scan.png"), pnginfo=chunks, exif=_exif())
    for scene in (root / "imagery").glob("*.tif"):
        with rasterio.open(scene, "r+") as opened:
            opened.update_tags(TIFFTAG_ARTIST=_LEFT, TIFFTAG_HOSTCOMPUTER=_LEFT)
    return root


def _unpacked(data: bytes) -> Iterator[bytes]:
    """A file's bytes, and whatever is packed in them: PNG chunks, PDF streams, pictures inside pages."""
    yield data
    for match in re.finditer(rb"base64,([A-Za-z0-9+/=]{40,})", data):
        yield from _unpacked(base64.b64decode(match.group(1) + b"=="))
    if data.startswith(b"\x89PNG"):
        at = 8
        while at + 8 <= len(data):
            (size,) = struct.unpack(">I", data[at : at + 4])
            if data[at + 4 : at + 8] in (b"zTXt", b"iTXt"):
                yield data[at + 4 : at + 8 + size]
            at += size + 12
    if data.startswith(b"%PDF"):
        for match in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
            try:
                yield zlib.decompressobj().decompress(match.group(1))
            except zlib.error:
                continue


def _pictures(path: Path) -> Iterator[bytes]:
    for data in _unpacked(path.read_bytes()):
        if (
            data[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1", b"\xff\xd8\xff\xdb")
            or data[8:12] == b"WEBP"
        ):
            yield data


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built and published case; whatever asks for a socket while it is made fails."""
    root = _marked(tmp_path_factory.mktemp("leaks") / "case")

    class Forbidden(socket.socket):
        def __init__(self, *_: object, **__: object) -> None:
            raise AssertionError("something wanted to be sent")

    real, look_up = socket.socket, socket.getaddrinfo
    socket.socket, socket.getaddrinfo = Forbidden, Forbidden  # type: ignore[misc,assignment]
    try:
        with Case.open(root) as case:
            names = [path.relative_to(root) for path in (root / "facilities").rglob("*") if path.is_file()]
            report = take_in(case, by="ines", checked="markers of a test", answered=names)
            assert not report.held_back and {"scan.jpg", "scan.png"} <= {Path(file.path).name for file in report.files}
            build(case, by="ines")
            publish(case, "public")
    finally:
        socket.socket, socket.getaddrinfo = real, look_up  # type: ignore[misc]
    return root


def _outputs(root: Path) -> list[Path]:
    return [path for top in ("models", "api") for path in sorted((root / top).rglob("*")) if path.is_file()] + [
        root / "case.gpkg"
    ]


def test_nothing_that_was_left_in_inputs_is_in_anything_made(made: Path) -> None:
    outputs = _outputs(made)
    kinds = {path.suffix for path in outputs}
    assert {".svg", ".pdf", ".glb", ".gpkg", ".html", ".json", ".geojson"} <= kinds and kinds & {".png", ".jpg"}
    inputs = b"".join(path.read_bytes() for path in (made / "facilities").rglob("*") if path.is_file())
    assert inputs.count(_LEFT.encode()) >= 8, "the inputs still have it: originals are never touched"
    for path in outputs:
        for data in _unpacked(path.read_bytes()):
            assert _LEFT.encode() not in data and _LEFT.encode("utf-16-le") not in data, path.relative_to(made)


def test_nothing_made_tells_on_which_machine_where_or_by_whom(made: Path) -> None:
    words = {str(made), str(Path.home()), str(Path.cwd()), tempfile.gettempdir() + "/", "\\Users\\"}
    words |= {word for word in (platform.node(), getpass.getuser()) if len(word) > 4}
    for path in _outputs(made):
        for data in _unpacked(path.read_bytes()):
            assert not [word for word in words if word.encode() in data], path.relative_to(made)


def test_every_picture_made_has_pixels_and_nothing_else(made: Path) -> None:
    seen = 0
    for path in _outputs(made):
        for data in _pictures(path):
            image = Image.open(io.BytesIO(data))
            seen += 1
            assert not dict(image.getexif()), path
            plain = {"dpi", "jfif", "jfif_version", "jfif_unit", "jfif_density", "srgb", "gamma", "transparency",
                     "interlace", "aspect", "chromaticity", "background", "loop", "duration", "timestamp"}  # fmt: skip
            assert set(image.info) <= plain, (path, set(image.info))
    assert seen >= 3


def test_pdfs_and_models_name_nobody(made: Path) -> None:
    pdfs = [path for path in _outputs(made) if path.suffix == ".pdf"]
    models = [path for path in _outputs(made) if path.suffix == ".glb"]
    assert pdfs and models
    for path in pdfs:
        document = pypdfium2.PdfDocument(path)
        about = document.get_metadata_dict()
        assert not about.get("Author") and "ypst" in about.get("Creator", "ypst"), about
        document.close()
    for path in models:
        raw = path.read_bytes()
        (size,) = struct.unpack("<I", raw[12:16])
        asset = json.loads(raw[20 : 20 + size])["asset"]
        assert set(asset) <= {"version", "generator", "copyright", "extras"} and "@" not in json.dumps(asset)


def test_geopackages_have_no_free_pages(made: Path) -> None:
    found = [path for path in _outputs(made) if path.suffix == ".gpkg"]
    assert len(found) >= 3
    for path in found:
        db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        assert db.execute("PRAGMA freelist_count").fetchone() == (0,), path
        db.close()


# Nothing lingers.

_WRITES = """
import sys, time
from pathlib import Path
from geoinv.files.atomic import atomic_path, write_folder
root = Path(sys.argv[1])
with atomic_path(root / "originals" / "ab" / "file.bin") as one, write_folder(root / "api" / "public" / "x") as two:
    one.write_bytes(b"what she said")
    (two / "part").write_bytes(b"what she said")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_process_left_is_swept_at_the_next_start_and_what_is_in_use_stays(
    make_case: Callable[..., Path],
) -> None:
    root = make_case()
    child = subprocess.Popen([sys.executable, "-c", _WRITES, str(root)], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    left = list(root.rglob(".tmp-*"))
    assert len(left) == 2
    with Case.open(root) as case:
        take_in(case, by="ines")
        assert list(root.rglob(".tmp-*")) == left, "the other process still runs"
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        take_in(case, by="ines")
    assert not list(root.rglob(".tmp-*"))
    assert not [path for path in root.rglob("*") if path.is_file() and b"what she said" in path.read_bytes()]


def test_temporary_files_of_other_machines_go_after_a_day(tmp_path: Path) -> None:
    for name, age in (("young", 3600), ("old", 2 * 86_400)):
        path = tmp_path / f".tmp-1-00000000-{name}"
        path.write_text("x")
        os.utime(path, (time.time() - age,) * 2)
    own = tmp_path / f"{temporary_prefix()}x"
    own.write_text("x")
    sweep_below(tmp_path)
    assert {path.name[-5:].lstrip("-") for path in tmp_path.iterdir()} == {"young", own.name[-5:].lstrip("-")}


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_new_case_is_its_owner_s_alone_and_doctor_says_when_it_is_not(tmp_path: Path) -> None:
    root = tmp_path / "case"
    start_case(root, title="A fictional case")
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    (finding,) = examine_case(root)
    assert finding.fine
    root.chmod(0o755)
    (finding,) = examine_case(root)
    assert not finding.fine and "everybody" in finding.detail and "chmod 700" in finding.mend
    root.chmod(0o750)
    assert "its group" in examine_case(root)[0].detail
    assert examine_case(tmp_path) == []


def test_pixels_of_a_marked_scan_are_what_was_built_from(made: Path) -> None:
    traced = list((made / "models").rglob("scan.*.geojson"))
    assert traced, "the scans were read, not skipped"
    assert np.isfinite([len(json.loads(path.read_text())["features"]) for path in traced]).all()
