"""What every figure is made of: a panel of ground, text, scale bar, north, legend, stamp; SVG text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.pages.underlays import Underlay, data_uri, jpeg_bytes
from geoinv.pages.words import Language, word

__all__ = [
    "FONTS",
    "INK",
    "MUTED",
    "PAPER",
    "WARN",
    "Key",
    "MetricPanel",
    "Panel",
    "aspect_of",
    "caption",
    "ground_of",
    "legend_at",
    "north_arrow",
    "path_data",
    "scale_bar",
    "stamp",
    "svg_figure",
    "text_at",
    "wrapped",
]

FONTS = "'Geoinv Sans','Noto Sans KR','Noto Sans CJK KR','Apple SD Gothic Neo','Malgun Gothic',Inter,Arial,sans-serif"
INK, MUTED, PAPER, WARN = "#1d2733", "#5b6673", "#ffffff", "#b3261e"
#: A bar from this on is labelled in kilometres, metres.
_KM_FROM = 5000.0
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Panel:
    """A rectangle of the page that shows a piece of ground: degrees to page units, linear over so small an area."""

    x: float
    y: float
    width: float
    height: float
    bounds: tuple[float, float, float, float]

    def at(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Page coordinates, shape (n, 2), of places in the panel's own units, shape (n, 2)."""
        west, south, east, north = self.bounds
        across = (xy[:, 0] - west) / (east - west) * self.width + self.x
        down = (north - xy[:, 1]) / (north - south) * self.height + self.y
        return np.column_stack([across, down])

    @property
    def metres_per_unit(self) -> float:
        """Metres of ground under one page unit across, along the middle parallel."""
        west, south, east, north = self.bounds
        middle = (south + north) / 2
        _, _, metres = _GEOD.inv(west, middle, east, middle)
        return float(metres) / self.width


@dataclass(frozen=True)
class MetricPanel(Panel):
    """A panel whose bounds are metres east and north of a frame."""

    @property
    def metres_per_unit(self) -> float:
        """Metres of ground under one page unit."""
        return (self.bounds[2] - self.bounds[0]) / self.width


def aspect_of(bounds: tuple[float, float, float, float]) -> float:
    """Height of a piece of ground over its width, metres over metres; bounds in degrees."""
    west, south, east, north = bounds
    _, _, across = _GEOD.inv(west, (south + north) / 2, east, (south + north) / 2)
    _, _, up = _GEOD.inv((west + east) / 2, south, (west + east) / 2, north)
    return float(up) / float(across)


def path_data(panel: Panel, geometry: BaseGeometry) -> str:
    """SVG path data of the rings of a polygon (or of a line)."""
    if isinstance(geometry, Polygon):
        rings = [geometry.exterior, *geometry.interiors]
    elif isinstance(geometry, MultiPolygon) or hasattr(geometry, "geoms"):
        return "".join(path_data(panel, part) for part in geometry.geoms)
    else:
        rings = [geometry]
    closed = isinstance(geometry, Polygon)
    parts = []
    for ring in rings:
        points = panel.at(np.asarray(ring.coords, np.float64)[:, :2])
        if len(points) < 2:
            continue
        body = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f"M{body}{'Z' if closed else ''}")
    return "".join(parts)


def text_at(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    bold: bool = False,
    fill: str = INK,
    anchor: str = "start",
    halo: bool = False,
) -> str:
    """One line of text, escaped; with a white halo where it stands on a picture."""
    around = ' paint-order="stroke" stroke="#fff" stroke-width="3.6" stroke-linejoin="round"' if halo else ""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{weight}{around}>'
        f"{escape(words)}</text>"
    )


def scale_bar(panel: Panel, x: float, y: float) -> str:
    """A bar of a round length near a fifth of the panel, black and white quarters, labelled ``0 … X m``."""
    target = panel.metres_per_unit * panel.width / 5
    power = 10 ** math.floor(math.log10(target))
    length = max(step * power for step in (1, 2, 5) if step * power <= target)
    units = length / panel.metres_per_unit
    quarter = units / 4
    out = [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{units:.1f}" height="6" fill="#fff" stroke="{INK}" stroke-width="1"/>'
    ]
    out += [
        f'<rect x="{x + index * quarter:.1f}" y="{y:.1f}" width="{quarter:.1f}" height="6" fill="{INK}"/>'
        for index in (0, 2)
    ]
    out.append(text_at(x, y - 6, "0", 11.5, anchor="middle"))
    words = f"{length:g} m" if length < _KM_FROM else f"{length / 1000:g} km"
    out.append(text_at(x + units, y - 6, words, 11.5, anchor="middle"))
    return "".join(out)


