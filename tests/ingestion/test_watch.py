from __future__ import annotations

from kafka import TopicPartition

from ingestion.topics import PartitionBounds
from ingestion.watch import LOOKS, Watch

ORDERS, USERS = TopicPartition("orders", 0), TopicPartition("users", 0)
BOUNDS = {
    ORDERS: PartitionBounds("orders", 0, "id", 0, 100),
    USERS: PartitionBounds("users", 0, "id", 0, 100),
}


def test_a_partition_that_stands_before_records_is_noticed_after_some_looks() -> None:
    watch = Watch()
    looks = [watch.stuck({ORDERS: 50, USERS: 100}, BOUNDS) for _ in range(LOOKS + 1)]
    assert looks == [[]] * LOOKS + [[ORDERS]]


def test_one_that_moves_or_has_arrived_is_not_stuck() -> None:
    watch = Watch()
    for place in range(10):
        assert watch.stuck({ORDERS: place, USERS: 100}, BOUNDS) == []


def test_partitions_that_are_not_read_and_times_of_full_memory_do_not_count() -> None:
    watch = Watch()
    for _ in range(LOOKS):
        assert watch.stuck({ORDERS: 50}, BOUNDS) == []
    watch.forget()
    assert watch.stuck({ORDERS: 50}, BOUNDS) == []
