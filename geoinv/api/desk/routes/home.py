"""The start: every facility with what is known of it, what to beware of, what would help most; and the build."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any

import yaml
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from geoinv.api.desk.shell import Changing, Seat, Seated, chosen, page
from geoinv.case.build import stale_steps
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.overview import Standing, Wish, standings
from geoinv.case.reading import built_location
from geoinv.errors import FieldError
from geoinv.facilities.names import homonyms
from geoinv.files.atomic import write_text

__all__ = ["router"]

router = APIRouter()
#: Key of a wish → the page on which it is granted.
_GRANTED = {"no place": "place", "unplaced": "place", "unbound": "incidents", "second looks": "history",
            "drawn by": "drawings", "conflicts": "place"}  # fmt: skip
_MANY = 60


@dataclass(frozen=True)
class _Card:
    """One facility as the start shows it.

    Attributes
    ----------
    witnesses
        How many people are told of or speak.
    """

    standing: Standing
    wishes: tuple[tuple[Wish, str | None], ...]
    beware: tuple[str, ...]
    stale: bool
    witnesses: int


@router.get("/")
def home(request: Request, seat: Seated) -> Response:
    """All facilities, and where files are dropped."""
    with seat.desk.case() as case:
        facilities = case.facilities()
        best = {one.slug: built_location(case.models_dir(one.slug)) for one in facilities[:_MANY]}
        places = {slug: location.best for slug, location in best.items() if location is not None}
        alike = homonyms(facilities, places=places)
        cards = [_card(case, one, alike.get(one.facility.slug, ())) for one in standings(case, facilities[:_MANY])]
        disputes = len(case.history.disputes)
        return page(
            request, "home.html", seat=seat, case=case, cards=cards, more=len(facilities) - len(cards),
            disputes=disputes, scenes=len(case.scenes()), job=seat.desk.jobs.last, behind=case.ledger.clock_behind(),
        )  # fmt: skip


def _card(case: Case, standing: Standing, alike: tuple[str, ...]) -> _Card:
    slug = standing.facility.slug
    wishes = tuple((wish, _GRANTED.get(wish.key)) for wish in standing.wishes()[:4])
    return _Card(standing, wishes, (*alike, *standing.held_back, *standing.wrong[:2]), bool(stale_steps(case, slug)),
                 len(_witnesses(case, standing)))  # fmt: skip


def _witnesses(case: Case, standing: Standing) -> set[str]:
    """Those described in the facility's record, and those whose statements and incidents came in."""
    said = {one.witness for one in case.statements(standing.facility.slug).statements}
    told = {one.witness for one in case.incident_records(standing.facility.slug) if one.witness}
    return {*standing.facility.witnesses, *said, *told}


@router.post("/facilities")
def new_facility(request: Request, seat: Annotated[Seat, Changing("investigator")]) -> dict[str, Any]:
    """Make a facility: its record is a file like any other, taken in as one.

    Raises
    ------
    FieldError
        If it has no name, or one of its short name is there already.
    """
    name = str(chosen(seat.data, "name")).strip()[:200]
    slug = _slug(str(seat.data.get("slug") or name))
    if not name or not slug:
        raise FieldError(
            "a facility needs a name, and a short one in Latin letters for its folder", do="give both", field="name"
        )
    with seat.desk.case() as case:
        target = case.root / "facilities" / slug / "facility.yaml"
        if target.parent.exists():
            raise FieldError(f"there is a facility “{slug}” already", do="choose another short name", field="slug")
        record = {"slug": slug, "name": name, "simulated": case.settings.simulated}
        write_text(target, yaml.safe_dump(record, allow_unicode=True, sort_keys=False))
        take_in(case, by=seat.account.name)
    return {"slug": slug}


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]


@router.post("/build")
def build(request: Request, seat: Annotated[Seat, Changing("investigator")]) -> dict[str, Any]:
    """Start a build in the background; while one runs, that one is told of."""
    return seat.desk.jobs.build(seat.account.name).plain()


@router.get("/build")
def build_state(request: Request, seat: Seated) -> dict[str, Any]:
    """How the last build goes, or went."""
    job = seat.desk.jobs.last
    return job.plain() if job else {}


@router.get("/facilities/{slug}")
def facility(request: Request, seat: Seated, slug: str) -> Response:
    """A facility's first page."""
    with seat.desk.case() as case:
        case.facility(slug)
    return RedirectResponse(f"/facilities/{slug}/place", 303)


@router.get("/facilities/{slug}/report")
def report(request: Request, seat: Seated, slug: str, lang: str = "en") -> Response:
    """The facility's report as the last build wrote it, shut off from everything: it carries its own styles."""
    with seat.desk.case() as case:
        case.facility(slug)
        path = case.models_dir(slug) / "report.html"
        if not path.is_file():
            raise FieldError("there is no report yet", do="build the case first")
        content = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{slug}-report.html"'}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)
