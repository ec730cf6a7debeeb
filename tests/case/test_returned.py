"""``case.gpkg`` edited as QGIS edits it comes back as decisions: shown first, recorded once, never over newer ones."""

from __future__ import annotations

import shutil
import sqlite3
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geoinv.case.build import Job, build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.making import bind, interior, locate, outline, trace
from geoinv.case.making.judged import as_judged
from geoinv.case.returned import Edit, ReturnedView, is_returned_view, read_returned, record_returned
from geoinv.case.steps import StepLog
from geoinv.case.views import case_view_bytes
from geoinv.errors import CaseError, FieldError, GeoinvError, InputError, UnreadableFileError, UnsafeFileError
from geoinv.geometry.frames import to_lonlat
from geoinv.records.decisions import JudgeFootprint, SetProperty, Undo
from tests.case.compound import BLOCK, FRAME, HUT, footprint, inside_svg, write_footprints
from tests.case.conftest import write_small_case

_NOTES = """
sketches:
  sketches/inside.svg: {witness: w1, scope: building, depicts: block}
"""
_INCIDENTS = """id,date,place_label,room_label,witness,kind,summary
i1,2019-03,block,cell 2,w1,search,Fictional: a search
i2,2019-04,somewhere,,w1,search,Fictional: another
"""
_BLOCK, _HUT = footprint("block", BLOCK), footprint("hut", HUT)


def _made(root: Path) -> Path:
    """A case with two buildings, a drawing of the inside of one, two incidents, and its view."""
    write_small_case(root)
    folder = root / "facilities" / "reef"
    (folder / "sketches").mkdir()
    (folder / "sketches" / "inside.svg").write_text(inside_svg(("cell 1", "cell 2", "guard", "store")))
    (folder / "facility.yaml").write_text((folder / "facility.yaml").read_text() + _NOTES)
    (folder / "incidents.csv").write_text(_INCIDENTS)
    with Case.open(root) as case:
        take_in(case, by="ines")
        _steps(case)
    return root


def _steps(case: Case) -> None:
    """What a build makes of footprints that are given, with what people decided of them."""
    built = case.models_dir("reef")
    job = Job(case, case.facility("reef"), StepLog.load(built), {})
    for step in (trace, locate):
        step.make(job, built)
    write_footprints(built, as_judged((_BLOCK, _HUT), case, "reef"))
    for step in (interior, bind):
        step.make(job, built)
    (case.root / "case.gpkg").write_bytes(case_view_bytes(case, beside=case.root))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made(tmp_path_factory.mktemp("view") / "case")


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    """A copy of the case to edit."""
    return Path(shutil.copytree(original, tmp_path / "case"))


def _edit(root: Path, layer: str, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> Path:
    """Write a layer anew as changed: other numbers for the rows, another order of the layers, as programs do."""
    path = root / "case.gpkg"
    table = pyogrio.read_dataframe(path, layer=layer)
    pyogrio.write_dataframe(change(table), path, layer=layer, driver="GPKG")
    return path


def _set(root: Path, layer: str, row: str, **cells: object) -> Path:
    """Change cells in place, as QGIS does."""
    path = root / "case.gpkg"
    with closing(sqlite3.connect(path)) as opened, opened:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            opened.create_function(name, 1, lambda _: 1)  # what GDAL's own triggers ask for
        for name, value in cells.items():
            opened.execute(f'UPDATE "{layer}" SET "{name}" = ? WHERE id = ?', (value, row))
    return path


def _reshape(root: Path, layer: str, row: str, shape: object) -> Path:
    """Give one feature another geometry."""

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return table.set_geometry([shape if name == row else g for name, g in table.set_index("id").geometry.items()])

    return _edit(root, layer, change)


def _returned(root: Path) -> ReturnedView:
    with Case.open(root) as case:
        return read_returned(case, root / "case.gpkg")


def _recorded(root: Path, reason: str = "seen on the scene") -> ReturnedView:
    with Case.open(root) as case:
        view = read_returned(case, root / "case.gpkg")
        record_returned(case, view, by="ines", reason=reason)
        return view


def _fates(view: ReturnedView) -> list[str]:
    return [edit.fate for edit in view.edits]


def test_a_view_that_nobody_edited_decides_nothing_whatever_qgis_adds(root: Path) -> None:
    assert is_returned_view(root / "case.gpkg") and _returned(root).edits == ()
    with closing(sqlite3.connect(root / "case.gpkg")) as opened, opened:
        opened.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleName TEXT, styleQML TEXT)")
        opened.execute("INSERT INTO layer_styles (styleName, styleQML) VALUES ('mine', '<qgis/>')")
        opened.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('layer_styles', 'attributes')")
        opened.execute("ALTER TABLE footprints ADD COLUMN checked TEXT")
    view = _returned(root)
    assert view.edits == () and view.notes == ("footprints: the added columns checked are not read.",)


