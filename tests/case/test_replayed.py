"""Any earlier state of a case, read again from its ledger."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.replayed import replayed, whole_state
from geoinv.case.withdraw import withdraw
from geoinv.records.decisions import BindIncident, GradeSource, SetProperty, Undo
from tests.case.tiny import write_case

_LATER = """landmarks:
  quay: {type: Point, coordinates: [-30.002, 5.0]}
statements:
  - {id: s1, witness: w1, kind: pin, point: [-30.00005, 5.00003], radius_m: 40}
  - {id: s3, witness: w2, kind: pin, point: [-30.0001, 5.0001], said: "by the water (fictional)"}
"""


def _told(case: Case) -> dict[str, object]:
    """Everything a case says of its facility, JSON-ready."""
    slugs = [one.slug for one in case.facilities()]
    said = [one.plain() for one in case.statements("reef").statements] if "reef" in slugs else []
    incidents = [one.plain() for one in case.incident_records("reef")] if "reef" in slugs else []
    return {
        "facilities": [one.plain() for one in case.facilities()], "said": said, "incidents": incidents,
        "sketches": [one.plain() for slug in slugs for one in case.sketches(slug)],
        "scenes": [path for path, _ in case.scenes()], "held back": dict(case.held_back),
        "decisions": [(entry.id, decision.plain()) for entry, decision in case.decisions()], "head": case.ledger.head,
        "files": {path: (row.sha256, row.kind, row.entry) for path, row in case.store.files().items()},
    }  # fmt: skip


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, str]]:
    """A case that grew step by step, with what it said after each."""
    root = write_case(tmp_path_factory.mktemp("replayed") / "case")
    moved = root.parent / "incidents.csv"
    shutil.move(root / "facilities/reef/incidents.csv", moved)
    told: dict[int, str] = {}
    with Case.open(root) as case:

        def note() -> None:
            last = case.store.last()
            assert last is not None
            told[last.number] = json.dumps(_told(case), sort_keys=True)

        note()
        take_in(case, by="ines")
        note()
        shutil.move(moved, root / "facilities/reef/incidents.csv")
        take_in(case, by="ines")
        note()
        entry = decide(case, SetProperty(target="reef/plan.svg", field="north", value=12.0), by="ines", reason="asked")
        note()
        decide(case, BindIncident(facility="reef", incident="i1"), by="bo", reason="could not say")
        note()
        (root / "facilities/reef/testimony/said.yaml").write_text(_LATER)
        take_in(case, by="ines")
        note()
        decide(case, Undo(entry=entry.id), by="ines", reason="read wrongly")
        note()
        decide(case, GradeSource(source="w1", reliability="B"), by="ines", reason="known well")
        note()
    return root, told


def test_every_state_a_case_went_through_is_read_again_as_it_was(grown: tuple[Path, dict[int, str]]) -> None:
    root, told = grown
    with Case.open(root) as case:
        before = case.ledger.head
        for number, said in told.items():
            with replayed(case, number) as then:
                assert json.dumps(_told(then), sort_keys=True) == said
                assert not then.models_dir("reef").exists()
            with replayed(case, number, only=("reef",)) as then:
                lacking = {**_told(then), "head": ""}
                assert json.dumps(lacking, sort_keys=True) == json.dumps(
                    {**json.loads(said), "head": ""}, sort_keys=True
                )
            with replayed(case, number, only=()) as then:
                assert _told(then)["said"] == _told(then)["incidents"] == []
        assert case.ledger.head == before
    assert len(set(told.values())) == len(told) == 8


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(-3, 60))
def test_no_state_stands_between_a_file_and_its_records(grown: tuple[Path, dict[int, str]], number: int) -> None:
    root, told = grown
    with Case.open(root) as case:
        whole = whole_state(case.store, number)
        following = case.store.entry(whole + 1)
        assert following is None or following.kind != "record"
        assert whole == whole_state(case.store, whole) >= min(max(number, 1), max(told))


def test_what_was_withdrawn_since_is_in_no_earlier_state(grown: tuple[Path, dict[int, str]], tmp_path: Path) -> None:
    root = Path(shutil.copytree(grown[0], tmp_path / "case"))
    with Case.open(root) as case:
        withdraw(case, "w2", by="ines", reason="asked for it")
        for number in grown[1]:
            with replayed(case, number) as then:
                assert "by the water" not in json.dumps(_told(then))
        last = case.store.last()
        assert last is not None
        with replayed(case, last.number) as then:
            assert [one.id for one in then.statements("reef").statements] == [
                one.id for one in case.statements("reef").statements
            ]
