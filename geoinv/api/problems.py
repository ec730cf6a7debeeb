"""From error to answer: one table of statuses, problem details as RFC 9457 says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from geoinv.api.answers import HTML, rendered
from geoinv.api.negotiation import NotAcceptableError
from geoinv.api.releases import NotInReleaseError
from geoinv.errors import FieldError, GeoinvError, InputError, ReleaseError
from geoinv.pages.words import Language

__all__ = ["STATUSES", "add_handlers", "answer_to", "problem_response"]

#: The first class that fits gives the status.
STATUSES: tuple[tuple[type[GeoinvError], int], ...] = (
    (NotInReleaseError, 404),
    (FieldError, 400),
    (InputError, 400),
    (ReleaseError, 503),
    (GeoinvError, 500),
)


def problem_response(status: int, problem: dict[str, Any]) -> Response:
    """A problem object as a response."""
    body = json.dumps({**problem, "status": status}, ensure_ascii=False).encode()
    return Response(body, status, media_type="application/problem+json", headers={"Cache-Control": "no-store"})


def _told(request: Request, status: int, problem: dict[str, Any]) -> Response:
    """A problem as a page to a browser that asked for one, and as an object to everybody else."""
    accepted = request.headers.get("accept", "")
    if status >= 500 or "text/html" not in accepted or request.query_params.get("f") == "json":
        return problem_response(status, problem)
    language: Language = "ko" if request.query_params.get("lang") == "ko" else "en"
    detail = problem.get("detail", "") if status == 400 else ""
    body = rendered(request, "problem.html", language, status=status, detail=detail)
    return Response(body, status, media_type=HTML, headers={"Cache-Control": "no-store", "Vary": "Accept"})


def _geoinv(request: Request, error: Exception) -> Response:
    assert isinstance(error, GeoinvError)
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    # A server's folders are nobody's business outside.
    problem = {key: value for key, value in error.problem().items() if key != "file"}
    if status >= 500:
        problem["detail"] = "The release cannot be read; the server's operator can check it with “geoinv verify”."
    return _told(request, status, problem)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = {404: "Not in this release", 405: "Only reading is possible"}.get(error.status_code, str(error.detail))
    made = _told(request, error.status_code, {"type": "about:blank", "title": title})
    made.headers.update({name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"})
    return made


def _not_acceptable(request: Request, error: Exception) -> Response:
    detail = "Answers are JSON and HTML: leave out Accept, or ask with f=json or f=html."
    return problem_response(406, {"type": "about:blank", "title": "No such format", "detail": detail})


def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    detail = f"{first['loc'][-1]}: {first['msg'][:1].lower()}{first['msg'][1:]}."
    return _told(request, 400, {"type": "about:blank", "title": "A parameter cannot be read", "detail": detail})


def _unforeseen(request: Request, error: Exception) -> Response:
    return problem_response(500, {"type": "about:blank", "title": "Something went wrong here; it is not your request"})


#: The first that fits makes the answer.
_HANDLERS: tuple[tuple[type[Exception], Callable[[Request, Exception], Response]], ...] = (
    (GeoinvError, _geoinv),
    (HTTPException, _http),
    (NotAcceptableError, _not_acceptable),
    (RequestValidationError, _validation),
    (Exception, _unforeseen),
)


def answer_to(request: Request, error: Exception) -> tuple[Response, bool]:
    """The answer to an error, and whether it was one that nobody foresaw."""
    handler = next(handler for kind, handler in _HANDLERS if isinstance(error, kind))
    return handler(request, error), handler is _unforeseen


def add_handlers(app: FastAPI) -> None:
    """Answer every error with a problem object, and none with a traceback."""
    for kind, handler in _HANDLERS:
        app.add_exception_handler(kind, handler)
