"""A last look before anything is written: no codename, file name or person of the case in any byte of a release."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping

__all__ = ["leaks"]

#: Shorter words turn up in any binary by chance; they are looked for as whole words in text only.
_LONG = 6
_TEXT = (".html", ".json", ".svg", ".md")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
#: Carried scripts, styles and fonts are the same in every release and hold any two letters; so does the name of SVG.
_CARRIED = re.compile(
    r"<script>/\* @preserve.*?</script>|<style>.*?</style>|data:[\w/+.-]+;base64,[\w+/=]*|http://www\.w3\.org/[\w./#]*",
    re.DOTALL,
)


def _unpacked(path: str, content: bytes) -> bytes:
    """A file's bytes, with what is deflated in a PDF unfolded beside them."""
    if not path.endswith(".pdf"):
        return content
    parts = [content]
    for found in _STREAM.finditer(content):
        try:
            parts.append(zlib.decompress(found.group(1)))
        except zlib.error:
            continue
    return b"\n".join(parts)


def leaks(files: Mapping[str, bytes], secrets: Iterable[str]) -> list[str]:
    """Which file holds a word that must stay in, a line each, without repeating the word.

    Parameters
    ----------
    files
        Path → bytes.
    secrets
        Codenames, file names, people.
    """
    words = sorted({word.casefold() for word in secrets if word.strip()})
    long = [word.encode() for word in words if len(word) >= _LONG]
    short = [re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])") for word in words if 2 <= len(word) < _LONG]
    found = []
    for path, content in sorted(files.items()):
        # Lower-cases ASCII only, which leaves every other byte where it was.
        body = _unpacked(path, content).lower()
        clear = any(word in body or word in path.encode() for word in long)
        if not clear and path.endswith(_TEXT):
            text = _CARRIED.sub("", content.decode("utf-8", "replace")).casefold()
            clear = any(pattern.search(text) for pattern in short)
        if clear:
            found.append(path)
    return found
