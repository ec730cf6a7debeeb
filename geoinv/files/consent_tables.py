"""Consents from a table: a row for each witness, act and audience, as a consent form lists them; English or Korean."""

from __future__ import annotations

from collections.abc import Mapping

from geoinv.errors import FieldError
from geoinv.files.cells import given_cells, need_columns, yes_or_no
from geoinv.files.columns import recognise
from geoinv.files.spreadsheets import Row, Table
from geoinv.records.dates import PartialDate
from geoinv.records.decisions import RecordConsent

__all__ = ["CONSENT_COLUMNS", "consents_from_table"]

#: Meanings of a consent table's columns.
CONSENT_COLUMNS = ("witness", "act", "audience", "given", "until")
_ACTS = {
    "수집": "collect",
    "이용": "use",
    "사용": "use",
    "활용": "use",
    "공유": "share",
    "공개": "share",
    "제공": "share",
}


def _consent(row: Row, named: Mapping[str, str]) -> RecordConsent:
    given = given_cells(row, named)
    for meaning in ("witness", "act", "audience"):
        if meaning not in given:
            raise FieldError("this cell is empty", do="fill it in", field=named[meaning])
    act = _ACTS.get(given["act"].strip(), given["act"].strip().casefold())
    if act not in ("collect", "use", "share"):
        raise FieldError(f"“{given['act'][:40]}” is no act", do="write collect, use or share", field=named["act"])
    until = given.get("until")
    if until is not None:
        try:
            PartialDate(until)
        except FieldError as error:
            raise FieldError(error.what, do=error.do, field=named["until"]) from error
    # An empty cell is no consent: nobody is shown because somebody forgot to fill one in.
    agreed = "given" in given and yes_or_no(given["given"], named["given"])
    return RecordConsent.read(
        {"witness": given["witness"], "act": act, "audience": given["audience"], "given": agreed, "until": until}
    )


def consents_from_table(table: Table) -> tuple[tuple[RecordConsent, ...], tuple[str, ...]]:
    """Consents of a table, in order, and a sentence per row that could not be used.

    Parameters
    ----------
    table
        Columns ``witness``, ``act`` (collect, use, share), ``audience`` (or ``*``), ``given`` (yes or no; empty is
        no), ``until`` (EDTF).

    Raises
    ------
    FieldError
        If a column that every row needs is missing.
    """
    named = recognise(table.columns, CONSENT_COLUMNS)
    need_columns(table, named, ("witness", "act", "audience", "given"))
    found: list[RecordConsent] = []
    problems = list(table.problems)
    for row in table.rows:
        try:
            found.append(_consent(row, named))
        except FieldError as problem:
            problems.append(table.placed(problem, row))
    return tuple(found), tuple(problems)
