"""A facility's identity: agency, type and place, never proximity and never a number."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import OpenRecord
from geoinv.records.dates import PartialDate

__all__ = ["DatedName", "Facility", "HeldPost", "PerpetratorNote", "SketchNote", "WitnessNote"]


class DatedName(OpenRecord):
    """A name with the period it was in use."""

    name: str
    language: str | None = None
    period: PartialDate | None = None
    source: str | None = None


class HeldPost(OpenRecord):
    """Who held a post, when, and to which post it reported.

    Attributes
    ----------
    post
        The post's name, as acts name it too.
    holder
        Codename, or a public official's name; ``None`` if nobody knows who held it.
    period
        When it was held (EDTF).
    reports_to
        Another post's name; posts of other bodies may be named without being listed.
    source
        Where it was read.
    cleared_for
        Audiences that may read it; empty means that it stays in.
    """

    post: str
    holder: str | None = None
    period: PartialDate | None = None
    reports_to: str | None = None
    agency: str | None = None
    source: str | None = None
    cleared_for: tuple[str, ...] = ()


class PerpetratorNote(OpenRecord):
    """What a person decided of a perpetrator, by codename.

    Attributes
    ----------
    cleared_for
        Audiences that may read of this perpetrator under a pseudonym; empty means that nothing is shown.
    """

    cleared_for: tuple[str, ...] = ()


class WitnessNote(OpenRecord):
    """What is known of a witness, by codename.

    Attributes
    ----------
    saw
        What the witness could know.
    stay
        When the witness was there (EDTF).
    exposure
        What the witness had been shown before speaking or drawing.
    organisation
        Whose record it is, if another organisation's; its terms are in ``case.toml``.
    consent
        Audiences that may see what rests on this witness.
    """

    role: str = ""
    saw: str = ""
    stay: PartialDate | None = None
    exposure: tuple[str, ...] | str | None = None
    heard_from: tuple[str, ...] | str | None = None
    organisation: str | None = None
    consent: tuple[str, ...] = ()


class SketchNote(OpenRecord):
    """What is known of a drawing besides its lines; see ``Sketch``."""

    witness: str | None = None
    drawn_by: str | None = None
    period: PartialDate | None = None
    north: float | None = None
    scope: Literal["site", "building"] = "site"
    depicts: str | None = None
    seen_before: tuple[str, ...] | str | None = None


class Facility(OpenRecord):
    """The file ``facilities/<slug>/facility.yaml``.

    Attributes
    ----------
    slug
        Folder name.
    name, other_names
        Names in any language; ``names`` where they are dated.
    agency, kind, level
        Ids in the vocabulary, or words.
    place
        Province or county, in words.
    simulated
        Whether the facility is fictional; then every output says so.
    witnesses, sketches
        Notes by codename, and by path below the facility's folder.
    publish_location
        ``exact``, ``county`` or ``withheld``: the investigator's decision for public audiences.
    posts
        Dated posts, from which chains of command are read.
    perpetrators
        Notes by codename.
    """

    slug: str
    name: str
    other_names: tuple[str, ...] = ()
    names: tuple[DatedName, ...] = ()
    agency: str | None = None
    kind: str | None = None
    level: str | None = None
    place: str | None = None
    country: str | None = None
    simulated: bool = False
    languages: tuple[str, ...] = ("en",)
    witnesses: dict[str, WitnessNote] = Field(default_factory=dict)
    sketches: dict[str, SketchNote] = Field(default_factory=dict)
    publish_location: Literal["exact", "county", "withheld"] = "withheld"
    posts: tuple[HeldPost, ...] = ()
    perpetrators: dict[str, PerpetratorNote] = Field(default_factory=dict)
