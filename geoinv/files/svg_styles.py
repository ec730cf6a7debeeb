"""How SVG elements are painted: presentation attributes, ``style``, and simple rules of a style sheet, inherited."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from geoinv.files.xmls import local

__all__ = ["Paint", "StyleSheet"]

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"^(?:[a-zA-Z]+|\*)?(?:[.#][\w-]+)?$")
_KNOWN = ("fill", "stroke", "stroke-width", "stroke-dasharray", "display", "visibility", "opacity", "font-size",
          "text-anchor", "fill-opacity", "stroke-opacity", "fill-rule")  # fmt: skip


def _declarations(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split(";"))
    return {name.strip().lower(): value.replace("!important", "").strip() for name, _, value in pairs if value.strip()}


class StyleSheet:
    """The rules of all ``<style>`` elements: a tag, a class, an id, or a tag with one of these; others are passed over.

    Parameters
    ----------
    root
        The document.
    """

    def __init__(self, root: Element) -> None:
        self.rules: list[tuple[int, str, dict[str, str]]] = []
        for element in root.iter():
            if local(element) == "style" and element.text:
                for selectors, body in _RULE.findall(_COMMENT.sub("", element.text)):
                    self._add(selectors, body)
        self.rules.sort(key=lambda rule: rule[0])

    def _add(self, selectors: str, body: str) -> None:
        declared = _declarations(body)
        for selector in (part.strip() for part in selectors.split(",")):
            if selector and _SELECTOR.match(selector):
                self.rules.append((10 * ("#" in selector) + ("." in selector), selector, declared))

    def declared(self, element: Element) -> dict[str, str]:
        """What an element declares: its attributes, then rules by how exact they are, then its own ``style``."""
        found = {name: value.strip() for name in _KNOWN if (value := element.get(name))}
        names = {local(element), "*", "#" + element.get("id", "")}
        classes = {"." + name for name in element.get("class", "").split()}
        for _, selector, declared in self.rules:
            tag, mark = re.match(r"^([^.#]*)(.*)$", selector).groups()  # type: ignore[union-attr]
            if (not tag or tag in names) and (not mark or mark in names | classes):
                found |= declared
        return found | _declarations(element.get("style", ""))


@dataclass(frozen=True)
class Paint:
    """What is inherited from group to group.

    Attributes
    ----------
    fill, stroke
        Colours as written; ``"none"`` paints nothing.
    width
        Stroke width as written.
    shown
        Whether anything is painted at all.
    """

    fill: str = "#000"
    stroke: str = "none"
    width: str = "1"
    dashes: str = "none"
    font_size: str = "16"
    anchor: str = "start"
    shown: bool = True

    def inside(self, declared: dict[str, str]) -> Paint:
        """The paint inside an element with these declarations."""
        gone = declared.get("display") == "none" or declared.get("visibility") in ("hidden", "collapse")
        clear = _is_zero(declared.get("opacity"))
        fill = "none" if _is_zero(declared.get("fill-opacity")) else declared.get("fill", self.fill)
        stroke = "none" if _is_zero(declared.get("stroke-opacity")) else declared.get("stroke", self.stroke)
        return replace(
            self,
            fill=self.fill if fill == "inherit" else fill,
            stroke=self.stroke if stroke == "inherit" else stroke,
            width=declared.get("stroke-width", self.width),
            dashes=declared.get("stroke-dasharray", self.dashes),
            font_size=declared.get("font-size", self.font_size),
            anchor=declared.get("text-anchor", self.anchor),
            shown=self.shown and not gone and not clear,
        )

    @property
    def filled(self) -> bool:
        """Whether the inside is painted."""
        return self.fill not in ("none", "transparent")

    @property
    def stroked(self) -> bool:
        """Whether the outline is painted."""
        return self.stroke not in ("none", "transparent")


def _is_zero(text: str | None) -> bool:
    return text is not None and re.fullmatch(r"0*\.?0+%?", text.strip()) is not None
