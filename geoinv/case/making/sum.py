"""Step “sum”: what is known of the facility now, in numbers, and which decisions the evidence speaks against."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from geoinv.case.build import Job
from geoinv.case.making.common import made_by, match_of
from geoinv.case.reading import built_bindings, built_footprints, built_location, built_rooms, built_unplaced
from geoinv.case.second_looks import second_looks
from geoinv.files.atomic import write_json

__all__ = ["make"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``known.json``, from which ``status`` reads; the decisions to look at again are its problems."""
    built = job.log.folder
    location, match, rooms = built_location(built), match_of(job), built_rooms(built)
    statuses = Counter(one.status.value for one in built_footprints(built))
    looks = second_looks(job.case, job.facility.slug)
    known = {
        "geoinv": made_by(job, "sum"),
        "expected_error_m": None if location is None else round(location.diagnostics.expected_error_m, 1),
        "conflicts": 0 if location is None else len(location.diagnostics.conflicts),
        "none_probability": None if match is None else match.none_probability,
        "footprints": dict(sorted(statuses.items())),
        "unplaced": len(built_unplaced(built)),
        "rooms": 0 if rooms is None else len(rooms),
        "unbound": sum(binding.how == "none" for binding in built_bindings(built)),
        "second_looks": looks,
    }
    write_json(folder / "known.json", known)
    return looks
