"""Claims at the desk: their findings shown, new ones picked on the plan of rooms, incidents bound by clicking it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from markupsafe import escape

from geoinv.api.desk.claim_forms import FORMS, ClaimForm, conditions_of, form_of
from geoinv.api.desk.words import desk_words
from geoinv.case.build import build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.reading import built_blueprint, built_findings
from geoinv.case.told import claims_of
from geoinv.pages.words import LANGUAGES
from geoinv.records.claims import Claim
from geoinv.records.decisions import BindIncident, PlaceSketch, RecordClaim, SetProperty
from geoinv.records.drawings import Tie
from geoinv.records.measures import Interval
from tests.api.desk.conftest import PORT, TIES, Sitting, Visitor, _on_earth, with_people
from tests.case.compound import inside_svg
from tests.case.tiny import write_case

Sign = Callable[..., Visitor]
Sit = Callable[..., Sitting]
ROOMS = ("cell 1", "cell 2", "cell 3", "guard", "store", "cell 4")
CLAIMS = """claims:
  - {id: q1, witness: w2, kind: dimension, subject: block, measure: length,
     said: "thirty paces <b>long</b> (fictional)",
     said_value: {low: 24, best: 30, high: 36, unit: m}}
"""
#: As the desk writes one down: by what somebody else drew.
WRITTEN = Claim(
    id="claim-1", witness="w2", kind="adjacent", subject="inside.svg#r0", object="inside.svg#r1", said="next to it"
)


@pytest.fixture(scope="module")
def built_inside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny case with the inside of its block drawn by one witness, and what another said of it; built once."""
    root = write_case(tmp_path_factory.mktemp("claims") / "case")
    about = root / "facilities" / "reef"
    (about / "sketches" / "inside.svg").write_text(inside_svg(ROOMS))
    notes = (
        (about / "facility.yaml").read_text().replace("witnesses:\n", 'witnesses:\n  w2: {role: "cook (fictional)"}\n')
    )
    (about / "facility.yaml").write_text(
        notes + "  sketches/inside.svg: {witness: w1, drawn_by: witness, scope: building, depicts: block}\n"
    )
    said = (about / "testimony" / "said.yaml").read_text()
    pin = "  - {id: s3, witness: w2, kind: pin, point: [-30.0, 5.0], radius_m: 60, said: next to it (fictional)}\n"
    (about / "testimony" / "said.yaml").write_text(said + pin)
    (about / "testimony" / "claims.yaml").write_text(CLAIMS)
    with Case.open(root) as case:
        take_in(case, by="ines")
        ties = tuple(Tie(sketch="plan.svg", element=name, point=_on_earth(*place)) for name, place in TIES.items())
        decide(case, PlaceSketch(facility="reef", sketch="plan.svg", ties=ties), by="ines", reason="three roofs")
        written = RecordClaim(facility="reef", statement="said.yaml#s3", claim=WRITTEN)
        decide(case, written, by="ines", reason="as she said")
        build(case)
    with_people(root, PORT).close()
    return root


@pytest.fixture
def root(built_inside: Path, tmp_path: Path) -> Iterator[Path]:
    """A built case of one's own."""
    yield Path(shutil.copytree(built_inside, tmp_path / "case"))


def _recorded(root: Path) -> list[RecordClaim]:
    with Case.open(root) as case:
        return [decision.body for _, decision in case.decisions() if isinstance(decision.body, RecordClaim)]


