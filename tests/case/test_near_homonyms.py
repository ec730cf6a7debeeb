"""Two facilities of one county, one kind and nearly one name stay two, in whatever order and spelling they come in.

Published names of places and agencies, as data; nothing here is testimony.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinv.case.choosing import beware
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.facilities.names import homonyms
from geoinv.records.decisions import MergeFacilities
from geoinv.records.places import LonLat
from tests.facilities.test_identity import MPS, MSS, spelled

_TOML = 'title = "Two facilities"\naudiences = ["public"]\n'


def _yaml(slug: str, names: list[str]) -> str:
    told = {"slug": slug, "name": names[0], "other_names": names[1:], "kind": "detention centre"}
    return yaml.safe_dump(told, allow_unicode=True)


def _taken_in(root: Path, texts: dict[str, str], steps: list[list[str]]) -> Case:
    """A case into which the facilities came step by step."""
    root.mkdir()
    (root / "case.toml").write_text(_TOML, encoding="utf-8")
    case = Case.open(root)
    for slugs in steps:
        for slug in slugs:
            home = root / "facilities" / slug
            home.mkdir(parents=True)
            (home / "facility.yaml").write_text(texts[slug], encoding="utf-8")
        take_in(case, by="ines")
    return case


SLUGS = ("onsong-mss", "onsong-mps", "onsong-1")


@settings(max_examples=6, deadline=None)
@given(
    st.lists(spelled(MSS), min_size=1, max_size=3),
    st.lists(spelled(MPS), min_size=1, max_size=3),
    st.lists(spelled(MSS), min_size=1, max_size=2),
    st.permutations(SLUGS),
    st.integers(0, 2),
)
def test_the_two_onsong_facilities_stay_two_in_any_import_order_and_spelling(mss, mps, again, order, cut) -> None:
    texts = {"onsong-mss": _yaml("onsong-mss", mss), "onsong-mps": _yaml("onsong-mps", mps),
             "onsong-1": _yaml("onsong-1", again)}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        one = _taken_in(Path(folder) / "one", texts, [part for part in (order[:cut], order[cut:]) if part])
        other = _taken_in(Path(folder) / "other", texts, [[slug] for slug in reversed(order)])
        with one, other:
            told = {facility.slug: facility for facility in one.facilities()}
            assert told == {facility.slug: facility for facility in other.facilities()}
            assert sorted(told) == sorted(SLUGS) and not one.history.merged
            for slug, names in (("onsong-mss", mss), ("onsong-mps", mps), ("onsong-1", again)):
                assert (told[slug].name, *told[slug].other_names) == tuple(names), "neither takes the other's names"
            for a, b in (("onsong-mss", "onsong-mps"), ("onsong-mps", "onsong-mss"), ("onsong-1", "onsong-mps")):
                assert any(b in text for text in beware(one, a)), "whoever chooses one is warned of the other"


def test_being_63_metres_apart_warns_and_merges_nothing(tmp_path: Path) -> None:
    texts = {"onsong-mss": _yaml("onsong-mss", ["Onsong County MSS Detention Centre"]),
             "onsong-mps": _yaml("onsong-mps", ["Onsong County MPS Detention Centre"])}  # fmt: skip
    with _taken_in(tmp_path / "case", texts, [["onsong-mps"], ["onsong-mss"]]) as case:
        facilities = case.facilities()
        near = {"onsong-mss": LonLat(-30.0, 5.0), "onsong-mps": LonLat(-30.0, 5.0 + 63 / 110_574)}  # open Atlantic
        warned = " ".join(homonyms(facilities, places=near)["onsong-mss"])
        assert "they differ in agency" in warned and "lies only 63 m away; being near is not being the same" in warned
        assert len(facilities) == 2


def test_only_a_person_makes_two_one(tmp_path: Path) -> None:
    texts = {"onsong-mss": _yaml("onsong-mss", ["Onsong County MSS Detention Centre"]),
             "onsong-1": _yaml("onsong-1", ["온성군 보위부 구류장"])}  # fmt: skip
    with _taken_in(tmp_path / "case", texts, [["onsong-1", "onsong-mss"]]) as case:
        assert len(case.facilities()) == 2, "not even two records of one facility are joined by the import"
        decide(case, MergeFacilities(facility="onsong-mss", others=("onsong-1",)), by="ines", reason="the same")
        assert [one.slug for one in case.facilities()] == ["onsong-mss"]
