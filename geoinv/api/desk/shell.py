"""What the pages share: who is here, in which language, the page's frame, and a request's words checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from geoinv import __version__
from geoinv.api.desk.accounts import Account, Role
from geoinv.api.desk.desk import Desk
from geoinv.api.desk.errors_ko import korean_told
from geoinv.api.desk.sessions import Session
from geoinv.api.desk.words import desk_words
from geoinv.case.build import stale_steps
from geoinv.case.folder import Case, read_settings
from geoinv.errors import FieldError
from geoinv.pages.told import note_told
from geoinv.pages.words import LANGUAGES, Language
from geoinv.records.facility import Facility

__all__ = [
    "LANGUAGE_COOKIE",
    "Changing",
    "NotAllowedError",
    "Seat",
    "Seated",
    "SignInNeededError",
    "chosen",
    "desk_of",
    "form",
    "language_of_request",
    "page",
]

LANGUAGE_COOKIE = "geoinv_desk_language"
_MOST_BODY = 2**20


class SignInNeededError(Exception):
    """Nobody is signed in, or no longer."""


class NotAllowedError(Exception):
    """The account's role does not allow it, or the request carries no token of its session."""


@dataclass(frozen=True)
class Seat:
    """Somebody at the desk.

    Attributes
    ----------
    desk, account, session
        At which, who, and the signed-in browser.
    data
        What a changing request says.
    """

    desk: Desk
    account: Account
    session: Session
    data: dict[str, Any]


def desk_of(request: Request) -> Desk:
    """The desk that answers."""
    desk: Desk = request.app.state.desk
    return desk


def _seat(request: Request, data: dict[str, Any] | None = None) -> Seat:
    desk = desk_of(request)
    session = desk.sessions.of(request.cookies.get(desk.cookie))
    account = desk.accounts.named(session.name) if session else None
    if session is None or account is None:
        raise SignInNeededError
    return Seat(desk, account, session, data or {})


def _seated(request: Request) -> Seat:
    return _seat(request)


#: A signed-in reader.
Seated = Annotated[Seat, Depends(_seated)]


def Changing(role: Role) -> Any:
    """A signed-in person whose role allows a change, with what the request says (JSON or a form), its token checked."""

    async def changing(request: Request) -> Seat:
        seat = _seat(request, await _data(request))
        token = request.headers.get("x-geoinv-token") or str(seat.data.pop("token", ""))
        if not seat.desk.sessions.is_token(seat.session, token) or not seat.account.may(role):
            raise NotAllowedError
        return seat

    return Depends(changing)


async def form(request: Request) -> dict[str, str]:
    """A form's fields, before anybody is signed in.

    Raises
    ------
    FieldError
        If it is far larger than a form is.
    """
    return {key: str(value) for key, value in (await _data(request)).items()}


async def _data(request: Request) -> dict[str, Any]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BODY:
            raise FieldError("this request is larger than any that a page of the desk sends", do="reload the page")
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            data = json.loads(body)
        except ValueError as error:
            raise FieldError("this request cannot be read", do="reload the page") from error
        if not isinstance(data, dict):
            raise FieldError("this request cannot be read", do="reload the page")
        return data
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError as error:
        raise FieldError("this form cannot be read", do="reload the page") from error


def language_of_request(request: Request) -> Language:
    """The language asked for now, or before, or English."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return next((language for language in LANGUAGES if language == asked), "en")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("geoinv.api.desk"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["words_for_pages"] = dict
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}
    return made


#: Pages of one facility: address → key of its name.
TABS = (
    ("place", "place it"),
    ("outlines", "outlines"),
    ("rooms", "rooms"),
    ("drawings", "trace it"),
    ("claims", "claims page"),
    ("incidents", "incidents page"),
    ("changes", "changes"),
)


def page(
    request: Request,
    template: str,
    *,
    seat: Seat | None = None,
    case: Case | None = None,
    facility: Facility | None = None,
    status: int = 200,
    **values: Any,
) -> Response:
    """A page from a template; every text is escaped.

    Parameters
    ----------
    seat
        Who looks; ``None`` before signing in.
    case
        Opened; its last entry is what a decision taken on this page was taken on.
    facility
        Whose page it is.
    """
    language, settings = language_of_request(request), read_settings(desk_of(request).root)
    last = case.store.last() if case else None
    waits = False
    if case and facility:
        desk_of(request).states.keep(case, facility.slug)
        waits = bool(stale_steps(case, facility.slug))
    body = (
        _environment()
        .get_template(template)
        .render(
            language=language,
            w=desk_words(language),
            settings=settings,
            seat=seat,
            seen=last.number if last else 0,
            facility=facility,
            tabs=TABS,
            path=request.url.path,
            waits=waits,
            told=partial(_told, language),
            building=desk_of(request).jobs.running,
            version=__version__,
            **values,
        )
    )
    answer = HTMLResponse(body, status)
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, httponly=True, samesite="strict", max_age=365 * 86400)
    return answer


def _told(language: Language, text: str) -> str:
    """A sentence that something kept or raised in English, in the page's language where there are words for it."""
    if language == "en":
        return text
    return korean_told(text) if (said := note_told(text, language)) == text else said


def chosen(data: dict[str, Any], key: str, kind: Callable[[Any], Any] = str, *, default: Any = None) -> Any:
    """One field of a request.

    Raises
    ------
    FieldError
        If it is missing and has no default, or is not of its kind.
    """
    value = data.get(key, default)
    if value is None:
        raise FieldError("this is missing from the request", do="reload the page", field=key)
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise FieldError("this cannot be read", do="reload the page", field=key) from error
