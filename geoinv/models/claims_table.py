"""The corroboration table: factual element × independent source × test; and claims that exclude each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from geoinv.models.claims_own import Accounts, dependent_groups
from geoinv.records.claims import Claim, Claims, Element, Finding, Opposed
from geoinv.records.measures import Interval

__all__ = ["corroboration_table", "element_of", "opposed"]


def element_of(claim: Claim) -> str:
    """The factual element that a claim is about, in words; two claims of one element can bear each other out."""
    what = claim.measure or claim.counted or ("area" if claim.said_value and claim.said_value.unit == "m2" else "")
    words = {
        "sees": "sight of", "walk_time": "way to", "distance": "distance to", "adjacent": "wall shared with",
        "sun_patch": "sun in", "count": "number of", "area_per_person": "floor a head in",
    }  # fmt: skip
    head = words.get(claim.kind, what or claim.kind)
    if claim.kind == "adjacent":  # it does not matter which of the two is named first
        first, second = sorted((claim.subject.casefold(), (claim.object or "").casefold()))
        return f"{first}: {head} {second}"
    if claim.object:
        return f"{claim.subject.casefold()}: {f'{what}, ' if what else ''}{head} {claim.object.casefold()}"
    return (
        f"{head} {claim.subject.casefold()}" if claim.kind != "dimension" else f"{what} of {claim.subject.casefold()}"
    )


def corroboration_table(
    claims: Claims, findings: Sequence[Finding], accounts: Accounts, sources: Mapping[str, Sequence[str]]
) -> tuple[Element, ...]:
    """A row for each factual element, in the order in which they were first claimed.

    Parameters
    ----------
    claims, findings
        In the same order.
    accounts
        Who said what the blueprint rests on.
    sources
        Part id → its sources.
    """
    rows: dict[str, list[tuple[Claim, Finding]]] = {}
    for claim, finding in zip(claims.claims, findings, strict=True):
        rows.setdefault(element_of(claim), []).append((claim, finding))
    return tuple(_row(name, pairs, claims, accounts, sources) for name, pairs in rows.items())


def _row(
    name: str,
    pairs: Sequence[tuple[Claim, Finding]],
    claims: Claims,
    accounts: Accounts,
    sources: Mapping[str, Sequence[str]],
) -> Element:
    witnesses = tuple(dict.fromkeys(claim.witness for claim, _ in pairs))
    groups = {accounts.group_of(witness) for witness in witnesses}
    used = {source for _, finding in pairs for part in finding.relies_on for source in sources.get(part, ())}
    others = tuple(sorted(source for source in used if accounts.teller(source)[1] not in set().union(*groups)))
    powers = [
        finding.discriminating_power
        for _, finding in pairs
        if finding.verdict == "consistent" and finding.discriminating_power is not None
    ]
    return Element(
        element=name,
        claims=tuple(claim.id for claim, _ in pairs),
        witnesses=witnesses,
        independent=_independent(witnesses, claims),
        sources=others,
        verdicts={claim.id: finding.verdict for claim, finding in pairs},
        power=max(powers, default=None),
    )


def _independent(witnesses: Iterable[str], claims: Claims) -> int:
    wanted = set(witnesses)
    return sum(bool(group & wanted) for group in dependent_groups(sorted(wanted), claims))


def opposed(claims: Claims) -> tuple[Opposed, ...]:
    """Pairs of claims about one element that cannot both be true."""
    found = []
    for one, other in combinations(claims.claims, 2):
        if element_of(one) != element_of(other):
            continue
        a, b = one.said_value, other.said_value
        if a is None and b is None and one.negated != other.negated:
            found.append(Opposed(claims=(one.id, other.id), why="one says so, the other that it was not so"))
        elif a is None or b is None or a.unit != b.unit or one.negated or other.negated:
            continue
        elif a.low > b.high or b.low > a.high:
            words = f"{_span(a)}, and {_span(b)}"
            found.append(Opposed(claims=(one.id, other.id), why=words))
    return tuple(found)


def _span(said: Interval) -> str:
    unit = {"count": "", "m2": "m²"}.get(said.unit, said.unit)
    return f"{said.low:g} to {said.high:g} {unit}".rstrip()
