"""What binding promises: by the witnesses' own labels, never by guessing in silence, and acts counted apart."""

import geopandas as gpd
import pytest
from shapely.geometry import box

from geoinv.facilities.incidents import bind, counts, incidents_table
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Status
from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Act, Incident

# Fictional, in the open ocean.
BLUE, STORE, TWIN_A, TWIN_B = (
    Footprint(
        id=name,
        facility="f",
        geometry=box(x, 0, x + 1, 1),
        labels=labels,
        status=Status.ATTESTED,
        outline_from="sketch",
    )
    for name, x, labels in (
        ("b1", 0, ("Blue house", "파란 집")),
        ("b2", 2, ("Ghala",)),
        ("b3", 4, ("Hut",)),
        ("b4", 6, ("Hut",)),
    )
)
FOOTPRINTS = (BLUE, STORE, TWIN_A, TWIN_B)
ROOMS = gpd.GeoDataFrame(
    {"id": ["r1", "r2"], "labels": [["Cell 3"], '["Store room"]'], "building": ["b1", "b2"]},
    geometry=[box(0, 0, 0.5, 0.5), box(2, 0, 2.5, 0.5)],
    crs="EPSG:4326",
)


def incident(**fields: object) -> Incident:
    return Incident.read({"id": "i1", "facility": "f", **fields})


def one(**fields: object) -> object:
    return bind([incident(**fields)], FOOTPRINTS, ROOMS)[0]


@pytest.mark.parametrize(("label", "where"), [("blue HOUSE", "b1"), ("파란 집", "b1"), ("  ghala ", "b2")])
def test_a_label_binds_in_any_language_and_case(label: str, where: str) -> None:
    found = one(place_label=label)
    assert (found.footprint, found.how, found.probability) == (where, "label", 1.0)


def test_an_unknown_label_binds_to_nothing_and_says_why() -> None:
    found = one(place_label="Zahanati")
    assert (found.footprint, found.how) == (None, "none") and "Zahanati" in found.why


def test_a_misspelt_label_binds_with_a_warning_only() -> None:
    found = one(place_label="Blue hous")
    assert found.footprint == "b1" and found.probability < 1 and "check" in found.why


def test_a_label_of_two_buildings_binds_to_neither() -> None:
    found = one(place_label="Hut")
    assert found.how == "none" and "2 buildings" in found.why


def test_a_room_label_binds_to_its_room_and_building() -> None:
    assert (one(place_label="Blue house", room_label="cell 3").room, one(room_label="Store room").footprint) == (
        "r1",
        "b2",
    )
    missing = one(place_label="Blue house", room_label="Store room")  # that room is in another building
    assert (missing.footprint, missing.room) == ("b1", None) and "no room there" in missing.why


def test_a_point_binds_where_no_label_does() -> None:
    assert (one(point=[0.2, 0.2]).footprint, one(point=[0.2, 0.2]).room, one(point=[0.2, 0.2]).how) == (
        "b1",
        "r1",
        "point",
    )
    assert one(point=[9.0, 9.0]).how == "none"
    assert one().how == "none" and "neither" in one().why


def test_acts_victims_and_incidents_are_counted_apart() -> None:
    acts = (Act(violation="x", victim="v1"), Act(violation="y", victim="v1"))
    told = [incident(place_label="Ghala", acts=acts), incident(id="i2", place_label="Ghala"), incident(id="i3")]
    found = counts(told, bind(told, FOOTPRINTS))
    assert list(found) == ["b2"]
    assert (found["b2"].incidents, found["b2"].acts, found["b2"].victims) == (2, 2, 1)


def test_the_table_puts_incidents_where_they_are_bound() -> None:
    told = [incident(place_label="Ghala"), incident(id="i2"), incident(id="i3", point=[50.0, 5.0])]
    table = incidents_table(told, bind(told, FOOTPRINTS), FOOTPRINTS)
    assert STORE.geometry.contains(table.geometry.iloc[0])
    assert table.geometry.iloc[1] is None and table.geometry.iloc[2].x == 50
    assert table.crs.to_epsg() == 4326 and list(table["how"]) == ["label", "none", "none"]


def test_no_incidents_make_an_empty_table() -> None:
    assert len(incidents_table([], (), FOOTPRINTS)) == 0


def test_a_building_that_did_not_stand_then_is_doubted_aloud() -> None:
    annex = BLUE.model_copy(update={"not_before": PartialDate("2009-02"), "not_after": PartialDate("2015")})
    early, late, fine = (
        bind([incident(place_label="Blue house", date=date)], (annex,))[0] for date in ("2007", "2016-03", "2010")
    )
    assert early.footprint == "b1" and early.probability == 0.2 and "not there before 2009-02" in early.why
    assert late.probability == 0.2 and "gone after 2015" in late.why
    assert fine.probability == 1.0 and "beware" not in fine.why


def test_superseded_incidents_are_not_counted() -> None:
    told = [incident(place_label="Ghala"), incident(id="i2", place_label="Ghala", supersedes="i1")]
    assert counts(told, bind(told, FOOTPRINTS))["b2"].incidents == 1
