"""A block drawn for several outlines that stand side by side: each outline is a building, and the block speaks for it.

It does so less sharply than a building drawn by itself: with the probability that it stands for this one, and of
what the outlines are together; it does not say how many there are, nor which of them its label names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import shapely
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.footprint_choice import Chosen, found_blind
from geoinv.facilities.footprint_groups import BELIEVED, Drawn, Ground

__all__ = ["as_drawn", "block_note", "members_drawn", "members_found"]


def as_drawn(one: Drawn, ground: Ground) -> BaseGeometry | None:
    """What a block was drawn for: the hull of its outlines; ``None`` for what stands for one alone."""
    names = [name for name in (one.candidate, *(name for name, _ in one.beside)) if name in ground.candidates]
    return shapely.convex_hull(shapely.union_all([ground.candidates[name] for name in names])) if one.beside else None


def members_drawn(
    groups: Sequence[Sequence[Drawn]], chosen: Sequence[Chosen | None], ground: Ground
) -> dict[str, list[Drawn]]:
    """The further outlines of every block, each with the block as drawn for it.

    Only of blocks whose own outline was found blind: where a person drew the outline, or pixels were read under the
    block, that is what the block stands for.
    """
    out: dict[str, list[Drawn]] = {}
    for group, one in zip(groups, chosen, strict=True):
        for drawn in group:
            if one is None or not drawn.beside or drawn.candidate not in ground.candidates:
                continue
            if one.shape is not ground.candidates[drawn.candidate]:
                continue
            members = ((drawn.candidate, drawn.probability or 0.0), *drawn.beside)
            for name, probability in drawn.beside:
                if name in ground.candidates and probability >= BELIEVED:
                    others = tuple(member for member in members if member[0] != name)
                    block = replace(drawn, candidate=name, probability=probability, beside=others, rivals=[])
                    out.setdefault(name, []).append(block)
    return out


def members_found(
    drawn: Mapping[str, Sequence[Drawn]], chosen: Sequence[Chosen | None], ground: Ground
) -> tuple[dict[int, list[Drawn]], list[tuple[list[Drawn], Chosen]]]:
    """What blocks say of buildings that others drew by themselves, by number; and of those that nobody did.

    Parameters
    ----------
    drawn
        As ``members_drawn`` gives them.
    chosen
        The shapes of what was drawn by itself.
    """
    taken = {id(one.shape): index for index, one in enumerate(chosen) if one is not None}
    also: dict[int, list[Drawn]] = {}
    alone: list[tuple[list[Drawn], Chosen]] = []
    for name, blocks in sorted(drawn.items()):
        shape = ground.candidates[name]
        if (index := taken.get(id(shape))) is not None:
            also[index] = list(blocks)
        elif not any(_lies_under(shape, one.shape) for one in chosen if one is not None):
            lead = max(blocks, key=lambda one: one.probability or 0.0)
            found = found_blind(blocks, lead, name, ground)
            alone.append((list(blocks), replace(found, note=f"{found.note}; {block_note(lead, name)}")))
    return also, alone


def block_note(block: Drawn, candidate: str) -> str:
    """That an outline was drawn in one block with which others."""
    others = [name for name in (block.candidate, *(name for name, _ in block.beside)) if name and name != candidate]
    return f"drawn as one block with {', '.join(sorted(others))}"


def _lies_under(shape: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(shape.intersection(other).area > 0.3 * min(shape.area, other.area))
