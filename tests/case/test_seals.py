"""Signatures and timestamps of the ledger's head: made and checked without a connection, found out when forged."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from geoinv.case.check import check_case
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.seals import check_seals, make_key, read_timestamp, request_timestamp, sign_head
from geoinv.errors import InputError, LedgerError, ReadOnlyError, UnreadableFileError

Maker = Callable[..., Path]

_AUTHORITY = """
[tsa]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.3.6.1.4.1.4146.2.3
digests = sha256, sha384, sha512
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ext]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
basicConstraints = CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[root]
keyUsage = critical, keyCertSign, cRLSign
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
"""


class _Authority:
    """A timestamp authority of OpenSSL's: an implementation of the standard that is none of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tsa.cnf").write_text(_AUTHORITY)
        (folder / "serial").write_text("01\n")
        subject = ["-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "30"]
        self._run("req", "-x509", *subject, "-subj", "/CN=Fictional root", "-keyout", "root.key", "-out", "root.pem",
                  "-config", "/dev/null", "-extensions", "root", "-config", "tsa.cnf")  # fmt: skip
        self._run("req", *subject[:-2], "-subj", "/CN=Fictional authority", "-keyout", "tsa.key", "-out", "tsa.csr",
                  "-config", "tsa.cnf")  # fmt: skip
        self._run("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days",
                  "30", "-sha256", "-extfile", "tsa.cnf", "-extensions", "ext", "-out", "tsa.pem")  # fmt: skip

    def _run(self, *words: str) -> None:
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    @property
    def roots(self) -> Path:
        return self.folder / "root.pem"

    def answer(self, request: Path) -> Path:
        response = request.with_suffix(".tsr")
        signed = ["-signer", "tsa.pem", "-inkey", "tsa.key", "-config", "tsa.cnf", "-section", "tsa"]
        self._run("ts", "-reply", "-queryfile", str(request), *signed, "-out", str(response))
        return response


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> _Authority:
    return _Authority(tmp_path_factory.mktemp("authority"))


def test_a_signature_says_who_saw_what(make_case: Maker, tmp_path: Path) -> None:
    root, key = make_case(), tmp_path / "ines.key"
    public = make_key(key)
    assert key.stat().st_mode & 0o077 == 0
    settings = root / "case.toml"
    with Case.open(root) as case:
        take_in(case, by="ines")
        evidence = case.ledger_head
        entry = sign_head(case, key, by="ines")
        problems, (note,) = check_seals(case)
        assert problems == [] and f"entries 1 to {entry.number - 1} were signed by a key that case.toml" in note
        assert case.ledger_head == evidence and check_case(case) == []
    settings.write_text(settings.read_text().replace("may_sign = true", f'may_sign = true\npublic_key = "{public}"'))
    with Case.open(root) as case:
        assert "signed by ines" in check_seals(case)[1][0]
    with pytest.raises(ReadOnlyError, match="name a new file"):
        make_key(key)


def test_an_authority_says_that_the_ledger_was_there(make_case: Maker, tmp_path: Path, authority: _Authority) -> None:
    with Case.open(make_case()) as case:
        take_in(case, by="ines")
        sealed = case.ledger.next_number - 1
        request_timestamp(case, tmp_path / "head.tsq")
        response = authority.answer(tmp_path / "head.tsq")
        with case.store.writing():  # the answer may come when the ledger has grown
            case.ledger.append("custody", "case", {"event": "handed over"}, by="ines")
        entry = read_timestamp(case, response, authority.roots, by="ines")
        problems, (note,) = check_seals(case)
        assert problems == [] and note.startswith(f"entries 1 to {sealed} were there at 20")
        assert entry.number == sealed + 2 and check_case(case) == []


def test_what_is_no_timestamp_of_this_ledger_is_refused(
    make_case: Maker, tmp_path: Path, authority: _Authority
) -> None:
    with Case.open(make_case("one", seeded=False)) as one, Case.open(make_case("two", seeded=False)) as two:
        request_timestamp(two, tmp_path / "other.tsq")
        other = authority.answer(tmp_path / "other.tsq")
        head = one.ledger.head
        with pytest.raises(LedgerError, match="of no head of this ledger"):
            read_timestamp(one, other, authority.roots, by="ines")
        with pytest.raises(InputError, match="no granted timestamp"):
            read_timestamp(one, authority.roots, authority.roots, by="ines")
        with pytest.raises(UnreadableFileError):
            read_timestamp(one, tmp_path / "lost.tsr", authority.roots, by="ines")
        stranger = tmp_path / "stranger"
        stranger.mkdir()
        with pytest.raises(LedgerError, match="does not verify"):
            read_timestamp(two, other, _Authority(stranger).roots, by="ines")
        assert one.ledger.head == head


def test_a_forged_seal_is_named(make_case: Maker, tmp_path: Path) -> None:
    root, key = make_case(), tmp_path / "key"
    make_key(key)
    with Case.open(root) as case:
        take_in(case, by="ines")
        entry = sign_head(case, key, by="ines")
        content = {"event": "signed", "head": case.store.entry(3).hash, "public_key": "AAAA", "signature": "AAAA"}  # type: ignore[union-attr]
        with case.store.writing():
            forged = case.ledger.append("custody", "case", content, by="nobody")
            case.ledger.append("custody", "case", {**content, "head": "f" * 64}, by="nobody")
        problems, notes = check_seals(case)
        assert len(notes) == 1 and f"entries 1 to {entry.number - 1}" in notes[0]
        assert [f"ledger entry {forged.number + n} " in problem for n, problem in enumerate(problems)] == [True, True]
    with closing(sqlite3.connect(root / "case.db")) as database:
        database.execute("UPDATE entries SET by = 'nobody' WHERE number = 2")
        database.commit()
    with Case.open(root) as case:
        assert any("ledger entry 2" in problem for problem in check_case(case))


def test_a_key_that_is_none_is_told(make_case: Maker, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("not a key")
    with Case.open(make_case()) as case, pytest.raises(UnreadableFileError, match="geoinv seal key"):
        sign_head(case, tmp_path / "key", by="ines")
