"""A build redoes what changed, keeps going where something cannot be done, and survives being killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest

from geoinv.case.build import STEPS, build
from geoinv.case.check import check_case
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.records.decisions import RecordConsent
from tests.case.compound import inside_svg

_GEOINV = str(Path(sys.executable).with_name("geoinv"))


def _redone(root: Path) -> list[str]:
    with Case.open(root) as case:
        (facility,) = build(case, by="ines").facilities
    return [step.name for step in facility.steps if step.redone]


def _drawn(root: Path) -> Path:
    drawing = root / "facilities" / "reef" / "sketches" / "inside.svg"
    drawing.parent.mkdir(exist_ok=True)
    drawing.write_text(inside_svg(("cell 1", "cell 2", "guard", "store")))
    return drawing


def test_a_first_build_does_every_step_and_a_second_none(make_case: Callable[..., Path]) -> None:
    root = make_case()
    assert _redone(root) == list(STEPS)
    assert _redone(root) == []


def test_only_what_depends_on_a_change_is_redone(make_case: Callable[..., Path]) -> None:
    root = make_case()
    _redone(root)
    table = root / "facilities" / "reef" / "incidents.csv"
    table.write_text(table.read_text() + "i2,2020,Kitchen,w1,search,Fictional: a second\n")
    assert _redone(root) == ["bind", "show", "sum"]


def test_an_output_that_was_altered_is_made_again(make_case: Callable[..., Path]) -> None:
    root = make_case()
    _redone(root)
    report = root / "models" / "reef" / "report.html"
    report.write_text("altered")
    assert _redone(root) == ["show"]
    assert report.read_text(encoding="utf-8").startswith("<!")


def test_without_a_scene_the_rest_is_built_and_the_lack_is_said(make_case: Callable[..., Path]) -> None:
    root = make_case()
    with Case.open(root) as case:
        report = build(case, by="ines")
    assert any("no scene" in problem for problem in report.facilities[0].problems)
    built = root / "models" / "reef"
    assert (built / "location.geojson").is_file() and (built / "report.html").is_file()


def test_a_drawing_that_cannot_be_read_stops_nothing(make_case: Callable[..., Path]) -> None:
    root = make_case()
    _drawn(root).write_text("<svg")
    with Case.open(root) as case:
        report = build(case, by="ines")
    told = [*report.intake.problems, *report.facilities[0].problems]
    assert any("inside.svg" in problem for problem in told)
    assert (root / "models" / "reef" / "report.html").is_file()


def test_the_view_for_qgis_has_the_case_and_is_rewritten_only_when_it_must_be(make_case: Callable[..., Path]) -> None:
    root = make_case()
    _redone(root)
    view = root / "case.gpkg"
    assert "locations" in {name for name, _ in pyogrio.list_layers(view)}
    before = view.stat().st_mtime_ns
    _redone(root)
    assert view.stat().st_mtime_ns == before
    view.unlink()
    _redone(root)
    assert view.is_file()


def test_two_copies_of_a_case_are_built_to_the_same_bytes(make_case: Callable[..., Path]) -> None:
    trees = []
    for name in ("one", "two"):
        root = make_case(name)
        _drawn(root)
        _redone(root)
        paths = [*sorted((root / "models").rglob("*")), root / "case.gpkg", root / "ledger.head"]
        trees.append({path.relative_to(root): path.read_bytes() for path in paths if path.is_file()})
    assert trees[0] == trees[1]


def test_consent_recorded_later_redoes_nothing_that_does_not_read_it(make_case: Callable[..., Path]) -> None:
    root = make_case()
    _redone(root)
    with Case.open(root) as case:
        decide(case, RecordConsent(witness="w1", audience="public"), by="ines", reason="said so")
    assert "locate" not in _redone(root) and "trace" not in _redone(root)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_killed_build_loses_nothing_and_the_next_completes(make_case: Callable[..., Path], seed: int) -> None:
    root = make_case()
    _drawn(root)
    started = subprocess.Popen([_GEOINV, "-q", "build", "--case", str(root)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    # The clock starts when the store is there: how long Python takes to start says nothing.
    while not (root / "case.db").exists() and time.monotonic() < deadline and started.poll() is None:
        time.sleep(0.01)
    time.sleep(random.Random(seed).uniform(0.0, 2.5))
    started.send_signal(signal.SIGKILL)
    started.communicate()
    with Case.open(root) as case:
        assert check_case(case) == []
    _redone(root)
    assert _redone(root) == []
    assert not list(root.rglob(".tmp-*"))
    with Case.open(root) as case:
        assert check_case(case) == []
