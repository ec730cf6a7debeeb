"""Two states in one picture: what was added, taken out, moved, known otherwise; numbered as in the list beside it."""

from __future__ import annotations

from collections.abc import Sequence

from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.api.desk.changed import Change

__all__ = ["changes_svg"]

_WIDE, _TALL, _MARGIN = 900.0, 620.0, 34.0
#: How each is drawn: line, fill, dash; told apart in grey print and by every eye through dash and mark as well.
_ADDED, _REMOVED, _MOVED = ("#00664b", "#9fdcc6", ""), ("#b3261e", "none", "7 4"), ("#005f99", "#cfe3f2", "")
_KNOWN, _SAME = ("#8a5a00", "#f6e3b5", ""), ("#aab3bc", "#f4f6f8", "")
_INKS = {"added": _ADDED[0], "removed": _REMOVED[0], "moved": _MOVED[0], "reshaped": _MOVED[0]}


def changes_svg(told: Sequence[Change], title: str) -> str:
    """The picture; its numbers are the places of those that changed, from 1.

    Parameters
    ----------
    told
        Every part with what became of it, in metres of one frame.
    title
        What it shows, for those who hear it.

    Returns
    -------
    str
        SVG without styles, to stand in a page; north is up.
    """
    shapes = [one.shape for change in told for one in (change.before, change.after) if one is not None]
    if not shapes:
        return ""
    bounds = [one.bounds for one in shapes]
    west, south, east, north = (pick(one[axis] for one in bounds) for axis, pick in enumerate((min, min, max, max)))
    scale = min((_WIDE - 2 * _MARGIN) / max(east - west, 1.0), (_TALL - 2 * _MARGIN) / max(north - south, 1.0))
    high = (north - south) * scale + 2 * _MARGIN
    view = _View(west, north, scale)
    changed = [change for change in told if change.how]
    body = [view.shape(change.part.shape, *_SAME) for change in told if not change.how]
    body += [mark for change in changed for mark in _drawn(change, view)]
    body += [_number(view, change, number) for number, change in enumerate(changed, 1)]
    wide = (east - west) * scale + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="changes" viewBox="0 0 {wide:.0f} {high:.0f}" role="img" '
        f'aria-label="{_escaped(title)}">{"".join(body)}{_bar(scale, high)}</svg>'
    )


class _View:
    """Metres to pixels."""

    def __init__(self, west: float, north: float, scale: float) -> None:
        self._west, self._north, self._scale = west, north, scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (x - self._west) * self._scale + _MARGIN, (self._north - y) * self._scale + _MARGIN

    def shape(self, shape: BaseGeometry, line: str, fill: str, dash: str) -> str:
        if isinstance(shape, Point):
            x, y = self.at(shape.x, shape.y)
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="{line}" stroke-width="1.6"/>'
        filled = fill if isinstance(shape, Polygon | MultiPolygon) else "none"
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        return f'<path d="{self._path(shape)}" fill="{filled}" stroke="{line}" stroke-width="1.6"{dashed}/>'

    def _path(self, shape: BaseGeometry) -> str:
        if hasattr(shape, "geoms"):
            return "".join(self._path(one) for one in shape.geoms)
        if isinstance(shape, Polygon):
            return "".join(self._line(ring) + "Z" for ring in (shape.exterior, *shape.interiors))
        return self._line(shape)

    def _line(self, line: BaseGeometry) -> str:
        points = [self.at(x, y) for x, y, *_ in line.coords]
        return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _drawn(change: Change, view: _View) -> list[str]:
    before, after = change.before, change.after
    if before is None or after is None:
        return [view.shape(change.part.shape, *(_ADDED if before is None else _REMOVED))]
    if "moved" not in change.how and "reshaped" not in change.how:
        return [view.shape(after.shape, *_KNOWN)]
    (x, y), (u, v) = (view.at(*one.shape.centroid.coords[0]) for one in (before, after))
    arrow = f'<path d="M{x:.1f},{y:.1f}L{u:.1f},{v:.1f}" stroke="{_MOVED[0]}" stroke-width="2.4" fill="none"/>'
    return [view.shape(after.shape, *_MOVED), view.shape(before.shape, _MOVED[0], "none", "3 3"), arrow]


def _number(view: _View, change: Change, number: int) -> str:
    x, y = view.at(*change.part.shape.representative_point().coords[0])
    ink = _INKS.get(change.how[0], _KNOWN[0])
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="#fff" stroke="{ink}" stroke-width="1.5"/>'
        f'<text x="{x:.1f}" y="{y + 3.8:.1f}" text-anchor="middle" font-size="11" font-weight="700" fill="{ink}">'
        f"{number}</text>"
    )


def _bar(scale: float, high: float) -> str:
    metres = next((one for one in (50, 20, 10, 5, 2, 1) if one * scale < 220), 1)
    y = high - 10
    return (
        f'<path d="M{_MARGIN},{y - 4}V{y}H{_MARGIN + metres * scale:.1f}V{y - 4}" stroke="#1d2733" fill="none"/>'
        f'<text x="{_MARGIN + metres * scale + 6:.1f}" y="{y}" font-size="12" fill="#1d2733">{metres} m</text>'
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
