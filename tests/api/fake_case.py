"""A case folder with real files, answering what publishing asks, without a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import from_bounds

from geoinv.files.geojson import feature, feature_collection
from geoinv.records.consent import Audience, CaseSettings
from geoinv.records.decisions import RecordConsent
from geoinv.records.drawings import Sketch
from geoinv.records.facility import Facility
from geoinv.records.incidents import Binding, Incident
from geoinv.records.testimony import Statements
from tests.pages import samples


class FakeLedger:
    def __init__(self) -> None:
        self.entries: list[tuple[str, str, Any, str]] = []

    def append(self, kind: str, subject: str, content: Any, *, by: str) -> None:
        self.entries.append((kind, subject, content, by))


class FakeStore:
    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def chain(self, wanted: str) -> Iterator[SimpleNamespace]:
        return (SimpleNamespace(subject=subject) for kind, subject, _, _ in self._ledger.entries if kind == wanted)

    @contextmanager
    def writing(self) -> Iterator[None]:
        yield


class FakeCase:
    def __init__(
        self, root: Path, *, facility: Facility | None = None, minimum: int = 5, languages: tuple[str, ...] = ("en",)
    ) -> None:
        self.root = root
        audience = {"name": "public", "minimum_count": minimum}
        self.settings = CaseSettings.read(
            {
                "title": "Fictional example",
                "simulated": True,
                "languages": list(languages),
                "audiences": [audience, "partners"],
            }
        )
        self.facility = facility or samples.facility(languages=languages)
        self.incidents = samples.incidents()
        self.bound = samples.bindings()
        self.given: tuple[RecordConsent, ...] = ()
        self.ledger_head = "ab" * 32
        self.evidence_day = date(2026, 3, 1)
        self.key = b"k" * 32
        self.ledger = FakeLedger()
        self.store = FakeStore(self.ledger)
        self._write()

    def _write(self) -> None:
        folder = self.models_dir(self.facility.slug)
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for item in samples.footprints():
            properties = {key: value for key, value in item.plain().items() if key != "geometry"}
            rows.append(feature(properties, item.geometry))
        (folder / "footprints.geojson").write_text(json.dumps(feature_collection(rows)), encoding="utf-8")
        blueprint = {**samples.blueprint().plain(), "geoinv": {"version": "0"}}
        (folder / "blueprint.json").write_text(json.dumps(blueprint), encoding="utf-8")
        best = {
            "type": "Feature",
            "properties": {"kind": "best"},
            "geometry": {"type": "Point", "coordinates": list(samples.location().best)},
        }
        (folder / "location.geojson").write_text(json.dumps(feature_collection([best])), encoding="utf-8")
        (self.root / "imagery").mkdir(exist_ok=True)
        for name, underlay in zip(("scene-canary-2012.tif", "scene-canary-2016.tif"), samples.underlays(), strict=True):
            height, width = underlay.pixels.shape[:2]
            with rasterio.open(
                self.root / "imagery" / name,
                "w",
                driver="GTiff",
                width=width,
                height=height,
                count=3,
                dtype="uint8",
                crs="EPSG:4326",
                transform=from_bounds(*underlay.bounds, width, height),
                photometric="RGB",
            ) as target:
                target.write(np.moveaxis(underlay.pixels, 2, 0))

    def audience(self, name: str) -> Audience | None:
        return self.settings.audience(name)

    def facilities(self) -> tuple[Facility, ...]:
        return (self.facility,)

    def incident_records(self, slug: str) -> tuple[Incident, ...]:
        return self.incidents

    def bindings(self, slug: str) -> tuple[Binding, ...]:
        return self.bound

    def statements(self, slug: str) -> Statements:
        return samples.statements()

    def sketches(self, slug: str) -> tuple[Sketch, ...]:
        return samples.sketches()

    def scenes(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        return tuple(
            (
                f"imagery/{name}",
                {
                    "name": name,
                    "acquired": date,
                    "attribution": "Rendered for the fictional example",
                    "simulated": True,
                },
            )
            for name, date in (("scene-canary-2012.tif", "2012-09-30"), ("scene-canary-2016.tif", "2016-04-11"))
        )

    def consents(self) -> tuple[RecordConsent, ...]:
        return self.given

    def models_dir(self, slug: str) -> Path:
        return self.root / "models" / slug

    def note_head(self) -> None:
        (self.root / "ledger.head").write_text(self.ledger_head, encoding="utf-8")
