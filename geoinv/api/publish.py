"""Publishing: the case is read once, consent and rules are applied, and one immutable release is written.

A release holds only what a rule lets through. Maps, sheets and models are drawn anew from the redacted records; no
internal file is copied. It is compared with earlier releases for the same audience, and before anything is written
every byte made here is searched for the case's codenames and file names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from geoinv import __version__
from geoinv.api.bag import bagged, crate_metadata, tag_manifest
from geoinv.api.casefiles import FacilityRead, PublishableCase, read_case, underlays_of
from geoinv.api.commitments import Commitments
from geoinv.api.comparing import Compared
from geoinv.api.consent import Owners, standing
from geoinv.api.contents import facility_files, font_letters, release_texts
from geoinv.api.geopackage import geopackage_bytes
from geoinv.api.layers import Shown, layers_of
from geoinv.api.leaks import leaks
from geoinv.api.redact import Tally
from geoinv.api.showing import Terms, showing_of
from geoinv.errors import ReleaseError
from geoinv.files.atomic import write_bytes, write_folder, write_text
from geoinv.pages.words import Language, word
from geoinv.records.base import sha256_hex
from geoinv.records.consent import Audience, has_ended
from geoinv.records.facility import Facility
from geoinv.records.release import Release, ReleaseFile, Withheld

__all__ = [
    "ReleasePlan",
    "asked_for",
    "audience_rules",
    "plan_release",
    "publish",
    "require_published",
    "write_release",
]

_MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".glb": "model/gltf-binary",
    ".gpkg": "application/geopackage+sqlite3",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".py": "text/x-python; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}

#: A manifest names at least so many inputs, those that fill the list included.
_FEWEST_INPUTS = 64


class _Ledgered(PublishableCase, Protocol):
    """A case that can also note what was published."""

    @property
    def ledger(self) -> Any:
        """The chain."""

    def note_head(self) -> None:
        """Write the chain's head beside the store."""


@dataclass(frozen=True)
class ReleasePlan:
    """A release as it would be written.

    Attributes
    ----------
    audience
        For whom.
    name
        First 12 digits of the manifest's SHA-256: the release's folder.
    files
        Path below the release → bytes, the manifest included.
    manifest
        What the release says of itself.
    withheld
        What is kept back, coarsened or suppressed, with true counts; for the case's own people only.
    explained
        The same one by one: which record (the case's own name of it), what of it, by which rule and how. Written into
        nothing that is published.
    """

    audience: str
    name: str
    files: Mapping[str, bytes]
    manifest: Release
    withheld: tuple[Withheld, ...]
    explained: tuple[tuple[str, str, str, str], ...] = ()


def plan_release(case: PublishableCase, audience: str, *, on: date | None = None) -> ReleasePlan:
    """Make a release in memory and say what it withholds; nothing is written.

    Parameters
    ----------
    case
        The case.
    audience
        As in ``case.toml``.
    on
        The day embargoes and ending consents are judged by; without one, an embargo lasts and a consent that ends has
        ended.

    Raises
    ------
    ReleaseError
        If the case has no such audience, something made holds a word that must stay in, or an earlier release for the
        audience cannot be read.
    """
    rules = audience_rules(case, audience, on)
    terms = Terms(rules, case.consents(), case.settings.organisations, on)
    commitments = Commitments(case.key, audience, case.ledger_head)
    tally = Tally()
    whole = read_case(case)
    reads = asked_for(whole, rules)
    compared = Compared.of(case, reads, terms)
    everything = [_shown(read, terms, commitments, compared, tally) for read in reads]
    fictional = case.settings.simulated or all(shown.facility.simulated for shown in everything)
    told = tally.rules(minimum=rules.minimum_count)
    payload = _payload(case, everything, audience)
    files = bagged(payload, f"A release of “{case.settings.title}” for the audience “{audience}”.")
    files |= release_texts(case.settings.title, audience, everything, told, compared.recalls, fictional=fictional)
    manifest = _manifest(case, rules, reads, told, compared.recalls, files, fictional=fictional)
    _refuse_leaks({**files, "data/release.gpkg.txt": _words_of(everything)}, whole)
    text = manifest.model_dump_json(indent=1, exclude_none=True) + "\n"
    files["manifest.json"] = text.encode()
    files["tagmanifest-sha256.txt"] = tag_manifest(files)
    if compared.missing:
        tally.add(
            "earlier releases",
            "not in the case's folder any more: this one could not be compared with them",
            compared.missing,
        )
    inside = (*tally.withheld(), *_witnesses_withheld(reads, terms))
    explained = tuple(sorted(tally.records))
    return ReleasePlan(audience, sha256_hex(text.encode())[:12], files, manifest, inside, explained)


