"""What several drawings of one building's inside agree on, before it is fitted into the outline."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import Record, Shape
from geoinv.records.blueprint import Contradiction
from geoinv.records.evidence import Status
from geoinv.records.measures import Interval

__all__ = ["PlannedRoom", "RoomPlan"]


class PlannedRoom(Record):
    """One room as the drawings together have it; not yet a polygon.

    Attributes
    ----------
    drawn
        ``sketch-file#element-id`` of every drawn room it stands for; a room drawn once with a count stands behind
        several.
    witnesses
        Codenames of the witnesses who drew it; a drawing without one counts as its own.
    role
        ``cell``, ``punishment cell``, ``interrogation``, ``latrine``, ``guard`` or ``room``.
    labels
        Words on the drawings, any language.
    side
        ``left`` or ``right`` of the corridor, walking along the plan's ``spine``.
    order
        Rank on its side, from the spine's start.
    along
        From and to, metres along the spine, mean of the drawings as stretched onto the outline.
    drawings
        In how many drawings it is.
    width_m, width_spread
        Its width as the drawings together have it, each drawing's own scale taken out, and the standard deviation of
        its logarithm; ``None`` if only ``along`` tells it.
    before_m, after_m
        What is left blank before it, and after the last of its side: expected metres, and their standard deviation;
        ``None`` if only ``along`` tells it.
    status
        ``corroborated`` by two independent witnesses, ``attested`` by fewer, ``contested``.
    note
        Why it has that status, in words.
    """

    drawn: tuple[str, ...]
    witnesses: tuple[str, ...] = ()
    role: str = "room"
    labels: tuple[str, ...] = ()
    side: Literal["left", "right"]
    order: int = Field(ge=0)
    along: tuple[float, float]
    drawings: int = Field(default=1, ge=1)
    width_m: float | None = Field(default=None, gt=0)
    width_spread: float = Field(default=0.4, gt=0)
    before_m: tuple[float, float] | None = None
    after_m: tuple[float, float] | None = None
    status: Status
    note: str = ""


class RoomPlan(Record):
    """The inside of one building: which drawn rooms are one, their sides and order, and what the drawings disagree on.

    Attributes
    ----------
    spine
        Middle line of the building in metres of the outline's frame, from end to end; from the entrance's end where
        that is known.
    rooms
        Left side first, each side in order along the spine. Where drawings exclude each other, version ``A`` of every
        contradiction.
    rivals
        All rooms again as version ``B`` has them; none where nothing is excluded.
    corridor_drawn, corridor_witnesses, corridor_voices
        Full names of the drawn corridors, who drew them, and how many of those are independent of each other.
    corridor_offset_m, corridor_width_m
        Its middle left of the spine (beyond the walls where it has rooms on one side only), and its width.
    mirrored
        Sketch name → whether it was drawn mirrored.
    cell_count
        Cells and punishment cells.
    entrance
        Where one goes in, metres, if known.
    contradictions
        ``about`` holds drawn full names.
    """

    spine: Shape
    rooms: tuple[PlannedRoom, ...]
    rivals: tuple[PlannedRoom, ...] = ()
    corridor_drawn: tuple[str, ...] = ()
    corridor_witnesses: tuple[str, ...] = ()
    corridor_voices: int = 0
    corridor_offset_m: float = 0.0
    corridor_width_m: Interval
    mirrored: dict[str, bool] = Field(default_factory=dict)
    cell_count: Interval
    entrance: tuple[float, float] | None = None
    contradictions: tuple[Contradiction, ...] = ()
