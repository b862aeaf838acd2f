"""What the loader sees of the cluster and the ledger, at the start and every few seconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kafka import TopicPartition

from bilten.errors import TopicHistoryBroken
from bilten.settings import Settings
from ingestion.batches import Range
from ingestion.flush import PARTS_AT_EASE
from ingestion.history import Position, starting_points
from ingestion.ledger import loader_name, read_positions, record
from ingestion.topics import (
    PartitionBounds,
    administration,
    bounds_through,
    partition_bounds,
    remember_group,
)
from warehouse.client import Warehouse
from warehouse.sources import TableState, forget_topic, held_tables
from warehouse.standing import crowded_tables

CONSUMER_GROUP = "bilten-loader"
"""Gets the loader's positions for lag dashboards; nothing resumes there."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The ledger and then the cluster, so that a position beyond a topic's end is a contradiction.

    Attributes:
        positions: where the ledger says to go on; empty when nothing has changed since the last look.
        bounds: what the topics hold.
        held: tables that are not to be landed now.
        parts: parts of the tables that consist of many.
    """

    positions: Mapping[TopicPartition, Position]
    bounds: Mapping[TopicPartition, PartitionBounds]
    held: Mapping[str, TableState]
    parts: Mapping[str, int]


def first_outlook(settings: Settings, warehouse: Warehouse, topics: Collection[str]) -> Outlook:
    """Look at everything.

    Raises:
        KafkaUnavailable: the cluster does not answer.
        WarehouseUnavailable: the warehouse does not answer.
    """
    positions = read_positions(warehouse)
    bounds = partition_bounds(settings, topics)
    return Outlook(positions, bounds, held_tables(warehouse), crowded_tables(warehouse, PARTS_AT_EASE))


def next_outlook(
    settings: Settings,
    warehouse: Warehouse,
    topics: Collection[str],
    *,
    read: Collection[TopicPartition],
    topic_ids: Mapping[str, str],
    recorded: Mapping[TopicPartition, int],
) -> Outlook:
    """Look again, at the ledger only when there are partitions that are not read, or topics made anew.

    Args:
        settings: the cluster.
        warehouse: where the ledger is.
        topics: the topics.
        read: partitions that are being read.
        topic_ids: the incarnation of each topic that is being read.
        recorded: positions in the ledger; they are shown to lag dashboards.

    Raises:
        KafkaUnavailable: the cluster does not answer.
        WarehouseUnavailable: the warehouse does not answer.
    """
    held, parts = held_tables(warehouse), crowded_tables(warehouse, PARTS_AT_EASE)
    with administration(settings) as client:
        bounds = bounds_through(client, topics)
        remember_group(
            client,
            CONSUMER_GROUP,
            {partition: at for partition, at in recorded.items() if partition in bounds},
        )
        same = all(held.topic_id == topic_ids.get(held.topic) for held in bounds.values())
        if same and set(read) >= bounds.keys():
            return Outlook({}, bounds, held, parts)
        positions = read_positions(warehouse)
        return Outlook(positions, bounds_through(client, topics), held, parts)


def broken_topics(
    settings: Settings, warehouse: Warehouse, topics: Collection[str]
) -> dict[str, TopicHistoryBroken]:
    """Those topics that no longer hold what the ledger says was read from them, and why.

    Raises:
        KafkaUnavailable: the cluster does not answer.
        WarehouseUnavailable: the warehouse does not answer.
    """
    positions = read_positions(warehouse)
    bounds = partition_bounds(settings, topics)
    gone = {partition.topic for partition in positions} & set(topics) - {each.topic for each in bounds}
    return {
        **{topic: TopicHistoryBroken(f"The topic {topic} is gone.", topic=topic) for topic in sorted(gone)},
        **starting_points(bounds, positions)[1],
    }


def begin_anew(settings: Settings, warehouse: Warehouse, topic: str) -> None:
    """Have loaders read a topic from the oldest record that it holds, whatever was read of it before.

    The ledger has to say so: a topic of which it knows nothing and whose first records are gone is not begun.

    Raises:
        KafkaUnavailable: the cluster does not answer.
        WarehouseUnavailable: nothing is known of what was done; making the call again is harmless.
    """
    forget_topic(warehouse, topic)
    bounds = partition_bounds(settings, [topic]).values()
    ranges = [Range(topic, held.partition, held.first_offset, held.first_offset) for held in bounds]
    record(warehouse, ranges, {held.topic: held.topic_id for held in bounds}, loader_name())


def behind(
    bounds: Mapping[TopicPartition, PartitionBounds], recorded: Mapping[TopicPartition, int]
) -> dict[str, int]:
    """Offsets that each topic has and the ledger lacks."""
    lag: dict[str, int] = {}
    for partition, held in bounds.items():
        missing = held.next_offset - recorded.get(partition, held.first_offset)
        lag[held.topic] = lag.get(held.topic, 0) + max(0, missing)
    return lag