def test_a_layer_written_anew_in_another_order_is_still_the_same(root: Path) -> None:
    _edit(
        root,
        "footprints",
        lambda table: table.iloc[::-1].set_geometry([MultiPolygon([g]) for g in table.geometry[::-1]]),
    )
    assert _returned(root).edits == ()


def test_an_outline_begun_at_another_corner_was_not_moved(root: Path) -> None:
    west, south, east, north = _HUT.geometry.bounds
    _reshape(root, "footprints", _HUT.id, Polygon(list(_HUT.geometry.exterior.coords)[2:-1] + list(
        _HUT.geometry.exterior.coords)[:3]))  # fmt: skip
    assert _returned(root).edits == () and west < east and south < north


def test_the_view_is_the_same_bytes_however_often_it_is_made(root: Path) -> None:
    with Case.open(root) as case:
        assert case_view_bytes(case, beside=root) == (root / "case.gpkg").read_bytes()


def test_a_moved_outline_a_name_a_role_a_date_and_a_status_become_decisions(root: Path) -> None:
    moved = translate(_HUT.geometry, 1e-5, 0)
    _reshape(root, "footprints", _HUT.id, moved)
    _set(root, "footprints", _HUT.id, labels="guard hut; post", role="tower", not_before="2012~", status="corroborated")
    view = _returned(root)
    assert _fates(view) == ["decides"] * 5, view
    assert all("building-hut" in edit.row and "hut" in edit.row for edit in view.edits)
    with Case.open(root) as case:
        assert case.decisions() == (), "nothing is recorded by looking"
    assert len(_recorded(root).edits) == 5
    with Case.open(root) as case:
        assert {decision.by for _, decision in case.decisions()} == {"ines"}
        assert {decision.reason for _, decision in case.decisions()} == {"seen on the scene"}
        (hut,) = [one for one in as_judged((_BLOCK, _HUT), case, "reef") if one.id == _HUT.id]
    assert hut.geometry.equals(moved) and hut.labels == ("guard hut", "post") and hut.role == "tower"
    assert str(hut.not_before) == "2012~" and hut.status.value == "corroborated"
    assert any("its evidence makes it attested" in warning for warning in hut.warnings)


def test_adding_the_same_file_again_changes_nothing_before_a_build_and_after(root: Path) -> None:
    _set(root, "footprints", _HUT.id, labels="guard hut")
    _set(root, "incidents", "i2", place_label="hut")
    edited = (root / "case.gpkg").read_bytes()
    assert _fates(_recorded(root)) == ["decides", "decides"]
    with Case.open(root) as case:
        entries = case.store.last()
    assert _fates(_recorded(root)) == ["known", "known"]
    with Case.open(root) as case:
        _steps(case)
        (root / "case.gpkg").write_bytes(edited)
    assert _fates(_recorded(root)) == ["known", "known"]
    with Case.open(root) as case:
        assert case.store.last() == entries


def test_a_deleted_footprint_is_rejected_and_a_drawn_one_added(root: Path) -> None:
    shape = to_lonlat(FRAME, box(60, 0, 66, 6))

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        new = gpd.GeoDataFrame({"labels": ["shed"], "geometry": [shape]}, crs=table.crs)
        return gpd.pd.concat([table[table.id != _HUT.id], new], ignore_index=True)

    _edit(root, "footprints", change)
    assert _fates(_recorded(root)) == ["decides", "decides"]
    with Case.open(root) as case:
        judged = {one.labels: one for one in as_judged((_BLOCK, _HUT), case, "reef")}
    assert judged[("hut",)].evidence["judgement"].value == "rejected"
    shed = judged[("shed",)]
    assert shed.geometry.equals(shape) and (shed.outline_from, shed.status.value) == ("person", "attested")
    assert _fates(_recorded(root)) == ["known", "known"], "its id is the same, so it is not added twice"


