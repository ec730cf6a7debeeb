"""What a drawn thing is, by the words on it: layer names, ids, classes, titles and labels, in English and Korean."""

from __future__ import annotations

import re
from collections.abc import Iterable

from geoinv.records.drawings import ROLES

__all__ = ["is_marking", "is_page_furniture", "label_role", "role_of"]

#: Words by role; a word counts whole, Hangul also as part of a word.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("gate", ("gate", "entrance", "정문", "출입문", "대문")),
    ("tower", ("tower", "watchtower", "guardtower", "post", "감시탑", "망루", "초소")),
    ("fence", ("fence", "wire", "barbed", "철조망", "울타리")),
    ("wall", ("wall", "walls", "perimeter", "담장", "외벽", "담벼락", "벽")),
    ("road", ("road", "street", "track", "highway", "도로", "찻길", "길")),
    ("path", ("path", "footpath", "walkway", "오솔길", "보도")),
    ("water", ("water", "river", "stream", "pond", "well", "canal", "강", "개울", "연못", "우물")),
    ("yard", ("yard", "courtyard", "field", "ground", "마당", "운동장")),
    ("corridor", ("corridor", "hallway", "passage", "복도")),
    ("room", ("room", "cell", "cells", "chamber", "방", "감방", "호실")),
    ("door", ("door", "doorway", "방문", "출입구")),
    ("window", ("window", "창문", "창")),
    ("stair", ("stair", "stairs", "staircase", "steps", "계단")),
    ("fixture", ("fixture", "bed", "toilet", "stove", "bench", "desk", "침대", "변소", "난로", "책상")),
    ("building", ("building", "house", "block", "barracks", "hut", "shed", "건물", "막사", "청사", "창고")),
)  # fmt: skip
_MARKINGS = {"text", "texts", "letters", "lettering", "label", "labels", "words", "note", "notes", "hatch", "hatching",
             "shading", "dimension", "dimensions", "annotation", "annotations", "글자", "해칭", "치수"}  # fmt: skip
_FURNITURE = {"north", "northarrow", "compass", "legend", "scalebar", "scale", "title", "frame", "grid", "북쪽", "방위",
              "범례", "축척", "제목"}  # fmt: skip


def _tokens(text: str) -> list[str]:
    # “road_north”, “guardTower2” and “room-3” are words with ends.
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.findall(r"[a-z]+|[\uac00-\ud7a3]+", spaced.casefold())


def role_of(words: Iterable[str]) -> str | None:
    """The role that words name, the first of them that names one deciding; ``None`` if none does.

    Parameters
    ----------
    words
        Classes before ids before titles and labels: what a program wrote on purpose comes first.
    """
    for text in words:
        tokens = _tokens(text)
        if len(tokens) == 1 and tokens[0] in ROLES and tokens[0] != "other":
            return tokens[0]
        for role, names in _WORDS:
            if any(token == name or (name[0] > "\uac00" and len(name) > 1 and token.endswith(name))
                   for token in tokens for name in names):  # fmt: skip
                return role
    return None


def label_role(label: str) -> str | None:
    """The role that a label names by itself ("gate", "Cell 3"); a "water room" is no water, so other words forbid it.

    Parameters
    ----------
    label
        As written beside or inside a drawn thing.
    """
    return role_of([label]) if len(_tokens(label)) == 1 else None


def is_marking(words: Iterable[str]) -> bool:
    """Whether a layer or id says that its strokes are lettering, hatching or notes, not things."""
    return any(set(_tokens(text)) & _MARKINGS for text in words)


def is_page_furniture(words: Iterable[str]) -> bool:
    """Whether words name the north arrow, a legend, a scale bar …, and no thing (``road_north`` is a road)."""
    given = list(words)
    return role_of(given) is None and any(set(_tokens(text)) & _FURNITURE for text in given)
