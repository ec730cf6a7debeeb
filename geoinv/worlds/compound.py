"""What stands inside the wall, in the compound's own axes: the county centre and the camp."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from shapely.geometry import LineString, Point, Polygon, box

from geoinv.worlds.block import Block, l_block, straight_block
from geoinv.worlds.forms import Form, Place, RoofKind, Wing, l_wings, outline_of, u_wings

__all__ = ["NAMES", "Compound", "camp", "county"]

#: What people call each building: English, another English name, Korean (not reviewed by a native speaker).
NAMES: dict[str, tuple[str, ...]] = {
    "block": ("detention block", "main building", "구류장"),
    "kitchen": ("kitchen", "cookhouse", "취사장"),
    "shed": ("coal shed", "fuel store", "석탄창고"),
    "hut": ("guards' hut", "duty hut", "경비막"),
    "hall": ("assembly hall", "study hall", "강당"),
    "barracks1": ("barracks 1", "first hut", "1호동"),
    "barracks2": ("barracks 2", "second hut", "2호동"),
    "barracks3": ("barracks 3", "third hut", "3호동"),
    "barracks4": ("barracks 4", "fourth hut", "4호동"),
    "barracks5": ("barracks 5", "fifth hut", "5호동"),
    "barracks6": ("barracks 6", "sixth hut", "6호동"),
    "administration": ("administration", "offices", "관리동"),
    "workshop": ("workshop", "factory", "작업장"),
    "punishment": ("punishment block", "solitary block", "독방동"),
    "bath": ("bath house", "wash house", "목욕탕"),
    "store": ("grain store", "warehouse", "식량창고"),
    "guards": ("guards' barracks", "soldiers' house", "경비대 병실"),
    "gatehouse": ("gatehouse", "gate post", "정문초소"),
    "infirmary": ("infirmary", "sick room", "위생소"),
    "annex": ("women's annex", "new building", "녀자동"),
    "latrine": ("latrines", "outhouse", "변소"),
    "stock": ("livestock shed", "pig house", "축사"),
    "sawmill": ("sawmill", "wood shop", "제재소"),
    "garage": ("garage", "truck shed", "차고"),
    "boiler": ("boiler house", "furnace house", "보이라실"),
    "sewing": ("sewing hall", "sewing workshop", "피복반"),
    "visits": ("visitors' room", "meeting house", "면회실"),
    "tools": ("tool store", "small store", "공구창고"),
    "school": ("lecture room", "class house", "학습실"),
    "mill": ("maize mill", "grinding house", "정미소"),
    "oil": ("oil store", "fuel house", "연유창고"),
}
SURFACES = ("tile red", "tile grey", "sheet", "rusted sheet", "concrete")


@dataclass(frozen=True)
class Compound:
    """A walled compound in axes of its own, its gate in the side towards −y.

    Attributes
    ----------
    wall
        Corners of the perimeter, counter-clockwise.
    wall_height_m
        Height of the wall.
    gates
        Middle of each gap in the wall, and its width.
    towers
        Footprint of each post and its height.
    paths
        Lines worn or paved, with width.
    forms
        Buildings by key of ``NAMES``.
    blocks
        The rooms of those buildings that have known rooms.
    late
        Keys of buildings put up between the two scenes.
    """

    wall: tuple[tuple[float, float], ...]
    wall_height_m: float
    gates: tuple[tuple[float, float, float], ...]
    towers: tuple[tuple[Wing, float], ...]
    paths: tuple[tuple[tuple[tuple[float, float], ...], float], ...]
    forms: dict[str, Form]
    blocks: dict[str, Block] = field(default_factory=dict)
    late: tuple[str, ...] = ()

    @property
    def ground(self) -> Polygon:
        """The ground inside the wall."""
        return Polygon(self.wall)


def _form(rng: np.random.Generator, wings: tuple[Wing, ...], key: str, *, late: str | None = None) -> Form:
    """A building's looks from its shape and use."""
    least = min(wing.width_m for wing in wings)
    small = least < 4.5
    kinds: tuple[RoofKind, ...] = ("shed", "flat", "gable") if small else ("gable", "hip", "flat")
    weights = (0.4, 0.35, 0.25) if small else (0.72, 0.16, 0.12)
    kind = kinds[int(rng.choice(3, p=weights))]
    surface = "concrete" if kind == "flat" else SURFACES[int(rng.choice(4, p=(0.34, 0.34, 0.16, 0.16)))]
    slope = {"flat": 0.0, "shed": 0.14, "gable": float(rng.uniform(0.38, 0.6)), "hip": float(rng.uniform(0.4, 0.55))}[
        kind
    ]
    rise = 0.25 if kind == "flat" else max(0.35, slope * least / (1 if kind == "shed" else 2))
    eave = float(rng.uniform(2.3, 2.7) if small else rng.uniform(2.8, 3.6))
    chimney = key in ("kitchen", "bath", "boiler", "block", "guards")
    return Form(wings, eave, kind, round(rise, 2), 0.1 if kind == "flat" else 0.45, surface, chimney, late)


