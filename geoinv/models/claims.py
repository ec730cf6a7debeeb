"""Testing what was said against what was built: one finding a claim, with its power and what would overturn it.

The method, its assumptions and its measured error rates are told in docs/methods/claims.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from geoinv.models.called import called
from geoinv.models.claims_assumed import assumed, best_setting, left_out_of
from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_kinds import AdjacentTest, AreaTest, CountTest, DimensionTest, DistanceTest, Test, WalkTest
from geoinv.models.claims_korean import finding_in_korean
from geoinv.models.claims_own import Accounts, Standing, standing_without
from geoinv.models.claims_parts import Untestable, places
from geoinv.models.claims_rays import SeesTest, SunTest
from geoinv.models.claims_sampling import CONSISTENT, INCONSISTENT, Sample, flips, sampled, verdict_of
from geoinv.models.claims_table import corroboration_table, opposed
from geoinv.models.claims_words import sentences
from geoinv.models.normal import normal_form
from geoinv.models.sheets_frame import model_hash
from geoinv.records.blueprint import Blueprint, Building, Part
from geoinv.records.claims import Claim, ClaimKind, Claims, Finding, Findings, Flip, Verdict
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Status, weakest
from geoinv.records.measures import Interval

__all__ = ["OWN", "TESTS", "corroborate"]

#: How the reason begins where nothing but the claimant's own account speaks of a thing.
OWN = "own account"

#: Kind of claim → how it is tested.
TESTS: dict[ClaimKind, Callable[[Claim], Test]] = {
    "dimension": DimensionTest,
    "count": CountTest,
    "area_per_person": AreaTest,
    "distance": DistanceTest,
    "walk_time": WalkTest,
    "adjacent": AdjacentTest,
    "sees": SeesTest,
    "sun_patch": SunTest,
}

Relied = Sequence[tuple[Part, tuple[str, ...]]]


def corroborate(
    blueprint: Blueprint, claims: Claims, *, rebuilt: Mapping[str, Blueprint] | None = None, seed: int = 0
) -> Findings:
    """Test claims against a blueprint.

    Each claim is asked of many plausible models drawn from the blueprint's own intervals and rival hypotheses, rebuilt
    without the claimant's account and without those of witnesses who are not independent of the claimant.

    Parameters
    ----------
    blueprint
        The facility's.
    claims
        What was said; by whom the blueprint's sources were told; who is not independent of whom.
    rebuilt
        Witness → the blueprint as it was built anew without that witness (and those who are not independent), where
        somebody did; what still rests on them there counts as lost all the same.
    seed
        Of the draws: the same seed gives the same findings.

    Returns
    -------
    Findings
        One finding a claim, in their order; the corroboration table, what contradicts, what could not be tested.
    """
    whole = normal_form(blueprint)
    court = _Court(whole, claims, rebuilt or {}, seed)
    findings = tuple(court.finding(claim) for claim in claims.claims)
    dated = {one.claim: one.why for one in findings if one.verdict == "undecidable" and one.why.startswith(_DATES)}
    untested = {one.claim: one.why for one in findings if one.model_pass_rate is None}
    return Findings(
        findings=findings,
        table=corroboration_table(claims, findings, court.accounts, _sources(whole)),
        contradictions=opposed(claims),
        anachronisms=dated,
        untested=untested,
    )


def _sources(blueprint: Blueprint) -> dict[str, tuple[str, ...]]:
    return {part.id: part.sources for part in blueprint.parts()}


_DATES = "the witness’s dates exclude"


class _Court:
    """One blueprint with its claims, and the models rebuilt for each claimant."""

    def __init__(self, blueprint: Blueprint, claims: Claims, rebuilt: Mapping[str, Blueprint], seed: int) -> None:
        self.whole, self.claims, self.seed = blueprint, claims, seed
        self.accounts = Accounts(claims)
        self.rebuilt = rebuilt
        self.hash = model_hash(blueprint)
        self._without: dict[str, tuple[Standing, Drawing]] = {}

    def without(self, witness: str) -> tuple[Standing, Drawing]:
        """What stands without a witness, to be drawn from; made once for witnesses who share all."""
        group = self.accounts.group_of(witness)
        key = witness if witness in self.rebuilt else min(group)
        if key not in self._without:
            base = normal_form(self.rebuilt[witness]) if witness in self.rebuilt else self.whole
            standing = standing_without(base, self.accounts, group)
            self._without[key] = (standing, Drawing(standing.blueprint, self.seed))
        return self._without[key]

    def finding(self, claim: Claim) -> Finding:
        """One claim tested, or why it could not be."""
        about = {
            "claim": claim.id, "witness": claim.witness, "kind": claim.kind, "said": claim.said_value,
            "model_sha256": self.hash, "tested_without": tuple(sorted(self.accounts.group_of(claim.witness))),
        }  # fmt: skip
        try:
            found = self._tested(claim)
        except Untestable as error:
            found = {"verdict": "undecidable", "why": error.what}
        finding = Finding.model_validate({**about, **found})
        words = {"ko": finding_in_korean(finding)}
        return finding.model_copy(update={"sentence": sentences(claim, finding, self.whole), "words": words})

    def _tested(self, claim: Claim) -> dict[str, object]:
        test = TESTS[claim.kind](claim)
        if test.needs_interval:
            _has_interval(claim, counts=test.unit == "count")
        standing, drawing = self.without(claim.witness)
        relied = self._relied(claim, test, standing, drawing)
        self._dated(claim, standing, relied)
        sample = sampled(claim, test, drawing, self.seed)
        rival = sampled(claim, test, drawing, self.seed, rival=True)
        known = {part.id: weakest(_statuses(part, names)) for part, names in relied}
        left_out = left_out_of(claim.kind, known.values())
        verdict = verdict_of(sample.rate, rival.rate, left_out)
        found = _numbers(test, drawing, claim, sample) | {
            "verdict": verdict,
            "why": "" if verdict != "undecidable" else _why_open(sample.rate, rival.rate, left_out),
            "rivals": test.rivals,
            "rival_pass_rate": round(rival.rate, 4),
            "rival_draws": rival.count,
            "rival_standard_error": round(rival.standard_error, 4),
            "discriminating_power": round(1 - round(rival.rate, 4), 4),
            "relies_on": {name: status.value for name, status in known.items()},
            "without": self._remaining(claim, verdict, standing, relied),
            "assumptions": assumed(claim),
            "sensitivity": self._flips(
                claim, test, drawing, (sample, rival), _touched(standing.blueprint, relied), left_out
            ),
            "caveats": test.caveats,
        }
        best, setting = drawing.best(), best_setting(claim)
        shapes = test.shapes(best, setting)
        if isinstance(test, SeesTest) and "blocked" in shapes:
            found["obstacle"] = test.sighting(best, setting, moved=False).obstacle
        return found | {"shapes": shapes}

    def _flips(
        self,
        claim: Claim,
        test: Test,
        drawing: Drawing,
        samples: tuple[Sample, Sample],
        touched: frozenset[str],
        left_out: float,
    ) -> tuple[Flip, ...]:
        """What would overturn it, parts by what people call them."""
        found = flips(claim, test, drawing, samples, TESTS[claim.kind], touched, left_out)
        names = {place.part.id: called(place) for place in places(drawing.blueprint)}
        told = []
        for one in found:
            what, of, part = one.assumption.rpartition(" of ")
            told.append(one.model_copy(update={"assumption": f"{what}{of}{names.get(part, part)}"}))
        return tuple(told)

    def _relied(self, claim: Claim, test: Test, standing: Standing, drawing: Drawing) -> Relied:
        """The parts a test rests on; none of them the claimant's own.

        Raises
        ------
        Untestable
            If one of them is.
        """
        try:
            relied = _once(test.relied(drawing.best()))
        except Untestable:
            self._only_own(claim)
            raise
        for part, names in relied:
            why = standing.why_lost(part, names)
            if why is not None:
                reason = why if why.startswith(OWN) else f"{OWN}: {why}"
                raise Untestable(f"{reason}: nothing else shows {_called(standing.blueprint, part)}")
        return relied

    def _only_own(self, claim: Claim) -> None:
        """Say so where the whole model could be asked, and the one without the claimant cannot."""
        if claim.witness not in self.rebuilt:
            return
        try:
            TESTS[claim.kind](claim).relied(Drawing(self.whole, self.seed).best())
        except (Untestable, AttributeError):
            return
        raise Untestable(f"{OWN}: without this witness the model does not have what the claim is about")

    def _dated(self, claim: Claim, standing: Standing, relied: Relied) -> None:
        """Refuse a claim of somebody whose dates exclude a building that the test rests on."""
        account = self.claims.witnesses.get(claim.witness)
        if account is None or account.stay is None or not account.stay.known:
            return
        ids = {part.id for part, _ in relied}
        homes = {one.building.id for one in places(standing.blueprint) if one.building and one.part.id in ids}
        for building in standing.blueprint.buildings:
            if building.id in homes | ids:
                why = _excluded(building, account.stay)
                if why:
                    raise Untestable(f"{_DATES} {_called(standing.blueprint, building)}: {why}")

    def _remaining(self, claim: Claim, verdict: Verdict, standing: Standing, relied: Relied) -> dict[str, str]:
        """What would remain without each other witness whose account the test rests on."""
        own = self.accounts.group_of(claim.witness)
        tellers = {
            teller
            for part, names in relied
            for name in names
            for source in (part.evidence[name].sources if name in part.evidence else ())
            if (teller := self.accounts.teller(source)[1]) is not None
        }
        found: dict[str, str] = {}
        for witness in sorted(tellers - own):
            group = self.accounts.group_of(witness)
            left = standing_without(standing.blueprint, self.accounts, group)
            lost = next((part for part, names in relied if left.why_lost(part, names)), None)
            name = _called(standing.blueprint, lost) if lost is not None else ""
            found[witness] = verdict if lost is None else f"undecidable: nobody else shows {name}"
        return found


def _called(blueprint: Blueprint, part: Part) -> str:
    return called(next(place for place in places(blueprint) if place.part.id == part.id))


def _why_open(rate: float, rival_rate: float, left_out: float) -> str:
    """Why a tested claim is decided neither way."""
    if rate >= CONSISTENT:
        return f"it holds in {rate:.0%} of draws, but so it does in {rival_rate:.0%} of rival models: too little apart"
    if rate <= INCONSISTENT:
        few = f"it holds in only {rate:.0%} of draws, but few rival models ({rival_rate:.0%}) meet it either"
        missed = ", and a model may lack an opening" if left_out else ""
        return f"{few}{missed}: too little to refute it"
    return f"the model cannot tell: it holds in {rate:.0%} of draws"


def _excluded(building: Building, stay: PartialDate) -> str | None:
    if building.not_before is not None and stay.latest <= building.not_before.earliest:
        return f"there until {stay.text}, and it was not standing yet on {building.not_before.text}"
    if building.not_after is not None and stay.earliest >= building.not_after.latest:
        return f"there from {stay.text}, and it was gone by {building.not_after.text}"
    return None


def _touched(blueprint: Blueprint, relied: Relied) -> frozenset[str]:
    """Ids of the parts relied on, and of the storeys and buildings they are in."""
    ids = {part.id for part, _ in relied}
    homes = [one for one in places(blueprint) if one.part.id in ids]
    return frozenset(ids | {home.id for one in homes for home in (one.building, one.storey) if home is not None})


def _once(relied: Relied) -> Relied:
    found: dict[str, tuple[Part, tuple[str, ...]]] = {}
    for part, names in relied:
        before = found.get(part.id, (part, ()))[1]
        found[part.id] = (part, tuple(dict.fromkeys((*before, *names))))
    return tuple(found.values())


def _statuses(part: Part, names: Sequence[str]) -> list[Status]:
    return [part.evidence[name].status for name in names if name in part.evidence]


def _has_interval(claim: Claim, *, counts: bool) -> None:
    said = claim.said_value
    if said is None:
        raise Untestable("no interval was said: there is no number to compare with")
    if not counts and said.low == said.high:
        raise Untestable(f"no interval was said: {said.low:g} {said.unit} alone, without how far off it may be")


def _numbers(test: Test, drawing: Drawing, claim: Claim, sample: Sample) -> dict[str, object]:
    best = test.value(drawing.best(), best_setting(claim))
    if test.yes_or_no:
        share = float(np.mean(sample.values))
        computed = Interval(low=share, best=share, high=share, unit="probability", coverage=1.0)
        if isinstance(test, AreaTest):
            areas = [test.floor(drawing.draw(k % test.models), best_setting(claim)) for k in range(sample.count)]
            at_best = test.floor(drawing.best(), best_setting(claim))
            computed = Sample(values=areas).interval(at_best, "m2")
    else:
        computed = sample.interval(best, test.unit)
    return {
        "computed": _rounded(computed),
        "extremes": tuple(round(value, 4) for value in sample.extremes),
        "model_pass_rate": round(sample.rate, 4),
        "draws": sample.count,
        "standard_error": round(sample.standard_error, 4),
        "converged": sample.converged,
    }


def _rounded(interval: Interval) -> Interval:
    low, best, high = (round(value, 4) for value in (interval.low, interval.best, interval.high))
    return interval.model_copy(update={"low": low, "best": best, "high": high})
