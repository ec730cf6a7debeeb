"""What was said is taken in from YAML and tables, tested by a build, and shown in the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from geoinv.case.build import build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.overview import overview
from geoinv.case.told import claims_of
from geoinv.files.atomic import write_json
from geoinv.records.asks import Ask, Asks
from geoinv.records.decisions import RecordConsent
from tests.case.compound import inside_svg
from tests.case.tiny import write_case

_CLAIMS = """claims:
  - {id: q1, witness: w2, kind: dimension, subject: block, measure: length, said: "thirty paces long (fictional)",
     said_value: {low: 24, best: 30, high: 36, unit: m}}
  - {id: q2, witness: w1, kind: dimension, subject: block, measure: length,
     said_value: {low: 24, best: 30, high: 36, unit: m}}
  - {id: q3, witness: w2, kind: adjacent, subject: cell 1, object: cell 2}
  - {id: q4, witness: w2, kind: hearsay, subject: block}
"""


def _with_claims(root: Path) -> Path:
    (root / "facilities" / "reef" / "testimony").mkdir(exist_ok=True)
    (root / "facilities" / "reef" / "testimony" / "claims.yaml").write_text(_CLAIMS, encoding="utf-8")
    drawing = root / "facilities" / "reef" / "sketches" / "inside.svg"
    drawing.parent.mkdir(exist_ok=True)
    drawing.write_text(inside_svg(("cell 1", "cell 2", "guard", "store")))
    return root


def test_claims_in_yaml_are_taken_in_and_a_bad_one_is_named(make_case: Callable[..., Path]) -> None:
    with Case.open(_with_claims(make_case())) as case:
        report = take_in(case, by="ines")
        assert [claim.id for claim in claims_of(case, "reef")] == [f"claims.yaml#q{number}" for number in (1, 2, 3)]
    said = " ".join(problem for item in report.files for problem in item.problems)
    assert "claim q4" in said
    assert "kind" in said


def test_a_build_tests_claims_without_the_claimants_drawings_and_shows_them(tmp_path: Path) -> None:
    root = tmp_path / "case"
    write_case(root)
    _with_claims(root)
    with Case.open(root) as case:
        build(case, by="ines")
    models = root / "models" / "reef"
    found = {one["claim"]: one for one in json.loads((models / "findings.json").read_text())["findings"]}
    assert set(found) == {f"claims.yaml#q{number}" for number in (1, 2, 3)}
    # The outline was seen in the scene without any drawing as well, so the drawer's own claim stands on the scene.
    assert found["claims.yaml#q1"]["verdict"] == "consistent"
    assert (
        found["claims.yaml#q2"]["why"].startswith("own account") or found["claims.yaml#q2"]["verdict"] == "consistent"
    )
    # Which building the inside shows is a question to a person, so no model has its rooms yet.
    assert "nothing in the model is called “cell 1”" in found["claims.yaml#q3"]["why"]
    for one in found.values():
        assert (models / one["figure"]).read_text(encoding="utf-8").startswith("<svg")
    page = (models / "report.html").read_text(encoding="utf-8")
    assert "What was said, tested" in page
    assert found["claims.yaml#q1"]["sentence"]["en"].split("(")[0] in page
    # Nothing that anybody could tell of a block read off a scene would make its length better known: nothing is asked.
    assert not (models / "asks.json").exists()


def test_status_tells_what_to_ask_next_and_leaves_out_whose_account_is_held_back(
    make_case: Callable[..., Path],
) -> None:
    root = make_case()
    asks = [
        Ask(kind="number", about="length", witness=name, worth=0.4, sentence={"en": f"Ask {name} so.", "ko": "묻기."})
        for name in ("w1", "w2")
    ]
    with Case.open(root) as case:
        take_in(case, by="ines")
        write_json(case.models_dir("reef") / "asks.json", Asks(asks=tuple(asks)).plain())
        assert "  ask next, 2: Ask w2 so." in overview(case, ["reef"])
        consent = RecordConsent(witness="w2", act="use", audience="*", given=False)
        decide(case, consent, by="ines", reason="asked us to stop")
        told = overview(case, ["reef"])
    assert "  ask next, 1: Ask w1 so." in told
    assert not any("w2 so" in line for line in told)
