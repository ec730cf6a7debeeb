"""What is known of each facility, how well, what is missing, what would help most next, and what the disk holds."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geoinv.case.custody import origins
from geoinv.case.folder import Case
from geoinv.case.holding_back import held_back_from
from geoinv.case.quoting import cited_wrongly
from geoinv.case.stores import STORE_FILE
from geoinv.case.told import recorded_claims
from geoinv.records.drawings import Sketch
from geoinv.records.facility import Facility

__all__ = ["Standing", "Wish", "overview", "standings"]

#: Cases of more facilities than this are told a line each; name one for all that is known of it.
_AT_LENGTH = 12
#: Sentences of one sort told of a facility among others; name it for all of them.
_FEW = 3
#: Questions told of a facility among others.
_ASKED = 3
#: Records of each kind whose sources are looked up when a facility is told among others; name it for all of them.
_LOOKED_UP = 20_000
#: Folders of models whose files are counted: a case of ten thousand facilities has half a million files, and as many
#: folders evenly chosen tell well enough what they take.
_COUNTED = 500
#: A scene or a table of the size the case has so far must still fit this many times, or the forecast warns.
_ROOM_FOR = 3
_RECORDS = ("statement", "sketch", "incident")
#: What not every facility has.
_MORE = {"claim": "claims", "room account": "rooms told of", "transcript": "transcripts"}
_PLURAL = {"statement": "statements", "sketch": "drawings", "incident": "incidents", "scene": "scenes"}


#: Key of a wish → its sentence; braces are filled from the wish.
_WISHES = {
    "statement": "a pin or statement about where it is",
    "sketch": "a drawing of the compound",
    "second looks": "a second look at {told} (below)",
    "no place": "three ties for one drawing: the software could place none (geoinv decide place)",
    "unplaced": "a person's ties for {count} drawn buildings that have no place (geoinv decide place)",
    "conflicts": "asking again where {told} of statements exclude each other",
    "unbound": "the building meant by {told}",
    "drawn by": "who drew {names} (facility.yaml)",
    "who is": "what {names} saw and when, and what they consent to (facility.yaml)",
}


@dataclass(frozen=True)
class Wish:
    """One thing that is missing of a facility and would help.

    Attributes
    ----------
    key
        Which; a key of the sentences that tell it.
    count
        Of how many things.
    noun
        What those are, in the singular.
    names
        Which they are, where that is short.
    """

    key: str
    count: int = 0
    noun: str = ""
    names: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The wish in words."""
        return _WISHES[self.key].format(
            count=self.count, told=_number(self.count, self.noun), names=", ".join(self.names)
        )


@dataclass(frozen=True)
class Standing:
    """How one facility stands.

    Attributes
    ----------
    facility
        Its record.
    counts
        How much was told of it, by kind of record.
    known
        What the last build knew (``known.json``); ``None`` before one.
    held_back, wrong
        Whose account may not be used, and which sources are not where records say they are, a sentence each.
    asks
        Questions worth asking next as the last build ranked them (``asks.json``): each with ``sentence`` by language,
        ``worth``, ``shrinks``, ``settles``, ``on_record`` and whom or which date it is of.
    undescribed
        Codenames of whom accounts are, and of whom ``facility.yaml`` says nothing.
    unsigned
        Drawings of which nothing says whose they are.
    """

    facility: Facility
    counts: Mapping[str, int]
    known: Mapping[str, Any] | None
    held_back: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    asks: tuple[Mapping[str, Any], ...] = ()
    undescribed: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """How much was told."""
        told = [f"{self.counts.get(kind, 0)} {_PLURAL[kind]}" for kind in _RECORDS]
        more = [f"{self.counts[kind]} {plural}" for kind, plural in _MORE.items() if self.counts.get(kind)]
        return ", ".join([*told, *more])

    def wishes(self) -> list[Wish]:
        """What is missing and would help most next, most pressing first."""
        counts, known = self.counts, self.known
        wishes = []
        if not counts.get("statement"):
            wishes.append(Wish("statement"))
        if not counts.get("sketch"):
            wishes.append(Wish("sketch"))
        if known is None:
            return wishes
        if known["second_looks"]:
            wishes.append(Wish("second looks", len(known["second_looks"]), "decision"))
        if (known["none_probability"] or 0) >= 0.5:
            wishes.append(Wish("no place"))
        elif known["unplaced"]:
            wishes.append(Wish("unplaced", known["unplaced"], "drawn building"))
        if known["conflicts"]:
            wishes.append(Wish("conflicts", known["conflicts"], "pair"))
        if known["unbound"]:
            wishes.append(Wish("unbound", known["unbound"], "incident"))
        return [*wishes, *self._whose()]

    def _whose(self) -> Iterator[Wish]:
        """What is to be said of people: independence, stays and consent are known of nobody else."""
        if self.unsigned:
            yield Wish("drawn by", len(self.unsigned), "drawing", self.unsigned)
        if self.undescribed:
            yield Wish("who is", len(self.undescribed), "witness", self.undescribed)


