"""XML without its traps: no entities, nothing fetched, bounded depth; names without their namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from geoinv.errors import UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MOST_DEPTH

__all__ = ["element_words", "local", "parse_xml", "words_of"]

_KOREAN = {"euc-kr", "cp949", "ks_c_5601-1987", "ksc5601", "ms949", "uhc"}


def parse_xml(data: bytes, *, file: str, what: str) -> Element:
    """Root element of an XML document.

    Parameters
    ----------
    data
        The document.
    file
        The file's name, for messages.
    what
        What the file should be (``"KML"``), for messages.

    Raises
    ------
    UnsafeFileError
        If the document declares entities or nests without end.
    UnreadableFileError
        If it is not well-formed XML.
    """
    try:
        root: Element = fromstring(_in_unicode(data))
    except DefusedXmlException as error:
        raise UnsafeFileError(
            "this file declares XML entities, which can make a small file fill the memory or read other files",
            do=f"export it again as plain {what}",
            file=file,
        ) from error
    except ParseError as error:
        line, column = error.position
        raise UnreadableFileError(
            f"this is not well-formed {what} (line {line}, column {column + 1})", do="export it again", file=file
        ) from error
    except (ValueError, LookupError, RecursionError) as error:  # unknown encodings
        raise UnreadableFileError(f"this is not {what} that can be read", do="export it as UTF-8", file=file) from error
    _check_depth(root, file)
    return root


def _in_unicode(data: bytes) -> bytes | str:
    """The document itself, or its text where it is in a Korean encoding, which the parser does not know."""
    found = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([\w-]+)[\"'][^>]*\?>", data[:200])
    if found is None or found.group(1).decode("ascii", "replace").lower() not in _KOREAN:
        return data
    # A wrong byte raises UnicodeDecodeError, a ValueError.
    return data[found.end() :].decode("cp949")


def _check_depth(root: Element, file: str) -> None:
    level = [root]
    for _ in range(MOST_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise UnsafeFileError(
        f"this file nests more than {MOST_DEPTH} elements deep", do="export it again from the program it came from",
        file=file,
    )  # fmt: skip


def local(element: Element) -> str:
    """An element's name without its namespace; empty for comments and processing instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _texts(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""


def words_of(element: Element | None) -> str:
    """All text inside an element, with runs of white space made one space."""
    return "" if element is None else " ".join("".join(_texts(element)).split())


#: Elements that mark a part of a line of words, in SVG and HTML.
_SPANS = {"tspan", "textPath", "a", "b", "i", "u", "em", "strong", "span", "font", "sup", "sub", "br", "p", "div"}


def element_words(root: Element) -> Iterator[tuple[str, str]]:
    """Name and words of each element whose words stand in several spans or on several lines, in the file's order.

    Parameters
    ----------
    root
        As ``parse_xml`` gives it.
    """
    for element in root.iter():
        inner = list(element.iter())[1:] if len(element) and len(element) < 1000 else []
        if inner and all(local(one) in _SPANS for one in inner):
            words = words_of(element)
        elif len(element) == 0 and element.text and ("\n" in element.text.strip() or "<" in element.text):
            words = " ".join(element.text.split())
        else:
            continue
        if words:
            yield local(element), words
