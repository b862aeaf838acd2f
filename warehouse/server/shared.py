"""The answers that several processes share, in a Valkey (or a Redis, which speaks the same)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog
from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

KEPT_SECONDS: Final = 3600
"""What is published changes more often; older answers only take room."""

PATIENCE_SECONDS: Final = 0.05
"""A cache that takes longer than this is slower than most queries."""

PAUSE_SECONDS: Final = 5.0
"""How long a cache is left alone that did not answer: it must not slow each query down."""

PREFIX: Final = "bilten:answer:"

log = structlog.get_logger()


class SharedAnswers:
    """A cache that is never waited for: what it doesn't give at once, the engine does.

    Args:
        url: ``valkey://``, ``valkeys://``, ``redis://`` or ``rediss://``, with password and database.
        clock: seconds that never go back.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = Valkey.from_url(
            url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
        )
        self._clock = clock
        self._away_until = 0.0

    async def get(self, key: str) -> bytes | None:
        """What is kept under a key; None as well if the cache is away."""
        if self._clock() < self._away_until:
            return None
        try:
            found: bytes | None = await self._client.get(PREFIX + key)
        except (ValkeyError, OSError, TimeoutError) as error:
            self._leave_alone(error)
            return None
        return found

    async def put(self, key: str, data: bytes) -> None:
        """Keep something for an hour at most."""
        if self._clock() < self._away_until:
            return
        try:
            await self._client.set(PREFIX + key, data, ex=KEPT_SECONDS)
        except (ValkeyError, OSError, TimeoutError) as error:
            self._leave_alone(error)

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    def _leave_alone(self, error: Exception) -> None:
        self._away_until = self._clock() + PAUSE_SECONDS
        # Not the error's text: it may hold the address with its password.
        log.warning("shared answers are away", error=type(error).__name__, seconds=PAUSE_SECONDS)
