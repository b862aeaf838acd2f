"""When to insert which table. Pure: the clock and the measurements come from the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

# Share of the time that inserts may keep the warehouse busy before records are made to wait longer.
BUSY_SHARE = 0.5
# Waiting longer than so many times the set age saves nothing worth its staleness: inserts of one table never
# overlap, and an overloaded warehouse is not asked for more than it can do anyway.
LONGEST_STRETCH = 4
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
    """

    dataset: str
    rows: int
    bytes: int
    since: float


@dataclass(frozen=True, slots=True)
class FlushPolicy:
    """The limits.

    Attributes:
        age_seconds: longest wait of a record when the warehouse keeps up.
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

    def patience(self, tables: int, latency_seconds: float) -> float:
        """How long a record may wait, seconds: the set age, up to four times as long when inserts are slow.

        Args:
            tables: tables with waiting records; each needs an insert of its own.
            latency_seconds: what an insert takes now.
        """
        stretched = tables * latency_seconds / (self.parallel * BUSY_SHARE)
        return max(self.age_seconds, min(stretched, LONGEST_STRETCH * self.age_seconds))


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
    patience = policy.patience(len(tables), latency_seconds)
    candidates = [table for table in tables if table.dataset not in busy]
    chosen: list[str] = []
    for table in sorted(candidates, key=lambda item: (not policy.is_full(item), item.since)):
        if len(chosen) + len(busy) >= policy.parallel:
            break
        if policy.is_full(table) or (now - table.since >= patience and budget.allows(now)):
            budget.spend()
            chosen.append(table.dataset)
    return chosen
