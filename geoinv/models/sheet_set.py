"""Every sheet of a blueprint, as one set with numbered pages: the site, then each building whose inside is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Unpack

from geoinv.models.sheets import plan_sheet, site_sheet
from geoinv.models.sheets_building import axonometric_sheet, views_sheet
from geoinv.models.sheets_common import SheetOptions
from geoinv.models.sheets_site import Ground
from geoinv.models.solids_walls import preferred, preferred_hypothesis
from geoinv.records.blueprint import Blueprint, Building

__all__ = ["DrawnSheet", "buildings_known_inside", "sheet_set"]


def buildings_known_inside(blueprint: Blueprint) -> tuple[Building, ...]:
    """Buildings of the preferred version of which rooms or inner walls are known."""
    standing = preferred(blueprint.buildings, preferred_hypothesis(blueprint))
    return tuple(one for one in standing if any(storey.rooms or storey.walls for storey in one.storeys))


@dataclass(frozen=True)
class DrawnSheet:
    """One sheet of a set.

    Attributes
    ----------
    name
        ``site``; of a building called ``block``, ``block`` (``block-2`` its second storey), ``views-block`` and
        ``axonometric-block``.
    kind
        ``site``, ``plan``, ``views`` (sections and elevations) or ``axonometric``.
    building
        Of which building, but for the site's.
    svg
        The drawing.
    """

    name: str
    kind: str
    building: Building | None
    svg: str


def sheet_set(
    blueprint: Blueprint,
    *,
    ground: Ground | None = None,
    called: Mapping[str, str] | None = None,
    **asked: Unpack[SheetOptions],
) -> tuple[DrawnSheet, ...]:
    """Every sheet, in the order of their pages: the site's, then of each building known inside its plans and views.

    Parameters
    ----------
    blueprint
        What to draw, in its preferred version.
    ground
        What the site plan is drawn over, if anything.
    called
        Building → its word in the sheets' names; its id where there is none.
    **asked
        :class:`geoinv.models.sheets_common.SheetOptions`; pages are numbered here.
    """
    chosen = preferred_hypothesis(blueprint)
    planned: list[tuple[str, str, Building | None, Callable[..., str]]] = [
        ("site", "site", None, partial(site_sheet, blueprint, ground=ground))
    ]
    for building in buildings_known_inside(blueprint):
        word = (called or {}).get(building.id, building.id)
        storeys = sorted(preferred(building.storeys, chosen), key=lambda one: (one.floor_m, one.id))
        for number, storey in enumerate(storeys):
            if storey.rooms or storey.walls:
                name = word if number == 0 else f"{word}-{number + 1}"
                planned.append((name, "plan", building, partial(plan_sheet, blueprint, building.id, storey=number)))
        planned.append((f"views-{word}", "views", building, partial(views_sheet, blueprint, building.id)))
        drawing = partial(axonometric_sheet, blueprint, building.id)
        planned.append((f"axonometric-{word}", "axonometric", building, drawing))
    return tuple(
        DrawnSheet(name, kind, building, draw(**{**asked, "page": (page, len(planned))}))
        for page, (name, kind, building, draw) in enumerate(planned, start=1)
    )
