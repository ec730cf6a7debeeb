"""Claims: what witnesses said that the model can be held to, what came of it, and new ones picked on the plan."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.claim_forms import FORMS, MEASURES, conditions_of, form_of
from geoinv.api.desk.picking import parts_by_building, site_to_pick
from geoinv.api.desk.shell import Seated, language_of_request, page
from geoinv.api.desk.words import desk_words
from geoinv.case.folder import Case
from geoinv.case.reading import built_blueprint, built_findings
from geoinv.case.standing import Decided
from geoinv.case.told import claims_of
from geoinv.errors import CaseError
from geoinv.pages.figures_claims import claim_figure
from geoinv.pages.styles import style_data
from geoinv.records.blueprint import Blueprint
from geoinv.records.claims import Claim, Finding
from geoinv.records.decisions import RecordClaim

__all__ = ["router"]

router = APIRouter()


@dataclass(frozen=True)
class _Row:
    """One claim as the page shows it.

    Attributes
    ----------
    start, end
        What its subject and its object are called.
    finding, why_not
        What the last build found, or why it could not be tested; neither of a claim that waits for a build.
    form, conditions
        Which of the desk's forms gives such a claim; under what conditions, as keys of words and values.
    decided
        The decision by which a person wrote it down here or accepted it; ``None`` of one that a file gave.
    """

    claim: Claim
    start: str
    end: str
    form: str
    conditions: list[tuple[str, str]]
    finding: Finding | None
    why_not: str | None
    decided: Decided | None


@router.get("/facilities/{slug}/claims")
def claims(request: Request, seat: Seated, slug: str) -> Response:
    """Every claim with its finding, and the form to write one."""
    with seat.desk.case() as case:
        facility = case.facility(slug)
        blueprint = built_blueprint(case.models_dir(slug))
        rows = _rows(case, slug, blueprint)
        said, words = case.statements(slug).statements, dict(desk_words(language_of_request(request)))
        known = {
            "parts": {part.id: list(part.drawn) for part in blueprint.parts()} if blueprint else {},
            "drawers": {sketch.name: sketch.witness for sketch in case.sketches(slug)},
            "site": site_to_pick(blueprint, words) if blueprint else None,
            "measures": MEASURES,
        }
        return page(
            request, "claims.html", seat=seat, case=case, facility=facility, rows=rows, built=blueprint is not None,
            parts=parts_by_building(blueprint, words) if blueprint else [], said=said, forms=FORMS, measures=MEASURES,
            counted=_counted(blueprint) if blueprint else [], styles=style_data(), known=known,
        )  # fmt: skip


@router.get("/facilities/{slug}/claims/figure")
def figure(request: Request, seat: Seated, slug: str, claim: str) -> Response:
    """A finding's figure in the page's language; shut off from everything, since its words are a stranger's.

    Raises
    ------
    CaseError
        If the last build tested no such claim.
    """
    with seat.desk.case() as case:
        case.facility(slug)
        folder = case.models_dir(slug)
        blueprint = built_blueprint(folder)
        found = next((one for one in built_findings(folder).findings if one.claim == claim), None)
        told = next((one for one in claims_of(case, slug) if one.id == claim), None)
    if blueprint is None or found is None or told is None:
        raise CaseError("there is no figure of this claim", do="build the case first")
    drawn = claim_figure(blueprint, told, found, language=language_of_request(request))
    return Response(
        drawn, media_type="image/svg+xml", headers={"Content-Security-Policy": "default-src 'none'; sandbox"}
    )


def _rows(case: Case, slug: str, blueprint: Blueprint | None) -> list[_Row]:
    built = built_findings(case.models_dir(slug))
    found = {one.claim: one for one in built.findings}
    bodies = ((one, one.decision.body) for one in case.history.decided if one.stands)
    decided = {body.claim.id: one for one, body in bodies if isinstance(body, RecordClaim) and body.facility == slug}
    names = _names(blueprint) if blueprint else {}
    return [
        _Row(one, names.get(one.subject, one.subject), names.get(one.object or "", one.object or ""),
             form_of(one), conditions_of(one), found.get(one.id), built.untested.get(one.id), decided.get(one.id))
        for one in claims_of(case, slug)
    ]  # fmt: skip


def _names(blueprint: Blueprint) -> dict[str, str]:
    """Id or drawn element → what the part is called."""
    return {
        key: part.labels[0] for part in blueprint.parts() if part.labels for key in (part.id, *part.drawn)
    }  # fmt: skip


def _counted(blueprint: Blueprint) -> list[str]:
    """The roles of rooms that there are to be counted."""
    storeys = (storey for building in blueprint.buildings for storey in building.storeys)
    return sorted({room.role for storey in storeys for room in storey.rooms})
