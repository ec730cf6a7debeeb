"""`status` says what the disk holds and will hold, and which files came without a word of who handed them over."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from geoinv.case.custody import note_custody
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.overview import overview
from geoinv.records.custody import Custody

Maker = Callable[..., Path]


def _line(lines: list[str], begins: str) -> str:
    (found,) = [line for line in lines if line.startswith(begins)]
    return found


def test_what_is_not_built_yet_is_forecast_from_what_is(make_case: Maker) -> None:
    root = make_case()
    for slug in ("quay", "shoal"):
        home = root / "facilities" / slug
        home.mkdir()
        (home / "facility.yaml").write_text(f"slug: {slug}\nname: {slug} (fictional)\nsimulated: true\n")
    (root / "models" / "reef").mkdir(parents=True)
    (root / "models" / "reef" / "report.html").write_bytes(b" " * 3_000_000)
    with Case.open(root) as case:
        take_in(case, by="ines")
        lines = overview(case)
    assert "models 3 MB; " in _line(lines, "disk: ")
    assert _line(lines, "forecast: building") == "forecast: building the 2 facilities not built yet takes about 6 MB"
    assert re.fullmatch(r"forecast: a facility .* takes about 3 MB; there is room for [\d,]+ more", lines[-1])


def test_of_very_many_facilities_some_folders_stand_for_all(make_case: Maker) -> None:
    root = make_case()
    for number in range(1200):
        home = root / "models" / f"post-{number:04}"
        home.mkdir(parents=True)
        (home / "known.json").write_bytes(b" " * 1000)
    with Case.open(root) as case:
        told = _line(overview(case), "disk: ")
    assert "models 1 MB (judged by 400 of 1200 facilities)" in told


def test_files_nobody_said_the_origin_of_are_counted(make_case: Maker) -> None:
    with Case.open(make_case()) as case:
        assert not any(line.startswith("custody") for line in overview(case)), "there is no file yet"
        take_in(case, by="ines")
        note_custody(case, [Custody(event="received", file="facilities/reef/incidents.csv", sha256="")], by="ines")
        assert _line(overview(case), "custody: ").startswith("custody: of 1 of 2 files that people gave")


def test_who_told_without_being_described_is_counted_and_asked_for(make_case: Maker) -> None:
    root = make_case()
    home = root / "facilities" / "reef"
    (home / "sketches").mkdir()
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect id="b1" width="4" height="3"/></svg>'
    (home / "sketches" / "plan.svg").write_text(drawing)
    (home / "testimony" / "more.yaml").write_text(
        "statements:\n  - {id: s9, witness: w7, kind: pin, point: [-30.002, 5.002], radius_m: 300}\n"
    )
    (root / "models" / "reef").mkdir(parents=True)
    known = {"second_looks": [], "none_probability": 0, "unplaced": 0, "conflicts": 0, "unbound": 0}
    known |= {"expected_error_m": None, "footprints": {}, "rooms": 0}
    (root / "models" / "reef" / "known.json").write_text(json.dumps(known))
    with Case.open(root) as case:
        take_in(case, by="ines")
        lines = overview(case, ["reef"])
    assert "  3 witnesses, 3 statements, 1 drawings, 1 incidents" in lines
    assert "  would help: who drew plan.svg (facility.yaml)" in lines
    assert "  would help: what w7 saw and when, and what they consent to (facility.yaml)" in lines
