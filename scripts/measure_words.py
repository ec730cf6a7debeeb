"""Measure how well measures are found in words: precision and recall on the phrases listed by the tests.

    python scripts/measure_words.py [build|measure|sentences]

A measure counts as found where its kind is right and its best value is within 2 % (or, where the words give both ends,
both ends are). Prints one line for each phrase that is not read as listed, then the figures.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from geoinv.facilities.spoken import read_words
from geoinv.records.readings import Reading
from tests.facilities.spoken_phrases import BUILD, MEASURE, SENTENCES, Measure, Phrases


def fits(reading: Reading, wanted: Measure) -> bool:
    """Whether a reading is the measure that is listed."""
    interval = reading.interval
    if reading.kind != wanted[0]:
        return False
    if len(wanted) == 2:
        return abs(interval.best - wanted[1]) <= max(0.02 * abs(wanted[1]), 1e-9)
    ends = ((interval.low, wanted[1]), (interval.high, wanted[2]))
    return all(abs(given - listed) <= max(0.02 * abs(listed), 1e-9) for given, listed in ends)


def measured(phrases: Phrases) -> tuple[int, int, int, list[str]]:
    """Right readings, all readings, listed measures, and a line for each phrase read otherwise."""
    right = given = wanted = 0
    wrong = []
    for words, measures in phrases:
        readings, left = list(read_words(words)), list(measures)
        for reading in readings:
            match = next((item for item in left if fits(reading, item)), None)
            if match is not None:
                left.remove(match)
                right += 1
        given, wanted = given + len(readings), wanted + len(measures)
        if left or len(readings) != len(measures):
            told = [(item.kind, round(item.interval.low, 3), round(item.interval.best, 3), item.interval.said)
                    for item in readings]  # fmt: skip
            wrong.append(f"{words!r}: listed {measures}, read {told}")
    return right, given, wanted, wrong


def main() -> None:
    """Print what is read otherwise, and the figures."""
    which = sys.argv[1] if len(sys.argv) > 1 else "measure"
    right, given, wanted, wrong = measured({"build": BUILD, "measure": MEASURE, "sentences": SENTENCES}[which])
    print("\n".join(wrong))
    print(f"{which}: precision {right / given:.3f} ({right}/{given}), recall {right / wanted:.3f} ({right}/{wanted})")


if __name__ == "__main__":
    main()
