"""The page of formats and the programs that read them say the same: every suffix, for what it is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geoinv.case import kinds
from geoinv.case.kinds import SCENES, kind_of
from geoinv.case.parsers import PARSERS
from geoinv.files.limits import MEGABYTE, MOST_DEPTH, MOST_ROWS
from geoinv.files.references import REFERENCE_SUFFIXES
from geoinv.files.texts import texts_in
from scripts.odd_files import by_format, markdown

_PAGE = (Path(__file__).resolve().parents[2] / "docs/formats.md").read_text(encoding="utf-8")
_FOLDERS = {"Testimony": "facilities/reef/testimony", "Drawings": "facilities/reef/sketches", "Scenes": "imagery"}


def _rows(section: str) -> list[tuple[list[str], str, str]]:
    """Suffixes, kind and the whole row, of one section's table."""
    text = _PAGE.split(f"## {section}", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return [(re.findall(r"`(\.\w+)`", one[0]), one[1].strip("`"), " ".join(one)) for one in cells]


@pytest.mark.parametrize("section", _FOLDERS)
def test_every_suffix_of_the_page_is_taken_for_what_it_says(section: str) -> None:
    for suffixes, kind, _ in _rows(section):
        for suffix in suffixes:
            assert kind_of(Path(_FOLDERS[section], f"a{suffix}"))[0] == kind, suffix
        assert kind in PARSERS or kind in ("part", "note", "sidecar")


@pytest.mark.parametrize("section", _FOLDERS)
def test_every_suffix_that_is_read_stands_on_the_page_once(section: str) -> None:
    listed = [suffix for suffixes, _, _ in _rows(section) for suffix in suffixes]
    known = {*kinds._BY_SUFFIX, *kinds._DRAWINGS, *SCENES, *kinds._BESIDE, *REFERENCE_SUFFIXES}
    read = {suffix for suffix in known if kind_of(Path(_FOLDERS[section], f"a{suffix}"))[0] != "unknown"}
    assert sorted(listed) == sorted(read)


def test_every_parser_stands_on_the_page() -> None:
    told = {kind for section in _FOLDERS for _, kind, _ in _rows(section)}
    assert set(PARSERS) - told == {"facility", "incidents"}
    assert "`facility.yaml`" in _PAGE and "`incidents…`" in _PAGE
    for suffix in (".csv", ".tsv", ".xlsx", ".yaml", ".yml", ".json"):
        assert kind_of(Path("facilities/reef", f"사건{suffix}"))[0] == "incidents"


def test_the_limits_are_those_of_the_programs() -> None:
    from geoinv.files import archives, places, references, svg

    rows = {kind: row for section in _FOLDERS for _, kind, row in _rows(section)}
    assert f"{MOST_DEPTH} levels" in rows["pins"] and f"{MOST_ROWS:,} features" in rows["places"]
    assert f"{places._MOST_BYTES // MEGABYTE} MB" in rows["places"] and f"{MOST_ROWS:,} rows" in rows["table"]
    assert f"{references._MOST // MEGABYTE} MB" in rows["reference"]
    assert f"{archives._MOST_MEMBERS:,} members" in rows["archive"]
    assert f"{archives._MOST_TOTAL // MEGABYTE} MB unpacked, {archives._MOST_RATIO} : 1" in rows["archive"]
    assert f"{svg._MOST_STROKES:,} strokes" in _PAGE


def test_what_looks_through_files_knows_every_suffix_of_the_page(tmp_path: Path) -> None:
    for section in _FOLDERS:
        for suffixes, _, _ in _rows(section):
            for suffix in suffixes:
                (tmp_path / f"a{suffix}").write_bytes(b"\xff\xfe\xfd\xfc\xfb")
                assert list(texts_in(tmp_path / f"a{suffix}")), suffix


def test_what_the_odd_files_gave_stands_on_the_page() -> None:
    assert markdown(by_format()) in _PAGE, "print it anew: python scripts/odd_files.py"
