"""What asking promises: three values, wider types count their kinds, superseded records are out."""

from hypothesis import given
from hypothesis import strategies as st

from geoinv.facilities.incident_queries import Question, activity_of, current, degree_of, pillars_of, select
from geoinv.records.dates import PartialDate
from geoinv.records.incidents import Act, Binding, Incident

# Fictional.
HELD = Act(violation="arb_detention_movement", victim="V-1", agency="MPS", victim_activity="crossing a river")
ASKED = Act(violation="torture", victim="V-1", perpetrator="P-1", involvement="ordered", agency="인민보안성")
VAGUE = Act(violation="arbitrary_arrest_detention", victim="V-2")


def incident(name: str, *acts: Act, **fields: object) -> Incident:
    return Incident.read({"id": name, "facility": "f", "acts": acts, **fields})


A = incident("a", HELD, date="2010-05")
B = incident("b", ASKED, date="2010~")
C = incident("c", VAGUE)
D = incident("d", date="2015")
ALL = (A, B, C, D)


def asked(**fields: object) -> tuple[str, str]:
    bindings = [Binding(incident="a", footprint="b1", room="r1", how="label", why=""),
                Binding(incident="b", footprint="b2", how="label", why="")]  # fmt: skip
    found = select(ALL, Question(**fields), bindings=bindings)
    return "".join(one.id for one in found.sure), "".join(one.incident.id for one in found.possible)


def test_a_period_holds_in_three_values() -> None:
    assert asked(period=PartialDate("2010")) == ("a", "bc")
    assert asked(period=PartialDate("2008/2012")) == ("ab", "c")
    assert asked(period=PartialDate("2016/..")) == ("", "c")


def test_a_wider_violation_holds_its_kinds_and_a_record_of_the_wider_may_be_the_kind() -> None:
    assert asked(violation="arbitrary_arrest_detention") == ("ac", "d")
    assert asked(violation="arb_detention_movement") == ("a", "cd")
    assert asked(violation="고문") == ("b", "d")


def test_an_agency_is_asked_by_any_of_its_names() -> None:
    assert asked(agency="Ministry of Social Security") == ("ab", "cd")
    assert asked(agency="MSS") == ("", "cd")


def test_place_room_pillar_and_activity() -> None:
    assert asked(building="b1") == ("a", "cd") and asked(room="r1") == ("a", "bcd")
    assert asked(pillar="perpetrator_linkage") == ("ab", "d") and asked(facility="g") == ("", "")
    assert asked(activity="movement") == ("a", "bcd") and asked(activity="river") == ("a", "bcd")
    assert asked() == ("abcd", "")


def test_what_is_possible_says_why() -> None:
    found = select(ALL, Question(period=PartialDate("2010"), agency="MPS"))
    reasons = {one.incident.id: one.why for one in found.possible}
    assert reasons["b"] == ("the date is not known well enough",) and len(reasons["c"]) == 2


def test_superseded_records_count_no_more_and_no_record_supersedes_itself() -> None:
    assert [one.id for one in current((A, incident("e", supersedes="a")))] == ["e"]
    assert [one.id for one in current((incident("a", supersedes="a"),))] == ["a"]
    elsewhere = Incident(id="e", facility="g", supersedes="a")
    assert [one.id for one in current((A, elsewhere))] == ["a", "e"]


def test_degrees_activities_and_pillars_are_read_from_words() -> None:
    assert degree_of(ASKED) == "ordered" and degree_of(HELD) == "unknown"
    assert degree_of(Act(violation="x", involvement="was present")) == "present"
    assert activity_of(HELD).id == "movement" and not activity_of(HELD).named_right
    assert activity_of(Act(violation="x", victim_activity="praying at home")).named_right
    assert pillars_of(B) == ("crime_base", "perpetrator_linkage")
    assert pillars_of(incident("x", pillars=("contextual_elements",))) == ("contextual_elements",)


years = st.integers(1990, 2024)


@given(st.lists(st.tuples(years, years), max_size=20), years, years)
def test_every_record_is_in_possible_or_out_and_a_wider_period_loses_nothing(spans, first, last) -> None:
    told = [incident(str(n), date=f"{min(s)}/{max(s)}") for n, s in enumerate(spans)]
    low, high = min(first, last), max(first, last)
    narrow = select(told, Question(period=PartialDate(f"{low}/{high}")))
    wide = select(told, Question(period=PartialDate(f"{low - 1}/{high + 1}")))
    assert {one.id for one in narrow.sure} <= {one.id for one in wide.sure}
    sure = {one.id for one in narrow.sure}
    assert sure == {str(n) for n, s in enumerate(spans) if low <= min(s) and max(s) <= high}
    out = {str(n) for n, s in enumerate(spans) if max(s) < low or min(s) > high}
    assert out.isdisjoint(sure | {one.incident.id for one in narrow.possible})
