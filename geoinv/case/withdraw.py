"""Consent withdrawn: everything that rests on a witness is erased, and that it was erased is recorded.

The chain keeps numbers, times and salted commitments, none of which tells anything once content and salt are gone. What
others said in the same files stays: such a file is written anew without the witness. Copies that left the case —
backups, releases already downloaded — cannot be reached, and are named so that people can.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geoinv.case.build import EDITED, VIEW
from geoinv.case.custody import handed
from geoinv.case.folder import Case
from geoinv.case.intake import IntakeReport, take_in
from geoinv.case.keeping import mark_of
from geoinv.case.mentions import file_mentions, mentions
from geoinv.case.misread import drop_misread
from geoinv.case.rewriting import REWRITTEN, rewrite
from geoinv.case.store import KeptEntry
from geoinv.case.subjects import built_features
from geoinv.errors import CaseError, FieldError
from geoinv.records.ledger import LedgerEntry
from geoinv.records.naming import Naming

__all__ = ["Withdrawal", "withdraw"]


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal did, and what is left for people to do.

    Attributes
    ----------
    entry
        The ledger's entry of it.
    erased
        How many entries lost their content.
    deleted, rewritten
        Files that are gone; files of several people that were written anew without the witness.
    rebuild
        Facilities whose models were deleted and must be built again.
    recall
        Releases that may show what rested on the witness: take them down, and tell who has a copy.
    look
        Files that a person must look through, since no program can tell whether the witness is in them.
    intake
        How the rewritten files were taken in.
    """

    entry: LedgerEntry
    erased: int
    deleted: tuple[str, ...]
    rewritten: tuple[str, ...]
    rebuild: tuple[str, ...]
    recall: tuple[str, ...]
    look: tuple[str, ...]
    intake: IntakeReport


@dataclass
class _File:
    """One path with all its versions: entries, hashes, and the records that its latest version gave."""

    path: str
    facility: str | None = None
    kind: str = ""
    entries: list[int] = field(default_factory=list)
    hashes: set[str] = field(default_factory=set)
    latest: list[tuple[str, str, Any]] = field(default_factory=list)
    hers: bool = False
    others: bool = False
    ids: set[str] = field(default_factory=set)  # of what is hers in any version
    in_text_only: bool = False  # she is named in it, but in none of its records: those that are nobody's may be hers


def withdraw(case: Case, witness: str, *, by: str, reason: str) -> Withdrawal:
    """Erase what rests on a witness.

    Parameters
    ----------
    witness
        Codename.
    by, reason
        Who does it and why; the reason is recorded, so that it must not tell what is erased.

    Raises
    ------
    FieldError
        If the reason is empty or names the witness.
    CaseError
        If nothing in the case rests on the witness, or the case cannot be written. A withdrawal that was interrupted is
        completed by asking for it again.
    """
    names = Naming([witness])
    if not reason.strip() or names.search(reason):
        raise FieldError(
            "the reason is kept for ever: it must be given, and not name the witness",
            do="say for instance “asked by telephone”",
            field="--reason",
        )
    files = _files(case, witness, names)
    touched = [one for one in files.values() if one.hers]
    decided = _decisions(case, names, touched)
    if not touched and not decided:
        raise CaseError(f"nothing in this case rests on “{witness}”", do="check the codename")
    slugs = sorted({one.facility for one in touched if one.facility})
    rewritten = {one.path: _rewrite(case, one, witness, names) for one in touched if one.others}
    made = {path for paths in rewritten.values() for path in paths}
    _delete_files(case, touched, files.values(), kept=made)
    drop_misread(case, {one.path for one in touched}, names)
    for slug in slugs:
        shutil.rmtree(case.models_dir(slug), ignore_errors=True)
    for path in (case.root / VIEW, case.root / "build.json", *case.root.glob(f"{EDITED}*")):
        path.unlink(missing_ok=True)
    numbers = sorted({number for one in touched for number in one.entries} | set(decided))
    with case.store.writing():
        case.store.erase(numbers)
        content = {"witness": mark_of(case.key, witness), "reason": reason.strip(), "erased": numbers}
        entry = case.ledger.append("withdrawal", "witness", content, by=by)
    case.store.compact()
    intake = take_in(case, by=by)
    case.note_head()
    deleted = tuple(one.path for one in touched if one.path not in made)
    look = tuple(sorted(_unread(files.values(), rewritten)))
    again, recall = tuple(sorted(made)), _releases(case, slugs)
    return Withdrawal(entry, len(numbers), deleted, again, tuple(slugs), recall, look, intake)


