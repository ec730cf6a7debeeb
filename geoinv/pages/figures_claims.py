"""The figure of one finding: the plan about what was claimed, with the sight line, the way or the sun drawn."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geoinv.models.claims_parts import one_version
from geoinv.models.claims_view import first_person
from geoinv.models.hypotheses import hypotheses
from geoinv.models.renders_png import png_bytes
from geoinv.models.solids_walls import PlacedOpening, storey_plan
from geoinv.pages.furniture import (
    INK,
    MUTED,
    WARN,
    Key,
    MetricPanel,
    legend_at,
    north_arrow,
    path_data,
    scale_bar,
    stamp,
    svg_figure,
    text_at,
    wrapped,
)
from geoinv.pages.map_words import label_place
from geoinv.pages.words import Language, word
from geoinv.records.blueprint import Blueprint, Building
from geoinv.records.claims import Claim, Finding

__all__ = ["claim_figure"]

_WIDTH, _SIDE = 760.0, 24.0
_VERDICT = {"consistent": "#0072B2", "inconsistent": WARN, "undecidable": MUTED}
#: Ground shown about what is drawn, metres and as a share of its size: its neighbours, not all of a long building.
_AROUND_M, _AROUND = 5.0, 0.25
#: Width of a letter as a share of its size.
_LETTER = 0.58


class _Paint(NamedTuple):
    """How one of a finding's shapes is drawn, and its words."""

    key: str
    style: str


_PAINTS = {
    "from": _Paint("claim from", 'fill="#E69F00" fill-opacity=".35" stroke="#B37400" stroke-width="2"'),
    "to": _Paint("claim to", 'fill="#009E73" fill-opacity=".30" stroke="#00664B" stroke-width="2"'),
    "patch": _Paint("claim patch", 'fill="#F0E442" stroke="#B8AC00" stroke-width=".6"'),
    "route": _Paint("claim route", 'fill="none" stroke="#0072B2" stroke-width="3.2" stroke-linejoin="round"'),
    "sight": _Paint("claim sight", 'fill="none" stroke="#0072B2" stroke-width="2.4"'),
    "blocked": _Paint("claim blocked", f'fill="none" stroke="{WARN}" stroke-width="2.4" stroke-dasharray="7 5"'),
}


def claim_figure(blueprint: Blueprint, claim: Claim, finding: Finding, *, language: Language = "en") -> str:
    """A finding as SVG: plan, what was claimed, verdict in words, scale, north and legend.

    Parameters
    ----------
    blueprint
        The model tested, metres.
    claim, finding
        The test; a finding that could not be tested shows the plan and why.
    language
        Of the words.
    """
    whole, names = blueprint, hypotheses(blueprint)
    blueprint = one_version(whole, names[0] if names else None)  # that of which the finding's shapes are
    shapes = {name: shape for name, shape in finding.shapes.items() if name in _PAINTS and not shape.is_empty}
    low = _storey_height(blueprint, shapes.values())
    sentence = finding.sentence.get(language, finding.why)
    if len(names) > 1:
        sentence += f" {word('claim version', language).format(shown=names[0], all=', '.join(names))}"
    panel, top = _panel(blueprint, shapes.values(), sentence)
    body = [f'<clipPath id="ground"><rect {_frame(panel)}/></clipPath>', f'<rect {_frame(panel)} fill="#f3f4f6"/>']
    body.append(f'<g clip-path="url(#ground)">{_plan(panel, blueprint, low)}')
    for name in [name for name in _PAINTS if name in shapes]:
        body.append(_shape(panel, shapes[name], _PAINTS[name].style))
    body.append(f"{_names(panel, blueprint, low, list(shapes.values()))}</g>")
    body += _head(claim, finding, language, top)
    body.append(scale_bar(panel, panel.x + 14, panel.y + panel.height - 18))
    body.append(north_arrow(panel.x + panel.width - 30, panel.y + 30, word("north", language)))
    alone = "to" not in shapes
    keys = [
        Key(_PAINTS[name].style, word("claim about" if name == "from" and alone else _PAINTS[name].key, language))
        for name in _PAINTS
        if name in shapes
    ]
    legend, end = legend_at(_SIDE, panel.y + panel.height + 28, keys, _WIDTH - 2 * _SIDE, claim.id)
    body.append(legend)
    view, end = _view(whole, claim, shapes, end, language)
    body.append(view)
    if blueprint.fictional:
        body.append(stamp(_WIDTH - _SIDE, 38, word("fictional", language)))
    return svg_figure(_WIDTH, end + 18, f"{claim.id}: {claim.said or claim.kind}", body)


