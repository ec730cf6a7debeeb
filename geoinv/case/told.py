"""What was told besides where: claims, rooms told of, and transcripts, with what people recorded or set of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from geoinv.records.accounts import RoomAccount, Transcript
from geoinv.records.claims import Claim
from geoinv.records.decisions import RecordClaim

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["claims_of", "recorded_claims", "room_accounts_of", "transcripts_of"]


def claims_of(case: Case, slug: str) -> tuple[Claim, ...]:
    """A facility's claims that may be used: those files gave, then those people wrote down from statements' words."""
    listed = (Claim.read(json.loads(row.content)) for row in case.rows("claim", slug))
    recorded = (one for home, one in recorded_claims(case) if home == slug and one.witness not in case.held_back)
    return (*listed, *recorded)


def recorded_claims(case: Case) -> tuple[tuple[str, Claim], ...]:
    """The claims that people wrote down from what statements' words measure, each with its facility's slug.

    Of two on one matter the later.
    """
    bodies = (decision.body for _, decision in case.decisions())
    found = {(body.facility, body.claim.id): body.claim for body in bodies if isinstance(body, RecordClaim)}
    return tuple((slug, claim) for (slug, _), claim in found.items())


def room_accounts_of(case: Case, slug: str) -> tuple[RoomAccount, ...]:
    """The rooms that witnesses told of in words, as files gave them."""
    return tuple(RoomAccount.read(json.loads(row.content)) for row in case.rows("room account", slug))


def transcripts_of(case: Case, slug: str) -> dict[str, Transcript]:
    """File name → transcript of a facility; of two of one name the later."""
    rows = case.rows("transcript", slug)
    return {row.item: Transcript.read(json.loads(row.content)) for row in rows}
