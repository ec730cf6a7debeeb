"""The page of error rates: what ``calibrate`` measured, beside what was measured on real data, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["REAL", "error_rates_page"]

#: What was measured on real data, with its n: each with where the method's page tells how.
REAL: tuple[tuple[str, str, str, str], ...] = (
    ("outlines under good / rough prompts, 0.30 m, mean IoU", ".824 / .762", "1 scene, Kampala", "methods/imagery.md"),
    ("plans aligned within 2 m, of those that can be", "10 of 12", "12 plans on that scene", "methods/imagery.md"),
    ("plans of elsewhere accepted on a scene", "0 of 3", "3 plans on that scene", "methods/imagery.md"),
    ("location, insides, claims", "not measured", "0: no real case with known truth", "methods/claims.md"),
)


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
    about = _INTRODUCTION.format(first=seeds[0], last=seeds[-1], count=len(seeds), command=command)
    where = _table(
        ("worlds", "n", "median error of the place", "true place in the 90 % region", "median error of a room's area",
         "true number of cells in its interval"),
        [_where_row(name, one) for name, one in rates.items()],
    )  # fmt: skip
    heads = ("decided", "right, of those decided", "false “consistent”", "false “inconsistent”")
    groups = [_verdict_row(name, one["claims"]["all"]) for name, one in rates.items()]
    kinds = [_verdict_row(f"`{kind}`", one) for kind, one in rates["all"]["claims"]["kinds"].items()]
    every = rates["all"]["claims"]
    parts = [about, where, _VERDICTS, _table(("worlds", *heads), groups), _table(("kind", *heads), kinds)]
    parts += [*_calibration(every["calibration"]), *_worth(every), "## On real data"]
    parts.append(_table(("what", "found", "n", "told in"), [(*row, f"[{page}]({page})") for *row, page in REAL]))
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """# Error rates

*Simulated.* Blind runs on made worlds whose truth the pipeline never sees: a county's detention centre each, seeds
{first} to {last} ({count} worlds), difficulties in turn. They say how often the methods err on worlds drawn from stated
distributions ([worlds](worlds.md)); they are never the error rate of a case. Shares have their 90 % interval (Wilson
1927) and n. Made by `{command}`; `error-rates.json` beside this page has every figure.

## Where, and the rooms inside"""

_VERDICTS = """## Verdicts on what was said

Somebody who was there and drew nothing makes a right and a wrong claim of each plane kind. Right ones are misjudged by
12 % (sd of the logarithm), wrong ones are off by 1.8 to 2.6 times besides, counts by three. False “consistent” is of
all wrong claims, false “inconsistent” of all right ones; what is not decided is neither."""

_PLACEBO = """That is above the 5 % wanted: cells of one block are much like those of another, and a claim of a
distance or a walk meets many; a power of 0.75 says itself that one in four passes. One such finding alone is weak."""


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
    where, rooms = one["location"], one["rooms"]
    area = f"{_number(rooms['median_area_error'])} (n = {rooms['rooms']})"
    error = _number(where["median_error_m"], " m")
    return name, str(one["worlds"]), error, _share(where["in_region_90"]), area, _share(rooms["cell_count_held"])


def _verdict_row(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    shares = ("decided", "right_of_decided", "false_consistent", "false_inconsistent")
    return name, *(_share(one[key]) for key in shares)


def _calibration(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many claims are true by the share of draws in which they hold, and where that is off."""
    off = [
        f"{row['from']:g} to {row['to']:g} (true {row['true']['share']:.2f}, held {row['mean']:.2f})"
        for row in rows
        if row["true"]["n"] >= 10 and not row["true"]["low"] <= row["mean"] <= row["true"]["high"]
    ]
    lines = [(f"{row['from']:g} to {row['to']:g}", _number(row["mean"]), _share(row["true"])) for row in rows]
    said = f"Off by more than its interval: {'; '.join(off)}." if off else "No row is off by more than its interval."
    half = "It is a share of plausible models; half of the claims here are right, which no case promises."
    table = _table(("holds in this share of draws", "mean of them", "are true"), lines)
    return ["## Is the share of draws a probability?", table, f"{said} {half}"]


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
