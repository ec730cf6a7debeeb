"""Bad input all at once in a tiny fictional case: each gets a sentence, the rest is built, nothing recorded is lost."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from shapely.geometry import shape

from geoinv.case.build import BuildReport, build
from geoinv.case.check import check_case
from geoinv.case.folder import Case
from tests.case.tiny import BUILDINGS, ELSEWHERE, on_ground, plan_svg, write_case, write_scene

_GEOINV = str(Path(sys.executable).with_name("geoinv"))

#: Kept as it is by a person's choice of words, not parsed: what each bad file must be told by.
_TOLD = {
    "imagery/cut.tif": ("cut.tif", "damaged or incomplete", "export it again"),
    "imagery/nowhere.tif": ("nowhere.tif, CRS", "where on the Earth", "georeference it"),
    "facilities/reef/testimony/bomb.kml": ("bomb.kml", "entities", "plain KML"),
    "facilities/reef/testimony/escape.kmz": ("escape.kmz, member", "outside its folder", "make the archive again"),
    "facilities/reef/testimony/swapped.csv": ("swapped.csv, row 2, latitude", "swapped", "swap the two columns"),
}


def _spoil(root: Path) -> None:
    facility, imagery = root / "facilities" / "reef", root / "imagery"
    testimony, sketches = facility / "testimony", facility / "sketches"
    whole = (imagery / "scene.tif").read_bytes()
    (imagery / "cut.tif").write_bytes(whole[: len(whole) // 2])
    with warnings.catch_warnings(), rasterio.open(imagery / "scene.tif") as scene:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        bare = {name: scene.profile[name] for name in ("driver", "count", "height", "width", "dtype")}
        with rasterio.open(imagery / "nowhere.tif", "w", **bare) as target:
            target.write(scene.read())
    write_scene(imagery / "undated.tif", list(BUILDINGS.values()), date=None)
    with (imagery / "undated.tif").open("ab") as undated:  # else it would be the other scene once more
        undated.write(b"\0")
    levels = "".join(f'<!ENTITY {"abcdefgh"[n + 1]} "{("&" + "abcdefgh"[n] + ";") * 10}">' for n in range(7))
    (testimony / "bomb.kml").write_text(
        f'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaaaaaaaa">{levels}]>'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>&h;</name></Document></kml>'
    )
    with zipfile.ZipFile(testimony / "escape.kmz", "w") as archive:
        archive.writestr("../../evil.kml", "<kml/>")
        archive.writestr("doc.kml", '<kml xmlns="http://www.opengis.net/kml/2.2"/>')
    (testimony / "korean.csv").write_bytes("이름,위도,경도,증인\n정문,5.0002,-30.0001,w3\n".encode("cp949"))
    (testimony / "swapped.csv").write_text("latitude,longitude,witness\n130.1,5.0,w4\n-30.0001,5.0002,w5\n")
    line = '<path d="M10,10 L90,90" stroke="black" fill="none"/>'
    (sketches / "line.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 99">{line}</svg>')
    (sketches / "elsewhere.svg").write_text(plan_svg(ELSEWHERE))


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildReport]:
    """A case with everything wrong at once, built."""
    root = write_case(tmp_path_factory.mktemp("bad") / "case")
    _spoil(root)
    with warnings.catch_warnings():
        warnings.simplefilter("error", NotGeoreferencedWarning)  # nobody can act on a warning of a library
        with Case.open(root) as case:
            return root, build(case, by="ines")


@pytest.mark.parametrize("path", _TOLD)
def test_each_bad_file_gets_one_sentence(spoilt: tuple[Path, BuildReport], path: str) -> None:
    (outcome,) = [file for file in spoilt[1].intake.files if file.path == path]
    assert len(outcome.problems) == 1
    assert all(words in outcome.problems[0] for words in _TOLD[path])
    assert outcome.problems[0].endswith(".") and "\n" not in outcome.problems[0]


def test_nothing_else_is_complained_of(spoilt: tuple[Path, BuildReport]) -> None:
    assert {file.path for file in spoilt[1].intake.files if file.problems} == set(_TOLD)


def test_a_scene_without_a_date_is_used_and_said_to_bound_nothing(spoilt: tuple[Path, BuildReport]) -> None:
    (outcome,) = [file for file in spoilt[1].intake.files if file.path == "imagery/undated.tif"]
    assert outcome.counts == {"scene": 1} and any("without a date" in note for note in outcome.notes)


def test_a_korean_table_is_read_rightly(spoilt: tuple[Path, BuildReport]) -> None:
    with Case.open(spoilt[0]) as case:
        (pin,) = [s for s in case.statements("reef").statements if s.id.startswith("korean.csv")]
    assert (pin.point, pin.witness) == ((-30.0001, 5.0002), "w3")


def test_a_swapped_row_that_could_be_a_place_is_found_out_by_the_others(spoilt: tuple[Path, BuildReport]) -> None:
    (problem,) = [p for p in spoilt[1].facilities[0].problems if p.startswith("swapped.csv")]
    assert "km from what else was said" in problem and "swap them" in problem


def test_a_drawing_of_one_line_is_told_with_what_would_help(spoilt: tuple[Path, BuildReport]) -> None:
    assert any(p.startswith("line.svg: ") and "ties" in p for p in spoilt[1].facilities[0].problems)


def test_a_drawing_of_another_place_is_told_and_not_placed(spoilt: tuple[Path, BuildReport]) -> None:
    root, report = spoilt
    assert any(p.startswith("elsewhere.svg: ") and "fits no place" in p for p in report.facilities[0].problems)
    match = json.loads((root / "models/reef/match.json").read_text())
    assert all(set(placement["sketches"]) == {"plan.svg"} for placement in match["placements"])
    footprints = json.loads((root / "models/reef/footprints.geojson").read_text())["features"]
    assert not any(name.startswith(("elsewhere", "line")) for f in footprints for name in f["properties"]["drawn"])


def test_every_problem_is_a_sentence_and_none_a_fault_of_ours(spoilt: tuple[Path, BuildReport]) -> None:
    for problem in spoilt[1].facilities[0].problems:
        assert problem.endswith(".") and "\n" not in problem and "fault in geoinv" not in problem


def test_the_rest_of_the_case_is_built_as_if_nothing_were_wrong(spoilt: tuple[Path, BuildReport]) -> None:
    models = spoilt[0] / "models" / "reef"
    found = {
        name: shape(feature["geometry"])
        for feature in json.loads((models / "footprints.geojson").read_text())["features"]
        for name in feature["properties"]["drawn"]
    }
    for name in BUILDINGS:
        outline, true = found[f"plan.svg#{name}"], on_ground(name)
        assert outline.intersection(true).area / outline.union(true).area > 0.75, name
    for name in ("location.geojson", "blueprint.json", "model.glb", "incidents.geojson", "report.html", "map.html"):
        assert (models / name).stat().st_size > 0
    bound = json.loads((models / "bindings.json").read_text())["bindings"]
    assert [binding["how"] for binding in bound] == ["label", "label"]


def test_nothing_recorded_is_lost_and_nothing_got_out(spoilt: tuple[Path, BuildReport]) -> None:
    root, _ = spoilt
    assert not list(root.parent.rglob("evil.kml"))
    with Case.open(root) as case:
        assert check_case(case) == []
        assert len(case.store.files()) == sum(
            path.is_file() for top in ("facilities", "imagery") for path in (root / top).rglob("*")
        )


def test_an_empty_folder_is_told_and_changes_nothing(tmp_path: Path) -> None:
    root = write_case(tmp_path / "case")
    (tmp_path / "nothing").mkdir()
    ran = subprocess.run(
        [_GEOINV, "add", tmp_path / "nothing", "--case", root, "--facility", "reef"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1 and ran.stdout == ""
    assert (
        ran.stderr == f"{tmp_path / 'nothing'}: this folder is empty; name a folder or files with something in them.\n"
    )


def _without_privilege() -> None:
    """Take from a superuser's program the right to write where permissions forbid it (capabilities(7))."""
    if os.geteuid() == 0:
        drop, write_anywhere = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
        if ctypes.CDLL(None).prctl(drop, write_anywhere, 0, 0, 0):
            raise OSError("the privilege cannot be dropped here")


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A case taken in once, of which nothing may be written any more."""
    root = write_case(tmp_path / "case")
    subprocess.run([_GEOINV, "-q", "add", root / "facilities", "--case", root], check=True)
    paths = [root, *root.rglob("*")]
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)
    yield root
    for path in paths:
        path.chmod(path.stat().st_mode | 0o200)


def test_a_read_only_folder_is_told_and_loses_nothing(read_only: Path) -> None:
    def typed(*words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [_GEOINV, *map(str, words)]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, preexec_fn=_without_privilege
        )

    before = {path: path.read_bytes() for path in sorted(read_only.rglob("*")) if path.is_file()}
    built = typed("build", "--case", read_only)
    assert built.returncode == 1
    assert "cannot be written" in built.stderr and "permission" in built.stderr and "Traceback" not in built.stderr
    assert len(built.stderr.splitlines()) == 1
    decided = typed("decide", "place", "reef", "plan.svg", "--nowhere", "--reason", "x", "--case", read_only)
    assert decided.returncode == 1 and "cannot be written" in decided.stderr
    assert typed("verify", read_only).returncode == 0, "what cannot be written can still be checked"
    assert {path: path.read_bytes() for path in sorted(read_only.rglob("*")) if path.is_file()} == before


def test_a_file_where_a_folder_must_be_is_told(tmp_path: Path) -> None:
    root = write_case(tmp_path / "case")
    (root / "models").rmdir()
    (root / "models").write_text("in the way")
    ran = subprocess.run([_GEOINV, "build", "--case", root], capture_output=True, text=True, check=False)
    assert "models" in ran.stderr and "cannot be written" in ran.stderr and "Traceback" not in ran.stderr
    assert subprocess.run([_GEOINV, "-q", "verify", root], check=False).returncode == 0
