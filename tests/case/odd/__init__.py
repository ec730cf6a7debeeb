"""A corpus of odd files, made anew each time, each with what it must give; fictional, in the open ocean."""

from tests.case.odd.drawn import DRAWN
from tests.case.odd.kept import KEPT
from tests.case.odd.making import Odd
from tests.case.odd.places import PLACES
from tests.case.odd.said import SAID
from tests.case.odd.scenes import SCENES
from tests.case.odd.tables import TABLES

__all__ = ["ODD", "Odd"]

#: Every odd file.
ODD: tuple[Odd, ...] = (*PLACES, *TABLES, *SAID, *DRAWN, *SCENES, *KEPT)
