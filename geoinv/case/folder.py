"""The case: one folder, its settings, its records and what was built from them."""

from __future__ import annotations

import json
import secrets
import tomllib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from geoinv import __version__
from geoinv.case.ledger import Ledger
from geoinv.case.migrations import MIGRATED
from geoinv.case.mint import SeededMint, mint_for
from geoinv.case.store import STORE_VERSION, Store
from geoinv.case.stores import open_store
from geoinv.errors import CaseError, NotACaseError
from geoinv.files.atomic import write_text
from geoinv.records.base import sha256_hex
from geoinv.records.consent import CaseSettings
from geoinv.records.decisions import Decision, RecordConsent
from geoinv.records.drawings import Sketch
from geoinv.records.facility import Facility
from geoinv.records.incidents import Binding, Incident
from geoinv.records.ledger import GENESIS, LedgerEntry
from geoinv.records.testimony import Landmark, Statement, Statements

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Case", "read_settings"]

_SETTINGS = "case.toml"
_Read = TypeVar("_Read")


def read_settings(root: Path) -> CaseSettings:
    """The settings of a case folder.

    Raises
    ------
    NotACaseError
        If there is no ``case.toml``.
    CaseError
        If it cannot be read.
    """
    path = root / _SETTINGS
    if not path.is_file():
        raise NotACaseError(
            "there is no case.toml here",
            do="make a case with “geoinv init”, or name its folder with --case",
            file=str(root),
        )
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CaseError(
            f"this is not TOML that can be read ({error})", do="correct that line", file=_SETTINGS
        ) from error
    return CaseSettings.read(data, file=_SETTINGS)