def _towers(
    rng: np.random.Generator, ground: Polygon, spots: list[tuple[float, float]]
) -> tuple[tuple[Wing, float], ...]:
    """Square posts just inside the wall, beside the given corners."""
    middle = ground.centroid
    found = []
    for x, y in spots:
        size = float(rng.uniform(2.2, 2.9))
        reach = 2.2 / max(1.0, float(np.hypot(middle.x - x, middle.y - y)))
        at = (x + (middle.x - x) * reach, y + (middle.y - y) * reach)
        found.append((Wing(at[0], at[1], size, size, float(rng.normal(0, 2))), float(rng.uniform(4.8, 6.8))))
    return tuple(found)


def _clear(candidate: Polygon, taken: list[Polygon], gap: float) -> bool:
    return all(candidate.distance(other) >= gap for other in taken)


def county(rng: np.random.Generator, built: str) -> Compound:
    """A county's detention centre: an L along two walls, a few huts, two posts, one gate; about 45 × 35 m.

    Parameters
    ----------
    built
        Day (ISO date) from which the shed stands.
    """
    block = l_block(rng)
    length, leg = block.wings[0].length_m, block.wings[1].length_m
    west, back, east, yard = (float(v) for v in rng.uniform((2.0, 2.2, 8.5, 8.5), (3.6, 3.8, 13.5, 12.5)))
    across, deep = west + length + east, back + leg + yard
    flipped = bool(rng.random() < 0.5)
    # The long wing along the back wall, the short one down the side towards the gate: the L turned half round.
    placed = block.placed(
        Place(west, deep - back, 180.0, True) if not flipped else Place(across - west, deep - back, 180.0)
    )
    skew = rng.normal(0, 0.5, (4, 2))
    corners = np.array([(0, 0), (across, 0), (across, deep), (0, deep)]) + skew
    wall = tuple((float(x), float(y)) for x, y in corners)
    share = float(rng.uniform(0.55, 0.72))
    gate_x = across * (share if not flipped else 1 - share)
    gate_y = float(np.interp(gate_x, corners[:2, 0], corners[:2, 1]))
    forms = {"block": _form(rng, placed.wings, "block")}
    forms["block"] = Form(
        **{**forms["block"].__dict__, "roof": "gable", "rise_m": 2.0, "overhang_m": 0.5, "surface": "tile grey"}
    )
    taken = [forms["block"].outline, Point(gate_x, gate_y).buffer(4.5)]
    ground = Polygon(wall)
    for key, (w, h) in {"kitchen": (6.2, 4.4), "hut": (4.6, 3.6), "shed": (4.8, 3.0)}.items():
        near = (gate_x, gate_y) if key == "hut" else None
        wing = _spot(rng, ground, taken, (w, h), inside=1.3, gap=1.6, near=near)
        if wing is not None:
            forms[key] = _form(rng, (wing,), key, late=built if key == "shed" else None)
            taken.append(wing.polygon)
    ends = [wall[1], wall[3]] if not flipped else [wall[0], wall[2]]
    door = placed.entrance
    paths = (
        (((gate_x, gate_y - 1.0), (gate_x, gate_y + 5.0), (door[0], door[1] - 1.5), door), 1.8),
        (((gate_x, gate_y + 5.0), (across * (0.72 if not flipped else 0.28), deep - back - 11.5)), 1.2),
    )
    return Compound(
        wall=wall,
        wall_height_m=float(rng.uniform(2.7, 3.4)),
        gates=((gate_x, gate_y, float(rng.uniform(3.2, 4.0))),),
        towers=_towers(rng, ground, ends),
        paths=paths,
        forms=forms,
        blocks={"block": placed},
        late=tuple(key for key in ("shed",) if key in forms),
    )


def _spot(
    rng: np.random.Generator,
    ground: Polygon,
    taken: list[Polygon],
    size: tuple[float, float],
    *,
    inside: float,
    gap: float,
    near: tuple[float, float] | None = None,
    angles: tuple[float, ...] = (0.0, 90.0),
    spread: float = 1.5,
) -> Wing | None:
    """A free place for a rectangle inside the wall, or ``None``; if asked, the tried one nearest to ``near``."""
    yard = ground.buffer(-inside, join_style="mitre")
    west, south, east, north = yard.bounds
    found: list[tuple[float, Wing]] = []
    for _ in range(400):
        x, y = float(rng.uniform(west, east)), float(rng.uniform(south, north))
        angle = angles[int(rng.integers(len(angles)))] + float(rng.normal(0, spread))
        wing = Wing(x, y, size[0], size[1], angle)
        if yard.contains(wing.polygon) and _clear(wing.polygon, taken, gap):
            found.append((0.0 if near is None else float(np.hypot(x - near[0], y - near[1])), wing))
            if near is None:
                break
    return min(found, key=lambda item: item[0])[1] if found else None


