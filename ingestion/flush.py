"""When to insert which table. Pure: the clock and the measurements come from the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

# Share of the time that inserts may keep the warehouse busy before records are made to wait longer.
BUSY_SHARE = 0.25
# Share of a table's promised freshness that its records may wait in the loader; the rest is for what comes
# before (commit to Kafka: p95 about 0.1 s) and after (the insert).
WAITING_SHARE = 0.5
# Parts of a table that merges are expected to keep up with, and how much longer records wait for each one
# more. The engine delays inserts from 1,000 on and refuses them at 3,000 (ClickHouse's defaults): there a
# record waits 7 and 27 s, so that no burst of small batches gets so far.
PARTS_AT_EASE = 300
SECONDS_PER_PART = 0.01
# How fast the average insert time follows: about the last ten inserts count.
LATENCY_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records of one table that wait in the loader.

    Attributes:
        dataset: the table.
        rows: how many there are.
        bytes: their size.
        since: when the oldest one arrived, seconds of a monotonic clock.
        promised_seconds: the freshness that the table's contract promises, commit to ``ods``.
        least_seconds: how long they wait at least, for company that nobody misses meanwhile.
        parts: parts that the table consists of; each insert makes one more, merges make them fewer.
    """

    dataset: str
    rows: int
    bytes: int
    since: float
    promised_seconds: float = 0.0
    least_seconds: float = 0.0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class FlushPolicy:
    """The limits.

    Attributes:
        age_seconds: how long a record waits for company when the warehouse is idle.
        rows: rows of one table that are inserted at once.
        bytes: bytes of one table that are inserted at once.
        inserts_per_second: inserts that age may cause, over all tables; size is never held up by it.
        parallel: inserts under way at one time.
    """

    age_seconds: float
    rows: int
    bytes: int
    inserts_per_second: float
    parallel: int

    def is_full(self, waiting: Waiting) -> bool:
        """Whether size alone asks for an insert."""
        return waiting.rows >= self.rows or waiting.bytes >= self.bytes

    def patience(self, waiting: Waiting, stretched_seconds: float) -> float:
        """How long records of a table wait, seconds: the set age, longer under load.

        Args:
            waiting: the table; its promise bounds the wait, unless merges do not keep up with its parts.
            stretched_seconds: the wait with which all tables together keep the warehouse a quarter busy.
        """
        longest = max(self.age_seconds, waiting.promised_seconds * WAITING_SHARE)
        crowded = (waiting.parts - PARTS_AT_EASE) * SECONDS_PER_PART
        usual = min(max(self.age_seconds, stretched_seconds), longest)
        return max(waiting.least_seconds, usual, crowded)

    def stretched(self, tables: int, latency_seconds: float) -> float:
        """The wait with which inserts of so many tables keep the warehouse a quarter busy, seconds.

        Args:
            tables: tables with waiting records; each needs an insert of its own.
            latency_seconds: what an insert takes now.
        """
        return tables * latency_seconds / (self.parallel * BUSY_SHARE)


class InsertBudget:
    """A bucket of inserts that refills with time; holds a quarter of a second's worth, at least one."""

    def __init__(self, per_second: float, now: float) -> None:
        self._per_second = per_second
        self._capacity = max(1.0, per_second / 4)
        self._left = self._capacity
        self._at = now

    def allows(self, now: float) -> bool:
        """Whether an insert may start now."""
        self._left = min(self._capacity, self._left + (now - self._at) * self._per_second)
        self._at = now
        return self._left >= 1.0

    def spend(self) -> None:
        """Count an insert; one that size asked for may overdraw, later ones then wait."""
        self._left = max(self._left - 1.0, -self._capacity)


def average(previous: float, latest: float) -> float:
    """The moving average of insert times, seconds."""
    return latest if previous == 0.0 else previous + LATENCY_WEIGHT * (latest - previous)


def due(
    waiting: Iterable[Waiting],
    *,
    policy: FlushPolicy,
    budget: InsertBudget,
    busy: Collection[str],
    latency_seconds: float,
    now: float,
) -> list[str]:
    """The tables to insert now, most urgent first; each is counted against the budget.

    Args:
        waiting: tables with waiting records.
        policy: the limits.
        budget: inserts left.
        busy: tables with an insert under way; they wait for it, so that a table's ledger only grows.
        latency_seconds: what an insert takes now.
        now: the clock.

    Returns:
        At most as many tables as there are free places.
    """
    tables = list(waiting)
    stretched = policy.stretched(len(tables), latency_seconds)
    deadlines = {table.dataset: table.since + policy.patience(table, stretched) for table in tables}
    candidates = [table for table in tables if table.dataset not in busy]
    chosen: list[str] = []
    for table in sorted(candidates, key=lambda item: (not policy.is_full(item), deadlines[item.dataset])):
        if len(chosen) + len(busy) >= policy.parallel:
            break
        if policy.is_full(table) or (now >= deadlines[table.dataset] and budget.allows(now)):
            budget.spend()
            chosen.append(table.dataset)
    return chosen
