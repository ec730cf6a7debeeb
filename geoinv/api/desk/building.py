"""A build as a process of its own (``python -m geoinv.api.desk.building CASE WHO``): JSON by lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from geoinv.api.desk.keeping import desk_folder
from geoinv.api.desk.states import States
from geoinv.case.build import STEPS, BuildReport, build
from geoinv.case.folder import Case
from geoinv.errors import GeoinvError

__all__ = ["main"]


def main(root: Path, by: str) -> int:
    """Build a case and tell of it on standard output.

    Returns
    -------
    int
        0, or 1 if it could not be done.
    """
    try:
        with Case.open(root) as case:
            slugs = [facility.slug for facility in case.facilities()]
            report = build(case, by=by, progress=lambda doing: _say({"doing": doing, **_share(doing, slugs)}))
            states = States(desk_folder(root) / "states")
            for facility in report.facilities:
                states.keep(case, facility.slug)
    except GeoinvError as error:
        _say({"failed": error.sentence()})
        return 1
    _say({"told": _told(report)})
    return 0


def _share(doing: str, slugs: Sequence[str]) -> dict[str, Any]:
    """How much of the build is behind it, of every step of every facility, and which step of which this is."""
    slug, _, step = doing.partition(": ")
    if slug not in slugs or step not in STEPS:
        return {}
    before = slugs.index(slug) * len(STEPS) + list(STEPS).index(step)
    return {"share": round(before / (len(slugs) * len(STEPS)), 4), "facility": slug, "step": step}


def _told(report: BuildReport) -> list[str]:
    """What could not be understood or done, and what a person should know, a sentence each."""
    found = [*report.intake.problems]
    for path in report.intake.held_back:
        found.append(f"{path} is held back until somebody has looked whether it names anyone.")
    for facility in report.facilities:
        found += [*facility.held_back, *facility.problems]
    return [*found, *report.notes]


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
