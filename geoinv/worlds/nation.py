"""A fictional nation of the size that Korea Future's database has published: facilities, incidents, people.

206 facilities, 7,212 incidents, 1,156 victims and 919 perpetrators (the totals of its submission of 2024), all invented
and all in the open North Pacific. Records, simple footprints and rooms; no scenes. What is drawn from a seed is the
same each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoinv.errors import InputError
from geoinv.records.facility import Facility, SketchNote, WitnessNote
from geoinv.records.incidents import Act, Binding, Incident, SourceRef
from geoinv.records.places import Frame, LonLat
from geoinv.worlds.incidents import VIOLATIONS
from geoinv.worlds.nation_sites import DRAWING, Ground, make_ground

__all__ = ["NATION_TITLE", "Nation", "NationFacility", "make_nation"]

#: Title of the nation's case.
NATION_TITLE = "Haemaru: a fictional nation in the open ocean"
#: Where its south-west corner lies, and the size of a county in degrees; all of it is water.
_CORNER, _COUNTY = LonLat(-168.0, 36.0), 0.5
_FIRST = ("Ga", "Na", "Da", "Ra", "Ma", "Ba", "Sa", "Ha", "So", "Mu", "Byeo", "Gyeo")
_SECOND = ("ram", "maru", "sol", "byeol", "nuri", "bora", "dal", "garam")
_HANGUL = dict(
    zip(
        (*_FIRST, *_SECOND),
        (*"가나다라마바사하소무벼겨", "람", "마루", "솔", "별", "누리", "보라", "달", "가람"),
        strict=True,
    )
)
_PROVINCES = ("North Haemaru", "South Haemaru", "East Haemaru", "West Haemaru", "Isles of Haemaru")
#: Type, its words, its Hangul, and its share of facilities.
_TYPES = (
    ("detention_centre", "Detention Centre", "구류장", 0.36),
    ("waiting_room", "Waiting Room", "대기실", 0.12),
    ("holding_centre", "Holding Centre", "집결소", 0.08),
    ("labour_training_centre", "Labour Training Centre", "로동단련대", 0.14),
    ("labour_training_camp", "Labour Training Camp", "교양소", 0.06),
    ("kyohwaso", "Re-education Camp", "교화소", 0.10),
    ("kwanliso", "Political Prison Camp", "관리소", 0.04),
    ("office", "Office", "사무실", 0.10),
)
_AGENCIES = (("State Guard", "mss"), ("People's Guard", "msos"))
#: How precisely places may be shown, and how often each.
_SHOWN = (("exact", 0.55), ("county", 0.38), ("withheld", 0.07))
_DATES = ("{y}-{m:02d}-{d:02d}", "{y}-{m:02d}", "{y}", "{y}~", "{y}-{m:02d}/{y}-12")
#: Fewest incidents of a facility, and of how many victims they are: what is smaller would be left out of a release.
_FEWEST, _FEWEST_VICTIMS = 12, 4


@dataclass(frozen=True)
class NationFacility:
    """One facility as people recorded it, and what a build would have found of it.

    Attributes
    ----------
    best
        Its place.
    ground
        What stands there, or ``None`` where only its county is known.
    bindings
        The building and room of each incident, as far as they are told.
    """

    facility: Facility
    best: LonLat
    ground: Ground | None
    incidents: tuple[Incident, ...]
    bindings: tuple[Binding, ...]


@dataclass(frozen=True)
class Nation:
    """All its facilities, by slug."""

    facilities: tuple[NationFacility, ...]

    def people(self, which: str) -> frozenset[str]:
        """Codenames of all its ``victim`` or ``perpetrator`` records."""
        acts = (act for one in self.facilities for incident in one.incidents for act in incident.acts)
        return frozenset(name for act in acts if (name := getattr(act, which)) is not None)


def make_nation(
    seed: int = 0, *, facilities: int = 206, incidents: int = 7212, victims: int = 1156, perpetrators: int = 919
) -> Nation:
    """A fictional nation; the same arguments give the same nation.

    Parameters
    ----------
    seed
        Everything is drawn from it.
    facilities, incidents, victims, perpetrators
        How many in all; each person is in one incident at least.

    Raises
    ------
    InputError
        If there are too few incidents for the facilities or the people.
    """
    if facilities < 1 or incidents < max(_FEWEST * facilities, perpetrators) or victims < _FEWEST_VICTIMS * facilities:
        raise InputError(
            "there are too few incidents or victims for so many facilities",
            do=f"give {_FEWEST} incidents and {_FEWEST_VICTIMS} victims for each facility at least",
        )
    rng = np.random.default_rng([seed, 206])
    counts = _shared(rng, incidents, facilities, _FEWEST)
    people = _shared(rng, victims, facilities, _FEWEST_VICTIMS)
    # More incidents, more victims; and never more victims than incidents.
    order = np.argsort(counts, kind="stable")
    suffered = np.empty(facilities, dtype=np.int64)
    suffered[order] = np.sort(people)
    suffered = _at_most(suffered, counts)
    names = _names(facilities)
    accused = _shared(rng, perpetrators, facilities, 1)
    found, first_victim, first_accused = [], 1, 1
    for number in range(facilities):
        mine = [f"V-{first_victim + index:06d}" for index in range(int(suffered[number]))]
        theirs = [f"P-{first_accused + index:06d}" for index in range(min(int(accused[number]), int(counts[number])))]
        first_victim, first_accused = first_victim + len(mine), first_accused + len(theirs)
        found.append(
            _facility(np.random.default_rng([seed, 206, number]), names[number], int(counts[number]), mine, theirs)
        )
    return Nation(tuple(sorted(found, key=lambda one: one.facility.slug)))


def _shared(rng: np.random.Generator, total: int, parts: int, least: int) -> NDArray[np.int64]:
    """``total`` in ``parts`` unequal whole shares of ``least`` or more: a few large ones, many small ones."""
    weights = rng.lognormal(0.0, 0.8, parts)
    shares: NDArray[np.int64] = least + np.floor(weights / weights.sum() * (total - least * parts)).astype(np.int64)
    shares[: total - int(shares.sum())] += 1
    return shares


def _at_most(shares: NDArray[np.int64], most: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same sum with no share over its ``most``: what is over goes where there is room, in order."""
    kept: NDArray[np.int64] = np.minimum(shares, most)
    over = int((shares - kept).sum())
    for index in np.argsort(kept - most, kind="stable"):
        moved = min(over, int(most[index] - kept[index]))
        kept[index] += moved
        over -= moved
    return kept