def _number(count: int, word: str) -> str:
    plural = {"facility": "facilities", "witness": "witnesses"}.get(word, f"{word}s")
    return f"{count} {word if count == 1 else plural}"


def overview(case: Case, slugs: Sequence[str] = ()) -> list[str]:
    """Lines for a terminal; everything is read from the records and the last build, nothing is computed anew.

    Parameters
    ----------
    slugs
        Facilities to tell at length; by default all, or, of many, a line each.

    Raises
    ------
    CaseError
        If a slug is unknown.
    """
    counts = _counts(case)
    everything = case.facilities()
    chosen = [case.facility(slug) for slug in slugs] if slugs else list(everything)
    lines = [case.settings.title + (" — FICTIONAL" if case.settings.simulated else "")]
    lines.append(_totals(len(everything), counts))
    briefly = not slugs and len(chosen) > _AT_LENGTH
    looked_up = None if slugs else _LOOKED_UP
    for standing in standings(case, chosen, counts=counts, briefly=briefly, looked_up=looked_up):
        lines += [_brief(standing)] if briefly else ["", *_at_length(standing, most=None if slugs else _FEW)]
    if not chosen:
        lines.append("There is no facility yet.")
    return (
        lines
        if slugs
        else [*lines, "", *_disputes(case), *_custody(case), *_ledger(case), *_disk(case, len(everything))]
    )


def standings(
    case: Case,
    facilities: Sequence[Facility],
    *,
    counts: Mapping[str, Mapping[str, int]] | None = None,
    briefly: bool = False,
    looked_up: int | None = _LOOKED_UP,
) -> Iterator[Standing]:
    """How each of some facilities stands, from the records and the last build.

    Parameters
    ----------
    counts
        Records of each kind by facility, where they were counted before.
    briefly
        Leave out whose account is held back and what is cited wrongly, which takes reading every record.
    looked_up
        Of how many records of each kind the sources are looked up; ``None``: of all.
    """
    counted = _counts(case) if counts is None else counts
    for facility in facilities:
        known = _known(case.models_dir(facility.slug) / "known.json")
        standing = Standing(facility, counted.get(facility.slug, {}), known)
        if not briefly:
            asks = (_known(case.models_dir(facility.slug) / "asks.json") or {}).get("asks", ())
            standing = replace(standing, asks=tuple(one for one in asks if one.get("witness") not in case.held_back))
            wrong = tuple(cited_wrongly(case, facility.slug, most=looked_up))
            held_back = tuple(held_back_from(case, facility.slug))
            sketches = case.sketches(facility.slug)
            undescribed = _undescribed(case, facility, sketches)
            unsigned = tuple(one.name for one in sketches if one.witness is None)
            standing = replace(standing, held_back=held_back, wrong=wrong, undescribed=undescribed, unsigned=unsigned)
        yield standing


def _undescribed(case: Case, facility: Facility, sketches: Sequence[Sketch]) -> tuple[str, ...]:
    """Codenames of whom accounts are and nothing is said."""
    named = {one.witness for one in sketches}
    named.update(witness for _, witness in case.whose("statement", facility.slug) if witness not in case.held_back)
    return tuple(sorted(name for name in named if name and name not in facility.witnesses))


def _counts(case: Case) -> dict[str, dict[str, int]]:
    """Records of each kind by facility, as people decided what is one, with the claims they wrote down from words."""
    found = _listed(case)
    for slug, count in Counter(slug for slug, _ in recorded_claims(case)).items():
        home = found.setdefault(case.history.merged.get(slug, slug), {})
        home["claim"] = home.get("claim", 0) + count
    return found


def _listed(case: Case) -> dict[str, dict[str, int]]:
    """Records of each kind that files gave, by facility."""
    history = case.history
    if history.split:  # which file a record came from then matters
        found: dict[str, dict[str, int]] = {"": {"scene": len(case.scenes())}}
        for facility in case.facilities():
            found[facility.slug] = {kind: len(case.recorded(kind, facility.slug)) for kind in (*_RECORDS, *_MORE)}
        return found
    found = {}
    for slug, counts in case.store.counts().items():
        home = found.setdefault(history.merged.get(slug or "", slug or ""), {})
        for kind, count in counts.items():
            home[kind] = home.get(kind, 0) + count
    return found


def _known(path: Path) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data


def _totals(facilities: int, counts: Mapping[str, Mapping[str, int]]) -> str:
    whole = {kind: sum(one.get(kind, 0) for one in counts.values()) for kind in (*_RECORDS, "scene")}
    told = ", ".join(f"{whole[kind]} {_PLURAL[kind]}" for kind in whole)
    return f"{facilities} facilities, {told}"


def _brief(standing: Standing) -> str:
    known, wishes = standing.known, standing.wishes()
    built = "not built" if known is None else f"{sum(known['footprints'].values())} footprints"
    help_ = f"; would help: {wishes[0].sentence()}" if wishes else ""
    return f"{standing.facility.slug}: {standing.facility.name} — {standing.told}, {built}{help_}"


