"""What this package carries for its pages (Leaflet, fonts, styles), as text to put inside a single file."""

from __future__ import annotations

import re
from importlib.resources import files

from geoinv.pages.underlays import data_uri

__all__ = ["font_face", "leaflet_css", "static_text"]


def static_text(path: str) -> str:
    """Text of a carried file, by its path below ``api/static``."""
    return files("geoinv").joinpath("api/static").joinpath(path).read_text(encoding="utf-8")


def _bytes(path: str) -> bytes:
    return files("geoinv").joinpath("api/static").joinpath(path).read_bytes()


def leaflet_css() -> str:
    """Leaflet's style sheet with its pictures inside."""

    def embedded(found: re.Match[str]) -> str:
        return f"url({data_uri(_bytes(f'leaflet/{found.group(1)}'), 'image/png')})"

    return re.sub(r"url\((images/[\w.-]+)\)", embedded, static_text("leaflet/leaflet.css"))


def font_face(*, bold: bool) -> str:
    """``@font-face`` rules with the carried fonts inside, so that Hangul shows on a machine that has none.

    Parameters
    ----------
    bold
        Also carry the bold cut (another 0.3 MB); without it browsers thicken the regular one.
    """
    cuts = [("Regular", "400" if bold else "100 900"), *([("Bold", "700")] if bold else [])]
    rules = []
    for cut, weight in cuts:
        uri = data_uri(_bytes(f"fonts/GeoinvSans-{cut}.woff2"), "font/woff2")
        rules.append(
            f'@font-face{{font-family:"Geoinv Sans";font-weight:{weight};'
            f'font-display:swap;src:url({uri}) format("woff2")}}'
        )
    return "".join(rules)
