"""Slowing down whoever guesses passwords, without locking out those who know theirs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["Throttle"]

#: Wrong passwords that cost nothing, then the wait in seconds, which doubles with each further one up to the longest.
_FREE, _FIRST, _LONGEST = 4, 2.0, 900.0
#: Names whose failures are remembered: a stranger may try as many as he likes.
_REMEMBERED = 1000


class Throttle:
    """Counts wrong passwords, by account and over all accounts.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failed: dict[str, tuple[int, float]] = {}

    def wait(self, name: str) -> float:
        """Seconds until the next try is looked at."""
        with self._lock:
            return max(self._wait(name, 1), self._wait("", 5))

    def failed(self, name: str) -> None:
        """Note a wrong password."""
        with self._lock:
            for key in (name, ""):
                count, last = self._failed.pop(key, (0, 0.0))
                forgotten = self._clock() - last > _LONGEST
                self._failed[key] = 1 if forgotten else count + 1, self._clock()
            while len(self._failed) > _REMEMBERED:
                self._failed.pop(next(iter(self._failed)))

    def right(self, name: str) -> None:
        """Forget an account's wrong passwords."""
        with self._lock:
            self._failed.pop(name, None)

    def _wait(self, key: str, share: int) -> float:
        count, last = self._failed.get(key, (0, 0.0))
        over = count - _FREE * share
        if over < 0:
            return 0.0
        return max(0.0, last + min(_FIRST * 2.0 ** min(over, 20), _LONGEST) - self._clock())
