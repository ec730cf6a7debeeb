"""What the other side's copy promises: inputs by hash, decisions, results, and nobody's account without consent.

``scripts/rerun_bundle.py`` builds one again and finds no difference; that takes a minute.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import tomllib
import zipfile

import pytest

from geoinv.api.dossier import dossier
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.errors import ReleaseError
from geoinv.records.decisions import JudgeFootprint, RecordConsent
from tests.api.whole_case import write_whole_case
from tests.pages import samples

SLUG = "example-centre"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory):
    with Case.open(write_whole_case(tmp_path_factory.mktemp("bundle"))) as opened:
        decide(opened, JudgeFootprint(facility=SLUG, footprint="footprint-b2", accept=True), by="ines", reason="seen")
        yield opened


def unpacked(case: Case, **options: object) -> dict[str, bytes]:
    made = dossier(case, SLUG, formats=("bundle",), **options)["bundle"]
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        return {name.removeprefix(f"{SLUG}/"): packed.read(name) for name in packed.namelist()}


def test_it_holds_inputs_decisions_and_results_each_by_its_hash(case: Case) -> None:
    found = unpacked(case)
    sums = dict(line.split("  ", 1)[::-1] for line in found["SHA256SUMS"].decode().splitlines())
    assert set(sums) == set(found) - {"SHA256SUMS"}
    assert all(hashlib.sha256(found[name]).hexdigest() == digest for name, digest in sums.items())
    assert (
        found[f"case/facilities/{SLUG}/incidents.csv"]
        == (case.root / "facilities" / SLUG / "incidents.csv").read_bytes()
    )
    assert {"case/imagery/scene-canary-2012.tif", "expected/footprints.geojson", "expected/findings.json"} <= set(found)
    ast.parse(found["rerun.py"])
    assert SLUG in found["rerun.py"].decode() and "fictional" in found["README.md"].decode().casefold()


def test_decisions_name_what_was_drawn_not_ids_of_this_case_alone(case: Case) -> None:
    one = json.loads(unpacked(case)["decisions.json"])[0]
    assert one["body"]["footprint"] == "sketch-by-heron.svg#b2" and one["reason"] == "seen"


def test_settings_name_no_people_and_a_real_cases_ids_cannot_be_made_again(case: Case) -> None:
    told = tomllib.loads(unpacked(case)["case/case.toml"].decode())
    assert [one["id"] for one in told["people"]] == ["rerun"] and "audiences" not in told
    assert told["mint_seed"] == 5
    path = case.root / "case.toml"
    whole = path.read_text(encoding="utf-8")
    try:
        path.write_text(whole.replace("simulated = true", "simulated = false"), encoding="utf-8")
        assert "mint_seed" not in tomllib.loads(unpacked(case)["case/case.toml"].decode())
    finally:
        path.write_text(whole, encoding="utf-8")


def test_it_is_made_for_an_audience_only_where_every_witness_agreed(case: Case) -> None:
    with pytest.raises(ReleaseError, match="1 of its witnesses did not agree"):
        unpacked(case, audience="partners")
    decide(case, RecordConsent(witness=samples.SILENT, audience="partners"), by="ines", reason="signed")
    assert "rerun.py" in unpacked(case, audience="partners")


def test_the_same_state_gives_the_same_bytes(case: Case) -> None:
    assert unpacked(case) == unpacked(case)
