"""What a file of the case gave, and what its parser is told of the case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from geoinv.records.facility import Facility
from geoinv.records.testimony import Landmark

__all__ = ["Context", "Parsed", "Parser", "Unpacked"]


#: Witnesses of one file that are named when it is told.
_MOST_NAMED = 4


@dataclass(frozen=True)
class Unpacked:
    """A file that lay inside another and is now to lie in the case by itself.

    Attributes
    ----------
    path
        Where, below the case folder.
    data
        Its bytes.
    """

    path: PurePosixPath
    data: bytes


@dataclass(frozen=True)
class Parsed:
    """What a file gave.

    Attributes
    ----------
    records
        ``(kind, item, JSON-ready content)``; ``item`` names it inside the file.
    assumed
        What was taken for granted and a person should check, a sentence each.
    notes
        What was left out on purpose or is not known, a sentence each.
    problems
        Rows or features that could not be used, a sentence each; the others were.
    unpacked
        Files to be written into the case and taken in next; may be read anew from the disk whenever they are asked for.
    """

    records: tuple[tuple[str, str, Any], ...] = ()
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    unpacked: Iterable[Unpacked] = ()

    @property
    def gist(self) -> str:
        """Who speaks in it, and from when its scenes are: what a person sees at a glance to be wrong."""
        told = [content for _, _, content in self.records if isinstance(content, dict)]
        who = sorted({str(one["witness"]) for one in told if one.get("witness")})
        days = [str(content.get("acquired") or "undated") for kind, _, content in self.records if kind == "scene"]
        names = ", ".join(who[:_MOST_NAMED]) + (f" and {len(who) - _MOST_NAMED} more" if len(who) > _MOST_NAMED else "")
        return "; ".join([*([f"by {names}"] if who else []), *days])


@dataclass(frozen=True)
class Context:
    """What a parser may know of the case besides the file itself.

    Attributes
    ----------
    relative
        Where the file lies, or will lie, below the case folder.
    facility
        Whose file it is; ``None`` of a scene.
    landmarks
        The landmarks that other files of the facility gave, by key; read from the case only when asked for.
    """

    relative: Path
    facility: Facility | None = None
    landmarks: Callable[[], Mapping[str, Landmark]] = field(default=dict)

    @property
    def slug(self) -> str:
        """The facility's slug; the folder's name where the facility is not known."""
        return self.facility.slug if self.facility else self.relative.parent.name


Parser = Callable[[Path, Context], Parsed]
