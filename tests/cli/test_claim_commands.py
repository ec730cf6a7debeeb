"""`geoinv corroborate`, end to end."""

from __future__ import annotations

import json

from shapely.geometry import box

from tests.models.claims_plans import between, building, place, room, storey, told


def _written(folder, *claims):
    model = place(building(box(-0.3, -0.3, 6.5, 4.3), [storey([room("one", 0, 0, 3, 4), room("two", 3.2, 0, 6.2, 4)])]))
    (folder / "blueprint.json").write_text(json.dumps(model.plain()), encoding="utf-8")
    (folder / "claims.json").write_text(json.dumps(told(*claims).plain(), default=str), encoding="utf-8")
    return folder / "blueprint.json", folder / "claims.json"


def test_findings_and_figures_are_written_and_say_how_they_were_made(geoinv, tmp_path):
    size = {"kind": "dimension", "subject": "one", "said_value": between(11, 13, "m2"), "said": "<b>four pyeong</b>"}
    inputs = _written(tmp_path, size, {"kind": "adjacent", "subject": "one", "object": "nine"})
    ran = geoinv("corroborate", *inputs, "-o", tmp_path / "findings.json", "--figure", tmp_path / "figures")
    assert ran.status == 0, ran.err
    data = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    assert [one["verdict"] for one in data["findings"]] == ["consistent", "undecidable"]
    assert data["geoinv"]["command"] == "corroborate"
    assert set(data["geoinv"]["inputs"]) == {"blueprint.json", "claims.json"}
    assert "nothing in the model is called “nine”" in ran.out
    figure = (tmp_path / "figures" / data["findings"][0]["figure"]).read_text(encoding="utf-8")
    assert "&lt;b&gt;four pyeong" in figure
    assert "FICTIONAL" in figure


def test_a_file_without_claims_is_refused_in_one_sentence(geoinv, tmp_path):
    blueprint, claims = _written(tmp_path)
    claims.write_text("{}", encoding="utf-8")
    ran = geoinv("corroborate", blueprint, claims, "-o", tmp_path / "findings.json")
    assert ran.status == 1
    assert "claims.json" in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "findings.json").exists()