def _files(case: Case, witness: str, names: Naming) -> dict[str, _File]:
    """Every file ever taken in, and whether what it gave is hers, others', or both."""
    found: dict[str, _File] = {}
    drawn = _her_drawings(case, witness)
    listed: dict[str, tuple[_File, str, str]] = {}
    for kept in case.store.walk("file", "record"):
        if kept.entry.kind == "file":
            listed = _begin(found, kept, names, drawn)
        elif kept.entry.subject in listed:
            one, kind, item = listed[kept.entry.subject]
            one.entries.append(kept.entry.number)
            data = json.loads(kept.content) if kept.content is not None else None
            _weigh(one, kind, item, data, witness, names)
    _look_inside(case, found, names)
    return found


def _begin(
    found: dict[str, _File], kept: KeptEntry, names: Naming, drawn: set[str]
) -> dict[str, tuple[_File, str, str]]:
    """Note a version of a file; its records that are to follow."""
    if kept.content is None:
        return {}
    content = json.loads(kept.content)
    path = content["path"]
    one = found.setdefault(path, _File(path))
    one.facility, one.kind, one.latest, one.others = content.get("facility"), content["kind"], [], False
    one.entries.append(kept.entry.number)
    one.hashes.add(content["sha256"])
    if path in drawn or (one.kind != "scene" and names.search(Path(path).name)):
        one.hers = True
    return {record: (one, kind, item) for record, kind, item in content.get("records", ())}


def _her_drawings(case: Case, witness: str) -> set[str]:
    return {row.source for row, whose in case.whose("sketch") if whose == witness}


def _weigh(one: _File, kind: str, item: str, data: Any, witness: str, names: Naming) -> None:
    """Whose a record is; a landmark goes with what is told beside it, what is nobody's is kept as others' words are.

    A record that names her is hers too, whoever told it: who withdraws is to be found nowhere.
    """
    if not isinstance(data, dict):
        return
    one.latest.append((kind, item, data))
    if kind == "facility":
        one.hers |= mentions(data, names)
        one.others = True
    elif kind == "dependence":
        one.hers |= witness in data["witnesses"]
    elif kind == "transcript":
        one.others |= not one.hers  # a transcript called after her is hers; in another only where she is named
        one.hers |= mentions(data, names)
    elif data.get("witness") == witness or mentions(data, names):
        one.hers = True
        one.ids.add(str(data.get("id") or item))
    elif data.get("witness") is not None or kind in ("statement", "incident"):
        one.others = True


def _look_inside(case: Case, found: dict[str, _File], names: Naming) -> None:
    """Files of which nothing, or not all, was understood: hers if her codename stands in any of their versions."""
    known = {name for facility in case.facilities() for name in facility.witnesses}
    for one in found.values():
        if one.hers or one.kind == "scene":
            continue
        versions = [case.root / one.path, *(case.originals_dir() / digest[:2] / digest for digest in one.hashes)]
        one.hers = one.in_text_only = any(path.is_file() and file_mentions(path, one.path, names) for path in versions)
        if one.in_text_only:
            # A witness who is only called as the file is nobody, unless the facility knows of such a one.
            one.latest = [
                (kind, item, data if data.get("witness") in known or kind == "facility" else {**data, "witness": None})
                for kind, item, data in one.latest
            ]
            one.others = any(kind == "facility" or data.get("witness") for kind, _, data in one.latest)
    hers = {(Path(one.path).parent, Path(one.path).stem) for one in found.values() if one.hers}
    for one in found.values():  # a shapefile's parts, what lies beside a drawing
        if one.kind in ("part", "about"):
            one.hers |= (Path(one.path).parent, Path(one.path).stem) in hers


