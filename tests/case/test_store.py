"""One contract for both stores: whatever holds of the embedded one holds of a team's, with identical answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoinv.case.chain import check_chain
from geoinv.case.check import check_case
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.keeping import keep_file
from geoinv.case.overview import overview
from geoinv.case.sqlite_store import SqliteStore
from geoinv.case.store import FileRow, RecordRow, Store
from geoinv.errors import CaseError, CaseLockedError, FieldError, MissingToolError, NewerVersionError
from geoinv.records.decisions import RecordConsent, SetProperty
from tests.case.conftest import STORES, name_store

Maker = Callable[..., Path]

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_KOREAN = "정문 — “the gate”"


def _file(path: str = "facilities/reef/testimony/a.csv", sha256: str = "0" * 64) -> FileRow:
    return FileRow(path, sha256, 1, 2**62, "table", "reef", 0)


def _answers(root: Path) -> dict[str, object]:
    """Everything a store is asked for."""
    with Case.open(root) as case:
        store = case.store
        last = store.last()
        assert last is not None
        return {
            "chain": [tuple(kept) for kept in store.walk()],
            "some kinds": [kept.entry.number for kept in store.walk("file", "decision", "consent")],
            "files": {path: row._replace(mtime_ns=0) for path, row in store.files().items()},
            "records": [store.records(kind, slug) for kind in ("statement", "incident") for slug in ("reef", None)],
            "projected": list(store.projected()),
            "counts": store.counts(),
            "slugs": store.slugs(),
            "metas": store.metas(),
            "last": (last, store.last(besides=("publish", "file")), store.entry(3), store.entry(10**6)),
            "contents": [store.content(number) for number in range(last.number + 2)],
            "said": case.statements("reef"),
            "problems": check_case(case),
        }


def _lived(root: Path) -> None:
    """What a case goes through."""
    table = root / "facilities/reef/incidents.csv"
    with Case.open(root) as case:
        take_in(case, by="ines")
        decide(case, RecordConsent(witness="w1", audience="public"), by=_KOREAN, reason="asked")
        table.write_text(table.read_text() + f"i2,2020,Yard,w1,search,{_KOREAN}\n")
        take_in(case, by="bo")


@pytest.mark.needs("postgis")
def test_both_stores_give_identical_answers(make_case: Maker, postgis: str) -> None:
    embedded, team = make_case("embedded"), make_case("team")
    name_store(team, postgis)
    for root in (embedded, team):
        _lived(root)
    answers = _answers(embedded)
    assert answers["problems"] == []
    for question, answer in _answers(team).items():
        if question == "metas":
            assert {**answer, "format": ""} == {**answers[question], "format": ""}  # type: ignore[dict-item]
        else:
            assert answer == answers[question], question
    assert not (team / "case.db").exists()
    assert (embedded / "ledger.head").read_bytes() == (team / "ledger.head").read_bytes()


def test_what_was_written_is_there_for_the_next_reader(make_stored_case: Maker) -> None:
    root = make_stored_case()
    _lived(root)
    with Case.open(root) as case:
        assert [incident.summary for incident in case.incident_records("reef")] == ["Fictional: a search", _KOREAN]
        counted = {"dependence": 1, "facility": 1, "incident": 2, "landmark": 1, "statement": 2}
        assert case.store.counts() == {"reef": counted}
        assert case.store.size() > 1000
        assert check_case(case) == []


def test_a_transaction_that_fails_leaves_nothing(make_stored_case: Maker) -> None:
    with Case.open(make_stored_case()) as case:
        before = (case.ledger.head, case.store.files(), case.store.metas())
        with pytest.raises(RuntimeError), case.store.writing():
            case.ledger.append("custody", "case", {}, by="ines")
            case.store.put_file(_file()._replace(entry=2))
            case.store.set_meta("note", "x")
            raise RuntimeError
        assert (case.ledger.head, case.store.files(), case.store.metas()) == before
        with pytest.raises(CaseError), case.store.writing():
            case.store.put_records([RecordRow("rec-1", "pin", None, "a", "b", 99, b"")])  # of no entry
        assert case.store.counts() == {}


def test_what_is_erased_is_gone_and_the_entry_stands(make_stored_case: Maker) -> None:
    root = make_stored_case()
    with Case.open(root) as case:
        take_in(case, by="ines")
        numbers = [row.entry for row in case.store.records("statement")]
        with case.store.writing():
            case.store.erase(numbers)
            case.ledger.append("withdrawal", "witness", {"erased": numbers}, by="ines")
        case.store.compact()
        assert case.store.records("statement") == []
        assert [case.store.content(number) for number in numbers] == [None, None]
        assert [case.store.entry(number) is not None for number in numbers] == [True, True]
        assert check_chain(case.store) == []


def test_a_name_no_database_keeps_is_refused_in_a_sentence(make_stored_case: Maker) -> None:
    with Case.open(make_stored_case()) as case:
        head = case.ledger.head
        with pytest.raises(FieldError, match="NUL"):
            keep_file(case.ledger, _file(), [("statement", "a\0b", {})], by="ines", before=None)
        assert case.ledger.head == head


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=st.lists(
        st.tuples(
            st.sampled_from(["statement", "incident"]),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
            st.recursive(
                st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT, st.lists
            ),
        ),
        max_size=6,
    )
)
@pytest.mark.parametrize("kind", STORES)
def test_records_come_back_as_they_went_in(
    kind: str, items: list[tuple[str, str, object]], request: pytest.FixtureRequest
) -> None:
    with Case.open(_kept_case(kind, request)) as case:
        keep_file(case.ledger, _file(), items, by="ines", before=case.store.file(_file().path))
        for wanted in ("statement", "incident"):
            found = [(row.item, json.loads(row.content)) for row in case.store.records(wanted)]
            assert found == [(item, data) for what, item, data in items if what == wanted]
        assert check_chain(case.store) == []


def _kept_case(kind: str, request: pytest.FixtureRequest) -> Path:
    """One case for all examples of a property: each is a new version of one file."""
    root: Path = request.getfixturevalue("tmp_path") / "property"
    if not root.exists():
        root.mkdir()
        (root / "case.toml").write_text('title = "A fictional case"\nsimulated = true\n')
        if kind == "postgis":
            name_store(root, request.getfixturevalue("postgis"))
    return root


_ADDER = """
import sys
from pathlib import Path
from geoinv.case.folder import Case
from geoinv.case.keeping import keep_file
from geoinv.case.overview import overview
from geoinv.case.sqlite_store import SqliteStore
from geoinv.case.store import FileRow
who = sys.argv[2]
with Case.open(Path(sys.argv[1]), timeout=60) as case:  # a busy disk may keep either waiting for long
    for number in range(1000):
        row = FileRow(f"facilities/reef/testimony/{who}-{number}.yaml", "0" * 64, 1, 1, "statements", "reef", 0)
        keep_file(case.ledger, row, [("statement", "s", {"id": f"{who}-{number}"})], by=who, before=None)
        if number % 100 == 0:
            case.note_head()
    case.note_head()
