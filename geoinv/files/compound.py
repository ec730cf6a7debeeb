"""Compound files (MS-CFB): what DOC, XLS and HWP files of before are boxes of, opened in memory and never trusted."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator

import olefile

from geoinv.errors import UnreadableFileError
from geoinv.files.limits import MEGABYTE

__all__ = ["MAGIC", "authors_of", "is_compound", "properties_of", "streams_of"]

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_STREAM, _MOST_STREAMS = 128 * MEGABYTE, 2_000
#: Property sets that say who made a document (MS-OLEPS), and Hangul's own.
_SETS = ("\x05SummaryInformation", "\x05DocumentSummaryInformation", "\x05HwpSummaryInformation")
#: Numbers of properties (MS-OLEPS 3.1): of the first and third set, and of the second.
_PEOPLE, _WORDS = {4: "author", 8: "last saved by"}, {2: "title", 3: "subject", 5: "keywords", 6: "comments"}
_COMPANY = {14: "manager", 15: "company"}


def is_compound(data: bytes) -> bool:
    """Whether a file is a compound file, by its first four bytes: damaged ones are known for what they were."""
    return data.startswith(MAGIC[:4])


def _opened(data: bytes, file: str) -> olefile.OleFileIO:
    try:
        return olefile.OleFileIO(io.BytesIO(data))
    except Exception as error:  # olefile raises what it likes on damaged files
        raise UnreadableFileError(
            "this old document is damaged or incomplete", do="copy it again, or save it in a newer format", file=file
        ) from error


def streams_of(data: bytes, *, file: str) -> dict[str, bytes]:
    """Contents of a compound file's streams by their names, storages parted by ``/``.

    Parameters
    ----------
    data
        The file.
    file
        Its name, for messages.

    Raises
    ------
    UnreadableFileError
        If it is damaged, or holds more than anything honest.
    """
    found: dict[str, bytes] = {}
    total = 0
    with _opened(data, file) as box:
        try:
            names = ["/".join(parts) for parts in box.listdir()]
            if len(names) > _MOST_STREAMS:
                raise ValueError("too many streams")
            for name in names:
                total += box.get_size(name)
                if total > _MOST_STREAM:
                    raise ValueError("too large")
                found[name] = box.openstream(name).read()
        except Exception as error:
            raise UnreadableFileError(
                "this old document is damaged or incomplete", do="copy it again, or save it in a newer format",
                file=file,
            ) from error  # fmt: skip
    return found


def _words(value: object) -> str:
    if isinstance(value, bytes):
        for encoding in ("utf-8", "cp949"):
            with contextlib.suppress(UnicodeDecodeError):
                return value.decode(encoding).replace("\0", "").strip()
        return value.decode("latin-1").replace("\0", "").strip()
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def properties_of(data: bytes, *, file: str) -> Iterator[tuple[str, str]]:
    """Name and value of what a document's properties say in words; nothing where they are damaged.

    Raises
    ------
    UnreadableFileError
        If the file is no compound file that can be read.
    """
    with _opened(data, file) as box, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # olefile's remarks on properties of kinds it does not know
        for name in _SETS:
            try:
                values = box.getproperties(name) if box.exists(name) else {}
            except Exception:  # noqa: BLE001 - properties are a courtesy: what is wrong with the file its reader says
                continue
            meanings = _COMPANY if "Document" in name else _PEOPLE | _WORDS
            for number, meaning in meanings.items():
                if words := _words(values.get(number)):
                    yield meaning, words


def authors_of(data: bytes, *, file: str) -> Iterator[tuple[str, str]]:
    """Those of ``properties_of`` that name a person or an organisation.

    Raises
    ------
    UnreadableFileError
        As ``properties_of``.
    """
    people = {*_PEOPLE.values(), *_COMPANY.values()}
    yield from ((name, words) for name, words in properties_of(data, file=file) if name in people)
