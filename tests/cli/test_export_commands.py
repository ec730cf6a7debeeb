"""What people type to hand things on: dossier, annex, export, requests, and what is said about them."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from hashlib import sha256
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


def test_each_command_leaves_an_entry_with_the_hash_of_every_file(geoinv, root: Path, tmp_path: Path) -> None:
    for words in (("dossier", SLUG, "--audience", "partners", "--format", "html"), ("annex", "--format", "html"),
                  ("export", "--format", "uwazi")):  # fmt: skip
        assert geoinv(*words, "--case", root, "--by", "bo", "-o", tmp_path).status == 0
    told = geoinv("custody", "handed-out", "--case", root).out
    for path in tmp_path.iterdir():
        assert f"{sha256(path.read_bytes()).hexdigest()}  {path.name}" in told
    mine = [line.split("  ")[1] for line in told.splitlines() if "made by bo" in line]
    assert [line.partition(f" of {SLUG}, ")[0] for line in mine] == ["dossier", "annex", "export"]
    assert "for “partners”; made by bo through geoinv dossier" in mine[0] and "internal" in mine[2]
    assert geoinv("verify", root).status == 0


def _without_privilege() -> None:
    if os.geteuid() == 0 and ctypes.CDLL(None).prctl(24, 1, 0, 0, 0):  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
        raise OSError("the privilege cannot be dropped here")


def test_a_case_that_can_only_be_read_is_handed_out_of_with_a_plain_word(root: Path, tmp_path: Path) -> None:
    paths = [root, *root.rglob("*")]
    words = ("annex", SLUG, "--format", "html", "--case", str(root), "-o", str(tmp_path))
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        ran = subprocess.run(
            [str(Path(sys.executable).with_name("geoinv")), *words],
            capture_output=True, text=True, check=False, preexec_fn=_without_privilege,
        )  # fmt: skip
    finally:
        for path in paths:
            path.chmod(path.stat().st_mode | 0o200)
    assert ran.returncode == 0 and (tmp_path / "annex-internal.html").is_file(), ran.stderr
    word = "This case cannot be written: note elsewhere what you hand out, its ledger does not."
    assert ran.stderr.splitlines() == [word]


@pytest.mark.parametrize(
    ("words", "status"),
    [(("dossier", SLUG, "--format", "odt"), 2), (("dossier", "elsewhere"), 1), (("export", "--format", "dwg"), 2),
     (("annex", "--format", "bundle"), 2), (("dossier", SLUG, "--since", "soon"), 2),
     (("dossier", SLUG, "--theme", "weather", "--format", "html"), 2)],
)  # fmt: skip
def test_what_cannot_be_made_is_one_sentence(geoinv, root: Path, words: tuple[str, ...], status: int) -> None:
    ran = geoinv(*words, "--case", root)
    assert ran.status == status and len(ran.err.strip().splitlines()) == 1 and "Traceback" not in ran.err
