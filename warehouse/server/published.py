"""What readers of the marts see now, asked again only after something has changed."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final

from warehouse.readers import CLONES_DATABASE, READERS_DATABASE
from warehouse.server.engine import Engine
from warehouse.server.failures import EngineError

POINTER: Final = "SELECT published_at, build_id FROM ops.publications ORDER BY published_at DESC LIMIT 1"
IDENTITY: Final = "SELECT uuid FROM system.tables WHERE database = 'ops' AND name = 'publications'"
"""What tells this warehouse from others that share a cache with it."""

_PUBLISHED: Final = (READERS_DATABASE.encode(), CLONES_DATABASE.encode())

Ask = Callable[[Callable[[], str]], Coroutine[Any, Any, str]]


class Published:
    """A stamp that is another one after each publication.

    Every change of the warehouse passes through this process, and says so here when it is done and before it
    is acknowledged. So a stamp that was asked for after the last change is the one that holds.

    Args:
        engine: the engine.
        ask: runs a function in a thread that no query holds.
    """

    def __init__(self, engine: Engine, ask: Ask) -> None:
        self._engine = engine
        self._ask = ask
        self._lock = threading.Lock()
        self._asking = asyncio.Lock()
        self._changes = 0
        self._revision = ""
        self._identity = b""
        self._pointer_seen = ""
        self._asked: tuple[int, str] | None = None

    def changed(self, text: bytes, database: str) -> None:
        """A statement that may have changed something is over; for any thread.

        One that names what is published has changed it by hand, perhaps: then the stamp is another one, too.

        Args:
            text: the statement.
            database: in which it ran, if that was not the default one.
        """
        by_hand = any(name in text for name in _PUBLISHED) or database in (READERS_DATABASE, CLONES_DATABASE)
        with self._lock:
            self._changes += 1
            if by_hand:
                self._revision = secrets.token_hex(8)

    async def stamp(self) -> str | None:
        """The stamp that holds now; None if nothing is published, or the engine doesn't say."""
        if self._asked is None or self._asked[0] != self._changes:
            async with self._asking:
                # Another request may have asked meanwhile.
                while self._asked is None or self._asked[0] != self._changes:
                    seen, revision = self._changes, self._revision
                    try:
                        pointer = await self._ask(self._pointer)
                    except EngineError:
                        return None
                    if pointer != self._pointer_seen:
                        self._pointer_seen, revision = pointer, self._forget(seen)
                    self._asked = seen, f"{pointer}{revision}" if pointer else ""
        return self._asked[1] or None

    def _forget(self, seen: int) -> str:
        """What was changed by hand belongs to the publication before; unless it came after all."""
        with self._lock:
            if self._changes == seen:
                self._revision = ""
            return self._revision

    def _pointer(self) -> str:
        with self._engine.connect() as connection:
            pointer = connection.execute(POINTER).data
            if pointer and not self._identity:
                self._identity = connection.execute(IDENTITY).data
            return (self._identity + pointer).decode() if pointer else ""
