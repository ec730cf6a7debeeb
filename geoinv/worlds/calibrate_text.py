"""The page of error rates: what ``calibrate`` measured, beside what was measured on real data, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["REAL", "calibrate_command", "error_rates_page"]

#: What was measured on real data, with its n: each with where the method's page tells how.
REAL: tuple[tuple[str, str, str, str], ...] = (
    ("outlines under good / rough prompts, 0.30 m, mean IoU", ".824 / .762", "1 scene, Kampala", "methods/imagery.md"),
    ("plans aligned within 2 m, of those that can be", "10 of 12", "12 plans on that scene", "methods/imagery.md"),
    ("plans of elsewhere accepted on a scene", "0 of 3", "3 plans on that scene", "methods/imagery.md"),
    ("location, insides, claims", "not measured", "0: no real case with known truth", "methods/claims.md"),
)


def calibrate_command(settings: Mapping[str, Any]) -> str:
    """The command that makes a report, from the settings it keeps."""
    more = "".join(f" --also {stretch}" for stretch in settings.get("also", ()))
    way = f" --whole {settings['whole']}" if settings["whole"] else ""
    return f"geoinv calibrate --worlds {settings['worlds']} --first {settings['first']}{more}{way}"


def error_rates_page(report: Mapping[str, Any], command: str) -> str:
    """The page in Markdown.

    Parameters
    ----------
    report
        As :func:`geoinv.worlds.calibrate.calibrate` gives it.
    command
        What makes it again.
    """
    rates, seeds = report["rates"], report["seeds"]
    about = _INTRODUCTION.format(seeds=_stretches(seeds), count=len(seeds), command=command)
    where = _table(
        ("worlds", "n", "median error of the place", "true place in the 50 % region", "in the 90 % region"),
        [_where_row(name, one) for name, one in rates.items()],
    )
    inside = _table(
        ("worlds", "rooms", "median error of area", "of length", "of width", "true area in its 90 % interval", "length",
         "width", "true number of cells in its interval"),
        [_room_row(name, one["rooms"]) for name, one in rates.items()],
    )  # fmt: skip
    heads = ("decided", "right, of those decided", "false “consistent”", "false “inconsistent”")
    groups = [_verdict_row(name, one["claims"]["all"]) for name, one in rates.items()]
    every = rates["all"]["claims"]
    kinds = [
        (*_verdict_row(f"`{kind}`", one), _share(every["intervals"][kind])) for kind, one in every["kinds"].items()
    ]
    parts = [
        about,
        where,
        *_regions(rates["all"]["location"]),
        inside,
        *_narrow(rates["all"]["rooms"]),
        *_whole(report),
    ]
    parts += [
        _VERDICTS,
        _table(("worlds", *heads), groups),
        _table(("kind", *heads, "true number in its interval"), kinds),
    ]
    parts += [*_printed(report), *_worth(every), "## On real data"]
    parts.append(_table(("what", "found", "n", "told in"), [(*row, f"[{page}]({page})") for *row, page in REAL]))
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """# Error rates

*Simulated.* Blind runs on made worlds whose truth the pipeline never sees: a county's detention centre each,
{count} worlds (seeds {seeds}), difficulties in turn.
They say how often the methods err on worlds drawn from stated distributions ([worlds](worlds.md)); they are never the
error rate of a case. Shares have their 90 % interval (Wilson 1927) and n. Made by
`{command}`;
`error-rates.json` beside this page has every figure.

## Where, and the rooms inside"""

_WHOLE = """## Placement, correspondence, outlines

{count} worlds (seeds {seeds}; odd ones a county's centre, even ones a camp) built the whole way by nobody: two rendered
scenes each, plans drawn as SVG, no decision by a person. A building is near within 10 m of its true place by its
middle, right from an overlap (intersection over union) of 0.5, both as the scene shows it. Most plans are not placed
without a person's ties, and say so: the table counts what was placed."""

_NOT_WHOLE = """## Placement, correspondence, outlines

Not in this report: no world was built the whole way, scenes and all, which takes minutes each (`--whole`). What was
measured of them by themselves stands in [placing](methods/placing.md), [match](methods/match.md) and
[footprints](methods/footprints.md)."""

