"""Verifying a case: the chain, the noted head, the originals and the files as taken in; what was altered is named."""

from __future__ import annotations

from geoinv.case.folder import Case
from geoinv.case.ledger import check_chain
from geoinv.files.hashes import file_sha256

__all__ = ["check_case"]


def check_case(case: Case, *, head: str | None = None) -> list[str]:
    """What is wrong with a case, a sentence each; empty if it verifies.

    Parameters
    ----------
    head
        A head noted elsewhere; the one in ``ledger.head`` is checked in any case.
    """
    problems = check_chain(case.store, head=head)
    noted = case.root / "ledger.head"
    if not noted.is_file():
        problems.append("ledger.head is missing beside case.db.")
    else:
        text = noted.read_text(encoding="utf-8", errors="replace").strip()
        problems += [p for p in check_chain(case.store, head=text) if p not in problems]
    return problems + _check_files(case)


def _check_files(case: Case) -> list[str]:
    problems = []
    for row in case.store.files().values():
        original = case.originals_dir() / row.sha256[:2] / row.sha256
        if original.is_file():
            if file_sha256(original) != row.sha256:
                problems.append(f"the kept original of {row.path} was altered.")
        elif row.kind != "scene":
            problems.append(f"the kept original of {row.path} is missing.")
        working = case.root / row.path
        if not working.is_file():
            problems.append(
                f"{row.path} is missing from its folder" + ("." if row.kind == "scene" else "; its original is kept.")
            )
        elif file_sha256(working) != row.sha256:
            problems.append(f"{row.path} is not as it was taken in; build or add takes in the new version.")
    return problems
