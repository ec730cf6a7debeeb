"""A fictional nation: the published totals, the open ocean, the same each time, and ready to be published."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoinv.api.publish import publish
from geoinv.api.releases import OpenRelease
from geoinv.case.folder import Case
from geoinv.errors import InputError
from geoinv.worlds.nation import Nation, make_nation
from geoinv.worlds.nation_write import write_nation


@pytest.fixture(scope="module")
def nation() -> Nation:
    return make_nation()


def test_it_has_the_published_totals(nation: Nation) -> None:
    assert len(nation.facilities) == len({one.facility.slug for one in nation.facilities}) == 206
    assert sum(len(one.incidents) for one in nation.facilities) == 7212
    assert len(nation.people("victim")) == 1156
    assert len(nation.people("perpetrator")) == 919


def test_it_lies_in_the_open_ocean_and_says_so(nation: Nation) -> None:
    for one in nation.facilities:
        assert -168 < one.best.lon < -160 and 36 < one.best.lat < 42
        assert one.facility.simulated and "fictional" in one.facility.name
        assert all(incident.summary.startswith("Fictional") for incident in one.incidents)


def test_the_same_seed_gives_the_same_nation_and_another_another() -> None:
    few = {"facilities": 5, "incidents": 90, "victims": 30, "perpetrators": 20}
    assert make_nation(3, **few) == make_nation(3, **few)
    assert make_nation(3, **few) != make_nation(4, **few)
    with pytest.raises(InputError, match="too few"):
        make_nation(facilities=100, incidents=50)


def test_its_bindings_name_rooms_and_buildings_that_stand_there(nation: Nation) -> None:
    rooms = 0
    for one in nation.facilities:
        ids = {item.id for item in one.ground.footprints} if one.ground else set()
        for bound in one.bindings:
            assert bound.footprint is None or bound.footprint in ids
            rooms += bound.room is not None
            assert bound.room is None or (one.ground and one.ground.rooms[bound.room] == bound.footprint)
    assert rooms > 1000


def test_a_small_one_is_written_taken_in_and_published(tmp_path: Path) -> None:
    small = make_nation(5, facilities=6, incidents=150, victims=40, perpetrators=20)
    for name in ("one", "two"):
        write_nation(small, tmp_path / name)
    with Case.open(tmp_path / "one") as case, Case.open(tmp_path / "two") as again:
        assert case.ledger_head == again.ledger_head
        first, second = publish(case, "public"), publish(again, "public")
    assert isinstance(first, Path) and isinstance(second, Path)
    assert first.name == second.name
    release = OpenRelease(first)
    assert release.features("facilities").matched == 6
    assert release.features("incidents").matched == 150
    assert release.features("rooms").matched > 0