_PRINTED = """## Are printed probabilities right?

{missing}Of everything that is printed with a probability: how many came true. The error is the expected calibration
error: the mean distance between what was printed and what came true, by the rows below. Printed and held to no truth
here: how likely each of several places of one facility is (`locate`), that a drawing fits no place (`match`; measured
in [match](methods/match.md)), which building a drawing of an inside shows, and what a further answer should be worth
(`status`)."""

#: What is printed with a probability → what it is called here; the last are of worlds built the whole way.
_NAMES = {
    "claims": "share of draws in which a claim holds",
    "validity": "a statement is valid",
    "placements": "the first placement is right, for each plan in it",
    "plans": "a plan lies where it belongs, as its own probability says",
    "pairs": "a drawn building is that outline",
    "existence": "something stands where an outline was found, by its look alone",
    "candidates": "an outline found within the compound is one of its buildings, of all that is known",
    "footprints": "a footprint is the building drawn",
    "bindings": "an incident happened in that building",
}

_VERDICTS = """## Verdicts on what was said

Somebody who was there and drew nothing makes a right and a wrong claim of each plane kind. Right ones are misjudged by
12 % (sd of the logarithm), wrong ones are off by 1.8 to 2.6 times besides, counts by three. Of what was seen, from one
room into another within 8 m with doors open, and of the sun on a floor at a time of a day with doors shut, in a room of
which somebody drew a window where there is one, there is one claim a world, right and wrong in turn; their truth is
reckoned from the true plan without the rays of the test. False “consistent” is of all wrong claims, false
“inconsistent” of all right ones; what is not decided is neither. The last column: how often the 90 % interval that the
model gives for the number holds the true one."""

_PLACEBO = """That is above the 5 % wanted: cells of one block are much like those of another, and a claim of a
distance or a walk meets many; a power of 0.75 says itself that one in four passes. One such finding alone is weak."""


def _stretches(seeds: Sequence[int]) -> str:
    """Consecutive seeds told by the first and the last of them."""
    ends = [[seed, seed] for seed in seeds[:1]]
    for seed in seeds[1:]:
        if seed == ends[-1][1] + 1:
            ends[-1][1] = seed
        else:
            ends.append([seed, seed])
    return ", ".join(str(low) if low == high else f"{low} to {high}" for low, high in ends)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _share(share: Mapping[str, Any]) -> str:
    if share.get("share") is None:
        return "–"
    return f"{share['share']:.2f} ({share['low']:.2f}–{share['high']:.2f}, n = {share['n']})"


def _number(value: float | None, unit: str = "") -> str:
    return "–" if value is None else f"{value:g}{unit}"