def _view(
    blueprint: Blueprint, claim: Claim, shapes: Mapping[str, BaseGeometry], top: float, language: Language
) -> tuple[str, float]:
    """Of a sight line what the eyes had before them, under the plan; and where that ends."""
    line = shapes.get("sight", shapes.get("blocked"))
    if claim.kind != "sees" or not isinstance(line, LineString):
        return "", top
    picture = first_person(blueprint, claim, line, blocked="blocked" in shapes)
    if picture is None:
        return "", top
    width = _WIDTH - 2 * _SIDE
    height = width * picture.shape[0] / picture.shape[1]
    data = base64.b64encode(png_bytes(picture)).decode("ascii")
    where = f'x="{_SIDE:g}" y="{top + 34:.1f}" width="{width:g}" height="{height:.1f}"'
    image = f'<image {where} href="data:image/png;base64,{data}"/>'
    return text_at(_SIDE, top + 26, word("claim view", language), 12.5, bold=True) + image, top + 34 + height


def _frame(panel: MetricPanel) -> str:
    return f'x="{panel.x:g}" y="{panel.y:g}" width="{panel.width:g}" height="{panel.height:.1f}"'


def _head(claim: Claim, finding: Finding, language: Language, lines: Sequence[str]) -> list[str]:
    verdict = word(f"claim {finding.verdict}", language)
    out = [text_at(_SIDE, 38, verdict, 19, bold=True, fill=_VERDICT[finding.verdict])]
    if claim.said:
        out.append(text_at(_SIDE, 60, f"“{claim.said}”" if len(claim.said) < 90 else f"“{claim.said[:88]}…”", 13.5))
    out += [text_at(_SIDE, 82 + 17 * index, line, 12.5, fill=MUTED) for index, line in enumerate(lines)]
    return out


def _panel(blueprint: Blueprint, shapes: Iterable[BaseGeometry], sentence: str) -> tuple[MetricPanel, list[str]]:
    wanted = list(shapes) or [building.outline for building in blueprint.buildings] or [shapely.box(-5, -5, 5, 5)]
    west, south, east, north = shapely.union_all(wanted).bounds
    pad = max(_AROUND_M, _AROUND * max(east - west, north - south))
    bounds = (west - pad, south - pad, east + pad, north + pad)
    inner = _WIDTH - 2 * _SIDE
    aspect = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    height = min(inner * aspect, 560.0)
    spare = (inner * height / (inner * aspect) if aspect else 1.0) - inner
    if spare < 0:  # widen the ground so that the panel keeps the page's width
        more = ((bounds[3] - bounds[1]) * inner / height - (bounds[2] - bounds[0])) / 2
        bounds = (bounds[0] - more, bounds[1], bounds[2] + more, bounds[3])
    lines = wrapped(sentence, inner, 12.5)
    return MetricPanel(_SIDE, 92.0 + 17 * len(lines), inner, height, bounds), lines


def _storey_height(blueprint: Blueprint, shapes: Iterable[BaseGeometry]) -> float:
    """Floor of the storey that is drawn: the lowest whose rooms the shapes touch."""
    wanted = [shape for shape in shapes if not shape.is_empty]
    floors = [
        storey.floor_m
        for building in blueprint.buildings
        for storey in building.storeys
        if any(room.polygon.intersects(shape) for room in storey.rooms for shape in wanted)
    ]
    return min(floors, default=0.0)


