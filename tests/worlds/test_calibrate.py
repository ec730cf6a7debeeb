"""Error rates are counted against truths the pipeline never saw, and the page says where we fall short."""

from __future__ import annotations

import json

import pytest
from shapely.affinity import translate
from shapely.geometry import box, mapping

from geoinv.files.atomic import write_json
from geoinv.geometry.frames import to_lonlat
from geoinv.worlds.calibrate import blind_run, calibrate
from geoinv.worlds.calibrate_kept import KeptFolder
from geoinv.worlds.calibrate_rates import calibration, share, verdicts
from geoinv.worlds.calibrate_text import calibrate_command, error_rates_page
from geoinv.worlds.truth import truth_of
from geoinv.worlds.whole_way import whole_way_facts
from geoinv.worlds.world import make_world


def _pair(true, verdict):
    return {"true": true, "claim": {"kind": "adjacent"}, "value": float(true)}, {"verdict": verdict}


def test_wrong_verdicts_are_shares_of_what_was_wrong_or_right_to_say():
    pairs = [_pair(True, "consistent")] * 6 + [_pair(True, "inconsistent")] * 2 + [_pair(True, "undecidable")] * 2
    pairs += [_pair(False, "consistent")] + [_pair(False, "inconsistent")] * 9
    found = verdicts(pairs)
    assert found["false_consistent"]["share"] == 0.1
    assert found["false_inconsistent"]["share"] == 0.2
    assert found["right_of_decided"] == share(15, 18)
    assert found["decided"]["n"] == 20


def test_a_share_has_its_wilson_interval():
    # Worked by hand for 8 of 10 at z = 1.6449: centre 0.7361, half-width 0.1950.
    found = share(8, 10)
    assert (found["share"], found["n"]) == (0.8, 10)
    assert found["low"] == pytest.approx(0.541, abs=2e-3)
    assert found["high"] == pytest.approx(0.931, abs=2e-3)
    assert share(0, 0) == {"share": None, "n": 0}


def test_calibration_is_by_what_was_printed():
    found = calibration([(1.0, True), (0.96, False), (0.2, False)])
    assert found["rows"][-1]["true"]["n"] == 2
    assert found["rows"][-1]["true"]["share"] == 0.5
    assert found["rows"][1]["true"]["share"] == 0.0
    # Two of three printed 0.98 on average and half came true, one 0.2 and did not.
    assert found["error"] == pytest.approx((2 * 0.48 + 0.2) / 3, abs=1e-3)
    assert calibration([])["error"] is None


def test_a_blind_run_is_kept_gone_on_with_and_its_claims_are_right_and_wrong(tmp_path):
    first = blind_run(5, "easy")
    assert {one["true"] for one in first["claims"]} == {True, False}
    assert len(first["findings"]) == len(first["claims"]) >= 6
    asked = {one["claim"]["kind"]: one["true"] for one in first["claims"]}
    assert len(asked) == 8, "every kind of claim is asked"
    assert asked["sees"] != asked["sun_patch"], "which of the two is right takes turns"
    assert all(0.2 < room["area"] < 5 for room in first["rooms"])
    done: list[str] = []
    kept = KeptFolder(tmp_path / "kept")
    report = calibrate([5], difficulties=("easy",), kept=kept, progress=done.append)
    assert done == ["claims-5-after-none"]
    again = calibrate([5], difficulties=("easy",), kept=kept, progress=done.append)
    assert again == report
    assert len(done) == 1, "nothing is run twice"
    # The same world again: the same verdicts.
    pairs = list(zip(first["claims"], first["findings"], strict=True))
    assert report["rates"]["all"]["claims"]["all"] == verdicts(pairs)
    page = error_rates_page(report, "geoinv calibrate --worlds 1 --first 5")
    assert "*Simulated.*" in page
    assert "not measured" in page
    # What another state of the program kept is not counted.
    path = next((tmp_path / "kept").iterdir())
    write_json(path, {"program": "another", "facts": first})
    assert kept.read(path.stem) is None