def test_a_claim_is_shown_with_its_verdict_sentence_and_figure_in_both_languages(visitor: Sign, root: Path) -> None:
    one = visitor("ray")
    found, other = built_findings(root / "models" / "reef").findings
    assert other.claim == WRITTEN.id
    for language in ("en", "ko"):
        page = one.client.get(f"/facilities/reef/claims?lang={language}").text
        for one_found in (found, other):
            assert escape(one_found.sentence[language]) in page
            assert desk_words(language)[f"claim {one_found.verdict}"] in page
        assert "&lt;b&gt;long&lt;/b&gt;" in page and "<b>long" not in page
        assert 'name="statement"' not in page, "a reader writes nothing"
        figure = one.client.get("/facilities/reef/claims/figure?claim=claims.yaml%23q1")
        assert (
            figure.headers["content-type"].startswith("image/svg")
            and "sandbox" in figure.headers["content-security-policy"]
        )
        assert ("북" in figure.text) == (language == "ko")
    assert one.client.get("/facilities/reef/claims/figure?claim=lost").status_code == 400


def test_a_claim_written_at_the_desk_is_a_decision_and_waits_for_a_build(visitor: Sign, root: Path) -> None:
    one = visitor()
    claim = {"id": "new", "witness": "w2", "kind": "adjacent", "subject": "inside.svg#r0", "object": "inside.svg#r2"}
    body = {"kind": "claim", "facility": "reef", "statement": "said.yaml#s3", "claim": claim}
    with Case.open(root) as case:
        seen = case.store.last().number  # type: ignore[union-attr]
    sent = {"body": body, "reason": "her words", "seen": seen}
    for fault, told in (({"witness": "w1"}, "witness"), ({"date": "last winter"}, "last winter")):
        wrong = one.send("/decide", {**sent, "body": {**body, "claim": {**claim, **fault}}})
        assert wrong.status_code == 400 and told in wrong.text
    assert one.send("/decide", sent).status_code == 200
    recorded = _recorded(root)[-1]
    assert recorded.claim.id.startswith("claim-") and recorded.statement == "said.yaml#s3"
    page = one.client.get("/facilities/reef/claims").text
    assert "cell 1 → cell 3" in page and "her words" in page
    assert "not tested yet" in page and "Build, and test it" in page
    with Case.open(root) as case:
        assert [told.id for told in claims_of(case, "reef")] == ["claims.yaml#q1", WRITTEN.id, recorded.claim.id]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_each_form_gives_a_claim_that_is_known_again_by_it(form: ClaimForm) -> None:
    unit = form.units[0] if form.units else "m"
    claim = Claim(
        id="q", witness="w2", kind=form.kind, counted=form.counted, subject="cell",
        object="b" if "to" in form.asks else None,
        said_value=Interval(low=1, best=2, high=3, unit=unit) if form.units else None,
    )  # fmt: skip
    assert form_of(claim) == form.key
    for language in LANGUAGES:
        assert f"claim form {form.key}" in desk_words(language)


def test_how_something_was_seen_is_told_beside_the_claim() -> None:
    said = {
        "pose": "lying",
        "standing_on_m": 1.2,
        "night": True,
        "hatch": "open",
        "pace_m_s": {"low": 1, "best": 1, "high": 2},
    }
    claim = Claim.read(
        {**WRITTEN.plain(), "kind": "sees", "conditions": said, "date": "2015-24", "time": ["07:00", "08:00"],
         "utc_offset_h": 9, "viewpoint": [1.25, -3]}
    )  # fmt: skip
    told = dict(conditions_of(claim))
    assert told["standing on"] == "1.2 m" and told["clock"] == "07:00–08:00" and told["utc offset"] == "+9 h"
    assert {"pose lying", "hatch open", "night", "pace", "exact spot", "claim date"} <= set(told)
    assert set(told) <= set(desk_words("ko"))


