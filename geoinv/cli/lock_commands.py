"""``geoinv identities``, ``lock``, ``unlock``: keys, the vault outside every case, and a case at rest."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoinv.cli.case_commands import ByOption, CaseOption
from geoinv.cli.main import app, say

if TYPE_CHECKING:
    from geoinv.case.identities import Vault

__all__ = ["KeyOption", "ToOption", "identities"]

identities = typer.Typer(
    no_args_is_help=True, help="Who is behind the codenames: a locked vault outside every case; nothing is sent."
)
app.add_typer(identities, name="identities")

KeyOption = Annotated[Path, typer.Option("--key", envvar="GEOINV_KEY", help="Your key's file.")]
ToOption = Annotated[list[str], typer.Option("--to", help="Public key of somebody who may open it; once for each.")]
VaultOption = Annotated[Path, typer.Option("--vault", envvar="GEOINV_VAULT", help="The vault's file.")]
Codename = Annotated[str, typer.Argument(help="The codename.")]


def ask_secretly(question: str) -> str:
    """A line that is not shown as it is typed; from a pipe the next line."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{question}: ")
    return sys.stdin.readline().rstrip("\n")


def ask(question: str) -> str:
    """A line typed by a person, or the next of a pipe; never an argument, which a shell would remember."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, default="", show_default=False))
    return sys.stdin.readline().strip()


def _opened(vault: Path, key: Path) -> Vault:
    from geoinv.case.identities import Vault
    from geoinv.case.locks import read_key

    return Vault.open(vault, read_key(key, lambda: ask_secretly("Passphrase")))


@identities.command()
def key(file: Annotated[Path, typer.Argument(help="The file to make, outside every case.")]) -> None:
    """Make a key; asks for a passphrase (empty for none) and prints the public half, which others lock with."""
    from geoinv.case.locks import make_key

    typer.echo(make_key(file, passphrase=ask_secretly("Passphrase")))


@identities.command()
def new(vault: Annotated[Path, typer.Argument(help="The file to make, outside every case.")], to: ToOption) -> None:
    """Make an empty vault that the named people can open; name two, since a lost key opens nothing."""
    from geoinv.case.identities import Vault

    made = Vault.make(vault, to)
    say(f"Made {made.path}; it opens with {len(made.recipients)} key{'s' if len(made.recipients) != 1 else ''}.")


@identities.command("add")
def add_identity(codename: Codename, vault: VaultOption, key: KeyOption) -> None:
    """Note who is behind a codename; asks for the name, a way to reach them and a note."""
    from geoinv.case.identities import Identity
    from geoinv.errors import FieldError

    opened = _opened(vault, key)
    name, contact, note = ask("Name"), ask("How to reach them"), ask("Note")
    if not name:
        raise FieldError("there is no name", do="type one when asked", field="name")
    opened.put(codename, Identity(name=name, contact=contact, note=note))
    opened.save()
    say(f"Noted {codename}.")


@identities.command()
def show(codename: Codename, vault: VaultOption, key: KeyOption) -> None:
    """Show who is behind one codename."""
    found = _opened(vault, key).of(codename)
    for text in (found.name, found.contact, found.note):
        if text:
            typer.echo(text)


@identities.command("list")
def list_identities(vault: VaultOption, key: KeyOption) -> None:
    """List the codenames; nobody's name."""
    for codename in sorted(_opened(vault, key).people):
        typer.echo(codename)


@identities.command()
def forget(codename: Codename, vault: VaultOption, key: KeyOption) -> None:
    """Take a codename out, as when consent was withdrawn; copies of the vault keep it."""
    opened = _opened(vault, key)
    opened.forget(codename)
    opened.save()
    say(f"Forgot {codename}. Copies of this vault elsewhere still hold it.")


@identities.command()
def rekey(vault: VaultOption, key: KeyOption, to: ToOption) -> None:
    """Lock the vault for other people from now on; whoever has an old copy and an old key can open that copy still."""
    opened = _opened(vault, key)
    opened.recipients = tuple(dict.fromkeys(one.strip() for one in to))
    opened.save()
    say(f"From now on {opened.path} opens with: {', '.join(opened.recipients)}")


@app.command()
def lock(
    file: Annotated[Path, typer.Argument(help="The locked file to make, such as reef.age.")],
    key: KeyOption,
    to: Annotated[list[str] | None, typer.Option("--to", help="Public key of somebody else who may open it.")] = None,
    case: CaseOption = Path(),
    by: ByOption = None,
) -> None:
    """Put a case to rest: one locked file, read back whole, then the folder is deleted. “unlock” brings it back."""
    from geoinv.case.folder import Case
    from geoinv.case.locked import lock_case
    from geoinv.case.locks import read_key

    opener = read_key(key, lambda: ask_secretly("Passphrase"))
    with Case.open(case) as opened:
        made = lock_case(opened, file, to or [], opener, by=by or opened.default_author)
    say(f"Locked as {made}; the folder is deleted. A deleted file can often be recovered: keep cases on a locked disk.")


@app.command()
def unlock(
    file: Annotated[Path, typer.Argument(help="A locked case or backup.")],
    folder: Annotated[Path, typer.Argument(help="The case's folder to make.")],
    key: KeyOption,
) -> None:
    """Make a case of a locked one, or of a locked backup."""
    from geoinv.case.locked import unlock_case
    from geoinv.case.locks import read_key

    unlock_case(file, folder, read_key(key, lambda: ask_secretly("Passphrase")))
    say(f"Made {folder}; models are made again by: geoinv build --case {folder}")
