"""Where words stand: passages of transcripts, and whether the sources that records name are there and say so.

A passage is named ``talk.docx#p12`` or ``transcript:talk.docx#p12``; a table's row may give file and ``p12`` apart.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from geoinv.case.consenting import ACCOUNTS
from geoinv.case.told import transcripts_of
from geoinv.errors import FieldError
from geoinv.records.accounts import Passage, Transcript
from geoinv.records.incidents import SourceRef

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["cited_wrongly", "names_passage", "passage_named", "quoted_in"]

_PASSAGE = re.compile(r"(?:transcript:)?(?P<file>[^#]+?)#p(?P<number>\d{1,6})")
#: Endings of transcripts: ``plan.svg#p3`` is a drawn thing.
_WRITTEN = (".txt", ".md", ".doc", ".docx", ".odt", ".hwp", ".hwpx", ".rtf")
#: Records of one file that are named where the same is wrong with all of them.
_NAMED = 3
_PARAGRAPH = re.compile(r"(?:p|para(?:graph)?\.?|¶|문단)\s*(\d{1,6})", re.IGNORECASE)
#: Names that can only be of a file.
_FILE = re.compile(
    r".+\.(?:docx?|odt|hwpx?|txt|rtf|md|pdf|xlsx|csv|ya?ml|json|kml|kmz|svg|png|jpe?g|tiff?)", re.IGNORECASE
)


def names_passage(text: str) -> bool:
    """Whether a source's name is that of a passage."""
    match = _PASSAGE.fullmatch(text)
    return text.startswith("transcript:") or (match is not None and match["file"].lower().endswith(_WRITTEN))


def passage_named(transcripts: Mapping[str, Transcript], text: str) -> tuple[Transcript, Passage]:
    """The passage of a name.

    Parameters
    ----------
    transcripts
        By file name.
    text
        ``talk.docx#p12``, with or without ``transcript:`` before it.

    Raises
    ------
    FieldError
        If there is no such transcript, or it has no such paragraph.
    """
    match = _PASSAGE.fullmatch(text)
    if match is None:
        raise FieldError(f"“{text}” names no passage", do="write transcript:FILE#p12", field="source")
    name = PurePosixPath(match["file"]).name
    transcript = transcripts.get(name)
    if transcript is None:
        known = ", ".join(sorted(transcripts)) or "none yet"
        raise FieldError(f"there is no transcript “{name}”", do=f"choose one of: {known}", field="source")
    try:
        return transcript, transcript.passage(int(match["number"]))
    except KeyError as error:
        count = len(transcript.passages)
        raise FieldError(
            f"{name} has {count} paragraphs, and no paragraph {match['number']}", do="correct its number",
            field="source",
        ) from error  # fmt: skip


@dataclass
class _Alike:
    """Records of which the same is wrong: how many, and the first of them; there may be a million."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, item: str) -> None:
        self.count += 1
        if self.count <= _NAMED:
            self.first.append(item)

    def __str__(self) -> str:
        more = self.count - len(self.first)
        return f"{', '.join(self.first)}{f' and {more:,} more' if more else ''}"


def cited_wrongly(
    case: Case, slug: str, *, files: Collection[str] | None = None, most: int | None = None
) -> Iterator[str]:
    """A sentence for each source that a facility's records name and that is not there, or does not say so.

    Records of one file of which the same is to be said are told together, by the first of them. What lies outside the
    case (a book, a report) cannot be looked up and is passed over.

    Parameters
    ----------
    files
        Only records of these files, as paths below the case; all of them by default.
    most
        Only so many records of each kind, the first ones; all of them by default.
    """
    looked: Callable[[str, str | None, str | None], str | None] | None = None
    wrong: dict[tuple[str, str], _Alike] = {}
    for kind in ACCOUNTS:
        for row in islice(case.each(kind, slug), most):
            if (files is not None and row.source not in files) or b'"source' not in row.content:
                continue
            for source in _sources(json.loads(row.content)):
                looked = looked or _looked_up(case, slug)
                if told := looked(source.source, source.page, source.quotation):
                    wrong.setdefault((row.source, told), _Alike()).add(row.item)
    for (file, told), alike in wrong.items():
        yield f"{file}, {alike}: {told}"


def _looked_up(case: Case, slug: str) -> Callable[[str, str | None, str | None], str | None]:
    """What is wrong with a source; of those that many rows of a table name, told once."""
    transcripts = transcripts_of(case, slug)
    there = {PurePosixPath(path).name for path in case.store.files()}

    @lru_cache(maxsize=10_000)
    def wrong(source: str, page: str | None, quotation: str | None) -> str | None:
        return _wrong(SourceRef(source=source, page=page, quotation=quotation), transcripts, there)

    return wrong


def quoted_in(case: Case, slug: str, name: str, number: int) -> Iterator[str]:
    """The records of a facility that cite a passage: kind and item."""
    for kind in ACCOUNTS:
        for row in case.each(kind, slug):
            if b'"source' in row.content:
                for source in _sources(json.loads(row.content)):
                    match = _PASSAGE.fullmatch(_full(source))
                    if match and (PurePosixPath(match["file"]).name, int(match["number"])) == (name, number):
                        yield f"{kind} {row.item}"


def _sources(data: Mapping[str, Any]) -> Iterator[SourceRef]:
    """The sources that a record names, however it writes them."""
    for given in data.get("sources") or ():
        if isinstance(given, dict) and isinstance(given.get("source"), str):
            known = {key: given[key] for key in ("source", "page", "quotation") if isinstance(given.get(key), str)}
            yield SourceRef(**known)
    if isinstance(data.get("source"), str):
        yield SourceRef(source=data["source"])


def _full(source: SourceRef) -> str:
    """A source with the paragraph that stands apart from it: ``talk.docx``, ``p12`` is ``talk.docx#p12``."""
    match = _PARAGRAPH.fullmatch(source.page.strip()) if source.page else None
    return f"{source.source}#p{match[1]}" if match and "#" not in source.source else source.source


def _wrong(source: SourceRef, transcripts: Mapping[str, Transcript], there: Collection[str]) -> str | None:
    """What is wrong with a source, in words; ``None`` if nothing is, or nobody here can tell."""
    full = _full(source)
    bare = PurePosixPath(source.source.removeprefix("transcript:").partition("#")[0]).name
    if bare in transcripts or full.startswith("transcript:"):
        if not names_passage(full):
            every = transcripts[bare].passages if bare in transcripts else ()
            found = not source.quotation or any(_says(one, source.quotation) for one in every)
            return None if found else f"its quotation stands nowhere in {bare}"
        try:
            transcript, passage = passage_named(transcripts, full)
        except FieldError as error:
            return error.what
        if source.quotation and not _says(passage, source.quotation):
            other = next((one.number for one in transcript.passages if _says(one, source.quotation)), None)
            where = f"; it stands in #p{other}" if other else ""
            return f"its quotation does not stand in {bare}#p{passage.number}{where}"
        return None
    if _FILE.fullmatch(bare) and bare not in there:
        return f"its source “{bare}” is no file of this case"
    return None


def _says(passage: Passage, quotation: str) -> bool:
    """Whether a passage has the words, whatever their spaces, quotation marks and letters' case."""
    return _folded(quotation) in _folded(passage.text)


def _folded(text: str) -> str:
    return re.sub(r"[\s\"'“”‘’«»「」『』…]+", "", unicodedata.normalize("NFKC", text)).casefold()