@dataclass(frozen=True)
class _Name:
    """What a facility is called, of what kind it is, and where."""

    slug: str
    words: str
    hangul: str
    kind: str
    agency: str
    county: str
    province: str
    corner: LonLat


def _names(count: int) -> list[_Name]:
    """Names of facilities, county by county; the two agencies' in one county are a letter apart, as they are."""
    shares = np.array([share for *_, share in _TYPES])
    kinds = np.random.default_rng(206).choice(len(_TYPES), count, p=shares / shares.sum())
    counties = [(first, second) for second in _SECOND for first in _FIRST]
    found, used = [], set[str]()
    for number in range(count):
        place = number // 3 % len(counties)
        first, second = counties[place]
        kind, words, hangul, _ = _TYPES[int(kinds[number])]
        agency, _ = _AGENCIES[number % 2]
        county = f"{first}{second}"
        slug = f"{county.lower()}-{kind.replace('_', '-')}-{agency.split()[0].strip(chr(39) + 's').lower()}"
        slug = slug if slug not in used else f"{slug}-{number}"
        used.add(slug)
        corner = LonLat(_CORNER.lon + _COUNTY * (place % 12), _CORNER.lat + _COUNTY * (place // 12))
        province = _PROVINCES[place // 12 % len(_PROVINCES)]
        title = f"{county} County {agency} {words}"
        found.append(
            _Name(slug, title, f"{_HANGUL[first]}{_HANGUL[second]}군 {hangul}", kind, agency, county, province, corner)
        )
    return found


def _facility(
    rng: np.random.Generator, name: _Name, count: int, victims: Sequence[str], perpetrators: Sequence[str]
) -> NationFacility:
    precision = str(rng.choice([word for word, _ in _SHOWN], p=[share for _, share in _SHOWN]))
    lon, lat = (round(edge + float(rng.uniform(0.05, 0.45)), 5) for edge in name.corner)
    title = f"{name.words} (fictional)"
    ground = make_ground(rng, name.slug, title, Frame(lon=lon, lat=lat)) if precision == "exact" else None
    witnesses = [f"w{number}" for number in range(1, 4 + count // 40)]
    facility = Facility.read(
        {
            "slug": name.slug,
            "name": title,
            "other_names": [name.hangul],
            "agency": f"{name.agency} (fictional)",
            "kind": name.kind,
            "place": f"{name.county} County, {name.province} (fictional), open North Pacific",
            "simulated": True,
            "languages": ["en", "ko"],
            "publish_location": precision,
            "witnesses": {one: WitnessNote(role="survivor", consent=("public", "partners")) for one in witnesses},
            "sketches": {f"sketches/{DRAWING}": SketchNote(witness="w1")} if ground else {},
        }
    )
    incidents, bindings = _incidents(rng, name.slug, ground, count, victims, perpetrators, witnesses)
    return NationFacility(facility, LonLat(lon, lat), ground, incidents, bindings)


def _incidents(
    rng: np.random.Generator,
    slug: str,
    ground: Ground | None,
    count: int,
    victims: Sequence[str],
    perpetrators: Sequence[str],
    witnesses: Sequence[str],
) -> tuple[tuple[Incident, ...], tuple[Binding, ...]]:
    """A facility's incidents, each victim and each perpetrator in one of them at least."""
    violations = list(VIOLATIONS)[: 3 + int(rng.integers(0, len(VIOLATIONS) - 2))]
    first_year = int(rng.integers(2004, 2015))
    incidents, bindings = [], []
    for number in range(count):
        victim = victims[number] if number < len(victims) else victims[int(rng.integers(len(victims)))]
        perpetrator = perpetrators[number] if number < len(perpetrators) else None
        if perpetrator is None and perpetrators and rng.random() < 0.5:
            perpetrator = perpetrators[int(rng.integers(len(perpetrators)))]
        violation = violations[int(rng.integers(len(violations)))]
        form = _DATES[int(rng.integers(len(_DATES)))]
        date = form.format(
            y=first_year + int(rng.integers(0, 5)), m=int(rng.integers(1, 12)), d=int(rng.integers(1, 29))
        )
        key = f"i{number + 1:04d}"
        bound = _binding(rng, key, ground)
        footprint = next((one for one in ground.footprints if one.id == bound.footprint), None) if ground else None
        incidents.append(
            Incident.read(
                {
                    "id": key,
                    "facility": slug,
                    "date": date,
                    "place_label": footprint.labels[0] if footprint else None,
                    "witness": witnesses[int(rng.integers(len(witnesses)))],
                    "kind": violation.replace("_", " "),
                    "summary": f"Fictional: {VIOLATIONS[violation][0]}",
                    "certainty": ("low", "medium", "high")[int(rng.integers(3))],
                    "acts": (Act(violation=violation, victim=victim, perpetrator=perpetrator),),
                    "sources": (SourceRef(source=f"interview-{slug}.txt", page=f"p{number + 1}"),),
                    "consent": ("public", "partners"),
                }
            )
        )
        bindings.append(bound)
    return tuple(incidents), tuple(bindings)


def _binding(rng: np.random.Generator, incident: str, ground: Ground | None) -> Binding:
    """Most incidents of a known ground are told of a room of its block, some of a hut, some of no place."""
    if ground is None or rng.random() < 0.15:
        return Binding(incident=incident, how="none", why="no building is named (fictional)")
    if rng.random() < 0.7:
        room = list(ground.rooms)[int(rng.integers(len(ground.rooms)))]
        return Binding(incident=incident, footprint=ground.rooms[room], room=room, how="room label", why="fictional")
    footprint = ground.footprints[int(rng.integers(len(ground.footprints)))]
    return Binding(incident=incident, footprint=footprint.id, how="label", why="fictional")
