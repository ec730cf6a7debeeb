"""What identity promises: the two Onsong facilities never become one, whatever the spelling and order of records."""

from hypothesis import given, settings
from hypothesis import strategies as st

from geoinv.facilities.identity import identity_of, one_facility, place_key, together
from geoinv.facilities.names import find, homonyms
from geoinv.facilities.spelling import fold
from geoinv.records.facility import DatedName, Facility
from geoinv.records.measures import Answer
from geoinv.records.places import LonLat

# Published names of places and agencies, as data; nothing here is testimony.
PLACES = ("Onsong", "Onsŏng", "Onseong", "온성", "ONSONG", "On-song")
MSS = ("MSS", "Ministry of State Security", "bowibu", "보위부", "State Security Department", "국가보위성")
MPS = ("MPS", "Ministry of Social Security", "Ministry of People's Security", "안전부", "인민보안성", "보안서")
KINDS = ("Detention Centre", "detention center", "kuryujang", "구류장", "guryujang")


def spelled(agencies: tuple[str, ...]) -> st.SearchStrategy[str]:
    forms = ("{p} County {a} {k}", "{p} {a} {k}", "{a} {k}, {p} county", "{p}군 {a} {k}")
    return st.builds(
        lambda form, p, a, k: form.format(p=p, a=a, k=k),
        st.sampled_from(forms), st.sampled_from(PLACES), st.sampled_from(agencies), st.sampled_from(KINDS),
    )  # fmt: skip


def records(agencies: tuple[str, ...], slug: str) -> st.SearchStrategy[list[Facility]]:
    """Records of one facility: named in one to three spellings, the agency in the name only or in its field too."""
    one = st.builds(
        lambda names, field: Facility(slug="x", name=names[0], other_names=tuple(names[1:]), agency=field),
        st.lists(spelled(agencies), min_size=1, max_size=3),
        st.one_of(st.none(), st.sampled_from(agencies)),
    )
    return st.lists(one, min_size=1, max_size=4).map(
        lambda found: [item.model_copy(update={"slug": f"{slug}-{n}"}) for n, item in enumerate(found)]
    )


@settings(max_examples=80, deadline=None)
@given(records(MSS, "mss"), records(MPS, "mps"), st.randoms(use_true_random=False))
def test_the_two_onsong_facilities_never_become_one_in_any_spelling_and_any_order(first, second, order) -> None:
    every = [*first, *second]
    order.shuffle(every)
    groups = together(every)
    assert sorted(slug for group in groups for slug in group) == sorted(item.slug for item in every)
    assert not any({slug[:3] for slug in group} == {"mss", "mps"} for group in groups)
    for a in first:
        for b in second:
            assert one_facility(a, b).answer is Answer.NO
            assert b.slug in str(homonyms(every).get(a.slug)), "a near-homonym must warn"
    assert groups == together(list(reversed(every)))


@settings(max_examples=60, deadline=None)
@given(spelled(MSS), spelled(MPS))
def test_a_search_for_one_onsong_facility_ranks_it_first_and_warns_of_the_other(mss: str, mps: str) -> None:
    a = Facility(
        slug="a", name="Onsong County MSS Detention Centre", other_names=("온성군 보위부 구류장",), agency="mss"
    )
    b = Facility(
        slug="b", name="Onsong County MPS Detention Centre", other_names=("온성군 안전부 구류장",), agency="msos"
    )
    for text, slug in ((mss, "a"), (mps, "b")):
        first = find(text, (b, a))[0]
        assert first.slug == slug, (text, first)
        assert first.warnings


def test_agency_kind_and_place_are_read_from_a_name_that_alone_tells_them() -> None:
    found = identity_of(Facility(slug="x", name="온성군 보위부 구류장"))
    assert (found.agency, found.kind, found.places, found.level) == ("mss", "detention_centre", ("온성",), "county")


def test_renames_are_joined_by_the_table_and_only_by_it() -> None:
    assert place_key("Saebyol County") == place_key("경원군") and fold("Saebyol") != fold("Kyongwon")
    old = Facility(slug="a", name="Saebyol County MSS Detention Centre")
    new = Facility(slug="b", name="Kyongwon County MSS Detention Centre")
    assert one_facility(old, new).answer is Answer.YES
    assert find("Kyongwon MSS", (old,))[0].slug == "a"


def test_a_folded_key_alone_never_makes_two_places_one() -> None:
    a = Facility(slug="a", name="Tokchon County MPS Detention Centre")
    b = Facility(slug="b", name="Tokjon County MPS Detention Centre")
    assert place_key(a.name) == place_key(b.name)
    assert one_facility(a, b).answer is Answer.CANNOT_TELL and together((a, b)) == (("a",), ("b",))


def test_one_number_or_one_point_never_makes_two_facilities_one() -> None:
    a = Facility(slug="a", name="Kyohwaso No. 8", place="one province")
    b = Facility(slug="b", name="Kyohwaso No. 8", place="another province")
    assert one_facility(a, b).answer is Answer.CANNOT_TELL
    warned = homonyms((a, b), places={"a": LonLat(0.0, 0.0), "b": LonLat(0.0, 0.0)})
    assert any("very same point" in text for text in warned["a"]) and any("nearly the same" in t for t in warned["a"])


def test_dated_names_are_names() -> None:
    facility = Facility(slug="a", name="X", names=(DatedName(name="Onsong County MSS Detention Centre"),))
    assert identity_of(facility).agency == "mss" and find("온성 보위부", (facility,))[0].slug == "a"


def test_a_third_record_never_joins_two_that_are_known_to_be_two() -> None:
    mss = Facility(slug="a", name="Onsong County MSS Detention Centre")
    vague = Facility(slug="b", name="Onsong County Detention Centre")
    mps = Facility(slug="c", name="Onsong County MPS Detention Centre")
    assert together((vague, mps, mss)) == (("a",), ("b",), ("c",))
