"""Any two states of a facility compared in one view: what changed of its model and of what was on record of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.changed import Change, changes
from geoinv.api.desk.changed_figure import changes_svg
from geoinv.api.desk.moments import Moment, is_about, moments_of
from geoinv.api.desk.on_record import Difference, Thing, differences, things_of
from geoinv.api.desk.placed import frame_of_facility
from geoinv.api.desk.said import decision_in_words
from geoinv.api.desk.shell import Seated, language_of_request, page
from geoinv.api.desk.states import State
from geoinv.api.desk.words import desk_words
from geoinv.case.folder import Case
from geoinv.case.replayed import replayed, whole_state
from geoinv.case.standing import Decided
from geoinv.records.base import canonical_json
from geoinv.records.decisions import MergeFacilities, SplitFacility

__all__ = ["router"]

router = APIRouter()
_Words = Mapping[str, str]
_Said = list[tuple[str, dict[str, str]]]
_Things = dict[tuple[str, str], Thing]
#: What has not changed is drawn as far from what has, metres.
_ABOUT_M = 60.0


@dataclass(frozen=True)
class _Row:
    """One part of the model that changed, as the page shows it.

    Attributes
    ----------
    number
        Of it in the picture.
    how
        What became of it: key of the words, and what fills their braces.
    decided
        Numbers of the decisions in between that name it.
    """

    number: int
    change: Change
    how: _Said
    decided: list[int]


@dataclass(frozen=True)
class _Model:
    """What became of the model, as the page shows it.

    Attributes
    ----------
    notes
        What the two states chosen can and cannot show of it: key of the words, and what fills their braces.
    compared
        Whether there are two models to compare.
    """

    notes: list[tuple[str, dict[str, int]]]
    compared: bool
    rows: list[_Row]
    same: int
    picture: str


@dataclass(frozen=True)
class _Record:
    """What became of what was on record, as the page shows it: each difference with its numbers in the picture."""

    notes: list[tuple[str, dict[str, int]]]
    rows: list[tuple[Difference, list[int]]]
    picture: str


@router.get("/facilities/{slug}/changes")
def compare(request: Request, seat: Seated, slug: str, earlier: int = 0, later: int = 0) -> Response:
    """What changed between two states; by default between the last two models, else since the entry before the last."""
    words = desk_words(language_of_request(request))
    with seat.desk.case() as case:
        facility = case.facility(slug)
        seat.desk.states.keep(case, slug)
        kept, moments = seat.desk.states.of(case, slug), moments_of(case, slug, words)
        one, other = _chosen(case, kept, moments, earlier, later)
        between = [row for row in case.history.decided if one < row.entry.number <= other and is_about(case, row, slug)]
        title = f"{facility.name}: {one} → {other}"
        return page(
            request, "changes.html", seat=seat, case=case, facility=facility, one=one, other=other,
            moments=_to_choose(case, moments, kept, (one, other)), kept={state.number for state in kept},
            model=_model(kept, moments, (one, other), between, words, title),
            record=_record(case, slug, (one, other), title),
            decided=[(row, decision_in_words(row, words, case.history)) for row in between],
        )  # fmt: skip


def _chosen(case: Case, kept: Sequence[State], moments: Sequence[Moment], earlier: int, later: int) -> tuple[int, int]:
    """Numbers of the two states, the earlier first."""
    numbers = [one.number for one in (kept if len(kept) > 1 else moments)]
    first = earlier or next(iter(numbers[-2:]), 1)
    second = later or (case.ledger.next_number - 1 if earlier else next(iter(numbers[-1:]), 1))
    one, other = sorted((whole_state(case.store, first), whole_state(case.store, second)))
    return one, other


def _to_choose(case: Case, moments: Sequence[Moment], kept: Sequence[State], chosen: Iterable[int]) -> list[Moment]:
    """The states to choose from, latest first, those of kept models and those chosen among them."""
    found = {whole_state(case.store, one.number): one for one in moments}
    for number in {*chosen, *(state.number for state in kept)} - found.keys():
        entry = case.store.entry(number)
        if entry is not None:
            found[number] = Moment(number, entry.at, entry.by, "")
    return [Moment(number, found[number].at, found[number].by, found[number].told) for number in sorted(found)][::-1]


# ------------------------------------------------------------------------------------------------ the model


def _model(
    kept: Sequence[State], moments: Sequence[Moment], numbers: tuple[int, int], decided: Sequence[Decided],
    words: _Words, title: str,
) -> _Model:  # fmt: skip
    """What became of the model between the last ones kept before two states."""
    states = [next((one for one in reversed(kept) if one.number <= number), None) for number in numbers]
    notes = [note for state, number in zip(states, numbers, strict=True) for note in _notes(state, number, moments)]
    before, after = states
    if before is None or after is None:
        return _Model(notes, False, [], 0, "")
    if before.number == after.number:
        return _Model([*notes, ("same model", {})], False, [], 0, "")
    told = changes(before.standing, after.standing)
    changed = [change for change in told if change.how]
    rows = [_Row(at, one, _how(one, words), _deciding(one, decided)) for at, one in enumerate(changed, 1)]
    return _Model(notes, True, rows, len(told) - len(rows), changes_svg(told, title))


def _notes(state: State | None, number: int, moments: Sequence[Moment]) -> list[tuple[str, dict[str, int]]]:
    """What a state can show of the model, where that is not simply the model built of it."""
    if state is None:
        return [("no model", {"asked": number})]
    later = sum(state.number < one.number <= number for one in moments)
    notes = [("model of", {"asked": number, "number": state.number})] if state.number != number else []
    return [*notes, ("model lacks", {"asked": number, "count": later})] if later else notes


def _how(change: Change, words: _Words) -> _Said:
    """What became of a part, as keys of words with what fills them."""
    before, after = change.before, change.after
    if before is None or after is None:
        return [(f"change {change.how[0]}", {})]
    named = {"status": (words.get(before.status, before.status), words.get(after.status, after.status)),
             "renamed": (", ".join(before.labels) or "–", ", ".join(after.labels) or "–"),
             "kind": (words.get(before.kind, before.kind), words.get(after.kind, after.kind)),
             "height": (f"{before.height_m} m", f"{after.height_m} m"),
             "drawn": (str(len(before.drawn)), str(len(after.drawn))),
             "reshaped": (f"{before.wide.area:.1f} m²", f"{after.wide.area:.1f} m²")}  # fmt: skip
    told = []
    for how in change.how:
        was, now = named.get(how, ("", ""))
        told.append((f"change {how}", {"was": was, "now": now, "metres": f"{change.moved_m:.1f}"}))
    return told


def _deciding(change: Change, decided: Sequence[Decided]) -> list[int]:
    """Numbers of the decisions that name a part, or something that was drawn of it."""
    parts = [one for one in (change.before, change.after) if one is not None]
    names = {f'"{name}"' for one in parts for name in (one.id, *one.drawn)}
    names |= {f'/{name}"' for one in parts for name in (one.id, *one.drawn)}
    texts = ((row.entry.number, canonical_json(row.decision.body.plain()).decode()) for row in decided)
    return [number for number, text in texts if any(name in text for name in names)]


# ------------------------------------------------------------------------------------------------ what was on record


def _record(case: Case, slug: str, numbers: tuple[int, int], title: str) -> _Record:
    """What became of what was on record between two states, each read again from the ledger."""
    frame, silent = frame_of_facility(case, slug), case.held_back.keys()
    states: list[_Things] = []
    # What was one facility then need not be one now: where people merged or split any, all are read.
    told_apart = not any(isinstance(one.body, MergeFacilities | SplitFacility) for _, one in case.history.all)
    for number in numbers:
        with replayed(case, number, only=(slug,) if told_apart else None) as then:
            states.append(things_of(then, slug, silent=silent, frame=frame))
    found = differences(*states)
    told: list[Change] = []
    rows = []
    for one in found:
        moved = [change for change in one.moves if change.how]
        rows.append((one, list(range(len(told) + 1, len(told) + len(moved) + 1))))
        told += moved
    missing = [("no facility then", {"asked": number}) for number, state in zip(numbers, states, strict=True)
               if not state]  # fmt: skip
    return _Record(missing, rows, changes_svg([*told, *_beside(told, *states)], title) if told else "")


def _beside(told: Sequence[Change], before: _Things, after: _Things) -> list[Change]:
    """What has not changed near what has: a picture of a hut is not drawn from a pin half a kilometre away."""
    about = shapely.box(*shapely.total_bounds([one.part.shape for one in told])).buffer(_ABOUT_M)
    both = (Difference(before[key], after[key]) for key in sorted(before.keys() & after.keys()))
    still = (change for one in both for change in one.moves if not change.how)
    return [one for one in still if one.part.shape.intersects(about)]
