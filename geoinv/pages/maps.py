"""The single-file map: folium with everything inside, so that it opens without a network and asks nobody for anything.

folium's defaults load ten files from four hosts. Here Leaflet is the copy this package carries, there are no tiles, and
popups are made of text nodes (folium's own popups need jQuery and take markup).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template
from folium.utilities import JsCode

from geoinv.errors import RefusalError
from geoinv.pages.carried import font_face, leaflet_css, letters_on, static_text
from geoinv.pages.map_data import leaflet_data
from geoinv.pages.map_spec import MapBy, MapScene, MapSpec
from geoinv.pages.map_words import scene_label
from geoinv.pages.underlays import Underlay, data_uri, webp_bytes
from geoinv.pages.words import Language

__all__ = ["offline_map"]

_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


class _Furniture(MacroElement):
    """Title, choices, legend, scale bar and notes, drawn by ``map.js``."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            geoinvMap.furnish({{ this._parent.get_name() }}, {{ this.data|tojson }}, [{{ this.images }}]);
        {% endmacro %}
        """
    )

    def __init__(self, data: dict[str, Any], images: Sequence[folium.raster_layers.ImageOverlay]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Furniture"
        self.data = data
        self.images = ", ".join(image.get_name() for image in images)


class _OfflineMap(folium.Map):
    """folium's map, with the carried Leaflet in the place of everything it would load."""

    default_js = [("leaflet", "data:,"), ("geoinv_map", "data:,")]
    default_css = [("leaflet_css", "data:,"), ("geoinv_map_css", "data:,")]


_SCRIPTS = ("leaflet/leaflet.js", "map.js")


@cache
def _carried_letters() -> frozenset[str]:
    """Letters of the scripts and styles that every map carries."""
    return letters_on("\n".join((*map(static_text, _SCRIPTS), leaflet_css(), static_text("map.css"))))


def _embedded(page: str, language: Language, title: str, letters: frozenset[str]) -> str:
    """Number folium's random ids in order of appearance, and put scripts and styles where their links are."""
    numbers: dict[str, str] = {}
    page = _ID.sub(lambda found: numbers.setdefault(found.group(), f"{len(numbers):x}"), page)
    head = f'<html lang="{language}">\n<head>\n<title>{escape(title)}</title>\n<link rel="icon" href="data:,">'
    page = page.replace("<html>\n<head>", head, 1)
    fonts = font_face(letters_on(page) | _carried_letters() | letters, bold=False)
    for path in _SCRIPTS:
        page = page.replace('<script src="data:,"></script>', f"<script>{static_text(path)}</script>", 1)
    for text in (leaflet_css(), fonts + static_text("map.css")):
        page = page.replace('<link rel="stylesheet" href="data:,"/>', f"<style>{text}</style>", 1)
    return page


def _style(item: dict[str, Any]) -> dict[str, Any]:
    style = item["properties"]["style"]
    line = {"color": style["color"], "weight": style["width"], "dashArray": style["dash"] or None}
    return {**line, "fillColor": style["color"], "fillOpacity": style["fill"]}


def _image(scene: MapScene, underlay: Underlay, language: Language) -> folium.raster_layers.ImageOverlay:
    """A scene as a layer that holds its own pixels."""
    west, south, east, north = scene.bounds
    return folium.raster_layers.ImageOverlay(
        data_uri(webp_bytes(underlay.pixels), "image/webp"),
        [[south, west], [north, east]],
        name=scene_label(scene.date, language),
        pixelated=False,
        control=False,
    )


def offline_map(
    spec: MapSpec,
    underlays: Sequence[Underlay] = (),
    *,
    language: Language = "en",
    cite: str = "",
    by: MapBy = "known",
    letters: frozenset[str] = frozenset(),
) -> str:
    """A facility's map as one HTML file that makes no request.

    Parameters
    ----------
    spec
        What is on it.
    underlays
        The pictures of its scenes, in their order; with two or more, a slider fades the latest over the earliest.
    language, cite
        Of the words; which release it is of, in words.
    by
        What colours it at first.
    letters
        What its fonts hold besides the letters on it: maps that share them are made faster.

    Returns
    -------
    str
        HTML; the same bytes for the same input.

    Raises
    ------
    RefusalError
        If there is nothing to show.
    """
    if spec.bounds() is None:
        raise RefusalError("there is nothing to show on a map", do="build the facility first", item=spec.slug)
    made = _OfflineMap(
        tiles=None,
        zoom_control="topright",
        max_zoom=23,
        zoom_snap=0.25,
        attribution_control=True,
        control_scale=False,
        font_size="13px",
    )
    images = [_image(scene, one, language) for scene, one in zip(spec.scenes, underlays, strict=True)]
    for image in images:
        image.add_to(made)
    data = leaflet_data(spec, language, cite=cite, by=by)
    features = data.pop("features")
    if features["features"]:
        folium.GeoJson(
            json.loads(json.dumps(features)),
            style_function=_style,
            on_each_feature=JsCode("geoinvMap.bind"),
            control=False,
        ).add_to(made)
    made.fit_bounds(data["bounds"])
    _Furniture(data, images).add_to(made)
    return _embedded(made.get_root().render(), language, spec.name, letters)
