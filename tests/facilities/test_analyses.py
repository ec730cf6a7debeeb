"""What counting promises: acts, people and incidents apart, nobody twice, years in three values."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from geoinv.facilities.analyses import by_degree, by_violation, chart, heat, since, tally, timeline
from geoinv.facilities.vocabulary import violations
from geoinv.records.incidents import Act, Binding, Incident

NAMES = sorted(violations())
acts = st.builds(
    Act,
    violation=st.sampled_from(NAMES),
    victim=st.one_of(st.none(), st.sampled_from(["V-1", "V-2", "V-3"])),
    perpetrator=st.one_of(st.none(), st.sampled_from(["P-1", "P-2"])),
)
incidents = st.lists(st.lists(acts, max_size=4), max_size=12).map(
    lambda groups: [Incident(id=str(n), facility="f", acts=tuple(group)) for n, group in enumerate(groups)]
)


@given(incidents)
def test_counts_agree_with_counting_by_hand(told) -> None:
    found = tally(told)
    every = [act for one in told for act in one.acts]
    assert (found.incidents, found.acts) == (len(told), len(every))
    assert found.victims == len({act.victim for act in every} - {None})
    assert found.acts_without_victim == sum(act.victim is None for act in every)
    # Bars of kinds add up to no more than their parent's: an act is counted under both.
    rows = by_violation(told)
    for name, counted in rows.items():
        kinds = [rows[kind.id] for kind in violations().values() if kind.parent == name and kind.id in rows]
        assert sum(kind.acts for kind in kinds) <= counted.acts
        assert counted.victims <= found.victims


def test_the_charts_hold_every_bar_of_the_published_ones_and_keep_acts_and_people_apart() -> None:
    held = Act(violation="arb_detention_movement", victim="V-1")
    told = [Incident(id="1", facility="f", acts=(held, held)), Incident(id="2", facility="f", acts=(held,))]
    freedoms = chart(told, "freedom exercised")
    assert [row.counted.acts for row in freedoms.rows] == [3, 0, 0, 0]
    assert (freedoms.rows[0].counted.victims, freedoms.rows[0].counted.incidents) == (1, 2)
    assert [row.published.status for row in freedoms.rows] == ["printed", "printed", "inferred", "inferred"]
    assert len(chart(told, "guarantee denied", language="ko").rows) == 9


def dated(name: str, text: str | None) -> Incident:
    return Incident.read({"id": name, "facility": "f", "date": text})


def test_a_timeline_keeps_what_is_sure_from_what_may_be() -> None:
    told = [dated("1", "2010-05"), dated("2", "2010/2011"), dated("3", "2012/.."), dated("4", None), dated("5", "2013")]
    years = {one.year: (one.sure.incidents, one.possible.incidents) for one in timeline(told)}
    assert years == {2010: (1, 1), 2011: (0, 1), 2012: (0, 1), 2013: (1, 1)}
    assert timeline([dated("4", None)]) == ()


def test_acts_since_a_date_are_told_apart_from_those_that_may_be() -> None:
    told = [dated("1", "2019"), dated("2", "2020"), dated("3", "2019/2021"), dated("4", None), dated("5", "2020~")]
    sure, possible = since(told, date(2020, 1, 1))
    assert ([one.id for one in sure], [one.id for one in possible]) == (["2"], ["3", "4", "5"])


def test_heat_names_places_by_how_much_was_told_and_how_sure_that_is() -> None:
    held = Act(violation="Torture")
    told = [Incident(id=str(n), facility="f", acts=(held,)) for n in range(3)]
    bound = [Binding(incident="0", footprint="b1", how="label", why="", probability=0.6),
             Binding(incident="1", footprint="b1", how="label", why=""),
             Binding(incident="2", footprint="b0", how="label", why="")]  # fmt: skip
    found = heat(told, bound)
    assert [(one.place, one.counted.incidents, one.least_sure) for one in found] == [("b1", 2, 0.6), ("b0", 1, 1.0)]
    assert found[0].violations == {"torture": 2} and heat(told, bound, by="room") == ()


def test_degrees_of_involvement_are_counted_apart() -> None:
    told = [Incident(id="1", facility="f", acts=(Act(violation="x", involvement="ordered"), Act(violation="x")))]
    assert {name: one.acts for name, one in by_degree(told).items()} == {"ordered": 1, "unknown": 1}
