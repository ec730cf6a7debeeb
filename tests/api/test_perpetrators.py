"""A perpetrator is in a release only where a person cleared it, under a name of that release alone."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from geoinv.api.leaks import unpacked
from geoinv.api.publish import plan_release, publish
from geoinv.api.releases import OpenRelease
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.start import start_case
from geoinv.records.decisions import SetProperty
from geoinv.records.facility import PerpetratorNote
from geoinv.records.incidents import Act
from tests.api.fake_case import FakeCase

_GUARD = "perp-canary"


def _cleared(case: FakeCase, *audiences: str) -> FakeCase:
    notes = {_GUARD: PerpetratorNote(cleared_for=audiences)}
    case.facility = case.facility.model_copy(update={"perpetrators": notes})
    return case


def _named(path: Path) -> Counter[str | None]:
    bodies = OpenRelease(path).features("incidents", limit=1000).bodies
    return Counter(json.loads(body)["properties"].get("perpetrator") for body in bodies)


def _published(case: FakeCase, head: str = "ab") -> Path:
    case.ledger_head = head * 32
    path = publish(case, "public")
    assert isinstance(path, Path)
    return path


def test_nobody_is_named_who_was_not_cleared_for_this_audience(tmp_path: Path) -> None:
    assert set(_named(_published(FakeCase(tmp_path / "a")))) == {None}
    assert set(_named(_published(_cleared(FakeCase(tmp_path / "b"), "partners")))) == {None}


def test_who_was_cleared_stands_under_a_name_of_the_release_alone(tmp_path: Path) -> None:
    case = _cleared(FakeCase(tmp_path), "public")
    first, second = _published(case), _published(case, "cd")
    (one,), (other,) = ({name for name in _named(path) if name} for path in (first, second))
    assert one.startswith("perpetrator-") and one != other
    for path in (first, second):
        whole = [each.lower() for file in path.rglob("*") if file.is_file() for each in unpacked(file.read_bytes())]
        assert not any(_GUARD.encode() in each for each in whole)


def test_a_perpetrator_of_too_few_incidents_or_people_stays_unnamed(tmp_path: Path) -> None:
    case = _cleared(FakeCase(tmp_path), "public")
    for at, victims in ((3, "many"), (9, "one")):
        acts = [
            Act(violation="ill-treatment", victim="v" if victims == "one" else f"v{n}",
                perpetrator=_GUARD if n < at else "another-guard")
            for n in range(len(case.incidents))
        ]  # fmt: skip
        pairs = zip(case.incidents, acts, strict=True)
        case.incidents = tuple(one.model_copy(update={"acts": (act,)}) for one, act in pairs)
        assert set(_named(_published(case, f"{at:02x}"))) <= {None}


def test_acts_of_several_hands_name_none_of_them(tmp_path: Path) -> None:
    case = _cleared(FakeCase(tmp_path), "public")
    case.incidents = tuple(
        one.model_copy(update={"acts": (*one.acts, Act(violation="torture", perpetrator="another-guard"))})
        for one in case.incidents
    )
    assert set(_named(_published(case))) == {None}


def test_a_clearance_taken_back_recalls_the_releases_that_name_him(tmp_path: Path) -> None:
    case = _cleared(FakeCase(tmp_path), "public")
    first = _published(case)
    case.ledger_head = "cd" * 32
    assert plan_release(case, "public").manifest.recalls == ()
    plan = plan_release(_cleared(case), "public")
    assert plan.manifest.recalls == (first.name,)


def test_a_few_more_incidents_of_one_who_is_named_wait(tmp_path: Path) -> None:
    case = _cleared(FakeCase(tmp_path), "public")
    before = _named(_published(case))
    more = case.incidents[0].model_copy(update={"id": "x1"})
    case.incidents = (*case.incidents, more)
    after = _named(_published(case, "cd"))
    assert sorted(before.values()) == sorted(after.values())


def test_a_person_clears_by_a_decision_with_a_name_and_a_reason(tmp_path: Path) -> None:
    start_case(tmp_path / "case", title="Fictional", inside_git=True)
    folder = tmp_path / "case/facilities/reef"
    folder.mkdir(parents=True)
    (folder / "facility.yaml").write_text("name: Reef (fictional)\n", encoding="utf-8")
    with Case.open(tmp_path / "case") as case:
        take_in(case, by="t")
        value = {"p3": {"cleared_for": ["public"]}}
        decide(
            case, SetProperty(target="reef", field="perpetrators", value=value), by="t", reason="an official, on trial"
        )
        (facility,) = case.facilities()
        assert facility.perpetrators["p3"].cleared_for == ("public",)


def _numbers(value: Any) -> list[int]:
    """Every whole number in JSON-ready data, and how many things its lists hold."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in _numbers(item)]
    if isinstance(value, list):
        return [len(value), *(number for item in value for number in _numbers(item))]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


@pytest.mark.parametrize("consents", [(), ("public",)])
def test_a_manifest_tells_no_number_that_one_record_changes(tmp_path: Path, consents: tuple[str, ...]) -> None:
    case = FakeCase(tmp_path)
    before = plan_release(case, "public")
    assert all(one.count is None for one in before.manifest.generalised)
    # One more record, kept back or not yet published: nothing that can be counted differs.
    _published(case)
    case.incidents = (*case.incidents, case.incidents[0].model_copy(update={"id": "x1", "consent": consents}))
    case.ledger_head = "cd" * 32
    after = plan_release(case, "public")
    left_out = {"files": True}
    assert _numbers(before.manifest.model_dump(exclude=left_out)) == _numbers(
        after.manifest.model_dump(exclude=left_out)
    )
    assert before.manifest.generalised == after.manifest.generalised
