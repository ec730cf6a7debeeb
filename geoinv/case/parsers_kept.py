"""What is drawn or kept: sketches with what is known of them, pictures, meshes, recordings, archives."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from geoinv.case.parsed import Context, Parsed, Unpacked
from geoinv.errors import FieldError
from geoinv.files.archives import check_archive, read_members
from geoinv.files.drawings import pages_of, read_drawing
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.references import read_reference
from geoinv.files.yamls import read_mapping
from geoinv.records.accounts import Reference
from geoinv.records.drawings import RasterDrawing
from geoinv.records.facility import SketchNote

__all__ = ["parse_about", "parse_archive", "parse_picture", "parse_recording", "parse_reference", "parse_sketch"]

#: What a drawing's meaning rests on, and how a person would ask for it.
_WANTED = (("witness", "whose it is"), ("drawn_by", "who held the pen"), ("period", "which period it shows"),
           ("seen_before", "what the witness had seen before"))  # fmt: skip
_ABOUT = (".yaml", ".yml", ".json")
#: Other words for the same, in a file beside a drawing.
_ALIASES = {"exposure": "seen_before", "period_shown": "period", "shows": "depicts"}
_CLUTTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


def _about(path: Path) -> dict[str, Any]:
    """What the file beside a drawing says of it; nothing where there is none.

    Raises
    ------
    InputError
        If that file cannot be read.
    """
    beside = next((other for suffix in _ABOUT if (other := path.with_suffix(suffix)).is_file()), None)
    if beside is None:
        return {}
    told = {_ALIASES.get(key, key): value for key, value in read_mapping(beside).items()}
    return SketchNote.read(told, file=beside.name).plain()


def parse_sketch(path: Path, context: Context) -> Parsed:
    """A drawing, and what is known of it: whose it is, who drew it, which period it shows.

    Raises
    ------
    InputError
        If the drawing, or the file beside it, cannot be read.
    """
    read_drawing(path)  # a drawing that cannot be opened is refused now, not in the middle of a build
    described = _about(path)
    noted = context.facility.sketches if context.facility else {}
    note = noted.get(path.name) or noted.get(f"sketches/{path.name}")
    known = described | (note.plain() if note else {})
    notes = []
    if missing := [words for field, words in _WANTED if known.get(field) is None]:
        told = (
            "of this drawing is not said"
            if known
            else "neither facility.yaml nor a file beside it says of this drawing"
        )
        notes.append(f"{told}: {', '.join(missing)}; write it into {path.stem}.yaml beside it.")
    if (pages := pages_of(path)) > 1:
        notes.append(f"only the first of its {pages} pages is read; save the others as files of their own.")
    content = {**described, "name": path.name}
    return Parsed((("sketch", f"sketches/{path.name}", content),), notes=tuple(notes))


def parse_about(path: Path, context: Context) -> Parsed:
    """A file that tells of a drawing; what it says goes on the drawing's own record.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    told = {_ALIASES.get(key, key): value for key, value in read_mapping(path).items()}
    SketchNote.read(told, file=path.name)
    return Parsed()


def parse_picture(path: Path, context: Context) -> Parsed:
    """A photograph or scan among the testimony: kept as reference evidence.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    drawing = read_drawing(path)
    pixels = drawing.pixels.shape if isinstance(drawing, RasterDrawing) else ()
    size = (pixels[1], pixels[0]) if pixels else tuple(round(length) for length in drawing.page_size)  # type: ignore[union-attr]
    record = Reference(name=path.name, form="picture", size=size)
    note = "kept as a picture; a drawing of the place belongs into sketches/."
    return Parsed((("reference", path.name, record.plain()),), notes=(note,))


def parse_reference(path: Path, context: Context) -> Parsed:
    """A mesh or point cloud, described and kept.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    record = read_reference(path)
    notes = ["kept as reference evidence; nothing is built from it."]
    if record.units is None and record.crs is None:
        notes.append("its units and its place are not said.")
    return Parsed((("reference", path.name, record.plain()),), notes=tuple(notes))


def parse_recording(path: Path, context: Context) -> Parsed:
    """A recording: kept, not listened to."""
    return Parsed(notes=("a recording is kept as it is; add its transcript as DOCX or text.",))


def _readable(info: zipfile.ZipInfo) -> str:
    """A member's name as it was meant: Korean programs write it in cp949 without saying so."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("cp949")
        except (UnicodeDecodeError, UnicodeEncodeError):
            name = info.filename
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def parse_archive(path: Path, context: Context) -> Parsed:
    """A zip of files: each is laid beside it and taken in by itself; archives in it stay closed.

    Raises
    ------
    InputError
        If the archive cannot be read, or tries to do harm.
    """
    data = read_bytes(path, most=256 * MEGABYTE)
    names = {info.filename: _readable(info) for info in check_archive(data, file=path.name)}
    folder = PurePosixPath(context.relative.with_suffix("").as_posix() + ".unpacked")
    unpacked: list[Unpacked] = []
    problems: list[str] = []
    wanted = {name for name, called in names.items() if not _CLUTTER.search(called)}
    for name, content in read_members(data, file=path.name, wanted=wanted.__contains__).items():
        target = PurePosixPath(names[name])
        if ".." in target.parts or target.is_absolute() or any(len(part.encode()) > 200 for part in target.parts):
            raise FieldError("this member's name cannot be a file's name", do="make the archive again", file=path.name,
                             item=f"member “{names[name][:60]}”")  # fmt: skip
        if target.suffix.lower() in (".zip", ".7z", ".rar", ".tar", ".gz"):
            problems.append(
                f"{path.name}, member “{target}”: an archive in an archive is not unpacked; add it by itself."
            )
            continue
        unpacked.append(Unpacked(folder / target, content))
    if not unpacked and not problems:
        raise FieldError("there is no file in this archive", do="make it again", file=path.name)
    note = f"{len(unpacked)} files of it are laid in {folder} and taken in by themselves."
    return Parsed(notes=(note,), problems=tuple(problems), unpacked=tuple(unpacked))
