"""The files of a release, drawn from redacted records only: maps, figures, sheets, models, and what explains them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from shapely.geometry import Polygon

from geoinv.api.grounds import ground_of
from geoinv.api.layers import Shown
from geoinv.api.suppress import Row
from geoinv.models.glb import glb_bytes
from geoinv.models.hypotheses import hypotheses
from geoinv.models.sheet_set import buildings_known_inside, sheet_set
from geoinv.models.sheets import sheet_pdf
from geoinv.models.solids import build_solids
from geoinv.pages.figures import before_after
from geoinv.pages.map_print import print_map
from geoinv.pages.map_spec import MapIncident, MapSpec, map_rooms, map_spec
from geoinv.pages.maps import offline_map
from geoinv.pages.terms import violation_word
from geoinv.pages.underlays import Underlay, jpeg_bytes
from geoinv.pages.words import Language, language_of, word, words
from geoinv.records.release import Withheld

__all__ = ["facility_files", "font_letters", "release_texts"]


def font_letters(everything: Sequence[Shown], language: str) -> frozenset[str]:
    """Letters that a release's pages show in a language: they share one cut of the fonts, which is slow to make."""
    tongue = language_of(language)
    said = set("".join(words(tongue).values()))
    kinds = {row.kind for shown in everything for row in shown.rows if row.kind}
    said |= set("".join(violation_word(kind, tongue) for kind in kinds))
    for shown in everything:
        one = shown.facility
        said |= set("".join([one.name, *one.other_names, one.kind or "", one.agency or "", one.place or ""]))
        said |= {letter for item in shown.footprints for label in item.labels for letter in label}
        if shown.blueprint is not None:
            said |= {letter for part in shown.blueprint.parts() for label in part.labels for letter in label}
    return frozenset(said)


def facility_files(
    shown: Shown,
    underlays: Sequence[Underlay],
    languages: Sequence[str],
    cite: Callable[[Language], str],
    letters: Mapping[str, frozenset[str]],
) -> dict[str, bytes]:
    """Everything a release holds of one facility besides its features, by path below the payload.

    Parameters
    ----------
    cite
        What a map that leaves the release says of it, in a language.
    letters
        Language → what fonts of its pages hold in any case (see `font_letters`).
    """
    folder = f"facilities/{shown.facility.slug}"
    seen = underlays if shown.footprints else ()
    spec = _map_spec(shown, seen)
    found = {f"{folder}/map.json": _json(spec.plain())}
    found |= {f"{folder}/{note.path}": jpeg_bytes(one.pixels) for note, one in zip(spec.scenes, seen, strict=True)}
    for language in map(language_of, languages):
        if shown.footprints:
            found |= _drawn(shown, spec, seen, language, folder, cite(language), letters[language])
    if shown.blueprint is not None:
        found |= _model(shown, seen, folder)
    return found


def _mark(language: Language) -> str:
    return "" if language == "en" else f"-{language}"


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def _drawn(
    shown: Shown,
    spec: MapSpec,
    underlays: Sequence[Underlay],
    language: Language,
    folder: str,
    cite: str,
    letters: frozenset[str],
) -> dict[str, bytes]:
    facility, footprints, mark = shown.facility, shown.footprints, _mark(language)
    page = offline_map(spec, underlays, language=language, cite=cite, letters=letters)
    last = underlays[-1] if underlays else None
    figure = print_map(spec, last, language=language, cite=cite)
    found = {f"{folder}/map{mark}.html": page.encode(), f"{folder}/figures/site{mark}.svg": figure.encode()}
    if len(underlays) > 1:
        pair = before_after(facility, footprints, underlays[0], underlays[-1], language=language)
        found[f"{folder}/figures/before-after{mark}.svg"] = pair.encode()
    return found


def _map_incident(row: Row) -> MapIncident:
    years = [int(year) for year in row.year.split("/")] if row.year else []
    return MapIncident(
        building=row.building, room=row.room, years=(years[0], years[-1]) if years else None, kind=row.kind
    )


def _map_spec(shown: Shown, underlays: Sequence[Underlay]) -> MapSpec:
    """The map of what is shown: buildings, or the box its place is generalised to, or nothing."""
    return map_spec(
        shown.facility,
        shown.footprints,
        underlays=underlays,
        rooms=map_rooms(shown.blueprint, shown.footprints),
        incidents=[_map_incident(row) for row in shown.rows],
        area=shown.place if isinstance(shown.place, Polygon) else None,
        area_is="county",
    )


def _model(shown: Shown, underlays: Sequence[Underlay], folder: str) -> dict[str, bytes]:
    """Solids of every version, and the sheets one by one and as one PDF."""
    blueprint = shown.blueprint
    assert blueprint is not None
    found = {}
    for number, version in enumerate(hypotheses(blueprint) or (None,), 1):
        name = "model.glb" if number == 1 else f"model-{number}.glb"
        found[f"{folder}/{name}"] = glb_bytes(build_solids(blueprint, hypothesis=version))
    called = {one.id: f"building-{number}" for number, one in enumerate(buildings_known_inside(blueprint), 1)}
    sheets = sheet_set(blueprint, ground=ground_of(underlays, blueprint.frame), called=called)
    found |= {f"{folder}/sheets/{sheet.name}.svg": sheet.svg.encode() for sheet in sheets}
    found[f"{folder}/sheets/all.pdf"] = sheet_pdf(*(sheet.svg for sheet in sheets))
    return found


def release_texts(
    title: str,
    audience: str,
    everything: Sequence[Shown],
    withheld: Sequence[Withheld],
    recalls: Sequence[str],
    *,
    fictional: bool,
) -> dict[str, bytes]:
    """README and the program that checks the release."""
    lines = [f"# {title}", ""]
    if fictional:
        lines += [f"**{word('fictional', 'en')}.** {word('fictional note', 'en')}", ""]
    lines += [
        f"A release of geoinv for the audience “{audience}”. It never changes; cite it by its folder's name,",
        "which is the beginning of the SHA-256 of `manifest.json`.",
        "",
        "| what | where |",
        "| --- | --- |",
        "| facilities, footprints, rooms, incidents | `data/release.gpkg` (QGIS opens it) |",
    ]
    for shown in everything:
        pages = f"`data/facilities/{shown.facility.slug}/`" if shown.footprints else "in the layers only"
        lines.append(f"| {shown.facility.name.replace('|', '/')} | {pages} |")
    lines += [
        "",
        "Check it with `python verify.py`, or with any BagIt program: the folder is a bag (RFC 8493) whose payload",
        "is an RO-Crate. Serve it with `geoinv serve --release` and this folder's path.",
        "",
        *_recalled(recalls),
        "## What was generalised or left out",
        "",
        "Generalised, never randomised. How many were left out is not told. Ids are of this",
        "release alone: they cannot be joined with those of another.",
        "",
    ]
    lines += [f"- {one.what}, {one.how}: {one.rule}" for one in withheld]
    check = files("geoinv").joinpath("api/released_verify.py").read_bytes()
    return {"README.md": ("\n".join(lines) + "\n").encode(), "verify.py": check}


def _recalled(recalls: Sequence[str]) -> list[str]:
    """What is to be said of earlier releases that show what may no longer be shown."""
    if not recalls:
        return []
    return [
        "## Recalled",
        "",
        "These earlier releases show what may no longer be shown. Delete every copy,",
        "and take down what was made of them:",
        "",
        *(f"- {name}" for name in recalls),
        "",
    ]
