"""A corpus of odd files taken in at once: each gives what it holds or one plain sentence, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from geoinv.case.check import check_case
from geoinv.case.folder import Case
from geoinv.case.intake import FileOutcome, IntakeReport, take_in
from tests.case.odd import ODD, Odd

_SETTINGS = 'title = "Odd files (fictional)"\nsimulated = true\nmint_seed = 5\n'


def lay(root: Path) -> dict[str, str]:
    """Make a case with every odd file in a facility of its own; path by name."""
    root.mkdir()
    (root / "case.toml").write_text(_SETTINGS)
    paths = {}
    for number, odd in enumerate(ODD):
        folder = "imagery" if odd.folder == "imagery" else f"facilities/f{number:03}/{odd.folder}".rstrip("/")
        for name, data in {odd.name: odd.data, **odd.beside}.items():
            (root / folder).mkdir(parents=True, exist_ok=True)
            (root / folder / name).write_bytes(data)
        paths[odd.name] = f"{folder}/{odd.name}"
    return paths


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, FileOutcome], IntakeReport]:
    """The case, what became of each odd file by name, and the whole report."""
    root = tmp_path_factory.mktemp("odd") / "case"
    paths = lay(root)
    with Case.open(root) as case:
        report = take_in(case, by="ines")
    found = {outcome.path: outcome for outcome in report.files}
    return root, {name: found[path] for name, path in paths.items()}, report


def test_the_corpus_is_large_and_of_many_formats() -> None:
    assert len(ODD) >= 200
    assert len({odd.name for odd in ODD}) == len(ODD)
    assert len(Counter(odd.format for odd in ODD)) >= 40


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_each_gives_what_it_holds_or_a_sentence(
    taken: tuple[Path, dict[str, FileOutcome], IntakeReport], odd: Odd
) -> None:
    outcome = taken[1][odd.name]
    assert outcome.counts == dict(odd.gives), outcome
    assert len(outcome.problems) == odd.problems, outcome.problems
    told = "\n".join((*outcome.problems, *outcome.assumed, *outcome.notes))
    assert all(words in told for words in odd.says), told
    for sentence in outcome.problems:
        assert odd.name.rpartition(".")[0] in sentence and "\n" not in sentence and sentence.endswith(".")
        assert "fault in geoinv" not in sentence and "Traceback" not in sentence


def test_what_lay_inside_others_is_taken_in_by_itself(
    taken: tuple[Path, dict[str, FileOutcome], IntakeReport],
) -> None:
    inside = [file for file in taken[2].files if ".unpacked/" in file.path]
    assert sorted((Path(file.path).name, *file.counts) for file in inside) == [
        ("a.kml", "statement"), ("a.png", "reference"), ("b.csv", "statement"), ("pins.csv", "statement"),
        ("지도.kml", "statement"),
    ]  # fmt: skip
    (laid,) = [file for file in taken[2].files if file.kind == "scene" and "overlay" in file.path]
    assert laid.counts == {"scene": 1}


def test_every_original_is_kept_and_nothing_got_out(
    taken: tuple[Path, dict[str, FileOutcome], IntakeReport],
) -> None:
    root = taken[0]
    for odd in ODD:
        assert (root / taken[1][odd.name].path).read_bytes() == odd.data
    assert sorted(path.name for path in root.parent.iterdir()) == ["case"]
    with Case.open(root) as case:
        assert check_case(case) == []
        on_disk = sum(path.is_file() for top in ("facilities", "imagery") for path in (root / top).rglob("*"))
        assert len(case.store.files()) == on_disk


def test_a_second_intake_finds_nothing_new(taken: tuple[Path, dict[str, FileOutcome], IntakeReport]) -> None:
    with Case.open(taken[0]) as case:
        assert take_in(case, by="ines").files == ()


def test_every_facility_of_the_corpus_can_be_read_back(
    taken: tuple[Path, dict[str, FileOutcome], IntakeReport],
) -> None:
    with Case.open(taken[0]) as case:
        for facility in case.facilities():
            case.statements(facility.slug)
            case.sketches(facility.slug)
            case.incident_records(facility.slug)
