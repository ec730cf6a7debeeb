"""A chart of posts: who answered to whom, with who held each post and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geoinv.pages.furniture import INK, MUTED, stamp, svg_figure, text_at
from geoinv.pages.words import Language, word

__all__ = ["command_figure"]

_WIDTH, _TOP, _HIGH, _STEP = 900.0, 64.0, 62.0, 108.0


def command_figure(
    rows: Sequence[Sequence[str]],
    holders: Mapping[str, Sequence[str]],
    lines: Sequence[tuple[str, str]],
    *,
    title: str,
    language: Language = "en",
    fictional: bool = False,
) -> str:
    """Posts in rows from the top down, as SVG.

    Parameters
    ----------
    rows
        Names of posts.
    holders
        Lines to write below each post's name; the first two are shown.
    lines
        Post and the post it answers to.
    """
    body = [text_at(24, 36, title, 16, bold=True)]
    if fictional:
        body.append(stamp(_WIDTH - 20, 36, word("fictional", language)))
    places: dict[str, tuple[float, float]] = {}
    widths: dict[str, float] = {}
    for depth, row in enumerate(rows):
        room = (_WIDTH - 48) / max(1, len(row))
        for number, post in enumerate(row):
            places[post] = (24 + room * (number + 0.5), _TOP + depth * _STEP)
            widths[post] = min(250.0, room - 16)
    for below, above in lines:
        if below in places and above in places:
            (x0, y0), (x1, y1) = places[below], places[above]
            middle = (y0 + y1 + _HIGH) / 2
            body.append(
                f'<path d="M{x0:.1f} {y0:.1f}V{middle:.1f}H{x1:.1f}V{y1 + _HIGH:.1f}" fill="none" stroke="{MUTED}" '
                'stroke-width="1.3"/>'
            )
    for post, (x, y) in places.items():
        wide = widths[post]
        body.append(
            f'<rect x="{x - wide / 2:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{_HIGH}" rx="4" fill="#fff" '
            f'stroke="{INK}" stroke-width="1.2"/>'
        )
        most = int(wide / 6.6)
        body.append(text_at(x, y + 19, _cut(post, most), 12.5, bold=True, anchor="middle"))
        for number, line in enumerate(holders.get(post, ())[:2]):
            body.append(text_at(x, y + 36 + 16 * number, _cut(line, most + 3), 11, fill=MUTED, anchor="middle"))
    return svg_figure(_WIDTH, _TOP + len(rows) * _STEP - 30, title, body)


def _cut(text: str, most: int) -> str:
    """A text short enough for its box; Hangul counts double."""
    length = 0
    for at, sign in enumerate(text):
        length += 2 if ord(sign) > 0x1100 else 1
        if length > most:
            return text[: max(1, at - 1)] + "…"
    return text
