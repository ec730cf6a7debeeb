"""People: who may sit at the desk, in which role; one-time links for those who come new or forgot."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.accounts import ROLES
from geoinv.api.desk.shell import Changing, Seat, Seated, chosen, page
from geoinv.errors import FieldError

__all__ = ["router"]

router = APIRouter()
Keeping = Annotated[Seat, Changing("lead")]


@router.get("/team")
def team(request: Request, seat: Seated) -> Response:
    """The accounts."""
    with seat.desk.case() as case:
        return page(request, "team.html", seat=seat, case=case, accounts=seat.desk.accounts.all(), roles=ROLES)


@router.post("/team")
def put(request: Request, seat: Keeping) -> dict[str, Any]:
    """Make an account or change its role; a new one, or one that forgot, gets a link to enter once."""
    name, role = str(chosen(seat.data, "name")).strip(), str(chosen(seat.data, "role"))
    if role not in ROLES:
        raise FieldError("there is no such role", do="choose one of those listed", field="role")
    seat.desk.accounts.put(name, role)
    return {"link": f"/enter?key={seat.desk.accounts.link(name)}"}


@router.post("/team/close")
def close(request: Request, seat: Keeping) -> dict[str, Any]:
    """Close an account; what it decided stays in the ledger."""
    name = str(chosen(seat.data, "name"))
    seat.desk.accounts.remove(name)
    seat.desk.sessions.end_all(name)
    return {"closed": name}
