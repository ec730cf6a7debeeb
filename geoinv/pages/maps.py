"""The single-file map: folium with everything inside, so that it opens without a network and asks nobody for anything.

folium's defaults load ten files from four hosts. Here Leaflet is the copy this package carries, there are no tiles, and
popups are made of text nodes (folium's own popups need jQuery and take markup).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template
from folium.utilities import JsCode

from geoinv.errors import RefusalError
from geoinv.pages.carried import FONTS_HERE, leaflet_css, static_text, with_fonts
from geoinv.pages.mapdata import furniture, map_bounds, map_features, scene_name
from geoinv.pages.underlays import Underlay, data_uri, webp_bytes
from geoinv.pages.words import Language
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint

__all__ = ["offline_map"]

_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


class _Furniture(MacroElement):
    """Title, legend, scale bar and notes, drawn by ``map.js``."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            (function () {
                var data = {{ this.data|tojson }};
                {%- if this.fading %}
                data.fade.layer = {{ this.fading.get_name() }};
                {%- endif %}
                geoinvMap.furnish({{ this._parent.get_name() }}, data);
            })();
        {% endmacro %}
        """
    )

    def __init__(self, data: dict[str, Any], fading: folium.raster_layers.ImageOverlay | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Furniture"
        self.data, self.fading = data, fading


class _OfflineMap(folium.Map):
    """folium's map, with the carried Leaflet in the place of everything it would load."""

    default_js = [("leaflet", "data:,"), ("geoinv_map", "data:,")]
    default_css = [("leaflet_css", "data:,"), ("geoinv_map_css", "data:,")]


def _embedded(page: str, language: Language, title: str) -> str:
    """Put scripts and styles where their links are, and number folium's random ids in order of appearance."""
    for text in (static_text("leaflet/leaflet.js"), static_text("map.js")):
        page = page.replace('<script src="data:,"></script>', f"<script>{text}</script>", 1)
    for text in (leaflet_css(), FONTS_HERE + static_text("map.css")):
        page = page.replace('<link rel="stylesheet" href="data:,"/>', f"<style>{text}</style>", 1)
    numbers: dict[str, str] = {}
    page = _ID.sub(lambda found: numbers.setdefault(found.group(), f"{len(numbers):x}"), page)
    head = f'<html lang="{language}">\n<head>\n<title>{escape(title)}</title>\n<link rel="icon" href="data:,">'
    return with_fonts(page.replace("<html>\n<head>", head, 1), bold=False)


def _style(item: dict[str, Any]) -> dict[str, Any]:
    style = item["properties"]["style"]
    line = {"color": style["color"], "weight": style["width"], "dashArray": style["dash"] or None}
    return {**line, "fillColor": style["color"], "fillOpacity": style["fill"]}


def _image(underlay: Underlay, language: Language) -> folium.raster_layers.ImageOverlay:
    """A scene as a layer that holds its own pixels."""
    west, south, east, north = underlay.bounds
    return folium.raster_layers.ImageOverlay(
        data_uri(webp_bytes(underlay.pixels), "image/webp"),
        [[south, west], [north, east]],
        name=scene_name(underlay, language),
        pixelated=False,
        control=False,
    )


def offline_map(
    facility: Facility,
    footprints: Sequence[Footprint],
    *,
    underlays: Sequence[Underlay] = (),
    counts: Mapping[str, int] | None = None,
    language: Language = "en",
) -> str:
    """A facility's map as one HTML file that makes no request.

    Parameters
    ----------
    facility
        Whose map it is.
    footprints
        Coloured by status, labelled by the first name used, with a popup each.
    underlays
        Scenes under the outlines, earliest first; with two or more, a slider fades the latest over the earliest.
    counts
        Incidents by footprint id.
    language
        Of the words.

    Returns
    -------
    str
        HTML; the same bytes for the same input.

    Raises
    ------
    RefusalError
        If there is neither a footprint nor a scene to show.
    """
    if not footprints and not underlays:
        raise RefusalError("there is nothing to show on a map", do="build the facility first", item=facility.slug)
    made = _OfflineMap(
        tiles=None,
        zoom_control="topright",
        max_zoom=23,
        zoom_snap=0.25,
        attribution_control=True,
        control_scale=False,
        font_size="13px",
    )
    bounds = map_bounds(footprints, underlays)
    images = [_image(underlay, language) for underlay in underlays]
    for image in images:
        image.add_to(made)
    data = {"type": "FeatureCollection", "features": map_features(footprints, counts, language)}
    if footprints:
        folium.GeoJson(
            json.loads(json.dumps(data)), style_function=_style, on_each_feature=JsCode("geoinvMap.bind"), control=False
        ).add_to(made)
    made.fit_bounds(bounds)
    fading = images[-1] if len(images) > 1 else None
    details = furniture(facility, footprints, underlays, language, counted=bool(counts), bounds=bounds)
    _Furniture(details, fading).add_to(made)
    return _embedded(made.get_root().render(), language, facility.name)
