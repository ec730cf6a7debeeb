"""Which shape stands for one building, wall or gate that several may have drawn, and what speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.footprint_groups import (
    AGREE_DRAWN,
    BELIEVED,
    LINES,
    Drawn,
    Ground,
    Outline,
    OutlineFrom,
    area_of,
    both_areas,
    lies_on,
)
from geoinv.facilities.footprint_lines import lines_apart
from geoinv.facilities.footprint_readings import Reading, best_reading
from geoinv.geometry.overlap import iou
from geoinv.records.evidence import Status
from geoinv.records.independence import voices

__all__ = ["IMAGERY_M", "SKETCH_M", "Chosen", "choose", "found_blind", "line_disagreements"]

#: Overlap from which two independent outlines mean one building.
_AGREE_IMAGERY = 0.4
#: 90 % half-widths, metres, of outlines read off pixels without and with a prompt, and of a sketch with no residuals.
IMAGERY_M, _PROMPTED_M, SKETCH_M = 2.0, 3.0, 20.0
#: A pair, or the placement of a drawing, below this supports nothing.
_TRUSTED = 0.5
#: What is said of something drawn that was found on a scene too, and why that may not corroborate it.
_SEEN_TOO, _UNPROMPTED = "drawn, and found in the imagery", " without any prompt"
_UNSURE = "; that this is what was drawn is not sure enough to corroborate it"
_SHOWN = "; all who drew it had been shown imagery or a model before, so it corroborates none of them"
#: Share of the smaller one's ground from which two walls enclose one place; distance within which two gates may be one.
_ENCLOSE_ONE, _ONE_GATE_M = 0.25, 15.0


@dataclass(frozen=True)
class Chosen:
    """The shape chosen for a group and what speaks for it.

    Attributes
    ----------
    shape
        Metres of the frame.
    reading
        The reading it comes from and what the others say to it, where it was read from a scene.
    """

    shape: BaseGeometry
    origin: OutlineFrom
    status: Status
    note: str
    half_width_m: float
    probability: float | None
    sources: tuple[str, ...]
    scene: str | None = None
    reading: Reading | None = None


def choose(group: Sequence[Drawn], ground: Ground, placed: float, dependent: Sequence[Sequence[str]]) -> Chosen | None:
    """The best shape for a group of drawn elements; ``None`` if nothing says where it is.

    Parameters
    ----------
    group
        Drawn elements that stand for one thing.
    ground
        What was found there.
    placed
        Probability of the preferred placement.
    dependent
        Groups of witnesses who are not independent of each other.
    """
    if group[0].role in LINES:
        return _line(group, ground, dependent)
    return _building(group, ground, placed, dependent)


def _building(
    group: Sequence[Drawn], ground: Ground, placed: float, dependent: Sequence[Sequence[str]]
) -> Chosen | None:
    """A person's outline, pixels found blind, pixels under the sketches, the matched candidate, else as drawn."""
    names = {one.name for one in group}
    matched = [one for one in group if one.candidate in ground.candidates and (one.probability or 0.0) >= BELIEVED]
    lead = max(matched, key=lambda one: one.probability or 0.0, default=None)
    probability = lead.probability if lead is not None else placed
    drawn = tuple(one.name for one in group)
    reading = best_reading([row for row in ground.outlines if names & set(row.drawn)], ground)
    if reading is not None and reading.outline.origin != "sketch":
        row = reading.outline
        status, note = _read_status(reading, group, ground, dependent)
        width = IMAGERY_M if row.origin in ("person", "imagery") else _PROMPTED_M + 3.0 * (1.0 - row.score)
        return Chosen(
            shape=row.shape,
            origin=row.origin,
            status=status,
            note=note,
            half_width_m=max(width, reading.spread_m or 0.0),
            probability=probability,
            sources=(*drawn, *_some(row.scene)),
            scene=row.scene,
            reading=reading,
        )
    if lead is not None and lead.candidate is not None:
        return found_blind(group, lead, lead.candidate, ground)
    shapes = [(area, one) for one in group if (area := area_of(one.placed)) is not None]
    if reading is None and (not shapes or placed < BELIEVED):
        return None
    rms = [one.rms_m for one in group if one.rms_m is not None]
    agree = _witnesses_agree(group, dependent)
    return Chosen(
        shape=reading.outline.shape if reading is not None else shapes[0][0],
        origin="sketch",
        status=Status.CORROBORATED if agree else Status.ATTESTED,
        note="independent witnesses drew it in the same place" if agree else "as drawn; the imagery gave no outline",
        half_width_m=1.52 * min(rms) if rms else SKETCH_M,
        probability=placed,
        sources=drawn,
    )


