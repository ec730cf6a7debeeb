"""What statements that can hardly both be right say against a location, in a few sentences with counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geoinv.api.dossier_words import said
from geoinv.facilities.locate_why import EVEN, MOST, words_of
from geoinv.pages.told import told
from geoinv.pages.words import Language, word
from geoinv.records.locations import Conflict, Location
from geoinv.records.testimony import Statement

__all__ = ["conflict_sentences"]


def conflict_sentences(location: Location, statements: Sequence[Statement], language: Language) -> list[str]:
    """One sentence for each statement that is the more doubtful one of several pairs, one for all undecided pairs.

    A pair that stands alone keeps the sentence the build gave it. The build keeps the worst pairs only, and how many
    that are at the most is told with the counts.
    """
    known = {one.id: one for one in statements}
    worth = {one.id: one.probability_valid for one in location.diagnostics.statements}
    groups: dict[str | None, list[Conflict]] = {}
    for one in location.diagnostics.conflicts:
        groups.setdefault(_doubted(one, worth), []).append(one)
    found = []
    for doubted, pairs in sorted(groups.items(), key=lambda group: (group[0] is None, -len(group[1]), group[0] or "")):
        whole = all(one.first in known and one.second in known for one in pairs)
        if len(pairs) == 1 or not whole:
            found += [told(one.why, language) for one in pairs]
        elif doubted is None:
            told_pairs = "; ".join(f"{one.first} × {one.second}" for one in pairs)
            found.append(said("conflicts even", language, count=len(pairs), pairs=told_pairs))
        else:
            found.append(_one_against_many(known[doubted], pairs, known, language))
    count = len(location.diagnostics.conflicts)
    return [said("conflicts counted", language, count=count, most=MOST), *found] if count > len(found) else found


def _doubted(one: Conflict, worth: Mapping[str, float]) -> str | None:
    """The more doubtful one of a pair; ``None`` where they are as doubtful as each other."""
    first, second = worth.get(one.first), worth.get(one.second)
    if first is None or second is None or abs(first - second) < EVEN:
        return None
    return one.first if first < second else one.second


def _one_against_many(
    doubted: Statement, pairs: Sequence[Conflict], known: Mapping[str, Statement], language: Language
) -> str:
    others = [known[one.second if one.first == doubted.id else one.first] for one in pairs]
    what = words_of(doubted) if language == "en" else word(f"said {doubted.kind}", language)
    who = ", ".join(sorted({one.witness for one in others}))
    return said("conflicts one", language, what=what, id=doubted.id, witness=doubted.witness, count=len(others),
                who=who)  # fmt: skip
