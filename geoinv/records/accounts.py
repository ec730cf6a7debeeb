"""What witnesses told in words rather than drew: rooms of a building, and transcripts with their passages."""

from __future__ import annotations

from pydantic import Field

from geoinv.records.base import OpenRecord, Record
from geoinv.records.incidents import SourceRef
from geoinv.records.measures import Interval

__all__ = ["Passage", "Reference", "RoomAccount", "Transcript"]


class RoomAccount(OpenRecord):
    """A room as a witness told of it.

    Attributes
    ----------
    id
        Unique in its file.
    witness
        Codename.
    building, room
        Labels as the witness uses them.
    role
        What the room was for, in words.
    count
        "Six like this".
    occupants
        How many people were in it.
    length_m, width_m, height_m
        Its size as said.
    storey
        As said ("ground", "2").
    next_to
        Labels of the rooms beside it.
    said
        The words as said.
    sources
        Where the words stand.
    """

    id: str
    witness: str
    building: str | None = None
    room: str
    role: str | None = None
    count: int | None = Field(default=None, ge=1)
    occupants: Interval | None = None
    length_m: Interval | None = None
    width_m: Interval | None = None
    height_m: Interval | None = None
    storey: str | None = None
    next_to: tuple[str, ...] = ()
    said: str | None = None
    sources: tuple[SourceRef, ...] = ()


class Passage(Record):
    """One paragraph of a transcript; ``file#p12`` names paragraph 12 everywhere else."""

    number: int = Field(ge=1)
    text: str


class Transcript(Record):
    """An interview or account, kept whole.

    Attributes
    ----------
    name
        File name.
    passages
        Every paragraph that has words, numbered as they stand in the file, empty ones left out of the count.
    notes
        What of the file is not among the passages (pictures, comments, deleted text), a sentence each.
    """

    name: str
    passages: tuple[Passage, ...]
    notes: tuple[str, ...] = ()

    def passage(self, number: int) -> Passage:
        """The paragraph of a number.

        Raises
        ------
        KeyError
            If there is none.
        """
        if not 1 <= number <= len(self.passages):
            raise KeyError(number)
        return self.passages[number - 1]


class Reference(OpenRecord):
    """A mesh, point cloud or picture kept as reference evidence: nothing is built from it, people compare with it.

    Attributes
    ----------
    name
        File name.
    form
        ``mesh``, ``point cloud`` or ``picture``.
    size
        Vertices and faces, points, or pixels across and down.
    extent
        Lowest and highest x, y, z in the file's own units; empty of a picture.
    units
        As the file says; ``None`` if it does not.
    crs
        As the file says; ``None`` if it does not.
    """

    name: str
    form: str
    size: tuple[int, ...] = ()
    extent: tuple[float, ...] = ()
    units: str | None = None
    crs: str | None = None