def found_blind(group: Sequence[Drawn], lead: Drawn, candidate: str, ground: Ground) -> Chosen:
    """A candidate as the shape of what was drawn; corroborated where the likeliest pair, ``lead``, is to be trusted."""
    doubt = _imagery_doubt(group) or (_UNSURE if (lead.probability or 0.0) < _TRUSTED else "")
    scene = ground.scenes.get(candidate)
    return Chosen(
        shape=ground.candidates[candidate],
        origin="imagery",
        status=Status.ATTESTED if doubt else Status.CORROBORATED,
        note=_SEEN_TOO + (doubt or _UNPROMPTED),
        half_width_m=IMAGERY_M,
        probability=lead.probability,
        sources=(*(one.name for one in group), candidate, *_some(scene)),
        scene=scene,
    )


def _some(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _read_status(
    reading: Reading, group: Sequence[Drawn], ground: Ground, dependent: Sequence[Sequence[str]]
) -> tuple[Status, str]:
    row = reading.outline
    agrees = [name for name, shape in sorted(ground.candidates.items()) if iou(shape, row.shape) >= _AGREE_IMAGERY]
    doubt = _imagery_doubt(group)
    if row.origin == "imagery" and not doubt:
        return Status.CORROBORATED, _SEEN_TOO + _UNPROMPTED
    if agrees and not doubt:
        return Status.CORROBORATED, f"an outline found without any prompt agrees ({agrees[0]})"
    if not _witnesses_agree(group, dependent):
        if row.origin == "imagery" or agrees:
            return Status.ATTESTED, _SEEN_TOO + doubt
        return (
            Status.ATTESTED,
            "the outline was read from pixels under the placed sketch, so it does not corroborate the sketch",
        )
    if reading.alone:
        return (
            Status.ATTESTED,
            "independent witnesses drew it here, but no two outlines read under their drawings agree",
        )
    return Status.CORROBORATED, "independent witnesses drew it in the same place"


def _independent(one: Drawn, other: Drawn, dependent: Sequence[Sequence[str]]) -> bool:
    """Whether two drawings are by witnesses who do not depend on each other and had not both been shown something."""
    apart = len(voices((one.sketch.witness, other.sketch.witness), dependent)) > 1
    return apart and not _saw_imagery((one, other))


def _witnesses_agree(group: Sequence[Drawn], dependent: Sequence[Sequence[str]]) -> bool:
    """Whether two independent witnesses' own shapes, as placed, lie on each other."""
    for index, one in enumerate(group):
        for other in group[index + 1 :]:
            if _independent(one, other, dependent) and both_areas(one, other):
                first, second = area_of(one.placed), area_of(other.placed)
                if first is not None and second is not None and iou(first, second) >= AGREE_DRAWN:
                    return True
    return False


def _imagery_doubt(group: Sequence[Drawn]) -> str:
    """Why what was found without a drawing may not corroborate those who drew it; empty if it may.

    Not if they had been shown imagery, nor if the scene hardly bears out that what they drew is what stands there.
    """
    if _saw_imagery(group):
        return _SHOWN
    borne = [one.borne for one in group if one.borne is not None]
    return _UNSURE if borne and max(borne) < _TRUSTED else ""


def _saw_imagery(group: Sequence[Drawn]) -> bool:
    """Whether everyone who drew it had been shown imagery or a model first."""
    return all(bool(one.sketch.seen_before) for one in group)


def _line(group: Sequence[Drawn], ground: Ground, dependent: Sequence[Sequence[str]]) -> Chosen | None:
    """A wall or gate as the drawing has it that most independent ones agree with; of those, the best placed one.

    It is corroborated only where another witness has all of it, and both drawings lie where they lie with some
    certainty: it is never better known than what put it there.
    """
    ranked = []
    for one in group:
        if one.placed is None:
            continue
        agreeing = [
            other
            for other in group
            if other is not one
            and _independent(one, other, dependent)
            and min(one.placed_probability, other.placed_probability) >= _TRUSTED
            and lies_on(one, other)
        ]
        # Where nobody agrees with all of it, the longest says most: what the others have is a part of it.
        truth = -(one.rms_m or SKETCH_M) if agreeing else round(float(one.placed.length), 1)
        ranked.append(((len({other.sketch.witness for other in agreeing}), truth), one))
    if not ranked:
        return None
    (agreeing_count, _), best = max(ranked, key=lambda pair: pair[0])
    shape = _line_shape(best)
    if shape is None:
        return None
    # Its sides may have been moved onto edges of the scene: where they lie then. That corroborates nobody, unless the
    # same wall was found without any drawing.
    moved = _moved(group, best, ground)
    blind = moved is not None and moved.origin == "imagery" and not _saw_imagery(group)
    return Chosen(
        shape=shape if moved is None else moved.shape,
        origin="sketch" if moved is None else moved.origin,
        status=Status.CORROBORATED if agreeing_count or blind else Status.ATTESTED,
        note=_line_note(best, group, agreeing_count) + _moved_note(moved),
        half_width_m=IMAGERY_M if blind else 1.52 * best.rms_m if best.rms_m is not None else SKETCH_M,
        probability=best.placed_probability,
        sources=(*(one.name for one in group), *_some(None if moved is None else moved.scene)),
        scene=None if moved is None else moved.scene,
    )


def _moved(group: Sequence[Drawn], best: Drawn, ground: Ground) -> Outline | None:
    """The best reading of a wall on the scene: one found without a drawing too, else that of the best drawing of it."""
    names = {one.name for one in group}
    rows = [row for row in ground.outlines if names.intersection(row.drawn)]
    return max(rows, key=lambda row: (row.origin == "imagery", best.name in row.drawn, row.score), default=None)


def _moved_note(moved: Outline | None) -> str:
    if moved is None:
        return ""
    if moved.origin == "imagery":
        return "; a walled yard found in the scene without any drawing is the same"
    return "; its sides were moved onto edges that the scene shows"


def _line_note(best: Drawn, group: Sequence[Drawn], agreeing: int) -> str:
    if agreeing:
        return f"as drawn in {best.name}; independent witnesses drew it in the same place"
    if len(group) > 1:
        return f"as drawn in {best.name}; what others drew of it lies on it, but nobody independent drew all of it"
    return "as drawn"


def _line_shape(one: Drawn) -> BaseGeometry | None:
    """A wall as drawn, 0.4 m thick; a gate 3 m wide."""
    if one.placed is None:
        return None
    if one.role == "gate":
        return one.placed.centroid.buffer(1.5, cap_style="square")
    line = one.placed.boundary if one.placed.area > 0 else one.placed
    return area_of(line.buffer(0.2, cap_style="flat", join_style="mitre"))


def line_disagreements(groups: Sequence[Sequence[Drawn]]) -> dict[int, list[str]]:
    """Walls that enclose one place, and gates close by, which drawings put further apart than their own errors.

    Returns
    -------
    Sentences by the index of the group they are about; both versions get one.
    """
    found: dict[int, list[str]] = {}
    for first, group in enumerate(groups):
        for second in range(first + 1, len(groups)):
            one, other = group[0], groups[second][0]
            sketches = {item.sketch.name for item in group} & {item.sketch.name for item in groups[second]}
            if (
                sketches
                or one.role not in LINES
                or one.role != other.role
                or one.placed is None
                or other.placed is None
            ):
                continue
            told = _gates_apart(one, other) if one.role == "gate" else _walls_apart(one, other)
            if told:
                found.setdefault(first, []).append(told)
                found.setdefault(second, []).append(told)
    return found


def _gates_apart(one: Drawn, other: Drawn) -> str:
    assert one.placed is not None and other.placed is not None
    apart = float(one.placed.distance(other.placed))
    if apart > _ONE_GATE_M:
        return ""
    return f"{one.name} and {other.name} have the gate {apart:.0f} m apart: both are kept"


def _walls_apart(one: Drawn, other: Drawn) -> str:
    assert one.placed is not None and other.placed is not None
    first, second = (_enclosed(item.placed) for item in (one, other) if item.placed is not None)
    if first.intersection(second).area <= _ENCLOSE_ONE * min(first.area, second.area):
        return ""
    apart = lines_apart(one.placed, other.placed)
    return (
        f"{one.name} and {other.name} have the wall {apart.mean_m:.0f} m apart on average and up to "
        f"{apart.furthest_m:.0f} m: both are kept"
    )


def _enclosed(line: BaseGeometry) -> BaseGeometry:
    ring = isinstance(line, LineString) and line.is_ring
    return shapely.make_valid(Polygon(line.coords)) if ring else line.convex_hull
