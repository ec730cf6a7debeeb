"""Made worlds keep what they promise: same seed same world, truth that is true, human errors of the stated size."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, shape

from geoinv.errors import InputError
from geoinv.geometry.frames import to_local
from geoinv.geometry.sun import sun_position
from geoinv.records.facility import Facility
from geoinv.records.incidents import Incident
from geoinv.records.testimony import Statements
from geoinv.worlds.distortion import R2
from geoinv.worlds.scenes import render_scene, scene_specs
from geoinv.worlds.truth import truth_of
from geoinv.worlds.world import World, example_worlds, make_world
from geoinv.worlds.write import write_case, write_truth

SEEDS = st.integers(0, 10_000)


@pytest.fixture(scope="module")
def centre() -> World:
    return example_worlds()[0]


@pytest.fixture(scope="module")
def camp() -> World:
    return example_worlds()[1]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, centre: World) -> Path:
    folder = tmp_path_factory.mktemp("world") / "case"
    write_case([centre], folder, truth=folder.parent / "truth")
    return folder


@settings(max_examples=12)
@given(SEEDS, st.sampled_from(["county", "camp"]))
def test_buildings_stand_apart_inside_the_wall(seed: int, kind: str) -> None:
    plan = make_world(kind, seed).plan  # type: ignore[arg-type]
    outlines = [building.outline for building in plan.blueprint.buildings]
    assert len(outlines) >= (2 if kind == "county" else 6)
    assert all(plan.compound.ground.contains(outline) for outline in outlines)
    pairs = [(a, b) for i, a in enumerate(outlines) for b in outlines[:i]]
    assert all(a.distance(b) > 1.0 for a, b in pairs)


@settings(max_examples=12)
@given(SEEDS)
def test_rooms_fill_the_block_without_overlap_and_every_room_has_a_door(seed: int) -> None:
    blueprint = make_world("county", seed).plan.blueprint
    block = next(building for building in blueprint.buildings if building.storeys[0].rooms)
    storey = block.storeys[0]
    rooms = [room.polygon for room in storey.rooms]
    assert sum(room.area for room in rooms) == pytest.approx(shapely.union_all(rooms).area, rel=1e-6)
    assert all(block.outline.buffer(-0.3).contains(room) for room in rooms)
    reached = {room for opening in storey.openings if opening.kind == "door" for room in opening.connects}
    assert {room.id for room in storey.rooms} <= reached
    assert "outside" in reached


def test_a_county_centre_has_the_size_and_rooms_of_one(centre: World) -> None:
    ground = centre.plan.compound.ground.minimum_rotated_rectangle
    sides = sorted(np.hypot(*np.diff(np.asarray(ground.exterior.coords)[:3], axis=0).T))
    assert 27 < sides[0] < 42 and 34 < sides[1] < 55
    roles = {room.role for b in centre.plan.blueprint.buildings for s in b.storeys for room in s.rooms}
    assert {"cell", "punishment cell", "interrogation", "latrine", "guard", "corridor"} <= roles
    assert len(centre.plan.blueprint.site.towers) == 2 and len(centre.plan.blueprint.site.gates) == 1


@pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
def test_drawings_are_as_like_the_ground_as_their_difficulty_says(difficulty: str) -> None:
    low, high = R2[difficulty]
    found = [
        drawing.r2
        for seed in range(4)
        for drawing in make_world("camp", seed, difficulty=difficulty).drawings  # type: ignore[arg-type]
        if drawing.sketch.scope == "site"
    ]
    assert np.median(found) == pytest.approx((low + high) / 2, abs=0.02)
    assert min(found) > low - 0.02


def test_each_world_has_one_mirrored_drawing_one_invention_and_one_wrong_latrine(centre: World, camp: World) -> None:
    for world in (centre, camp):
        assert sum(drawing.mirrored for drawing in world.drawings) == 1
        assert sum(len(drawing.invented) for drawing in world.drawings) == 1
        assert any(drawing.extra.get("said") for drawing in world.drawings)
        assert world.testimony.notes["w4"].heard_from == ("w1",)
        assert ("w1", "w4") in world.testimony.statements.dependent


def test_whoever_left_before_the_late_building_never_draws_it(camp: World) -> None:
    late = {camp.plan.ids[key] for key in camp.plan.compound.late}
    assert late
    early = [drawing for drawing in camp.drawings if drawing.sketch.witness == "w2" and drawing.sketch.scope == "site"]
    drawn = {building for drawing in early for buildings in drawing.truth.values() for building in buildings}
    assert not late & drawn


def test_about_a_quarter_of_the_statements_are_wrong_and_the_others_hold() -> None:
    shares = []
    for seed in range(6):
        world = make_world("camp", seed)
        statements, false = world.testimony.statements, set(world.testimony.false)
        shares.append(len([s for s in statements.statements if s.id in false]) / len(statements.statements))
        for said in statements.statements:
            if said.kind == "side":
                line = to_local(world.plan.blueprint.frame, statements.landmarks[said.landmark or ""].geometry)
                assert isinstance(line, LineString)
                foot = line.interpolate(line.project(shapely.Point(0, 0)))
                angle = np.degrees(np.arctan2(-foot.x, -foot.y)) % 360
                names = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
                right = names[round(angle / 45) % 8] == said.side
                assert right == (said.id not in false)
    assert 0.15 < np.mean(shares) < 0.35


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, centre: World) -> None:
    again = example_worlds()[0]
    assert truth_of(again) == truth_of(centre)
    specs = scene_specs(centre.plan, centre.seed)
    first, second = (render_scene(world.plan, specs[0], world.seed) for world in (centre, again))
    assert first.tif == second.tif
    assert make_world("county", 8).plan.blueprint != make_world("county", 9).plan.blueprint


def test_the_case_is_read_by_the_records(case: Path, centre: World) -> None:
    folder = case / "facilities" / centre.slug
    facility = Facility.read(yaml.safe_load((folder / "facility.yaml").read_text()))
    assert facility.simulated and "fictional" in facility.name
    assert all((folder / name).is_file() for name in facility.sketches)
    statements = Statements.read(yaml.safe_load((folder / "testimony" / "statements.yaml").read_text()))
    assert len(statements.statements) == len(centre.testimony.statements.statements)
    rows = list(csv.DictReader((folder / "incidents.csv").open()))
    for row in rows:
        assert "Fictional" in row["summary"]
        Incident(id=row["id"], facility=centre.slug, date=row["date_edtf"])
    assert len(rows) == len(centre.incidents)
    for row in rows:
        paragraphs = (folder / "testimony" / row["source"]).read_text().strip().split("\n\n")
        assert "nobody said any of this" in paragraphs[0]
        assert paragraphs[int(row["page"].removeprefix("p")) - 1].startswith(row["summary"])


def test_every_file_of_a_case_says_that_it_is_simulated(case: Path) -> None:
    texts = [
        path for path in sorted(case.rglob("*")) if path.suffix in (".svg", ".kml", ".csv", ".yaml", ".json", ".toml")
    ]
    assert len(texts) > 10
    assert all("simulated" in path.read_text().lower() for path in texts)


def test_the_truth_never_lies_inside_the_case(tmp_path: Path, centre: World, case: Path) -> None:
    assert not [path for path in case.rglob("*") if "truth" in path.name]
    with pytest.raises(InputError, match="must not lie inside"):
        write_case([centre], tmp_path / "case", truth=tmp_path / "case" / "truth")
    with pytest.raises(InputError, match="same slug"):
        write_case([centre, centre], tmp_path / "case")


def test_the_truth_names_a_building_for_every_drawn_one(tmp_path: Path, camp: World) -> None:
    write_truth(camp, tmp_path / "t.json")
    truth = json.loads((tmp_path / "t.json").read_text())
    assert {row["building"] for row in truth["elements"]} - {None} <= set(truth["buildings"])
    assert sum(row["building"] is None for row in truth["elements"]) == 1
    assert set(truth["incidents"]) == {incident.id for incident in camp.incidents}


def test_a_scene_lies_where_it_says_and_its_sun_is_the_suns(case: Path, centre: World) -> None:
    frame = centre.plan.blueprint.frame
    for path in sorted((case / "imagery").glob("*.tif")):
        item = json.loads(path.with_suffix(".json").read_text())
        about = item["properties"]
        taken = datetime.fromisoformat(about["datetime"])
        position = sun_position(frame.lon, frame.lat, taken)
        assert about["view:sun_azimuth"] == pytest.approx(position.azimuth, abs=0.01)
        assert about["view:sun_elevation"] == pytest.approx(position.elevation, abs=0.01)
        with rasterio.open(path) as scene:
            assert scene.res == (about["gsd"], about["gsd"]) and scene.count == 3
        assert shape(item["geometry"]).contains(shapely.Point(frame.lon, frame.lat))
        assert path.stat().st_size < 1_200_000


def test_snow_takes_the_colour_out_of_the_ground(centre: World) -> None:
    bare = replace(scene_specs(centre.plan, centre.seed)[0], gsd_m=2.0)
    scenes = (render_scene(centre.plan, spec, centre.seed).pixels for spec in (bare, replace(bare, snow=0.85)))
    colourful, white = (float(np.ptp(pixels.astype(int), axis=2).mean()) for pixels in scenes)
    assert white < 0.6 * colourful


def test_roofs_of_the_truth_stand_out_of_the_scene_where_the_late_building_is_only_in_the_second(camp: World) -> None:
    """The annex's ground looks different in the two scenes; that of a building which stood all along does not."""
    scenes = camp.scenes()
    frame = camp.plan.blueprint.frame

    def mean_colour(index: int, key: str) -> np.ndarray:
        scene = scenes[index]
        spot = camp.plan.compound.forms[key].wings[0]
        size, gsd = scene.pixels.shape[0], scene.spec.gsd_m
        column, row = (size / 2 + spot.east / gsd), (size / 2 - spot.north / gsd)
        reach = max(1, int(1.5 / gsd))
        patch = scene.pixels[int(row) - reach : int(row) + reach, int(column) - reach : int(column) + reach]
        return patch.reshape(-1, 3).mean(axis=0)

    assert frame.lat > 0
    annex = np.abs(mean_colour(0, "annex") - mean_colour(1, "annex")).max()
    old = np.abs(mean_colour(0, "workshop") - mean_colour(1, "workshop")).max()
    assert annex > 2 * old


