"""The film strip of a judgement: each building on each scene, its outline on it, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
from shapely.geometry.base import BaseGeometry

from geoinv.errors import RefusalError
from geoinv.imagery.scene import Scene
from geoinv.pages.furniture import MUTED, Panel, aspect_of, ground_of, path_data, stamp, svg_figure, text_at, wrapped
from geoinv.pages.underlays import surroundings, underlay_of
from geoinv.pages.words import Language, word

__all__ = ["change_figure"]

_SIDE, _TOP, _NAME, _CELL, _GAP = 34.0, 128.0, 158.0, 210.0, 14.0
#: Most buildings and scenes on one sheet.
_MOST_ROWS, _MOST_COLUMNS = 30, 8
#: Colours of Okabe and Ito (2008), told apart by dash too.
_PAINT = {
    "present": 'stroke="#0072B2" stroke-width="2.6"',
    "absent": 'stroke="#D55E00" stroke-width="2.6" stroke-dasharray="7 5"',
    "altered": 'stroke="#E69F00" stroke-width="2.6" stroke-dasharray="12 4"',
    "unsure": 'stroke="#fff" stroke-width="2" stroke-dasharray="2 4"',
}


def _cell(scene: Scene, outline: BaseGeometry, state: dict[str, Any], x: float, y: float, language: Language) -> str:
    """One building on one scene."""
    around = surroundings([outline], margin=0.5, least_m=8.0)
    try:
        underlay = underlay_of(scene, around)
    except RefusalError:
        underlay = None
    bounds = around.bounds if underlay is None else underlay.bounds
    height = min(_CELL * aspect_of(bounds), _CELL)
    panel = Panel(x, y, height / aspect_of(bounds), height, bounds)
    name = f"c{x:.0f}-{y:.0f}"
    said = f"{word('state ' + state['state'], language)} {state['probability']:.0%}"
    return (
        ground_of(panel, underlay, name)
        + f'<path d="{path_data(panel, outline)}" fill="none" {_PAINT[state["state"]]} stroke-linejoin="round"/>'
        + text_at(x, y + _CELL + 16, said, 13, bold=True)
    )


def _said(row: Any, y: float, language: Language) -> list[str]:
    """What a building is called, its id, and between which dates it came and went, beside its pictures."""
    called, found = getattr(row, "title", None), str(row.id)
    names = wrapped(called, _NAME - 12, 13) if isinstance(called, str) else [_cut(found, 13)]
    notes = [_cut(found, 12)] if isinstance(called, str) else []
    for column, key in (("not_before", "strip after"), ("not_after", "strip before")):
        if isinstance(value := getattr(row, column, None), str):
            notes.append(word(key, language, date=value))
    below = y + 18 * (len(names) + 1)
    return [
        *(text_at(_SIDE, y + 18 + 18 * at, words, 13, bold=True) for at, words in enumerate(names)),
        *(text_at(_SIDE, below + 18 * at, words, 12, fill=MUTED) for at, words in enumerate(notes)),
    ]


def _cut(words: str, size: float) -> str:
    """As much of an id as fits beside the pictures."""
    most = int((_NAME - 12) / (0.6 * size))
    return words if len(words) <= most else f"{words[: most - 1]}…"


def change_figure(judged: gpd.GeoDataFrame, scenes: Sequence[Scene], *, title: str, language: Language = "en") -> str:
    """Every judged building as a strip of pictures, one a scene, as one SVG.

    Parameters
    ----------
    judged
        What :func:`geoinv.imagery.change.change` gave, CRS 4326; with a column ``title``, what each is called.
    scenes
        The same scenes in the same order, open.
    title
        Of the sheet.
    language
        Of the words.

    Returns
    -------
    str
        The first 30 buildings on the first 8 scenes: crops of the same ground, the outline coloured by what was said.

    Raises
    ------
    RefusalError
        If there is nothing to show.
    """
    rows = [row for row in judged.itertuples() if row.geometry is not None and row.states][:_MOST_ROWS]
    if not rows:
        raise RefusalError("there is no judged outline to draw", do="give outlines and scenes that show them")
    shown = list(scenes)[:_MOST_COLUMNS]
    wide = max(2 * _SIDE + _NAME + len(shown) * (_CELL + _GAP), 640.0)
    body = [
        text_at(_SIDE, 42, title, 25, bold=True),
        text_at(_SIDE, 70, word("change figure", language), 14.5, fill=MUTED),
    ]
    if any(scene.record.simulated for scene in shown):
        body.append(stamp(wide - _SIDE, 40, word("fictional", language)))
    lefts = _SIDE + _NAME + np.arange(len(shown)) * (_CELL + _GAP)
    for scene, left in zip(shown, lefts.tolist(), strict=True):
        when = scene.record.acquired
        dated = str(when) if when is not None and when.known else word("undated scene", language)
        body.append(text_at(left, _TOP - 12, dated, 13.5, bold=True))
    y = _TOP
    for row in rows:
        body += _said(row, y, language)
        for scene, state, left in zip(shown, row.states, lefts.tolist(), strict=False):
            body.append(_cell(scene, row.geometry, state, left, y, language))
        y += _CELL + 34
    notes = [word("change note", language)]
    notes += [f"© {name}" for name in dict.fromkeys(scene.record.attribution for scene in shown) if name]
    notes += [word("korean note", language)] if language == "ko" else []
    for note in notes:
        y += 20
        body.append(text_at(_SIDE, y, note, 12, fill=MUTED))
    return svg_figure(wide, y + 24, f"{word('change figure', language)}: {title}", body)
