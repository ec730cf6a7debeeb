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
from geoinv.case.histories import history_of
from geoinv.case.intake import take_in
from geoinv.case.making import bind, interior, locate, outline, trace
from geoinv.case.making.judged import as_judged
from geoinv.case.reading import built_interiors
from geoinv.case.returned import Edit, ReturnedView, is_returned_view, read_returned, record_returned
from geoinv.case.second_looks import second_looks
from geoinv.case.steps import StepLog
from geoinv.case.subjects import is_same_room
from geoinv.case.views import case_view_bytes
from geoinv.errors import CaseError, FieldError, GeoinvError, InputError, UnreadableFileError, UnsafeFileError
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.models.fit import INNER_M
from geoinv.records.decisions import JudgeFootprint, SetProperty, Undo
from geoinv.records.parts import Room, Storey
from geoinv.records.places import Frame
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


def _room(root: Path, drawn: str) -> tuple[str, Polygon]:
    """Id and outline of the room that was drawn so."""
    with Case.open(root) as case:
        rooms = case.rooms("reef")
    row = next(one for one in rooms.itertuples() if drawn in one.drawn)
    return str(row.id), row.geometry


def _built(root: Path) -> Storey:
    """The inside of the block as a build makes it now, in metres about the compound's frame."""
    with Case.open(root) as case:
        _steps(case)
        (inside,) = built_interiors(case.models_dir("reef"))
    moved = (_in(one, inside.frame) for one in inside.storey.rooms)
    return inside.storey.model_copy(update={"rooms": tuple(moved)})


def _in(room: Room, frame: Frame) -> Room:
    return room.model_copy(update={"polygon": to_local(FRAME, to_lonlat(frame, room.polygon))})


def test_a_rooms_outline_drawn_anew_stands_and_its_neighbours_give_way(root: Path) -> None:
    before = _built(root)
    name, shape = _room(root, "inside.svg#r0")
    neighbour, _ = _room(root, "inside.svg#r1")
    wider = to_lonlat(FRAME, to_local(FRAME, shape).union(translate(to_local(FRAME, shape), 2, 0)))
    _reshape(root, "rooms", name, wider)
    (edit,) = _recorded(root).edits
    assert edit.fate == "decides" and edit.body is not None and edit.body.kind == "outline", edit
    rooms = {one.id: one for one in _built(root).rooms}
    was = {one.id: one for one in before.rooms}
    hand = rooms[name]
    assert hand.polygon.symmetric_difference(to_local(FRAME, wider)).area < 0.01
    assert hand.evidence["polygon"].by == "ines" and hand.drawn == ("inside.svg#r0",) and "width_m" not in hand.evidence
    assert rooms[neighbour].polygon.area < was[neighbour].polygon.area - 3
    assert rooms[neighbour].polygon.distance(hand.polygon) == pytest.approx(INNER_M, abs=0.01)
    assert "cut back" in (rooms[neighbour].evidence["polygon"].note or "")
    others = set(rooms) - {name, neighbour}
    assert all(rooms[one].polygon.equals(was[one].polygon) for one in others), "what the outline does not touch stays"
    assert _fates(_recorded(root)) == [], "a view made since holds it"
    with Case.open(root) as case:
        ((entry, decision),) = case.decisions()
        assert decision.proposed["drawn"] == ["inside.svg#r0"] and second_looks(case, "reef") == []
        decide(case, Undo(entry=entry.id), by="ines", reason="it was the other wall")
    assert _built(root) == before, "taken back, the fitted rooms stand again"


def test_every_door_leads_to_the_corridor_from_where_its_room_was_drawn(root: Path) -> None:
    name, shape = _room(root, "inside.svg#r0")
    _reshape(root, "rooms", name, translate(shape, 1e-5, 0))
    _recorded(root)
    storey = _built(root)
    doors = [one for one in storey.openings if name in one.connects]
    room = next(one for one in storey.rooms if one.id == name)
    hall = next(one for one in storey.rooms if one.role == "corridor")
    assert len(doors) == 1 and set(doors[0].connects) == {name, hall.id} and room.polygon.distance(hall.polygon) < 0.3


def test_a_deleted_rooms_floor_stays_without_name_or_use_and_an_undrawn_one_goes(root: Path) -> None:
    name, shape = _room(root, "inside.svg#r3")
    _edit(root, "rooms", lambda table: table[table.id != name])
    (edit,) = _recorded(root).edits
    assert edit.fate == "decides" and edit.told == "the room was deleted: rejected"
    left = next(one for one in _built(root).rooms if one.id == name)
    assert (left.labels, left.drawn, left.role, left.status.value) == ((), (), "room", "inferred")
    with Case.open(root) as case:
        (inside,) = built_interiors(case.models_dir("reef"))
        assert any("ines rejected" in warning and "inside.svg#r3" in warning for warning in inside.warnings)
        assert second_looks(case, "reef") == []
    with Case.open(root) as case:
        body = JudgeFootprint(facility="reef", element="inside.svg#r3", accept=True)
        entry = decide(case, body, by="ines", reason="it was there after all")
    back = next(one for one in _built(root).rooms if one.id == name)
    assert back.drawn == ("inside.svg#r3",) and back.evidence["judgement"].value == "accepted"
    with Case.open(root) as case:
        decide(case, Undo(entry=entry.id), by="ines", reason="it was not")
    assert not next(one for one in _built(root).rooms if one.id == name).drawn
    _edit(root, "rooms", lambda table: table[table.id != name])
    assert _fates(_recorded(root)) == ["decides"]
    assert name not in {one.id for one in _built(root).rooms}
    assert shape.area > 0