class Case:
    """One case folder.

    Open it with ``Case.open(folder)``; it is a context manager that closes the store.

    Attributes
    ----------
    root
        The folder.
    settings
        From ``case.toml``.
    ledger
        The chain; ``ledger.store`` holds the records.
    """

    def __init__(self, root: Path, settings: CaseSettings, ledger: Ledger) -> None:
        self.root, self.settings, self.ledger = root, settings, ledger

    @classmethod
    def open(cls, root: Path, *, timeout: float = 10.0) -> Case:
        """Open a case folder, making ``case.db`` where there is none yet.

        Raises
        ------
        CaseError
            If it is no case, or its store is locked, read-only, damaged or of a newer version.
        """
        settings = read_settings(root)
        seed = (settings.model_extra or {}).get("mint_seed")
        mint = mint_for(simulated=settings.simulated, seed=int(seed) if isinstance(seed, int) else None)
        store = open_store(root, settings.store, timeout=timeout)
        case = cls(root, settings, Ledger(store, mint))
        try:
            case._begin()
        except BaseException:
            store.close()
            raise
        return case

    def _begin(self) -> None:
        """The first entry of a new case, and one of a case that was brought here from an older format."""
        store, mint = self.store, self.ledger.mint
        if store.meta("key") is None:
            key = (mint.salt(0) if isinstance(mint, SeededMint) else secrets.token_bytes(32)).hex()
            with store.writing():
                if store.meta("key") is None:
                    store.set_meta("key", key)
                    content = {"title": self.settings.title, "simulated": self.settings.simulated}
                    content["key_sha256"] = sha256_hex(key.encode())
                    self.ledger.append("case", "case", content, by="geoinv")
            self.note_head()
        if store.meta(MIGRATED) is not None:
            with store.writing():
                older = store.meta(MIGRATED)
                if older is not None:
                    store.set_meta(MIGRATED, None)
                    event = {"event": "migrated", "from": int(older), "to": STORE_VERSION, "geoinv": __version__}
                    self.ledger.append("custody", "case", event, by="geoinv")
            self.note_head()

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.ledger.store.close()

    @property
    def store(self) -> Store:
        """The records."""
        return self.ledger.store

    @cached_property
    def key(self) -> bytes:
        """The case's own key: ids of derived parts and a release's commitments are made with it."""
        return bytes.fromhex(self.store.meta("key") or "")

    @property
    def ledger_head(self) -> str:
        """Hash of the last entry that a release could depend on; note it elsewhere."""
        return self.ledger.evidence_head

    @property
    def default_author(self) -> str:
        """Who signs entries when nobody is named: the first person of ``case.toml`` who may sign."""
        return next((person.id for person in self.settings.people if person.may_sign), "unnamed")

    def note_head(self) -> None:
        """Write ``ledger.head`` in the case's folder: the last entry's hash and number.

        Nobody writes to the store meanwhile, so that of two processes the slower cannot note the older head.
        """
        with self.store.writing():
            last = self.store.last()
            write_text(self.root / "ledger.head", f"{last.hash} {last.number}\n" if last else f"{GENESIS} 0\n")

    def models_dir(self, slug: str) -> Path:
        """Folder of what was built for a facility."""
        return self.root / "models" / slug

    def originals_dir(self) -> Path:
        """Folder of files as received, named by their SHA-256."""
        return self.root / "originals"

    def _read(self, kind: str, facility: str | None, read: Callable[[Any], _Read]) -> tuple[_Read, ...]:
        return tuple(read(json.loads(row.content)) for row in self.store.records(kind, facility))

    def facilities(self) -> tuple[Facility, ...]:
        """All facilities, by slug; one whose ``facility.yaml`` is missing or unreadable goes by its folder's name."""
        slugs = {row.facility for row in self.store.files().values() if row.facility}
        found = {slug: self.bare_facility(slug) for slug in slugs}
        found |= {facility.slug: facility for facility in self._read("facility", None, Facility.read)}
        return tuple(found[slug] for slug in sorted(found))

    def bare_facility(self, slug: str) -> Facility:
        """A facility of which nothing but its folder's name is known."""
        return Facility(slug=slug, name=slug, simulated=self.settings.simulated)

    def recorded_facility(self, slug: str) -> Facility | None:
        """What ``facility.yaml`` says of a facility, or ``None`` where it was not taken in."""
        return next(iter(self._read("facility", slug, Facility.read)), None)

    def facility(self, slug: str) -> Facility:
        """One facility.

        Raises
        ------
        CaseError
            If the case has none of that slug; the message lists those it has.
        """
        for facility in self.facilities():
            if facility.slug == slug:
                return facility
        known = ", ".join(facility.slug for facility in self.facilities()) or "none yet"
        raise CaseError(f"this case has no facility “{slug}”", do=f"choose one of: {known}")

    def statements(self, slug: str) -> Statements:
        """Everything said about where one facility is, from all files, ids made unique by file."""
        landmarks = {row.item: Landmark.read(json.loads(row.content)) for row in self.store.records("landmark", slug)}
        groups = self._read("dependence", slug, lambda data: tuple(data["witnesses"]))
        return Statements(
            landmarks=landmarks, statements=self._read("statement", slug, Statement.read), dependent=groups
        )

    def sketches(self, slug: str) -> tuple[Sketch, ...]:
        """The facility's drawings as ``facility.yaml`` describes them, without elements: the build traces those."""
        notes = self.facility(slug).sketches
        found = []
        for row in self.store.records("sketch", slug):
            note = notes.get(row.item) or notes.get(Path(row.item).name)
            told = note.model_dump(exclude_none=True, exclude_unset=True) if note else {}
            found.append(Sketch.read({**told, **json.loads(row.content)}, file=row.item))
        return tuple(sorted(found, key=lambda sketch: sketch.name))

    def incident_records(self, slug: str) -> tuple[Incident, ...]:
        """The facility's incidents."""
        return self._read("incident", slug, Incident.read)

    def scenes(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Path below the case and record data of every scene."""
        return tuple((row.source, json.loads(row.content)) for row in self.store.records("scene"))

    def decisions(self) -> tuple[tuple[LedgerEntry, Decision], ...]:
        """Decisions that stand, oldest first: those taken back by an ``undo`` are left out, and so are undone undos."""
        found = {
            kept.entry.id: (kept.entry, Decision.read(json.loads(kept.content)))
            for kept in self.store.walk("consent", "decision")
            if kept.content is not None
        }
        undone: set[str] = set()
        for entry_id, (_, decision) in reversed(found.items()):
            if decision.body.kind == "undo" and entry_id not in undone:
                undone.add(decision.body.entry)
        return tuple(pair for key, pair in found.items() if key not in undone and pair[1].body.kind != "undo")

    def consents(self) -> tuple[RecordConsent, ...]:
        """Consent that stands, the latest word last."""
        return tuple(d.body for _, d in self.decisions() if isinstance(d.body, RecordConsent))

    def bindings(self, slug: str) -> tuple[Binding, ...]:
        """Where the last build bound the facility's incidents; empty before a build."""
        path = self.models_dir(slug) / "bindings.json"
        if not path.is_file():
            return ()
        data = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Binding.read(item, file=path.name) for item in data["bindings"])

    def _table(self, name: str, facility: str | None) -> gpd.GeoDataFrame:
        from geoinv.case.views import built_table

        slugs = [facility] if facility else [item.slug for item in self.facilities()]
        return built_table([self.models_dir(slug) / name for slug in slugs])

    def footprints(self, facility: str | None = None) -> gpd.GeoDataFrame:
        """Footprints of one facility or all, EPSG:4326; empty before a build."""
        return self._table("footprints.geojson", facility)

    def rooms(self, facility: str | None = None) -> gpd.GeoDataFrame:
        """Rooms of one facility or all, EPSG:4326; empty before a build."""
        return self._table("rooms.geojson", facility)

    def incidents(self, facility: str | None = None) -> gpd.GeoDataFrame:
        """Incidents with the place they were bound to, EPSG:4326; empty before a build."""
        return self._table("incidents.geojson", facility)
