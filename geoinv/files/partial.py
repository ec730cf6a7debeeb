"""Results of long work kept beside its output while it runs, so that what was broken off goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from geoinv.errors import ReadOnlyError

__all__ = ["PartialResults"]


class PartialResults(MutableMapping[str, Any]):
    """A mapping of JSON data whose every entry is on disk once it is set; ``finished`` removes the file.

    The first line says what the results are of. A file that says otherwise, or none, is begun anew, and a line that
    was cut off is done again.
    """

    def __init__(self, path: Path, of: Mapping[str, Any]) -> None:
        self._path, self._head = path, json.dumps(of, sort_keys=True, ensure_ascii=False)
        self._found: dict[str, Any] = {}
        self._stream: IO[str] | None = None

    @classmethod
    def beside(cls, output: Path, of: Mapping[str, Any]) -> Self:
        """The partial results of an output, in ``OUTPUT.partial``."""
        return cls(output.with_name(output.name + ".partial"), of)

    def __enter__(self) -> Self:
        lines = self._lines()
        whole = bool(lines) and lines[0] == self._head
        for line in lines[1:] if whole else []:
            try:
                key, value = json.loads(line)
            except ValueError:
                continue
            self._found[key] = value
        try:
            self._stream = self._path.open("w", encoding="utf-8")
        except OSError as error:
            raise ReadOnlyError(
                "this folder cannot be written to", do="choose another output", file=self._path.name
            ) from error
        self._stream.write(self._head + "\n")
        for key, value in self._found.items():
            self._stream.write(json.dumps([key, value]) + "\n")
        self._stream.flush()
        return self

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()
        if not self._found:
            self._path.unlink(missing_ok=True)

    def finished(self) -> None:
        """The output is written: nothing needs to be kept any longer."""
        self._found.clear()

    def __getitem__(self, key: str) -> Any:
        return self._found[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._found[key] = value
        if self._stream is not None:
            self._stream.write(json.dumps([key, value]) + "\n")
            self._stream.flush()

    def __delitem__(self, key: str) -> None:
        del self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
