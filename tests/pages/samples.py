"""A small fictional facility in the open ocean, as a build would leave it, for tests of pages and releases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import to_lonlat
from geoinv.pages.underlays import Underlay
from geoinv.records.blueprint import (
    Blueprint,
    Building,
    Contradiction,
    Opening,
    PerimeterWall,
    Roof,
    Room,
    Site,
    Storey,
)
from geoinv.records.dates import PartialDate
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.evidence import Confidence, Evidence, Status
from geoinv.records.facility import Facility, SketchNote, WitnessNote
from geoinv.records.footprints import Footprint, Unplaced
from geoinv.records.incidents import Act, Binding, Incident, SourceRef
from geoinv.records.locations import Conflict, Location, LocationDiagnostics, Region, StatementWorth, WitnessWorth
from geoinv.records.measures import Interval
from geoinv.records.placements import Fit, Match, Pair, Placement, SketchPlacement, Transform, Unmatched
from geoinv.records.places import Frame, LonLat
from geoinv.records.testimony import Statement, Statements

FRAME = Frame(lon=-150.0, lat=-40.0)
#: Strings that must never leave a case: codenames, file names, people, a record's own words about them.
CANARIES = (
    "heron-canary",
    "otter-canary",
    "sketch-by-heron",
    "plan-by-otter",
    "victim-canary",
    "perp-canary",
    "quote-canary",
    "interview-canary",
    "inc-canary",
    "stm-canary",
    "scene-canary",
)
ALLOWED, SILENT = "heron-canary", "otter-canary"

SHAPES: dict[str, tuple[Polygon, Status, str, tuple[str, ...]]] = {
    "b1": (
        Polygon([(-17, 2), (9, 2), (9, 8), (-9, 8), (-9, 16), (-17, 16)]),
        Status.CORROBORATED,
        "Main block",
        ("h", "o"),
    ),
    "b2": (box(12, 9, 19, 15), Status.ATTESTED, "Kitchen", ("h",)),
    "b3": (box(-19, -14, -9, -8), Status.OBSERVED, "", ()),
    "b4": (box(-2, -15, 8, -8), Status.CONTESTED, "Storehouse <b>&amp;</b>", ("h",)),
    "b5": (box(12, -6, 16, -2), Status.INFERRED, "Guard post", ("h",)),
    "b6": (box(12, -15, 20, -10), Status.CONJECTURAL, "창고", ("o",)),
}
FILES = {"h": ("sketches/sketch-by-heron.svg", ALLOWED), "o": ("sketches/plan-by-otter.png", SILENT)}


def lonlat(shape: BaseGeometry) -> BaseGeometry:
    return to_lonlat(FRAME, rotate(shape, 12, origin=(0, 0)))


def facility(**changes: object) -> Facility:
    base = Facility(
        slug="example-centre",
        name="Example County Detention Centre (fictional)",
        other_names=("가상 구류장",),
        agency="Fictional agency",
        kind="detention centre",
        place="Open Ocean County",
        simulated=True,
        languages=("en", "ko"),
        witnesses={
            ALLOWED: WitnessNote(role="held inside", saw="the yard", consent=("public",)),
            SILENT: WitnessNote(role="guard", saw="the outside", consent=("partners",)),
        },
        sketches={path: SketchNote(witness=witness, drawn_by="witness") for path, witness in FILES.values()},
        publish_location="exact",
    )
    return base.model_copy(update=changes)


def footprints() -> tuple[Footprint, ...]:
    found = []
    for number, (name, (shape, status, label, drawers)) in enumerate(SHAPES.items()):
        drawn = tuple(f"{FILES[key][0].removeprefix('sketches/')}#{name}" for key in drawers)
        found.append(
            Footprint(
                id=f"footprint-{name}",
                facility="example-centre",
                geometry=lonlat(shape),
                labels=(label,) if label else (),
                drawn=drawn,
                status=status,
                confidence=Confidence(geometry_m=0.6 + 0.3 * number, coverage=0.9),
                outline_from="imagery" if status in (Status.OBSERVED, Status.CORROBORATED) else "imagery prompted",
                not_before=PartialDate("../2014-05-02") if number == 3 else None,
                height_m=Interval(low=2.6, best=3.4, high=4.4) if number < 2 else None,
                scene="scene-canary-2016.tif",
                probability=0.93 - 0.07 * number,
                evidence={
                    "outline": Evidence(status=status, sources=("scene-canary-2016.tif", *drawn), note="quote-canary")
                },
                warnings=("also drawn in sketch-by-heron.svg with another name",) if number == 3 else (),
            )
        )
    return tuple(found)


def unplaced() -> tuple[Unplaced, ...]:
    drawn = (f"{FILES['h'][0].removeprefix('sketches/')}#b9",)
    where = lonlat(box(-30, -25, 30, 25))
    return (
        Unplaced(
            id="unplaced-b9",
            facility="example-centre",
            drawn=drawn,
            labels=("Well",),
            why="no outline within reach",
            geometry=where,
        ),
    )


def picture(seed: int, *, annex: bool) -> Underlay:
    """A made-up scene: textured ground, a walled yard, roofs with shadows."""
    size, half = 420, 42.0
    rng = np.random.default_rng(seed)
    rough = rng.normal(0, 1, (size // 4 + 1, size // 4 + 1)).repeat(4, 0).repeat(4, 1)[:size, :size]
    ground = np.array([152, 140, 112.0]) + 7 * rough[..., None] + rng.normal(0, 5, (size, size, 1))
    axis = np.linspace(-half, half, size)
    east, north = np.meshgrid(axis, -axis)
    import shapely

    def paint(shape: BaseGeometry, colour: tuple[int, int, int]) -> None:
        inside = shapely.contains_xy(rotate(shape, 12, origin=(0, 0)), east, north)
        ground[inside] = np.array(colour, float) + rng.normal(0, 4, (int(inside.sum()), 1))

    paint(LineString(box(-24, -18, 24, 19).exterior.coords).buffer(0.4), (196, 190, 180))
    for name, (shape, *_) in SHAPES.items():
        if name == "b6" and not annex:
            continue
        paint(translate(shape, 1.8, -2.4), (58, 54, 50))
        paint(shape, (139, 88, 66) if name in ("b1", "b4") else (120, 124, 132))
    bounds = to_lonlat(FRAME, box(-half, -half, half, half)).bounds
    pixels: NDArray[np.uint8] = ground.clip(0, 255).astype(np.uint8)
    return Underlay(pixels, bounds, "2016-04-11" if annex else "2012-09-30", "Rendered for the fictional example", True)


def underlays() -> tuple[Underlay, Underlay]:
    return picture(1, annex=False), picture(2, annex=True)


def location() -> Location:
    regions = tuple(
        Region(level=level, geometry=lonlat(Point(4, 3).buffer(radius)), area_m2=3.14 * radius**2)
        for level, radius in ((0.5, 18), (0.9, 37))
    )
    worth = (
        StatementWorth(id="stm-canary-1", probability_valid=0.97, shift_without_m=12.0),
        StatementWorth(id="stm-canary-2", probability_valid=0.31, shift_without_m=95.0),
    )
    conflicts = (Conflict(first="stm-canary-1", second="stm-canary-2", why="their areas lie 1.2 km apart"),)
    return Location(
        best=LonLat(-149.99995, -39.99998),
        regions=regions,
        frame=FRAME,
        diagnostics=LocationDiagnostics(
            statements=worth,
            witnesses=(WitnessWorth(id=ALLOWED, shift_without_m=80.0),),
            conflicts=conflicts,
            expected_error_m=14.2,
        ),
    )


def statements() -> Statements:
    return Statements(
        statements=(
            Statement(
                id="stm-canary-1",
                witness=ALLOWED,
                kind="pin",
                point=LonLat(-150.0, -40.0),
                radius_m=60,
                said="about here",
            ),
            Statement(
                id="stm-canary-2",
                witness=SILENT,
                kind="pin",
                point=LonLat(-150.01, -40.01),
                said="by the bend <script>",
            ),
        )
    )


def sketches() -> tuple[Sketch, ...]:
    drawn = []
    for key, (path, witness) in FILES.items():
        elements = [
            SketchElement(id=name, geometry=translate(shape, 40, 40), role="building", label=label or None)
            for name, (shape, _, label, drawers) in SHAPES.items()
            if key in drawers
        ]
        wall = SketchElement(id="w1", geometry=LineString(box(15, 20, 64, 60).exterior.coords), role="wall")
        drawn.append(
            Sketch(
                name=path.removeprefix("sketches/"),
                elements=(*elements, wall),
                witness=witness,
                drawn_by="witness",
                period=PartialDate("2011~"),
            )
        )
    return tuple(drawn)


def match() -> Match:
    def placement(rank: int, probability: float) -> Placement:
        one = SketchPlacement(
            transform=Transform(matrix=((1.0, 0.0, -40.0), (0.0, 1.0, -40.0)), origin=(FRAME.lon, FRAME.lat)),
            pairs=(Pair(sketch=("b1",), candidates=("c1",), probability=0.9),),
            unmatched=(Unmatched(sketch="b9", why="no outline within reach"),),
            fit={"euclidean": Fit(r2=0.97, distortion_index=17.2)},
            residuals_m={"b1": 1.9, "b2": 2.4},
        )
        return Placement(rank=rank, probability=probability, sketches={"sketch-by-heron.svg": one})

    return Match(none_probability=0.06, placements=(placement(1, 0.81), placement(2, 0.13)))


def _known(names: tuple[str, ...], status: Status, source: str) -> dict[str, Evidence]:
    return {name: Evidence(status=status, sources=(source,), by=ALLOWED, note="quote-canary") for name in names}


def blueprint() -> Blueprint:
    source = "sketch-by-heron.svg#b1"
    rooms = tuple(
        Room(
            id=f"room-canary-{index}",
            labels=(f"Cell {index}",),
            drawn=(f"sketch-by-heron.svg#r{index}",),
            role="cell" if index else "corridor",
            polygon=box(-16.6 + 4 * index, 2.4, -13.0 + 4 * index, 7.6),
            evidence=_known(("polygon",), Status.ATTESTED, source),
        )
        for index in range(4)
    )
    door = Opening(
        id="door-1",
        at=(-14.8, 2.2),
        width_m=0.8,
        head_m=1.9,
        connects=("room-canary-0", "outside"),
        evidence=_known(("at", "width_m", "sill_m", "head_m"), Status.ATTESTED, source),
    )
    storey = Storey(
        id="storey-1",
        height_m=2.8,
        rooms=rooms,
        openings=(door,),
        evidence=_known(("floor_m", "height_m", "wall_thickness_m"), Status.INFERRED, source),
    )
    roof = Roof(id="roof-1", evidence=_known(("kind", "rise_m"), Status.CONJECTURAL, source))
    main = Building(
        id="footprint-b1",
        labels=("Main block",),
        drawn=(source,),
        outline=SHAPES["b1"][0],
        storeys=(storey,),
        roof=roof,
        evidence=_known(("outline",), Status.CORROBORATED, source),
    )
    kept = Building(
        id="footprint-b6",
        labels=("창고",),
        drawn=("plan-by-otter.png#b6",),
        outline=SHAPES["b6"][0],
        evidence=_known(("outline",), Status.ATTESTED, "plan-by-otter.png#b6"),
    )
    wall = PerimeterWall(
        id="wall-1",
        drawn=("sketch-by-heron.svg#w1",),
        line=LineString(box(-24, -18, 24, 19).exterior.coords),
        height_m=3,
        thickness_m=0.4,
        evidence=_known(("line", "height_m", "thickness_m"), Status.ATTESTED, "sketch-by-heron.svg#w1"),
    )
    clash = Contradiction(
        about=("footprint-b4",),
        what="which side the store's door is on",
        versions={"A": "north (heron-canary)", "B": "south (otter-canary)"},
        sources=(source,),
    )
    return Blueprint(
        facility="example-centre",
        title="Example County Detention Centre (fictional)",
        fictional=True,
        frame=FRAME,
        site=Site(walls=(wall,)),
        buildings=(main, kept),
        contradictions=(clash,),
        notes=("as told by heron-canary",),
    )


def incidents() -> tuple[Incident, ...]:
    """12 in the main block by several victims, 3 in the kitchen, 6 at the store, 7 without consent."""
    found = []
    plan = [
        ("b1", "Main block", 12, True),
        ("b2", "Kitchen", 3, True),
        ("b4", "Storehouse", 6, True),
        ("b1", "Main block", 7, False),
    ]
    for _, label, number, allowed in plan:
        for _one in range(number):
            index = len(found)
            found.append(
                Incident(
                    id=f"inc-canary-{index:02d}",
                    facility="example-centre",
                    date=PartialDate(f"{2010 + index % 2}-0{1 + index % 9}"),
                    place_label=label,
                    witness=SILENT if index % 6 == 5 else ALLOWED,
                    kind=("beating", "deprivation of food")[index % 2],
                    summary="Fictional: told in few words"
                    if allowed and index % 3
                    else f"Fictional: {ALLOWED} saw it with victim-canary",
                    acts=(
                        Act(violation="ill-treatment", victim=f"victim-canary-{index % 5}", perpetrator="perp-canary"),
                    ),
                    sources=(SourceRef(source="interview-canary.docx", page="3", quotation="quote-canary"),),
                    consent=("public",) if allowed else (),
                )
            )
    return tuple(found)


def bindings() -> tuple[Binding, ...]:
    by_label = {"Main block": "footprint-b1", "Kitchen": "footprint-b2", "Storehouse": "footprint-b4"}
    return tuple(
        Binding(
            incident=item.id,
            footprint=by_label[item.place_label or ""],
            how="label",
            why=f"called so by {item.witness}",
        )
        for item in incidents()
    )
