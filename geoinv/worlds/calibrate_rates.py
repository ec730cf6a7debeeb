"""Error rates counted from what made worlds gave: shares with their intervals, calibration, power and the placebo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["calibration", "rates_of", "share", "verdicts"]

_POWERFUL = 0.5
#: Edges of the rows in which printed probabilities are held to what came true.
_EDGES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)

Facts = Mapping[str, Any]


def rates_of(runs: Sequence[Facts], built: Sequence[Facts]) -> dict[str, Any]:
    """All rates over some worlds; JSON-ready.

    Parameters
    ----------
    runs
        As :func:`geoinv.worlds.calibrate.blind_run` gives them.
    built
        As :func:`geoinv.worlds.whole_way.whole_way` gives them.
    """
    rates = {"worlds": len(runs), "location": _location(runs), "rooms": _rooms(runs), "claims": _claims(runs)}
    return {**rates, "whole": _whole(built), "printed": _printed(runs, built)}


def share(hits: int, of: int) -> dict[str, Any]:
    """A share with its 90 % interval (Wilson 1927) and its n."""
    if not of:
        return {"share": None, "n": 0}
    z, p = 1.6449, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    bounds = [round(float(max(0.0, middle - half)), 3), round(float(min(1.0, middle + half)), 3)]
    return {"share": round(p, 3), "low": bounds[0], "high": bounds[1], "n": of}


def _share_of(known: Iterable[bool]) -> dict[str, Any]:
    every = list(known)
    return share(sum(every), len(every))


def _median(values: Iterable[float]) -> float | None:
    known = list(values)
    return round(float(np.median(known)), 3) if known else None


def _location(runs: Sequence[Facts]) -> dict[str, Any]:
    found = [one["location"] for one in runs if one["location"] is not None]
    return {
        "median_error_m": _median(one["error_m"] for one in found),
        "in_region_50": _share_of(one["in_50"] for one in found),
        "in_region_90": _share_of(one["in_90"] for one in found),
    }


def _rooms(runs: Sequence[Facts]) -> dict[str, Any]:
    rooms = [room for one in runs for room in one["rooms"]]
    errors = {
        f"median_{name}_error": _median(abs(room[name] - 1) for room in rooms) for name in ("area", "length", "width")
    }
    return {
        **errors,
        "rooms": len(rooms),
        **{f"{name}_held": _share_of(room[f"{name}_held"] for room in rooms) for name in ("area", "length", "width")},
        "cell_count_held": _share_of(one["cells_held"] for one in runs if one["cells_held"] is not None),
    }


def _whole(built: Sequence[Facts]) -> dict[str, Any]:
    """Of worlds built the whole way: plans placed, buildings where they belong, outlines, heights."""
    plans = [plan for one in built for plan in one["placed"]]
    laid = [plan for plan in plans if plan["placed"]]
    overlaps = [overlap for one in built for overlap in one["overlaps"]]
    return {
        "worlds": len(built),
        "plans_placed": share(len(laid), len(plans)),
        "near_of_placed": share(sum(plan["near"] for plan in laid), sum(plan["drawn"] for plan in laid)),
        "right_of_placed": share(sum(plan["right"] for plan in laid), sum(plan["drawn"] for plan in laid)),
        "median_overlap": _median(overlaps),
        "footprints": len(overlaps),
        "buildings_found": _share_of(hit for one in built for hit in one["found"]),
        "height_held": _share_of(held for one in built for held in one["heights"]),
    }


def _printed(runs: Sequence[Facts], built: Sequence[Facts]) -> dict[str, Any]:
    """Calibration of every probability that is printed: what was said of it, held to what came true."""
    validity = [pair for one in runs if one["location"] is not None for pair in one["location"]["validity"]]
    pairs = {name: [pair for one in built for pair in one[name]] for name in _BUILT}
    return {name: calibration(some) for name, some in {"validity": validity, **pairs}.items()}


_BUILT = ("placements", "plans", "pairs", "existence", "candidates", "footprints", "bindings")


def calibration(pairs: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Rows of printed probabilities with their mean and the share that came true; and the expected calibration error.

    Parameters
    ----------
    pairs
        (probability printed, whether so).
    """
    rows, off = [], 0.0
    for low, high in zip(_EDGES[:-1], _EDGES[1:], strict=True):
        some = [(float(p), bool(true)) for p, true in pairs if low <= p < high or (high == 1.0 and p >= 1.0)]
        mean = round(float(np.mean([p for p, _ in some])), 3) if some else None
        found = _share_of(true for _, true in some)
        rows.append({"from": low, "to": high, "mean": mean, "true": found})
        off += 0.0 if mean is None else len(some) * abs(mean - found["share"])
    return {"n": len(pairs), "error": round(off / len(pairs), 3) if pairs else None, "rows": rows}


