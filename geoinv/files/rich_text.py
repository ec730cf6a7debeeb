"""RTF (Rich Text Format 1.9.1) as paragraphs: its words, and apart from them who and what its head names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from geoinv.errors import UnreadableFileError

__all__ = ["rtf_paragraphs"]

_TOKEN = re.compile(rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)")
#: Destinations without words of people.
_NOT_SAID = {"fonttbl", "colortbl", "stylesheet", "pict", "object", "themedata", "listtable", "listoverridetable",
             "rsidtbl", "generator", "xmlnstbl", "datastore", "latentstyles", "fldinst", "filetbl"}  # fmt: skip
#: Destinations whose words stand beside the running text.
_BESIDE = {"info", "annotation", "atnauthor", "atnid", "header", "headerl", "headerr", "headerf", "footer", "footerl",
           "footerr", "footerf", "comment"}  # fmt: skip
_SIGNS = {"tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
          "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " "}  # fmt: skip
#: Ends of a paragraph, a cell, or an entry of the head.
_ENDS = {"par", "sect", "page", "cell", "row", "nestcell", "author", "operator", "title", "subject", "manager",
         "company", "keywords", "doccomm"}  # fmt: skip
#: Encodings by a font's character set.
_CHARSETS = {129: "cp949", 128: "cp932", 134: "gbk", 136: "big5", 204: "cp1251", 238: "cp1250"}
_MOST_NESTED = 2_000


@dataclass
class _State:
    """What a group inherits."""

    place: str = "running"
    skip: int = 1
    font: int = -1


@dataclass
class _Reader:
    """Words gathered while tokens go by."""

    codepage: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)

    def settle(self, state: _State) -> None:
        """Turn bytes that wait into signs: two of them may be one Hangul syllable."""
        if self.raw:
            self.words.append(self.raw.decode(self.fonts.get(state.font, self.codepage), "replace"))
            self.raw.clear()

    def end(self, state: _State) -> None:
        """A paragraph ends."""
        self.settle(state)
        if words := "".join(self.words).strip():
            (self.running if state.place == "running" else self.beside).append(words)
        self.words.clear()


def _codepage(number: int) -> str:
    name = f"cp{number}"
    try:
        "".encode(name)
    except LookupError:
        return "cp1252"
    return name


def _word(reader: _Reader, state: _State, name: str, value: int | None) -> int:
    """Act on a control word; how many signs after it are to be left out."""
    if name == "ansicpg" and value is not None:
        reader.codepage = _codepage(value)
    elif name == "f" and value is not None:
        if state.place == "running":
            reader.settle(state)
        state.font = value
    elif name == "fcharset" and value in _CHARSETS:
        reader.fonts[state.font] = _CHARSETS[value]
    elif name == "uc" and value is not None:
        state.skip = max(0, min(value, 8))
    elif name == "u" and value is not None:
        reader.settle(state)
        if state.place != "none":
            reader.words.append(chr(value % 65536))
        return state.skip
    elif name in _NOT_SAID:
        state.place = "none"
    elif name in _BESIDE and state.place == "running":
        reader.end(state)
        state.place = "beside"
    elif state.place != "none" and name in _ENDS:
        reader.end(state)
    elif state.place != "none" and name in _SIGNS:
        reader.settle(state)
        reader.words.append(_SIGNS[name])
    return 0


def _read(data: bytes, file: str) -> _Reader:
    reader, state = _Reader(), _State()
    stack: list[_State] = []
    left_out = 0
    for match in _TOKEN.finditer(data):
        name, value, byte, sign, brace, text = match.groups()
        if brace == b"{":
            if len(stack) > _MOST_NESTED:
                raise UnreadableFileError("this RTF nests without end", do="save it as DOCX", file=file)
            reader.settle(state)
            stack.append(state)
            state = _State(state.place, state.skip, state.font)
            left_out = 0
        elif brace == b"}":
            before = stack.pop() if stack else _State()
            if before.place != state.place:
                reader.end(state)
            reader.settle(state)
            state, left_out = before, 0
        elif name is not None:
            number = None if value is None else int(value)
            left_out = _word(reader, state, name.decode("ascii"), number)
        elif sign == b"*" and state.place == "running":
            # What no reader need know; comments, alone, are of people.
            ahead = re.match(rb"\\([a-z]+)", data[match.end() : match.end() + 40])
            if not (ahead and ahead.group(1).decode() in _BESIDE):
                state.place = "none"
        elif state.place != "none" and (byte or sign or text):
            left_out = _signs(reader, state, byte, sign, text, left_out)
    reader.end(state)
    return reader


def _signs(
    reader: _Reader, state: _State, byte: bytes | None, sign: bytes | None, text: bytes | None, left_out: int
) -> int:
    """Add plain signs, but for those that stand in for a Unicode sign before them."""
    if byte is not None:
        if left_out:
            return left_out - 1
        reader.raw.append(int(byte, 16))
    elif sign in (b"\\", b"{", b"}"):
        reader.raw += sign
    elif sign == b"~":
        reader.raw += b" "
    elif sign in (b"\r", b"\n"):
        reader.end(state)
    elif text is not None:
        reader.raw += text[left_out:]
        return max(0, left_out - len(text))
    return 0


def rtf_paragraphs(data: bytes, *, file: str) -> tuple[list[str], list[str]]:
    r"""Paragraphs of an RTF document.

    Parameters
    ----------
    data
        The document, beginning with ``{\rtf``.
    file
        Its name, for messages.

    Returns
    -------
    running, beside
        Paragraphs of the running text (tables' cells and footnotes among them), and what stands beside it: comments,
        headers, author and title.

    Raises
    ------
    UnreadableFileError
        If it is no RTF, or nests without end.
    """
    if not data.startswith(b"{\\rtf"):
        raise UnreadableFileError("this is not RTF", do="save it as DOCX", file=file)
    reader = _read(data, file)
    return _paired(reader.running), _paired(reader.beside)


def _paired(paragraphs: list[str]) -> list[str]:
    """Signs beyond the first plane are written as two halves; halves alone are no signs."""
    return [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in paragraphs]
