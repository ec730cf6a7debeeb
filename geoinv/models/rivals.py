"""Parts that cannot both stand where they are: kept side by side as rival hypotheses, never stacked into one solid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.models.solids_style import placed_status
from geoinv.records.blueprint import Blueprint, Building, Contradiction, Part, PerimeterWall, Storey, Tower

__all__ = ["with_rivals"]

#: Outlines that share more than this part of the smaller one's ground exclude each other; less is within their errors.
_SHARED = 0.25
_Solid = Building | Tower | PerimeterWall
_Kind = TypeVar("_Kind", Building, Tower, PerimeterWall)


def with_rivals(blueprint: Blueprint) -> Blueprint:
    """A blueprint in which parts that stand in each other's place are of rival hypotheses.

    Buildings and towers that share ground, and perimeter walls from different drawings, are set against each other:
    the better known of two (status, then what is drawn of it, then size) is of hypothesis ``A``, the other of ``B``,
    and a contradiction names both. Parts that nothing excludes stay common to all hypotheses. Where rooms are rivals
    too (:mod:`geoinv.models.fit`), ``B`` has other outlines with the rooms of ``A``, and ``C`` the outlines of ``A``
    with the other rooms.

    Parameters
    ----------
    blueprint
        With no hypotheses yet among its buildings, towers and perimeter walls.
    """
    standing = _judged((*blueprint.buildings, *blueprint.site.towers))
    walls = _judged(blueprint.site.walls)
    letters = _letters((*standing, *walls))
    if letters and any(part.hypothesis for building in blueprint.buildings for part in _inside(building)):
        blueprint = _rooms_apart(blueprint)
        letters = {name: {"A": "A+C"}.get(letter, letter) for name, letter in letters.items()}
    site = blueprint.site
    return blueprint.model_copy(
        update={
            "buildings": _lettered(blueprint.buildings, letters),
            "site": site.model_copy(
                update={"towers": _lettered(site.towers, letters), "walls": _lettered(site.walls, letters)}
            ),
            "contradictions": (*blueprint.contradictions, *(_contradiction(*pair) for pair in (*standing, *walls))),
        }
    )


def _inside(building: Building) -> list[Part]:
    return [part for storey in building.storeys for part in storey.inside()]


def _rooms_apart(blueprint: Blueprint) -> Blueprint:
    """Rooms of ``A`` in both versions of the outlines, those of ``B`` in a version ``C`` of their own."""
    others = {"A": "A+B", "B": "C"}
    names = ("rooms", "walls", "openings", "stairs", "fixtures")

    def told(storey: Storey) -> Storey:
        parts = {
            name: tuple(
                part.model_copy(update={"hypothesis": others.get(part.hypothesis or "", part.hypothesis)})
                for part in getattr(storey, name)
            )
            for name in names
        }
        return storey.model_copy(update=parts)

    rivals = {part.id for building in blueprint.buildings for part in _inside(building) if part.hypothesis}
    return blueprint.model_copy(
        update={
            "buildings": tuple(
                one.model_copy(update={"storeys": tuple(told(storey) for storey in one.storeys)})
                for one in blueprint.buildings
            ),
            "contradictions": tuple(
                one.model_copy(update={"versions": _next_letters(one.versions)}) if rivals & set(one.about) else one
                for one in blueprint.contradictions
            ),
        }
    )


def _next_letters(versions: Mapping[str, str]) -> dict[str, str]:
    """The versions of a question about rooms: all but the first a letter on, as their rooms are."""
    return {name if name == "A" else chr(ord(name[0]) + 1) + name[1:]: words for name, words in versions.items()}


def _ground(part: _Solid) -> BaseGeometry:
    if not isinstance(part, PerimeterWall):
        return part.outline
    return Polygon(part.line) if isinstance(part.line, LineString) and part.line.is_ring else part.line.convex_hull


def _better_first(part: _Solid) -> tuple[int, int, int, float, str]:
    inside = isinstance(part, Building) and any(storey.rooms for storey in part.storeys)
    return (placed_status(part).rank, -int(inside), -len(part.drawn), -round(float(_ground(part).area), 2), part.id)


def _judged(parts: Iterable[_Solid]) -> list[tuple[_Solid, _Solid]]:
    """Pairs of a part that is kept and one that it excludes."""
    kept: list[tuple[_Solid, BaseGeometry]] = []
    found = []
    for part in sorted(parts, key=_better_first):
        ground = shapely.make_valid(_ground(part))
        rival = next((other for other, taken in kept if _excludes(part, ground, other, taken)), None)
        if rival is None:
            kept.append((part, ground))
        else:
            found.append((rival, part))
    return found


def _excludes(part: _Solid, ground: BaseGeometry, other: _Solid, taken: BaseGeometry) -> bool:
    if isinstance(part, PerimeterWall) and _drawings(part) & _drawings(other):
        return False  # one drawing may show a wall within a wall
    least = min(ground.area, taken.area)
    return bool(least > 0 and ground.intersection(taken).area > _SHARED * least)


def _drawings(part: _Solid) -> set[str]:
    return {name.rpartition("#")[0] for name in part.drawn}


def _letters(pairs: Sequence[tuple[_Solid, _Solid]]) -> dict[str, str]:
    return {better.id: "A" for better, _ in pairs} | {other.id: "B" for _, other in pairs}


def _lettered(parts: tuple[_Kind, ...], letters: dict[str, str]) -> tuple[_Kind, ...]:
    return tuple(
        part.model_copy(update={"hypothesis": letters[part.id]}) if part.id in letters else part for part in parts
    )


def _contradiction(better: _Solid, other: _Solid) -> Contradiction:
    def words(part: _Solid) -> str:
        name = part.labels[0] if part.labels else "one without a name"
        return f"{name} ({', '.join(part.drawn) or 'imagery'}; {placed_status(part).value})"

    kind = "wall encloses the place" if isinstance(better, PerimeterWall) else "of two outlines stands here"
    return Contradiction(
        about=(better.id, other.id),
        what=f"which {kind}",
        versions={"A": words(better), "B": words(other)},
        sources=tuple(sorted({*better.sources, *other.sources})),
    )
