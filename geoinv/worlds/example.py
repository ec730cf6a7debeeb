"""The root example as a case: what ``geoinv init DIR --example`` lays down."""

from __future__ import annotations

from pathlib import Path

from geoinv.case.start import guard_folder
from geoinv.worlds.world import example_worlds
from geoinv.worlds.write import write_case

__all__ = ["EXAMPLE_TITLE", "write_example"]

#: Title of the example's case.
EXAMPLE_TITLE = "Tiral Island: two fictional facilities in the open ocean"


def write_example(folder: Path) -> None:
    """Write the fictional example: a county's detention centre and a camp, with all that was said, drawn and seen.

    The same version gives the same bytes. It may lie inside a Git work tree, as nobody in it exists.

    Parameters
    ----------
    folder
        A new or empty folder.

    Raises
    ------
    CaseError
        If the folder holds anything already.
    ReadOnlyError
        If it cannot be written.
    """
    guard_folder(folder, inside_git=True)
    write_case(example_worlds(), folder, title=EXAMPLE_TITLE)
    for name in ("models", "api"):
        (folder / name).mkdir(exist_ok=True)
