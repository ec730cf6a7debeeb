"""Testable things that witnesses said, and what testing them gave (CLAIMS.json, FINDINGS.json)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import OpenRecord, Record
from geoinv.records.measures import Interval

__all__ = ["Claim", "Claims", "Finding", "Findings"]

ClaimKind = Literal["sees", "walk_time", "distance", "count", "area_per_person", "sun_patch", "adjacent", "dimension"]


class Claim(OpenRecord):
    """One thing a witness said that a model can bear out or not.

    Attributes
    ----------
    kind
        What sort of test it asks for.
    subject, object
        Labels or part ids: from and to, or what is measured.
    said_value
        The interval meant by the words.
    said
        The words as said.
    """

    id: str
    witness: str
    kind: ClaimKind
    subject: str
    object: str | None = None
    said_value: Interval | None = None
    negated: bool = False
    said: str = ""


class Claims(OpenRecord):
    """The claims of one facility."""

    claims: tuple[Claim, ...] = ()


class Finding(Record):
    """What testing one claim gave.

    Attributes
    ----------
    rival_pass_rate
        Share of plausible rival models that would also pass; ``rivals`` says which.
    discriminating_power
        1 − ``rival_pass_rate``: a test that every model passes corroborates nothing.
    relies_on
        Part id → status of the parts the test rests on.
    """

    claim: str
    verdict: Literal["consistent", "inconsistent", "undecidable"]
    computed: Interval | None = None
    said: Interval | None = None
    rivals: str = ""
    rival_pass_rate: float | None = Field(default=None, ge=0, le=1)
    discriminating_power: float | None = Field(default=None, ge=0, le=1)
    relies_on: dict[str, str] = Field(default_factory=dict)
    model_sha256: str = ""
    why: str = ""
    figure: str | None = None


class Findings(OpenRecord):
    """The findings of one facility."""

    findings: tuple[Finding, ...] = ()
