"""What witnesses draw: plans of the compound, bent by memory, with what was left out and made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity, transform
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoinv.records.dates import PartialDate
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.worlds.compound import NAMES
from geoinv.worlds.distortion import R2, Distortion, distortion_of, likeness
from geoinv.worlds.forms import Wing
from geoinv.worlds.plan import BUILT, Difficulty, Plan

__all__ = ["Hand", "Sheet", "SimulatedDrawing", "about_of", "draw_site", "label_of"]

Array = NDArray[np.float64]
_MARGIN = 90.0


@dataclass(frozen=True)
class Hand:
    """Who draws, and what of it is known.

    Attributes
    ----------
    witness
        Codename.
    form
        ``svg`` (drawn on a tablet) or ``scan`` (pen on paper).
    language
        ``en`` or ``ko``: of the labels.
    period
        EDTF: the time shown.
    mirrored
        Left and right are exchanged.
    north
        Whether a north arrow is drawn (some 10° off).
    outside
        Knew only the outside: wall, gate, posts, road and the roofs that show above the wall.
    invents
        Whether something is drawn that never stood there.
    swaps_latrine
        An interior's latrine is put at the wrong end.
    seen_before
        What had been shown before drawing.
    """

    witness: str
    form: Literal["svg", "scan"] = "svg"
    language: Literal["en", "ko"] = "en"
    period: str = ""
    mirrored: bool = False
    north: bool = False
    outside: bool = False
    invents: bool = False
    swaps_latrine: bool = False
    seen_before: tuple[str, ...] = ()
    drawn_by: str = "witness"


@dataclass(frozen=True)
class SimulatedDrawing:
    """A drawing with what is true of it.

    Attributes
    ----------
    sketch
        As drawn, in units of the page, y up.
    form
        ``svg`` or ``scan``.
    truth
        Element id → ids of the buildings (or rooms) it stands for; none for what was made up.
    omitted, invented
        Ids of buildings or rooms left out; ids of elements that stand for nothing.
    mirrored, turned_deg
        Exchanged left and right first, then turned counter-clockwise by so much against north up.
    r2
        Likeness to the ground (bidimensional regression) that the distortion was made for.
    notes
        Words written on it beside the labels: ``(x, y, text)``.
    """

    sketch: Sketch
    form: Literal["svg", "scan"]
    truth: dict[str, tuple[str, ...]]
    omitted: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()
    mirrored: bool = False
    turned_deg: float = 0.0
    r2: float = 1.0
    notes: tuple[tuple[float, float, str], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


def label_of(names: Sequence[str], language: str, rng: np.random.Generator) -> str:
    """One of a thing's names, in the witness's language."""
    if language == "ko":
        return names[-1]
    return names[0] if len(names) < 3 or rng.random() < 0.72 else names[1]


class Sheet:
    """Gathers drawn things in metres as remembered, then lays them on a page."""

    def __init__(self, hand: Hand, turned_deg: float) -> None:
        self.hand, self.turned = hand, turned_deg
        self.items: list[tuple[str, BaseGeometry, str, str | None, dict[str, Any]]] = []
        self.truth: dict[str, tuple[str, ...]] = {}

    def add(
        self,
        key: str,
        geometry: BaseGeometry,
        role: str,
        label: str | None,
        stands_for: tuple[str, ...] | None,
        **more: Any,
    ) -> None:
        """Put a thing down: its geometry in metres as remembered, what it truly stands for (``None``: not asked)."""
        self.items.append((key, geometry, role, label, more))
        if stands_for is not None:
            self.truth[key] = stands_for

    def laid(self, geometry: BaseGeometry) -> BaseGeometry:
        """Mirrored if the hand mirrors, then turned as the page is held."""
        flipped = affinity.scale(geometry, -1, 1, origin=(0, 0)) if self.hand.mirrored else geometry
        return affinity.rotate(flipped, self.turned, origin=(0, 0))

    def sketch(self, name: str, page_width: float, **more: Any) -> Sketch:
        """The page, as wide as asked, everything on it within its margins."""
        shapes = [self.laid(item[1]) for item in self.items]
        west, south, east, north = shapely.union_all([shape.envelope for shape in shapes]).bounds
        scale = (page_width - 2 * _MARGIN) / (east - west)
        if (north - south) * scale > 1.1 * page_width:
            scale = (1.1 * page_width - 2 * _MARGIN) / (north - south)
        size = (round((east - west) * scale + 2 * _MARGIN), round((north - south) * scale + 2 * _MARGIN))

        def page(xy: Array) -> Array:
            return np.round((xy - (west, south)) * scale + _MARGIN, 1)

        elements = tuple(
            SketchElement(id=key, geometry=transform(shape, page), role=role, label=label, **extra)
            for (key, _, role, label, extra), shape in zip(self.items, shapes, strict=True)
        )
        return Sketch(name=name, elements=elements, page_size=size, witness=self.hand.witness, **more)


def about_of(hand: Hand, turned: float, rng: np.random.Generator) -> dict[str, Any]:
    """What the record says of a drawing."""
    north = round((-turned + float(rng.normal(0, 10))) % 360) if hand.north else None
    return {
        "drawn_by": hand.drawn_by,
        "period": PartialDate(hand.period) if hand.period else None,
        "north": north,
        "seen_before": hand.seen_before or None,
    }


def _turn(plan: Plan, rng: np.random.Generator, mirrored: bool) -> float:
    """How the page is held: mostly with the wall along its edges, sometimes with north up, sometimes anyhow."""
    square = -plan.turned_deg if not mirrored else plan.turned_deg
    chance = rng.random()
    if chance < 0.6:
        return (square + 90.0 * int(rng.integers(4)) + float(rng.normal(0, 3))) % 360.0
    return float(rng.normal(0, 12)) % 360.0 if chance < 0.8 else float(rng.uniform(0, 360))


def _kept(plan: Plan, hand: Hand, difficulty: Difficulty, rng: np.random.Generator) -> list[str]:
    """Keys of the buildings drawn: small ones and those put up after the witness left are left out more."""
    keys = [key for key in plan.compound.forms if not (key in plan.compound.late and _left_before(hand))]
    if hand.outside:
        tall = sorted(keys, key=lambda key: -plan.compound.forms[key].outline.area)
        return tall[: max(1, len(tall) // 4)]
    low, high = {"easy": (0.08, 0.18), "medium": (0.12, 0.28), "hard": (0.25, 0.40)}[difficulty]
    count = round(float(rng.uniform(low, high)) * len(keys))
    weights = np.array([1.0 / (20 + plan.compound.forms[key].outline.area) for key in keys])
    if "block" in keys:
        weights[keys.index("block")] = 0.0
    gone = set(rng.choice(len(keys), size=min(count, len(keys) - 1), replace=False, p=weights / weights.sum()))
    return [key for index, key in enumerate(keys) if index not in gone]


def _left_before(hand: Hand) -> bool:
    return bool(hand.period) and PartialDate(hand.period).before(PartialDate(BUILT)).value == "yes"


def _simple(outline: Polygon, rng: np.random.Generator) -> Polygon:
    """People square off what is nearly square, and sometimes draw an L as a box."""
    rectangle = outline.minimum_rotated_rectangle
    if isinstance(rectangle, Polygon) and outline.area < 260 and rng.random() < 0.12:
        return rectangle
    return outline


def draw_site(plan: Plan, hand: Hand, name: str, difficulty: Difficulty, seed: int) -> SimulatedDrawing:
    """A plan of the compound as a witness draws it."""
    rng = np.random.default_rng([seed, 91, sum(name.encode())])
    compound = plan.compound
    keys = _kept(plan, hand, difficulty, rng)
    towers = [wing for wing, _ in compound.towers if rng.random() < 0.85]
    gate = compound.gates[0]
    things = [np.array(compound.forms[key].outline.centroid.coords[0]) for key in keys]
    things += [np.array((wing.east, wing.north)) for wing in towers] + [np.array(gate[:2])]
    places = np.array([*things, *compound.wall])
    span = float(np.ptp(places, axis=0).max())
    r2 = float(rng.uniform(*R2[difficulty]))
    own = len(things)
    bend = distortion_of(
        rng,
        places,
        span,
        r2,
        axis_deg=plan.turned_deg,
        own=lambda index: 1.0 if index < len(keys) else 0.25 if index < own else 0.0,
    )
    turned = _turn(plan, rng, hand.mirrored)
    sheet = Sheet(hand, turned)
    _ring(sheet, plan, bend, rng)
    _ways(sheet, plan, bend, len(things) - 1, rng)
    drawn = bend.field(places)
    drawn[:own] += bend.amount * bend.offsets[:own]
    around = Polygon(bend.field(np.array(compound.wall)))
    for index, key in enumerate(keys):
        shape = _inside(bend.thing(index, _simple(compound.forms[key].outline, rng)), around)
        drawn[index] = shape.centroid.coords[0]
        label = None if (hand.outside or rng.random() < 0.12) else label_of(NAMES[key], hand.language, rng)
        sheet.add(
            f"b{index + 1}",
            shape,
            "building",
            label,
            (plan.ids[key],),
            certainty=round(float(rng.uniform(0.55, 0.98)), 2),
        )
    for index, wing in enumerate(towers):
        shape = bend.thing(len(keys) + index, affinity.scale(wing.polygon, 1.5, 1.5))
        word = {"en": "post", "ko": "초소"}[hand.language]
        sheet.add(f"t{index + 1}", shape, "tower", word if rng.random() < 0.8 else None, None)
    invented = _invention(sheet, plan, hand, keys, bend, rng)
    page = float(rng.choice((880.0, 960.0, 1040.0)))
    sketch = sheet.sketch(name.rsplit("/", 1)[-1], page, scope="site", **about_of(hand, turned, rng))
    return SimulatedDrawing(
        sketch=sketch,
        form=hand.form,
        truth=sheet.truth,
        omitted=tuple(plan.ids[key] for key in compound.forms if key not in keys),
        invented=invented,
        mirrored=hand.mirrored,
        turned_deg=round(turned, 1),
        r2=round(likeness(places, drawn), 3),
    )


def _ring(sheet: Sheet, plan: Plan, bend: Distortion, rng: np.random.Generator) -> None:
    ring = shapely.segmentize(LineString([*plan.compound.wall, plan.compound.wall[0]]), 6.0)
    label = {"en": "wall", "ko": "담"}[sheet.hand.language]
    if rng.random() < 0.93 or sheet.hand.outside:
        sheet.add("wall", transform(ring, bend.field), "wall", label if rng.random() < 0.5 else None, None)


def _ways(sheet: Sheet, plan: Plan, bend: Distortion, gate_index: int, rng: np.random.Generator) -> None:
    """Gate, road and river, as far as the page goes."""
    hand, around = sheet.hand, plan.surroundings
    x, y, width = plan.compound.gates[0]
    gate = bend.thing(gate_index, Wing(x, y, width * 1.3, 2.0, plan.turned_deg).polygon)
    sheet.add("gate", gate, "gate", {"en": "gate", "ko": "정문"}[hand.language], None)
    ground = plan.compound.ground
    near = box(*ground.bounds).buffer(14)
    known = (
        ("road", "road", around.roads[0][0], 1.0),
        ("lane", "path", around.roads[1][0], 0.7),
        ("river", "water", around.river, 0.45),
    )
    for key, role, line, chance in known:
        part = line.intersection(near.buffer(14 if key != "river" else 45))
        pieces = sorted(shapely.get_parts(part), key=lambda piece: float(piece.length))
        part = pieces[-1] if pieces else part
        if isinstance(part, LineString) and part.length > 8 and (hand.outside or rng.random() < chance):
            words = {"road": ("road", "길"), "lane": (None, None), "river": ("river", "강")}[key]
            # What lies outside is drawn nearer than it is.
            closer = transform(shapely.segmentize(part, 10.0).simplify(0.3), lambda xy: _nearer(ground, xy, 0.6))
            bent = transform(closer, bend.field)
            sheet.add(key, bent, role, words[0 if hand.language == "en" else 1], None)


def _inside(shape: BaseGeometry, wall: Polygon) -> BaseGeometry:
    """What stood inside the wall is drawn inside, if there is room: order is remembered better than distance."""
    heart = wall.centroid
    for _ in range(12):
        if wall.contains(shape):
            break
        step = 0.06 * np.array((heart.x - shape.centroid.x, heart.y - shape.centroid.y))
        shape = affinity.translate(shape, float(step[0]), float(step[1]))
    return shape


def _nearer(ground: Polygon, points: Array, share: float) -> Array:
    """Points outside the wall at a share of their distance from it."""
    ring = ground.exterior
    feet = np.array([ring.interpolate(ring.project(Point(point))).coords[0] for point in points])
    outside = ~shapely.contains_xy(ground, points[:, 0], points[:, 1])
    moved = np.where(outside[:, None], feet + share * (points - feet), points)
    return np.asarray(moved, float)


_INVENTED = (("water tower", "물탱크"), ("old store", "옛 창고"), ("dog house", "개집"))


def _invention(
    sheet: Sheet, plan: Plan, hand: Hand, keys: list[str], bend: Distortion, rng: np.random.Generator
) -> tuple[str, ...]:
    """A building that never stood there, where there is room for one."""
    if not hand.invents:
        return ()
    ground = plan.compound.ground
    taken = shapely.union_all([plan.compound.forms[key].outline for key in keys])
    size = 0.10 * ground.area**0.5
    for _ in range(200):
        west, south, east, north = ground.bounds
        at = Point(float(rng.uniform(west, east)), float(rng.uniform(south, north)))
        shape = Wing(at.x, at.y, size * 1.3, size, plan.turned_deg + float(rng.normal(0, 5))).polygon
        if ground.buffer(-1.0).contains(shape) and shape.distance(taken) > 1.0:
            key = f"b{len(keys) + 1}"
            words = _INVENTED[int(rng.integers(len(_INVENTED)))]
            drawn = transform(shape, bend.field)
            sheet.add(key, drawn, "building", words[0 if hand.language == "en" else 1], (), certainty=0.6)
            return (key,)
    return ()
