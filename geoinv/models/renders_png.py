"""A render with what must be said about it, as a PNG file; all the way round a place, as a GIF."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geoinv.geometry.sun import SunPosition
from geoinv.models.renders import DRAWING_SUN, OVERVIEW, Camera, render, see_through
from geoinv.models.renders_eye import Eye
from geoinv.models.sheet_words import sheet_words
from geoinv.models.sheets_fonts import font, text_width
from geoinv.models.solids_style import STATUS_RGB
from geoinv.records.evidence import Status

__all__ = ["png_bytes", "render_png", "see_through_png", "turntable_gif"]

_INK, _PALE, _RED = (34, 36, 40), (108, 110, 114), (163, 29, 29)
#: Colours that a picture keeps however little of it they are: those of the caption, and every status lit and in shade.
_KEPT = (
    *(
        (round(r * lit), round(g * lit), round(b * lit))
        for r, g, b in STATUS_RGB.values()
        for lit in (1, 0.75, 0.5, 0.3)
    ),
    *(_INK, _PALE, _RED, (255, 255, 255)),
)


def png_bytes(picture: NDArray[np.uint8]) -> bytes:
    """An RGB picture, shape (height, width, 3), as PNG without times or other metadata.

    In 256 colours: a shaded model has few, and the file is half as large. Those of the legend are always among them.
    """
    image = Image.fromarray(picture)
    own = image.quantize(256 - len(_KEPT), method=Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*own[: 3 * (256 - len(_KEPT))], *(value for colour in _KEPT for value in colour)])
    few = image.quantize(palette=palette, dither=Image.Dither.NONE)
    stream = io.BytesIO()
    few.save(stream, "PNG", compress_level=9)
    return stream.getvalue()


def render_png(
    scene: trimesh.Scene,
    camera: Camera | Eye = OVERVIEW,
    *,
    sun: SunPosition = DRAWING_SUN,
    width: int = 1200,
    height: int = 800,
    within: tuple[float, float, float, float] | None = None,
    lang: str = "en",
    words: Mapping[str, str] | None = None,
) -> bytes:
    """A render with its legend below, and a banner if the place is fictional, as PNG.

    Parameters
    ----------
    scene, camera, sun, within
        As for :func:`geoinv.models.renders.render`.
    width, height
        Pixels of the whole file, caption included.
    lang, words
        Language of the caption; words in place of the defaults.

    Returns
    -------
    bytes
        The same for the same scene and settings.
    """

    def painted(above: int) -> NDArray[np.uint8]:
        return render(scene, camera, sun=sun, width=width, height=above, within=within)

    return _captioned(painted, scene, camera, (width, height), sheet_words(lang, words))


def see_through_png(
    scene: trimesh.Scene,
    camera: Camera = OVERVIEW,
    *,
    sun: SunPosition = DRAWING_SUN,
    width: int = 1200,
    height: int = 800,
    lang: str = "en",
    words: Mapping[str, str] | None = None,
) -> bytes:
    """An x-ray view (:func:`geoinv.models.renders.see_through`) with the same caption, as PNG.

    Parameters and result are those of :func:`render_png`.
    """

    def painted(above: int) -> NDArray[np.uint8]:
        return see_through(scene, camera, sun=sun, width=width, height=above)

    return _captioned(painted, scene, camera, (width, height), sheet_words(lang, words))


def turntable_gif(
    scene: trimesh.Scene,
    camera: Camera = OVERVIEW,
    *,
    sun: SunPosition = DRAWING_SUN,
    frames: int = 24,
    width: int = 480,
    height: int = 320,
    lang: str = "en",
    words: Mapping[str, str] | None = None,
) -> bytes:
    """A place seen from all sides in turn, with a banner if it is fictional, as a GIF that goes round in six seconds.

    Parameters
    ----------
    scene, camera, sun, lang, words
        As for :func:`render_png`; the camera's azimuth is where it begins.
    frames
        How many pictures go round.
    width, height
        Pixels.

    Returns
    -------
    bytes
        The same for the same scene and settings.
    """
    said, pictures = sheet_words(lang, words), []
    for number in range(frames):
        turned = replace(camera, azimuth=(camera.azimuth + 360.0 * number / frames) % 360.0)
        picture = Image.fromarray(render(scene, turned, sun=sun, width=width, height=height))
        if scene.metadata.get("fictional"):
            _banner(ImageDraw.Draw(picture), said["fictional"], 8, 0.6)
        pictures.append(picture.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE))
    stream = io.BytesIO()
    pictures[0].save(
        stream, "GIF", save_all=True, append_images=pictures[1:], duration=round(6000 / frames), loop=0, optimize=False
    )
    return stream.getvalue()


def _captioned(
    painted: Callable[[int], NDArray[np.uint8]],
    scene: trimesh.Scene,
    camera: Camera | Eye,
    size: tuple[int, int],
    said: Mapping[str, str],
) -> bytes:
    """A picture, painted as high as its caption leaves room for, with the caption below it."""
    (width, height), unit = size, size[0] / 1200  # all of the caption follows the picture's width
    strip = round(74 * unit)
    picture = painted(max(1, height - strip))
    sheet = Image.new("RGB", (width, height), (255, 255, 255))
    sheet.paste(Image.fromarray(picture), (0, 0))
    pen = ImageDraw.Draw(sheet)
    pen.line([(0, height - strip), (width, height - strip)], fill=_INK, width=max(1, round(unit)))
    margin = round(18 * unit)
    title = str(scene.metadata.get("title") or scene.metadata.get("facility") or "")
    pen.text((margin, height - strip + 10 * unit), title, font=font(17 * unit, bold=True), fill=_INK)
    notes = f"{said['render']} · {_view(camera, said)} · {said['grid']}"
    left = margin + text_width(title, 17 * unit, bold=True) + 14 * unit
    # A long title leaves less room: the notes shrink rather than run off the picture.
    letters = 12.5 * unit * min(1.0, (width - margin - left) / max(text_width(notes, 12.5 * unit), 1.0))
    if letters > 6 * unit:
        pen.text((left, height - strip + 13 * unit), notes, font=font(letters), fill=_PALE)
    pen.text((width - margin, height - 32 * unit), said["not a survey"], font=font(12 * unit), fill=_PALE, anchor="ra")
    _legend(pen, scene, said, margin, height - 30 * unit, unit)
    if isinstance(camera, Camera):
        _north(pen, camera, width - 52 * unit, 56 * unit, unit)
    if scene.metadata.get("fictional"):
        _banner(pen, said["fictional"], margin, unit)
    return png_bytes(np.asarray(sheet))


def _view(camera: Camera | Eye, said: Mapping[str, str]) -> str:
    if isinstance(camera, Eye):
        return said["standing"].format(azimuth=f"{camera.azimuth:g}", height=f"{camera.at[2]:.1f}")
    return said["looking"].format(azimuth=f"{camera.azimuth:g}", elevation=f"{camera.elevation:g}")


def _legend(
    pen: ImageDraw.ImageDraw, scene: trimesh.Scene, said: Mapping[str, str], x: float, y: float, unit: float
) -> None:
    present = {Status(mesh.metadata["placed"]) for mesh in scene.geometry.values() if "placed" in mesh.metadata}
    for status in (status for status in Status if status in present):
        word = said[f"short {status.value}"]
        pen.rectangle([x, y, x + 16 * unit, y + 13 * unit], fill=STATUS_RGB[status], outline=_INK)
        pen.text((x + 23 * unit, y - 2 * unit), word, font=font(13.5 * unit), fill=_INK)
        x += 23 * unit + text_width(word, 13.5 * unit) + 26 * unit


def _banner(pen: ImageDraw.ImageDraw, text: str, x: float, unit: float) -> None:
    high = 15 * unit
    wide = text_width(text, high, bold=True)
    pen.rectangle(
        [x, 16 * unit, x + wide + 20 * unit, 44 * unit],
        fill=(255, 255, 255),
        outline=_RED,
        width=max(1, round(1.5 * unit)),
    )
    pen.text((x + 10 * unit, 20 * unit), text, font=font(high, bold=True), fill=_RED)


def _north(pen: ImageDraw.ImageDraw, camera: Camera, x: float, y: float, unit: float) -> None:
    """An arrow lying on the ground towards north, as the camera sees it."""
    axes = camera.axes()

    def seen(east: float, north: float) -> tuple[float, float]:
        place = axes @ np.array([east, north, 0.0])
        return x + float(place[0]) * 26 * unit, y - float(place[1]) * 26 * unit

    pen.polygon([seen(0, 1), seen(0.35, -0.7), seen(0, -0.35)], fill=_INK)
    pen.polygon([seen(0, 1), seen(-0.35, -0.7), seen(0, -0.35)], fill=(255, 255, 255), outline=_INK)
    tip = seen(0, 1.45)
    pen.text((tip[0], tip[1]), "N", font=font(15 * unit, bold=True), fill=_INK, anchor="mm")
