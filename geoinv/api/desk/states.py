"""What stood after each build, kept so that any two states can be compared; none outlives a withdrawal of consent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.geometry import mapping

from geoinv.api.desk.changed import Standing
from geoinv.api.desk.drafts import withdrawals
from geoinv.api.desk.keeping import read_kept, write_kept
from geoinv.api.desk.picking import kind_of, sort_of
from geoinv.api.desk.placed import to_centimetres
from geoinv.case.build import stale_steps
from geoinv.case.folder import Case
from geoinv.case.reading import built_blueprint
from geoinv.models.claims_parts import Place, ground_of, places
from geoinv.records.base import canonical_json, sha256_hex
from geoinv.records.blueprint import Blueprint, Building, Opening, Roof, Storey

__all__ = ["State", "States", "standing_of"]


@dataclass(frozen=True)
class State:
    """A facility's model as it stood after one build.

    Attributes
    ----------
    number
        Of the ledger's last entry that it was built from.
    at
        That entry's time.
    standing
        Its parts.
    """

    number: int
    at: str
    standing: Standing


class States:
    """The states of every facility that this desk has met: after its own builds, and whenever its history is looked at.

    Parameters
    ----------
    folder
        Where they lie, a file a state.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looked: dict[str, tuple[int, int]] = {}

    def keep(self, case: Case, slug: str) -> None:
        """Keep what the last build wrote, where that is of what the ledger says now and differs from the state before.

        Looked at again only after a build or an entry of the ledger.
        """
        last, path = case.store.last(), case.models_dir(slug) / "blueprint.json"
        if last is None or not path.is_file():
            return
        now = (last.number, path.stat().st_mtime_ns)
        if self._looked.get(slug) == now:
            return
        self._looked[slug] = now
        blueprint = None if stale_steps(case, slug) else built_blueprint(path.parent)
        if blueprint is None:
            return
        data = standing_of(blueprint)
        digest = sha256_hex(canonical_json(data))
        kept = self._kept(case, slug)
        if kept and kept[-1]["digest"] == digest:
            return
        state = {"number": last.number, "at": last.at, "digest": digest, "withdrawals": withdrawals(case), "is": data}
        write_kept(self._home(slug) / f"{last.number:09d}.json", state)

    def of(self, case: Case, slug: str) -> list[State]:
        """A facility's states, oldest first."""
        return [State(one["number"], one["at"], Standing.read(one["is"])) for one in self._kept(case, slug)]

    def _kept(self, case: Case, slug: str) -> list[dict[str, Any]]:
        now, found = withdrawals(case), []
        for path in sorted(self._home(slug).glob("*.json")):
            kept = read_kept(path)
            if kept.get("withdrawals") == now:
                found.append(kept)
            else:  # it may hold words that were withdrawn
                path.unlink(missing_ok=True)
        return found

    def sweep(self, case: Case) -> None:
        """Remove every state that was kept before consent was last withdrawn."""
        now = withdrawals(case)
        for path in sorted(self._folder.glob("*/*.json")):
            if read_kept(path).get("withdrawals") != now:
                path.unlink(missing_ok=True)

    def _home(self, slug: str) -> Path:
        home = self._folder / hashlib.sha256(slug.encode()).hexdigest()[:32]
        home.mkdir(parents=True, exist_ok=True)
        return home


def standing_of(blueprint: Blueprint) -> dict[str, Any]:
    """What is compared of a blueprint, JSON-ready: its parts that have a shape, in its own metres, and their frame."""
    names = {one.id: one.labels[0] for one in blueprint.parts() if one.labels}
    parts = [_part(one, names) for one in places(blueprint) if not isinstance(one.part, Storey | Roof)]
    frame = {"lon": blueprint.frame.lon, "lat": blueprint.frame.lat}
    return {"frame": frame, "parts": [one for one in parts if one is not None]}


def _part(place: Place, names: dict[str, str]) -> dict[str, Any] | None:
    part, shape = place.part, ground_of(place.part)
    if shape.is_empty:
        return None
    labels = list(part.labels)
    if isinstance(part, Opening) and not labels and part.connects:
        labels = [" – ".join(names.get(one, one) for one in part.connects)]
    tall = [storey.floor_m + storey.height_m for storey in part.storeys] if isinstance(part, Building) else []
    return {
        "id": part.id, "sort": sort_of(part), "kind": kind_of(part), "labels": labels,
        "drawn": sorted(part.drawn), "status": str(part.status), "hypothesis": part.hypothesis,
        "height_m": round(max(tall), 2) if tall else None, "shape": to_centimetres(mapping(shape)),
    }  # fmt: skip
