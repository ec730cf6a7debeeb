"""The command line: one program, a command a job; everything heavy is loaded only by the command that needs it."""

from __future__ import annotations

import json
import logging
import sys
from typing import Annotated, Any

import typer

from geoinv.errors import GeoinvError

__all__ = ["app", "run"]

app = typer.Typer(
    name="geoinv",
    help="What survivors said and drew, and what satellites saw, made into footprints, blueprints and maps.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Session:
    """How this run speaks: quietly, in problem objects, with tracebacks."""

    quiet = False
    json_errors = False
    debug = False


def _version(wanted: bool) -> None:
    if wanted:
        from geoinv import __version__

        typer.echo(f"geoinv {__version__}")
        raise typer.Exit


@app.callback()
def _settings(
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but what went wrong.")] = False,
    json_errors: Annotated[
        bool, typer.Option("--json-errors", help="Print errors as RFC 9457 problem objects.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback where something fails.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    Session.quiet, Session.json_errors, Session.debug = quiet, json_errors, debug
    if debug:
        logging.basicConfig(level=logging.DEBUG, format="%(name)s: %(message)s")
        logging.getLogger("geoinv").setLevel(logging.DEBUG)
    else:
        logging.getLogger("geoinv").addHandler(logging.NullHandler())
        logging.getLogger("geoinv").propagate = False


def say(text: str) -> None:
    """A line for the person at the terminal, unless they asked for quiet."""
    if not Session.quiet:
        typer.echo(text)


def _tell(problem: dict[str, Any]) -> None:
    typer.echo(json.dumps(problem, ensure_ascii=False) if Session.json_errors else problem["detail"], err=True)


def run() -> None:
    """Run the command line; errors go to stderr as one sentence, status 1; a wrong command line is status 2."""
    _register()
    try:
        app()
    except GeoinvError as error:
        if Session.debug:
            raise
        _tell(error.problem())
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except KeyboardInterrupt:
        _tell({"type": "about:blank", "title": "Stopped", "detail": "Stopped; nothing was left half-written."})
        sys.exit(130)
    except Exception as error:
        if Session.debug:
            raise
        _tell(
            {
                "type": "urn:geoinv:error:fault",
                "title": "A fault in geoinv itself",
                "detail": f"a fault in geoinv ({type(error).__name__}: {error}); report what --debug shows.",
            }
        )
        sys.exit(1)


def _register() -> None:
    """Attach the commands; their modules import nothing heavy at their heads."""
    from geoinv.cli import case_commands, look_commands, publish_commands, step_commands  # noqa: F401
