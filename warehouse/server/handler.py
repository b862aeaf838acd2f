"""What all requests share: threads, sessions, the user, and the queries that run."""

from __future__ import annotations

import asyncio
import functools
import hmac
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from aiohttp import web

from warehouse.access.passwords import Memory
from warehouse.access.policy import Policy
from warehouse.access.users import Users
from warehouse.server import replies
from warehouse.server.answers import Answers, Shared
from warehouse.server.engine import Engine
from warehouse.server.exchange import Exchange
from warehouse.server.failures import ABORTED, AUTHENTICATION_FAILED, TOO_MANY_QUERIES, EngineError
from warehouse.server.measures import Measures
from warehouse.server.parameters import Call
from warehouse.server.principals import Principal
from warehouse.server.reach import Reach
from warehouse.server.sessions import Sessions
from warehouse.server.spares import Spares

KILLED_SECONDS: Final = 10.0
"""How long a query that was killed may take to notice, when the server stops."""

REQUESTS: Final = 128
"""Requests that may run or wait; with more of them each would only wait longer."""

VERIFICATIONS: Final = 2
"""Passwords that are verified at one time."""

log = structlog.get_logger()
Result = TypeVar("Result")


class Handler:
    """Answers queries.

    Args:
        engine: the engine.
        pool: threads that run queries.
        control: threads for what must not wait behind queries: kills and health.
        user: the platform's own user.
        password: its password.
        users: all other users.
        policy: what their roles may do.
        folder: for results that can't be sent block by block.
        measures: what is counted.
        suspect: called when the engine says that it is shutting down.
        kept_bytes: size of the answers that are kept in memory; 0 keeps none.
        shared: the cache of answers that other processes see, too.

    Attributes:
        running: ids of the queries that run.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        pool: Executor,
        control: Executor,
        user: str,
        password: str,
        users: Users,
        policy: Policy,
        folder: Path,
        measures: Measures,
        suspect: Callable[[], None],
        kept_bytes: int = 0,
        shared: Shared | None = None,
    ) -> None:
        self.engine = engine
        self.answers = Answers(engine, policy, folder, kept_bytes, shared, self.in_control, measures)
        self.folder = folder
        self.measures = measures
        self.sessions = Sessions()
        self.spares = Spares()
        self.reach = Reach(engine)
        self.running: set[str] = set()
        self._pool = pool
        self._control = control
        self._user = user
        self._password = password
        self.policy = policy
        self._users = users
        self._memory = Memory()
        self._verifying = asyncio.Semaphore(VERIFICATIONS)
        self._present: Counter[Principal] = Counter()
        self._suspect = suspect
        self._closing = False
        self._cleaning: set[asyncio.Task[None]] = set()

    async def query(self, request: web.Request) -> web.StreamResponse:
        """Run the request's statement and answer with its result or its error."""
        if self._closing:
            # Connections that are kept open could otherwise hold the end up for ever.
            engine = self.engine
            return replies.closing(replies.Identity(engine.version, engine.host, engine.time_zone, ""))
        with self.measures.running.track_inprogress():
            return await Exchange(self, request).run()

    def in_thread(self, function: Callable[..., Result], *arguments: object) -> asyncio.Future[Result]:
        """Run in a thread of the pool."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._pool, functools.partial(function, *arguments))

    async def in_control(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run in a thread that no query holds."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._control, functools.partial(function, *arguments))

    async def authenticate(self, call: Call) -> Principal:
        """Find out who asks.

        Raises:
            EngineError: 516.
        """
        if hmac.compare_digest(call.user.encode(), self._user.encode()):
            if hmac.compare_digest(call.password.encode(), self._password.encode()):
                return Principal(call.user)
        else:
            user = self._users.find(call.user)
            stored = user.password_hash if user is not None else None
            known = stored is not None and self._memory.remembers(call.user, stored, call.password)
            if not known:
                # It takes the processor 25 ms: guesses must not keep it from queries.
                async with self._verifying:
                    known = await self.in_control(self._memory.verify, call.user, stored, call.password)
            if known and user is not None:
                return Principal(user.name, user.roles, user.organizer)
        raise EngineError(
            f"{call.user}: Authentication failed: password is incorrect, or there is no user with such name.",
            code=AUTHENTICATION_FAILED,
            name="AUTHENTICATION_FAILED",
        )

    def admit(self, principal: Principal) -> None:
        """Count one more request of somebody, until `dismiss`.

        Raises:
            EngineError: 202, there are too many of them at once, or of all together.
        """
        self._present[principal] += 1
        limits = principal.limits
        if limits is not None and self._present[principal] > limits.concurrent:
            raise EngineError(
                f"Too many simultaneous queries of {principal.name}: at most {limits.concurrent} at a time.",
                code=TOO_MANY_QUERIES,
                name="TOO_MANY_SIMULTANEOUS_QUERIES",
            )
        if self._present.total() > REQUESTS:
            raise EngineError(
                f"Too many simultaneous queries: at most {REQUESTS} may run or wait.",
                code=TOO_MANY_QUERIES,
                name="TOO_MANY_SIMULTANEOUS_QUERIES",
            )

    def dismiss(self, principal: Principal) -> None:
        """A request of somebody is over."""
        self._present[principal] -= 1
        if self._present[principal] <= 0:
            del self._present[principal]

    def note(self, error: EngineError) -> None:
        """Count an error; one that means the engine is going down has its health checked at once."""
        self.measures.errors.labels(str(error.code)).inc()
        if error.code == ABORTED:
            self._suspect()

    def clean(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine to its end, whatever becomes of the request it belongs to."""
        task = asyncio.get_running_loop().create_task(work)
        self._cleaning.add(task)
        task.add_done_callback(self._cleaning.discard)

    async def sweep(self) -> None:
        """Close the connections of sessions whose time is over."""
        for session in self.sessions.expired():
            if session.connection is not None:
                await self.in_control(session.connection.close)

    async def drain(self, seconds: float) -> bool:
        """Begin nothing new, wait until what was begun is over, and kill what isn't after the given time.

        Returns:
            Whether everything has ended; if not, the engine must not be closed under it.
        """
        self._closing = True
        if not await self._idle(seconds):
            for query_id in list(self.running):
                log.warning("query killed", query_id=query_id)
                await self.in_control(self.engine.kill, query_id)
            if not await self._idle(KILLED_SECONDS):
                return False
        await self.in_control(self.spares.close)
        for session in self.sessions.take_all():
            if session.connection is not None:
                await self.in_control(session.connection.close)
        return True

    async def _idle(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.running or self._cleaning:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True
