"""The root example as a case: what ``geoinv init DIR --example`` lays down."""

from __future__ import annotations

from pathlib import Path

from geoinv.case.start import guard_folder
from geoinv.files.atomic import write_text
from geoinv.worlds.world import example_worlds
from geoinv.worlds.write import write_case

__all__ = ["EXAMPLE_TITLE", "write_example"]

#: Title of the example's case.
EXAMPLE_TITLE = "Tiral Island: two fictional facilities in the open ocean"

#: What the fictional guard of the first facility said besides: one thing that the buildings bear out, one they do not.
_CLAIMS = """# simulated: true. Fictional: made by a program; no person said or suffered any of this.
claims:
- id: q1
  witness: w3
  kind: distance
  subject: guards' hut
  object: coal shed
  said: it is some twenty metres from our hut to the coal shed
  said_value: {low: 17, best: 21, high: 26, unit: m, said: some twenty metres}
- id: q2
  witness: w3
  kind: dimension
  measure: length
  subject: main building
  said: the main building is fifty metres long, I paced along it on every round
  said_value: {low: 45, best: 50, high: 60, unit: m, said: fifty metres}
"""


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
    worlds = example_worlds()
    write_case(worlds, folder, title=EXAMPLE_TITLE)
    write_text(folder / "facilities" / worlds[0].slug / "testimony" / "claims.yaml", _CLAIMS)
    for name in ("models", "api"):
        (folder / name).mkdir(exist_ok=True)