def test_a_shadow_falls_away_from_the_sun(centre: World) -> None:
    """Outside the wall's sunless side the ground is darker than outside its sunny side."""
    scene = centre.scenes()[1]
    azimuth = np.radians(scene.item["properties"]["view:sun_azimuth"])
    sun = np.array((np.sin(azimuth), np.cos(azimuth)))
    ring = LineString([*centre.plan.compound.wall, centre.plan.compound.wall[0]])
    size, gsd = scene.pixels.shape[0], scene.spec.gsd_m
    dark, light = [], []
    for at in np.arange(2, ring.length, 1.0):
        here, there = ring.interpolate(at), ring.interpolate(at + 0.1)
        outward = np.array((there.y - here.y, -(there.x - here.x))) * 10
        spot = np.array((here.x, here.y)) + outward * 1.4
        if centre.plan.compound.ground.contains(shapely.Point(spot)):
            spot = np.array((here.x, here.y)) - outward * 1.4
            outward = -outward
        value = scene.pixels[int(size / 2 - spot[1] / gsd), int(size / 2 + spot[0] / gsd)].mean()
        facing = float(outward @ sun)
        if abs(facing) > 0.7:
            (light if facing > 0 else dark).append(value)
    assert np.median(dark) < 0.75 * np.median(light)


def test_an_unknown_kind_is_refused_in_one_sentence() -> None:
    with pytest.raises(InputError, match="choose county or camp"):
        make_world("castle", 1)  # type: ignore[arg-type]
