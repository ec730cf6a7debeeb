"""Print what each odd file of the tests' corpus gives, or each format's files together.

    python scripts/odd_files.py [--each]

The corpus is `tests/case/odd`; `tests/case/test_odd_files.py` takes it in and holds every file to what stands here. The
table by format stands in `docs/formats.md`, and `tests/case/test_format_table.py` holds that to this.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.case.odd import ODD, Odd

HEAD = ("format", "files", "understood", "records", "refused, each in a sentence", "kept as it is", "sentences")


def by_format(corpus: Sequence[Odd] = ODD) -> list[tuple[str, ...]]:
    """A row for each format, most files first, and one for all."""
    formats: dict[str, list[Odd]] = {}
    for odd in corpus:
        formats.setdefault(odd.format, []).append(odd)
    ordered = sorted(formats.items(), key=lambda item: (-len(item[1]), item[0]))
    return [*(_row(f"`.{name}`", odds) for name, odds in ordered), _row("all", corpus)]


def _row(name: str, odds: Sequence[Odd]) -> tuple[str, ...]:
    gave: Counter[str] = Counter()
    for odd in odds:
        gave.update(dict(odd.gives))
    understood = sum(bool(odd.gives) for odd in odds)
    refused = sum(not odd.gives and odd.problems > 0 for odd in odds)
    records = ", ".join(f"{count} {kind}" for kind, count in sorted(gave.items()))
    rest = len(odds) - understood - refused
    return name, *map(str, (len(odds), understood)), records, *map(str, (refused, rest, sum(o.problems for o in odds)))


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """The rows as a table."""
    lines = (HEAD, ("---",) * len(HEAD), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> int:
    """Print."""
    parser = argparse.ArgumentParser(description="What each odd file of the tests' corpus gives.")
    parser.add_argument("--each", action="store_true", help="A line for each file.")
    if parser.parse_args().each:
        for odd in ODD:
            gave = ", ".join(f"{count} {kind}" for kind, count in dict(odd.gives).items()) or "nothing"
            said = f"; {odd.problems} sentences" if odd.problems else ""
            print(f"{odd.name}: {gave}{said}" + (f" ({'; '.join(odd.says)})" if odd.says else ""))
    else:
        print(markdown(by_format()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