@pytest.mark.needs("chromium")
def test_every_claim_shows_its_own_fields_and_keeps_what_was_begun(sit: Sit, root: Path) -> None:
    one = sit()
    one.ready("/facilities/reef/claims")
    one.page.select_option("select[name=statement]", "said.yaml#s3")
    shown = "[...document.querySelectorAll('#claim [data-ask]')].filter((e) => !e.hidden).map((e) => e.dataset.ask)"
    for form in FORMS:
        one.page.select_option("select[name=form]", form.key)
        assert sorted(one.page.evaluate(shown)) == sorted(asked.removesuffix("?") for asked in form.asks)
    one.page.select_option("select[name=form]", "sees")
    one.page.select_option(".picker select >> nth=0", label="the whole site")
    assert one.page.locator("#picker [data-room]").count() >= 3, "what stands on the grounds is picked there too"
    one.page.click("#picker [data-room] >> nth=0")
    one.page.click("#spot")
    spot = one.page.locator("#picker svg.plan").bounding_box()
    assert spot is not None
    one.page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    assert one.page.locator("#picker circle.spot").count() == 1
    one.page.select_option("select[name=pose]", "kneeling")
    one.page.check("input[name=night]")
    one.page.wait_for_selector("#draft:has-text('Draft kept')")
    one.page.reload()
    one.page.wait_for_selector("body[data-ready]")
    assert one.page.input_value("select[name=pose]") == "kneeling" and one.page.is_checked("input[name=night]")
    assert one.page.locator("#picker circle.spot, #spot-none:not([hidden])").count() >= 1
    one.page.select_option("select[name=form]", "sun_patch")
    one.page.select_option("select[name=from]", label="cell 1")
    one.page.select_option("select[name=season]", "24")
    one.page.fill("form input[name=reason]", "as she said it")
    one.page.click("#claim button.main")
    one.page.wait_for_selector("#told:has-text('A season is of a year')")
    for field, value in (("date", "2015"), ("time_from", "07:00"), ("time_to", "08:30"), ("utc", "9")):
        one.page.fill(f"form input[name={field}]", value)
    with one.page.expect_navigation():
        one.page.click("#claim button.main")
    one.page.wait_for_selector("body[data-ready]")
    claim = _recorded(root)[-1].claim
    assert (claim.kind, claim.subject, claim.date, claim.time) == (
        "sun_patch",
        "inside.svg#r0",
        "2015-24",
        ("07:00", "08:30"),
    )
    assert claim.utc_offset_h == 9 and claim.said_value is None and not claim.conditions.night
    assert one.page.input_value("select[name=form]") == "sees", "what was recorded is no draft any more"
    one.page.select_option("select[name=statement]", "said.yaml#s3")
    one.page.select_option("select[name=form]", "area_per_person")
    one.page.select_option("select[name=from]", label="cell 1")
    for field, value in (("low", "0.4"), ("high", "0.5"), ("people_low", "30"), ("people_high", "40")):
        one.page.fill(f"form input[name={field}]", value)
    one.page.fill("form input[name=reason]", "they lay on their sides")
    with one.page.expect_navigation():
        one.page.click("#claim button.main")
    claim = _recorded(root)[-1].claim
    assert claim.occupants is not None and claim.said_value is not None
    assert (claim.said_value.unit, claim.occupants.low, claim.occupants.unit) == ("m2", 30, "count")


