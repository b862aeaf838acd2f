"""Positions: every offset is planned exactly once, whatever the pace, the partitions and recreated topics."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.positions import (
    ArchivedLog,
    Closing,
    Positions,
    plan_step,
    positions_property,
    read_positions,
    replaced_logs,
)
from bilten.errors import ArchiveHistoryBroken
from warehouse.extract import OffsetRange
from warehouse.ledger import StoredPosition

CLOSED = datetime(2026, 1, 1, tzinfo=UTC)


def end(partition: int, next_offset: int, topic_id: str = "one") -> StoredPosition:
    return StoredPosition("ticketing.tickets.orders", partition, next_offset, topic_id)


def everything(
    positions: Positions,
    ends: list[StoredPosition],
    most: int,
    firsts: dict[int, int] | None = None,
    closings: dict[int, Closing] | None = None,
) -> tuple[Positions, list[OffsetRange]]:
    ranges: list[OffsetRange] = []
    while step := plan_step("tickets__orders", positions, ends, closings or {}, firsts or {}, most):
        assert sum(each.next_offset - each.first for each in step.ranges) <= most
        ranges.extend(step.ranges)
        positions = step.positions
    return positions, ranges


@given(
    rounds=st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=1, max_size=6),
    most=st.integers(1, 25),
)
def test_ranges_cover_every_offset_once(rounds: list[list[int]], most: int) -> None:
    positions: Positions = ()
    reached = [0, 0, 0]
    seen: list[tuple[int, int]] = []
    for growth in rounds:
        reached = [old + more for old, more in zip(reached, growth, strict=True)]
        ends = [end(partition, offset) for partition, offset in enumerate(reached)]
        positions, ranges = everything(positions, ends, most)
        seen += [
            (each.partition, offset) for each in ranges for offset in range(each.first, each.next_offset)
        ]
    expected = [(partition, offset) for partition in range(3) for offset in range(reached[partition])]
    assert sorted(seen) == expected
    assert read_positions(positions_property(positions)) == positions


def test_a_topic_need_not_begin_at_zero() -> None:
    _, ranges = everything((), [end(0, 1_000_010)], 100, firsts={0: 1_000_000})
    assert ranges == [OffsetRange(0, 1_000_000, 1_000_010)]


def test_a_recreated_topic_is_finished_and_then_begun_again() -> None:
    positions: Positions = (ArchivedLog(0, "one", 50),)
    ends = [end(0, 30, "two")]
    assert replaced_logs(positions, ends) == positions
    positions, ranges = everything(positions, ends, 100, closings={0: Closing(60, CLOSED)})
    assert ranges == [
        OffsetRange(0, 50, 60, loaded_until=CLOSED),
        OffsetRange(0, 0, 30, loaded_after=CLOSED),
    ]
    assert positions == (
        ArchivedLog(0, "one", 60, loaded_until=CLOSED),
        ArchivedLog(0, "two", 30, loaded_after=CLOSED),
    )
    assert read_positions(positions_property(positions)) == positions
    assert replaced_logs(positions, ends) == ()


def test_a_replaced_topic_of_unknown_end_stops_its_table() -> None:
    with pytest.raises(ArchiveHistoryBroken, match="nobody knows where the old one ended"):
        everything((ArchivedLog(0, "one", 50),), [end(0, 30, "two")], 100)


def test_a_warehouse_behind_its_archive_stops_the_table() -> None:
    with pytest.raises(ArchiveHistoryBroken, match="has not read yet"):
        everything((ArchivedLog(0, "one", 50),), [end(0, 49)], 100)