def north_arrow(x: float, y: float, letter: str) -> str:
    """An arrow up with its letter."""
    return (
        f'<g transform="translate({x:.1f} {y:.1f})"><circle r="19" fill="#fff" fill-opacity=".88"/>'
        f'<path d="M0-14L6.5 10L0 5.5L-6.5 10Z" fill="{INK}"/></g>'
        + text_at(x, y + 33, letter, 13, bold=True, anchor="middle", halo=True)
    )


def stamp(x: float, y: float, words: str) -> str:
    """Words white on red, ending at x: that something is fictional."""
    half = 5.2 * sum(2 if ord(letter) > 0x1100 else 1.25 for letter in words) / 1.25 + 12
    return (
        f'<rect x="{x - 2 * half:.1f}" y="{y - 17:.1f}" width="{2 * half:.1f}" height="25" rx="3" fill="{WARN}"/>'
        + text_at(x - half, y, words, 13, bold=True, fill="#fff", anchor="middle")
    )


@dataclass(frozen=True)
class Key:
    """One entry of a legend: attributes of its swatch, and its words."""

    swatch: str
    words: str


def legend_at(x: float, y: float, keys: Sequence[Key], width: float, title: str) -> tuple[str, float]:
    """Swatches in as many columns as fit, and the y below them."""
    step = 272.0
    columns = max(1, int(width // step))
    out = [text_at(x, y, title, 13, bold=True)]
    for index, key in enumerate(keys):
        left, top = x + (index % columns) * step, y + 13 + (index // columns) * 25
        out.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="28" height="15" {key.swatch}/>')
        out.append(text_at(left + 38, top + 12.5, key.words, 13))
    return "".join(out), y + 13 + math.ceil(len(keys) / columns) * 25


def ground_of(panel: Panel, underlay: Underlay | None, name: str) -> str:
    """The scene clipped to its panel, or a plain ground where there is none."""
    frame = f'x="{panel.x}" y="{panel.y}" width="{panel.width}" height="{panel.height:.1f}"'
    clip = f'<clipPath id="{name}"><rect {frame}/></clipPath>'
    if underlay is None:
        return f'{clip}<rect {frame} fill="#e9ecef"/>'
    west, south, east, north = underlay.bounds
    (left, top), (right, bottom) = panel.at(np.array([[west, north], [east, south]]))
    uri = data_uri(jpeg_bytes(underlay.pixels), "image/jpeg")
    return (
        f'{clip}<rect {frame} fill="#e9ecef"/><image clip-path="url(#{name})" x="{left:.1f}" y="{top:.1f}" '
        f'width="{right - left:.1f}" height="{bottom - top:.1f}" preserveAspectRatio="none" href="{uri}"/>'
    )


def caption(underlay: Underlay | None, language: Language) -> str:
    """When and whose a scene is."""
    if underlay is None:
        return ""
    when = word("scene of", language, date=underlay.date) if underlay.date else word("undated scene", language)
    what = [when, underlay.attribution, word("simulated pixels", language) if underlay.simulated else ""]
    return " · ".join(filter(None, what))


def svg_figure(width: float, height: float, title: str, body: Sequence[str]) -> str:
    """The parts of a figure as one SVG with a title and a white page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:.0f}" width="{width:g}" '
        f'height="{height:.0f}" role="img" font-family="{FONTS}"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(body)}</svg>\n'
    )


def wrapped(words: str, width: float, size: float) -> list[str]:
    """A text in lines that fit a width at a size in page units; at least one line. Hangul is twice as wide."""
    lines, line, used = [], "", 0.0
    for part in words.split(" "):
        wide = size * sum(0.96 if ord(letter) > 0x1100 else 0.54 for letter in part)
        if line and used + wide + 0.3 * size > width:
            lines.append(line)
            line, used = "", 0.0
        line = f"{line} {part}" if line else part
        used += wide + 0.3 * size
    return [*lines, line]
