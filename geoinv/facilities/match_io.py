"""MATCH.json to and from records."""

from __future__ import annotations

from typing import Any

from geoinv.records.placements import Match

__all__ = ["match_json", "read_match"]


def match_json(match: Match) -> dict[str, Any]:
    """A match as JSON-ready data (COMMANDS.md's MATCH.json)."""
    return match.plain()


def read_match(data: Any, *, file: str | None = None) -> Match:
    """A match from parsed MATCH.json; unknown members are kept.

    Raises
    ------
    FieldError
        Naming the first field that is missing or impossible.
    """
    return Match.read(data, file=file)
