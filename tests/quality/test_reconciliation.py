"""Comparison beside live traffic: no false alarm, and no real difference missed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilten.contracts import Contract, Contracts
from bilten.fingerprints import BucketSum, TableFingerprint, buckets_for
from quality.reconciliation import (
    Reconciliation,
    archive_verdict,
    different_buckets,
    reconcile_all,
    source_verdict,
)

Rows = dict[str, int]


class Side:
    """A table in memory."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.before_read: Callable[[], None] = lambda: None

    def table(self, contract: Contract, buckets: int) -> TableFingerprint:
        self.before_read()
        sums: dict[int, BucketSum] = {}
        for key, value in self.rows.items():
            bucket = hash(key) & (buckets - 1)
            before = sums.get(bucket, BucketSum(0, 0))
            sums[bucket] = BucketSum(before.rows + 1, before.hash_sum + value)
        return TableFingerprint(contract.name, buckets, sums)

    def rows_of_buckets(self, contract: Contract, buckets: int, chosen: Sequence[int]) -> Mapping[str, int]:
        self.before_read()
        return {key: value for key, value in self.rows.items() if hash(key) & (buckets - 1) in chosen}

    def rows_of_keys(self, contract: Contract, keys: Sequence[str]) -> Mapping[str, int]:
        self.before_read()
        return {key: self.rows[key] for key in keys if key in self.rows}


class World:
    """A source whose log is replayed into a warehouse, with traffic before every read."""

    def __init__(self, rows: Rows, seed: int, changes: int, delay: int) -> None:
        self.source, self.warehouse = Side(dict(rows)), Side(dict(rows))
        self.log: list[tuple[str, int | None]] = []
        self.applied = 0
        self.lost: set[int] = set()
        self._random = random.Random(seed)
        self._changes, self._delay = changes, delay
        self.source.before_read = self.warehouse.before_read = self.live

    def live(self) -> None:
        for _ in range(self._random.randint(0, self._changes)):
            key = f"key {self._random.randint(0, 40)}"
            self.change(key, None if self._random.random() < 0.3 else self._random.randint(1, 10**9))
        self.load(len(self.log) - self._delay)

    def change(self, key: str, value: int | None) -> None:
        self.log.append((key, value))
        self._apply(self.source.rows, key, value)

    def load(self, until: int) -> None:
        while self.applied < min(until, len(self.log)):
            if self.applied not in self.lost:
                self._apply(self.warehouse.rows, *self.log[self.applied])
            self.applied += 1

    def has_passed(self, position: int) -> bool:
        self.load(len(self.log) - self._delay)
        return self.applied >= position

    def pause(self, seconds: float) -> None:
        self.load(self.applied + 1)
        self.live()

    @staticmethod
    def _apply(rows: Rows, key: str, value: int | None) -> None:
        if value is None:
            rows.pop(key, None)
        else:
            rows[key] = value


def compare(world: World, contract: Contract, rounds: int = 10) -> Reconciliation:
    [result] = reconcile_all(
        [contract],
        world.source,
        world.warehouse,
        world.has_passed,
        lambda: len(world.log),
        rounds=rounds,
        pause=world.pause,
    )
    return result


START = {f"key {number}": number + 1 for number in range(30)}


@pytest.fixture(scope="module")
def orders(contracts: Contracts) -> Contract:
    return contracts["tickets__orders"]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), changes=st.integers(0, 12), delay=st.integers(0, 20))
def test_traffic_raises_no_alarm(orders: Contract, seed: int, changes: int, delay: int) -> None:
    assert compare(World(START, seed, changes, delay), orders).differences == ()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    delay=st.integers(0, 20),
    nature=st.sampled_from(["missing", "surplus", "different"]),
)
def test_a_row_that_differs_in_truth_is_found(orders: Contract, seed: int, delay: int, nature: str) -> None:
    world = World({**START, "quiet": 5}, seed, 6, delay)
    if nature == "missing":
        del world.warehouse.rows["quiet"]
    elif nature == "surplus":
        del world.source.rows["quiet"]
    else:
        world.warehouse.rows["quiet"] = 6
    result = compare(world, orders)
    assert [(difference.key, difference.nature) for difference in result.differences] == [("quiet", nature)]
    verdict = source_verdict("b", orders, result)
    assert (verdict.outcome, verdict.failing_rows) == ("failed", 1)
    assert verdict.samples == ({"key": "quiet", "nature": nature},)
    assert f"1 {nature}" in verdict.message


def test_a_change_that_was_lost_on_its_way_is_found(orders: Contract) -> None:
    world = World(START, 1, 0, 0)
    world.lost = {0}
    world.change("key 3", 999)
    (difference,) = compare(world, orders).differences
    assert (difference.key, difference.nature) == ("key 3", "different")


def test_a_loader_that_stands_still_makes_nobody_wrong(orders: Contract) -> None:
    world = World(START, 1, 0, 10**9)
    world.change("key 3", 999)
    world.pause = lambda seconds: None  # type: ignore[method-assign]
    result = compare(world, orders)
    assert (result.differences, result.unsettled) == ((), 1)
    verdict = source_verdict("b", orders, result)
    assert verdict.outcome == "error"
    assert "1 changed at every look" in verdict.message


def test_equal_tables_are_compared_by_their_sums_alone(orders: Contract) -> None:
    result = compare(World(START, 1, 0, 0), orders)
    assert (result.source_rows, result.warehouse_rows, result.rounds) == (30, 30, 0)
    assert source_verdict("b", orders, result).outcome == "passed"


def test_sums_of_different_numbers_of_buckets_cannot_be_compared(orders: Contract) -> None:
    side = Side(START)
    with pytest.raises(ValueError, match="numbers of buckets"):
        different_buckets(side.table(orders, 16), side.table(orders, 32))


@pytest.mark.parametrize(("rows", "buckets"), [(0, 16), (2048, 16), (2176, 32), (10**9, 16384)])
def test_buckets_keep_about_a_hundred_rows(rows: int, buckets: int) -> None:
    assert buckets_for(rows) == buckets


def test_an_archive_that_differs_fails() -> None:
    assert archive_verdict("b", "d", (3, "aa"), (3, "aa")).outcome == "passed"
    different = archive_verdict("b", "d", (3, "aa"), (3, "ab"))
    assert (different.outcome, different.failing_rows) == ("failed", 1)
    assert archive_verdict("b", "d", (9, "aa"), (3, "ab")).failing_rows == 6
