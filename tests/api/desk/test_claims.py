"""Claims at the desk: their findings shown, new ones picked on the plan of rooms, incidents bound by clicking it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from geoinv.case.build import build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.reading import built_blueprint, built_findings
from geoinv.case.told import claims_of
from geoinv.records.claims import Claim
from geoinv.records.decisions import BindIncident, PlaceSketch, RecordClaim
from geoinv.records.drawings import Tie
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
    assert other.claim == WRITTEN.id and other.verdict == "consistent"
    for language in ("en", "ko"):
        page = one.client.get(f"/facilities/reef/claims?lang={language}").text
        assert found.sentence[language] in page and other.sentence[language] in page
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
    wrong = one.send("/decide", {**sent, "body": {**body, "claim": {**claim, "witness": "w1"}}})
    assert wrong.status_code == 400 and "witness" in wrong.text
    assert one.send("/decide", sent).status_code == 200
    recorded = _recorded(root)[-1]
    assert recorded.claim.id.startswith("claim-") and recorded.statement == "said.yaml#s3"
    page = one.client.get("/facilities/reef/claims").text
    assert "cell 1 → cell 3" in page and "her words" in page and "waits for a build" in page
    with Case.open(root) as case:
        assert [told.id for told in claims_of(case, "reef")] == ["claims.yaml#q1", WRITTEN.id, recorded.claim.id]


@pytest.mark.needs("chromium")
def test_from_and_to_are_picked_on_the_plan_and_an_incident_is_bound_there(sit: Sit, root: Path) -> None:
    one, blueprint = sit(), built_blueprint(root / "models" / "reef")
    assert blueprint is not None
    rooms = {part.labels[0]: part.id for part in blueprint.parts() if part.labels}
    one.ready("/facilities/reef/claims")
    one.page.select_option("select[name=statement]", "said.yaml#s3")
    assert one.page.input_value("textarea[name=said]") == "next to it (fictional)"
    one.page.select_option("select[name=kind]", "distance")
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
    assert "cell 1 → guard" in one.page.inner_text(f"#{recorded.claim.id}")
    one.go("/facilities/reef/incidents")
    one.click("[data-bind] >> nth=0")
    one.page.click(f".picker [data-room='{rooms['cell 2']}']")
    one.page.fill("table input[name=reason]", "he named the room")
    with one.page.expect_navigation():
        one.page.click("table form button.main")
    with Case.open(root) as case:
        bound = [decision.body for _, decision in case.decisions() if isinstance(decision.body, BindIncident)]
    assert [body.room for body in bound] == [rooms["cell 2"]]