def _decisions(case: Case, names: Naming, touched: Iterable[_File]) -> list[int]:
    """Decisions, consents and custody events about the witness, or about a drawing or file of hers."""
    files, paths = {Path(one.path).name for one in touched if not one.others}, {one.path for one in touched}
    found = [
        one.entry.number
        for one in handed(case.store)
        if one.custody and (one.custody.file in paths or mentions(one.custody.plain(), names))
    ]
    about = {(one.facility, name) for one in touched for name in one.ids} | _drawn_by(case, files)
    for kept in case.store.walk("consent", "decision"):
        text = "" if kept.content is None else kept.content.decode()
        if names.search(text) or any(name in text for name in files) or (text and _is_about(json.loads(text), about)):
            found.append(kept.entry.number)
    return found


def _drawn_by(case: Case, files: Collection[str]) -> set[tuple[str | None, str]]:
    """Facility and id of the footprints and rooms that nothing but these drawings show."""
    return {
        (facility.slug, name)
        for facility in case.facilities()
        for built in ("footprints.geojson", "rooms.geojson")
        for name, item in built_features(case, facility.slug, built).items()
        if (drawn := item["properties"].get("drawn")) and all(one.partition("#")[0] in files for one in drawn)
    }


def _is_about(decision: Any, about: set[tuple[str | None, str]]) -> bool:
    """Whether a decision is about one of these things, whatever it says of it."""
    body = decision.get("body") if isinstance(decision, dict) else None
    if not isinstance(body, dict):
        return False
    slug, _, name = str(body.get("target", "")).partition("/")
    named = {str(body.get(key)) for key in ("incident", "footprint", "element", "statement", "room")} | {name}
    return any((body.get("facility", slug), one) in about for one in named)


def _rewrite(case: Case, one: _File, witness: str, names: Naming) -> tuple[str, ...]:
    """Write what others said in a file anew; the paths of what was made of it."""
    whole = {"facility", "dependence", "transcript"}  # of these only what names her goes
    records = [
        (kind, item, data)
        for kind, item, data in one.latest
        if kind in REWRITTEN and (kind in whole or not (data.get("witness") == witness or mentions(data, names)))
        if not one.in_text_only or kind in whole or data.get("witness")
    ]
    return rewrite(case, Path(one.path), records, witness=witness, names=names) if records else ()


def _delete_files(case: Case, touched: Iterable[_File], every: Iterable[_File], *, kept: set[str]) -> None:
    """Delete working copies and kept originals; one whose content another file has as well is still that file's."""
    untouched = {digest for one in every if not one.hers for digest in one.hashes}
    for one in touched:
        if one.path not in kept:
            (case.root / one.path).unlink(missing_ok=True)
        for digest in one.hashes - untouched:
            (case.originals_dir() / digest[:2] / digest).unlink(missing_ok=True)


def _unread(files: Collection[_File], rewritten: dict[str, tuple[str, ...]]) -> Iterable[str]:
    """Files kept without being understood, in which the witness may be named; and those that could not be rewritten."""
    yield from (one.path for one in files if not one.hers and one.kind in ("note", "recording", "unknown", "archive"))
    yield from (f"{path} (what others said in it went with it)" for path, made in rewritten.items() if not made)
    kinds = {one.path: one.kind for one in files}
    yield from (
        f"{target} (the passages that name the witness were taken out; the others may be the witness's too)"
        for path, made in rewritten.items()
        for target in made
        if kinds[path] == "transcript"
    )


def _releases(case: Case, slugs: list[str]) -> tuple[str, ...]:
    """Releases that show one of the facilities."""
    found = []
    for manifest in sorted((case.root / "api").glob("*/*/manifest.json")):
        shown = json.loads(manifest.read_text(encoding="utf-8")).get("facilities", [])
        if set(shown) & set(slugs):
            found.append(manifest.parent.relative_to(case.root).as_posix())
    return tuple(found)
