"""What every page of the desk works with: the case's folder, who is here, what runs in the background."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geoinv.api.desk.accounts import Accounts
from geoinv.api.desk.drafts import Drafts
from geoinv.api.desk.jobs import Jobs
from geoinv.api.desk.keeping import desk_folder
from geoinv.api.desk.previews import Previews
from geoinv.api.desk.sessions import Sessions
from geoinv.api.desk.states import States
from geoinv.api.desk.throttle import Throttle
from geoinv.api.desk.tiles import Tiles
from geoinv.case.folder import Case

__all__ = ["Desk", "open_desk"]


@dataclass(frozen=True)
class Desk:
    """One case's desk.

    Attributes
    ----------
    root
        The case's folder.
    port
        Where it listens; its cookies are named by it, since cookies know no ports.
    accounts, sessions, throttle
        Who may sign in, who is, and who guesses.
    drafts
        What people have begun and not recorded.
    jobs
        The build that runs, if one does.
    tiles
        Scenes cut for the browser.
    states
        What stood after each build.
    previews
        Releases that were planned and are looked at before they are made.
    """

    root: Path
    port: int
    accounts: Accounts
    sessions: Sessions
    throttle: Throttle
    drafts: Drafts
    jobs: Jobs
    tiles: Tiles
    states: States
    previews: Previews

    @property
    def cookie(self) -> str:
        """Name of the session's cookie."""
        return f"geoinv_desk_{self.port}"

    @contextmanager
    def case(self) -> Iterator[Case]:
        """The case, opened for one request."""
        with Case.open(self.root) as opened:
            yield opened

    def close(self) -> None:
        """Let go of scenes, and end what runs."""
        self.jobs.stop()
        self.tiles.close()
        self.previews.close()


def open_desk(root: Path, *, port: int) -> Desk:
    """Open a case's desk; a new one gets one account, named as the case's default author.

    Raises
    ------
    CaseError
        If the folder is no case, or cannot be written.
    """
    root = root.resolve()
    with Case.open(root) as case:
        author = case.default_author
    folder = desk_folder(root)
    accounts = Accounts(root)
    if not accounts.all():
        accounts.put(author, "lead")
    return Desk(
        root, port, accounts, Sessions(root), Throttle(), Drafts(folder / "drafts"), Jobs(root),
        Tiles(folder / "tiles"), States(folder / "states"), Previews(folder / "previews"),
    )  # fmt: skip