#: Rectangles of a camp, in the order they are put in: key → length and width in metres (low, high).
SINGLE: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "kitchen": ((13, 17), (7, 9)),
    "store": ((14, 19), (8, 10)),
    "guards": ((16, 21), (7, 8.5)),
    "latrine": ((6, 8), (2.8, 3.4)),
    "bath": ((9, 12), (6, 8)),
    "infirmary": ((11, 14), (6.5, 7.5)),
    "sawmill": ((11, 15), (8, 11)),
    "stock": ((14, 18), (4.5, 5.5)),
    "garage": ((11, 15), (6, 7)),
    "hall": ((19, 24), (10, 12)),
    "boiler": ((6, 8), (5, 6)),
    "sewing": ((20, 26), (8, 9.5)),
    "visits": ((7, 9), (5, 6)),
    "tools": ((5, 7), (3.5, 4.2)),
    "school": ((13, 17), (6.5, 7.5)),
    "mill": ((7, 9), (5.5, 6.5)),
    "oil": ((4, 5.5), (3.6, 4.4)),
}


def camp(rng: np.random.Generator, built: str, buildings: int) -> Compound:
    """A larger compound: rows of barracks, a U of offices, an L of workshops, a punishment block with rooms, and more.

    Parameters
    ----------
    built
        Day (ISO date) from which the annex stands.
    buildings
        How many buildings are wanted, 8–30; fewer where they find no room.
    """
    side = 62.0 + 3.4 * buildings
    across, deep = side * float(rng.uniform(1.05, 1.3)), side * float(rng.uniform(0.85, 1.0))
    cut_x, cut_y = float(rng.uniform(0.12, 0.3)) * across, float(rng.uniform(0.15, 0.35)) * deep
    left = bool(rng.random() < 0.5)
    corners = [(0.0, 0.0), (across, 0.0), (across, deep - cut_y), (across - cut_x, deep), (0.0, deep)]
    if left:
        corners = [(across - x, y) for x, y in reversed(corners)]
    wall = tuple((x + float(rng.normal(0, 1.0)), y + float(rng.normal(0, 1.0))) for x, y in corners)
    ground = Polygon(wall)
    gate_x = across * float(rng.uniform(0.35, 0.65))
    south = sorted(wall, key=lambda corner: corner[1])[:2]
    low, high = sorted(south)
    gate = (gate_x, float(np.interp(gate_x, (low[0], high[0]), (low[1], high[1]))))
    builder = _CampBuilder(rng, ground, gate, built)
    builder.gate_house()
    builder.rows(int(np.clip(round(buildings * 0.3), 3, 6)))
    builder.shaped("workshop", l_wings(*_sizes(rng, (25, 32), (8.5, 10.5), (18, 24), (8, 10))))
    builder.shaped("administration", u_wings(*_sizes(rng, (23, 29), (7.5, 8.5), (14, 18), (7, 8))), near=gate)
    builder.cells()
    builder.shaped("annex", l_wings(*_sizes(rng, (17, 21), (7, 8), (13, 16), (6.5, 7.5))), late=True)
    for key, (lengths, widths) in SINGLE.items():
        if len(builder.forms) >= buildings:
            break
        builder.single(key, _sizes(rng, lengths, widths))
    return builder.compound(wall)


def _sizes(rng: np.random.Generator, *ranges: tuple[float, float]) -> list[float]:
    return [float(rng.uniform(low, high)) for low, high in ranges]