def test_a_world_built_right_and_one_built_wrong_are_told_apart(tmp_path):
    world = make_world("camp", 7, difficulty="easy")
    truth = truth_of(world)
    frame = world.plan.blueprint.frame
    shift = list(truth["scene_shifts_m"].values())[-1]
    row = next(one for one in truth["elements"] if one["element"] and one["building"])
    true = next(one for one in world.plan.blueprint.buildings if one.id == row["building"])
    west, south, east, north = true.outline.bounds
    name = f"{row['sketch'].removeprefix('sketches/')}#{row['element']}"

    def facts(off):
        ground = box(west + off, south, east + off, north)
        there = mapping(to_lonlat(frame, translate(ground, *shift)))
        about = {
            "id": "f",
            "role": "building",
            "probability": 0.9,
            "drawn": [name],
            "height_low_m": 0,
            "height_high_m": 99,
        }
        feature = {"type": "Feature", "geometry": there, "properties": about}
        write_json(tmp_path / "footprints.geojson", {"type": "FeatureCollection", "features": [feature]})
        return whole_way_facts(world, tmp_path)

    right, wrong = facts(0.0), facts(400.0)
    assert sum(plan["near"] for plan in right["placed"]) == 1
    assert right["footprints"] == [[0.9, True]]
    assert right["heights"] == [True]
    assert sum(right["found"]) == 1
    assert sum(plan["near"] for plan in wrong["placed"]) == 0
    assert wrong["footprints"] == [[0.9, False]]
    assert not any(wrong["found"])


def test_the_committed_page_is_what_its_figures_say(repository):
    report = json.loads((repository / "docs" / "error-rates.json").read_text(encoding="utf-8"))
    command = calibrate_command(report["geoinv"]["settings"])
    assert (repository / "docs" / "error-rates.md").read_text(encoding="utf-8") == error_rates_page(report, command)
    assert min(report["seeds"]) >= 1000, "rates on seeds that set things flatter"


def test_stretches_of_seeds_each_begin_anew_and_are_told():
    runs = {}

    class Kept:
        def read(self, name):
            return runs.setdefault(name, {**first, "seed": int(name.split("-")[1])})

        def write(self, name, facts):
            raise AssertionError("all is kept")

    first = {"difficulty": "easy", "location": None, "rooms": [], "cells_held": None, "claims": [], "findings": [],
             "placebo": []}  # fmt: skip
    report = calibrate([5, 6, 9, 10], kept=Kept())
    assert list(runs) == ["claims-5-after-none", "claims-6-after-5", "claims-9-after-none", "claims-10-after-9"]
    settings = {"worlds": 2, "first": 5, "also": ["9-10"], "whole": 0}
    page = error_rates_page(report, calibrate_command(settings))
    assert "4 worlds (seeds 5 to 6, 9 to 10)" in page
    assert "geoinv calibrate --worlds 2 --first 5 --also 9-10`" in page


def test_the_first_world_of_the_committed_report_comes_out_as_it_did(repository):
    report = json.loads((repository / "docs" / "error-rates.json").read_text(encoding="utf-8"))
    kept = report["reference"][0]
    again = json.loads(json.dumps(blind_run(kept["seed"], kept["difficulty"])))
    assert again["claims"] == kept["claims"], "the same is asked"
    assert [one["verdict"] for one in again["findings"]] == [one["verdict"] for one in kept["findings"]]
    # Processors round the last digits differently, which may turn a draw or two.
    for now, then in zip(again["findings"], kept["findings"], strict=True):
        for name in ("model_pass_rate", "rival_pass_rate"):
            assert now.get(name) == pytest.approx(then.get(name), abs=0.03)
    assert again["location"]["error_m"] == pytest.approx(kept["location"]["error_m"], abs=2.0)
    for now, then in zip(again["rooms"], kept["rooms"], strict=True):
        assert now["area"] == pytest.approx(then["area"], rel=0.02)