def _claims(runs: Sequence[Facts]) -> dict[str, Any]:
    """Verdicts against truth, by kind; calibration of the pass rate; power against the law of worlds; placebo."""
    pairs = [(known, found) for run in runs for known, found in zip(run["claims"], run["findings"], strict=True)]
    kinds = list(dict.fromkeys(known["claim"]["kind"] for known, _ in pairs))
    placebo = [found for run in runs for found in run["placebo"]]
    strong = [one for one in placebo if one["verdict"] == "consistent" and _power_of(one) >= _POWERFUL]
    rated = [
        (found["model_pass_rate"], known["true"]) for known, found in pairs if found.get("model_pass_rate") is not None
    ]
    return {
        "all": verdicts(pairs),
        "kinds": {kind: verdicts([pair for pair in pairs if pair[0]["claim"]["kind"] == kind]) for kind in kinds},
        "calibration": calibration(rated),
        "intervals": {kind: _held([pair for pair in pairs if pair[0]["claim"]["kind"] == kind]) for kind in kinds},
        "power": _power(runs),
        "placebo_strong": share(len(strong), len(placebo)),
        "placebo_by_power": round(float(np.mean([_passes(one) for one in placebo])), 3) if placebo else None,
        "placebo_consistent": share(sum(one["verdict"] == "consistent" for one in placebo), len(placebo)),
    }


def _held(pairs: Sequence[tuple[Facts, Facts]]) -> dict[str, Any]:
    """How often the 90 % interval that the model gives for what a claim is about holds the true number."""
    given = [
        (known["value"], found["computed"])
        for known, found in pairs
        if found.get("computed") is not None and found["computed"].get("unit") != "probability"
    ]
    return _share_of(one["low"] <= value <= one["high"] for value, one in given)


def _power_of(found: Facts) -> float:
    return float(found.get("discriminating_power") or 0.0)


def _passes(found: Facts) -> float:
    """The share of rivals that pass, of a claim with power enough: how often it should pass of a random other place."""
    power = _power_of(found)
    return 1 - power if power >= _POWERFUL else 0.0


def verdicts(pairs: Sequence[tuple[Facts, Facts]]) -> dict[str, Any]:
    """The table of verdicts against truth, with the shares that matter.

    Parameters
    ----------
    pairs
        A known claim (``true``) and its finding (``verdict``).
    """

    def count(true: bool, verdict: str) -> int:
        return sum(known["true"] == true and found["verdict"] == verdict for known, found in pairs)

    names = ("consistent", "inconsistent", "undecidable")
    table = {
        name: {verdict: count(true, verdict) for verdict in names} for name, true in (("true", True), ("false", False))
    }
    right = table["true"]["consistent"] + table["false"]["inconsistent"]
    decided = right + table["true"]["inconsistent"] + table["false"]["consistent"]
    return {
        "table": table,
        "right_of_decided": share(right, decided),
        "decided": share(decided, len(pairs)),
        "false_consistent": share(table["false"]["consistent"], sum(table["false"].values())),
        "false_inconsistent": share(table["true"]["inconsistent"], sum(table["true"].values())),
    }


def _power(runs: Sequence[Facts]) -> dict[str, Any]:
    """The pass rate printed of rivals against the share of all other worlds in which the claim would hold."""
    pools: dict[str, list[tuple[int, float]]] = {}
    for run in runs:
        for known in run["claims"]:
            pools.setdefault(known["claim"]["kind"], []).append((run["seed"], known["value"]))
    off: list[float] = []
    for run in runs:
        for known, found in zip(run["claims"], run["findings"], strict=True):
            others = [value for seed, value in pools[known["claim"]["kind"]] if seed != run["seed"]]
            said, rate = known["claim"].get("said_value"), found.get("rival_pass_rate")
            if rate is not None and said is not None and len(others) >= 8:
                off.append(rate - float(np.mean([said["low"] <= value <= said["high"] for value in others])))
    return {
        "claims": len(off),
        "mean_difference": round(float(np.mean(off)), 3) if off else None,
        "median_absolute_difference": _median(abs(value) for value in off),
    }
