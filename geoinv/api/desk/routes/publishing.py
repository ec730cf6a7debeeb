"""Publish: what would be withheld and why, a look through the audience's eyes, then the release."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.shell import Changing, Seat, Seated, chosen, page
from geoinv.api.publish import plan_release, write_release
from geoinv.case.folder import Case
from geoinv.errors import DecidedMeanwhileError

__all__ = ["router"]

router = APIRouter()


@router.get("/publish")
def publishing(request: Request, seat: Seated, audience: str = "") -> Response:
    """Audiences, their releases so far, and the plan of the next one where one is asked for."""
    with seat.desk.case() as case:
        names = [one if isinstance(one, str) else one.name for one in case.settings.audiences]
        plan = plan_release(case, audience) if audience else None
        preview = seat.desk.previews.put(plan) if plan else ""
        return page(
            request, "publish.html", seat=seat, case=case, audiences=[(name, _made(case, name)) for name in names],
            audience=audience, plan=plan, preview=preview,
            there=bool(plan) and (case.root / "api" / audience / plan.name).is_dir() if plan else False,
            size=sum(map(len, plan.files.values())) if plan else 0,
        )  # fmt: skip


def _made(case: Case, audience: str) -> list[str]:
    """Names of an audience's releases, and which was made last, first."""
    folder = case.root / "api" / audience
    latest = (folder / "latest").read_text().strip() if (folder / "latest").is_file() else ""
    there = (
        sorted(path.name for path in folder.iterdir() if (path / "manifest.json").is_file()) if folder.is_dir() else []
    )
    return sorted(there, key=lambda name: name != latest)


@router.post("/publish")
def release(request: Request, seat: Annotated[Seat, Changing("lead")]) -> dict[str, Any]:
    """Make the release that was looked at.

    Raises
    ------
    DecidedMeanwhileError
        If the case has changed since, so that it would be another.
    """
    audience, name = str(chosen(seat.data, "audience")), str(chosen(seat.data, "name"))
    with seat.desk.case() as case:
        plan = plan_release(case, audience)
        if plan.name != name:
            raise DecidedMeanwhileError("the case has changed since you looked at this release", do="look at it again")
        path = write_release(case, plan, by=seat.account.name)
    return {"path": path.relative_to(seat.desk.root).as_posix(), "name": plan.name}
