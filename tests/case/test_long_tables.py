"""A table of more rows than are read at once comes in whole, each bad row named and none counted twice."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from geoinv.api.publish import publish
from geoinv.case import folder, store
from geoinv.case import overview as overview_module
from geoinv.case.build import build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import preview, take_in
from geoinv.case.misread import MISREAD
from geoinv.case.overview import overview
from geoinv.case.start import start_case
from geoinv.case.withdraw import withdraw
from geoinv.errors import CaseError
from geoinv.files import pieces
from geoinv.records.decisions import RecordConsent

_HEADING = "id,date,place_label,witness,kind,summary\n"


def _row(at: int, witness: str = "") -> str:
    date = "20x5-13-77" if at % 10 == 3 else "2011-05"
    return f"i{at:04},{date},block 2,{witness or f'w{at % 4}'},beating,row {at}\n"


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(pieces, "PIECE_ROWS", 100)
    start_case(tmp_path / "case", title="Fictional", inside_git=True)
    folder = tmp_path / "case/facilities/reef"
    folder.mkdir(parents=True)
    (folder / "facility.yaml").write_text("name: Reef (fictional)\n", encoding="utf-8")
    (folder / "incidents.csv").write_text(_HEADING + "".join(map(_row, range(550))), encoding="utf-8")
    return Case.open(tmp_path / "case")


def _listed(case: Case) -> list[list[str]]:
    with (case.root / MISREAD).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[1:]


def test_every_row_comes_in_or_is_named(case: Case) -> None:
    with case:
        report = take_in(case, by="t")
        assert report.counts["incident"] == 495 and len(report.problems) == 55
        assert {one.id for one in case.incident_records("reef")} == {f"i{at:04}" for at in range(550) if at % 10 != 3}
        assert all("incidents-part-00" in sentence and "20x5" in sentence for sentence in report.problems)
        assert any("cut into 6 files" in note for file in report.files for note in file.notes)
        assert not take_in(case, by="t").files


def test_where_more_is_wrong_than_is_told_all_of_it_is_listed(case: Case) -> None:
    path = case.root / "facilities/reef/incidents.csv"
    with case:
        path.write_text(_HEADING + "".join(_row(3 + 10 * at) for at in range(30)), encoding="utf-8")
        take_in(case, by="t")
        assert len(_listed(case)) == 30 and _listed(case)[0][0] == "facilities/reef/incidents.csv"
        path.write_text(_HEADING + _row(3), encoding="utf-8")
        take_in(case, by="t")
        assert not (case.root / MISREAD).exists()


def test_a_shorter_version_leaves_nothing_of_the_longer_one(case: Case) -> None:
    path = case.root / "facilities/reef/incidents.csv"
    with case:
        take_in(case, by="t")
        path.write_text(_HEADING + "".join(map(_row, range(210))), encoding="utf-8")
        take_in(case, by="t")
        assert len(case.incident_records("reef")) == 189


def test_looking_first_changes_nothing(case: Case, tmp_path: Path) -> None:
    outside = tmp_path / "incidents-more.csv"
    outside.write_text(_HEADING + "".join(map(_row, range(250))), encoding="utf-8")
    with case:
        before = sorted(path.name for path in case.root.rglob("*"))
        told = preview(case, [outside], facility="reef")
        assert sum("would be taken in with it" in note for note in told.files[0].notes) == 3
        assert sorted(path.name for path in case.root.rglob("*")) == before


def test_a_withdrawal_reaches_the_table_its_pieces_and_the_list(case: Case) -> None:
    word = "zyxwitness"
    path = case.root / "facilities/reef/incidents.csv"
    rows = [_row(at, word if at % 7 == 0 else "") for at in range(550)]
    path.write_text(_HEADING + "".join(rows), encoding="utf-8")
    with case:
        take_in(case, by="t")
        withdraw(case, word, by="t", reason="asked by telephone")
        left = [row for at, row in enumerate(rows) if at % 7 and at % 10 != 3]
        assert len(case.incident_records("reef")) == len(left)
    found = [one for one in case.root.rglob("*") if one.is_file() and word.encode() in one.read_bytes()]
    assert not found


def test_more_incidents_of_one_facility_than_can_be_worked_on_are_refused_in_words_and_status_still_tells(
    case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folder, "MOST_INCIDENTS", 400)
    (case.root / "facilities/isle").mkdir()
    (case.root / "facilities/isle/incidents.csv").write_text(_HEADING + "".join(map(_row, range(9))), encoding="utf-8")
    with case:
        report = build(case, by="t")
        told = {one.slug: " ".join(one.problems) for one in report.facilities}
        assert "“reef” has 495 incidents, and at most 400 of one facility" in told["reef"] and "495" not in told["isle"]
        assert len(case.bindings("isle")) == 8 and not case.bindings("reef")
        with pytest.raises(CaseError, match="at most 400 of one facility"):
            publish(case, "public")
        assert not list((case.root / "api").glob("*/*"))
        assert any("495 incidents" in line for line in overview(case, ["reef"]))


def _told_of(lines: str) -> int:
    """How many records are said to name a source that is not there: three of each file, and so many more."""
    return sum(3 + int(more) for more in re.findall(r"and (\d+) more: its source “lost.docx”", lines))


def test_sources_of_the_first_records_are_looked_up_and_status_says_how_many(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview_module, "_LOOKED_UP", 100)
    path = case.root / "facilities/reef/incidents.csv"
    rows = "".join(_row(at).replace("\n", ",lost.docx\n") for at in range(550))
    path.write_text(_HEADING.replace("\n", ",source\n") + rows, encoding="utf-8")
    with case:
        take_in(case, by="t")
        told = "\n".join(overview(case))
        assert _told_of(told) == 100 and "looked up of the first 100 records of each kind" in told
        every = "\n".join(overview(case, ["reef"]))
        assert _told_of(every) == 495 and "looked up of the first" not in every


def test_records_are_gone_through_a_page_at_a_time_in_their_order(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    with case:
        take_in(case, by="t")
        whole = case.rows("incident", "reef")
        monkeypatch.setattr(store, "_PAGE", 33)
        assert list(case.each("incident", "reef")) == list(whole)
        assert case.store.count("incident", "reef") == len(whole) == 495
        decide(case, RecordConsent(witness="w2", audience="*", act="use", given=False), by="ines", reason="asked")
        heard = [row for row in whole if json.loads(row.content)["witness"] != "w2"]
        assert list(case.each("incident", "reef")) == heard == list(case.rows("incident", "reef"))
