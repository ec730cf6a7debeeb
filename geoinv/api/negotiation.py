"""What a client wants to have: JSON or a page, by ``f`` or by its ``Accept`` (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["NotAcceptableError", "prefers_page"]

_PAGE = "text/html"
_DATA = frozenset(
    {
        "application/json",
        "application/geo+json",
        "application/schema+json",
        "application/vnd.oai.openapi+json",
        "application/problem+json",
    }
)


class NotAcceptableError(Exception):
    """The client takes neither JSON nor pages."""


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


@lru_cache(maxsize=512)
def prefers_page(accepted: str) -> bool:
    """Whether an ``Accept`` prefers a page to JSON; JSON where it says nothing, or names both alike.

    Raises
    ------
    NotAcceptableError
        If it takes neither.
    """
    if not accepted.strip():
        return False
    # The more exact of two ranges that fit has the say: 2 for a type, 1 for its family, 0 for anything.
    page, data = (-1, 0.0), (-1, 0.0)
    for part in accepted.split(","):
        media, *parameters = part.split(";")
        name, weight = media.strip().lower(), _weight(parameters)
        exact_page = {_PAGE: 2, "text/*": 1, "*/*": 0}.get(name, -1)
        exact_data = 2 if name in _DATA else {"application/*": 1, "*/*": 0}.get(name, -1)
        page = max(page, (exact_page, weight)) if exact_page >= 0 else page
        data = max(data, (exact_data, weight)) if exact_data >= 0 else data
    if page[1] == 0.0 and data[1] == 0.0:
        raise NotAcceptableError
    return page[::-1] > data[::-1]
