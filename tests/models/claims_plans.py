"""Plans known exactly: every interval has no width, so that a test's own arithmetic says what must come out."""

from __future__ import annotations

from shapely.geometry import LineString, box

from geoinv.records.blueprint import (
    Blueprint,
    Building,
    Gate,
    Opening,
    PerimeterWall,
    Roof,
    Room,
    Site,
    Stair,
    Storey,
    Tower,
)
from geoinv.records.claims import Claims
from geoinv.records.evidence import Evidence, Status
from geoinv.records.measures import Interval
from geoinv.records.places import Frame

OCEAN = Frame(lon=-158.6, lat=42.3)


def exactly(value, unit="m"):
    return Interval(low=value, best=value, high=value, unit=unit, coverage=1.0)


def sure(*names, sources=("survey",), status=Status.OBSERVED, spread=0.0):
    """Evidence without any doubt for several properties."""
    interval = Interval(low=-spread, best=0.0, high=spread)
    return {
        name: Evidence(status=status, sources=sources, interval=interval if name in ("at", "line", "outline") else None)
        for name in names
    }


def number(name, value, **more):
    return {name: Evidence(value=value, interval=exactly(value), status=Status.OBSERVED, sources=("survey",), **more)}


def room(ident, west, south, east, north, *, role="cell", sources=("survey",), status=Status.OBSERVED, spread=0.0):
    """A room whose sides are known, or uniformly within ``spread`` metres (hard bounds)."""
    evidence = sure("polygon", sources=sources, status=status)
    for name, size in (("width_m", east - west), ("length_m", north - south)):
        interval = Interval(low=size - spread, best=size, high=size + spread, coverage=1.0)
        evidence[name] = Evidence(value=size, interval=interval, status=status, sources=sources)
    return Room(id=ident, role=role, labels=(ident,), polygon=box(west, south, east, north), evidence=evidence)


def opening(ident, at, *, kind="door", width=0.9, sill=0.0, head=2.0, connects=(), sources=("survey",)):
    evidence = sure("at", sources=sources) | number("width_m", width) | number("sill_m", sill) | number("head_m", head)
    return Opening(id=ident, labels=(ident,), kind=kind, at=at, width_m=width, sill_m=sill, head_m=head,
                   connects=connects, evidence=evidence)  # fmt: skip


def storey(rooms, openings=(), *, floor=0.0, height=2.6, stairs=(), ident="storey-0"):
    evidence = number("floor_m", floor) | number("height_m", height) | number("wall_thickness_m", 0.3)
    return Storey(id=ident, floor_m=floor, height_m=height, wall_thickness_m=0.3, rooms=tuple(rooms),
                  openings=tuple(openings), stairs=tuple(stairs), evidence=evidence)  # fmt: skip


def stair(ident, line, *, rise, to):
    evidence = sure("line") | number("width_m", 1.0) | number("rise_m", rise)
    return Stair(id=ident, labels=(ident,), line=LineString(line), width_m=1.0, rise_m=rise, to=to, evidence=evidence)


def building(outline, storeys, *, ident="block", roof=True, **more):
    above = sure("kind") | number("rise_m", 0.2)
    return Building(id=ident, labels=(ident,), outline=outline, storeys=tuple(storeys), evidence=sure("outline"),
                    roof=Roof(id=f"{ident}-roof", rise_m=0.2, evidence=above) if roof else None, **more)  # fmt: skip


def wall(ident, line, *, height=3.0, thickness=0.4):
    evidence = sure("line") | number("height_m", height) | number("thickness_m", thickness)
    return PerimeterWall(id=ident, labels=(ident,), line=LineString(line), height_m=height, thickness_m=thickness,
                         evidence=evidence)  # fmt: skip


def gate(ident, at, *, width=4.0):
    evidence = sure("at") | number("width_m", width) | number("height_m", 2.5)
    return Gate(id=ident, labels=(ident,), at=at, width_m=width, height_m=2.5, evidence=evidence)


def tower(ident, at, *, height=6.0, side=2.0):
    outline = box(at[0] - side / 2, at[1] - side / 2, at[0] + side / 2, at[1] + side / 2)
    evidence = sure("outline") | number("height_m", height)
    return Tower(id=ident, labels=(ident,), outline=outline, height_m=height, evidence=evidence)


def place(*buildings, walls=(), gates=(), towers=(), frame=OCEAN):
    site = Site(walls=tuple(walls), gates=tuple(gates), towers=tuple(towers))
    return Blueprint(facility="fictional", fictional=True, frame=frame, site=site, buildings=tuple(buildings))


def told(*claims, told_by=None, **more):
    """Claims of a witness whose own account nothing rests on."""
    rows = [{"id": f"c{number}", "witness": "w1", **claim} for number, claim in enumerate(claims)]
    return Claims.read({"claims": rows, "told_by": {"survey": None, **(told_by or {})}, **more})


def between(low, high, unit="m"):
    return {"low": low, "best": (low + high) / 2, "high": high, "unit": unit}
