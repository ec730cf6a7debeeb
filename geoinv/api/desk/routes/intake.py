"""Files dropped on the desk: kept aside, read on trial, taken in only when a person has seen what they give."""

from __future__ import annotations

import re
import secrets
import shutil
import time
import unicodedata
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from geoinv.api.desk.keeping import desk_folder, read_kept, write_kept
from geoinv.api.desk.shell import Changing, NotAllowedError, Seat, Seated, SignInNeededError, chosen, desk_of, page
from geoinv.api.desk.sketches import read_ahead
from geoinv.case.bringing import bring_in
from geoinv.case.codenames import check_reason, must_ask
from geoinv.case.folder import Case
from geoinv.case.intake import FileOutcome, preview, take_in
from geoinv.case.quoting import cited_wrongly
from geoinv.case.returned import is_returned_view, read_returned, record_returned
from geoinv.errors import FieldError, GeoinvError, InputError, UnsafeFileError

__all__ = ["router", "safe_name"]

router = APIRouter()
Adding = Annotated[Seat, Changing("investigator")]

#: Largest file that is taken through the browser; larger ones are laid in the case's folder by hand.
_MOST_BYTES = 8 * 2**30
#: Batches nobody confirmed are thrown away after a week, seconds.
_KEPT_SECONDS = 7 * 86_400.0
_ABOUT = "about.json"


def safe_name(text: str) -> str:
    """A file's own name, wherever it lay on the sender's machine.

    Raises
    ------
    FieldError
        If nothing of it can name a file.
    """
    name = unicodedata.normalize("NFC", text.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not name or name.startswith(".") or not name.isprintable() or len(name.encode()) > 200:
        raise FieldError("this file's name cannot be used", do="rename it and drop it again", field="name")
    return name


def _batch(root: Path, batch: str) -> Path:
    """Folder of a batch.

    Raises
    ------
    FieldError
        If there is none of that name.
    """
    folder = desk_folder(root) / "incoming" / batch
    if not re.fullmatch(r"[0-9a-f]{16}", batch) or not folder.is_dir():
        raise FieldError("these files are not here any more", do="drop them again", field="batch")
    return folder


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "files").iterdir() if path.is_file() and not path.name.startswith("."))


@router.post("/intake")
def begin(request: Request, seat: Adding) -> dict[str, Any]:
    """Begin a batch of files about one facility, or about none."""
    facility = str(seat.data.get("facility") or "") or None
    with seat.desk.case() as case:
        if facility is not None:
            case.facility(facility)
    incoming = desk_folder(seat.desk.root) / "incoming"
    for old in sorted(incoming.glob("*")) if incoming.is_dir() else ():
        if time.time() - old.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    batch = secrets.token_hex(8)
    (incoming / batch / "files").mkdir(parents=True, mode=0o700)
    write_kept(incoming / batch / _ABOUT, {"facility": facility, "by": seat.account.name})
    return {"batch": batch}


@router.put("/intake/{batch}")
async def receive(request: Request, batch: str, name: str) -> dict[str, Any]:
    """One file of a batch, streamed to the disk.

    Raises
    ------
    UnsafeFileError
        If it is larger than what goes through a browser, or than the disk has room for.
    """
    desk = desk_of(request)
    session = desk.sessions.of(request.cookies.get(desk.cookie))
    account = desk.accounts.named(session.name) if session else None
    if session is None or account is None:
        raise SignInNeededError
    if not desk.sessions.is_token(session, request.headers.get("x-geoinv-token", "")) or not account.may(
        "investigator"
    ):
        raise NotAllowedError
    folder, own = _batch(desk.root, batch), safe_name(name)
    most = min(_MOST_BYTES, shutil.disk_usage(folder).free - 2**28)
    size, waiting = 0, folder / "files" / f".{secrets.token_hex(6)}.part"
    try:
        with waiting.open("xb") as stream:
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise UnsafeFileError(
                        "this file is larger than what goes through a browser, or than there is room for",
                        do="lay it into the case's folder and build", file=own,
                    )  # fmt: skip
                await run_in_threadpool(stream.write, part)
        waiting.replace(folder / "files" / own)
    finally:
        waiting.unlink(missing_ok=True)
    return {"name": own, "bytes": size}


