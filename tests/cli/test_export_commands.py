"""What people type to hand things on: dossier, annex, export, requests, and what is said about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.whole_case import write_whole_case

SLUG = "example-centre"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_whole_case(tmp_path_factory.mktemp("typed"))


def test_a_dossier_is_written_for_an_audience_and_internally_with_a_warning(geoinv, root: Path, tmp_path: Path) -> None:
    ran = geoinv("dossier", SLUG, "--case", root, "--format", "html", "--audience", "partners", "-o", tmp_path)
    assert ran.status == 0 and ran.out.strip().endswith("example-centre-dossier-partners.html")
    assert "Internal" not in ran.out and (tmp_path / "example-centre-dossier-partners.html").stat().st_size > 50_000
    inside = geoinv("annex", "--case", root, "--format", "html", "-o", tmp_path)
    assert inside.status == 0 and (tmp_path / "annex-internal.html").is_file()


def test_an_export_says_what_it_carries(geoinv, root: Path, tmp_path: Path) -> None:
    ran = geoinv("export", "--case", root, "--format", "uwazi,kmz", "-o", tmp_path)
    assert ran.status == 0 and "INTERNAL" in ran.err and "codenames" in ran.err
    assert {path.suffix for path in tmp_path.glob("*internal*")} == {".csv", ".kmz"}


def test_a_request_is_granted_and_used_by_name(geoinv, root: Path, tmp_path: Path) -> None:
    granted = geoinv(
        "decide", "request", "request-court-2", "--case", root, "--requester", "court-2", "--within", "partners",
        "--incident", f"{SLUG}/inc-canary-2", "--until", "2027-01-01", "--reason", "asked in writing", "--by", "ines",
    )  # fmt: skip
    assert granted.status == 0 and "Recorded" in granted.out
    words = ("dossier", SLUG, "--case", root, "--format", "html", "--audience", "request-court-2", "-o", tmp_path)
    late = geoinv(*words)
    assert late.status == 1 and "2027-01-01" in late.err and not list(tmp_path.iterdir())
    assert geoinv(*words, "--on", "2026-05-01").status == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [(("dossier", SLUG, "--format", "odt"), 2), (("dossier", "elsewhere"), 1), (("export", "--format", "dwg"), 2),
     (("annex", "--format", "bundle"), 2), (("dossier", SLUG, "--since", "soon"), 2),
     (("dossier", SLUG, "--theme", "weather", "--format", "html"), 2)],
)  # fmt: skip
def test_what_cannot_be_made_is_one_sentence(geoinv, root: Path, words: tuple[str, ...], status: int) -> None:
    ran = geoinv(*words, "--case", root)
    assert ran.status == status and len(ran.err.strip().splitlines()) == 1 and "Traceback" not in ran.err
