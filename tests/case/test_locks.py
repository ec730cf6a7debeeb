"""Keys, the vault of identities and locked cases: outside every case, for few people, and never half-written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.check import check_case
from geoinv.case.folder import Case
from geoinv.case.identities import Identity, Vault
from geoinv.case.intake import take_in
from geoinv.case.locked import back_up_locked, lock_case, unlock_case
from geoinv.case.locks import Key, make_key, read_key
from geoinv.errors import CaseError, FieldError, GeoinvError, UnreadableFileError

#: Fictional, all of it.
_SHE = Identity(name="Quiet Gull of the Reef", contact="+00 555 0142", note="evenings only")


def _key(folder: Path, name: str, passphrase: str = "") -> Key:
    make_key(folder / name, passphrase=passphrase)
    return read_key(folder / name, lambda: passphrase)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_vault_holds_who_is_behind_a_codename_and_shows_nothing_without_a_key(tmp_path: Path) -> None:
    key = _key(tmp_path, "key")
    vault = Vault.make(tmp_path / "vault.age", [key.public])
    vault.put("w1", _SHE)
    vault.save()
    assert Vault.open(tmp_path / "vault.age", key).of("w1") == _SHE
    raw = (tmp_path / "vault.age").read_bytes()
    assert not any(word in raw for word in (b"Gull", b"0142", b"evenings", b"w1"))
    assert {_mode(tmp_path / name) for name in ("key", "vault.age")} == {0o600}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "vault.age"]


def test_the_wrong_key_and_the_wrong_passphrase_are_one_sentence(tmp_path: Path) -> None:
    Vault.make(tmp_path / "vault.age", [_key(tmp_path, "key").public])
    with pytest.raises(CaseError, match="vault.age: this key does not open it"):
        Vault.open(tmp_path / "vault.age", _key(tmp_path, "other"))
    make_key(tmp_path / "guarded", passphrase="seven long benches")
    with pytest.raises(CaseError, match="guarded: the passphrase is wrong"):
        read_key(tmp_path / "guarded", lambda: "eight")
    with pytest.raises(UnreadableFileError, match="no key in this file"):
        read_key(tmp_path / "vault.txt" if (tmp_path / "vault.txt").write_text("no") else tmp_path, str)


def test_an_altered_vault_does_not_open(tmp_path: Path) -> None:
    key = _key(tmp_path, "key")
    path = Vault.make(tmp_path / "vault.age", [key.public]).path
    raw = path.read_bytes()
    for at in range(0, len(raw), max(1, len(raw) // 20)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises(GeoinvError):
            Vault.open(path, key)


def test_for_other_people_from_now_on(tmp_path: Path) -> None:
    old, new = _key(tmp_path, "old"), _key(tmp_path, "new")
    vault = Vault.make(tmp_path / "vault.age", [old.public])
    vault.put("w1", _SHE)
    vault.recipients = (new.public,)
    vault.save()
    assert Vault.open(vault.path, new).of("w1") == _SHE
    with pytest.raises(CaseError, match="does not open"):
        Vault.open(vault.path, old)
    vault.forget("w1")
    with pytest.raises(CaseError, match="nobody is noted as “w1”"):
        vault.of("w1")
    with pytest.raises(FieldError, match="not a public key"):
        Vault.make(tmp_path / "third.age", ["age1nonsense"])
    with pytest.raises(CaseError, match="nobody could open"):
        Vault.make(tmp_path / "third.age", [])


def test_neither_vault_nor_key_nor_locked_case_lies_in_a_case_by_whatever_link(
    tmp_path: Path, make_case: Callable[..., Path]
) -> None:
    root, key = make_case(), _key(tmp_path, "key")
    (tmp_path / "link").symlink_to(root / "facilities")
    for inside in (root / "vault.age", root / "facilities/reef/vault.age", tmp_path / "link/vault.age"):
        with pytest.raises(CaseError, match="must not lie in a case"):
            Vault.make(inside, [key.public])
        with pytest.raises(CaseError, match="must not lie in a case"):
            make_key(inside)
        with Case.open(root) as case, pytest.raises(CaseError, match="must not lie in a case"):
            back_up_locked(case, inside, [key.public], by="ines")


def _contents(root: Path) -> dict[str, bytes]:
    left_out = {"models", "case.gpkg", "build.json", "case.db"}
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in paths
        if path.relative_to(root).parts[0] not in left_out
    }


def test_a_locked_case_comes_back_as_it_was_and_nothing_of_it_is_readable_meanwhile(
    tmp_path: Path, make_case: Callable[..., Path]
) -> None:
    root = make_case(seeded=False)
    (root / "remark.txt").write_text("beside the case, laid there by somebody")
    key, colleague = _key(tmp_path, "key", "passphrase"), _key(tmp_path, "colleague")
    with Case.open(root) as case:
        take_in(case, by="ines")
        lock_case(case, tmp_path / "reef.age", [colleague.public], key, by="ines")
        head = case.root / "ledger.head"
    assert not root.exists() and not head.exists()
    raw = (tmp_path / "reef.age").read_bytes()
    assert not any(word in raw for word in (b"Reef post", b"facility.yaml", b"held there", b"case.db"))
    for number, one in enumerate((key, colleague)):
        unlock_case(tmp_path / "reef.age", tmp_path / f"again{number}", one)
        with Case.open(tmp_path / f"again{number}") as case:
            assert check_case(case) == []
            assert [said.id for said in case.statements("reef").statements] == ["said.yaml#s1", "said.yaml#s2"]
        assert (tmp_path / f"again{number}/remark.txt").exists()
        assert _mode(tmp_path / f"again{number}") == 0o700
    assert _contents(tmp_path / "again0") == _contents(tmp_path / "again1")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".tmp-")]


def test_a_locked_backup_leaves_the_case_and_opens_with_the_named_keys_only(
    tmp_path: Path, make_case: Callable[..., Path]
) -> None:
    root, key = make_case(), _key(tmp_path, "key")
    with Case.open(root) as case:
        take_in(case, by="ines")
        back_up_locked(case, tmp_path / "reef.age", [key.public], by="ines")
        assert check_case(case) == []
        with pytest.raises(CaseError, match="something of that name"):
            back_up_locked(case, tmp_path / "reef.age", [key.public], by="ines")
    with pytest.raises(CaseError, match="reef.age: this key does not open it"):
        unlock_case(tmp_path / "reef.age", tmp_path / "again", _key(tmp_path, "other"))
    raw = (tmp_path / "reef.age").read_bytes()
    for cut in (0, 100, len(raw) // 2, len(raw) - 1):
        (tmp_path / "cut.age").write_bytes(raw[:cut])
        with pytest.raises(GeoinvError):
            unlock_case(tmp_path / "cut.age", tmp_path / "again", key)
        assert not (tmp_path / "again").exists()
    assert not [path for path in (*tmp_path.iterdir(), *root.iterdir()) if path.name.startswith(".tmp-")]


def _geoinv(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from geoinv.cli.main import run; run()"]
    return subprocess.run([*program, *words], capture_output=True, text=True, check=False, input=typed)


def test_the_commands_ask_for_names_and_never_take_them_as_arguments(
    tmp_path: Path, make_case: Callable[..., Path]
) -> None:
    root = make_case()
    made = _geoinv("identities", "key", str(tmp_path / "key"), typed="\n")
    public = made.stdout.strip()
    assert public.startswith("age1"), made.stderr
    at = ("--vault", str(tmp_path / "vault.age"), "--key", str(tmp_path / "key"))
    assert _geoinv("identities", "new", str(tmp_path / "vault.age"), "--to", public).returncode == 0
    assert _geoinv("identities", "add", "w1", *at, typed="Quiet Gull\nby letter\n\n").returncode == 0
    assert _geoinv("identities", "list", *at).stdout == "w1\n"
    assert _geoinv("identities", "show", "w1", *at).stdout == "Quiet Gull\nby letter\n"
    assert _geoinv("identities", "forget", "w1", *at).returncode == 0
    refused = _geoinv("identities", "show", "w1", *at)
    assert refused.returncode == 1 and "nobody is noted" in refused.stderr
    assert _geoinv("identities", "new", str(root / "vault.age"), "--to", public).returncode == 1
    locked = _geoinv("lock", str(tmp_path / "reef.age"), "--key", str(tmp_path / "key"), "--case", str(root))
    assert locked.returncode == 0 and not root.exists(), locked.stderr
    back = _geoinv("unlock", str(tmp_path / "reef.age"), str(root), "--key", str(tmp_path / "key"))
    assert back.returncode == 0 and os.path.exists(root / "case.toml"), back.stderr