def _manifest(
    case: PublishableCase,
    rules: Audience,
    reads: Sequence[FacilityRead],
    told: tuple[Withheld, ...],
    recalls: tuple[str, ...],
    files: Mapping[str, bytes],
    *,
    fictional: bool,
) -> Release:
    commitments = Commitments(case.key, rules.name, case.ledger_head)
    return Release(
        title=case.settings.title,
        audience=rules.name,
        fictional=fictional,
        geoinv_version=__version__,
        ledger_head=case.ledger_head,
        languages=case.settings.languages,
        facilities=tuple(read.facility.slug for read in reads),
        inputs=_inputs(case, reads, commitments),
        generalised=told,
        recalls=recalls,
        frame_ancestors=rules.may_frame,
        cross_origin=rules.is_public,
        files=tuple(_entry(path, files[path]) for path in sorted(files)),
    )


def audience_rules(case: PublishableCase, audience: str, on: date | None) -> Audience:
    """Rules of an audience, or of a request that was granted and has not ended.

    Raises
    ------
    ReleaseError
        If the case has none of that name, or it has ended.
    """
    rules = case.audience(audience)
    if rules is None:
        names = ", ".join(one if isinstance(one, str) else one.name for one in case.settings.audiences)
        raise ReleaseError(f"this case has no audience “{audience}”", do=f"choose one of: {names}", file="case.toml")
    if has_ended(rules.until, on):
        raise ReleaseError(f"what was granted to “{audience}” ends {rules.until}, and has ended or may have",
                           do="say with --on which day it is, or grant it anew")  # fmt: skip
    return rules


def require_published(case: PublishableCase, rules: Audience) -> None:
    """Refuse what is made for an audience that reads of groups only, unless this state was published for it.

    Every release is held apart from the earlier ones, so that no difference of two tells of few; what is handed out
    beside them tells what a release of the same state tells.

    Raises
    ------
    ReleaseError
        If there is no release of this state for the audience.
    """
    made = (case.root / "api" / rules.name).glob("*/manifest.json")
    heads = (json.loads(one.read_text(encoding="utf-8")).get("ledger_head") for one in made)
    if rules.minimum_count > 1 and case.ledger_head not in heads:
        raise ReleaseError(
            f"“{rules.name}” reads of groups of {rules.minimum_count} and more only, and this state of the case was "
            "not published for it: what differs from a release by few could be told from both",
            do=f"run “geoinv publish --audience {rules.name}”, then this again",
        )


def asked_for(reads: Sequence[FacilityRead], rules: Audience) -> tuple[FacilityRead, ...]:
    """Of what was read, the facilities and incidents that were asked for."""
    return tuple(
        replace(read, incidents=tuple(one for one in read.incidents if rules.asks_for(one.facility, one.id)))
        for read in reads
        if rules.asks_for(read.facility.slug)
    )


def _shown(read: FacilityRead, terms: Terms, commitments: Commitments, compared: Compared, tally: Tally) -> Shown:
    """What is published of one facility: what may be shown, with incidents generalised."""
    showing = showing_of(read, terms, commitments, tally)
    minimum = terms.audience.minimum_count
    alone, kept = compared.generalised(showing, minimum=minimum)
    apart = "an earlier release beside this one would tell of too few: they wait, or lose detail"
    few = f"groups of fewer than {minimum} incidents or 3 people are pooled or left out"
    kept_alone, before = {row.id: row.cell for row in alone}, {row.id: row for row in showing.rows}
    kept_now = {row.id: row.cell for row in kept}
    for name in sorted(before):
        add = partial(tally.add, record=showing.ids[name], among=read.facility.slug)
        if name not in kept_alone:
            add("incidents", few, how="suppressed")
        elif kept_alone[name] != before[name].cell:
            add("details of incidents", few, how="coarsened")
        if name in kept_alone and kept_now.get(name) != kept_alone[name]:
            add("incidents or their details", apart, how="suppressed")
    return Shown(showing.facility, showing.place, showing.footprints, kept, showing.blueprint)


def _payload(case: PublishableCase, everything: Sequence[Shown], audience: str) -> dict[str, bytes]:
    """What a release is about: each facility's files, the layers, and what describes them."""
    letters = {language: font_letters(everything, language) for language in ("en", "ko")}
    payload: dict[str, bytes] = {}
    for shown in everything:
        underlays = underlays_of(case, shown.footprints)
        languages = _languages(case, shown.facility)
        payload |= facility_files(shown, underlays, languages, lambda lang: _cite(case, audience, lang), letters)
    payload["release.gpkg"] = geopackage_bytes(layers_of(everything), beside=case.root)
    listed = {path: (len(content), _MEDIA[Path(path).suffix]) for path, content in payload.items()}
    title = case.settings.title
    licence = str(
        (case.settings.model_extra or {}).get("licence") or "No licence is given: ask whoever published this."
    )
    day = case.evidence_day
    # The year alone: a release does not tell when a witness was last heard.
    published = f"{day.year:04d}" if day else "1970"
    payload["ro-crate-metadata.json"] = crate_metadata(
        title, f"What may be shown of “{title}”.", published, listed, licence=licence
    )
    return payload


