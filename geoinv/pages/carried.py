"""What this package carries for its pages (Leaflet, fonts, styles), as text to put inside a single file."""

from __future__ import annotations

import html
import io
import re
from functools import cache, lru_cache
from importlib.resources import files

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from geoinv.pages.underlays import data_uri

__all__ = ["FONTS_HERE", "font_face", "leaflet_css", "letters_on", "static_text", "with_fonts"]

#: Where a page wants its fonts, until it is known which letters it shows.
FONTS_HERE = "/*fonts*/"
_PICTURE = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
#: Kept whatever a page says: digits and letters of scale bars, counts and fields that a script writes.
_ALWAYS = frozenset(map(chr, range(0x20, 0x7F)))
_FEATURES = ("ccmp", "kern", "locl", "mark", "mkmk", "liga", "tnum", "case", "sups", "subs")


@cache
def static_text(path: str) -> str:
    """Text of a carried file, by its path below ``api/static``."""
    return files("geoinv").joinpath("api/static").joinpath(path).read_text(encoding="utf-8")


def _bytes(path: str) -> bytes:
    return files("geoinv").joinpath("api/static").joinpath(path).read_bytes()


@cache
def leaflet_css() -> str:
    """Leaflet's style sheet with its pictures inside."""

    def embedded(found: re.Match[str]) -> str:
        return f"url({data_uri(_bytes(f'leaflet/{found.group(1)}'), 'image/png')})"

    return re.sub(r"url\((images/[\w.-]+)\)", embedded, static_text("leaflet/leaflet.css"))


def with_fonts(page: str, *, bold: bool, letters: frozenset[str] = frozenset()) -> str:
    """A page with the carried fonts inside, cut down to the letters on it, where it says ``FONTS_HERE``.

    Parameters
    ----------
    page
        All of it: letters written as entities or as escapes of a script count as what they stand for.
    bold
        Also carry the bold cut; without it browsers thicken the regular one.
    letters
        Kept besides those on the page: pages with the same letters share one cut.
    """
    return page.replace(FONTS_HERE, font_face(letters_on(page) | letters, bold=bold), 1)


def font_face(letters: frozenset[str], *, bold: bool) -> str:
    """``@font-face`` rules with the carried fonts inside, so that Hangul shows on a machine that has none.

    Parameters
    ----------
    letters
        What is kept of the fonts.
    bold
        Also the bold cut.
    """
    cuts = [("Regular", "400"), *([("Bold", "700")] if bold else [])]
    rules = []
    for cut, weight in cuts:
        uri = data_uri(_cut(cut, letters), "font/otf")
        rules.append(
            f'@font-face{{font-family:"Geoinv Sans";font-weight:{weight};'
            f'font-display:swap;src:url({uri}) format("opentype")}}'
        )
    return "".join(rules)


def letters_on(page: str) -> frozenset[str]:
    """Letters that a page may show, and those kept whatever it says."""
    text = _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), _PICTURE.sub("", page))
    return _ALWAYS | frozenset(html.unescape(text))


@lru_cache(maxsize=8)
def _cut(cut: str, letters: frozenset[str]) -> bytes:
    """One cut of the font with these letters only.

    Plain OpenType: what WOFF would save by compression depends on the machine's zlib, and the same input must give the
    same bytes.
    """
    options = Options(
        layout_features=list(_FEATURES), hinting=False, recalc_timestamp=False, name_IDs=["*"], notdef_outline=True
    )
    with TTFont(io.BytesIO(_bytes(f"fonts/GeoinvSans-{cut}.otf")), lazy=True, recalcTimestamp=False) as font:
        cutter = Subsetter(options)
        cutter.populate(unicodes=sorted(map(ord, letters)))
        cutter.subset(font)
        stream = io.BytesIO()
        font.save(stream)
    return stream.getvalue()
