"""Hold the documentation to the repository: links, the README's table of places, console examples, dependencies.

    python scripts/check_docs.py

Prints one line for each thing that is wrong (file, line, what) and exits with 1 if there is any.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNWRITTEN = {".venv", ".git", "build", "dist", "node_modules", "release"}

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
IMAGE = re.compile(r"<img[^>]*\ssrc=\"([^\"]+)\"")
FENCE = re.compile(r"^(```+|~~~+)\s*(\w*)")
CODE = re.compile(r"`[^`]*`")
PLACES_HEADING = re.compile(r"^#+\s.*\bwhere\b.*\bhappens?\b", re.IGNORECASE)


def documents() -> list[Path]:
    """Return every Markdown file of the repository, in order."""
    found = []
    for folder, names, files in os.walk(ROOT):
        names[:] = sorted(name for name in names if name not in UNWRITTEN)
        found += [Path(folder, name) for name in sorted(files) if name.endswith(".md")]
    return found


def outside_fences(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, line) for the lines that are not inside a fenced block."""
    fence = None
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line.strip())
        if match and fence is None:
            fence = match[1]
        elif fence is not None and line.strip() == fence:
            fence = None
        elif fence is None:
            yield number, line


def anchors(document: Path) -> set[str]:
    """Return the anchors that a forge gives to a document's headings."""
    found: set[str] = set()
    for _, line in outside_fences(document.read_text(encoding="utf-8")):
        if line.startswith("#"):
            words = re.sub(r"[^\w\s-]", "", line.lstrip("#").strip().lower())
            anchor = re.sub(r"\s", "-", words)
            count = sum(1 for known in found if known == anchor or re.fullmatch(rf"{re.escape(anchor)}-\d+", known))
            found.add(f"{anchor}-{count}" if count else anchor)
    return found


def broken_links(document: Path) -> Iterator[str]:
    """Yield a complaint for each relative link or picture that leads nowhere, and each missing heading."""
    for number, line in outside_fences(document.read_text(encoding="utf-8")):
        for target in LINK.findall(CODE.sub("", line)) + IMAGE.findall(line):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            linked = (document.parent / path).resolve() if path else document
            where = f"{document.relative_to(ROOT)}:{number}"
            if not linked.is_relative_to(ROOT):
                yield f"{where}: the link {target} leads out of the repository"
            elif not linked.exists():
                yield f"{where}: the link {target} leads nowhere"
            elif anchor and linked.suffix == ".md" and anchor not in anchors(linked):
                yield f"{where}: {target}: no such heading"


def places(readme: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number, path) for each path in code marks in the README's "where does X happen" table."""
    inside = False
    for number, line in outside_fences(readme.read_text(encoding="utf-8")):
        if line.startswith("#"):
            inside = bool(PLACES_HEADING.match(line))
        elif inside and line.startswith("|"):
            for code in re.findall(r"`([^`]+)`", line):
                if re.fullmatch(r"[\w.-]+(/[\w.-]*)+|[\w-]+\.(py|toml|md)", code):
                    yield number, code


def missing_places(readme: Path) -> Iterator[str]:
    """Yield a complaint for each path in the README's table that does not exist (`geoinv/` may be left off)."""
    for number, path in places(readme):
        if not (ROOT / path).exists() and not (ROOT / "geoinv" / path).exists():
            yield f"{readme.name}:{number}: the table of places names {path}, which does not exist"


def console_commands(document: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, words) for each `$ geoinv ...` line of the document's console blocks."""
    inside, pending, start = False, "", 0
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        match = FENCE.match(line.strip())
        if match:
            inside = not inside and match[2] == "console"
            continue
        if not inside:
            continue
        if pending:
            pending += " " + line.strip()
        elif re.match(r"\$ (\.venv/bin/)?geoinv\b", line.strip()):
            pending, start = line.strip()[2:], number
        if pending.endswith("\\"):
            pending = pending[:-1]
        elif pending:
            yield start, shlex.split(re.split(r"\s[|>&]", pending)[0], comments=True)[1:]
            pending = ""


@cache
def options_of(command: str) -> frozenset[str] | None:
    """Return the options that a command's help names (of the program itself: ""), or None where it has no help."""
    asked = [sys.executable, "-c", "from geoinv.cli.main import run; run()", *command.split(), "--help"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})
    if answer.returncode != 0:
        return None
    return frozenset(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", answer.stdout))


def unknown_commands(document: Path) -> Iterator[str]:
    """Yield a complaint for each console line whose command or option does not exist."""
    for number, words in console_commands(document):
        where = f"{document.relative_to(ROOT)}:{number}"
        # The second word is a command too (`decide place`) or an argument; asked for help, both tell the options.
        command = " ".join(list(takewhile(lambda word: not word.startswith("-"), words))[:2])
        options = options_of(command)
        if options is None:
            yield f"{where}: there is no command `geoinv {command}`"
            continue
        for word in words:
            option = word.partition("=")[0]
            if re.match(r"--?[a-zA-Z]", option) and option not in options | (options_of("") or set()):
                yield f"{where}: `geoinv {command}` has no option {option}"


def undocumented_dependencies() -> Iterator[str]:
    """Yield a complaint for each dependency without its line in docs/dependencies.md, and each line without one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    wanted = {re.split(r"[^\w.-]", requirement)[0] for requirement in requirements}
    document = ROOT / "docs" / "dependencies.md"
    rows = re.findall(r"^\| ([\w., -]+?) \|(?! why)", document.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {name.strip() for row in rows for name in row.split(",")} - {"---"}
    for name in sorted(wanted - listed):
        yield f"docs/dependencies.md: {name} is a dependency, but no line says why it and not another"
    for name in sorted(listed - wanted):
        yield f"docs/dependencies.md: {name} has a line, but pyproject.toml does not ask for it"


def complaints() -> Iterator[str]:
    """Yield every complaint about the documentation."""
    answers = options_of("") is not None
    for document in documents():
        yield from broken_links(document)
        if answers:
            yield from unknown_commands(document)
    yield from missing_places(ROOT / "README.md")
    yield from undocumented_dependencies()
    if not answers and os.environ.get("GEOINV_REQUIRE_ALL"):
        yield "`geoinv --help` fails, so that no console example could be checked"


def main() -> int:
    """Print every complaint; return the exit status."""
    found = list(complaints())
    for complaint in found:
        print(complaint)
    print(f"docs: {len(documents())} files, {len(found)} wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
