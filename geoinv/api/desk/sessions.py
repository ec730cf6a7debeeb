"""Who is signed in: sessions that end by themselves, survive a crash, and are never a visitor's choice."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geoinv.api.desk.keeping import desk_folder, read_kept, write_kept

__all__ = ["Session", "Sessions"]

#: A session ends after so long without a request, and after so long in any case, seconds.
_IDLE, _WHOLE = 2 * 3600.0, 12 * 3600.0
#: How often the time of the last request is written down.
_NOTED = 60.0


@dataclass(frozen=True)
class Session:
    """One signed-in browser.

    Attributes
    ----------
    name
        Whose account it is.
    token
        What its forms carry, so that no other site's page can send them (double secret: the cookie is another).
    begun, seen
        Seconds since 1970.
    """

    name: str
    token: str
    begun: float
    seen: float


class Sessions:
    """The sessions of one desk; a file beside the case keeps them by the hash of their cookie.

    Parameters
    ----------
    root
        The case's folder.
    clock
        Seconds since 1970.
    """

    def __init__(self, root: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = desk_folder(root) / "sessions.json", clock
        self._lock = threading.Lock()
        kept = read_kept(self._path)
        self._all = {key: Session(**one) for key, one in kept.items()}

    def begin(self, name: str) -> tuple[str, Session]:
        """Sign a person in: a new cookie always, whatever the browser sent before.

        Returns
        -------
        cookie, session
            The cookie's value is kept nowhere.
        """
        cookie, now = secrets.token_urlsafe(32), self._clock()
        session = Session(name, secrets.token_urlsafe(32), now, now)
        with self._lock:
            self._all = {key: one for key, one in self._all.items() if self._lives(one)}
            self._all[_digest(cookie)] = session
            self._write()
        return cookie, session

    def of(self, cookie: str | None) -> Session | None:
        """The session of a cookie that still lives, or ``None``."""
        if not cookie:
            return None
        key, now = _digest(cookie), self._clock()
        with self._lock:
            session = self._all.get(key)
            if session is None or not self._lives(session):
                return None
            if now - session.seen > _NOTED:
                session = Session(session.name, session.token, session.begun, now)
                self._all[key] = session
                self._write()
        return session

    def end(self, cookie: str | None) -> None:
        """Sign a browser out."""
        with self._lock:
            if cookie and self._all.pop(_digest(cookie), None) is not None:
                self._write()

    def end_all(self, name: str) -> None:
        """Sign a person out of every browser: the password was changed, or the account closed."""
        with self._lock:
            self._all = {key: one for key, one in self._all.items() if one.name != name}
            self._write()

    @staticmethod
    def is_token(session: Session, token: str) -> bool:
        """Whether a form or request carries its session's token."""
        return hmac.compare_digest(session.token.encode(), token.encode())

    def _lives(self, session: Session) -> bool:
        now = self._clock()
        return now - session.seen < _IDLE and now - session.begun < _WHOLE

    def _write(self) -> None:
        write_kept(self._path, {key: vars(one) for key, one in self._all.items()})


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
