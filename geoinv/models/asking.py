"""Which question to which witness would help most next, by what its answer is expected to change.

Every number a witness could give of the model, and every finding that is undecidable, is a question. What its answer is
worth follows from the model's own samples (:mod:`geoinv.models.asking_worth`). Nobody is asked again what is on record
of them or of somebody they are not independent of, and nobody is asked to bear out himself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoinv.models.asking_words import ask_sentences
from geoinv.models.asking_worth import AnswerLaw, Worth, law_of, worth_of_number, worth_of_yes
from geoinv.models.claims import OWN, TESTS, corroborate
from geoinv.models.claims_assumed import best_setting, drawn_setting, left_out_of
from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_kinds import Test
from geoinv.models.claims_own import Accounts
from geoinv.models.claims_parts import Untestable, named, one_version, places
from geoinv.models.claims_sampling import Sample, holds, sampled
from geoinv.models.claims_table import element_of
from geoinv.models.normal import normal_form
from geoinv.models.solids_walls import preferred_hypothesis
from geoinv.records.asks import Ask
from geoinv.records.blueprint import Blueprint, Part, Room
from geoinv.records.claims import Claim, Claims, Finding
from geoinv.records.evidence import Status
from geoinv.records.measures import Interval

__all__ = ["asks_of_model"]

Floats = NDArray[np.float64]

#: Models drawn for a question; rooms of a building whose sizes are asked after; rooms tried for a name nobody knows.
_DRAWS, _ROOMS, _TRIED = 96, 12, 5
#: Probability that an answer is worth anything, of who drew or told of the place, and of anybody else who was there
#: (assumed).
_KNOWS, _WAS_THERE = 0.85, 0.6
#: Questions kept: in all, and of one sort that settles no finding.
_MOST, _MOST_ALIKE = 12, 2
#: An answer that makes an interval less than this much narrower and settles nothing is not worth asking for.
_LEAST = 0.05


@dataclass(frozen=True)
class _Question:
    """What could be asked: a claim nobody has made yet, and the undecidable findings that hang on it."""

    claim: Claim
    open_: tuple[tuple[Claim, Finding], ...] = ()

    @property
    def about(self) -> str:
        claim = self.claim
        area = "area" if claim.said_value is not None and claim.said_value.unit == "m2" else ""
        if claim.kind == "dimension":
            return claim.measure or area or "size"
        return (claim.counted or "count") if claim.kind == "count" else claim.kind


def asks_of_model(
    blueprint: Blueprint,
    claims: Claims,
    findings: Sequence[Finding],
    *,
    witnesses: Sequence[str],
    rebuilt: Mapping[str, Blueprint] | None = None,
    seed: int = 0,
) -> tuple[Ask, ...]:
    """Questions about a model and what was claimed of it, most worth asking first.

    Parameters
    ----------
    blueprint, claims
        As they were tested.
    findings
        What testing the claims gave, in their order.
    witnesses
        Who may be asked, by codename.
    rebuilt
        As given to ``corroborate``.
    seed
        Of the draws.
    """
    desk = _Desk(normal_form(blueprint), claims, witnesses, seed)
    found = [ask for question in _questions(desk, findings) if (ask := desk.ask(question)) is not None]
    found += desk.names_asked(findings, rebuilt or {})
    found.sort(key=lambda one: (-one.worth, one.about, one.parts))
    return _varied([one for one in found if one.worth >= _LEAST])


def _varied(asks: Sequence[Ask]) -> tuple[Ask, ...]:
    """The best of them, of one sort that settles nothing only a few."""
    kept: list[Ask] = []
    for one in asks:
        alike = sum(other.about == one.about and not other.settles for other in kept)
        if len(kept) < _MOST and (one.settles or alike < _MOST_ALIKE):
            kept.append(one)
    return tuple(kept)


def _questions(desk: _Desk, findings: Sequence[Finding]) -> Iterator[_Question]:
    """Each element of which a finding is undecidable, then each number that the model has an interval of."""
    waiting: dict[str, list[tuple[Claim, Finding]]] = {}
    for claim, finding in zip(desk.claims.claims, findings, strict=True):
        own = finding.why.startswith(OWN) and "shown" not in finding.why
        if finding.verdict == "undecidable" and (finding.model_pass_rate is not None or own):
            waiting.setdefault(element_of(claim), []).append((claim, finding))
    for pairs in waiting.values():
        yield _Question(pairs[0][0], tuple(pairs))
    for claim in _numbers(desk.blueprint):
        if element_of(claim) not in waiting:
            yield _Question(claim)


def _numbers(blueprint: Blueprint) -> Iterator[Claim]:
    """What the model has a number of, as claims nobody has made: cells, heights of storeys, sides of rooms."""
    shown = one_version(blueprint, preferred_hypothesis(blueprint))
    for building in shown.buildings:
        for storey in building.storeys:
            rooms = [room for room in storey.rooms if room.role != "corridor" and _by_name(shown, room)]
            if not storey.rooms:
                continue
            if "cell_count" in storey.evidence and any(room.role == "cell" for room in storey.rooms):
                yield _claim("count", "cell")
            yield _claim("dimension", storey.id, measure="height")
            for room in sorted(rooms, key=_doubt, reverse=True)[:_ROOMS]:
                for measure in ("length", "width"):
                    yield _claim("dimension", room.id, measure=measure)


def _by_name(blueprint: Blueprint, room: Room) -> bool:
    """Whether a room can be asked after: it has a name, and no other part has the same."""
    try:
        return bool(room.labels) and named(blueprint, room.labels[0]).part.id == room.id
    except Untestable:
        return False


def _doubt(room: Room) -> tuple[int, str]:
    return room.evidence["polygon"].status.rank, room.id


def _claim(kind: str, subject: str, **more: object) -> Claim:
    return Claim.read({"id": "ask", "witness": "", "kind": kind, "subject": subject, **more})


class _Desk:
    """One model with what is on record of it, and who may be asked."""

    def __init__(self, blueprint: Blueprint, claims: Claims, witnesses: Sequence[str], seed: int) -> None:
        self.blueprint, self.claims, self.witnesses, self.seed = blueprint, claims, witnesses, seed
        self.accounts = Accounts(claims)
        self.drawing = Drawing(blueprint, seed)

    def ask(self, question: _Question) -> Ask | None:
        """A question with whom to ask it and what that is worth; ``None`` where it cannot be asked of the model."""
        claim = question.claim
        try:
            test = TESTS[claim.kind](claim)
            relied = test.relied(self.drawing.best())
            values, rivals = self._samples(claim, test, question)
        except Untestable:
            return None
        sources = sorted({source for part, names in relied for source in _sources(part, names)})
        whom, knows = self._whom(question, relied, sources)
        rng = np.random.default_rng([self.seed, 5150, len(values)])
        law = law_of(test.unit)
        worth = self._worth(question, test, (values, rivals), (law, knows), rng)
        settles = {
            one.id: round(share, 2) for (one, _), share in zip(question.open_, worth.settles, strict=True) if share > 0
        }
        now = None if test.yes_or_no else _interval(values, test, self.drawing, claim)
        ask = Ask(
            kind="yes or no" if test.yes_or_no else "number",
            about=question.about,
            witness=whom,
            parts=tuple(dict.fromkeys(part.id for part, _ in relied))[:4],
            now=now,
            after=round(worth.after, 3),
            shrinks=round(worth.shrinks, 3),
            settles=settles,
            on_record=(*dict.fromkeys(source.partition("#")[0] for source in sources), *self._claimed(claim)),
            worth=round(worth.shrinks + sum(settles.values()), 3),
        )
        return ask.model_copy(update={"sentence": ask_sentences(ask, claim, self.blueprint, round(worth.now, 3))})

    def _samples(self, claim: Claim, test: Test, question: _Question) -> tuple[Floats, Floats | None]:
        """Values over the model's samples, and over rivals' where a claim hangs on it that the model may not test."""
        own = any(finding.model_pass_rate is None for _, finding in question.open_)
        given = _sampled(claim, test, self.drawing, self.seed)
        other = sampled(claim, test, self.drawing, self.seed, rival=True) if own else None
        return np.array(given.values), None if other is None else np.array(other.values)

    def _worth(
        self,
        question: _Question,
        test: Test,
        samples: tuple[Floats, Floats | None],
        answers: tuple[AnswerLaw, float],
        rng: np.random.Generator,
    ) -> Worth:
        (values, rivals), (law, knows) = samples, answers
        if test.yes_or_no:
            claim, finding = question.open_[0]
            rate = float(np.mean([holds(claim, test, value) for value in values]))
            other = finding.rival_pass_rate
            if other is None:
                other = float(np.mean([holds(claim, test, value) for value in rivals])) if rivals is not None else 0.5
            known = (Status(status) for status in finding.relies_on.values())
            left_out = left_out_of(claim.kind, known)
            return worth_of_yes(rate, other, knows, own=rivals is not None, left_out=left_out)
        waiting = []
        for claim, finding in question.open_:
            rival = finding.rival_pass_rate
            if rival is None and rivals is not None:
                rival = float(np.mean([holds(claim, test, value) for value in rivals]))
            waiting.append((_holder(claim, test), rival or 0.0))
        return worth_of_number(values, law, knows, rng, before=rivals, claims=tuple(waiting))

    def _whom(
        self, question: _Question, relied: Sequence[tuple[Part, tuple[str, ...]]], sources: Collection[str]
    ) -> tuple[str | None, float]:
        """Who is asked, and how likely the answer is worth anything: who knows the place best, of those who may be."""
        spoken = {one.witness for one in self.claims.claims if element_of(one) == element_of(question.claim)}
        told = {teller for source in sources if (teller := self.accounts.teller(source)[1]) is not None}
        barred = set().union(*(self.accounts.group_of(name) for name in spoken)) if spoken else set()
        best: tuple[str | None, float] = (None, _WAS_THERE)
        for witness in self.witnesses:
            group = self.accounts.group_of(witness)
            if witness in barred or "model" in self.accounts.shown_to(group) or not self._there(witness, relied):
                continue
            knows = _KNOWS if witness in told else _WAS_THERE
            if best[0] is None or knows > best[1]:
                best = (witness, knows)
        return best

    def _there(self, witness: str, relied: Sequence[tuple[Part, tuple[str, ...]]]) -> bool:
        """Whether a witness's stay does not exclude the buildings it is about."""
        account = self.claims.witnesses.get(witness)
        if account is None or account.stay is None or not account.stay.known:
            return True
        ids, stay = {part.id for part, _ in relied}, account.stay
        homes = [one.building for one in places(self.blueprint) if one.building is not None and one.part.id in ids]
        return not any(
            (home.not_before is not None and stay.latest <= home.not_before.earliest)
            or (home.not_after is not None and stay.earliest >= home.not_after.latest)
            for home in homes
        )

    def _claimed(self, claim: Claim) -> tuple[str, ...]:
        return tuple(one.id for one in self.claims.claims if element_of(one) == element_of(claim))

    def names_asked(self, findings: Sequence[Finding], rebuilt: Mapping[str, Blueprint]) -> list[Ask]:
        """Of claims about what the model has no name for: which part is meant, by testing it of parts it may be."""
        rooms = [p.part for p in places(self.blueprint) if isinstance(p.part, Room) and p.part.role != "corridor"]
        found = []
        for claim, finding in zip(self.claims.claims, findings, strict=True):
            name = next((n for n in (claim.subject, claim.object) if n and f"is called “{n}”" in finding.why), None)
            if name is None or not rooms or claim.witness not in self.witnesses:
                continue
            tried = rooms[:: max(1, len(rooms) // _TRIED)][:_TRIED]
            field = "subject" if name == claim.subject else "object"
            asked = [claim.model_copy(update={"id": f"{claim.id}~{n}", field: room.id}) for n, room in enumerate(tried)]
            then = corroborate(
                self.blueprint, self.claims.model_copy(update={"claims": tuple(asked)}), rebuilt=rebuilt, seed=self.seed
            )
            share = float(np.mean([one.verdict != "undecidable" for one in then.findings]))
            ask = Ask(
                kind="which part", about=name, witness=claim.witness, on_record=(claim.id,),
                settles={claim.id: round(share, 2)} if share else {}, worth=round(max(share, _LEAST), 3),
            )  # fmt: skip
            found.append(ask.model_copy(update={"sentence": ask_sentences(ask, claim, self.blueprint, 0.0)}))
        return found


def _holder(claim: Claim, test: Test) -> Callable[[float], bool]:
    return lambda value: holds(claim, test, value)


def _sources(part: Part, names: Collection[str]) -> Iterator[str]:
    for name in names:
        if name in part.evidence:
            yield from part.evidence[name].sources


def _sampled(claim: Claim, test: Test, drawing: Drawing, seed: int) -> Sample:
    """Draws of a question's value; a kind that costs much has fewer models, as when it is tested.

    A version that has not what is asked after is left out.
    """
    sample = Sample()
    for number in range(min(_DRAWS, test.most)):
        setting = drawn_setting(claim, np.random.default_rng([seed, 7, number]))
        try:
            sample.values.append(test.value(drawing.draw(number % test.models), setting))
        except Untestable:
            sample.failed += 1
    if not sample.count:
        raise Untestable("no draw of the model could be asked")
    return sample


def _interval(values: Floats, test: Test, drawing: Drawing, claim: Claim) -> Interval:
    digits = 0 if test.unit == "count" else 3
    low, high = (round(float(value), digits) for value in np.quantile(values, [0.05, 0.95]))
    best = round(float(test.value(drawing.best(), best_setting(claim))), digits)
    return Interval(low=min(low, best), best=best, high=max(high, best), unit=test.unit)
