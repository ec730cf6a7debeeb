"""The other side's copy: one zip from which an opposing expert builds a facility again and compares.

It holds the inputs as received, the decisions that stand, the results with the hashes of every step's inputs, the tests
that failed and the rival versions, and a program that runs it all again. It holds whole accounts under codenames:
for an audience it is made only where every witness of the facility agreed to sharing with it.
"""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from geoinv import __version__
from geoinv.api.consent import standing
from geoinv.api.publish import audience_rules
from geoinv.case.folder import Case
from geoinv.errors import ReleaseError
from geoinv.records.base import sha256_hex
from geoinv.records.decisions import CheckCodenames, Decision, RecordConsent, Undo, concerns
from geoinv.records.facility import Facility

__all__ = ["bundle"]

#: What a build wrote that a second build is compared with, and what speaks against it.
_RESULTS = ("location.geojson", "match.json", "footprints.geojson", "rooms.geojson", "blueprint.json", "bindings.json",
            "unplaced.geojson", "rivals.json", "findings.json", "faults.json", "build.json")  # fmt: skip
_MADE = (2026, 1, 1, 0, 0, 0)
_SETTINGS = ("title", "simulated", "languages", "time_zone")


def bundle(case: Case, slug: str, *, audience: str | None = None, on: date | None = None) -> bytes:
    """The other side's copy of a facility as a zip: the same bytes for the same state of the case.

    Raises
    ------
    CaseError
        If the case has no such facility.
    ReleaseError
        If it has no such audience, the facility has not been built, or a witness did not agree to sharing with it.
    """
    facility = case.facility(slug)
    if not (case.models_dir(slug) / "blueprint.json").is_file():
        raise ReleaseError("there is nothing to build again yet", do="run “geoinv build” first", file=slug)
    if audience is not None:
        _all_agree(case, facility, audience, on)
    found = _inputs(case, facility) | _results(case, slug)
    found["decisions.json"] = _json(_decisions(case, slug))
    source = files("geoinv").joinpath("api/data/rerun.py.txt").read_text(encoding="utf-8")
    found["rerun.py"] = source.replace("FACILITY_SLUG", slug).encode()
    found["README.md"] = _readme(case, facility, audience).encode()
    sums = "".join(f"{sha256_hex(content)}  {name}\n" for name, content in sorted(found.items()))
    found["SHA256SUMS"] = sums.encode()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(found.items()):
            entry = zipfile.ZipInfo(f"{slug}/{name}", _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    return held.getvalue()


def _all_agree(case: Case, facility: Facility, audience: str, on: date | None) -> None:
    rules = audience_rules(case, audience, on)
    stands = standing(facility, case.consents(), rules.consents_as, on=on, organisations=case.settings.organisations)
    told = {witness for kind in ("statement", "incident", "claim", "sketch")
            for _, witness in case.whose(kind, facility.slug) if witness}  # fmt: skip
    against = [name for name in sorted(told | set(facility.witnesses)) if stands.get(name, "none") is not None
               and not name.startswith("published:")]  # fmt: skip
    if against:
        raise ReleaseError(
            f"{len(against)} of its witnesses did not agree to sharing their accounts with “{audience}”",
            do="ask them, or hand on the dossier alone, which leaves their accounts out",
        )


def _inputs(case: Case, facility: Facility) -> dict[str, bytes]:
    """Files of the facility and the scenes, as they lie in the case, and settings without people and audiences."""
    found = {"case/case.toml": _settings(case)}
    history = case.history
    for path, row in sorted(case.store.files().items()):
        mine = row.facility is not None and history.facility_of(row.facility, path) == facility.slug
        if (mine or path.startswith("imagery/")) and (case.root / path).is_file():
            found[f"case/{path}"] = (case.root / path).read_bytes()
    for path in ("regions.geojson",):
        if (case.root / path).is_file():
            found[f"case/{path}"] = (case.root / path).read_bytes()
    return found


def _settings(case: Case) -> bytes:
    given = tomllib.loads((case.root / "case.toml").read_text(encoding="utf-8-sig"))
    lines = [f"{key} = {json.dumps(given[key], ensure_ascii=False)}" for key in _SETTINGS if key in given]
    if given.get("simulated") and "mint_seed" in given:  # only a fictional case's ids may be made again
        lines.append(f"mint_seed = {given['mint_seed']}")
    lines.append('\n[[people]]\nid = "rerun"\nname = "Whoever builds it again"\nmay_sign = true')
    return ("\n".join(lines) + "\n").encode()


def _results(case: Case, slug: str) -> dict[str, bytes]:
    folder = case.models_dir(slug)
    return {f"expected/{name}": (folder / name).read_bytes() for name in _RESULTS if (folder / name).is_file()}


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _decisions(case: Case, slug: str) -> list[dict[str, Any]]:
    """Decisions that stand about the facility; an id of a footprint becomes an element drawn of it, which lasts."""
    names = _drawn_names(case, slug)
    found = []
    for entry, decision in case.decisions():
        body = decision.body
        if isinstance(body, CheckCodenames | RecordConsent | Undo) or not concerns(body, slug):
            continue
        found.append({"entry": entry.id, "at": entry.at, **_lasting(decision, names)})
    return found


def _drawn_names(case: Case, slug: str) -> dict[str, str]:
    path = case.models_dir(slug) / "footprints.geojson"
    if not path.is_file():
        return {}
    rows = (item["properties"] for item in json.loads(path.read_text(encoding="utf-8"))["features"])
    return {row["id"]: row["drawn"][0] for row in rows if row.get("drawn")}


def _lasting(decision: Decision, names: Mapping[str, str]) -> dict[str, Any]:
    body = decision.body.plain()
    for key in ("footprint", "element"):
        if isinstance(body.get(key), str):
            body[key] = names.get(body[key], body[key])
    if isinstance(body.get("target"), str):
        head, stroke, name = body["target"].partition("/")
        body["target"] = f"{head}{stroke}{names.get(name, name)}"
    return {"by": decision.by, "reason": decision.reason, "body": body}


def _readme(case: Case, facility: Facility, audience: str | None) -> str:
    fictional = "**Fictional: the place, the people and the events are invented.**\n\n" if facility.simulated else ""
    whom = f"for “{audience}”" if audience else "INTERNAL, until somebody decides to whom it is handed"
    return (
        f"# {facility.name}: the other side's copy\n\n{fictional}"
        f"Made {whom}, by geoinv {__version__}, at the ledger's head `{case.ledger_head}`. It holds whole accounts "
        "under codenames: keep it as you would keep the witnesses' own words.\n\n"
        "| what | where |\n| --- | --- |\n"
        "| inputs as received | `case/` |\n"
        "| what people decided, who and why | `decisions.json` |\n"
        "| results, the hashes of every step's inputs, rival versions, failed tests | `expected/` |\n"
        "| hashes of everything | `SHA256SUMS` (`sha256sum -c SHA256SUMS`) |\n\n"
        "Build it again and compare:\n\n"
        f"```console\n$ pip install geoinv=={__version__}\n$ python rerun.py\n```\n\n"
        "It prints each building's overlap with the one handed over and every difference in how it is known. Change an "
        "input, a decision or a setting and run it again to test an objection.\n"
    )
