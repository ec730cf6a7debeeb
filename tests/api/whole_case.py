"""A real, small case on disk: records taken in by the case itself, and what a build would have left, from samples."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import yaml

from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.facilities.locate_io import location_geojson
from tests.api.fake_case import FakeCase
from tests.pages import samples

_TOML = """title = "Fictional example"
simulated = true
mint_seed = 5
languages = ["en", "ko"]

[[audiences]]
name = "public"
incident_place = "building"
minimum_count = 5

[[audiences]]
name = "partners"
incident_place = "room"
minimum_count = 1
"""
#: In the order of the columns below.
_ROWS = [
    ("inc-canary-1", "2014-05", "Main block", "Cell 1", samples.ALLOWED, "treatment", "Fictional: kept standing",
     "torture", "victim-canary-1", "perp-canary-1", "ordered", "MPS", "praying", "public;partners"),
    ("inc-canary-2", "2015~", "Main block", "", samples.ALLOWED, "detention", "Fictional: held at the river",
     "arb_detention_movement", "victim-canary-2", "", "", "", "crossing a river", "partners"),
    ("inc-canary-3", "2016", "Kitchen", "", samples.SILENT, "treatment", "Fictional: told by otter-canary",
     "conditions_food", "victim-canary-1", "", "", "MSS", "", "partners"),
    ("inc-canary-4", "2012", "", "", samples.ALLOWED, "exculpatory", "Fictional: let go after a day",
     "", "", "", "", "", "", "partners"),
    *((f"inc-canary-{n}", "2014", "Main block", "", samples.ALLOWED, "treatment", "Fictional: little food",
       "conditions_food", f"victim-canary-{n}", "", "", "", "", "public;partners") for n in range(5, 12)),
]  # fmt: skip
_COLUMNS = ("id", "date", "place_label", "room", "witness", "kind", "summary", "violation", "victim", "perpetrator",
            "involvement", "perpetrator_agency", "victim_activity", "consent", "source", "page")  # fmt: skip


def write_whole_case(root: Path) -> Path:
    """The case's folder, everything taken in."""
    FakeCase(root)  # scenes, footprints, blueprint, location
    facility = samples.facility()
    home = root / "facilities" / facility.slug
    home.mkdir(parents=True)
    (root / "case.toml").write_text(_TOML, encoding="utf-8")
    data = facility.plain() | {"witnesses": {
        samples.ALLOWED: {"role": "held inside", "consent": ["public", "partners"]},
        samples.SILENT: {"role": "guard", "consent": []},
    }}  # fmt: skip
    (home / "facility.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(_COLUMNS)
    for row in _ROWS:
        writer.writerow((*row, "interview-canary.txt", "p3"))
    (home / "incidents.csv").write_text(held.getvalue(), encoding="utf-8")
    for number, name in enumerate(("scene-canary-2012.tif", "scene-canary-2016.tif")):
        date = ("2012-09-30", "2016-04-11")[number]
        beside = {"type": "Feature", "properties": {"datetime": f"{date}T02:00:00Z", "attribution": "fictional"}}
        (root / "imagery" / name).with_suffix(".json").write_text(json.dumps(beside))
    folder = root / "models" / facility.slug
    (folder / "location.geojson").write_text(json.dumps(location_geojson(samples.location())), encoding="utf-8")
    bindings = [
        {"incident": f"inc-canary-{n}", "footprint": "footprint-b1", "how": "label", "why": "the same words",
         **({"room": "room-canary-1"} if n == 1 else {})}
        for n in (1, 2, *range(5, 12))
    ]  # fmt: skip
    (folder / "bindings.json").write_text(json.dumps({"bindings": bindings}), encoding="utf-8")
    findings = [
        {"claim": "claims-canary.csv#c1", "witness": samples.ALLOWED, "verdict": "inconsistent", "kind": "distance",
         "computed": {"low": 8, "best": 9, "high": 10, "unit": "m"}, "why": "said twice as far by heron-canary"},
        {"claim": "claims-canary.csv#c2", "witness": samples.SILENT, "verdict": "consistent", "kind": "count"},
    ]  # fmt: skip
    elements = [{"element": "distance to the gate", "claims": ["claims-canary.csv#c1"], "witnesses": [samples.ALLOWED],
                 "independent": 1, "verdicts": {"claims-canary.csv#c1": "inconsistent"}, "power": None}]  # fmt: skip
    (folder / "findings.json").write_text(json.dumps({"findings": findings, "table": elements}), encoding="utf-8")
    with Case.open(root) as case:
        report = take_in(case, by="ines", checked="fictional", answered=[Path(f"facilities/{facility.slug}/{name}")
                         for name in ("facility.yaml", "incidents.csv")])  # fmt: skip
        assert not report.problems and not report.held_back, (report.problems, report.held_back)
    return root