@router.get("/intake/{batch}")
def look(request: Request, seat: Seated, batch: str) -> Response:
    """What the files would give, before anything is changed."""
    folder = _batch(seat.desk.root, batch)
    facility = read_kept(folder / _ABOUT).get("facility")
    with seat.desk.case() as case:
        files = _files(folder)
        views = [path for path in files if path.suffix.lower() == ".gpkg" and is_returned_view(path)]
        outcomes, trouble = _on_trial(case, [path for path in files if path not in views], facility)
        returned = [read_returned(case, path) for path in views]
        return page(
            request, "intake.html", seat=seat, case=case, batch=batch, outcomes=outcomes, trouble=trouble,
            returned=returned, facility=case.facility(facility) if facility else None, facilities=case.facilities(),
            exposed=any(one.exposed for one in outcomes), files=[path.name for path in files],
        )  # fmt: skip


def _on_trial(case: Case, files: list[Path], facility: str | None) -> tuple[list[FileOutcome], list[str]]:
    """What each file would give; what speaks against taking them in at all."""
    if not files:
        return [], []
    try:
        return list(preview(case, files, facility=facility).files), []
    except GeoinvError as error:
        return [], [error.sentence()]


@router.post("/intake/{batch}/facility")
def about(request: Request, seat: Adding, batch: str) -> dict[str, Any]:
    """Say which facility the files are about."""
    folder, slug = _batch(seat.desk.root, batch), str(chosen(seat.data, "facility"))
    with seat.desk.case() as case:
        case.facility(slug)
    write_kept(folder / _ABOUT, {**read_kept(folder / _ABOUT), "facility": slug})
    return {"facility": slug}


@router.post("/intake/{batch}/leave")
def leave(request: Request, seat: Adding, batch: str) -> dict[str, Any]:
    """Take one file, or all, out of a batch: nothing of it was taken in."""
    folder, name = _batch(seat.desk.root, batch), seat.data.get("name")
    if name:
        (folder / "files" / safe_name(str(name))).unlink(missing_ok=True)
    if not name or not _files(folder):
        shutil.rmtree(folder, ignore_errors=True)
        return {"left": 0}
    return {"left": len(_files(folder))}


@router.post("/intake/{batch}/take")
def take(request: Request, seat: Adding, batch: str) -> dict[str, Any]:
    """Take the files in.

    Raises
    ------
    InputError
        If they may tell who somebody is and nobody has answered for it.
    """
    folder, by = _batch(seat.desk.root, batch), seat.account.name
    facility, checked = read_kept(folder / _ABOUT).get("facility"), str(seat.data.get("checked") or "").strip()
    reason = str(seat.data.get("reason") or "")
    check_reason(checked)
    with seat.desk.case() as case:
        files = _files(folder)
        views = [path for path in files if path.suffix.lower() == ".gpkg" and is_returned_view(path)]
        others = [path for path in files if path not in views]
        if others and not checked and (found := must_ask(case, others, facility=facility)):
            raise InputError(found[0], do="look through it, then say why it names nobody")
        decided = [
            entry for path in views for entry in record_returned(case, read_returned(case, path), by=by, reason=reason)
        ]
        brought = bring_in(case, others, facility=facility) if others else []
        report = take_in(case, by=by, checked=checked, answered=brought)
        paths = {one.path for one in report.files}
        wrong = [told for slug in ([facility] if facility else []) for told in cited_wrongly(case, slug, files=paths)]
    shutil.rmtree(folder, ignore_errors=True)
    if facility and report.counts.get("sketch"):
        read_ahead(seat.desk.root, facility)
    told = [*report.problems, *wrong]
    return {"taken": len(report.files), "counts": report.counts, "problems": told, "decided": len(decided)}
