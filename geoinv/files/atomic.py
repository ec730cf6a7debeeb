"""Writing that is whole or not at all: a temporary file beside the target, flushed, then renamed."""

from __future__ import annotations

import errno
import json
import os
import platform
import re
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geoinv.errors import ReadOnlyError

__all__ = [
    "atomic_path",
    "has_room",
    "sweep_below",
    "sweep_left",
    "temporary_prefix",
    "write_bytes",
    "write_folder",
    "write_json",
    "write_json_rows",
    "write_text",
]

#: A place, a colour, a box: a short list of numbers, as ``json`` indents it.
_NUMBER, _BREAK = r"-?\d[\d.eE+-]*", r",\n *"
_NUMBERS = re.compile(rf"\[\n *({_NUMBER}(?:{_BREAK}{_NUMBER}){{0,5}})\n *\]")

#: Letters a line of figures may have.
_LINE = 120

_FULL = {errno.ENOSPC, errno.EDQUOT}


def _cannot_write(path: Path, error: OSError) -> ReadOnlyError:
    if error.errno in _FULL:
        return ReadOnlyError("the disk is full", do="make room and run the command again", file=str(path))
    return ReadOnlyError(
        "this cannot be written", do="choose a folder you may write to, or ask for its permissions", file=str(path)
    )


#: What a disk must still take to count as one that has room, bytes.
_SOME = 2**16


def has_room(folder: Path) -> bool:
    """Whether a folder's disk takes anything at all: tried, since libraries tell a full disk each in its own way."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * _SOME)
            probe.flush()
    except OSError as error:
        return error.errno not in _FULL
    return True


#: Files of another machine that nobody has touched for so long are nobody's, seconds.
_ABANDONED = 86_400
_LEFT = re.compile(r"\.tmp-(\d+)-([0-9a-f]{8})-")


def _machine() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


def temporary_prefix() -> str:
    """How the names of this process's temporary files begin, so that others can tell whether it still runs."""
    return f".tmp-{os.getpid()}-{_machine()}-"


def _is_left(path: Path) -> bool:
    """Whether a temporary file's process is gone: ended on this machine, or not heard of for a day."""
    match = _LEFT.match(path.name)
    try:
        if match and match.group(2) == _machine():
            os.kill(int(match.group(1)), 0)
            return False
        return time.time() - path.lstat().st_mtime > _ABANDONED
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False


def sweep_left(folder: Path) -> None:
    """Remove the temporary files that killed processes left in a folder; those in use stay.

    Parameters
    ----------
    folder
        Any folder, there or not.
    """
    for path in sorted(folder.glob(".tmp-*")):
        if not _is_left(path):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def sweep_below(folder: Path) -> None:
    """``sweep_left`` in a folder and all folders below it; links are not followed."""
    for top, folders, _ in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".tmp-")]
        sweep_left(Path(top))


@contextmanager
def atomic_path(target: Path, *, mode: int = 0o644) -> Iterator[Path]:
    """A temporary path beside ``target`` that becomes ``target`` if the block ends well, and vanishes if not.

    Parameters
    ----------
    target
        The file to write.
    mode
        Its permissions, less what the process's umask takes away; until it is whole only its owner can read it.

    Raises
    ------
    ReadOnlyError
        If the folder cannot be written or the disk is full.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # The suffix is kept: many writers choose the format by it.
        descriptor, name = tempfile.mkstemp(prefix=temporary_prefix(), suffix=target.suffix, dir=target.parent)
        os.close(descriptor)
    except OSError as error:
        raise _cannot_write(target, error) from error
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(mode & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def write_bytes(target: Path, content: bytes) -> None:
    """Write a file whole or not at all; an unchanged file is left as it is, times included."""
    if target.is_file() and target.stat().st_size == len(content) and target.read_bytes() == content:
        return
    with atomic_path(target) as temporary:
        temporary.write_bytes(content)


def write_text(target: Path, content: str) -> None:
    """Write UTF-8 text whole or not at all."""
    write_bytes(target, content.encode())


def write_json(target: Path, data: Any) -> None:
    """Write JSON, indented by one space, a place on one line, keys in the order given, whole or not at all."""
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)
    # Within strings JSON has no bare line break, so that only lists of numbers are met.
    text = _NUMBERS.sub(lambda found: f"[{re.sub(_BREAK, ', ', found[1])}]", text)
    write_text(target, text + "\n")


def write_json_rows(target: Path, data: Any) -> None:
    """Write JSON as :func:`write_json` does, but each value on one line that fits there: figures, row by row."""
    write_text(target, _rows(data, 0) + "\n")


def _rows(value: Any, depth: int) -> str:
    """A value as JSON, broken into its items where it is too long for one line; lists of plain values never are."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    plain = not isinstance(value, dict) and not any(isinstance(one, dict | list | tuple) for one in items)
    if plain or depth + len(line) <= _LINE:
        return line
    within = [_rows(one, depth + 1) for one in items]
    if isinstance(value, dict):
        within = [f"{json.dumps(str(key), ensure_ascii=False)}: {one}" for key, one in zip(value, within, strict=True)]
    start, end = "{}" if isinstance(value, dict) else "[]"
    gap = "\n" + " " * (depth + 1)
    return f"{start}{gap}{f',{gap}'.join(within)}\n{' ' * depth}{end}"


@contextmanager
def write_folder(target: Path, *, mode: int = 0o755) -> Iterator[Path]:
    """A temporary folder beside ``target`` that replaces it if the block ends well, and vanishes if not.

    Parameters
    ----------
    target
        The folder to write.
    mode
        Its permissions, less what the process's umask takes away; until it is whole only its owner can enter it.

    Raises
    ------
    ReadOnlyError
        If the parent folder cannot be written or the disk is full.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=temporary_prefix(), dir=target.parent))
    except OSError as error:
        raise _cannot_write(target, error) from error
    try:
        yield temporary
        temporary.chmod(mode & ~_umask())
        if target.exists():
            aside = temporary.with_name(temporary.name + "-old")
            os.replace(target, aside)
            os.replace(temporary, target)
            shutil.rmtree(aside)
        else:
            os.replace(temporary, target)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
