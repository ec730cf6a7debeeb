"""A world: one fictional facility with its truth and everything that witnesses and satellites give of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoinv.errors import InputError
from geoinv.records.incidents import Incident
from geoinv.records.places import LonLat
from geoinv.worlds.drawings import Hand, SimulatedDrawing, draw_site
from geoinv.worlds.incidents import incidents_of
from geoinv.worlds.interiors import draw_interior
from geoinv.worlds.plan import DIFFICULTIES, Difficulty, FacilityKind, Plan, make_plan
from geoinv.worlds.scenes import RenderedScene, render_scene, scene_specs
from geoinv.worlds.witnesses import Testimony, testimony_of

__all__ = ["World", "example_worlds", "make_world"]

#: Where worlds lie when nothing is said: the North Pacific, a thousand kilometres from any land.
OCEAN = LonLat(-158.6, 42.3)


@dataclass(frozen=True)
class World:
    """One facility: what is true, what was said and drawn, what happened.

    Attributes
    ----------
    seed, difficulty
        What it was made from.
    names
        Name in English, then in other languages.
    place
        Where it would be, in words.
    plan
        The truth.
    testimony, drawings, incidents
        What witnesses gave.
    happened
        By incident id, the building and room it happened in, in truth.
    """

    seed: int
    difficulty: Difficulty
    names: tuple[str, ...]
    place: str
    plan: Plan
    testimony: Testimony
    drawings: tuple[SimulatedDrawing, ...]
    incidents: tuple[Incident, ...]
    happened: dict[str, dict[str, str | None]]

    @property
    def slug(self) -> str:
        """Folder name of the facility."""
        return self.plan.blueprint.facility

    def scenes(self) -> tuple[RenderedScene, ...]:
        """Its two scenes, rendered now (a few seconds)."""
        return tuple(render_scene(self.plan, spec, self.seed) for spec in scene_specs(self.plan, self.seed))


def make_world(
    kind: FacilityKind = "county",
    seed: int = 0,
    *,
    difficulty: Difficulty = "medium",
    slug: str | None = None,
    names: tuple[str, ...] | None = None,
    place: str = "Tiral Island (fictional), open ocean",
    at: LonLat | None = None,
    buildings: int = 12,
    incidents: int = 25,
) -> World:
    """A fictional facility of known truth; the same arguments give the same world.

    Parameters
    ----------
    kind
        ``county``: an L-shaped block in a walled yard of about 45 × 35 m. ``camp``: 8–30 buildings.
    seed
        Everything is drawn from it.
    difficulty
        ``easy``, ``medium`` or ``hard``: how far memory bends, how much is left out.
    slug, names, place
        Of the facility; invented ones are used where none are given.
    at
        Longitude and latitude; by default a spot of the open North Pacific that depends on the seed.
    buildings
        Wanted in a camp.
    incidents
        How many are told.

    Raises
    ------
    InputError
        If the kind or the difficulty is not one of those named.
    """
    if kind not in ("county", "camp") or difficulty not in DIFFICULTIES:
        raise InputError(
            f"there is no world of kind “{kind}” and difficulty “{difficulty}”",
            do="choose county or camp, and easy, medium or hard",
        )
    rng = np.random.default_rng([seed, 1])
    spot = at or LonLat(*(round(middle + float(rng.uniform(-2, 2)), 5) for middle in (OCEAN.lon, OCEAN.lat)))
    slug = slug or f"fictional-{kind}-{seed}"
    names = names or (f"Fictional {'detention centre' if kind == 'county' else 'camp'} {seed}",)
    plan = make_plan(kind, seed, slug=slug, title=f"{names[0]} (fictional)", at=spot, buildings=buildings)
    witnesses = 4 if kind == "county" else 5
    told, happened = incidents_of(plan, seed, count=incidents, witnesses=witnesses)
    return World(
        seed=seed,
        difficulty=difficulty,
        names=names,
        place=place,
        plan=plan,
        testimony=testimony_of(plan, seed, witnesses),
        drawings=_drawings(plan, difficulty, seed),
        incidents=told,
        happened=happened,
    )


def _drawings(plan: Plan, difficulty: Difficulty, seed: int) -> tuple[SimulatedDrawing, ...]:
    """Three or four plans of the compound and two of a block's inside; one of them mirrored, two on paper."""
    first = Hand("w1", "svg", "en", period="2015-10/2016-03", north=True)
    second = Hand("w2", "scan", "ko", period="2012~/2013-11")
    guard = Hand("w3", "svg", "en", period="2014/2016", outside=True)
    told = Hand("w4", "svg", "en", period="2016", invents=True, drawn_by="interviewer")
    swapped = Hand("w2", "scan", "ko", period="2012~/2013-11", north=True, swaps_latrine=True)
    if plan.kind == "county":
        mirrored = Hand("w4", "svg", "en", period="2016", mirrored=True, drawn_by="interviewer")
        return (
            draw_site(plan, first, "sketches/sketch-w1.svg", difficulty, seed),
            draw_site(plan, second, "sketches/scan-w2.png", difficulty, seed),
            draw_site(plan, guard, "sketches/sketch-w3.svg", difficulty, seed),
            draw_site(plan, told, "sketches/sketch-w4.svg", difficulty, seed),
            draw_interior(plan, "block", first, "sketches/inside-w1.svg", difficulty, seed),
            draw_interior(plan, "block", swapped, "sketches/inside-w2.png", difficulty, seed, "5평"),
            draw_interior(plan, "block", mirrored, "sketches/inside-w4.svg", difficulty, seed),
        )
    shown = Hand("w5", "svg", "ko", period="2016-05/2017", seen_before=("imagery",))
    backwards = Hand("w4", "svg", "en", period="2016", mirrored=True, drawn_by="interviewer")
    plans = (
        draw_site(plan, first, "sketches/sketch-w1.svg", difficulty, seed),
        draw_site(plan, second, "sketches/scan-w2.png", difficulty, seed),
        draw_site(plan, guard, "sketches/sketch-w3.svg", difficulty, seed),
        draw_site(plan, backwards, "sketches/sketch-w4.svg", difficulty, seed),
        draw_site(plan, Hand(**{**shown.__dict__, "invents": True}), "sketches/sketch-w5.svg", difficulty, seed),
    )
    if "punishment" not in plan.compound.blocks:
        return plans
    return (
        *plans,
        draw_interior(plan, "punishment", shown, "sketches/inside-w5.svg", difficulty, seed),
        draw_interior(plan, "punishment", swapped, "sketches/inside-w2.png", difficulty, seed, "5평"),
    )


def example_worlds() -> tuple[World, World]:
    """The root example: a county's detention centre and a camp on one island that does not exist."""
    island = "Tiral Island (fictional), open North Pacific"
    centre = make_world(
        "county",
        7,
        slug="garamnae-detention-centre",
        names=("Garamnae County Detention Centre", "가람내군 구류장", "Karamnae"),
        place=f"Garamnae County, {island}",
        at=LonLat(-158.612, 42.318),
        incidents=28,
    )
    camp = make_world(
        "camp",
        3,
        slug="mulbyeol-camp",
        names=("Mulbyeol Labour Camp", "물별 교양소", "Mulbyol"),
        place=f"Mulbyeol Valley, {island}",
        at=LonLat(-158.438, 42.391),
        incidents=36,
    )
    return centre, camp
