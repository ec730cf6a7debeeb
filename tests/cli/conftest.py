"""Typing a command: in this process where that is the same thing, since starting one takes a second."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from geoinv.cli.main import run


class Ran(NamedTuple):
    """How a command ended and what it wrote to both streams."""

    status: int
    out: str
    err: str


@pytest.fixture
def geoinv(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Type ``geoinv …`` and see how it ends."""

    def typed(*words: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["geoinv", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return typed
