"""Checking the ledger: what was altered, swapped, dropped or cut off is named, each in a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from geoinv.case.store import ChainRow, Store
from geoinv.records.ledger import GENESIS, LedgerEntry, commitment_of, hash_of_entry

__all__ = ["chain_notes", "check_chain", "described"]


def described(entry: LedgerEntry, name: str = "") -> str:
    """How a message names an entry."""
    return f"ledger entry {entry.number} ({entry.kind} of {name or entry.subject}, {entry.at})"


def _noted(head: str) -> tuple[str, int | None]:
    """A head noted elsewhere: its hash, and the number it stood at where that was noted too."""
    noted, _, place = head.strip().partition(" ")
    return noted, int(place) if place.strip().isdigit() else None


@dataclass
class _Walk:
    """What one pass over the chain remembers: what is wrong, never the chain itself.

    Attributes
    ----------
    wanted
        Hashes that were noted as heads and not yet met.
    misplaced, unlinked
        Entries whose own hash is wrong, and those that do not follow the one before; named.
    strange
        Entries whose content is not what they vouch for: number → (name, commitment, commitment of what lies there).
    erased, allowed
        Names of entries without content, and numbers of those that a withdrawal erased.
    file, names
        What lies beside the file entry last met, whose records the next entries are, and what those are called: read
        only where something must be named.
    """

    wanted: set[str]
    misplaced: list[tuple[LedgerEntry, str]] = field(default_factory=list)
    strange: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    erased: dict[int, str] = field(default_factory=dict)
    allowed: set[int] = field(default_factory=set)
    gaps: list[str] = field(default_factory=list)
    unlinked: list[tuple[LedgerEntry, str, str]] = field(default_factory=list)
    last: ChainRow | None = None
    file: bytes | None = None
    names: dict[str, str] | None = None

    def name(self, row: ChainRow) -> str:
        """How a message names the entry of a row: by what people call the thing it is about, where that is known."""
        if self.names is None:  # the content that tells may be altered, and is read with care
            content = _read(self.file)
            path, listed = str(content.get("path", "")), content.get("records")
            rows = (
                [one for one in listed if isinstance(one, list) and len(one) == 3] if isinstance(listed, list) else []
            )
            self.names = {"": path, **{str(record): f"{kind} {item} of {path}" for record, kind, item in rows}}
        return described(row.entry, self.names[""] if row.kind == "file" else self.names.get(str(row.subject), ""))

    def meet(self, row: ChainRow) -> None:
        """Take in the next entry."""
        if row.kind == "file":
            self.file, self.names = row.content, None
        elif row.kind == "withdrawal":
            erased = _read(row.content).get("erased")
            self.allowed |= {one for one in erased if isinstance(one, int)} if isinstance(erased, list) else set()
        number, before = (self.last.number, self.last.hash) if self.last else (0, GENESIS)
        if row.number != number + 1:
            missing = f"entry {number + 1}" if row.number == number + 2 else f"entries {number + 1} to {row.number - 1}"
            self.gaps.append(f"{missing} of the ledger is missing before {self.name(row)}.")
        elif row.previous != before:
            after = described(self.last.entry) if self.last else "the ledger's beginning"
            self.unlinked.append((row.entry, self.name(row), after))
        if hash_of_entry(*row[:8]) != row.hash:
            self.misplaced.append((row.entry, self.name(row)))
        if row.content is None or row.salt is None:
            self.erased[row.number] = self.name(row)
        elif (found := commitment_of(row.content, row.salt)) != row.commitment:
            self.strange[row.number] = (self.name(row), row.commitment, found)
        if row.hash in self.wanted:
            self.wanted.remove(row.hash)
        self.last = row


def _read(content: bytes | None) -> dict[str, Any]:
    try:
        data = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def check_chain(store: Store, *, heads: Sequence[str] = ()) -> list[str]:
    """What is wrong with a chain, a sentence each; empty if it verifies.

    Parameters
    ----------
    store
        The store to check; read once, a page at a time.
    heads
        Heads noted elsewhere that must be in the chain — a hash, after which its number may stand —: they show a
        cut-off tail.
    """
    walk = _Walk({_noted(head)[0] for head in heads})
    for row in store.chain():
        walk.meet(row)
    problems = [*walk.gaps, *_misplaced(store, walk), *_contents(walk)]
    for head in heads:
        problems += (problem for problem in _against_head(walk, head) if problem not in problems)
    return problems


def _misplaced(store: Store, walk: _Walk) -> Iterator[str]:
    """Entries that are not as they were written: moved, swapped, altered, or altered and hashed anew."""
    moved: dict[int, int] = {}
    number_of = {**store.numbers_of(str(entry.previous) for entry, _ in walk.misplaced), GENESIS: 0}
    for entry, _ in walk.misplaced:
        # Where it was written: after the entry whose hash it holds, which may have been moved as well.
        guesses = (number_of.get(entry.previous, -1) + 1, entry.number + 1, entry.number - 1)
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
    noted, number = _noted(head)
    if noted not in walk.wanted:
        return
    last = walk.last.number if walk.last else 0
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
        f"ledger entry {number} bears an earlier time ({at}) than the one before it ({before}): a clock was set back "
        "or wrong; the order is that of the chain."
        for (_, before), (number, at) in pairwise(store.times())
        if at < before
    ]
