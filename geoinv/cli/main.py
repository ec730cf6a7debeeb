"""The command line: one program, a command a job; everything heavy is loaded only by the command that needs it."""

from __future__ import annotations

import importlib
import json
import logging
import sys
from typing import Annotated, Any, cast

import typer

from geoinv.errors import FieldError, GeoinvError

__all__ = ["app", "run"]

app = typer.Typer(
    name="geoinv",
    help="What survivors said and drew, and what satellites saw, made into footprints, blueprints and maps.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


#: What a wrong command line raises; typer's versions differ in where they keep it.
_UsageError = cast(type[Exception], typer.BadParameter.__base__)


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
        logger = logging.getLogger("geoinv")  # not the root: what libraries log would bury what is looked for
        logger.addHandler(logging.StreamHandler())
        logger.setLevel(logging.DEBUG)
    else:
        logging.getLogger("geoinv").addHandler(logging.NullHandler())
        logging.getLogger("geoinv").propagate = False


def say(text: str) -> None:
    """A line for the person at the terminal, unless they asked for quiet."""
    if not Session.quiet:
        typer.echo(text)


def _tell(problem: dict[str, Any]) -> None:
    typer.echo(json.dumps(problem, ensure_ascii=False) if Session.json_errors else problem["detail"], err=True)


def _usage(error: Any) -> dict[str, Any]:
    """What is wrong with the command line, as a problem object; the help where nothing was asked for."""
    message = str(error.format_message()).strip().rstrip(".")
    command = error.ctx.command_path if error.ctx else "geoinv"
    detail = message if message.startswith("Usage:") else f"{message}; see “{command} --help”."
    return {"type": "about:blank", "title": "The command line is wrong", "detail": detail}


def run() -> None:
    """Run the command line; errors go to stderr as one sentence, status 1; a wrong command line is status 2."""
    _register()
    Session.json_errors = "--json-errors" in sys.argv  # wanted even where the command line cannot be read
    try:
        sys.exit(app(prog_name="geoinv", standalone_mode=False))
    except GeoinvError as error:
        if Session.debug:
            raise
        _tell(error.problem())
        sys.exit(2 if isinstance(error, FieldError) and (error.field or "").startswith("--") else 1)
    except _UsageError as error:
        _tell(_usage(error))
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
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
    for group in (
        "case",
        "decide",
        "look",
        "step",
        "model",
        "claim",
        "calibrate",
        "publish",
        "seal",
        "custody",
        "lock",
        "export",
        "desk",
    ):
        importlib.import_module(f"geoinv.cli.{group}_commands")
