"""Signing in and out, one-time links, passwords."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from geoinv.api.desk.shell import Changing, Seat, Seated, desk_of, form, language_of_request, page
from geoinv.api.desk.words import desk_words
from geoinv.errors import FieldError

__all__ = ["router"]

router = APIRouter()
Fields = Annotated[dict[str, str], Depends(form)]


def _inside(path: str) -> str:
    """A path of this desk; anything else leads to the start."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def _let_in(request: Request, name: str, to: str) -> Response:
    desk = desk_of(request)
    desk.sessions.end(request.cookies.get(desk.cookie))
    cookie, _ = desk.sessions.begin(name)
    answer = RedirectResponse(to, 303)
    answer.set_cookie(desk.cookie, cookie, httponly=True, samesite="strict", path="/")
    return answer


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/") -> Response:
    """The form; where a session ended by itself, it says so."""
    desk = desk_of(request)
    cookie = request.cookies.get(desk.cookie)
    if desk.sessions.of(cookie) is not None:
        return RedirectResponse(_inside(next), 303)
    return page(request, "sign-in.html", next=_inside(next), ended=cookie is not None, wrong="", name="")


@router.post("/sign-in")
def sign_in(request: Request, fields: Fields) -> Response:
    """Let somebody in who knows the password; guesses wait ever longer."""
    desk, name = desk_of(request), fields.get("name", "")[:60]
    words, to = desk_words(language_of_request(request)), _inside(fields.get("next", "/"))
    wait = desk.throttle.wait(name)
    if wait > 0:
        wrong, status = words["sign in wait"].format(seconds=math.ceil(wait)), 429
    elif not desk.accounts.is_password(name, fields.get("password", "")[:1000]):
        desk.throttle.failed(name)
        wrong, status = words["sign in wrong"], 403
    else:
        desk.throttle.right(name)
        return _let_in(request, name, to)
    return page(request, "sign-in.html", status=status, next=to, ended=False, wrong=wrong, name=name)


@router.get("/enter")
def enter_page(request: Request, key: str = "") -> Response:
    """A button, so that nothing that only follows links uses one up."""
    return page(request, "enter.html", key=key, wrong="")


@router.post("/enter")
def enter(request: Request, fields: Fields) -> Response:
    """Let somebody in by a one-time link."""
    desk = desk_of(request)
    account = desk.accounts.use_link(fields.get("key", "")[:200])
    if account is None:
        words = desk_words(language_of_request(request))
        return page(request, "enter.html", status=403, key="", wrong=words["link used"])
    return _let_in(request, account.name, "/password")


@router.get("/password")
def password_page(request: Request, seat: Seated) -> Response:
    """Choose a password."""
    return page(request, "password.html", seat=seat, wrong="")


@router.post("/password")
def password(request: Request, seat: Annotated[Seat, Changing("reader")]) -> Response:
    """Keep a password; every other browser of the person is signed out."""
    words = desk_words(language_of_request(request))
    try:
        first, second = str(seat.data.get("password", ""))[:1000], str(seat.data.get("again", ""))[:1000]
        if first != second:
            raise FieldError(words["again"], field=words["password"])
        seat.desk.accounts.set_password(seat.account.name, first)
    except FieldError as error:
        return page(request, "password.html", seat=seat, status=400, wrong=error.sentence())
    seat.desk.sessions.end_all(seat.account.name)
    return _let_in(request, seat.account.name, "/")


@router.post("/sign-out")
def sign_out(request: Request, seat: Annotated[Seat, Changing("reader")]) -> Response:
    """Sign out."""
    seat.desk.sessions.end(request.cookies.get(seat.desk.cookie))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(seat.desk.cookie, path="/")
    return answer
