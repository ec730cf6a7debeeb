"""Small fictional cases, made anew for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.case.postgis import cluster

#: Where a test keeps its records: the embedded store, and a team's.
STORES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgis", id="postgis", marks=pytest.mark.needs("postgis")),
]
_NUMBERS = count()

_TOML = """title = "A fictional case"
simulated = true
mint_seed = 7
languages = ["en"]
audiences = ["public"]

[[people]]
id = "ines"
name = "Ines (fictional)"
may_sign = true
"""

_FACILITY = """slug: reef
name: "Reef post (fictional)"
simulated: true
witnesses:
  w1: {role: "held there (fictional)"}
  w2: {role: "drove past (fictional)", heard_from: [w1]}
"""

_STATEMENTS = """landmarks:
  quay: {type: Point, coordinates: [-30.0, 5.0]}
statements:
  - {id: s1, witness: w1, kind: pin, point: [-30.001, 5.001], radius_m: 200}
  - {id: s2, witness: w2, kind: near, landmark: quay, distance_m: 300}
"""

_INCIDENTS = "id,date,place_label,witness,kind,summary\ni1,2019-03,Kitchen,w1,search,Fictional: a search\n"


def write_small_case(root: Path, *, seeded: bool = True) -> Path:
    """Make a case folder; ``seeded=False`` gives it the real mint."""
    testimony = root / "facilities" / "reef" / "testimony"
    testimony.mkdir(parents=True)
    (root / "imagery").mkdir()
    (root / "case.toml").write_text(_TOML if seeded else _TOML.replace("mint_seed = 7\n", ""))
    (testimony.parent / "facility.yaml").write_text(_FACILITY)
    (testimony / "said.yaml").write_text(_STATEMENTS)
    (testimony.parent / "incidents.csv").write_text(_INCIDENTS)
    return root


def name_store(root: Path, url: str) -> None:
    """Have a case keep its records in a schema of its own."""
    settings = root / "case.toml"
    settings.write_text(settings.read_text() + f'\n[store]\nurl = "{url}"\nschema = "case_{next(_NUMBERS)}"\n')


@pytest.fixture(scope="session")
def postgis() -> Iterator[str]:
    """The URL of a PostGIS database (mark the test `needs("postgis")`)."""
    with cluster() as url:
        yield url


@pytest.fixture(params=STORES)
def make_stored_case(request: pytest.FixtureRequest, make_case: Callable[..., Path]) -> Callable[..., Path]:
    """Make a case folder as `make_case` does, once for each kind of store."""

    def make(name: str = "case", *, seeded: bool = True) -> Path:
        root = make_case(name, seeded=seeded)
        if request.param == "postgis":
            name_store(root, request.getfixturevalue("postgis"))
        return root

    return make


@pytest.fixture
def make_case(tmp_path: Path) -> Callable[..., Path]:
    """Make a case folder; ``seeded=False`` gives it the real mint."""

    def make(name: str = "case", *, seeded: bool = True) -> Path:
        return write_small_case(tmp_path / name, seeded=seeded)

    return make
