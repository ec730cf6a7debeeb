"""Large originals come in by pieces, duplicates once, and what takes a file's place leaves it kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.bringing import bring_in
from geoinv.case.check import check_case
from geoinv.case.folder import Case
from geoinv.case.intake import preview, take_in
from geoinv.errors import InputError
from geoinv.files.hashes import file_sha256

_PINS = "latitude,longitude,witness\n5.0,-30.0,w9\n"
_ADD = """
import resource, sys
from pathlib import Path
from geoinv.case.bringing import bring_in
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
with Case.open(Path(sys.argv[1])) as case:
    take_in(case, by="ines")
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bring_in(case, [Path(sys.argv[2])], facility="reef")
    report = take_in(case, by="ines")
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) // 1024, len(report.files), report.problems)
"""


def test_a_gigabyte_is_added_in_bounded_memory(make_case: Callable[..., Path], tmp_path: Path) -> None:
    root, folder = make_case(), tmp_path / "received"
    folder.mkdir()
    for number in range(4):  # holes on the disk, real bytes to whoever reads them
        with (folder / f"interview-{number}.mp4").open("wb") as stream:
            stream.write(b"film %d" % number)
            stream.truncate(2**28)
    ran = subprocess.run([sys.executable, "-c", _ADD, root, folder], capture_output=True, text=True, check=True)
    grown, files, problems = ran.stdout.split(maxsplit=2)
    assert (int(files), problems.strip()) == (4, "()")
    print(f"1 GB of originals: {grown} MB more memory")
    assert int(grown) < 100, f"{grown} MB"
    with Case.open(root) as case:
        sizes = [row.size for row in case.store.files().values() if row.kind == "recording"]
    assert sum(sizes) == 2**30
    shutil.rmtree(root)  # two gigabytes that nobody looks at


def test_the_same_content_is_taken_in_once_and_told(make_case: Callable[..., Path], tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(_PINS)
    with Case.open(make_case()) as case:
        bring_in(case, [tmp_path / "a.csv", tmp_path / "b.csv"], facility="reef")
        report = {Path(file.path).name: file for file in take_in(case, by="ines").files}
        assert (report["a.csv"].counts, report["a.csv"].same_as) == ({"statement": 1}, None)
        assert (report["b.csv"].counts, report["b.csv"].same_as) == ({}, "facilities/reef/testimony/a.csv")
        (again,) = preview(case, [tmp_path / "a.csv"], facility="reef").files
        assert again.same_as == "facilities/reef/testimony/a.csv"
        assert check_case(case) == []


def test_what_is_brought_under_a_used_name_supersedes_and_the_old_is_kept(
    make_case: Callable[..., Path], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(_PINS)
    before = file_sha256(path)
    with Case.open(make_case()) as case:
        bring_in(case, [path], facility="reef")
        path.write_text(_PINS + "5.1,-30.1,w9\n")  # changed before it was ever taken in: still not lost
        bring_in(case, [path], facility="reef")
        assert (case.originals_dir() / before[:2] / before).is_file()
        path.write_text(_PINS + "5.2,-30.2,w9\n5.3,-30.3,w9\n")
        take_in(case, by="ines")
        bring_in(case, [path], facility="reef")
        (outcome,) = take_in(case, by="ines").files
        assert outcome.supersedes is not None and outcome.counts == {"statement": 3}
        assert len(case.statements("reef").statements) == 5
        assert check_case(case) == []


def test_two_files_of_one_name_do_not_cover_each_other(make_case: Callable[..., Path], tmp_path: Path) -> None:
    for folder, text in (("a", _PINS), ("b", _PINS + "\n5,-30,w1")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "doc.csv").write_text(text)
    with Case.open(make_case()) as case, pytest.raises(InputError, match="two files of one name"):
        bring_in(case, [tmp_path / "a", tmp_path / "b"], facility="reef")


def test_landmarks_that_come_later_let_earlier_statements_in(make_case: Callable[..., Path]) -> None:
    root = make_case()
    testimony = root / "facilities/reef/testimony"
    (testimony / "early.yaml").write_text("statements:\n  - {id: e1, witness: w1, kind: near, landmark: chimney}\n")
    with Case.open(root) as case:
        (problem,) = take_in(case, by="ines").problems
        assert "chimney" in problem
        (testimony / "marks.kml").write_text(
            "<kml><Folder><name>Landmarks</name><Placemark><name>chimney</name><Point><coordinates>-30,5</coordinates>"
            "</Point></Placemark></Folder></kml>"
        )
        report = take_in(case, by="ines")
        assert report.problems == ()
        assert "early.yaml#e1" in {statement.id for statement in case.statements("reef").statements}
        (testimony / "marks.kml").write_text("<kml/>")  # the statement keeps the landmark it was read with
        take_in(case, by="ines")
        assert "chimney" in case.statements("reef").landmarks
        assert check_case(case) == []


def test_a_note_beside_a_drawing_or_scene_is_read_with_it(make_case: Callable[..., Path]) -> None:
    root = make_case()
    sketches = root / "facilities/reef/sketches"
    sketches.mkdir()
    (sketches / "plan.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    with Case.open(root) as case:
        take_in(case, by="ines")
        assert case.sketches("reef")[0].witness is None
        (sketches / "plan.yaml").write_text("witness: w1\ndrawn_by: interviewer\nperiod: 2009~\nexposure: [imagery]\n")
        take_in(case, by="ines")
        (sketch,) = case.sketches("reef")
    assert (sketch.witness, sketch.drawn_by, str(sketch.period)) == ("w1", "interviewer", "2009~")
    assert sketch.seen_before == ("imagery",)
