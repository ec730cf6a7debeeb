"""The case: one folder, its settings, its records and what was built from them."""

from __future__ import annotations

import json
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinv import __version__
from geoinv.case.consenting import ACCOUNTS, refusing
from geoinv.case.ledger import Ledger
from geoinv.case.migrations import MIGRATED
from geoinv.case.mint import SeededMint, mint_for
from geoinv.case.standing import History
from geoinv.case.store import STORE_VERSION, RecordRow, Store
from geoinv.case.stores import open_store
from geoinv.errors import CaseError, LedgerError, NotACaseError
from geoinv.files.atomic import write_text
from geoinv.records.base import sha256_hex
from geoinv.records.consent import Audience, CaseSettings
from geoinv.records.decisions import Decision, OpenRequest, RecordConsent
from geoinv.records.drawings import Sketch
from geoinv.records.facility import Facility, SketchNote
from geoinv.records.incidents import Binding, Incident
from geoinv.records.ledger import GENESIS, LedgerEntry
from geoinv.records.testimony import Landmark, Statement, Statements

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["MOST_INCIDENTS", "Case", "read_settings"]

#: Incidents of one facility that a build, a release or a page works on: each takes some 12 kB of memory meanwhile.
MOST_INCIDENTS = 200_000

_SETTINGS = "case.toml"


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


