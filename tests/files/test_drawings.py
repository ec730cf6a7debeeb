from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from geoinv.errors import FieldError, GeoinvError, UnreadableFileError, UnsafeFileError
from geoinv.files.drawings import read_drawing
from geoinv.records.drawings import RasterDrawing, VectorDrawing


def picture(**options: object) -> bytes:
    """A white sheet, 60 by 40, with a black mark at its top left."""
    pixels = np.full((40, 60, 3), 255, np.uint8)
    pixels[:10, :10] = 0
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, **{"format": "PNG", **options})  # type: ignore[arg-type]
    return buffer.getvalue()


def read(tmp_path: Path, data: bytes, name: str = "a.png") -> RasterDrawing:
    path = tmp_path / name
    path.write_bytes(data)
    drawing = read_drawing(path)
    assert isinstance(drawing, RasterDrawing)
    return drawing


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_pictures_are_read_by_content(tmp_path: Path, kind: str) -> None:
    drawing = read(tmp_path, picture(format=kind), "a.dat")
    assert drawing.pixels.shape == (40, 60, 3)
    assert drawing.pixels[3, 3].max() < 40
    assert drawing.pixels[30, 30].min() > 220


def test_a_turned_phone_is_turned_back(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held so that the stored picture must be turned clockwise
    drawing = read(tmp_path, picture(format="JPEG", exif=exif), "a.jpg")
    assert drawing.pixels.shape == (60, 40, 3)
    assert drawing.pixels[3, -4].max() < 60


def test_transparency_is_white_paper_and_dots_per_inch_are_kept(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).save(buffer, format="PNG", dpi=(300, 300))
    drawing = read(tmp_path, buffer.getvalue())
    assert drawing.pixels.min() == 255
    assert drawing.dots_per_inch == pytest.approx(300, abs=1)


def test_a_pdf_page_is_the_whole_sheet(tmp_path: Path) -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(297, 210)
    document.save(tmp_path / "a.pdf")
    drawing = read_drawing(tmp_path / "a.pdf")
    assert isinstance(drawing, RasterDrawing)
    assert drawing.whole_page
    assert drawing.pixels.shape[1] == 2400
    assert drawing.pixels.min() == 255


def test_an_svg_stays_strokes(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text('<svg viewBox="0 0 9 9"><rect width="3" height="3"/></svg>')
    assert isinstance(read_drawing(tmp_path / "a.svg"), VectorDrawing)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UnreadableFileError),
        (b"words", UnreadableFileError),
        (b"%PDF-1.4 nothing more", UnreadableFileError),
        (b"\0\0\0\x18ftypheic\0\0\0\0", UnreadableFileError),
        (b"II*\0\x08\0\0\0\xff\xff", UnreadableFileError),
    ],
)
def test_bad_pictures_are_one_sentence(tmp_path: Path, data: bytes, error: type[GeoinvError]) -> None:
    with pytest.raises(error, match=r"a\.png") as caught:
        read(tmp_path, data)
    assert "\n" not in str(caught.value)


def test_a_cut_off_picture_says_so(tmp_path: Path) -> None:
    noisy = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (80, 80, 3), dtype=np.uint8)).save(noisy, format="PNG")
    with pytest.raises(UnreadableFileError, match="damaged or cut off"):
        read(tmp_path, noisy.getvalue()[:4000])


def test_a_tiny_and_a_huge_picture_are_refused(tmp_path: Path) -> None:
    for side, words in ((11_000, "121 megapixels"), (20_000, "far too large")):
        buffer = io.BytesIO()
        Image.new("1", (side, side)).save(buffer, format="PNG")
        with pytest.raises(UnsafeFileError, match=words):
            read(tmp_path, buffer.getvalue())
    buffer = io.BytesIO()
    Image.new("L", (3, 3)).save(buffer, format="PNG")
    with pytest.raises(FieldError, match="too small"):
        read(tmp_path, buffer.getvalue())


@settings(max_examples=30)
@given(st.binary(max_size=60), st.integers(0, 160), st.sampled_from(["PNG", "JPEG", "TIFF", "BMP", "GIF"]))
def test_only_our_errors_escape(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int, kind: str) -> None:
    whole = picture(format=kind)
    path = tmp_path_factory.mktemp("d") / "fuzz.png"
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    try:
        read_drawing(path)
    except GeoinvError as error:
        assert "fuzz.png" in str(error)


def test_a_very_large_photograph_is_read_at_a_lower_resolution_and_says_so(tmp_path: Path) -> None:
    large = Image.new("RGB", (8400, 320), (240, 240, 230))
    large.paste((30, 30, 60), (4200, 0, 8400, 320))
    for name, progressive in (("plain.jpg", False), ("progressive.jpg", True)):
        large.save(tmp_path / name, "JPEG", quality=80, progressive=progressive)
        drawing = read_drawing(tmp_path / name)
        assert isinstance(drawing, RasterDrawing)
        assert drawing.shrunk == pytest.approx(1.0 if progressive else 2.0, rel=0.01)
        assert drawing.pixels.shape[1] * drawing.shrunk == pytest.approx(8400, abs=4)
        edge = int(np.argmin(np.diff(drawing.pixels[10, :, 0].astype(int))))
        assert edge * drawing.shrunk == pytest.approx(4200, abs=6)
