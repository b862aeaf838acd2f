from __future__ import annotations

import pytest
from kafka import TopicPartition

from ingestion.history import Position, starting_points
from ingestion.topics import PartitionBounds


def held(partition: int = 0, *, topic: str = "orders", first: int = 0, after: int = 100) -> PartitionBounds:
    return PartitionBounds(topic, partition, "id-1", first, after)


def test_reading_goes_on_where_the_ledger_stands_and_begins_at_the_beginning() -> None:
    bounds = {TopicPartition("orders", number): held(number) for number in (0, 1)}
    offsets, broken = starting_points(bounds, {TopicPartition("orders", 0): Position(42, "id-1")})
    assert offsets == {TopicPartition("orders", 0): 42, TopicPartition("orders", 1): 0}
    assert broken == {}


@pytest.mark.parametrize(
    ("bounds", "position", "said"),
    [
        (held(), Position(50, "id-0"), "deleted and created again"),
        (held(), Position(101, "id-1"), "stands at 101, but it ends at 100"),
        (held(first=60), Position(50, "id-1"), "stands at 50, but it begins at 60"),
        (held(first=60), None, "first 60 records were deleted before they were ever read"),
    ],
)
def test_a_topic_that_is_not_what_was_read_is_stopped(
    bounds: PartitionBounds, position: Position | None, said: str
) -> None:
    partition = TopicPartition("orders", 0)
    ledger = {partition: position} if position else {}
    offsets, broken = starting_points({partition: bounds}, ledger)
    assert offsets == {}
    assert said in broken["orders"].what
    assert not broken["orders"].retryable


def test_one_broken_partition_stops_its_topic_and_no_other() -> None:
    bounds = {
        TopicPartition("orders", 0): held(0, first=10),
        TopicPartition("orders", 1): held(1),
        TopicPartition("users", 0): held(0, topic="users"),
    }
    offsets, broken = starting_points(bounds, {})
    assert offsets == {TopicPartition("users", 0): 0}
    assert set(broken) == {"orders"}


def test_a_position_at_the_very_end_is_sound() -> None:
    partition = TopicPartition("orders", 0)
    offsets, broken = starting_points({partition: held(first=100)}, {partition: Position(100, "")})
    assert offsets == {partition: 100}
    assert not broken
