"""Whether the engine still works, and when to give it up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from warehouse.server.failures import MEMORY_LIMIT, TOO_MANY_QUERIES, EngineError

INTERVAL_SECONDS: Final = 15.0
RETRY_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 10.0
FAILURES_ALLOWED: Final = 3
"""Checks that may fail in a row before the process gives up and is started anew."""

_BUSY: Final = frozenset({MEMORY_LIMIT, TOO_MANY_QUERIES})
"""With these the engine answers, only not with what was asked for."""

log = structlog.get_logger()


class Health:
    """Asks the engine now and then, and at once when somebody has a suspicion.

    After an internal error the engine may refuse every query while its process lives on.

    Args:
        ask: a query; returns if the engine works, raises `EngineError` if not.
        interval: seconds between two checks while all is well.
        retry: seconds between two checks while it isn't.
        patience: seconds an answer may take.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[None]],
        *,
        interval: float = INTERVAL_SECONDS,
        retry: float = RETRY_SECONDS,
        patience: float = ANSWER_SECONDS,
    ) -> None:
        self._ask = ask
        self._interval = interval
        self._retry = retry
        self._patience = patience
        self._alarm = asyncio.Event()

    def suspect(self) -> None:
        """Have the engine checked now."""
        self._alarm.set()

    async def problem(self) -> str | None:
        """Ask the engine once; what is wrong with it, or None."""
        try:
            # Not `wait_for`: in Python 3.11 it forgets a cancellation that comes together with the answer.
            async with asyncio.timeout(self._patience):
                await self._ask()
        except EngineError as error:
            return None if error.code in _BUSY else error.text
        except TimeoutError:
            return f"The engine did not answer within {self._patience:g} s."
        return None

    async def watch(self) -> None:
        """Check again and again; returns when the engine is beyond repair."""
        failures = 0
        while failures < FAILURES_ALLOWED:
            with contextlib.suppress(TimeoutError):
                wait = self._retry if failures else self._interval
                async with asyncio.timeout(wait):
                    await self._alarm.wait()
                # Suspicions come in crowds; they must not use up the checks at once.
                await asyncio.sleep(self._retry if failures else 0)
            self._alarm.clear()
            problem = await self.problem()
            failures = failures + 1 if problem else 0
            if problem:
                log.error("engine unhealthy", failures=failures, error=problem[:500])