def _words_of(everything: Sequence[Shown]) -> bytes:
    """The words that stand in a release's layers, where no text can be told from numbers."""
    rows = (words for shown in everything for row in shown.rows for words in (row.kind, row.summary))
    labels = (label for shown in everything for one in shown.footprints for label in one.labels)
    return "\n".join(sorted({*filter(None, rows), *labels})).encode()


def _refuse_leaks(files: Mapping[str, bytes], reads: Sequence[FacilityRead]) -> None:
    found = leaks(files, frozenset().union(*(read.secrets for read in reads)))
    if found:
        raise ReleaseError(
            f"the release would hold words that must stay in the case ({'; '.join(found[:3])})",
            do="report this; nothing was written",
        )


def _witnesses_withheld(reads: Sequence[FacilityRead], terms: Terms) -> tuple[Withheld, ...]:
    """How many witnesses' accounts stay in, and why: for the case's own people, in nothing published."""
    why: dict[str, str] = {}
    for read in reads:
        stands = standing(
            read.facility, terms.consents, terms.audience.name, on=terms.on, organisations=terms.organisations
        )
        why |= {
            name: reason for name, reason in stands.items() if reason is not None and name in read.facility.witnesses
        }
    tally = Tally()
    for reason in why.values():
        tally.add("witnesses", reason)
    return tally.withheld()


def _cite(case: PublishableCase, audience: str, language: Language) -> str:
    """What a file that leaves the release says of it: while it is made, the chain's head is known, not the hash."""
    return word("cite audience", language, audience=audience, head=case.ledger_head[:12])


def _languages(case: PublishableCase, facility: Facility) -> tuple[str, ...]:
    wanted = {*case.settings.languages, *facility.languages}
    return ("en", "ko") if "ko" in wanted else ("en",)


def _inputs(case: PublishableCase, reads: Sequence[FacilityRead], commitments: Commitments) -> tuple[str, ...]:
    """Commitments to everything that was read, in an order and a number that tell nothing.

    As many names as there are records would say how many are kept back, and how many came between two releases: names
    of nothing fill the list up to a power of two.
    """
    names = {Owners.base(path) for path, _ in case.scenes()}
    for read in reads:
        names |= set(read.owners.witness_of) | {incident.id for incident in read.incidents}
    filled = max(_FEWEST_INPUTS, 1 << (len(names) - 1).bit_length())
    known = [commitments.of("source", name) for name in sorted(names)]
    return tuple(sorted([*known, *(commitments.of("source", f"\x1f{at}") for at in range(filled - len(known)))]))


def _entry(path: str, content: bytes) -> ReleaseFile:
    media = _MEDIA[Path(path).suffix]
    return ReleaseFile(path=path, sha256=sha256_hex(content), bytes=len(content), media_type=media)


def write_release(case: _Ledgered, plan: ReleasePlan, *, by: str = "geoinv") -> Path:
    """Write a planned release below ``api/<audience>/`` and note it in the ledger; one already there is left as it is.

    Returns
    -------
    Path
        The release's folder; ``latest`` beside it names the release made last.

    Raises
    ------
    ReadOnlyError
        If the folder cannot be written.
    ReleaseError
        If a release of that name is there and was altered.
    """
    folder = case.root / "api" / plan.audience / plan.name
    there = folder.exists()
    if there:
        altered = [path for path, content in plan.files.items() if not _same(folder / path, content)]
        if altered:
            raise ReleaseError(
                f"this release was altered after it was made ({altered[0]})",
                do="delete its folder and publish again",
                file=plan.name,
            )
    else:
        with write_folder(folder) as temporary:
            for path, content in sorted(plan.files.items()):
                write_bytes(temporary / path, content)
    # A release that is there may be one that an earlier run wrote and, its disk full, could not note.
    if not there or not any(row.subject == plan.name for row in case.store.chain("publish")):
        with case.store.writing():
            case.ledger.append(
                "publish", plan.name, {"audience": plan.audience, "head": plan.manifest.ledger_head}, by=by
            )
        case.note_head()
    write_text(folder.parent / "latest", plan.name + "\n")
    return folder


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def publish(
    case: _Ledgered, audience: str, *, dry_run: bool = False, on: date | None = None, by: str = "geoinv"
) -> Path | ReleasePlan:
    """Publish a case for an audience.

    Parameters
    ----------
    dry_run
        Only say what would be withheld, and by which rule.

    Returns
    -------
    Path or ReleasePlan
        The release's folder, or the plan of a dry run.

    Raises
    ------
    ReleaseError
        If the case has no such audience, or a release cannot be made.
    """
    plan = plan_release(case, audience, on=on)
    return plan if dry_run else write_release(case, plan, by=by)
