"""What is taken in is whole, kept as received, and told in words; what is odd costs nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.bringing import bring_in
from geoinv.case.chain import check_chain
from geoinv.case.check import check_case
from geoinv.case.folder import Case
from geoinv.case.intake import preview, take_in
from geoinv.case.kinds import kind_of
from geoinv.errors import CaseLockedError, InputError, NewerVersionError, NotACaseError
from geoinv.files.hashes import file_sha256


def test_every_record_arrives_and_is_told(make_case: Callable[..., Path]) -> None:
    with Case.open(make_case()) as case:
        report = take_in(case, by="ines")
        said = case.statements("reef")
        assert [statement.id for statement in said.statements] == ["said.yaml#s1", "said.yaml#s2"]
        assert said.dependent == (("w2", "w1"),)
        assert [incident.id for incident in case.incident_records("reef")] == ["i1"]
        assert {file.path: file.counts for file in report.files}["facilities/reef/testimony/said.yaml"] == {
            "landmark": 1,
            "statement": 2,
        }
        assert report.problems == ()


def test_a_second_intake_finds_nothing_new(make_case: Callable[..., Path]) -> None:
    with Case.open(make_case()) as case:
        take_in(case, by="ines")
        head = case.ledger.head
        assert take_in(case, by="ines").files == ()
        assert case.ledger.head == head


def test_a_file_only_touched_is_not_taken_in_again(make_case: Callable[..., Path]) -> None:
    root = make_case()
    with Case.open(root) as case:
        take_in(case, by="ines")
        os.utime(root / "facilities/reef/incidents.csv", (1, 1))
        assert take_in(case, by="ines").files == ()


def test_a_new_version_supersedes_and_the_old_is_kept(make_case: Callable[..., Path]) -> None:
    root = make_case()
    path = root / "facilities/reef/incidents.csv"
    before = file_sha256(path)
    with Case.open(root) as case:
        take_in(case, by="ines")
        path.write_text(path.read_text() + "i2,2020,Yard,w1,search,Fictional: another\n")
        (outcome,) = take_in(case, by="ines").files
        assert outcome.supersedes == before
        assert [incident.id for incident in case.incident_records("reef")] == ["i1", "i2"]
        assert (case.originals_dir() / before[:2] / before).is_file()
        assert check_case(case) == []


def test_one_bad_file_leaves_the_rest(make_case: Callable[..., Path]) -> None:
    root = make_case()
    testimony = root / "facilities/reef/testimony"
    (testimony / "bomb.kml").write_text(
        '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        "<kml><Document><name>&b;</name></Document></kml>"
    )
    (testimony / "broken.yaml").write_text("statements: [\n")
    (testimony / "list.xyz").write_bytes(b"ID3")
    (root / "imagery" / "cut.tif").write_bytes(b"II*\x00\x08")
    with Case.open(root) as case:
        report = take_in(case, by="ines")
        problems = {Path(file.path).name: file.problems for file in report.files if file.problems}
        assert set(problems) == {"bomb.kml", "broken.yaml", "list.xyz", "cut.tif"}
        assert all(len(sentences) == 1 and sentences[0].endswith(".") for sentences in problems.values())
        assert len(case.statements("reef").statements) == 2
        assert check_case(case) == []


def test_a_facility_without_its_record_goes_by_its_folder(make_case: Callable[..., Path]) -> None:
    root = make_case()
    (root / "facilities/reef/facility.yaml").unlink()
    with Case.open(root) as case:
        take_in(case, by="ines")
        assert [(facility.slug, facility.simulated) for facility in case.facilities()] == [("reef", True)]


def test_a_dry_run_changes_nothing(make_case: Callable[..., Path], tmp_path: Path) -> None:
    pins = tmp_path / "w9.csv"
    pins.write_text("latitude,longitude,witness\n5.0,-30.0,w9\n")
    with Case.open(make_case()) as case:
        head = case.ledger.head
        (outcome,) = preview(case, [pins], facility="reef").files
        assert outcome.counts == {"statement": 1}
        assert case.ledger.head == head
        assert not (case.root / outcome.path).exists()


def test_files_brought_in_go_to_their_place_unchanged(make_case: Callable[..., Path], tmp_path: Path) -> None:
    pins = tmp_path / "w9.csv"
    pins.write_text("latitude,longitude,witness\n5.0,-30.0,w9\n")
    with Case.open(make_case()) as case:
        (placed,) = bring_in(case, [pins], facility="reef")
        assert placed == Path("facilities/reef/testimony/w9.csv")
        assert (case.root / placed).read_bytes() == pins.read_bytes()


def test_the_cases_own_folder_means_what_people_gave_and_not_what_was_built(make_case: Callable[..., Path]) -> None:
    root = make_case()
    built = root / "models" / "reef" / "footprints.geojson"
    built.parent.mkdir(parents=True, exist_ok=True)
    built.write_text('{"type": "FeatureCollection", "features": []}')
    with Case.open(root) as case:
        take_in(case, by="ines")
        brought = {path.parts[0] for path in bring_in(case, [root], facility=None)}
    assert brought and brought <= {"facilities", "imagery"}


def test_an_empty_folder_and_an_unsaid_facility_are_refused_in_a_sentence(
    make_case: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "nothing").mkdir()
    (tmp_path / "w9.csv").write_text("a\n")
    with Case.open(make_case()) as case:
        with pytest.raises(InputError, match="empty"):
            bring_in(case, [tmp_path / "nothing"], facility="reef")
        with pytest.raises(InputError, match="--facility"):
            bring_in(case, [tmp_path / "w9.csv"], facility=None)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("facilities/a/facility.yaml", "facility"),
        ("facilities/a/incidents.csv", "incidents"),
        ("facilities/a/testimony/w1.kml", "pins"),
        ("facilities/a/testimony/kobo.csv", "table"),
        ("facilities/a/sketches/plan.svg", "sketch"),
        ("facilities/a/sketches/plan.tif", "sketch"),
        ("imagery/scene.tif", "scene"),
        ("imagery/scene.json", "sidecar"),
        ("facilities/a/testimony/talk.docx", "transcript"),
        ("facilities/a/testimony/talk.mp3", "recording"),
        ("facilities/a/testimony/list.xyz", "unknown"),
    ],
)
def test_a_files_kind_follows_from_its_place_and_suffix(path: str, kind: str) -> None:
    assert kind_of(Path(path))[0] == kind


def test_a_folder_that_is_no_case_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotACaseError, match="geoinv init"):
        Case.open(tmp_path)


def test_a_case_of_a_newer_version_is_refused(make_case: Callable[..., Path]) -> None:
    root = make_case()
    with Case.open(root) as case:
        case.store._db.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerVersionError):
        Case.open(root)


def test_a_second_writer_is_told_to_wait(make_case: Callable[..., Path]) -> None:
    root = make_case()
    with (
        Case.open(root) as first,
        Case.open(root, timeout=0.05) as second,
        first.store.writing(),
        pytest.raises(CaseLockedError, match="wait"),
    ):
        take_in(second, by="ines")


def test_an_intake_killed_at_any_moment_loses_nothing(make_case: Callable[..., Path]) -> None:
    root = make_case()
    testimony = root / "facilities/reef/testimony"
    for number in range(40):
        rows = "".join(f"5.{row:03},-30.{number:03},w{number}\n" for row in range(20))
        (testimony / f"pins-{number}.csv").write_text("latitude,longitude,witness\n" + rows)
    program = (
        "import sys; from pathlib import Path\n"
        "from geoinv.case.folder import Case; from geoinv.case.intake import take_in\n"
        "with Case.open(Path(sys.argv[1])) as case: print('ready', flush=True); take_in(case, by='ines')"
    )
    for delay in (0.0, 0.15, 0.4, 0.8):
        process = subprocess.Popen([sys.executable, "-c", program, str(root)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with Case.open(root) as case:
            assert check_chain(case.store) == []
    with Case.open(root) as case:
        take_in(case, by="ines")
        assert len(case.statements("reef").statements) == 2 + 40 * 20
        assert check_case(case) == []
