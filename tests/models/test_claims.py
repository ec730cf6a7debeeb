"""A claim is tested on what stands without the claimant; what cannot be tested says why; power names its rivals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shapely.geometry import box

from geoinv.models.claims import corroborate
from geoinv.models.claims_assumed import best_setting
from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_kinds import AdjacentTest, DimensionTest
from geoinv.models.claims_own import Accounts, dependent_groups
from geoinv.models.claims_sampling import evened, verdict_of
from geoinv.models.claims_words import by_file, contradiction_sentence, row_sentence
from geoinv.models.sheets_frame import model_hash
from geoinv.records.claims import Claim
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Status
from tests.models.claims_plans import between, building, opening, place, room, storey, told, wall

BY = {"w1.svg": "w1", "w2.svg": "w2", "w3.svg": "w3", "scene.tif": None}


def cells(first=("w2.svg#a",), second=("w3.svg#b",), status=Status.ATTESTED, **more):
    rooms = [
        room("one", 0, 0, 3, 4, sources=first, status=status),
        room("two", 3.2, 0, 6.2, 4, sources=second, status=status),
    ]
    return place(building(box(-0.3, -0.3, 6.5, 4.3), [storey(rooms)], **more))


def size(subject="one", low=11.0, high=13.0, **more):
    return {"kind": "dimension", "subject": subject, "said_value": between(low, high, "m2"), **more}


def one(model, claim, **more):
    return corroborate(model, told(claim, told_by=BY, **more)).findings[0]


def test_a_claim_is_not_tested_on_its_witness_own_account():
    found = one(cells(first=("w1.svg#a",)), size())
    assert found.verdict == "undecidable"
    assert found.why.startswith("own account")
    assert found.model_pass_rate is None
    assert one(cells(first=("w2.svg#a",)), size()).verdict == "consistent"


def test_a_source_nobody_owned_up_to_may_be_the_claimants():
    found = one(cells(first=("unknown.svg#a",)), size())
    assert found.verdict == "undecidable"
    assert "not said whose account unknown.svg#a is" in found.why


def test_what_others_corroborate_stands_without_the_witness_and_what_is_only_joint_does_not():
    joint = ("w1.svg#a", "w2.svg#a")
    stands = one(cells(first=joint, status=Status.CORROBORATED), size())
    assert stands.verdict == "consistent"
    assert stands.relies_on == {"one": "attested"}  # one witness is left
    assert one(cells(first=joint, status=Status.ATTESTED), size()).why.startswith("own account")


def test_witnesses_who_are_not_independent_are_one():
    model = cells(first=("w2.svg#a",))
    assert one(model, size(), dependent=[["w1", "w2"]]).why.startswith("own account")
    heard = {"w1": {"heard_from": ["w3"]}, "w3": {"heard_from": "w2"}}
    assert one(model, size(), witnesses=heard).why.startswith("own account")
    claims = told(size(), dependent=[["w1", "w3"]], told_by=BY)
    assert [sorted(group) for group in dependent_groups(["w1", "w2", "w3"], claims)] == [["w1", "w3"], ["w2"]]


def test_somebody_shown_the_model_tests_none_of_it_and_somebody_shown_imagery_not_what_it_showed():
    seen = {"w1": {"exposure": ["model"]}}
    assert "had been shown the model" in one(cells(), size(), witnesses=seen).why
    observed = cells(first=("scene.tif",), status=Status.OBSERVED)
    assert one(observed, size()).verdict == "consistent"
    assert "had been shown imagery" in one(observed, size(), witnesses={"w1": {"exposure": "imagery"}}).why


def test_a_model_rebuilt_without_the_witness_is_the_one_that_is_asked():
    own = cells(first=("w1.svg#a",))
    smaller = place(building(box(-0.3, -0.3, 6.5, 4.3), [storey([room("one", 0, 0, 2, 4, sources=("w2.svg#a",))])]))
    claims = told(size(), size(low=7, high=9), told_by=BY)
    first, second = corroborate(own, claims, rebuilt={"w1": smaller}).findings
    assert (first.verdict, second.verdict) == ("inconsistent", "consistent")
    nothing = place(building(box(-0.3, -0.3, 6.5, 4.3), [storey([])]))
    assert corroborate(own, claims, rebuilt={"w1": nothing}).findings[0].why.startswith("own account")


def test_a_finding_says_what_would_remain_without_each_other_witness():
    claim = {"kind": "distance", "subject": "one", "object": "two", "said_value": between(0, 12)}
    found = one(cells(), claim)
    assert found.verdict == "consistent"
    assert found.without == {
        "w2": "undecidable: nobody else shows one (block)",
        "w3": "undecidable: nobody else shows two (block)",
    }
    joint = cells(first=("w2.svg#a", "w3.svg#a"), second=("scene.tif",), status=Status.CORROBORATED)
    assert one(joint, claim).without == {"w2": "consistent", "w3": "consistent"}


def test_power_is_what_rivals_fail_and_a_claim_that_all_meet_corroborates_nothing():
    found = one(cells(), size())
    assert found.discriminating_power == pytest.approx(1 - found.rival_pass_rate)
    assert found.rivals
    assert found.converged
    # Of areas with a lognormal law of sd 0.5 about 12 m², between 11 and 13: 0.13, worked by the normal law.
    assert found.rival_pass_rate == pytest.approx(0.133, abs=3 * found.rival_standard_error)
    every = one(cells(), size(low=0.01, high=9000))
    assert every.rival_pass_rate == 1.0
    assert every.discriminating_power == 0.0
    assert "corroborates nothing" in every.sentence["en"]


def test_a_model_that_does_not_know_does_not_decide():
    rooms = [room("one", 0, 0, 3, 4, spread=1.0, sources=("w2.svg#a",))]
    model = place(building(box(-0.3, -0.3, 3.3, 4.3), [storey(rooms)]))
    found = one(model, size(low=6.0, high=10.5))
    assert 0.05 < found.model_pass_rate < 0.75
    assert found.verdict == "undecidable"
    assert any("of block" in flip.assumption for flip in found.sensitivity)


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (size("seven"), "nothing in the model is called “seven”"),
        (size("cell"), "can mean 2 parts"),
        ({"kind": "dimension", "subject": "one"}, "which dimension"),
        ({"kind": "dimension", "subject": "one", "measure": "length"}, "no interval was said"),
        (size(low=12, high=12), "no interval was said"),
        ({"kind": "walk_time", "subject": "one", "object": "two", "said_value": between(1, 2, "h")}, "not in min or s"),
        ({"kind": "walk_time", "subject": "one", "said_value": between(1, 2, "min")}, "only half said"),
        ({"kind": "sun_patch", "subject": "one", "time": "25:70"}, "a time that no clock has"),
        ({"kind": "sun_patch", "subject": "one", "date": "2015-02-31"}, "a date that no calendar has"),
        ({"kind": "sees", "subject": "one", "object": "two", "viewpoint": [3.1, 2]}, "inside a wall"),
        ({"kind": "sees", "subject": "one", "object": "two", "conditions": {"blindfold": True}}, "blindfolded"),
        ({"kind": "sees", "subject": "one", "object": "two", "conditions": {"night": True}}, "it was night"),
        ({"kind": "area_per_person", "subject": "one", "said_value": between(1, 2, "m2")}, "how many people"),
    ],
)
def test_what_cannot_be_tested_is_undecidable_and_says_why(claim, why):
    found = one(cells(), claim)
    assert found.verdict == "undecidable"
    assert why in found.why
    assert found.model_pass_rate is None
    assert why in found.sentence["en"]


def test_people_in_between_leave_not_seeing_undecided():
    claim = {"kind": "sees", "subject": "one", "object": "two", "negated": True, "conditions": {"obstruction": True}}
    assert "people stood between" in one(cells(), claim).why


@pytest.mark.parametrize(
    ("stay", "tested"), [("2010/2012", False), ("2013/2014-06", True), ("2016/2017", True), ("2019/2020", False)]
)
def test_a_witness_whose_dates_exclude_the_building_is_told_so(stay, tested):
    model = cells(not_before=PartialDate("2013-05"), not_after=PartialDate("2018-01"))
    claims = told(size(), told_by=BY, witnesses={"w1": {"stay": stay}})
    found = corroborate(model, claims)
    assert (found.findings[0].verdict == "consistent") == tested
    assert bool(found.anachronisms) != tested


def test_claims_that_exclude_each_other_are_told_and_the_table_counts_independent_witnesses():
    rows = [size(id="a"), size(id="b", witness="w4"), size(id="c", witness="w5", low=20, high=25)]
    claims = told(*rows, told_by=BY, dependent=[["w1", "w4"]])
    found = corroborate(cells(), claims)
    assert {pair.claims for pair in found.contradictions} == {("a", "c"), ("b", "c")}
    assert len(found.table) == 1
    row = found.table[0]
    assert row.witnesses == ("w1", "w4", "w5")
    assert row.independent == 2
    assert row.sources == ("w2.svg#a",)
    assert row.verdicts == {"a": "consistent", "b": "consistent", "c": "inconsistent"}


def test_the_same_seed_gives_the_same_findings_and_the_models_hash_is_on_each():
    model = place(building(box(-0.3, -0.3, 3.3, 4.3), [storey([room("one", 0, 0, 3, 4, spread=0.5)])]))
    claims = told(size(), size(low=12, high=14))
    first, again = (corroborate(model, claims, seed=3).plain() for _ in range(2))
    assert first == again
    assert corroborate(model, claims, seed=4).plain() != first
    assert {finding["model_sha256"] for finding in first["findings"]} == {model_hash(model)}


def test_rival_hypotheses_take_part_and_are_named_among_what_would_flip_it():
    rooms = [
        room("a", 0, 0, 3, 4),
        room("latrine", 3.2, 0, 6.2, 4, role="latrine").model_copy(update={"hypothesis": "A", "id": "latrine-A"}),
        room("store", 9.2, 0, 12.2, 4, role="store"),
        room("latrine", 6.4, 0, 9.0, 4, role="latrine").model_copy(update={"hypothesis": "B", "id": "latrine-B"}),
    ]
    model = place(building(box(-0.3, -0.3, 12.5, 4.3), [storey(rooms)]))
    found = one(model, {"kind": "adjacent", "subject": "a", "object": "latrine"})
    assert found.model_pass_rate == pytest.approx(0.5)
    assert any(flip.assumption == "hypothesis" for flip in found.sensitivity)


def test_every_finding_has_a_sentence_in_both_languages():
    model = place(
        building(box(-0.3, -0.3, 6.5, 4.3), [storey([room("one", 0, 0, 3, 4), room("two", 3.2, 0, 6.2, 4)],
                                                   [opening("d", (3.1, 2), connects=("one", "two"))])]),
        walls=[wall("wall", [(-9, -9), (20, -9)])],
    )  # fmt: skip
    rows = [
        size(),
        {"kind": "adjacent", "subject": "one", "object": "two"},
        {"kind": "sees", "subject": "one", "object": "wall"},
    ]
    for finding in corroborate(model, told(*rows)).findings:
        assert finding.sentence["en"].startswith("w1 on ")
        assert "증언" in finding.sentence["ko"]


def test_accounts_know_a_source_by_its_file():
    accounts = Accounts(told(size(), told_by={"talk.docx": "w2", "talk.docx#p3": None}))
    assert accounts.teller("talk.docx#p1") == (True, "w2")
    assert accounts.teller("talk.docx#p3") == (True, None)
    assert accounts.teller("w1") == (False, None)


def test_what_few_rivals_meet_needs_more_against_it():
    # By hand, even odds: .04 × .9 : .1 × .96 = .036 : .096, of both .273; of a claim that half of the rivals meet, .04.
    assert evened(0.04, 0.1) == pytest.approx(0.036 / 0.132)
    assert evened(0.04, 0.5) == pytest.approx(0.04)
    assert (verdict_of(0.04, 0.1), verdict_of(0.04, 0.5), verdict_of(0.0, 0.1)) == (
        "undecidable", "inconsistent", "inconsistent",
    )  # fmt: skip
    assert verdict_of(0.2, 0.95) == "undecidable"  # it holds too often, whatever rivals do
    assert evened(0.0, 0.0) == 0.0


def test_what_models_leave_out_refutes_nothing_that_few_rivals_meet():
    # By hand, even odds: .03 × .9 : .1 × .97 is .218; where half of the rivals meet it, .03.
    assert verdict_of(0.0, 0.1, 0.03) == "undecidable"
    assert verdict_of(0.0, 0.5, 0.03) == "inconsistent"
    assert verdict_of(0.0, 0.1, 0.0) == "inconsistent"
    assert verdict_of(0.9, 0.1, 0.03) == "consistent"  # it bears on refuting alone


def test_a_room_that_may_be_somewhere_else_may_have_another_size():
    rooms = [room("one", 0, 0, 3, 4, status=Status.CONTESTED), room("two", 3.2, 0, 9.2, 4, status=Status.CONTESTED)]
    drawing = Drawing(place(building(box(-0.3, -0.3, 9.5, 4.3), [storey(rooms)])), 0)
    test = DimensionTest(Claim.read({"id": "c", "witness": "w1", **size()}))
    setting = best_setting(test.claim)
    moved = [test.value(drawing.best(), replace(setting, moved=(at, 1.0))) for at in (0.36, 0.38, 0.41)]
    assert moved == pytest.approx([24.0, 12.0, 12.0])  # .37 elsewhere; one place off in a row keeps its size


def test_two_rooms_that_were_swapped_are_still_neighbours():
    claim = {"id": "c", "witness": "w1", "kind": "adjacent", "subject": "one", "object": "two"}
    test = AdjacentTest(Claim.read(claim))
    drawing = Drawing(cells(), 0)
    assert test.value(drawing.best(), replace(best_setting(test.claim), moved=(0.0, 1.0))) == 1.0


def test_what_many_rivals_meet_needs_more_for_it():
    # At even odds, of a claim that four rivals in ten meet and nine draws in ten: 0.9 × 0.6 against 0.4 × 0.1 is 0.93.
    assert evened(0.9, 0.4) == pytest.approx(0.54 / 0.58)
    assert verdict_of(0.9, 0.4) == "undecidable"
    assert verdict_of(0.9, 0.1) == "consistent"
    # What all but one draw in twenty bear out is consistent: its power says that it corroborates nothing.
    assert verdict_of(0.96, 1.0) == "consistent"


def test_a_row_of_the_table_is_one_line_with_files_rather_than_shapes():
    rows = [size(id="a"), size(id="b", witness="w4"), size(id="c", witness="w5", low=20, high=25)]
    found = corroborate(cells(), told(*rows, told_by=BY, dependent=[["w1", "w4"]]))
    line = row_sentence(found.table[0], "en")
    assert line.startswith("area of one: said by w1, w4, w5 (2 independent of each other); a consistent, b consistent")
    assert "other sources: w2.svg." in line
    assert "서로 독립된 2명" in row_sentence(found.table[0], "ko")
    assert by_file(("a.svg#1", "a.svg#2", "scene.tif")) == ("a.svg ×2", "scene.tif")
    assert "exclude each other: 11 to 13 m², and 20 to 25 m²" in contradiction_sentence(found.contradictions[0], "en")
    assert "양립하지 않음" in contradiction_sentence(found.contradictions[0], "ko")