def test_what_is_drawn_for_a_drawn_building_is_that_buildings_outline(root: Path) -> None:
    shape = to_lonlat(FRAME, box(60, 0, 66, 6))

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        new = gpd.GeoDataFrame({"drawn": ["inside.svg#r1"], "facility": ["reef"], "geometry": [shape]}, crs=table.crs)
        return gpd.pd.concat([table, new], ignore_index=True)

    _edit(root, "footprints", change)
    (edit,) = _recorded(root).edits
    assert edit.fate == "decides" and edit.body is not None and edit.body.kind == "outline"
    with Case.open(root) as case:
        job = Job(case, case.facility("reef"), StepLog.load(case.models_dir("reef")), {})
        drawn = {s.full_name(e.id): e for s in outline.sketches_of(job) for e in s.elements}
        found = [one for one in as_judged((_BLOCK, _HUT), case, "reef", drawn) if one.drawn == ("inside.svg#r1",)]
    assert len(found) == 1 and found[0].geometry.equals(shape) and found[0].labels == ("cell 2",)


def test_an_outline_for_what_nobody_drew_is_no_decision(root: Path) -> None:
    shape = to_lonlat(FRAME, box(60, 0, 66, 6))

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        new = gpd.GeoDataFrame({"drawn": ["inside.svg#zz"], "geometry": [shape]}, crs=table.crs)
        return gpd.pd.concat([table, new], ignore_index=True)

    _edit(root, "footprints", change)
    (edit,) = _returned(root).edits
    assert edit.fate == "refused" and "nothing “zz” was found" in edit.why


@pytest.mark.parametrize(
    ("layer", "row", "cells", "told"),
    [
        ("footprints", _HUT.id, {"outline_from": "imagery"}, "not what was decided"),
        ("footprints", _HUT.id, {"role": "palace"}, "'wall'"),
        ("footprints", _HUT.id, {"not_before": "the flood"}, "not a date"),
        ("footprints", _HUT.id, {"status": "certain"}, "'attested'"),
        ("footprints", _HUT.id, {"id": "building-x"}, "name it"),
        ("footprints", _HUT.id, {"reason": "because"}, "nothing else of this row was changed"),
        ("incidents", "i1", {"kind": "arrest"}, "not what was decided"),
        ("incidents", "i1", {"footprint": "building-none"}, "no footprint"),
        ("locations", "best", {"kind": "worst"}, "not what was decided"),
    ],
)
def test_what_cannot_be_decided_is_said_row_by_row(
    root: Path, layer: str, row: str, cells: dict[str, str], told: str
) -> None:
    _set(root, layer, row, **cells)
    (edit,) = _recorded(root).edits
    assert edit.fate == "refused" and told in edit.why and edit.row.startswith(layer)
    with Case.open(root) as case:
        assert case.decisions() == ()


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (Polygon([(-30, 5), (-29.9999, 5.0001), (-29.9999, 5), (-30, 5.0001)]), "crosses itself"),
        (MultiPolygon([box(-30, 5, -29.9999, 5.0001), box(-29, 5, -28.9999, 5.0001)]), "one polygon"),
        (box(500_000, 1, 500_010, 9), "longitude and latitude"),
        (None, "no outline"),
    ],
)
def test_an_outline_that_is_none_is_said(root: Path, shape: Polygon | None, told: str) -> None:
    _reshape(root, "footprints", _HUT.id, shape)
    (edit,) = _returned(root).edits
    assert edit.fate == "refused" and told in edit.why


def test_an_incident_is_bound_by_moving_its_point_or_naming_its_room(root: Path) -> None:
    _reshape(root, "incidents", "i2", _HUT.geometry.representative_point())
    with Case.open(root) as case:
        rooms = case.rooms("reef").set_index("id")
    store = next(name for name, drawn in rooms["drawn"].items() if "inside.svg#r3" in drawn)
    _set(root, "incidents", "i1", room=store)
    assert _fates(_recorded(root)) == ["decides", "decides"]
    with Case.open(root) as case:
        _steps(case)
        bound = {one.incident: one for one in case.bindings("reef")}
    assert (bound["i2"].footprint, bound["i2"].how) == (_HUT.id, "person")
    assert (bound["i1"].footprint, bound["i1"].room, bound["i1"].how) == (_BLOCK.id, store, "person")


