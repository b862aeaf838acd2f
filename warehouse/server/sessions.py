"""Sessions of clients: what SET, USE and temporary tables leave behind between requests.

A session keeps a connection only from the first statement on that leaves something behind; until then each of
its requests runs on a fresh one, like any other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from warehouse.server.engine import Connection
from warehouse.server.failures import SESSION_IS_LOCKED, SESSION_NOT_FOUND, EngineError


@dataclass
class Session:
    """One session of one user.

    Attributes:
        connection: its connection, once it has a state.
        database: the database that USE chose, or an empty string.
        settings: what SET changed, by name.
    """

    key: tuple[str, str]
    timeout: int
    expires: float = 0.0
    busy: bool = False
    connection: Connection | None = None
    database: str = ""
    settings: dict[str, str] = field(default_factory=dict)


class Sessions:
    """All sessions; used from the event loop only.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: dict[tuple[str, str], Session] = {}

    def acquire(self, user: str, name: str, timeout: int, *, must_exist: bool) -> Session:
        """Take a session for one request.

        Raises:
            EngineError: 373 if another request holds it, 372 if it must exist and doesn't.
        """
        key = (user, name)
        session = self._sessions.get(key)
        if session is None:
            if must_exist:
                raise EngineError(
                    f"Session {name} not found.", code=SESSION_NOT_FOUND, name="SESSION_NOT_FOUND"
                )
            session = self._sessions[key] = Session(key, timeout)
        if session.busy:
            raise EngineError(
                f"Session {name} is locked by a concurrent client.",
                code=SESSION_IS_LOCKED,
                name="SESSION_IS_LOCKED",
            )
        session.busy = True
        session.timeout = timeout
        return session

    def release(self, session: Session) -> None:
        """Give it back; from now on its time runs."""
        session.busy = False
        session.expires = self._clock() + session.timeout

    def expired(self) -> list[Session]:
        """Take out the sessions whose time is over; the caller closes their connections."""
        now = self._clock()
        over = [one for one in self._sessions.values() if not one.busy and one.expires <= now]
        for session in over:
            del self._sessions[session.key]
        return over

    def take(self, session: Session) -> None:
        """Take a session out before its time."""
        self._sessions.pop(session.key, None)

    def take_all(self) -> list[Session]:
        """Take out every session that is not in use."""
        idle = [one for one in self._sessions.values() if not one.busy]
        for session in idle:
            del self._sessions[session.key]
        return idle
