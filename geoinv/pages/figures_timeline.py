"""A timeline of incidents by year: what surely happened in a year is filled, what may have is open."""

from __future__ import annotations

from collections.abc import Sequence

from geoinv.pages.furniture import INK, Key, legend_at, stamp, svg_figure, text_at
from geoinv.pages.words import Language, word

__all__ = ["timeline_figure"]

_WIDTH, _HIGH, _SIDE = 900.0, 190.0, 46.0
_FILL = "#0072B2"
_SURE = f'fill="{_FILL}" stroke="{_FILL}"'
_MAY = f'fill="#fff" stroke="{_FILL}" stroke-width="1.4" stroke-dasharray="4 3"'


def timeline_figure(
    years: Sequence[tuple[int, int, int]], *, title: str, language: Language = "en", fictional: bool = False
) -> str:
    """Bars by year as SVG.

    Parameters
    ----------
    years
        Year, incidents surely in it, incidents that may be in it; in order.
    title
        What is counted.
    """
    sure_words, may_words = (("sure", "may be"), ("확실함", "가능함"))[language == "ko"]
    body = [text_at(_SIDE, 34, title, 16, bold=True)]
    if fictional:
        body.append(stamp(_WIDTH - 20, 34, word("fictional", language)))
    most = max((sure + may for _, sure, may in years), default=0) or 1
    floor, room = 60 + _HIGH, _WIDTH - 2 * _SIDE
    step = room / max(1, len(years))
    wide = min(46.0, step * 0.7)
    body.append(f'<path d="M{_SIDE} {floor}H{_WIDTH - _SIDE}" stroke="{INK}" stroke-width="1"/>')
    every = max(1, -(-len(years) // 18))
    for number, (year, sure, may) in enumerate(years):
        middle = _SIDE + (number + 0.5) * step
        top = floor
        for count, style in ((sure, _SURE), (may, _MAY)):
            high = _HIGH * count / most
            if count:
                body.append(
                    f'<rect x="{middle - wide / 2:.1f}" y="{top - high:.1f}" width="{wide:.1f}" height="{high:.1f}" '
                    f"{style}><title>{year}: {count} {sure_words if style == _SURE else may_words}</title></rect>"
                )
            top -= high
        if sure or may:
            told = f"{sure}" if not may else f"{sure} + {may}"
            body.append(text_at(middle, top - 6, told, 12, anchor="middle"))
        if number % every == 0:
            body.append(text_at(middle, floor + 18, str(year), 12, anchor="middle"))
    legend, below = legend_at(_SIDE, floor + 44, (Key(_SURE, sure_words), Key(_MAY, may_words)), _WIDTH - 2 * _SIDE, "")
    body.append(legend)
    return svg_figure(_WIDTH, below + 14, title, body)
