"""Positions: read from the warehouse at the start, written back after each acknowledged insert."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from kafka import TopicPartition

from ingestion.batches import Range
from ingestion.history import Position
from warehouse.client import Warehouse
from warehouse.ledger import LedgerRow, stored_positions, write_ledger


def loader_name() -> str:
    """Host and process: who a ledger row came from."""
    return f"{socket.gethostname()}:{os.getpid()}"


def read_positions(warehouse: Warehouse) -> dict[TopicPartition, Position]:
    """Where to go on, per partition.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    return {
        TopicPartition(stored.topic, stored.partition): Position(stored.next_offset, stored.topic_id)
        for stored in stored_positions(warehouse)
    }


def record(
    warehouse: Warehouse, ranges: Iterable[Range], topic_ids: Mapping[str, str], loader: str
) -> dict[TopicPartition, int]:
    """Write acknowledged ranges down.

    Args:
        warehouse: where to.
        ranges: in order, per partition without a hole; neighbours are joined into one row.
        topic_ids: incarnation of each topic.
        loader: who landed them.

    Returns:
        The new position of each partition.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    joined: dict[TopicPartition, Range] = {}
    for one in ranges:
        partition = TopicPartition(one.topic, one.partition)
        before = joined.get(partition)
        joined[partition] = before.joined(one) if before else one
    now = datetime.now(UTC)
    write_ledger(
        warehouse,
        [
            LedgerRow(
                topic=one.topic,
                partition=one.partition,
                first_offset=one.first_offset,
                next_offset=one.next_offset,
                rows=one.rows,
                bytes=one.bytes,
                first_timestamp=_time(one.first_timestamp, now),
                last_timestamp=_time(one.last_timestamp, now),
                loaded_at=now,
                loader=loader,
                epoch=one.epoch,
                topic_id=topic_ids[one.topic],
            )
            for one in joined.values()
        ],
    )
    return {partition: one.next_offset for partition, one in joined.items()}


def _time(milliseconds: int | None, otherwise: datetime) -> datetime:
    return otherwise if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
