"""The decisions of a case: which stand, which were overtaken or taken back, and what people set by them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from geoinv.case.store import RecordRow, Store
from geoinv.errors import FieldError, LedgerError
from geoinv.records.base import Record
from geoinv.records.decisions import (
    Decision,
    MergeFacilities,
    SetProperty,
    SplitFacility,
    Undo,
    matter_of,
)
from geoinv.records.ledger import LedgerEntry

__all__ = ["Decided", "History"]

_Some = TypeVar("_Some", bound=Record)


@dataclass(frozen=True)
class Decided:
    """One decision and what became of it.

    Attributes
    ----------
    entry, decision
        Who, when, why, what, and what the software proposed then.
    undone_by
        The undo that took it back, if one that stands did.
    overtaken_by
        The later decision on the same matter that stands instead.
    """

    entry: LedgerEntry
    decision: Decision
    undone_by: LedgerEntry | None = None
    overtaken_by: LedgerEntry | None = None

    @property
    def stands(self) -> bool:
        """Whether it counts."""
        return self.undone_by is None and self.overtaken_by is None


@dataclass(frozen=True)
class History:
    """All decisions of a case, oldest first; erased ones are left out."""

    all: tuple[tuple[LedgerEntry, Decision], ...]

    @classmethod
    def of(cls, store: Store) -> History:
        """Read them from the ledger.

        Raises
        ------
        LedgerError
            If a decision was altered into something that is none.
        """
        found = []
        for kept in store.walk("consent", "decision"):
            if kept.content is not None:
                try:
                    found.append((kept.entry, Decision.read(json.loads(kept.content))))
                except (ValueError, FieldError) as error:
                    raise LedgerError(
                        "a decision is not as it was recorded",
                        do="run “geoinv verify” and restore the case from a backup",
                        item=f"ledger entry {kept.entry.number}",
                    ) from error
        return cls(tuple(found))

    @cached_property
    def decided(self) -> tuple[Decided, ...]:
        """Every decision with what became of it; undos are decisions too."""
        undone: dict[str, LedgerEntry] = {}
        for entry, decision in reversed(self.all):
            if isinstance(decision.body, Undo) and entry.id not in undone:
                undone[decision.body.entry] = entry
        latest = {
            matter_of(decision.body): entry
            for entry, decision in self.all
            if entry.id not in undone and not isinstance(decision.body, Undo)
        }
        found = []
        for entry, decision in self.all:
            last = None if isinstance(decision.body, Undo) else latest.get(matter_of(decision.body))
            overtaken = last if last is not None and last.number > entry.number else None
            found.append(Decided(entry, decision, undone.get(entry.id), overtaken))
        return tuple(found)

    @cached_property
    def standing(self) -> tuple[tuple[LedgerEntry, Decision], ...]:
        """Decisions that were not taken back, oldest first: of those on one matter the last counts."""
        return tuple(
            (one.entry, one.decision)
            for one in self.decided
            if one.undone_by is None and not isinstance(one.decision.body, Undo)
        )

    @cached_property
    def disputes(self) -> tuple[tuple[Decided, Decided], ...]:
        """Pairs on one matter by different people who decided differently: the earlier, and the one that stands."""
        by_id = {one.entry.id: one for one in self.decided}
        pairs = []
        for one in self.decided:
            if one.overtaken_by is not None and one.undone_by is None:
                later = by_id[one.overtaken_by.id]
                if later.decision.by != one.decision.by and later.decision.body != one.decision.body:
                    pairs.append((one, later))
        return tuple(pairs)

    # ------------------------------------------------------------------------------------------ what was set

    @cached_property
    def _set(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for _, decision in self.standing:
            if isinstance(decision.body, SetProperty):
                found.setdefault(decision.body.target, {})[decision.body.field] = decision.body.value
        return found

    def set_of(self, target: str) -> Mapping[str, Any]:
        """Fields that people set of a target."""
        return self._set.get(target, {})

    def as_set(self, record: _Some, target: str) -> _Some:
        """A record with what people set of it."""
        fields = self._set.get(target)
        return type(record).read({**record.plain(), **fields}, item=target) if fields else record

    # ------------------------------------------------------------------------------------------ what is one facility

    @cached_property
    def merged(self) -> dict[str, str]:
        """Slug → slug of the facility it was found to be."""
        found: dict[str, str] = {}
        for _, decision in self.standing:
            if isinstance(decision.body, MergeFacilities):
                found |= dict.fromkeys(decision.body.others, decision.body.facility)
        return {slug: _end(found, slug) for slug in found}

    @cached_property
    def split(self) -> dict[str, SplitFacility]:
        """Slug of each facility that was split off → the decision."""
        bodies = (decision.body for _, decision in self.standing)
        return {body.into: body for body in bodies if isinstance(body, SplitFacility)}

    @cached_property
    def _moved(self) -> dict[str, str]:
        """Path of a file below the case → slug of the facility it was found to be about."""
        return {
            f"facilities/{body.facility}/{source}": slug for slug, body in self.split.items() for source in body.sources
        }

    def facility_of(self, slug: str, source: str) -> str:
        """Whose record it is that a file filed under ``slug`` gave."""
        home = self._moved.get(source, slug)
        return self.merged.get(home, home)

    def filed_under(self, slug: str) -> tuple[str, ...]:
        """The slugs among whose files a facility's records are looked for."""
        merged = [other for other, into in self.merged.items() if into == slug]
        own = [slug, *merged]
        return (*own, *(self.split[one].facility for one in own if one in self.split))

    def each(self, store: Store, kind: str, slug: str) -> Iterator[RecordRow]:
        """As ``rows`` of one facility, without holding them all where nothing was merged or split."""
        if not self.merged and not self.split:
            yield from store.each_record(kind, slug)
        else:
            yield from self.rows(store, kind, slug)

    def count(self, store: Store, kind: str, slug: str) -> int:
        """How many records of a kind are filed where a facility's are looked for: never fewer than are its own."""
        return sum(store.count(kind, one) for one in dict.fromkeys(self.filed_under(slug)))

    def rows(self, store: Store, kind: str, slug: str | None) -> Sequence[RecordRow]:
        """Records of a kind that are of a facility, as people decided what is one; of all where none is named."""
        if slug is None:
            return store.records(kind)
        if not self.merged and not self.split:
            return store.records(kind, slug)
        filed = dict.fromkeys(self.filed_under(slug))
        rows: Iterable[RecordRow] = (row for one in filed for row in store.records(kind, one))
        chosen = [row for row in rows if self.facility_of(row.facility or "", row.source) == slug]
        return sorted(chosen, key=lambda row: row.entry)


def _end(found: Mapping[str, str], slug: str) -> str:
    """Where a chain of merges ends; a ring of them ends where it closes."""
    seen = {slug}
    while slug in found and found[slug] not in seen:
        slug = found[slug]
        seen.add(slug)
    return slug
