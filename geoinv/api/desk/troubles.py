"""From error to page: plain words for people, problem objects (RFC 9457) for the pages' modules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from geoinv.api.desk.errors_ko import korean_sentence
from geoinv.api.desk.shell import NotAllowedError, SignInNeededError, language_of_request, page
from geoinv.api.desk.words import desk_words
from geoinv.api.problems import problem_response
from geoinv.errors import CaseLockedError, DecidedMeanwhileError, FieldError, GeoinvError, InputError, NotACaseError

__all__ = ["add_troubles"]

#: The first class that fits gives the status.
_STATUSES: tuple[tuple[type[GeoinvError], int], ...] = (
    (DecidedMeanwhileError, 409),
    (CaseLockedError, 503),
    (NotACaseError, 503),
    (FieldError, 400),
    (InputError, 400),
    (GeoinvError, 400),
)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _answer(request: Request, status: int, problem: dict[str, Any]) -> Response:
    if _wants_page(request):
        return page(request, "trouble.html", status=status, problem=problem)
    return problem_response(status, problem)


def _geoinv(request: Request, error: Exception) -> Response:
    assert isinstance(error, GeoinvError)
    problem = error.problem()
    if language_of_request(request) == "ko":
        problem["detail"] = korean_sentence(error)
    return _answer(request, next(status for kind, status in _STATUSES if isinstance(error, kind)), problem)


def _sign_in(request: Request, error: Exception) -> Response:
    if request.method == "GET" and _wants_page(request):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(wanted)}", 303)
    words = desk_words(language_of_request(request))
    return _answer(request, 401, {"type": "about:blank", "title": words["sign in"], "detail": words["session ended"]})


def _not_allowed(request: Request, error: Exception) -> Response:
    words = desk_words(language_of_request(request))
    return _answer(request, 403, {"type": "about:blank", "title": words["not allowed"], "detail": words["not allowed"]})


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = desk_words(language_of_request(request))
    detail = words["not here"] if error.status_code in (404, 405) else str(error.detail)
    return _answer(request, error.status_code, {"type": "about:blank", "title": detail, "detail": detail})


def _validation(request: Request, error: Exception) -> Response:
    words = desk_words(language_of_request(request))
    return _answer(request, 404, {"type": "about:blank", "title": words["not here"], "detail": words["not here"]})


def add_troubles(app: FastAPI) -> None:
    """Answer every error with a sentence, and none with a traceback."""
    handlers: dict[type[Exception], Callable[[Request, Exception], Response | Awaitable[Response]]] = {
        GeoinvError: _geoinv,
        SignInNeededError: _sign_in,
        NotAllowedError: _not_allowed,
        HTTPException: _http,
        RequestValidationError: _validation,
        Exception: lambda request, error: _answer(
            request,
            500,
            {"type": "about:blank", "title": "fault", "detail": f"a fault in geoinv ({type(error).__name__})."},
        ),
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