@pytest.mark.needs("chromium")
def test_the_plan_and_the_model_show_one_room_and_its_property_is_changed_by_its_drawing(sit: Sit, root: Path) -> None:
    one, blueprint = sit(), built_blueprint(root / "models" / "reef")
    assert blueprint is not None
    rooms = {part.labels[0]: part for part in blueprint.parts() if part.labels}
    other = {**blueprint.plain(), "contradictions": [
        {"what": "what this room was", "about": [rooms["guard"].id], "versions": {"A": "guard", "B": "store"}}
    ]}  # fmt: skip
    (root / "models/reef/blueprint.json").write_text(json.dumps(other))
    shutil.copy(root / "models/reef/model.glb", root / "models/reef/model-B.glb")
    one.ready("/facilities/reef/rooms?lang=ko")
    one.click("[data-about]:has-text('이 방이 무엇이었는지')")
    assert one.page.inner_text("#panel h2 >> nth=0") == "guard", "a contradiction leads to its room"
    assert one.page.get_attribute("#plan .chosen", "data-room") == rooms["guard"].id
    assert "너비" in one.page.inner_text("#panel") and "–" in one.page.inner_text("#panel"), "an interval of its width"
    one.page.locator("#model .gv-bar label select").select_option("B")
    one.page.wait_for_selector("#plan [data-room]")
    one.page.click("#model .gv-bar button >> nth=2")
    assert one.page.get_attribute("#model .gv-bar button >> nth=2", "aria-pressed") == "true", "walking"
    one.page.keyboard.press("ArrowUp")
    one.page.keyboard.press("Escape")
    one.page.click(f"#plan [data-room='{rooms['guard'].id}']")
    one.page.select_option("#panel select[name=field]", "label")
    one.page.fill("#panel input[name=value]", "duty room")
    one.page.fill("#panel input[name=reason]", "he drew the stove there")
    with one.page.expect_navigation():
        one.click("#panel button[type=submit]")
    with Case.open(root) as case:
        body = case.decisions()[-1][1].body
    assert isinstance(body, SetProperty)
    assert (body.target, body.field, body.value) == ("reef/inside.svg#r3", "label", "duty room")
    one.troubles = [told for told in one.troubles if "GL Driver Message" not in told]


@pytest.mark.needs("chromium")
def test_from_and_to_are_picked_on_the_plan_and_an_incident_is_bound_there(sit: Sit, root: Path) -> None:
    one, blueprint = sit(), built_blueprint(root / "models" / "reef")
    assert blueprint is not None
    rooms = {part.labels[0]: part.id for part in blueprint.parts() if part.labels}
    one.ready("/facilities/reef/claims")
    one.page.select_option("select[name=statement]", "said.yaml#s3")
    assert one.page.input_value("textarea[name=said]") == "next to it (fictional)"
    one.page.select_option("select[name=form]", "distance")
    one.page.click(f"#picker [data-room='{rooms['cell 1']}']")
    one.page.focus(f"#picker [data-room='{rooms['guard']}']")
    one.page.keyboard.press("Enter")
    assert one.page.input_value("select[name=to]") == rooms["guard"]
    faults = [fault["id"] for fault in Axe().run(one.page).response["violations"]
              if fault["impact"] in ("serious", "critical")]  # fmt: skip
    assert faults == []
    one.page.fill("input[name=low]", "9")
    one.page.fill("input[name=high]", "5")
    one.page.fill("form input[name=reason]", "as she paced it")
    # The second click sends the form again and breaks off the first answer: what counts is what is seen in the end.
    one.page.dblclick("#claim button.main")
    one.page.wait_for_selector("text=as she paced it")
    _, recorded = _recorded(root)
    assert (recorded.claim.subject, recorded.claim.object) == ("inside.svg#r0", "inside.svg#r3")
    assert recorded.claim.said_value is not None and recorded.claim.said_value.low == 5
    written = one.page.locator(f"#{recorded.claim.id}")
    assert "cell 1 → guard" in written.inner_text() and "not tested yet" in written.inner_text()
    one.page.wait_for_load_state("networkidle")  # who clicks before the page's modules are there clicks for nothing
    written.locator("[data-build]").click()
    written.locator(".verdict").wait_for(timeout=180_000)
    assert written.locator("img").count() == 1 and one.page.locator("#build").count() == 0, "its finding and figure"
    one.go("/facilities/reef/incidents")
    one.click("[data-bind] >> nth=0")
    one.page.click(f".picker [data-room='{rooms['cell 2']}']")
    one.page.fill("table input[name=reason]", "he named the room")
    with one.page.expect_navigation():
        one.page.click("table form button.main")
    with Case.open(root) as case:
        bound = [decision.body for _, decision in case.decisions() if isinstance(decision.body, BindIncident)]
    assert [body.room for body in bound] == [rooms["cell 2"]]
