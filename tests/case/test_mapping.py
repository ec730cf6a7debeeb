"""A facility's map without a server, in each format."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from geoinv.case.build import Job
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.making import locate
from geoinv.case.mapping import MAP_FORMATS, write_map
from geoinv.case.steps import StepLog
from geoinv.errors import CaseError, FieldError
from tests.case.compound import BLOCK, HUT, footprint, write_footprints, write_scene
from tests.case.conftest import write_small_case


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    root = write_small_case(tmp_path_factory.mktemp("map") / "case")
    write_scene(root / "imagery" / "scene-2014.tif", "2014-06-01T03:00:00Z")
    opened = Case.open(root)
    take_in(opened, by="ines")
    folder = opened.models_dir("reef")
    locate.make(Job(opened, opened.facility("reef"), StepLog.load(folder)), folder)
    write_footprints(folder, (footprint("block", BLOCK), footprint("hut", HUT)))
    return opened


@pytest.mark.parametrize("form", MAP_FORMATS)
def test_each_format_is_what_it_says(case: Case, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"map.{form}"
    write_map(case, "reef", target, format_=form, dpi=96)
    head = {"html": b"<!DOCTYPE html>", "svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}[form]
    assert target.read_bytes().lstrip().startswith(head)


def test_dots_per_inch_set_how_many_pixels_a_png_has(case: Case, tmp_path: Path) -> None:
    sizes = []
    for dpi in (48, 96):
        write_map(case, "reef", tmp_path / "map.png", format_="png", dpi=dpi)
        sizes.append(Image.open(io.BytesIO((tmp_path / "map.png").read_bytes())).width)
    assert sizes[1] == pytest.approx(2 * sizes[0], abs=2)


def test_a_pdf_can_be_searched_for_a_building_and_says_that_it_is_fictional(case: Case, tmp_path: Path) -> None:
    write_map(case, "reef", tmp_path / "map.pdf", format_="pdf")
    document = pypdfium2.PdfDocument(tmp_path / "map.pdf")
    text = document[0].get_textpage().get_text_range()
    assert "block" in text and "FICTIONAL" in text


def test_the_map_speaks_korean(case: Case, tmp_path: Path) -> None:
    write_map(case, "reef", tmp_path / "map.svg", format_="svg", lang="ko")
    assert "가상" in (tmp_path / "map.svg").read_text(encoding="utf-8")


def test_the_same_map_twice_is_the_same_bytes(case: Case, tmp_path: Path) -> None:
    for form in ("html", "pdf"):
        write_map(case, "reef", tmp_path / "one", format_=form)
        write_map(case, "reef", tmp_path / "two", format_=form)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_what_cannot_be_drawn_is_said(case: Case, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="reef"):
        write_map(case, "nowhere", tmp_path / "map.html")
    with pytest.raises(FieldError, match="bmp"):
        write_map(case, "reef", tmp_path / "map.bmp", format_="bmp")
    with pytest.raises(FieldError, match="xx"):
        write_map(case, "reef", tmp_path / "map.html", lang="xx")


def test_an_unbuilt_facility_is_told_to_build(tmp_path: Path) -> None:
    root = write_small_case(tmp_path / "case")
    with Case.open(root) as fresh:
        take_in(fresh, by="ines")
        with pytest.raises(CaseError, match="geoinv build"):
            write_map(fresh, "reef", tmp_path / "map.html")
