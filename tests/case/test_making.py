"""What each step after the outlines writes, from outlines given by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import trimesh
from shapely.geometry import LineString

from geoinv.case.build import Job
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.making import bind, interior, locate, model, show, trace
from geoinv.case.making.common import opened_scenes
from geoinv.case.making.dated import judged_changes
from geoinv.case.making.judged import as_judged
from geoinv.case.making.outline import wall_origins
from geoinv.case.steps import StepLog
from geoinv.files.geojson import read_table, write_table
from geoinv.records.decisions import SetOutline, SetProperty
from geoinv.records.evidence import Confidence, Evidence, Status
from geoinv.records.footprints import Footprint
from tests.case.compound import BLOCK, HUT, footprint, inside_svg, write_footprints, write_scene
from tests.case.conftest import write_small_case

_NAMES = ("cell 1", "cell 2", "cell 3", "guard room", "latrine", "cell 4")
_NOTES = """
sketches:
  sketches/inside.svg: {witness: w1, scope: building, depicts: %s}
"""
_INCIDENTS = """id,date,place_label,room_label,witness,kind,summary
i1,2019-03,block,cell 2,w1,search,Fictional: a search
i2,2019-04,HUT,,w1,search,Fictional: another
i3,2019-05,the old barn,,w2,search,Fictional: a third
"""


@pytest.fixture(scope="module")
def compound(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Job]:
    """Make a case up to its outlines; its job."""

    def made(*footprints: Footprint, depicts: str = "Block", scenes: int = 2) -> Job:
        root = write_small_case(tmp_path_factory.mktemp("reef") / "case")
        folder = root / "facilities" / "reef"
        (folder / "sketches").mkdir()
        (folder / "sketches" / "inside.svg").write_text(inside_svg(_NAMES))
        (folder / "facility.yaml").write_text((folder / "facility.yaml").read_text() + _NOTES % depicts)
        (folder / "incidents.csv").write_text(_INCIDENTS)
        for year in range(2014, 2014 + scenes):
            write_scene(root / "imagery" / f"scene-{year}.tif", f"{year}-06-01T03:00:00Z")
        case = Case.open(root)
        take_in(case, by="ines")
        built = case.models_dir("reef")
        job = Job(case, case.facility("reef"), StepLog.load(built), {"said.yaml": "0" * 64})
        for step in (trace, locate):
            assert step.make(job, built) == []
        write_footprints(built, footprints)
        return job

    return made


def _json(job: Job, name: str) -> Any:
    return json.loads(job.built(name).read_text(encoding="utf-8"))


def _made(job: Job) -> dict[str, list[str]]:
    return {step.__name__.rpartition(".")[2]: step.make(job, job.log.folder) for step in (interior, model, bind, show)}


@pytest.fixture(scope="module")
def built(compound: Callable[..., Job]) -> tuple[Job, dict[str, list[str]]]:
    """A case with every step done, and what each step complained of; only to be looked at."""
    job = compound(*_two())
    return job, _made(job)


def _two() -> tuple[Footprint, Footprint]:
    return footprint("block", BLOCK), footprint("hut", HUT)


def test_an_inside_goes_into_the_building_it_names(compound: Callable[..., Job]) -> None:
    job = compound(*_two(), depicts="the BLOCK")
    assert interior.make(job, job.log.folder) == []
    (inside,) = _json(job, "interiors.json")["interiors"]
    assert inside["building"] == "building-block"
    rooms = _json(job, "rooms.geojson")
    assert {item["properties"]["building"] for item in rooms["features"]} == {"building-block"}
    assert rooms["buildings"]["building-block"]["cell_count"]["low"] >= 3
    labels = {label for item in rooms["features"] for label in item["properties"]["labels"]}
    assert labels >= {"cell 1", "guard room", "latrine"}
    table = gpd.read_file(job.built("rooms.geojson"))
    whole = footprint("block", BLOCK).geometry.buffer(1e-7)
    assert all(whole.contains(shape) for shape in table.geometry)


def test_an_inside_of_an_unknown_building_is_a_question_and_no_guess(compound: Callable[..., Job]) -> None:
    job = compound(*_two(), depicts="north wing")
    (problem,) = interior.make(job, job.log.folder)
    assert "inside.svg" in problem and "north wing" in problem and "facility.yaml" in problem
    assert _json(job, "interiors.json")["interiors"] == []


def test_a_person_answers_which_building_an_inside_shows(compound: Callable[..., Job]) -> None:
    job = compound(*_two(), depicts="north wing")
    body = SetProperty(target="reef/inside.svg", field="depicts", value="plan.svg#block")
    decide(job.case, body, by="ines", reason="the witness pointed at it")
    assert interior.make(job, job.log.folder) == []
    (inside,) = _json(job, "interiors.json")["interiors"]
    assert inside["building"] == "building-block" and inside["named"] == {"inside.svg": 1.0}
    bind.make(job, job.log.folder)
    elsewhere = job.case.root / "facilities" / "elsewhere" / "sketches"
    elsewhere.mkdir(parents=True)
    (elsewhere / "inside.svg").write_text(inside_svg(_NAMES))
    take_in(job.case, by="ines")
    other = SetProperty(target="elsewhere/inside.svg", field="depicts", value="plan.svg#hut")
    decide(job.case, other, by="ines", reason="a drawing of the same name in another facility")
    interior.make(job, job.log.folder)
    assert _json(job, "interiors.json")["interiors"][0]["building"] == "building-block"


def test_an_inside_and_its_incidents_find_their_building_in_another_language(compound: Callable[..., Job]) -> None:
    kitchen = footprint("hut", HUT, labels=("취사장",))
    job = compound(footprint("block", BLOCK, labels=()), kitchen, depicts="cookhouse")
    interior.make(job, job.log.folder)
    (inside,) = _json(job, "interiors.json")["interiors"]
    assert inside["building"] == "building-hut" and inside["named"] == {"inside.svg": 0.9}
    assert "both words for: kitchen" in inside["warnings"][0]


def test_a_name_that_a_person_gives_a_building_is_one_of_its_labels(compound: Callable[..., Job]) -> None:
    job = compound(*_two())
    decide(
        job.case,
        SetProperty(target="reef/plan.svg#hut", field="label", value="the old barn"),
        by="ines",
        reason="read off the scan",
    )
    (_, hut) = as_judged(_two(), job.case, "reef")
    assert hut.labels == ("hut", "the old barn") and hut.evidence["labels"].note == "read off the scan"
    assert as_judged(_two(), job.case, "elsewhere") == _two()


def test_a_persons_outline_does_away_with_readings_that_differ(compound: Callable[..., Job]) -> None:
    told = "the outlines read under 2 drawings differ: they overlap by 40 % at the least, and lie 9 m apart"
    block = footprint("block", BLOCK, warnings=(told, "another"), confidence=Confidence(geometry_m=9.0, coverage=0.9))
    job = compound(block)
    body = SetOutline(facility="reef", element="plan.svg#block", geometry=block.geometry)
    decide(job.case, body, by="ines", reason="drawn along the roof")
    (drawn,) = as_judged((block,), job.case, "reef")
    assert drawn.warnings == ("another",) and drawn.confidence.geometry_m == 2.0
    assert drawn.outline_from == "person"


def test_what_only_imagery_suggested_makes_way_for_a_persons_outline(compound: Callable[..., Job]) -> None:
    block = footprint("block", BLOCK)
    wing = footprint("wing", BLOCK.buffer(-1.0), labels=(), drawn=(), outline_from="imagery")
    beside = footprint("beside", HUT, labels=(), drawn=(), outline_from="imagery")
    job = compound(block)
    assert len(as_judged((block, wing, beside), job.case, "reef")) == 3
    body = SetOutline(facility="reef", element="plan.svg#block", geometry=block.geometry)
    decide(job.case, body, by="ines", reason="drawn along the roof")
    assert [one.id for one in as_judged((block, wing, beside), job.case, "reef")] == [block.id, beside.id]


def test_an_outline_too_small_for_rooms_is_one_sentence(compound: Callable[..., Job]) -> None:
    job = compound(footprint("block", HUT.buffer(-2.4)), footprint("hut", HUT))
    (problem,) = interior.make(job, job.log.folder)
    assert "inside.svg" in problem and "block" in problem
    assert _json(job, "interiors.json")["interiors"] == [] and not job.built("rooms.geojson").exists()


def test_without_any_outline_the_report_still_stands(compound: Callable[..., Job]) -> None:
    job = compound()
    told = _made(job)
    assert any("inside.svg" in problem for problem in told["interior"])
    assert any("no building has an outline" in problem for problem in told["model"])
    assert "Reef post (fictional)" in job.built("report.html").read_text(encoding="utf-8")
    assert [item["how"] for item in _json(job, "bindings.json")["bindings"]] == ["none"] * 3


def test_a_model_has_one_named_node_a_part_and_its_sheets(built: tuple[Job, dict[str, list[str]]]) -> None:
    job, told = built
    assert told["model"] == []
    scene = trimesh.load(job.built("model.glb"))
    assert {"building-block", "building-hut"} <= set(scene.graph.nodes)
    names = {path.relative_to(job.log.folder).as_posix() for path in job.log.folder.rglob("*") if path.is_file()}
    assert {
        "sheets/site.svg",
        "sheets/all.pdf",
        "sheets/building-block.svg",
        "sheets/views-building-block.svg",
    } <= names
    assert "renders/overview.png" in names and "sheets/axonometric-building-block.svg" in names
    assert "sheets/building-hut.svg" not in names and "renders/inside-building-block.png" in names
    assert _json(job, "blueprint.json")["geoinv"]["inputs"] == {"said.yaml": "0" * 64}


def test_a_rejected_footprint_stays_on_record_and_out_of_the_model(compound: Callable[..., Job]) -> None:
    judged = {"judgement": Evidence(value="rejected", status=Status.ATTESTED, by="ines")}
    job = compound(footprint("block", BLOCK), footprint("hut", HUT, evidence=judged))
    assert [one.id for one in interior.standing(job)] == ["building-block"]
    assert len(_json(job, "footprints.geojson")["features"]) == 2


def test_incidents_are_bound_to_rooms_to_buildings_or_to_nothing(built: tuple[Job, dict[str, list[str]]]) -> None:
    job, _ = built
    bindings = {item["incident"]: item for item in _json(job, "bindings.json")["bindings"]}
    assert bindings["i1"]["how"] == "room label" and bindings["i1"]["footprint"] == "building-block"
    assert (bindings["i2"]["how"], bindings["i2"]["footprint"]) == ("label", "building-hut")
    assert bindings["i3"]["how"] == "none" and "old barn" in bindings["i3"]["why"]
    assert job.case.bindings("reef")[0].room == bindings["i1"]["room"]
    features = {item["id"]: item for item in _json(job, "incidents.geojson")["features"]}
    assert features["i3"]["geometry"] is None and features["i1"]["geometry"]["type"] == "Point"


def test_pages_show_both_dates_and_load_nothing(built: tuple[Job, dict[str, list[str]]]) -> None:
    job, told = built
    assert told["show"] == []
    page = job.built("map.html").read_text(encoding="utf-8")
    assert "2014-06-01" in page and "2015-06-01" in page
    assert 'src="http' not in page and 'href="http' not in page.replace('href="https://leafletjs.com', "")
    assert job.built("figures/before-after.svg").is_file() and job.built("figures/site.svg").is_file()
    assert "FICTIONAL" in job.built("report.html").read_text(encoding="utf-8")


def test_one_scene_gives_no_before_and_after(compound: Callable[..., Job]) -> None:
    job = compound(*_two(), scenes=1)
    show.make(job, job.log.folder)
    assert not job.built("figures/before-after.svg").exists() and job.built("map.html").is_file()


def test_each_building_is_shown_on_each_scene_it_was_judged_on(compound: Callable[..., Job]) -> None:
    job = compound(*_two())
    with opened_scenes(job, problems := []) as scenes:
        judged = judged_changes(_two(), scenes)
        assert judged_changes(_two(), scenes[:1]) is None and judged_changes((), scenes) is None
    assert judged is not None and [len(states) for states in judged.states] == [2, 2] and problems == []
    write_table(job.built("changes.geojson"), judged)
    assert show.make(job, job.log.folder) == []
    strip = job.built("figures/film-strip.svg").read_text(encoding="utf-8")
    assert "building-block" in strip and "building-hut" in strip and "2014-06-01" in strip and "2015-06-01" in strip
    assert "film-strip" in job.built("report.html").read_text(encoding="utf-8")


def test_footprints_open_in_a_gis_with_their_lists_as_text(built: tuple[Job, dict[str, list[str]]]) -> None:
    job, _ = built
    path = job.built("footprints.gpkg")
    assert {name for name, _ in pyogrio.list_layers(path)} == {"footprints", "rooms"}
    table = pyogrio.read_dataframe(path, layer="footprints")
    assert json.loads(table.set_index("id").loc["building-hut", "labels"]) == ["hut"]
    assert table.crs.to_epsg() == 4326


def test_two_copies_of_a_case_give_the_same_bytes(compound: Callable[..., Job], built: tuple[Job, Any]) -> None:
    job = compound(*_two())
    _made(job)
    one, two = ({path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
                for root in (built[0].log.folder, job.log.folder))  # fmt: skip
    assert set(one) == set(two)
    assert [str(name) for name in one if one[name] != two[name]] == []


@pytest.mark.parametrize("found", [["yard", None], [None, None], None])
def test_a_wall_is_imagerys_own_only_where_a_yard_was_found(found: list[str | None] | None, tmp_path: Path) -> None:
    columns: dict[str, Any] = {"id": ["a.svg#w", "b.svg#w"], "role": ["wall", "wall"]}
    lines = [LineString([(-30.0, 10.0), (-30.0, 10.001)]), LineString([(-30.0, 10.0), (-30.001, 10.0)])]
    table = gpd.GeoDataFrame(columns | ({"candidate": found} if found else {}), geometry=lines, crs="EPSG:4326")
    write_table(tmp_path / "placed.geojson", table)
    origins = wall_origins(read_table(tmp_path / "placed.geojson"))
    assert origins == ["imagery" if found and name else "imagery prompted" for name in (found or (None, None))]