def test_a_point_moved_to_where_nothing_stands_binds_nothing(root: Path) -> None:
    _reshape(root, "incidents", "i1", Point(-31, 5))
    (edit,) = _returned(root).edits
    assert edit.fate == "refused" and "no building" in edit.why


def test_a_rooms_name_is_set_of_what_was_drawn(root: Path) -> None:
    with Case.open(root) as case:
        rooms = case.rooms("reef").set_index("id")
    store = next(name for name, drawn in rooms["drawn"].items() if "inside.svg#r3" in drawn)
    _set(root, "rooms", store, labels='["pantry"]')
    (edit,) = _recorded(root).edits
    assert edit.fate == "decides", edit
    with Case.open(root) as case:
        assert case.history.set_of("reef/inside.svg#r3") == {"label": "pantry"}


def test_what_was_decided_since_is_a_conflict_and_not_overwritten(root: Path) -> None:
    _set(root, "footprints", _HUT.id, labels="guard hut", role="tower")
    with Case.open(root) as case:
        body = SetProperty(target=f"reef/{_HUT.id}", field="labels", value=["boathouse"])
        decide(case, body, by="bo", reason="asked w2")
    view = _recorded(root)
    assert view.out_of_date
    by_column = {edit.told.partition(":")[0]: edit for edit in view.edits}
    assert by_column["labels"].fate == "conflict" and "bo on" in by_column["labels"].why
    assert by_column["role"].fate == "decides"
    with Case.open(root) as case:
        assert case.history.set_of(f"reef/{_HUT.id}") == {"labels": ["boathouse"], "role": "tower"}


def test_what_was_built_anew_since_is_a_conflict(root: Path) -> None:
    _set(root, "footprints", _HUT.id, labels="guard hut")
    with Case.open(root) as case:
        write_footprints(case.models_dir("reef"), (_BLOCK, _HUT.model_copy(update={"labels": ("oven",)})))
        edited = read_returned(case, root / "case.gpkg")
        write_footprints(case.models_dir("reef"), (_BLOCK,))
        gone = read_returned(case, root / "case.gpkg")
    assert _fates(edited) == ["conflict"] and "oven" in edited.edits[0].why
    assert _fates(gone) == ["conflict"] and "not in the case any more" in gone.edits[0].why


def test_what_was_taken_back_is_not_decided_again_by_an_old_file(root: Path) -> None:
    _set(root, "footprints", _HUT.id, role="tower")
    _recorded(root)
    with Case.open(root) as case:
        ((entry, _),) = case.decisions()
        decide(case, Undo(entry=entry.id), by="bo", reason="it is not")
    (edit,) = _recorded(root).edits
    assert edit.fate == "conflict" and "bo took it back" in edit.why


def test_a_reason_in_the_row_comes_before_the_one_for_all_and_one_is_needed(root: Path) -> None:
    _set(root, "footprints", _HUT.id, role="tower", reason="its shadow is long")
    _set(root, "footprints", _BLOCK.id, role="wall")
    with pytest.raises(FieldError, match="this edit has none"):
        _recorded(root, reason="")
    with Case.open(root) as case:
        assert case.decisions() == ()
    _recorded(root, reason="looked again")
    with Case.open(root) as case:
        reasons = {decision.body.target: decision.reason for _, decision in case.decisions()}  # type: ignore[union-attr]
    assert reasons == {f"reef/{_HUT.id}": "its shadow is long", f"reef/{_BLOCK.id}": "looked again"}


def test_a_layer_taken_out_deletes_nothing(root: Path) -> None:
    with closing(sqlite3.connect(root / "case.gpkg")) as opened, opened:
        opened.execute("DELETE FROM gpkg_contents WHERE table_name = 'footprints'")
    view = _returned(root)
    assert view.edits == () and "no longer in the file" in view.notes[0]


def test_another_cases_view_and_one_without_its_record_are_refused(root: Path, tmp_path: Path) -> None:
    other = write_small_case(tmp_path / "other", seeded=False)
    with Case.open(other) as case:
        take_in(case, by="bo")
        with pytest.raises(CaseError, match="another case"):
            read_returned(case, root / "case.gpkg")
    table = pyogrio.read_dataframe(root / "case.gpkg", layer="footprints")
    pyogrio.write_dataframe(table, tmp_path / "saved.gpkg", driver="GPKG")
    with Case.open(root) as case, pytest.raises(InputError, match="which state of the case"):
        read_returned(case, tmp_path / "saved.gpkg")


