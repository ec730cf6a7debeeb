"""Who handed which original to whom is on record, told in order, verified, and erased with what it is about."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.check import check_case
from geoinv.case.custody import check_custody, handed, history_of, note_custody, origins
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.keeping import keep_file
from geoinv.case.withdraw import withdraw
from geoinv.errors import CaseError, FieldError
from geoinv.records.custody import Custody
from geoinv.records.dates import PartialDate

Maker = Callable[..., Path]
_TABLE = "facilities/reef/incidents.csv"
_SAID = "facilities/reef/testimony/said.yaml"
_GEOINV = str(Path(sys.executable).with_name("geoinv"))


def _received(file: str = _TABLE, **more: object) -> Custody:
    told = {"event": "received", "file": file, "sha256": "", "person": "s7", "when": PartialDate("2024-05")}
    return Custody.read({**told, "channel": "by hand", **more})


def test_what_happened_to_an_original_is_told_in_order(make_stored_case: Maker) -> None:
    root = make_stored_case()
    with Case.open(root) as case:
        take_in(case, by="ines")
        head, evidence = case.ledger.head, case.ledger.evidence_head
        note_custody(case, [_received(note="envelope 4, seal unbroken")], by="bo")
        (root / _TABLE).write_text((root / _TABLE).read_text() + "i2,2020,Yard,w2,search,Fictional\n")
        take_in(case, by="ines")
        note_custody(case, [Custody(event="copied", file=_TABLE, sha256="", channel="a stick")], by="bo")
        first, received, again, copied = history_of(case, _TABLE)
        assert "taken in by ines" in first and "taken in in place of the version before by ines" in again
        assert "received from s7, 2024-05, by hand (envelope 4, seal unbroken)" in received
        assert "noted by bo" in received and "copied, a stick" in copied
        assert [one.custody.sha256 for one in handed(case.store) if one.custody] != 2 * [
            case.store.files()[_TABLE].sha256
        ], "each is of the version that there was"
        assert case.ledger.head != head and check_case(case) == []
    with Case.open(root) as case:
        assert case.ledger.evidence_head != evidence, "the table changed"
        kinds = [entry.kind for entry in case.store.entries()]
        assert kinds.count("custody") == 2


def test_a_hand_over_changes_nothing_that_a_release_is_made_of(make_case: Maker) -> None:
    with Case.open(make_case()) as case:
        take_in(case, by="ines")
        evidence = case.ledger.evidence_head
        note_custody(case, [_received()], by="ines")
        assert case.ledger.evidence_head == evidence


def test_files_of_which_nobody_said_where_they_came_from_are_listed(make_case: Maker) -> None:
    with Case.open(make_case()) as case:
        take_in(case, by="ines")
        note_custody(case, [_received()], by="ines")
        told = origins(case)
        assert "received from s7" in told[_TABLE] and told[_SAID] == ""
        assert "facilities/reef/facility.yaml" not in told, "the investigators wrote it themselves"


def test_events_of_files_that_are_not_there_are_refused_and_none_is_kept(make_case: Maker) -> None:
    with Case.open(make_case()) as case:
        take_in(case, by="ines")
        head = case.ledger.head
        with pytest.raises(CaseError, match=r"facilities/reef/none\.csv: the case has no such file; add it first"):
            note_custody(case, [_received(), _received("facilities/reef/none.csv")], by="ines")
        with pytest.raises(CaseError, match="never had that version"):
            note_custody(case, [_received(sha256="f" * 64)], by="ines")
        with pytest.raises(CaseError, match="never had such a file"):
            history_of(case, "facilities/reef/none.csv")
        assert case.ledger.head == head


@pytest.mark.parametrize("field", ["person", "channel", "note"])
def test_names_and_numbers_stay_out_of_the_ledger(make_case: Maker, field: str) -> None:
    with Case.open(make_case()) as case:
        take_in(case, by="ines")
        head = case.ledger.head
        with pytest.raises(FieldError, match="codename") as raised:
            note_custody(case, [_received(**{field: "call 010-5555-0142"})], by="ines")
        assert "5555" not in raised.value.sentence() and case.ledger.head == head


def test_a_forged_event_is_named(make_case: Maker) -> None:
    with Case.open(make_case()) as case:
        take_in(case, by="ines")
        with case.store.writing():
            forged = case.ledger.append("custody", "fil-0", _received(sha256="e" * 64).plain(), by="nobody")
            odd = case.ledger.append("custody", "case", {"file": 7}, by="nobody")
        case.note_head()
        assert check_case(case) == [
            f"ledger entry {forged.number} tells that {_TABLE} was received, of a version that the case did not have.",
            f"ledger entry {odd.number} tells a custody event that cannot be read.",
        ]


def test_a_file_read_again_keeps_its_events(make_case: Maker) -> None:
    with Case.open(make_case()) as case:
        take_in(case, by="ines")
        note_custody(case, [_received()], by="ines")
        row = case.store.files()[_TABLE]
        keep_file(case.ledger, row, [], by="ines", before=row)
        note_custody(case, [_received()], by="ines")
        case.note_head()
        assert check_custody(case.store) == [] and len(list(handed(case.store))) == 2


def test_events_go_with_the_witness_they_name(make_case: Maker) -> None:
    root = make_case()
    with Case.open(root) as case:
        take_in(case, by="ines")
        note_custody(case, [_received(person="w2"), _received(_SAID)], by="ines")
        withdraw(case, "w2", by="ines", reason="asked by telephone")
        assert list(handed(case.store)) == [] and check_case(case) == []
        assert not any(b"s7" in kept.content for kept in case.store.walk("custody") if kept.content)


def test_an_earlier_version_whose_original_is_gone_is_named(make_case: Maker) -> None:
    root = make_case()
    with Case.open(root) as case:
        take_in(case, by="ines")
        first = case.store.files()[_TABLE]
        (root / _TABLE).write_text((root / _TABLE).read_text() + "i2,2020,Yard,w2,search,Fictional\n")
        take_in(case, by="ines")
        assert check_case(case) == []
        (root / "originals" / first.sha256[:2] / first.sha256).unlink()
        (problem,) = check_case(case)
        assert problem == (
            f"the kept original of an earlier version of {_TABLE} (entry {first.entry}) is missing: restore it from a "
            "backup."
        )


def test_the_commands_note_list_and_tell(make_case: Maker) -> None:
    root = make_case()
    with Case.open(root) as case:
        take_in(case, by="ines")

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        command = [_GEOINV, "custody", *map(str, words), "--case", str(root)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    noted = run("note", "handed-over", root / _TABLE, _SAID, "--person", "lab", "--on", "2024-05-03", "--by", "bo")
    assert noted.returncode == 0 and noted.stdout.count("handed over, kept as ent-") == 2, noted.stderr
    assert "handed over to lab, 2024-05-03" in run("history", _TABLE).stdout
    assert f"{_SAID}: not on record who handed it over" in run("list").stdout
    wrong = run("note", "lost", _TABLE)
    assert wrong.returncode == 1 and "choose one of received, handed over" in wrong.stderr
    assert run("note", "received", _TABLE, "--on", "May").returncode == 1
