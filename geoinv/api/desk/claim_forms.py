"""What writing a claim down asks for, by what is claimed: only the fields of that are shown."""

from __future__ import annotations

from dataclasses import dataclass

from geoinv.records.claims import Claim, ClaimKind

__all__ = ["FORMS", "MEASURES", "ClaimForm", "conditions_of", "form_of"]

#: Of a dimension: what is measured, and its unit.
MEASURES = {"length": "m", "width": "m", "height": "m", "area": "m2", "thickness": "m", "sill": "m", "steps": "count"}


@dataclass(frozen=True)
class ClaimForm:
    """One thing that can be claimed.

    Attributes
    ----------
    key
        Its name among the desk's words (``claim form …``).
    kind, counted
        What it is recorded as.
    asks
        The fields it has besides whose words they are, what they are and why; with ``?`` those that may stay empty.
    units
        In which the range said may be.
    """

    key: str
    kind: ClaimKind
    asks: tuple[str, ...]
    units: tuple[str, ...] = ()
    counted: str | None = None


#: Everything a model can be held to; what was seen comes first since most is of that.
FORMS: tuple[ClaimForm, ...] = (
    ClaimForm("sees", "sees", ("from", "to", "spot?", "pose", "standing?", "eyes?", "hatch", "night", "blindfold",
                               "obstruction", "date?")),
    ClaimForm("adjacent", "adjacent", ("from", "to")),
    ClaimForm("distance", "distance", ("from", "to", "by", "ends", "range"), ("m",)),
    ClaimForm("walk_time", "walk_time", ("from", "to", "range", "pace?"), ("min", "s")),
    ClaimForm("dimension", "dimension", ("from", "measure", "range"), ("m", "m2", "count")),
    ClaimForm("rooms", "count", ("what", "range"), ("count",), "rooms"),
    ClaimForm("row", "count", ("what", "range"), ("count",), "row"),
    ClaimForm("doors", "count", ("from", "to", "range"), ("count",), "doors"),
    ClaimForm("turns", "count", ("from", "to", "range"), ("count",), "turns"),
    ClaimForm("area_per_person", "area_per_person", ("from", "range", "occupants"), ("m2",)),
    ClaimForm("crowd", "area_per_person", ("from", "range"), ("count",)),
    ClaimForm("sun_patch", "sun_patch", ("from", "range?", "date?", "season", "time?", "utc?", "blindfold"), ("m2",)),
)  # fmt: skip


def form_of(claim: Claim) -> str:
    """Key of the form that gives such a claim."""
    counted = claim.counted or ("doors" if claim.object else "rooms")
    said = claim.said_value
    for form in FORMS:
        alike = form.kind == claim.kind and (form.kind != "count" or form.counted == counted)
        if alike and (form.kind != "area_per_person" or said is None or said.unit in form.units):
            return form.key
    return claim.kind


def conditions_of(claim: Claim) -> list[tuple[str, str]]:
    """Under what conditions something was seen or walked, as said: key of the words, and a value (which may be empty).

    Returns
    -------
    list of tuple of str
        In the order in which the form asks for them.
    """
    told, said = claim.conditions, []
    if claim.measure:
        said.append((f"measure {claim.measure}", ""))
    if claim.kind == "distance":
        said.append((f"by {claim.by or 'air'}", ""))
        said += [(f"ends {claim.ends}", "")] if claim.by != "path" else []
    if claim.occupants:
        said.append(("occupants", f"{claim.occupants.low:g}–{claim.occupants.high:g}"))
    if claim.kind == "sees":
        said += [(f"pose {told.pose}", "")] if told.pose != "standing" else []
        said += [(f"hatch {told.hatch}", "")] if told.hatch else []
    said += [("standing on", f"{told.standing_on_m:g} m")] if told.standing_on_m else []
    for key, interval, unit in (("eye height", told.eye_height_m, "m"), ("pace", told.pace_m_s, "m/s")):
        said += [(key, f"{interval.low:g}–{interval.high:g} {unit}")] if interval else []
    said += [(key, "") for key in ("night", "blindfold", "obstruction") if getattr(told, key)]
    said += [("claim date", claim.date)] if claim.date else []
    said += [("clock", "–".join(claim.time))] if claim.time else []
    said += [("utc offset", f"{claim.utc_offset_h:+g} h")] if claim.utc_offset_h is not None else []
    said += [("exact spot", "{:.1f}, {:.1f} m".format(*claim.viewpoint))] if claim.viewpoint else []
    return said
