"""One copy of a picture in a page: what a second figure shows again is drawn from the first."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["share_pictures"]

_IMAGE = re.compile(
    r'<image clip-path="(?P<clip>[^"]+)" x="(?P<x>[^"]+)" y="(?P<y>[^"]+)" width="(?P<width>[^"]+)" '
    r'height="(?P<height>[^"]+)" preserveAspectRatio="none" href="(?P<uri>data:[^"]+)"/>'
)


def share_pictures(figures: Sequence[str]) -> list[str]:
    """Figures (SVG) for one page, in its order: a picture that stands in several is in the first of them only.

    The others use it, stretched to where they had it. Figures that share nothing come back as they were.
    """
    uris = [found["uri"] for figure in figures for found in _IMAGE.finditer(figure)]
    shared = {
        uri: f"picture-{number}" for number, uri in enumerate(dict.fromkeys(u for u in uris if uris.count(u) > 1))
    }
    first: dict[str, re.Match[str]] = {}

    def drawn(found: re.Match[str]) -> str:
        name = shared.get(found["uri"])
        if name is None:
            return found.group()
        if name not in first:
            first[name] = found
            image = found.group().replace(f'<image clip-path="{found["clip"]}"', f'<image id="{name}"', 1)
            return f'<g clip-path="{found["clip"]}">{image}</g>'
        return f'<g clip-path="{found["clip"]}"><use href="#{name}" transform="{_moved(first[name], found)}"/></g>'

    return [_IMAGE.sub(drawn, figure) for figure in figures]


def _moved(source: re.Match[str], target: re.Match[str]) -> str:
    """SVG transform that takes one picture's rectangle to another's."""
    wide = float(target["width"]) / float(source["width"])
    high = float(target["height"]) / float(source["height"])
    east, down = float(target["x"]) - wide * float(source["x"]), float(target["y"]) - high * float(source["y"])
    return f"matrix({wide:.6f} 0 0 {high:.6f} {east:.3f} {down:.3f})"
