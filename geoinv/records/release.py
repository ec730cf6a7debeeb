"""What a published release says of itself (``manifest.json``)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import Record

__all__ = ["Release", "ReleaseFile", "Withheld"]


class ReleaseFile(Record):
    """One file of a release, by its path below the release folder."""

    path: str
    sha256: str
    bytes: int = Field(ge=0)
    media_type: str


class Withheld(Record):
    """What a rule kept back or coarsened: never which one, and outside the case not how many.

    Attributes
    ----------
    how
        ``withheld`` (not there at all), ``coarsened`` (there, with less detail) or ``suppressed`` (too few to tell).
    """

    what: str
    rule: str
    count: int | None = Field(default=None, ge=0)
    how: Literal["withheld", "coarsened", "suppressed"] = "withheld"


class Release(Record):
    """The manifest of an immutable release.

    Attributes
    ----------
    audience
        For whom it was made.
    ledger_head
        Hash of the case's last ledger entry when it was made.
    inputs
        Release-scoped salted commitments of the inputs, among others of nothing, so that their number tells nothing.
    generalised
        What was coarsened, suppressed or left out, and by which rule.
    recalls
        Names of earlier releases for this audience that show what may no longer be shown; nobody should use them.
    frame_ancestors
        Sites that may put its maps in a frame (Content-Security-Policy, ``frame-ancestors``).
    cross_origin
        Whether scripts of other sites may read it from a server.
    """

    version: int = 2
    title: str
    audience: str
    fictional: bool
    geoinv_version: str
    ledger_head: str
    languages: tuple[str, ...] = ("en",)
    facilities: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    generalised: tuple[Withheld, ...] = ()
    recalls: tuple[str, ...] = ()
    frame_ancestors: tuple[str, ...] = ("'self'",)
    cross_origin: bool = False
    files: tuple[ReleaseFile, ...] = ()
