"""What the loader sees of the cluster and the ledger, at the start and every few seconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kafka import TopicPartition

from bilten.settings import Settings
from ingestion.history import Position, starting_points
from ingestion.ledger import read_positions
from ingestion.topics import (
    PartitionBounds,
    administration,
    bounds_through,
    partition_bounds,
    remember_group,
)
from warehouse.client import Warehouse
from warehouse.sources import TableState, held_tables

CONSUMER_GROUP = "bilten-loader"
"""Gets the loader's positions for lag dashboards; nothing resumes there."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The ledger and then the cluster, so that a position beyond a topic's end is a contradiction.

    Attributes:
        positions: where the ledger says to go on; empty when nothing has changed since the last look.
        bounds: what the topics hold.
        held: tables that are not to be landed now.
    """

    positions: Mapping[TopicPartition, Position]
    bounds: Mapping[TopicPartition, PartitionBounds]
    held: Mapping[str, TableState]


def first_outlook(settings: Settings, warehouse: Warehouse, topics: Collection[str]) -> Outlook:
    """Look at everything.

    Raises:
        KafkaUnavailable: the cluster does not answer.
        WarehouseUnavailable: the warehouse does not answer.
    """
    positions = read_positions(warehouse)
    return Outlook(positions, partition_bounds(settings, topics), held_tables(warehouse))


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
    held = held_tables(warehouse)
    with administration(settings) as client:
        bounds = bounds_through(client, topics)
        remember_group(
            client,
            CONSUMER_GROUP,
            {partition: at for partition, at in recorded.items() if partition in bounds},
        )
        same = all(held.topic_id == topic_ids.get(held.topic) for held in bounds.values())
        if same and set(read) >= bounds.keys():
            return Outlook({}, bounds, held)
        positions = read_positions(warehouse)
        return Outlook(positions, bounds_through(client, topics), held)


def history_is_broken(settings: Settings, warehouse: Warehouse, topic: str) -> bool:
    """Whether a topic no longer holds what the ledger says was read from it.

    Raises:
        KafkaUnavailable: the cluster does not answer.
        WarehouseUnavailable: the warehouse does not answer.
    """
    positions = read_positions(warehouse)
    return topic in starting_points(partition_bounds(settings, [topic]), positions)[1]


def behind(
    bounds: Mapping[TopicPartition, PartitionBounds], recorded: Mapping[TopicPartition, int]
) -> dict[str, int]:
    """Offsets that each topic has and the ledger lacks."""
    lag: dict[str, int] = {}
    for partition, held in bounds.items():
        missing = held.next_offset - recorded.get(partition, held.first_offset)
        lag[held.topic] = lag.get(held.topic, 0) + max(0, missing)
    return lag