def _at_length(standing: Standing, *, most: int | None) -> Iterator[str]:
    """All that is known of a facility; of what was cited wrongly at most so many."""
    facility, known = standing.facility, standing.known
    yield f"{facility.slug}: {facility.name}"
    yield f"  {_number(len(facility.witnesses) + len(standing.undescribed), 'witness')}, {standing.told}"
    if known is None:
        yield "  not built yet: run “geoinv build”"
    else:
        if known["expected_error_m"] is not None:
            yield f"  place: expected error {known['expected_error_m']:.0f} m"
        statuses = ", ".join(f"{count} {status}" for status, count in known["footprints"].items())
        yield f"  footprints: {statuses or 'none'}; rooms: {known['rooms'] or 'none'}"
    yield from (f"  {sentence}" for sentence in standing.held_back)
    yield from (f"  cited wrongly: {sentence}" for sentence in standing.wrong[:most])
    if most is not None and len(standing.wrong) > most:
        yield f"  cited wrongly: {len(standing.wrong) - most} more; all: geoinv status {facility.slug}"
    if most is not None and max(standing.counts.values(), default=0) > _LOOKED_UP:
        first = f"the first {_LOOKED_UP:,} records of each kind"
        yield f"  sources were looked up of {first}; all: geoinv status {facility.slug}"
    yield from (f"  would help: {wish.sentence()}" for wish in standing.wishes())
    asks = standing.asks[:_ASKED] if most is not None else standing.asks
    yield from (f"  ask next, {number}: {ask['sentence']['en']}" for number, ask in enumerate(asks, 1))
    if len(asks) < len(standing.asks):
        yield f"  ask next: {len(standing.asks) - len(asks)} more: geoinv status {facility.slug}"
    yield from (f"  look again: {look}" for look in (known or {}).get("second_looks", ()))


def _disputes(case: Case) -> Iterator[str]:
    for earlier, later in case.history.disputes:
        one, two = earlier.decision, later.decision
        yield (
            f"decided twice: {two.by}'s {two.body.kind} ({later.entry.id}, {later.entry.at[:10]}) stands instead of "
            f"{one.by}'s ({earlier.entry.id}, {earlier.entry.at[:10]})."
        )


def _ledger(case: Case) -> Iterator[str]:
    last = case.store.last()
    if last is not None:
        yield f"ledger: {last.number} entries, the last on {last.at} by {last.by}; head {last.hash}"
    behind = case.ledger.clock_behind()
    if behind:
        yield behind


def _custody(case: Case) -> Iterator[str]:
    """Of how much of what people gave it is on record who handed it over."""
    told = origins(case).values()
    if told:
        known = sum(1 for one in told if one)
        yield (
            f"custody: of {known} of {_number(len(told), 'file')} that people gave it is on record who handed them "
            "over (geoinv custody list)"
        )


def _disk(case: Case, facilities: int) -> Iterator[str]:
    """What the case takes, what it grows by, and whether there is room for that."""
    parts = {name: _bytes_below(case.root / name) for name in ("imagery", "originals", "api")}
    models, built, counted = _models(case.root / "models")
    records, free = case.store.size(), shutil.disk_usage(case.root).free
    told = ", ".join(f"{name} {_size(size)}" for name, size in parts.items())
    judged = f" (judged by {counted} of {built} facilities)" if counted < built else ""
    yield f"disk: records {_size(records)}, {told}, models {_size(models)}{judged}; {_size(free)} free"
    here = records if (case.root / STORE_FILE).is_file() else 0
    still = max(facilities - built, 0) * models // built if built else 0
    largest = max(*parts.values(), models, here)
    if built and facilities > built:
        unbuilt = _number(facilities - built, "facility")
        yield f"forecast: building the {unbuilt} not built yet takes about {_size(still)}"
    if free < _ROOM_FOR * largest + still:
        yield (
            f"There is room for less than {_ROOM_FOR} times what the case's largest part takes: a build or an erasure "
            "may need more; make room."
        )
    elif facilities:
        each = max((sum(parts.values()) + models + still + here) // facilities, 1)
        yield f"forecast: a facility with its scenes takes about {_size(each)}; there is room for {free // each:,} more"


def _models(folder: Path) -> tuple[int, int, int]:
    """Bytes of what was built, of how many facilities, and of how many of these the files were counted."""
    if not folder.is_dir():
        return 0, 0, 0
    with os.scandir(folder) as found:
        homes = sorted(entry.name for entry in found if entry.is_dir(follow_symlinks=False))
    chosen = homes[:: max(1, -(-len(homes) // _COUNTED))]
    whole = sum(_bytes_below(folder / name) for name in chosen)
    return whole * len(homes) // max(len(chosen), 1), len(homes), len(chosen)


def _bytes_below(folder: Path) -> int:
    whole, folders = 0, [os.fspath(folder)] if folder.is_dir() else []
    while folders:
        with os.scandir(folders.pop()) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    whole += entry.stat(follow_symlinks=False).st_size
    return whole


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
