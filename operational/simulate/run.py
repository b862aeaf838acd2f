"""Sending traffic: paced, in transactions, over a few connections at once."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from statistics import quantiles
from threading import Event
from time import perf_counter
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from bilten.errors import BusinessRuleViolated, OperationalConflict, OperationalError, OperationalUnavailable
from bilten.settings import Settings
from operational.database import connect
from operational.rules import business_rules
from operational.simulate.plan import Moment, Statement, Transaction
from operational.simulate.traffic import next_transaction
from operational.simulate.world import World, read_world

CONNECTIONS = 4
"""Two cores: with one connection the commits' disk flushes leave the machine idle; more gain nothing."""
TICK_SECONDS = 0.05
"""Transactions of one tick are decided together, then sent together."""
RESULTS_KEPT = 20_000


@dataclass
class Summary:
    """What was done so far.

    Attributes:
        committed: transactions by kind.
        refused: transactions that a rule of the business forbade, by the error's code.
        statements: statements sent.
        seconds: since the start.
        behind: seconds lost to ticks that took longer than their time.
        reconnections: how often the database went away and came back.
    """

    committed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    statements: int = 0
    seconds: float = 0.0
    behind: float = 0.0
    reconnections: int = 0
    _latencies: deque[float] = field(default_factory=lambda: deque(maxlen=RESULTS_KEPT))

    @property
    def transactions(self) -> int:
        """Transactions committed."""
        return self.committed.total()

    @property
    def rate(self) -> float:
        """Transactions committed per second."""
        return self.transactions / self.seconds if self.seconds else 0.0

    def latency(self, percentile: int) -> float:
        """Milliseconds from the first statement to the commit's acknowledgement, of the latest transactions.

        Args:
            percentile: from 1 to 99.
        """
        if len(self._latencies) < 2:
            return 0.0
        return quantiles(self._latencies, n=100)[percentile - 1] * 1_000

    def note(self, transaction: Transaction, error: OperationalError | None, seconds: float) -> None:
        """Count one transaction."""
        self.statements += len(transaction.statements)
        if error is None:
            self.committed[transaction.kind] += 1
            self._latencies.append(seconds)
        else:
            self.refused[error.code] += 1


@dataclass(frozen=True)
class _Outcome:
    transaction: Transaction
    error: OperationalError | None
    seconds: float


def run(
    settings: Settings,
    *,
    rate: float,
    seconds: float | None = None,
    seed: int = 1,
    stop: Event | None = None,
    progress: Callable[[Summary], None] | None = None,
) -> Summary:
    """Send traffic.

    What is sent follows from the seed and from what the database held at the start; only keys and times also
    follow the clock. A transaction that a rule forbids is counted and left; a database that goes away is
    waited for, then read anew.

    Args:
        settings: where the database is.
        rate: transactions per second; with 0 nothing is sent.
        seconds: how long; without end by default.
        seed: decides everything.
        stop: ends the traffic after the tick that is under way.
        progress: called after every tick.

    Returns:
        What was done.

    Raises:
        OperationalUnavailable: the database does not answer, or stays away for longer than 15 seconds.
        OperationalError: the database refused a statement for another reason than a rule; nothing of that
            transaction was written.
    """
    # The driver warns of every pipeline that ends in an error; refusals are expected here, and counted.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    stop = stop or Event()
    summary = Summary()
    random = Random(seed)  # noqa: S311 - traffic, not secrets
    began = perf_counter()
    if rate <= 0:
        stop.wait(seconds)
        summary.seconds = perf_counter() - began
        return summary
    while True:
        try:
            with ExitStack() as stack, ThreadPoolExecutor(CONNECTIONS) as pool:
                connections = [
                    stack.enter_context(connect(settings, autocommit=True)) for _ in range(CONNECTIONS)
                ]
                world = read_world(connections[0])
                if not summary.reconnections:
                    began = perf_counter()
                _Traffic(connections, pool, random, world, summary).send(rate, seconds, stop, began, progress)
            break
        except OperationalUnavailable:
            if seconds is not None and perf_counter() - began >= seconds:
                raise
            summary.reconnections += 1
    summary.seconds = perf_counter() - began
    return summary


@dataclass
class _Traffic:
    connections: Sequence[psycopg.Connection[Any]]
    pool: ThreadPoolExecutor
    random: Random
    world: World
    summary: Summary

    def send(
        self,
        rate: float,
        seconds: float | None,
        stop: Event,
        began: float,
        progress: Callable[[Summary], None] | None,
    ) -> None:
        """Tick until the time is over or somebody asks to stop."""
        size = max(1, round(rate * TICK_SECONDS))
        interval = size / rate
        due = perf_counter()
        number = self.summary.transactions
        while not stop.wait(max(0.0, due - perf_counter())):
            if seconds is not None and perf_counter() - began >= seconds:
                break
            moment = Moment(self.random, datetime.now(UTC))
            batch = [next_transaction(moment, self.world, number + place) for place in range(size)]
            number += size
            self._tick(batch)
            self.summary.seconds = perf_counter() - began
            if progress is not None:
                progress(self.summary)
            due += interval
            late = perf_counter() - due
            if late > 1:
                # Not made up for: a machine that cannot keep the rate shows it in the summary.
                self.summary.behind += late
                due += late

    def _tick(self, batch: Sequence[Transaction]) -> None:
        lanes = [batch[lane :: len(self.connections)] for lane in range(len(self.connections))]
        results = self.pool.map(_run_lane, self.connections, lanes)
        for outcome in [outcome for lane in results for outcome in lane]:
            self.summary.note(outcome.transaction, outcome.error, outcome.seconds)
            if outcome.error is None:
                outcome.transaction.applied()
            else:
                outcome.transaction.refused()


_again_after_conflicts = Retrying(
    retry=retry_if_exception_type(OperationalConflict),
    stop=stop_after_attempt(3),
    wait=wait_random(0, 0.05),
    reraise=True,
)


def _run_lane(connection: psycopg.Connection[Any], transactions: Sequence[Transaction]) -> list[_Outcome]:
    outcomes = []
    for transaction in transactions:
        began = perf_counter()
        error: BusinessRuleViolated | None = None
        try:
            _again_after_conflicts(send, connection, transaction)
        except BusinessRuleViolated as refusal:
            error = refusal
        outcomes.append(_Outcome(transaction, error, perf_counter() - began))
    return outcomes


def send(connection: psycopg.Connection[Any], transaction: Transaction) -> None:
    """Send one transaction in one round trip and wait for its commit.

    Args:
        connection: in autocommit mode.
        transaction: what to send.

    Raises:
        BusinessRuleViolated: a rule forbade it; nothing was written.
        OperationalError: anything else.
    """
    with business_rules():
        try:
            if len(transaction.statements) == 1:
                # Its own transaction already: no BEGIN and COMMIT to send.
                _execute(connection.cursor(), transaction.statements[0])
                return
            with connection.pipeline(), connection.transaction(), connection.cursor() as cursor:
                for statement in transaction.statements:
                    _execute(cursor, statement)
        finally:
            if not connection.closed and connection.info.transaction_status != TransactionStatus.IDLE:
                connection.rollback()


def _execute(cursor: psycopg.Cursor[Any], statement: Statement) -> None:
    cursor.execute(statement.text.encode(), statement.parameters)