def _where_row(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    where = one["location"]
    error = _number(where["median_error_m"], " m")
    return name, str(one["worlds"]), error, _share(where["in_region_50"]), _share(where["in_region_90"])


def _room_row(name: str, rooms: Mapping[str, Any]) -> tuple[str, ...]:
    errors = (_number(rooms[f"median_{what}_error"]) for what in ("area", "length", "width"))
    held = (_share(rooms[f"{what}_held"]) for what in ("area", "length", "width", "cell_count"))
    return name, str(rooms["rooms"]), *errors, *held


def _regions(where: Mapping[str, Any]) -> list[str]:
    """That a region holds the true place too seldom or too often, where so."""
    said = []
    for percent in (50, 90):
        held = where[f"in_region_{percent}"]
        if held["share"] is not None and not held["low"] <= percent / 100 <= held["high"]:
            word = "seldom" if held["share"] < percent / 100 else "often"
            said.append(f"the {percent} % region holds the true place too {word} ({held['share']:.2f} of all)")
    return [f"{'; '.join(said).capitalize()}."] if said else []


def _narrow(rooms: Mapping[str, Any]) -> list[str]:
    """That rooms' intervals hold the truth too seldom or too often, where so."""
    said = []
    for what in ("area", "length", "width"):
        held = rooms[f"{what}_held"]
        if held["share"] is not None and not held["low"] <= 0.9 <= held["high"]:
            word = "narrow" if held["share"] < 0.9 else "wide"
            said.append(f"{what} too {word} ({held['share']:.2f} of all)")
    return [f"Rooms' 90 % intervals hold the truth too seldom or too often: {'; '.join(said)}."] if said else []


def _whole(report: Mapping[str, Any]) -> list[str]:
    """Of the worlds built the whole way; that none was, where so."""
    if not report["whole"]:
        return [_NOT_WHOLE]
    heads = (
        "worlds", "n", "plans placed", "buildings near, of plans placed", "outlines right, of plans placed",
        "median overlap of footprints", "true buildings found", "true height in its interval",
    )  # fmt: skip
    rows = []
    for name, rates in report["rates"].items():
        one = rates["whole"]
        shares = (_share(one[key]) for key in ("plans_placed", "near_of_placed", "right_of_placed"))
        overlap = f"{_number(one['median_overlap'])} (n = {one['footprints']})"
        rows.append(
            (name, str(one["worlds"]), *shares, overlap, _share(one["buildings_found"]), _share(one["height_held"]))
        )
    seeds = ", ".join(str(seed) for seed in report["whole"])
    return [_WHOLE.format(count=len(report["whole"]), seeds=seeds), _table(heads, rows)]


def _verdict_row(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    shares = ("decided", "right_of_decided", "false_consistent", "false_inconsistent")
    return name, *(_share(one[key]) for key in shares)


def _printed(report: Mapping[str, Any]) -> list[str]:
    """Of every probability printed: how many came true, by difficulty, and the rows that are off."""
    rates = report["rates"]
    of = {name: {**one["printed"], "claims": one["claims"]["calibration"]} for name, one in rates.items()}
    heads = ("what is printed", *(f"error, {name}" for name in rates))
    known = [key for key in _NAMES if of["all"].get(key, {}).get("n")]  # not all are asked of every world
    lines = [(_NAMES[key], *(_error(one[key]) for one in of.values())) for key in known]
    absent = [words for key, words in _NAMES.items() if key not in known]
    missing = f"Not measured in this report: {'; '.join(absent)}.\n\n" if absent else ""
    found = [_PRINTED.format(missing=missing), _table(heads, lines)]
    for key in known:
        found += [f"### {_NAMES[key][0].upper()}{_NAMES[key][1:]}", *_rows(of["all"][key]["rows"])]
        if key == "claims":
            found.append(
                "It is a share of plausible models; half of the claims here are right, which no case promises."
            )
    return found


def _error(one: Mapping[str, Any]) -> str:
    return "–" if one["error"] is None else f"{one['error']:.3f} (n = {one['n']})"


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many came true by what was printed, and where that is off by more than its interval."""
    off = [
        f"{row['from']:g} to {row['to']:g} (true {row['true']['share']:.2f}, printed {row['mean']:.2f})"
        for row in rows
        if row["true"]["n"] >= 10 and not row["true"]["low"] <= row["mean"] <= row["true"]["high"]
    ]
    lines = [
        (f"{row['from']:g} to {row['to']:g}", _number(row["mean"]), _share(row["true"]))
        for row in rows
        if row["true"]["n"]
    ]
    said = f"Off by more than its interval: {'; '.join(off)}." if off else "No row is off by more than its interval."
    return [_table(("printed", "mean of them", "came true"), lines), said]


def _worth(claims: Mapping[str, Any]) -> list[str]:
    """Power against the law of worlds, and the placebo."""
    power, placebo = claims["power"], claims["placebo_strong"]
    difference, absolute = _number(power["mean_difference"]), _number(power["median_absolute_difference"])
    found = [
        "## Power, and a placebo",
        "The pass rate printed of rivals, less the share of all other worlds in which the claim would hold: on average "
        f"{difference}, median of the absolute difference {absolute} ({power['claims']} claims).",
        f"Placebo: claims about another world, asked of random rooms of this one: {_share(placebo)} are `consistent` "
        f"with power ≥ 0.5; {_share(claims['placebo_consistent'])} are `consistent` at all. By the power printed with "
        f"them, {_number(claims['placebo_by_power'])} of all would hold in models like these by chance.",
    ]
    return [*found, _PLACEBO] if placebo["share"] is not None and placebo["share"] > 0.05 else found