class _CampBuilder:
    """Puts a camp's buildings where there is room for them."""

    def __init__(self, rng: np.random.Generator, ground: Polygon, gate: tuple[float, float], built: str) -> None:
        self.rng, self.ground, self.gate, self.built = rng, ground, gate, built
        self.forms: dict[str, Form] = {}
        self.blocks: dict[str, Block] = {}
        self.taken: list[Polygon] = [box(gate[0] - 4, gate[1] - 2, gate[0] + 4, gate[1] + 24)]
        self.row_ends: list[tuple[float, float]] = []

    def _add(self, key: str, wings: tuple[Wing, ...], *, late: bool = False) -> None:
        self.forms[key] = _form(self.rng, wings, key, late=self.built if late else None)
        self.taken.append(outline_of(wings))

    def gate_house(self) -> None:
        side = 1.0 if self.rng.random() < 0.5 else -1.0
        self._add("gatehouse", (Wing(self.gate[0] + side * 7.6, self.gate[1] + 5.2, 6.2, 4.4, 0.0),))

    def rows(self, count: int) -> None:
        """Barracks side by side, alike but not exactly, in the half away from the gate."""
        length, width = _sizes(self.rng, (22, 28), (7, 8.2))
        gap = float(self.rng.uniform(5.5, 8.0))
        turned = bool(self.rng.random() < 0.5)
        west, south, east, north = self.ground.bounds
        for _ in range(300):
            x = float(self.rng.uniform(west + 8, east - 8))
            y = float(self.rng.uniform((south + north) / 2 - 6, north - 8))
            spots = [(x, y - i * (width + gap)) if not turned else (x + i * (width + gap), y) for i in range(count)]
            angle = 90.0 if turned else 0.0
            row = [
                Wing(a, b, length + float(self.rng.normal(0, 0.7)), width, angle + float(self.rng.normal(0, 0.8)))
                for a, b in spots
            ]
            inside = self.ground.buffer(-4.0)
            if all(inside.contains(w.polygon) and _clear(w.polygon, self.taken, 4.0) for w in row):
                for number, wing in enumerate(row, 1):
                    self._add(f"barracks{number}", (wing,))
                    half = 0.5 * length + 1.5
                    self.row_ends.append((wing.east + (0 if turned else half), wing.north - (half if turned else 0)))
                return

    def _free(self, size: tuple[float, float], near: tuple[float, float] | None, odd: bool) -> Wing | None:
        angles = (0.0, 90.0, 180.0, 270.0) if not odd else (20.0, 35.0, 120.0, 155.0)
        return _spot(self.rng, self.ground, self.taken, size, inside=3.5, gap=3.2, near=near, angles=angles, spread=1.2)

    def shaped(
        self, key: str, wings: tuple[Wing, ...], *, near: tuple[float, float] | None = None, late: bool = False
    ) -> None:
        """An L or U: its box finds a place, the wings go with it."""
        west, south, east, north = outline_of(wings).bounds
        spot = self._free((east - west, north - south), near, odd=False)
        if spot is None:
            return
        place = Place(0.0, 0.0, spot.angle_deg, bool(self.rng.random() < 0.5))
        middle = place.point((west + east) / 2, (south + north) / 2)
        place = Place(spot.east - middle[0], spot.north - middle[1], place.turned_deg, place.mirrored)
        self._add(key, tuple(place.wing(wing) for wing in wings), late=late)

    def cells(self) -> None:
        """The punishment block, whose rooms are known."""
        block = straight_block(self.rng)
        wing = block.wings[0]
        spot = self._free((wing.length_m, wing.width_m), None, odd=False)
        if spot is None:
            return
        middle = Place(0.0, 0.0, spot.angle_deg).point(wing.length_m / 2, wing.width_m / 2)
        placed = block.placed(Place(spot.east - middle[0], spot.north - middle[1], spot.angle_deg))
        self._add("punishment", placed.wings)
        self.blocks["punishment"] = placed

    def single(self, key: str, size: list[float]) -> None:
        near = self.gate if key in ("guards", "visits") else None
        spot = self._free((size[0], size[1]), near, odd=bool(self.rng.random() < 0.15))
        if spot is not None:
            self._add(key, (spot,))

    def compound(self, wall: tuple[tuple[float, float], ...]) -> Compound:
        """Everything with posts at the corners, and ways between."""
        square = (self.gate[0], self.gate[1] + 22.0)
        ways: list[tuple[tuple[tuple[float, float], ...], float]] = [((self.gate, square), 3.2)]
        ends = list(self.row_ends)
        for form in self.forms.values():
            near = form.outline.exterior.interpolate(form.outline.exterior.project(Point(square)))
            ends.append((float(near.x), float(near.y)))
        for end in ends:
            for bend in ((square[0], end[1]), (end[0], square[1])):
                line = LineString([square, bend, end])
                if line.length > 6 and all(line.intersection(other).length < 0.5 for other in self.taken[1:]):
                    ways.append(((square, bend, end), 1.6))
                    break
        spots = [corner for index, corner in enumerate(wall) if index != 2 or len(self.forms) > 14]
        return Compound(
            wall=wall,
            wall_height_m=float(self.rng.uniform(2.8, 3.6)),
            gates=((self.gate[0], self.gate[1], float(self.rng.uniform(4.0, 5.2))),),
            towers=_towers(self.rng, self.ground, spots),
            paths=tuple(ways),
            forms=self.forms,
            blocks=self.blocks,
            late=tuple(key for key in ("annex",) if key in self.forms),
        )
