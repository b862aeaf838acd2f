"""Answers that are kept: in this process, and in a Valkey that several processes share.

One rule makes a kept answer stale: its stamp, which says what was published when it was made, is part of its
key. Nothing is ever found that is older than what is published; nothing has to be deleted in time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

import structlog
from cachetools import LRUCache

from warehouse.access.policy import Policy
from warehouse.server import reading
from warehouse.server.engine import Engine
from warehouse.server.failures import EngineError
from warehouse.server.jobs import Answer, Job
from warehouse.server.measures import Measures
from warehouse.server.published import Ask, Published
from warehouse.server.sessions import Session

LARGEST_BYTES: Final = 1024 * 1024
"""Of an answer that is kept."""

OVERHEAD_BYTES: Final = 500
"""Of an answer's key and its places in the cache; small answers would otherwise seem to cost nothing."""

REFUSED_NUMBER: Final = 4096
"""Questions remembered whose answers can't be kept, so that the engine isn't asked about them each time."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer.

    Attributes:
        made_at: when, in seconds since 1970.
        layer: where it was found, ``memory`` or ``shared``.
    """

    output_format: str | None
    result_rows: int
    made_at: float
    data: bytes = field(repr=False)
    layer: str = "memory"

    @property
    def age(self) -> int:
        """Whole seconds since it was made."""
        return max(0, int(time.time() - self.made_at))

    def answer(self) -> Answer:
        """It as the answer of a query that had nothing to read."""
        return Answer(self.output_format, self.data, result_rows=self.result_rows)

    def packed(self) -> bytes:
        """It as bytes."""
        head = {name: value for name, value in asdict(self).items() if name not in ("data", "layer")}
        return json.dumps(head).encode() + b"\n" + self.data

    @staticmethod
    def unpacked(data: bytes) -> Kept:
        """It from `packed`."""
        head, _, body = data.partition(b"\n")
        return Kept(**json.loads(head), data=body, layer="shared")


class Shared(Protocol):
    """A cache outside of this process; it may lose anything, and be away."""

    async def get(self, key: str) -> bytes | None:
        """What is kept under a key."""

    async def put(self, key: str, data: bytes) -> None:
        """Keep something for a while."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer may be kept.

    Attributes:
        digest: what tells it from others.
        stamp: what was published when it was asked.
    """

    digest: str
    stamp: str

    @property
    def key(self) -> str:
        """The key of its answer."""
        return hashlib.sha256(f"{self.stamp}\0{self.digest}".encode()).hexdigest()


class Answers:
    """All answers that are kept. Used from the event loop only, but for `changed`.

    Args:
        engine: the engine.
        policy: what roles may do; an answer that was given under another policy is not found.
        folder: where large data wait.
        largest: bytes of all answers in this process; with 0 none is kept, nor looked for in ``shared``.
        shared: the cache that other processes see, or None.
        ask: runs a function in a thread that no query holds.
        measures: what is counted.
    """

    def __init__(
        self,
        engine: Engine,
        policy: Policy,
        folder: Path,
        largest: int,
        shared: Shared | None,
        ask: Ask,
        measures: Measures,
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._largest = largest
        self._shared = shared
        self._ask = ask
        self._measures = measures
        self._published = Published(engine, ask)
        self.changed: Callable[[bytes, str], None] = self._published.changed
        self._marts = frozenset(contract.name for contract in policy.contracts if contract.kind == "mart")
        self._functions: frozenset[str] = frozenset()
        self._kept: LRUCache[str, Kept] = LRUCache(largest, getsizeof=_size)
        self._refused: LRUCache[str, None] = LRUCache(REFUSED_NUMBER)
        self._stamp = ""
        rules = json.dumps([engine.version, policy.grants], sort_keys=True)
        self._rules = hashlib.sha256(rules.encode()).hexdigest()

    async def question(self, job: Job, session: Session | None) -> Question | None:
        """What a job asks, if its answer may be kept as far as can be told before it is run."""
        if not self._largest or (session is not None and session.connection is not None):
            return None
        digest = reading.digest(job)
        if digest is None or digest in self._refused:
            return None
        stamp = await self._published.stamp()
        if stamp is None:
            return None
        if stamp != self._stamp:
            self._stamp = stamp
            self._kept.clear()
            # Another build may have other marts, and another day brings other views.
            self._refused.clear()
        return Question(digest, f"{self._rules}\0{stamp}")

    async def find(self, question: Question) -> Kept | None:
        """The kept answer to a question."""
        kept = self._kept.get(question.key)
        if kept is None and self._shared is not None:
            packed = await self._shared.get(question.key)
            if packed is not None:
                kept = Kept.unpacked(packed)
                self._keep(question, replace(kept, layer="memory"))
        outcome = kept.layer if kept is not None else "miss"
        self._measures.kept_answers.labels(outcome).inc()
        return kept

    async def keep(self, question: Question, job: Job, answer: Answer) -> None:
        """Keep an answer, if it depends on nothing but what is published, and that is still the same."""
        if not answer.complete or answer.file is not None or len(answer.data) > LARGEST_BYTES:
            return
        kept = Kept(answer.output_format, answer.result_rows, time.time(), answer.data)
        try:
            may_be_kept = await self._ask_engine(job)
        except EngineError as error:
            # It was answered a moment ago: whatever this is, it says nothing of the next time.
            log.info("answer not kept", error=error.text[:200], query_id=job.query_id)
            return
        if not may_be_kept:
            self._refused[question.digest] = None
            self._measures.kept_answers.labels("refused").inc()
            return
        if f"{self._rules}\0{await self._published.stamp()}" != question.stamp:
            return
        self._keep(question, kept)
        if self._shared is not None:
            await self._shared.put(question.key, kept.packed())

    async def _ask_engine(self, job: Job) -> bool:
        loop = asyncio.get_running_loop()
        if not self._functions:
            names = await self._ask(self._deterministic)
            self._functions = frozenset(names.split())
        tree = await loop.run_in_executor(None, reading.analysed, self._engine, job, self._folder)
        return reading.depends_only_on_marts(tree, self._marts, self._functions)

    def _deterministic(self) -> str:
        with self._engine.connect() as connection:
            return connection.execute(reading.DETERMINISTIC).data.decode()

    def _keep(self, question: Question, kept: Kept) -> None:
        if _size(kept) <= self._largest:
            self._kept[question.key] = kept
        self._measures.kept_bytes.set(self._kept.currsize)


def _size(kept: Kept) -> int:
    return len(kept.data) + OVERHEAD_BYTES