def test_a_room_that_nobody_drew_is_added_where_an_inside_is_known(root: Path) -> None:
    _, shape = _room(root, "inside.svg#r0")
    closet = to_lonlat(
        FRAME, box(*to_local(FRAME, shape).bounds[:2], *(v + 1.5 for v in to_local(FRAME, shape).bounds[:2]))
    )
    hut = _HUT.geometry

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        told = {"labels": ["closet", "elsewhere"], "use": ["punishment cell", None], "geometry": [closet, hut]}
        return gpd.pd.concat([table, gpd.GeoDataFrame(told, crs=table.crs)], ignore_index=True)

    _edit(root, "rooms", change)
    view = _recorded(root)
    assert _fates(view) == ["decides", "refused"] and "no building whose inside is known" in view.edits[1].why
    added = next(one for one in _built(root).rooms if one.labels == ("closet",))
    assert added.role == "punishment cell" and added.status.value == "attested" and not added.drawn
    assert added.polygon.symmetric_difference(to_local(FRAME, closet)).area < 0.01
    assert _fates(_recorded(root)) == []


def test_what_was_said_of_a_room_is_not_taken_for_another_that_bears_its_id_later(root: Path) -> None:
    name, _ = _room(root, "inside.svg#r3")
    with Case.open(root) as case:
        decide(case, SetProperty(target=f"reef/{name}", field="role", value="guard"), by="ines", reason="asked")
        ((_, decision),) = case.decisions()
        other = decision.model_copy(update={"proposed": {"role": "room", "drawn": ["gone.svg#r9"]}})
    assert is_same_room(("inside.svg#r3",), decision) and not is_same_room(("inside.svg#r3",), other)
    assert not is_same_room((), decision), "nothing is drawn of it any more"
    (folder := root / "facilities" / "reef" / "sketches" / "inside.svg").write_text(
        inside_svg(("cell 1", "cell 2", "guard", "store")).replace('id="r3"', 'id="r7"')
    )
    assert folder.is_file()
    with Case.open(root) as case:
        take_in(case, by="ines")
        _steps(case)
        assert any("is another" in told for told in second_looks(case, "reef"))
    assert {one.role for one in _built(root).rooms if one.id == name} == {"store"}, "as its label says"


def test_what_a_room_was_is_set_of_the_room_itself(root: Path) -> None:
    name, _ = _room(root, "inside.svg#r3")
    _set(root, "rooms", name, use="punishment cell")
    (edit,) = _recorded(root).edits
    assert edit.fate == "decides", edit
    room = next(one for one in _built(root).rooms if one.id == name)
    assert room.role == "punishment cell" and room.evidence["role"].by == "ines"
    with Case.open(root) as case:
        assert any("punishment cell" in line for line in history_of(case, f"reef/{name}"))


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (MultiPolygon([box(-30, 5, -29.9999, 5.0001), box(-29, 5, -28.9999, 5.0001)]), "one polygon"),
        (box(500_000, 1, 500_010, 9), "longitude and latitude"),
        (None, "no outline"),
    ],
)
def test_a_rooms_outline_that_is_none_is_said(root: Path, shape: Polygon | None, told: str) -> None:
    name, _ = _room(root, "inside.svg#r0")
    _reshape(root, "rooms", name, shape)
    (edit,) = _returned(root).edits
    assert edit.fate == "refused" and told in edit.why


def test_a_room_drawn_beyond_the_building_or_over_another_is_said(root: Path) -> None:
    name, shape = _room(root, "inside.svg#r0")
    other, beside = _room(root, "inside.svg#r1")
    north = {name: translate(shape, 0, 5e-5), other: translate(beside.union(shape).envelope, 0, 5e-5)}
    _edit(root, "rooms", lambda table: table.set_geometry(
        [north.get(one, g) for one, g in zip(table.id, table.geometry, strict=True)]))  # fmt: skip
    _recorded(root)
    _built(root)
    with Case.open(root) as case:
        (inside,) = built_interiors(case.models_dir("reef"))
    assert any("beyond the building" in one for one in inside.warnings)
    assert any("both drawn by hand" in one for one in inside.warnings)


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
