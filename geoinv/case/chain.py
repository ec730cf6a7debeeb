"""Checking the ledger: what was altered, swapped, dropped or cut off is named, each in a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from geoinv.case.store import KeptEntry, Store
from geoinv.records.ledger import GENESIS, LedgerEntry, commitment_of

__all__ = ["chain_notes", "check_chain", "described"]


def described(entry: LedgerEntry, name: str = "") -> str:
    """How a message names an entry."""
    return f"ledger entry {entry.number} ({entry.kind} of {name or entry.subject}, {entry.at})"


@dataclass
class _Walk:
    """What one pass over the chain remembers.

    Attributes
    ----------
    number_of
        Hash → number it stands at.
    misplaced, broken
        Entries whose own hash is wrong, and those that do not follow the one before.
    strange
        Entries whose content is not what they vouch for: number → (commitment, commitment of what lies there).
    erased, allowed
        Numbers of entries without content, and of those that a withdrawal erased.
    names
        What the records of the file last met are called.
    """

    number_of: dict[str, int] = field(default_factory=lambda: {GENESIS: 0})
    misplaced: list[tuple[LedgerEntry, str]] = field(default_factory=list)
    strange: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    erased: dict[int, str] = field(default_factory=dict)
    allowed: set[int] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    unlinked: list[tuple[LedgerEntry, str, str]] = field(default_factory=list)
    last: LedgerEntry | None = None

    def name(self, kept: KeptEntry) -> str:
        """What people call the thing an entry is about; its content may be altered and is read with care."""
        entry = kept.entry
        if entry.kind in ("file", "withdrawal") and kept.content is not None:
            try:
                content = json.loads(kept.content)
            except ValueError:
                content = None
            if isinstance(content, dict):
                return self._noted(content)
        return self.names.get(str(entry.subject), "")

    def _noted(self, content: dict[str, Any]) -> str:
        erased = content.get("erased")
        self.allowed |= {number for number in erased if isinstance(number, int)} if isinstance(erased, list) else set()
        path = str(content.get("path", ""))
        listed = content.get("records", ())
        rows = [row for row in listed if isinstance(row, list) and len(row) == 3] if isinstance(listed, list) else []
        self.names = {str(record): f"{kind} {item} of {path}" for record, kind, item in rows}
        return path

    def meet(self, kept: KeptEntry) -> None:
        """Take in the next entry."""
        entry, expected = kept.entry, self.last.number + 1 if self.last else 1
        name = described(entry, self.name(kept))
        if entry.number != expected:
            missing = (
                f"entry {expected}" if entry.number == expected + 1 else f"entries {expected} to {entry.number - 1}"
            )
            self.gaps.append(f"{missing} of the ledger is missing before {name}.")
        elif entry.previous != (self.last.hash if self.last else GENESIS):
            before = described(self.last) if self.last else "the ledger's beginning"
            self.unlinked.append((entry, name, before))
        if entry.computed_hash() != entry.hash:
            self.misplaced.append((entry, name))
        if kept.content is None or kept.salt is None:
            self.erased[entry.number] = name
        elif (found := commitment_of(kept.content, kept.salt)) != entry.commitment:
            self.strange[entry.number] = (name, entry.commitment, found)
        self.number_of[entry.hash] = entry.number
        self.last = entry


def check_chain(store: Store, *, heads: Sequence[str] = ()) -> list[str]:
    """What is wrong with a chain, a sentence each; empty if it verifies.

    Parameters
    ----------
    store
        The store to check.
    heads
        Heads noted elsewhere that must be in the chain — a hash, after which its number may stand —: they show a
        cut-off tail.
    """
    walk = _Walk()
    for kept in store.walk():
        walk.meet(kept)
    problems = [*walk.gaps, *_misplaced(walk), *_contents(walk)]
    for head in heads:
        problems += (problem for problem in _against_head(walk, head) if problem not in problems)
    return problems


def _misplaced(walk: _Walk) -> Iterator[str]:
    """Entries that are not as they were written: moved, swapped, altered, or altered and hashed anew."""
    moved: dict[int, int] = {}
    for entry, _ in walk.misplaced:
        # Where it was written: after the entry whose hash it holds, which may have been moved as well.
        guesses = (walk.number_of.get(entry.previous, -1) + 1, entry.number + 1, entry.number - 1)
        home = next((guess for guess in guesses if entry.hash_at(guess) == entry.hash), None)
        if home is not None:
            moved[entry.number] = home
    told: set[int] = set()
    for entry, name in walk.misplaced:
        home = moved.get(entry.number)
        if home is None:
            told.add(entry.number)
            yield f"{name} was altered."
        elif moved.get(home) == entry.number:
            told |= {entry.number, home}
            if entry.number < home:
                yield f"ledger entries {entry.number} and {home} were swapped."
        else:
            told.add(entry.number)
            yield f"{name} stands in the wrong place: it was written as entry {home}."
    for entry, name, before in walk.unlinked:
        if not told & {entry.number, entry.number - 1}:
            yield f"{name} was not written after {before}: one of the two was replaced and its hash computed anew."


def _contents(walk: _Walk) -> Iterator[str]:
    """Contents that are not what their entries vouch for, and contents that no withdrawal erased but are missing."""
    rightful = {commitment: number for number, (_, commitment, _) in walk.strange.items()}
    for number, (name, _, found) in walk.strange.items():
        other = rightful.get(found)
        if other is None or rightful.get(walk.strange[other][2]) != number:
            yield f"the content of {name} was altered."
        elif number < other:
            yield f"the contents of ledger entries {number} and {other} were swapped."
    for number, name in walk.erased.items():
        if number not in walk.allowed:
            yield f"the content of {name} is missing, and no withdrawal erased it."


def _against_head(walk: _Walk, head: str) -> Iterator[str]:
    """What a noted head tells: that the end was cut off, or that the chain was written anew."""
    noted, _, place = head.strip().partition(" ")
    if noted in walk.number_of:
        return
    last, number = walk.last.number if walk.last else 0, int(place) if place.strip().isdigit() else None
    short = f"the ledger does not hold the noted head {noted[:12]}…"
    if number is None:
        yield f"{short}: its end was cut off after entry {last}, or it was written anew."
    elif number > last:
        cut = f"entry {number}" if number == last + 1 else f"entries {last + 1} to {number}"
        yield f"{short}: {cut} of the ledger, up to the one noted, was cut off."
    else:
        yield f"{short}: entry {number} is not the one that was noted; the ledger was altered or written anew."


def chain_notes(store: Store) -> list[str]:
    """What a reader of the chain should know though nothing is wrong: times that run backwards."""
    return [
        f"ledger entry {after.number} bears an earlier time ({after.at}) than the one before it ({before.at}): a clock "
        "was set back or wrong; the order is that of the chain."
        for before, after in pairwise(kept.entry for kept in store.walk())
        if str(after.at) < str(before.at)
    ]
