"""Redoing only what changed: each step of a build has a key made of all it depends on, and its outputs' hashes."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geoinv import __version__
from geoinv.errors import GeoinvError, ReadOnlyError
from geoinv.files.atomic import has_room, temporary_prefix, write_json
from geoinv.files.hashes import file_sha256
from geoinv.records.base import canonical_json, sha256_hex

__all__ = ["StepLog", "StepOutcome", "provenance"]

_LOG = "build.json"
_LOGGER = logging.getLogger("geoinv")


@dataclass(frozen=True)
class StepOutcome:
    """What became of one step.

    Attributes
    ----------
    name
        The step.
    redone
        Whether it ran, rather than being found fresh.
    problems
        A sentence for each thing that could not be done; the rest was done.
    sound
        Whether it ran as it was meant to; if not, geoinv itself is at fault and the step is redone next time.
    """

    name: str
    redone: bool
    problems: tuple[str, ...] = ()
    sound: bool = True


def provenance(
    command: str, inputs: Mapping[str, str], *, settings: Any = None, seed: int | None = None
) -> dict[str, Any]:
    """The ``geoinv`` member that every output inside a case carries, so that it can be made again."""
    return {
        "version": __version__,
        "command": command,
        "inputs": dict(sorted(inputs.items())),
        "settings": settings or {},
        "seed": seed,
    }


@dataclass
class StepLog:
    """The steps done for one facility and what they gave; kept in ``models/<slug>/build.json``.

    Attributes
    ----------
    folder
        ``models/<slug>``.
    """

    folder: Path
    _steps: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> StepLog:
        """The log of a folder; an empty one where there is none or it cannot be read (then all is redone)."""
        try:
            data = json.loads((folder / _LOG).read_text(encoding="utf-8"))
            steps = data["steps"] if data.get("version") == __version__ else {}
        except (OSError, ValueError, KeyError, AttributeError):
            steps = {}
        return cls(folder, steps)

    def outputs(self, name: str) -> dict[str, str]:
        """Path below the folder → SHA-256 of what a step wrote; empty if it never ran."""
        return dict(self._steps.get(name, {}).get("outputs", {}))

    def is_fresh(self, name: str, inputs: Mapping[str, Any]) -> bool:
        """Whether a step ran on these very inputs and its outputs are still as it wrote them."""
        step = self._steps.get(name)
        if step is None or step["key"] != self._key(name, inputs):
            return False
        paths = ((self.folder / path, digest) for path, digest in step["outputs"].items())
        return all(path.is_file() and file_sha256(path) == digest for path, digest in paths)

    @staticmethod
    def _key(name: str, inputs: Mapping[str, Any]) -> str:
        return sha256_hex(canonical_json({"step": name, "version": __version__, "inputs": dict(inputs)}))

    def run(
        self, name: str, inputs: Mapping[str, Any], work: Callable[[Path], list[str]], *, again: bool = False
    ) -> StepOutcome:
        """Run a step unless it is fresh.

        Parameters
        ----------
        inputs
            Everything the step depends on, JSON-ready; hashes of files rather than their content.
        work
            Writes its outputs below the folder it is given and returns problems, a sentence each. They appear in the
            facility's folder only when it has ended.
        again
            Run even if it is fresh.

        Raises
        ------
        ReadOnlyError
            If the folder cannot be written or its disk is full; the step then counts as never run.
        """
        if not again and self.is_fresh(name, inputs):
            return StepOutcome(name, redone=False, problems=tuple(self._steps[name]["problems"]))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            scratch = Path(tempfile.mkdtemp(prefix=temporary_prefix(), dir=self.folder))
        except OSError as error:
            raise self._not_written() from error
        try:
            problems, sound = self._worked(name, work, scratch)
            outputs = self._published(name, scratch)
        except OSError as error:
            raise self._not_written() from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        key = self._key(name, inputs) if sound else ""  # after a fault of ours the step is never taken for done
        self._steps[name] = {"key": key, "outputs": outputs, "problems": problems}
        write_json(self.folder / _LOG, {"version": __version__, "steps": self._steps})
        return StepOutcome(name, redone=True, problems=tuple(problems), sound=sound)

    def _not_written(self) -> ReadOnlyError:
        if has_room(self.folder):
            return ReadOnlyError(
                "this folder cannot be written", do="ask for permission to write to it", file=str(self.folder)
            )
        return ReadOnlyError("the disk is full", do="make room and run the command again", file=str(self.folder))

    def _worked(self, name: str, work: Callable[[Path], list[str]], scratch: Path) -> tuple[list[str], bool]:
        """Problems, and whether the step ran as it was meant to."""
        try:
            return work(scratch), True
        except ReadOnlyError:
            raise
        except GeoinvError as error:
            return [error.sentence()], True
        except Exception as error:
            if not has_room(scratch):
                raise self._not_written() from error
            _LOGGER.exception("step %s", name)
            fault = f"{type(error).__name__}: {error}"
            return [f"Step “{name}” met a fault in geoinv itself ({fault}); run it with --debug and report it."], False

    def _published(self, name: str, scratch: Path) -> dict[str, str]:
        """Move what a step wrote into place and drop what its last run wrote and this one did not."""
        outputs: dict[str, str] = {}
        for path in sorted(scratch.rglob("*")):
            if path.is_file():
                relative = path.relative_to(scratch).as_posix()
                outputs[relative] = file_sha256(path)
                target = self.folder / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                path.chmod(0o644)
                os.replace(path, target)
        for stale in set(self.outputs(name)) - set(outputs):
            (self.folder / stale).unlink(missing_ok=True)
        return outputs
