"""What chains of command promise: dates in three values, every line followed, no circle without an end."""

from hypothesis import given
from hypothesis import strategies as st

from geoinv.facilities.posts import chain_above, held_on, levels, linked_acts
from geoinv.records.dates import PartialDate
from geoinv.records.facility import HeldPost
from geoinv.records.incidents import Act, Incident
from geoinv.records.measures import Answer

# Fictional.
HEAD = HeldPost(post="Head of the centre", holder="P-1", period="2010/2013", reports_to="County chief")
NEXT = HeldPost(post="head of the  Centre", holder="P-2", period="2013-06/2016", reports_to="Provincial chief")
CHIEF = HeldPost(post="County chief", holder=None, reports_to="Provincial chief")
TOP = HeldPost(post="Provincial chief", holder="P-9", period="2009~/..")
POSTS = (HEAD, NEXT, CHIEF, TOP)


def test_who_held_a_post_is_answered_in_three_values() -> None:
    def holders(date: str | None) -> dict[str | None, Answer]:
        when = PartialDate(date) if date else None
        return {one.holder: answer for one, answer in held_on(POSTS, "HEAD of the centre", when)}

    assert holders("2011") == {"P-1": Answer.YES}
    assert holders("2013") == {"P-1": Answer.YES, "P-2": Answer.CANNOT_TELL}
    assert holders("2020") == {} and set(holders(None)) == {"P-1", "P-2"}


def test_a_chain_follows_every_line_of_its_time() -> None:
    early = [link.post for link in chain_above(POSTS, "Head of the centre", PartialDate("2011"))]
    late = [link.post for link in chain_above(POSTS, "Head of the centre", PartialDate("2015"))]
    assert early == ["County chief", "Provincial chief"] and late == ["Provincial chief"]


names = st.sampled_from(["a", "b", "c", "d", "e"])


@given(st.lists(st.builds(HeldPost, post=names, reports_to=st.one_of(st.none(), names)), max_size=12))
def test_any_web_of_posts_has_an_end_and_levels_hold_each_post_once(posts: list[HeldPost]) -> None:
    rows = levels(posts)
    every = [post for row in rows for post in row]
    assert len(every) == len(set(every))
    assert set(every) == {name for one in posts for name in (one.post, one.reports_to) if name}
    for name in every:
        assert name not in {link.post for link in chain_above(posts, name)}


def test_acts_are_linked_by_the_post_their_record_names() -> None:
    act = Act(violation="torture", post="County  Chief")
    told = [Incident(id="1", facility="f", acts=(act, Act(violation="cidt")))]
    assert linked_acts(told, "county chief") == ((told[0], act),)
