"""Who handed which original to whom, when and by what channel: the custody of evidence (Berkeley Protocol, 2022)."""

from __future__ import annotations

from typing import Literal

from geoinv.records.base import Record
from geoinv.records.dates import PartialDate

__all__ = ["Custody", "CustodyEvent"]

CustodyEvent = Literal["received", "handed over", "copied", "returned", "sealed", "opened", "stored", "destroyed"]


class Custody(Record):
    """Something that happened to an original outside the case; it changes nothing that is built or published.

    Attributes
    ----------
    event
        What happened.
    file, sha256
        The original: its path below the case folder, and which version of it.
    person
        Codename of whom it came from or went to.
    when
        EDTF; of events known in part too.
    channel
        How: by hand, by post, through an encrypted messenger.
    note
        Anything else: a seal's number, where it is stored.
    """

    event: CustodyEvent
    file: str
    sha256: str
    person: str | None = None
    when: PartialDate | None = None
    channel: str = ""
    note: str = ""
