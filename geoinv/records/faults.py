"""What is wrong with one part of a model, in a sentence, and whether the part could be built all the same."""

from __future__ import annotations

from geoinv.records.base import Record

__all__ = ["Fault"]


class Fault(Record):
    """Something in a blueprint that cannot be as it is written.

    Attributes
    ----------
    part
        Id of the part.
    sentence
        What is wrong, and what was done about it.
    built
        Whether the part stands in the model all the same.
    """

    part: str
    sentence: str
    built: bool = True
