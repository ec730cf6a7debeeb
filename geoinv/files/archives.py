"""Zip archives read in memory: nothing is unpacked to disk, nothing larger than it says, nothing outside its folder."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from geoinv.errors import UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MEGABYTE, read_bytes

__all__ = ["check_archive", "read_archive", "read_members"]

_MOST_MEMBERS = 10_000
_MOST_TOTAL = 512 * MEGABYTE
#: Deflate cannot exceed 1032:1; drawings, tables and KML stay under 50:1.
_MOST_RATIO = 200
_SMALL = 4 * MEGABYTE


def _unsafe(what: str, file: str, item: str | None = None) -> UnsafeFileError:
    return UnsafeFileError(what, do="make the archive again from the files you trust", file=file, item=item)


def _check_member(info: zipfile.ZipInfo, file: str) -> None:
    name = info.filename
    if not name:
        raise UnreadableFileError("this archive has a member without a name", do="make it again", file=file)
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":") or "\0" in name:
        raise _unsafe("this archive has a member that would be written outside its folder", file, f"member “{name}”")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _unsafe("this archive has a symbolic link in it", file, f"member “{name}”")
    if info.file_size > _SMALL and info.file_size > _MOST_RATIO * max(1, info.compress_size):
        raise _unsafe(
            "this archive has a member that unpacks to far more than anything honest", file, f"member “{name}”"
        )
    if info.flag_bits & 0x1:
        raise UnreadableFileError(
            "this archive is locked with a password",
            do="unlock it and add the files",
            file=file,
            item=f"member “{name}”",
        )


def _open(data: bytes, file: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise UnreadableFileError(
            "this is not a zip archive that can be read", do="make it again", file=file
        ) from error


def check_archive(data: bytes, *, file: str) -> tuple[zipfile.ZipInfo, ...]:
    """Members of an archive that does no harm, in archive order, folders left out.

    Parameters
    ----------
    data
        The archive.
    file
        Its name, for messages.

    Raises
    ------
    UnsafeFileError
        For paths that lead out (``../``, ``/``, ``C:``), symbolic links, bombs (by ratio, size or number) and
        doubled names.
    UnreadableFileError
        If it is no zip archive or is locked.
    """
    with _open(data, file) as archive:
        members = archive.infolist()
    if len(members) > _MOST_MEMBERS or sum(info.file_size for info in members) > _MOST_TOTAL:
        raise _unsafe("this archive unpacks to far more than anything honest", file)
    for info in members:
        _check_member(info, file)
    if len({info.filename for info in members}) < len(members):
        raise _unsafe("this archive holds two members of one name", file)
    return tuple(info for info in members if not info.is_dir())


def read_members(data: bytes, *, file: str, wanted: Callable[[str], bool] = lambda _: True) -> dict[str, bytes]:
    """Contents of an archive by member name, in archive order.

    Parameters
    ----------
    data
        The archive.
    file
        Its name, for messages.
    wanted
        Which members to read, by name.

    Raises
    ------
    UnsafeFileError, UnreadableFileError
        As ``check_archive``; also where a member is damaged.
    """
    contents: dict[str, bytes] = {}
    chosen = [info for info in check_archive(data, file=file) if wanted(info.filename)]
    with _open(data, file) as archive:
        for info in chosen:
            try:
                with archive.open(info) as stream:
                    contents[info.filename] = stream.read(info.file_size + 1)
            except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError, KeyError) as error:
                raise UnreadableFileError(
                    "this member of the archive is damaged", do="make the archive again", file=file,
                    item=f"member “{info.filename}”",
                ) from error  # fmt: skip
            if len(contents[info.filename]) > info.file_size:
                raise _unsafe("this archive has a member larger than it says", file, f"member “{info.filename}”")
    return contents


def read_archive(path: Path, *, wanted: Callable[[str], bool] = lambda _: True) -> dict[str, bytes]:
    """Contents of a zip file by member name; see ``read_members``.

    Raises
    ------
    UnsafeFileError, UnreadableFileError
        As ``read_members``; also if the file is missing or larger than 256 MB.
    """
    return read_members(read_bytes(path, most=256 * MEGABYTE), file=path.name, wanted=wanted)