"""


_WRITER = """
import sys
from pathlib import Path
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
root = Path(sys.argv[1])
with Case.open(root) as case:
    for number in range(30):
        table = root / f"facilities/reef/testimony/pins-{number % 6}.csv"
        table.write_text("latitude,longitude,witness\\n" + f"5.{number:03},-30.0,w1\\n" * (number + 1))
        take_in(case, by="bo")
"""


def test_two_processes_adding_a_thousand_each_lose_none(make_stored_case: Maker) -> None:
    root = make_stored_case(seeded=False)
    Case.open(root).close()
    started = [
        subprocess.Popen([sys.executable, "-c", _ADDER, root, who], stderr=subprocess.PIPE) for who in ("ana", "bo")
    ]
    for process in started:
        _, told = process.communicate()
        assert process.returncode == 0, told.decode()
    with Case.open(root) as case:
        found = {json.loads(row.content)["id"] for row in case.store.records("statement")}
        assert found == {f"{who}-{number}" for who in ("ana", "bo") for number in range(1000)}
        authors = [entry.by for entry in case.store.entries("record")]
        assert sum(a != b for a, b in zip(authors, authors[1:], strict=False)) > 10, "they did take turns"
        last = case.store.last()
        assert last is not None and last.number == 1 + 2 * 2000
        assert (root / "ledger.head").read_text() == f"{last.hash} {last.number}\n"
        assert check_chain(case.store, heads=[(root / "ledger.head").read_text()]) == []


def test_a_second_writer_waits_and_is_then_told(make_stored_case: Maker) -> None:
    root = make_stored_case()
    with Case.open(root) as first, Case.open(root, timeout=0.05) as second:
        with first.store.writing(), pytest.raises(CaseLockedError, match="wait"):
            second.note_head()
        second.note_head()


def test_a_file_that_another_took_in_meanwhile_is_not_taken_in_twice(make_stored_case: Maker) -> None:
    root = make_stored_case()
    with Case.open(root) as first, Case.open(root) as second:
        keep_file(first.ledger, _file(), [("statement", "s", {"by": "first"})], by="ines", before=None)
        assert keep_file(second.ledger, _file(), [("statement", "s", {})], by="bo", before=None).known
        other = keep_file(
            second.ledger, _file(sha256="1" * 64), [("statement", "s", {"by": "bo"})], by="bo", before=None
        )
        assert other.supersedes == "0" * 64
        assert other.notes == ("ines took in another version of it meanwhile; both are kept.",)
        assert [json.loads(row.content) for row in first.store.records("statement")] == [{"by": "bo"}]
        assert len(first.store.entries("file")) == 2


def test_what_two_people_decide_from_one_head_is_kept_and_shown(make_stored_case: Maker) -> None:
    root = make_stored_case()
    with Case.open(root) as first, Case.open(root) as second:
        take_in(first, by="ines")
        head = first.ledger.head
        assert second.ledger.head == head and second.history.decided == ()  # both have seen this much and no more
        name = SetProperty(target="reef", field="name", value="Reef post, north (fictional)")
        other = name.model_copy(update={"value": "Reef post, south (fictional)"})
        decide(first, name, by="ines", reason="the chart")
        decide(second, other, by="bo", reason="the pilot book")
        for case in (first, second):
            ((earlier, stands),) = case.history.disputes
            assert (earlier.decision.by, stands.decision.by) == ("ines", "bo")
            assert case.facility("reef").name == "Reef post, south (fictional)"
            (told,) = [line for line in overview(case) if line.startswith("decided twice")]
            assert "bo's set" in told and "stands instead of ines's" in told
        assert [entry.by for entry in first.store.entries("decision")] == ["ines", "bo"], "both stay in the chain"
        assert check_case(first) == []


def test_verify_is_not_misled_by_somebody_who_is_writing(make_stored_case: Maker) -> None:
    root = make_stored_case(seeded=False)
    with Case.open(root) as case:
        take_in(case, by="ines")
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, root], stderr=subprocess.PIPE)
        looked = 0
        while writer.poll() is None:
            assert [told for told in check_case(case) if "is not as it was taken in" not in told] == []
            looked += 1
        assert writer.returncode == 0, writer.stderr and writer.stderr.read()
        assert looked > 1 and check_case(case) == []


def test_a_case_of_a_newer_version_is_refused_in_a_sentence(make_stored_case: Maker) -> None:
    root = make_stored_case()
    with Case.open(root) as case:
        _set_format(case.store, 99)
    with pytest.raises(NewerVersionError, match=r"newer geoinv \(format 99.*install"):
        Case.open(root)


def _set_format(store: Store, version: int) -> None:
    with store.writing():
        if isinstance(store, SqliteStore):
            store._rows(f"PRAGMA user_version = {version}")
        else:
            store.set_meta("format", str(version))


@pytest.mark.needs("postgis")
def test_what_was_said_is_a_layer_in_qgis_and_gone_with_the_record(make_case: Maker, postgis: str) -> None:
    root = make_case()
    name_store(root, postgis)
    with Case.open(root) as case:
        take_in(case, by="ines")
        where = "SELECT facility, witness, radius_m, ST_X(geom), ST_Y(geom), ST_SRID(geom) FROM pins"
        assert case.store._rows(where) == [("reef", "w1", 200.0, -30.001, 5.001, 4326)]
        assert case.store._rows("SELECT name, ST_GeometryType(geom) FROM landmarks") == [("quay", "ST_Point")]
        assert case.store._rows("SELECT count(*) FROM incident_places") == [(0,)]
        near = "SELECT count(*) FROM pins p, landmarks l WHERE ST_DWithin(p.geom::geography, l.geom::geography, 200)"
        assert case.store._rows(near) == [(1,)]
        with case.store.writing():
            case.store.erase(row.entry for row in case.store.records("statement"))
        assert case.store._rows(where) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://ines:secret@db.example/case", "password"),
        ("postgresql://db.example/case?sslmode=prefer", "read on its way"),
        ("mysql://db.example/case", "no database that geoinv knows"),
        ("postgresql:///nothing?host=nowhere-at-all&connect_timeout=2", "does not answer"),
    ],
)
@pytest.mark.needs("postgis")
def test_a_store_that_is_unsafe_or_not_there_is_refused_in_a_sentence(make_case: Maker, url: str, told: str) -> None:
    root = make_case()
    (root / "case.toml").write_text((root / "case.toml").read_text() + f'\n[store]\nurl = "{url}"\n')
    with pytest.raises((CaseError, MissingToolError), match=told) as raised:
        Case.open(root, timeout=2)
    assert "secret" not in str(raised.value) and "\n" not in str(raised.value)