def test_a_record_of_what_was_exported_that_was_altered_is_refused(root: Path) -> None:
    with closing(sqlite3.connect(root / "case.gpkg")) as opened, opened:
        opened.execute("UPDATE geoinv_exported SET cells = replace(cells, 'hut', 'oven')")
    with pytest.raises(CaseError, match="altered"):
        _returned(root)


def test_edits_that_qgis_has_not_written_yet_are_asked_for(root: Path) -> None:
    (root / "case.gpkg-wal").write_bytes(b"x" * 100)
    with pytest.raises(UnreadableFileError, match="save the edits"):
        _returned(root)


_HOSTILE = {
    "a view without end": "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT i FROM n",
    "a view in place of a layer": "ALTER TABLE footprints RENAME TO old; CREATE VIEW footprints AS WITH RECURSIVE "
    "n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n) SELECT * FROM n, old",
    "a column that is computed": "ALTER TABLE footprints ADD COLUMN big TEXT AS (hex(zeroblob(500000000)))",
    "a virtual table": "CREATE VIRTUAL TABLE words USING fts5(text)",
    "a huge value": "UPDATE footprints SET labels = hex(zeroblob(20000000))",
    "far too many rows": "CREATE TABLE keep AS SELECT * FROM incidents; INSERT INTO incidents (id, facility) WITH "
    "RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60000) SELECT i, 'reef' FROM n",
}


@pytest.mark.parametrize("sql", _HOSTILE.values(), ids=_HOSTILE)
def test_a_hostile_file_is_refused_in_bounded_time_and_memory(root: Path, sql: str) -> None:
    with closing(sqlite3.connect(root / "case.gpkg")) as opened, opened:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            opened.create_function(name, 1, lambda _: 1)
        opened.executescript(sql)
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(UnsafeFileError):
        _returned(root)
    grown = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.process_time() - began < 10 and grown < 120e6


def test_triggers_in_a_file_never_run(root: Path) -> None:
    with closing(sqlite3.connect(root / "case.gpkg")) as opened, opened:
        opened.execute("CREATE TRIGGER spoil AFTER UPDATE ON footprints BEGIN DELETE FROM footprints; END")
    before = (root / "case.gpkg").read_bytes()
    assert _returned(root).edits == () and (root / "case.gpkg").read_bytes() == before
    assert not list(root.glob("case.gpkg-*"))


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_is_one_sentence(root: Path, seed: int) -> None:
    path = root / "case.gpkg"
    data = bytearray(path.read_bytes())
    for step in range(1, 40):
        data[(seed * 7919 + step * 104_729) % len(data)] ^= 1 << (step % 8)
    path.write_bytes(data)
    with Case.open(root) as case:
        try:
            read_returned(case, path)
        except GeoinvError as error:
            assert "\n" not in error.sentence()


def test_a_build_keeps_aside_what_was_edited_and_not_given_back(tmp_path: Path) -> None:
    root = write_small_case(tmp_path / "case")
    with Case.open(root) as case:
        build(case, by="ines")
        assert build(case, by="ines").notes == ()
        _set(root, "incidents", "i1", place_label="hut")
        (note,) = build(case, by="ines").notes
        (aside,) = root.glob("case-edited-*.gpkg")
        assert aside.name in note and is_returned_view(aside)
        view = read_returned(case, aside)
        assert _fates(view) == ["decides"]
        record_returned(case, view, by="ines", reason="asked w1")
        _set(root, "incidents", "i1", place_label="hut")
        assert build(case, by="ines").notes == (), "all that was edited in it was decided"


def test_places_that_are_a_view_of_a_case_are_not_taken_for_testimony(root: Path) -> None:
    shutil.copy(root / "case.gpkg", root / "facilities/reef/testimony/export.gpkg")
    with Case.open(root) as case:
        (outcome,) = take_in(case, by="ines").files
        assert outcome.counts == {} and "a view of a case" in outcome.problems[0]


def test_edits_are_plain_values(root: Path) -> None:
    _set(root, "footprints", _HUT.id, role="tower")
    body = JudgeFootprint(facility="reef", footprint=_HUT.id, accept=False)
    (edit,) = _returned(root).edits
    assert isinstance(edit, Edit) and edit.body != body