def _named_apart(statement: Statement, row: RecordRow, slug: str) -> Statement:
    """A statement of a facility merged into this one: both may have a file ``said.yaml``."""
    if row.facility in (slug, None) or not row.source.startswith(f"facilities/{row.facility}/"):
        return statement
    return statement.model_copy(update={"id": f"{row.facility}-{statement.id}"})


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
        self._history: tuple[int, History] | None = None
        self._held_back: tuple[History, Mapping[str, str]] | None = None
        self._silent: dict[str | None, frozenset[str]] = {}

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
                    if store.last() is not None:
                        raise LedgerError(
                            "the case's own key, from which ids are made, is missing",
                            do="restore it from a backup",
                            file=store.name,
                        )
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

    @property
    def history(self) -> History:
        """All decisions, read again only when the ledger has grown."""
        last = self.store.last()
        number = last.number if last else 0
        if self._history is None or self._history[0] != number:
            self._history = number, History.of(self.store)
        return self._history[1]

    def recorded(self, kind: str, slug: str | None = None) -> Sequence[RecordRow]:
        """Current records of a kind, of one facility — as people decided what is one — or of all."""
        return self.history.rows(self.store, kind, slug)

    def rows(self, kind: str, slug: str | None = None) -> Sequence[RecordRow]:
        """As ``recorded``, without what witnesses told who refused its use, or whose consent to it has ended."""
        if self.held_back and kind in ACCOUNTS:
            return [row for row, witness in self.whose(kind, slug) if witness not in self.held_back]
        rows = self.recorded(kind, slug)
        if not self.held_back or kind != "landmark":
            return rows
        silent = self.silent_files(slug)
        return [row for row in rows if row.source not in silent]

    def each(self, kind: str, slug: str) -> Iterator[RecordRow]:
        """As ``rows`` of one facility, a page at a time: to go through a million of them."""
        if not self.held_back:
            return self.history.each(self.store, kind, slug)
        if kind in ACCOUNTS:
            return (row for row, witness in self.whose(kind, slug) if witness not in self.held_back)
        return iter(self.rows(kind, slug))

    def whose(self, kind: str, slug: str | None = None) -> Iterator[tuple[RecordRow, str | None]]:
        """Every record of a kind with the witness whose account it is, also where its use was refused."""
        if kind == "sketch":
            slugs = (slug,) if slug else tuple(facility.slug for facility in self.facilities())
            for one in slugs:
                yield from ((row, sketch.witness) for row, sketch in self.drawings(one))
            return
        rows = self.recorded(kind) if slug is None else self.history.each(self.store, kind, slug)
        for row in rows:
            yield row, json.loads(row.content).get("witness")

    @property
    def evidence_day(self) -> date | None:
        """Day of the ledger's last entry that evidence or a decision made; consents' ends are judged by it."""
        last = self.ledger.last_evidence
        return date.fromisoformat(last.at[:10]) if last else None

    @property
    def held_back(self) -> Mapping[str, str]:
        """Codename → why nothing that this witness told is used; withdrawn ones are in no record at all."""
        history = self.history
        if self._held_back is None or self._held_back[0] is not history:
            audiences = [one if isinstance(one, str) else one.name for one in self.settings.audiences]
            self._held_back = history, refusing(self.consents(), audiences, self.evidence_day)
            self._silent.clear()
        return self._held_back[1]

    def silent_files(self, slug: str | None = None) -> frozenset[str]:
        """Paths of files in which only witnesses speak who are held back: what else they say is not used either."""
        if not self.held_back:
            return frozenset()
        if slug not in self._silent:
            self._silent[slug] = self._silent_in(slug)
        return self._silent[slug]

    def _silent_in(self, slug: str | None) -> frozenset[str]:
        speak = {(row.source, witness) for kind in ACCOUNTS for row, witness in self.whose(kind, slug)}
        heard = {source for source, witness in speak if witness not in self.held_back}
        return frozenset(source for source, _ in speak) - heard

    def facilities(self) -> tuple[Facility, ...]:
        """All facilities, by slug; one whose ``facility.yaml`` is missing or unreadable goes by its folder's name.

        Those merged into another are left out, those split off stand by themselves.
        """
        history = self.history
        recorded = {row.facility: row for row in self.store.records("facility")}
        return tuple(self._facility(slug, recorded.get(slug), history) for slug in sorted(self._slugs(history)))

    def _slugs(self, history: History) -> set[str]:
        return (self.store.slugs() | set(history.split)) - set(history.merged)

    def _facility(self, slug: str, row: RecordRow | None, history: History) -> Facility:
        """One facility as ``facility.yaml`` has it or a person split it off, with what people set of it."""
        split = history.split.get(slug)
        if row is not None:
            known = Facility.read(json.loads(row.content))
        elif split is not None:
            known = self.bare_facility(slug).model_copy(update={"name": split.name})
        else:
            known = self.bare_facility(slug)
        return history.as_set(known, slug)

    def bare_facility(self, slug: str) -> Facility:
        """A facility of which nothing but its folder's name is known."""
        return Facility(slug=slug, name=slug, simulated=self.settings.simulated)

    def recorded_facility(self, slug: str) -> Facility | None:
        """What ``facility.yaml`` says of a facility, or ``None`` where it was not taken in."""
        rows = self.store.records("facility", slug)
        return Facility.read(json.loads(rows[0].content)) if rows else None

    def facility(self, slug: str) -> Facility:
        """One facility.

        Raises
        ------
        CaseError
            If the case has none of that slug; the message lists those it has.
        """
        history = self.history
        into = history.merged.get(slug)
        if into is not None:
            raise CaseError(f"“{slug}” was found to be “{into}”", do=f"ask for {into}, or undo the merge")
        slugs = self._slugs(history)
        if slug in slugs:
            rows = self.store.records("facility", slug)
            return self._facility(slug, rows[0] if rows else None, history)
        known = ", ".join(sorted(slugs)) or "none yet"
        raise CaseError(f"this case has no facility “{slug}”", do=f"choose one of: {known}")

    def statements(self, slug: str) -> Statements:
        """Everything said about where one facility is, from all files, ids made unique by file."""
        landmarks = {row.item: Landmark.read(json.loads(row.content)) for row in self.rows("landmark", slug)}
        groups = tuple(tuple(json.loads(row.content)["witnesses"]) for row in self.rows("dependence", slug))
        said = (
            _named_apart(Statement.read(json.loads(row.content)), row, slug) for row in self.rows("statement", slug)
        )
        told = tuple(self.history.as_set(statement, f"{slug}/{statement.id}") for statement in said)
        return Statements(landmarks=landmarks, statements=told, dependent=groups)

    def sketch_files(self, slug: str) -> tuple[tuple[Sketch, Path], ...]:
        """The facility's drawings that may be used, and where each lies below the case."""
        return tuple(
            (sketch, Path(row.source)) for row, sketch in self.drawings(slug) if sketch.witness not in self.held_back
        )

    def drawings(self, slug: str) -> tuple[tuple[RecordRow, Sketch], ...]:
        """Every drawing on record as people describe it, without elements, also where its use was refused."""
        found: dict[str, tuple[RecordRow, Sketch]] = {}
        notes: dict[str, Mapping[str, SketchNote]] = {}
        for row in self.recorded("sketch", slug):
            filed = row.facility or slug
            if filed not in notes:
                notes[filed] = (self.recorded_facility(filed) or self.bare_facility(filed)).sketches
            note = notes[filed].get(row.item) or notes[filed].get(Path(row.item).name)
            told = note.model_dump(exclude_none=True, exclude_unset=True) if note else {}
            sketch = Sketch.read({**told, **json.loads(row.content)}, file=row.item)
            if sketch.name in found:  # two facilities that were found to be one each have a plan.svg
                sketch = sketch.model_copy(update={"name": f"{filed}-{sketch.name}"})
            found[sketch.name] = row, self.history.as_set(sketch, f"{slug}/{sketch.name}")
        return tuple(found[name] for name in sorted(found))

    def sketches(self, slug: str) -> tuple[Sketch, ...]:
        """The facility's drawings as people describe them, without elements: the build traces those."""
        return tuple(sketch for sketch, _ in self.sketch_files(slug))

    def incident_records(self, slug: str) -> tuple[Incident, ...]:
        """The facility's incidents.

        Raises
        ------
        CaseError
            If they are more than can be worked on at once (``MOST_INCIDENTS``).
        """
        many = self.history.count(self.store, "incident", slug)
        if many > MOST_INCIDENTS:
            raise CaseError(
                f"“{slug}” has {many:,} incidents, and at most {MOST_INCIDENTS:,} of one facility can be worked on at "
                "once",
                do="file them under several facilities, such as its sites",
            )
        found = []
        for row in self.each("incident", slug):
            incident = Incident.read(json.loads(row.content))
            if row.facility != slug:
                incident = incident.model_copy(update={"facility": slug})
            found.append(self.history.as_set(incident, f"{slug}/{incident.id}"))
        return tuple(found)

    def scenes(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Path below the case and record data of every scene."""
        return tuple(
            (row.source, {**json.loads(row.content), **self.history.set_of(row.source)}) for row in self.rows("scene")
        )

    def decisions(self) -> tuple[tuple[LedgerEntry, Decision], ...]:
        """Decisions that stand, oldest first: those taken back by an ``undo`` are left out, and so are undone undos."""
        return self.history.standing

    def consents(self) -> tuple[RecordConsent, ...]:
        """Consent that stands: as files list it, then as people decided, who always have the last word."""
        listed = tuple(RecordConsent.read(json.loads(row.content)) for row in self.recorded("consent"))
        return (*listed, *(d.body for _, d in self.decisions() if isinstance(d.body, RecordConsent)))

    def audience(self, name: str) -> Audience | None:
        """The rules of an audience of ``case.toml``, or of a request that was granted; ``None`` if there is none."""
        found = self.settings.audience(name)
        if found is not None:
            return found
        granted = [d.body for _, d in self.decisions() if isinstance(d.body, OpenRequest) and d.body.audience == name]
        wider = self.settings.audience(granted[-1].within) if granted else None
        if wider is None:
            return None
        asked = granted[-1]
        changes = {"name": name, "within": wider.consents_as, "facilities": asked.facilities,
                   "records": asked.records, "until": asked.until}  # fmt: skip
        return wider.model_copy(update=changes)

    def bindings(self, slug: str) -> tuple[Binding, ...]:
        """Where the last build bound the facility's incidents; empty before a build."""
        path = self.models_dir(slug) / "bindings.json"
        if not path.is_file():
            return ()
        data = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Binding.read(item, file=path.name) for item in data["bindings"])

    def _table(self, name: str, facility: str | None) -> gpd.GeoDataFrame:
        from geoinv.files.geojson import read_tables

        slugs = [facility] if facility else [item.slug for item in self.facilities()]
        return read_tables([self.models_dir(slug) / name for slug in slugs])

    def footprints(self, facility: str | None = None) -> gpd.GeoDataFrame:
        """Footprints of one facility or all, EPSG:4326; empty before a build."""
        return self._table("footprints.geojson", facility)

    def rooms(self, facility: str | None = None) -> gpd.GeoDataFrame:
        """Rooms of one facility or all, EPSG:4326; empty before a build."""
        return self._table("rooms.geojson", facility)

    def incidents(self, facility: str | None = None) -> gpd.GeoDataFrame:
        """Incidents with the place they were bound to, EPSG:4326; empty before a build."""
        return self._table("incidents.geojson", facility)