def _plan(panel: MetricPanel, blueprint: Blueprint, floor: float) -> str:
    out = []
    for wall in blueprint.site.walls:
        band = wall.line.buffer(wall.thickness_m / 2, cap_style="flat")
        out.append(_shape(panel, band, 'fill="#9aa3ad" stroke="none"'))
    for tower in blueprint.site.towers:
        out.append(_shape(panel, tower.outline, f'fill="#c7cdd4" stroke="{INK}" stroke-width="1"'))
    for building in blueprint.buildings:
        rooms = _rooms(building, floor)
        fill = "#aab2bb" if rooms else "#d5dade"
        out.append(_shape(panel, building.outline, f'fill="{fill}" stroke="{INK}" stroke-width="1.4"'))
        for polygon, _ in rooms:
            out.append(_shape(panel, polygon, 'fill="#fff" stroke="#6b7683" stroke-width=".8"'))
        for storey in building.storeys:
            if abs(storey.floor_m - floor) < 1.0 and rooms:
                out += [_opening(panel, placed) for placed in storey_plan(building, storey).openings]
    for gate in blueprint.site.gates:
        out.append(_gate(panel, gate.at, gate.width_m))
    return "".join(out)


def _rooms(building: Building, floor: float) -> list[tuple[BaseGeometry, str]]:
    return [
        (room.polygon, room.labels[0] if room.labels else room.role)
        for storey in building.storeys
        if abs(storey.floor_m - floor) < 1.0
        for room in storey.rooms
    ]


def _opening(panel: MetricPanel, placed: PlacedOpening) -> str:
    """The gap in the wall: of a door its sill, of a window its pane, along the middle of the wall."""
    (x, y), (u, v), half = placed.centre, placed.direction, placed.opening.width_m / 2
    along = LineString([(x - half * u, y - half * v), (x + half * u, y + half * v)])
    colour = "#56B4E9" if placed.opening.kind == "window" else "#8a4b08"
    gap = _shape(panel, placed.outline(), 'fill="#fff" stroke="none"')
    return gap + _shape(panel, along, f'fill="none" stroke="{colour}" stroke-width="2"')


def _gate(panel: MetricPanel, at: tuple[float, float], width: float) -> str:
    x, y = panel.at(np.array([at]))[0]
    half = max(2.5, width / panel.metres_per_unit / 2)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{half:.1f}" fill="none" stroke="#8a4b08" stroke-width="1.2"/>'


def _shape(panel: MetricPanel, shape: BaseGeometry, style: str) -> str:
    if shape.geom_type == "Point":
        x, y = panel.at(shapely.get_coordinates(shape))[0]
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" {style}/>'
    return f'<path d="{path_data(panel, shape)}" {style}/>'


def _names(panel: MetricPanel, blueprint: Blueprint, floor: float, claimed: Sequence[BaseGeometry]) -> str:
    """Names of rooms and buildings: of those that the claim is about, and of others where they fit in."""
    out = []
    for building in blueprint.buildings:
        rooms = _rooms(building, floor)
        named = rooms or ([(building.outline, building.labels[0])] if building.labels else [])
        for polygon, name in named:
            west, south, east, north = polygon.bounds
            across, up = (east - west) / panel.metres_per_unit, (north - south) / panel.metres_per_unit
            wide = sum(1.0 if ord(letter) > 0x2E7F else _LETTER for letter in name) * 10.5
            about = any(shape.area and shape.equals_exact(polygon, 1e-6) for shape in claimed)
            if not about and (up < 14 or wide > across):
                continue
            x, y = panel.at(np.array([label_place(polygon)]))[0]
            out.append(text_at(x, y + 4, name, 10.5, anchor="middle", halo=True))
    return "".join(out)
