"""Testable things that witnesses said, and what testing them gave (CLAIMS.json, FINDINGS.json)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from geoinv.records.base import OpenRecord, Record, Shape
from geoinv.records.dates import PartialDate
from geoinv.records.measures import Interval

__all__ = [
    "AccountOf",
    "Claim",
    "ClaimKind",
    "Claims",
    "Conditions",
    "Element",
    "Finding",
    "FindingWords",
    "Findings",
    "Flip",
    "Opposed",
    "Verdict",
]

ClaimKind = Literal["sees", "walk_time", "distance", "count", "area_per_person", "sun_patch", "adjacent", "dimension"]
Verdict = Literal["consistent", "inconsistent", "undecidable"]


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Conditions(OpenRecord):
    """Under what conditions the witness saw or walked; whatever is not said takes a stated default.

    Attributes
    ----------
    pose
        ``standing``, ``kneeling``, ``sitting`` or ``lying``; sets the eyes' height above what the witness is on.
    standing_on_m
        Height of a bunk or box underfoot, metres.
    eye_height_m, pace_m_s
        Of this very witness, where known.
    blindfold, night, obstruction
        Eyes covered; dark outside and no light said; people or things stood between.
    hatch
        Whether hatches and doors in the sight line were ``open`` or ``shut``; if not said, both are tried.
    """

    pose: Literal["standing", "kneeling", "sitting", "lying"] = "standing"
    standing_on_m: float = Field(default=0.0, ge=0)
    eye_height_m: Interval | None = None
    pace_m_s: Interval | None = None
    blindfold: bool = False
    night: bool = False
    obstruction: bool = False
    hatch: Literal["open", "shut"] | None = None


class Claim(OpenRecord):
    """One thing a witness said that a model can bear out or not.

    Attributes
    ----------
    kind
        What sort of test it asks for.
    subject, object
        Labels, roles or part ids: from and to, or what is measured.
    said_value
        The interval meant by the words: ``m`` or ``m2`` of a dimension, ``m`` of a distance, ``min`` or ``s`` of a
        walk, ``count`` of a count, ``m2`` (or ``count`` of people) of an area per person, ``m2`` of a sun patch.
    negated
        Whether it was said not to be so.
    said
        The words as said.
    measure
        Of a dimension: ``length``, ``width``, ``height``, ``area``, ``thickness``, ``sill`` or ``steps``.
    counted
        Of a count: ``rooms`` (of the subject's role), ``row`` (the longest row of them, wall to wall), ``doors`` or
        ``turns`` on the way from subject to object.
    by
        Of a distance: by ``air`` (default) or ``path``.
    ends
        Of a distance: from ``middles`` to middles (default) or between the nearest ``edges``.
    occupants
        Of an area per person: how many were in the room.
    date
        When it was, EDTF; of a sun patch also a season (``2015-24`` is winter).
    time
        Clock time or times between which it was, ``07:00`` or ``["07:00", "09:00"]``.
    utc_offset_h
        Of that clock; if not said, the place's mean solar time within an hour.
    viewpoint
        Metres east and north in the blueprint's frame, where better known than the room.
    conditions
        Pose, blindfold, night and so on.
    """

    id: str
    witness: str
    kind: ClaimKind
    subject: str
    object: str | None = None
    said_value: Interval | None = None
    negated: bool = False
    said: str = ""
    measure: str | None = None
    counted: Literal["rooms", "row", "doors", "turns"] | None = None
    by: Literal["air", "path"] | None = None
    ends: Literal["middles", "edges"] = "middles"
    occupants: Interval | None = None
    date: str | None = None
    time: Names = ()
    utc_offset_h: float | None = None
    viewpoint: tuple[float, float] | None = None
    conditions: Conditions = Conditions()


class AccountOf(OpenRecord):
    """What is known of a witness that bears on what the claims are worth.

    Attributes
    ----------
    stay
        When the witness was there (EDTF).
    exposure
        What the witness had been shown before speaking: ``model``, ``imagery`` …
    heard_from
        Codenames of those the witness had it from.
    """

    stay: PartialDate | None = None
    exposure: Names = ()
    heard_from: Names = ()


class Claims(OpenRecord):
    """The claims of one facility.

    Attributes
    ----------
    witnesses
        By codename.
    dependent
        Groups of witnesses who are not independent of each other.
    told_by
        Source id (``sketch-w1.svg``, or ``statements.yaml#s3``) → whose account it is; ``None`` where it is no
        witness's (imagery, a survey). A part whose source is not listed may be the claimant's own account.
    """

    claims: tuple[Claim, ...] = ()
    witnesses: dict[str, AccountOf] = Field(default_factory=dict)
    dependent: tuple[tuple[str, ...], ...] = ()
    told_by: dict[str, str | None] = Field(default_factory=dict)


class Flip(Record):
    """An assumption that would change the verdict if it were otherwise."""

    assumption: str
    otherwise: str
    verdict: Verdict


class FindingWords(Record):
    """What a finding keeps in English words, in another language.

    Attributes
    ----------
    why, rivals, assumptions, caveats
        As in the finding.
    """

    why: str = ""
    rivals: str = ""
    assumptions: dict[str, str] = Field(default_factory=dict)
    caveats: tuple[str, ...] = ()


class Finding(Record):
    """What testing one claim gave.

    Attributes
    ----------
    verdict, why
        And the reason, where there is none of the first two.
    computed
        The interval the model gives, at its coverage; of a yes-or-no claim, the probability that the model says yes.
    extremes
        Least and most of all draws.
    model_pass_rate, draws, standard_error, converged
        Share of draws from the model's own intervals and rival hypotheses in which the claim holds; how many were
        made; the share's standard error; whether that came below its goal.
    rivals, rival_pass_rate, rival_draws, rival_standard_error
        Which rival models were drawn, and the share of them in which the claim would hold as well.
    discriminating_power
        1 − ``rival_pass_rate``: a test that every model passes corroborates nothing.
    relies_on
        Part id → status of the parts the test rests on.
    tested_without
        The witnesses without whose accounts the model was rebuilt for this test: the claimant and those who are not
        independent of the claimant.
    without
        Witness → what would remain if that witness's account, too, were not there.
    assumptions
        Parameter → value, with its source.
    sensitivity
        Which assumptions would flip the verdict.
    obstacle
        Id of the part that stands in the sight line.
    caveats
        What has to be said with the number wherever it is shown.
    sentence
        Language → one plain sentence.
    words
        Language → reason, rivals, assumptions and caveats in it: ``ko``; in English they are the finding's own.
    shapes
        What a figure draws, metres in the blueprint's frame: ``route``, ``sight``, ``blocked``, ``patch``, ``from``,
        ``to``.
    """

    claim: str
    witness: str = ""
    kind: ClaimKind | None = None
    verdict: Verdict
    computed: Interval | None = None
    said: Interval | None = None
    extremes: tuple[float, float] | None = None
    model_pass_rate: float | None = Field(default=None, ge=0, le=1)
    draws: int = 0
    standard_error: float | None = None
    converged: bool | None = None
    rivals: str = ""
    rival_pass_rate: float | None = Field(default=None, ge=0, le=1)
    rival_draws: int = 0
    rival_standard_error: float | None = None
    discriminating_power: float | None = Field(default=None, ge=0, le=1)
    relies_on: dict[str, str] = Field(default_factory=dict)
    tested_without: tuple[str, ...] = ()
    without: dict[str, str] = Field(default_factory=dict)
    assumptions: dict[str, str] = Field(default_factory=dict)
    sensitivity: tuple[Flip, ...] = ()
    obstacle: str | None = None
    caveats: tuple[str, ...] = ()
    model_sha256: str = ""
    why: str = ""
    sentence: dict[str, str] = Field(default_factory=dict)
    words: dict[str, FindingWords] = Field(default_factory=dict)
    shapes: dict[str, Shape] = Field(default_factory=dict)
    figure: str | None = None


class Element(Record):
    """One factual element with everything that bears on it: a row of the corroboration table.

    Attributes
    ----------
    element
        In words.
    claims
        Ids of the claims about it.
    witnesses
        Who made them.
    independent
        How many of those are independent of each other.
    sources
        Sources other than those witnesses' own that the tests rest on.
    verdicts
        Claim → verdict.
    power
        Largest discriminating power of those that are consistent.
    """

    element: str
    claims: tuple[str, ...]
    witnesses: tuple[str, ...]
    independent: int
    sources: tuple[str, ...] = ()
    verdicts: dict[str, Verdict] = Field(default_factory=dict)
    power: float | None = None


class Opposed(Record):
    """Claims that exclude each other, whatever the model says: kept and shown."""

    claims: tuple[str, ...]
    why: str


class Findings(OpenRecord):
    """The findings of one facility.

    Attributes
    ----------
    table
        Factual element × independent source × test.
    contradictions
        Claims that exclude each other.
    anachronisms
        Claim → why the building and the witness's stay do not meet.
    untested
        Claim → why it could not be tested.
    """

    findings: tuple[Finding, ...] = ()
    table: tuple[Element, ...] = ()
    contradictions: tuple[Opposed, ...] = ()
    anachronisms: dict[str, str] = Field(default_factory=dict)
    untested: dict[str, str] = Field(default_factory=dict)
