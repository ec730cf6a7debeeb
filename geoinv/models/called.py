"""What people call a part of a model: its label in their language, else its role and its building; never its id."""

from __future__ import annotations

import re

from geoinv.models.claims_parts import Place, Untestable, named, places
from geoinv.models.sheet_words import WORDS, sheet_words
from geoinv.records.blueprint import Blueprint, Building, Opening, Part, Storey

__all__ = ["called", "meant"]

_HANGUL = re.compile(r"[가-힣]")
#: Roles and kinds that the sheets have no words for.
_MORE: dict[str, tuple[str, str]] = {
    "storey": ("storey", "층"), "door": ("door", "문"), "window": ("window", "창"), "hatch": ("hatch", "배식구"),
    "gap": ("opening", "개구부"), "stair": ("stair", "계단"), "kitchen": ("kitchen", "취사장"),
    "office": ("office", "사무실"), "storage": ("store", "창고"), "store": ("store", "창고"),
    "guard room": ("guard room", "경비실"), "interrogation room": ("interrogation room", "심문실"),
    "entrance": ("entrance", "출입구"), "yard": ("yard", "마당"), "washroom": ("washroom", "세면장"),
    "perimeterwall": ("perimeter wall", "외곽 담장"), "post": ("post", "초소"), "block": ("block", "건물"),
}  # fmt: skip
#: What names a drawn element or a computed part rather than what anybody would say.
_DRAWN = re.compile(r"^\S+#\S+$|^[a-z]+(-[a-z]+)*-[0-9a-f]{8,}$")


def _label(part: Part, language: str) -> str | None:
    fitting = [one for one in part.labels if bool(_HANGUL.search(one)) == (language == "ko")]
    return next(iter((*fitting, *part.labels)), None)


def _role_word(role: str, language: str) -> str | None:
    plain = " ".join(role.casefold().replace("_", " ").split())
    for word in (plain, plain.removesuffix("s")):
        if word in _MORE:
            return _MORE[word][language == "ko"]
        if word in WORDS["en"]:
            return sheet_words(language)[word]
    return None


def _role(part: Part) -> str:
    if isinstance(part, Opening):
        return part.kind
    return str(getattr(part, "role", None) or type(part).__name__.lower())


def called(place: Place, language: str = "en", said: str = "") -> str:
    """A part as people call it.

    Parameters
    ----------
    place
        The part, with the building it is in.
    language
        ``en`` or ``ko``: a label in that language is preferred, any other label to none; without one, its role.
    said
        What a witness called it: preferred where it is a label.
    """
    part, korean = place.part, language == "ko"
    name, role = said if said in part.labels else _label(part, language), _role_word(_role(part), language)
    if name is None:
        words = role or ("방" if korean else "room")
        name = f"이름 없는 {words}" if korean else f"a {words} without a name"
    elif role is not None and not korean and _HANGUL.search(name):  # readers of English are told what it is as well
        name = f"{role} {name}"
    inside = place.building is not None and not isinstance(part, Building)
    home = _label(place.building, language) if inside and place.building is not None else None
    if home is not None and not korean and _HANGUL.search(home):
        home = f"building {home}"
    if isinstance(part, Storey):
        level = round(part.floor_m / 3)
        name = f"{level + 1}층" if korean else ("the ground floor" if level == 0 else f"storey {level + 1}")
    return f"{name} ({home})" if home else name


def meant(blueprint: Blueprint, wanted: str, language: str = "en") -> str:
    """What a claim's word means, as people call it; the word itself, quoted, where the model has nothing of that name.

    Parameters
    ----------
    blueprint
        The model.
    wanted
        An id, an element drawn, a label or a role.
    language
        ``en`` or ``ko``.
    """
    try:
        return called(named(blueprint, wanted), language, wanted)
    except Untestable:
        pass
    word = _role_word(wanted, language)
    if word is not None:
        return word if language == "ko" or not wanted.casefold().endswith("s") else wanted
    several = [one for one in places(blueprint) if wanted in one.part.drawn]
    if several:
        return called(several[0], language)
    if _DRAWN.match(wanted):
        return "그림의 한 부분" if language == "ko" else "something drawn"
    return f"“{wanted}”"
