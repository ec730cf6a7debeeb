"""What became of a thing: where it came from, and who decided what about it, when, why, against what proposal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from geoinv.case.folder import Case
from geoinv.case.quoting import names_passage, passage_named, quoted_in
from geoinv.case.standing import Decided
from geoinv.case.subjects import built_features
from geoinv.case.told import transcripts_of
from geoinv.errors import CaseError, FieldError
from geoinv.records.decisions import (
    BindIncident,
    DecisionBody,
    JudgeFootprint,
    PlaceSketch,
    RecordClaim,
    SetOutline,
    SetProperty,
    concerns,
)

__all__ = ["decision_told", "history_of"]


def history_of(case: Case, about: str | None = None) -> Iterator[str]:
    """Lines for a terminal.

    Parameters
    ----------
    about
        A facility's slug; or, by itself or behind ``SLUG/``, a drawing, a drawn element, a footprint, a room, a
        statement, an incident, a claim, a file, a passage (``talk.docx#p12``), a witness or a scene. Every decision
        without it.

    Raises
    ------
    CaseError, FieldError
        If nothing in the case is called so.
    """
    if about is None:
        for one in case.history.decided:
            yield from _lines(one)
        return
    slugs = [facility.slug for facility in case.facilities()]
    slug, _, name = about.partition("/")
    if slug not in slugs or not name:
        slug, name = ("", about)
    if about in slugs:
        came, decided = list(_came_in(case, about)), [one for one in case.history.decided if _touches(one, about)]
    else:
        within = (slug,) if slug else tuple(slugs)
        whence = _passage if names_passage(name) else _came_from
        came = [line for one in within for line in whence(case, one, name)]
        if not came and names_passage(name):  # says which transcripts there are, or how many paragraphs it has
            passage_named({key: one for other in within for key, one in transcripts_of(case, other).items()}, name)
        names = _names(case, within, name)
        decided = [one for one in case.history.decided if (not slug or _touches(one, slug)) and _meant(one, names)]
    if not came and not decided:
        raise CaseError(f"nothing in this case is called “{about}”", do="take a slug or an id from “geoinv status”")
    yield from came
    for one in decided:
        yield from _lines(one)
    if not decided:
        yield "Nobody has decided anything about it."


def decision_told(one: Decided) -> str:
    """One decision in a line: its entry, when, who, what, why."""
    return f"{one.entry.id}  {one.entry.at}  {one.decision.by}: {_what(one.decision.body)} — {one.decision.reason}"


def _lines(one: Decided) -> Iterator[str]:
    yield decision_told(one)
    if one.decision.proposed is not None:
        yield f"    the software had proposed: {_proposed(one.decision.body, one.decision.proposed)}"
    if one.undone_by is not None:
        yield f"    taken back by {one.undone_by.by} on {one.undone_by.at} ({one.undone_by.id})"
    elif one.overtaken_by is not None:
        yield f"    overtaken by {one.overtaken_by.by} on {one.overtaken_by.at} ({one.overtaken_by.id})"


# What a decision says, and what it was taken against.


def _what(body: DecisionBody) -> str:
    left_out = {"kind", "geometry", "transform"}
    plain = {key: value for key, value in body.plain().items() if key not in left_out and value not in ([], False)}
    if isinstance(body, PlaceSketch):
        how = "nowhere here" if body.none else "by ties" if body.ties else "as a whole"
        return f"place {body.facility}/{body.sketch} {how}" + "".join(
            f" {tie.element}={tie.candidate or '{},{}'.format(*(tie.point or ()))}" for tie in body.ties
        )
    if isinstance(body, RecordClaim):
        claim = body.claim
        to = f" to {claim.object}" if claim.object else ""
        return f"claim {claim.id}: {claim.kind} of {claim.subject}{to}, {_interval(claim.said_value)}"
    return f"{body.kind} " + ", ".join(f"{key} {_short(value)}" for key, value in plain.items())


def _interval(value: Any) -> str:
    return "no value" if value is None else f"{value.low:g} to {value.high:g} {value.unit}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:299] + "…"


def _proposed(body: DecisionBody, was: Any) -> str:
    """What the software proposed, in words."""
    if isinstance(was, dict):
        if isinstance(body, PlaceSketch):
            if was.get("transform") is None:
                return f"no place for it (probability that it shows none here: {was.get('none_probability')})"
            lon, lat = was["transform"].get("origin", ("?", "?"))
            (_, _, east), (_, _, north) = was["transform"]["matrix"]
            metres = f"{east:.0f} m east and {north:.0f} m north of {lat}, {lon}"
            return f"its origin {metres}, probability {was.get('probability')}"
        if isinstance(body, JudgeFootprint | SetOutline):
            known = ((key, was.get(key)) for key in ("id", "status", "outline_from", "probability", "drawn"))
            return ", ".join(f"{key} {_short(value)}" for key, value in known if value not in (None, []))
        if isinstance(body, BindIncident):
            place = was.get("room") or was.get("footprint") or "no building"
            return f"{place} ({was.get('why')}; probability {was.get('probability')})"
        if isinstance(body, RecordClaim | SetProperty) and "rule" in was:
            return f"reading “{was['interval'].get('said')}” so: {was['rule']}"
    return _short(was)


# What is meant by a name.


def _touches(one: Decided, slug: str) -> bool:
    """Whether a decision is about a facility; an undo is about what it took back, and is told there."""
    body = one.decision.body
    return concerns(body, slug) and not (isinstance(body, SetProperty) and body.target.startswith("imagery/"))


def _names(case: Case, slugs: tuple[str, ...], name: str) -> set[str]:
    """A name and what else the same thing is called: a footprint or room by what was drawn of it, and the reverse."""
    found = {name, name.removeprefix("transcript:")}
    for slug in slugs:
        for file in ("footprints.geojson", "rooms.geojson"):
            for key, item in built_features(case, slug, file).items():
                drawn = set(item["properties"].get("drawn") or ())
                if name == key or name in drawn:
                    found |= {key, *drawn}
    return found


def _meant(one: Decided, names: set[str]) -> bool:
    return bool({part for text in _texts(one.decision.body.plain()) for part in _parts(text)} & names)


def _parts(text: str) -> Iterator[str]:
    """What a text of a decision can name: itself, what follows the facility's slug, and the file before an element."""
    for one in (text, text.partition("/")[2]):
        yield one
        yield one.partition("#")[0]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


# Where it came from.


def _came_in(case: Case, slug: str) -> Iterator[str]:
    """The files that told of a facility: when, by whom, and what each gave."""
    gave: dict[str, dict[str, int]] = {}
    for kind in ("statement", "landmark", "sketch", "incident", "claim", "room account", "transcript", "reference"):
        for row in case.recorded(kind, slug):
            counts = gave.setdefault(row.source, {})
            counts[kind] = counts.get(kind, 0) + 1
    for path, file in case.store.files().items():
        if path in gave or file.facility == slug:
            entry = case.store.entry(file.entry)
            told = ", ".join(f"{count} {kind}" for kind, count in gave.get(path, {}).items()) or "nothing of its own"
            yield f"{path}: {told}" + (f"; taken in by {entry.by} on {entry.at}" if entry else "")


def _passage(case: Case, slug: str, name: str) -> Iterator[str]:
    """A passage's words and what cites it; nothing where the facility has no such passage."""
    try:
        transcript, passage = passage_named(transcripts_of(case, slug), name)
    except FieldError:
        return
    yield f"{slug}, {transcript.name}#p{passage.number}: {passage.text}"
    yield from (f"    cited by {cited}" for cited in quoted_in(case, slug, transcript.name, passage.number))


def _came_from(case: Case, slug: str, name: str) -> Iterator[str]:
    """Where a record or a built thing of that name came from."""
    for kind in ("statement", "sketch", "incident", "claim", "room account", "transcript"):
        for row in case.recorded(kind, slug):
            content = json.loads(row.content) if row.content else {}
            if name in (row.item, content.get("id"), PurePosixPath(row.item).name, row.source, content.get("witness")):
                entry = case.store.entry(row.entry)
                who = f" of {content['witness']}" if content.get("witness") else ""
                when = f", taken in by {entry.by} on {entry.at}" if entry else ""
                yield f"{slug}: {kind} {content.get('id', row.item)}{who}, from {row.source}{when}"
    for file in ("footprints.geojson", "rooms.geojson", "unplaced.geojson"):
        for key, item in built_features(case, slug, file).items():
            known = item["properties"]
            if name == key or name in (known.get("drawn") or ()):
                rests = ", ".join(known.get("drawn") or ()) or "nothing drawn"
                status = known.get("status") or "as built"
                yield f"{slug}: {file.removesuffix('.geojson')} {key}, {status}, of {rests}"
