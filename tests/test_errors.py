"""The error tree is the one drawn at its head, and every error is one sentence a person can act on."""

from __future__ import annotations

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv import errors
from geoinv.errors import CaseError, FieldError, GeoinvError, InputError, ReadOnlyError


def _classes() -> dict[str, type[GeoinvError]]:
    return {
        name: item for name, item in vars(errors).items() if inspect.isclass(item) and issubclass(item, GeoinvError)
    }


def _drawn() -> dict[str, str | None]:
    """Class → parent, as the picture at the module's head has it."""
    assert errors.__doc__ is not None
    parents: dict[str, str | None] = {}
    above: list[str] = []
    for line in errors.__doc__.splitlines():
        found = re.match(r"^    ((?:│   )*)(?:[├└]── )?(\w+Error)\b", line)
        if found:
            depth = 0 if line.startswith("    G") else len(found[1]) // 4 + 1
            above = above[:depth]
            parents[found[2]] = above[-1] if above else None
            above.append(found[2])
    return parents


def test_the_tree_drawn_at_the_head_is_the_tree() -> None:
    drawn = _drawn()
    assert set(drawn) == set(_classes())
    for name, parent in drawn.items():
        assert _classes()[name].__base__ is (Exception if parent is None else _classes()[parent])


def test_every_class_is_public_and_has_its_own_title() -> None:
    assert set(errors.__all__) == set(_classes())
    titles = [cls.title for cls in _classes().values()]
    assert len(set(titles)) == len(titles)


def test_the_sentence_names_place_fault_and_remedy_in_that_order() -> None:
    error = FieldError("the date is in no calendar", do="write 2009-05", file="w1.csv", item="row 12", field="date")
    assert str(error) == "w1.csv, row 12, date: the date is in no calendar; write 2009-05."


def test_what_is_not_known_is_left_out_of_the_sentence() -> None:
    assert str(InputError("this folder is empty.")) == "this folder is empty."
    assert str(InputError("this is no drawing", file="a.svg")) == "a.svg: this is no drawing."
    assert str(CaseError("there is none", do="add one.")) == "there is none; add one."


_WORDS = st.text(st.characters(whitelist_categories=("L", "N", "Zs")), min_size=1, max_size=30).map(str.strip)


@given(_WORDS.filter(bool), _WORDS, st.none() | _WORDS, st.none() | _WORDS)
def test_a_sentence_ends_in_one_stop(what: str, do: str, file: str | None, field: str | None) -> None:
    text = str(FieldError(what + ".", do=do, file=file, field=field))
    assert text.endswith(".") and not text.endswith("..")
    assert "\n" not in text


def test_a_place_is_filled_in_only_where_it_was_not_known() -> None:
    error = FieldError("missing", do="write it", field="date").at(file="w1.csv", item="row 3", field="other")
    assert type(error) is FieldError
    assert (error.file, error.item, error.field) == ("w1.csv", "row 3", "date")


@pytest.mark.parametrize("cls", _classes().values(), ids=lambda cls: cls.__name__)
def test_a_problem_object_is_rfc_9457(cls: type[GeoinvError]) -> None:
    problem = cls("it is wrong", do="mend it", file="a.tif", item="feature 3", field="geometry").problem()
    assert problem == {
        "type": f"urn:geoinv:error:{cls.__name__}",
        "title": cls.title,
        "detail": "a.tif, feature 3, geometry: it is wrong; mend it.",
        "file": "a.tif",
        "item": "feature 3",
        "field": "geometry",
        "do": "mend it",
    }


def test_a_problem_object_leaves_out_what_is_not_known() -> None:
    assert set(ReadOnlyError("the disk is full").problem()) == {"type", "title", "detail"}


def test_a_name_with_a_line_break_stays_in_one_line() -> None:
    error = InputError("this cannot be used", do="make it again", file="a\r\nb\x1b[31m.kml", item="member “\u2028”")
    assert error.sentence() == "a��b�[31m.kml, member “�”: this cannot be used; make it again."
