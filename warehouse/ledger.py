"""What the warehouse remembers of the change topics: positions, and receipts of what was landed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warehouse.client import Warehouse

LEDGER_COLUMNS = (
    "topic",
    "partition",
    "first_offset",
    "next_offset",
    "rows",
    "bytes",
    "first_timestamp",
    "last_timestamp",
    "loaded_at",
    "loader",
    "epoch",
    "topic_id",
)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One range of one partition, acknowledged by the warehouse.

    Attributes:
        topic: the topic.
        partition: the partition's number.
        first_offset: offset from which was read.
        next_offset: offset to go on from.
        rows: records landed.
        bytes: bytes of their keys and values.
        first_timestamp: Kafka time of the first record; ``loaded_at`` for a range without records.
        last_timestamp: Kafka time of the last record.
        loaded_at: when the insert was acknowledged.
        loader: who landed it.
        epoch: the source's epoch, raised when it is restored or failed over.
        topic_id: the incarnation of the topic.
    """

    topic: str
    partition: int
    first_offset: int
    next_offset: int
    rows: int
    bytes: int
    first_timestamp: datetime
    last_timestamp: datetime
    loaded_at: datetime
    loader: str
    epoch: int
    topic_id: str


@dataclass(frozen=True, slots=True)
class StoredPosition:
    """Where the ledger says to go on in one partition."""

    topic: str
    partition: int
    next_offset: int
    topic_id: str


def write_ledger(warehouse: Warehouse, rows: Iterable[LedgerRow]) -> None:
    """Remember what was acknowledged.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
        WarehouseError: the write was refused.
    """
    values = [tuple(getattr(row, column) for column in LEDGER_COLUMNS) for row in rows]
    warehouse.insert_rows("ops.ledger", LEDGER_COLUMNS, values)


def stored_positions(warehouse: Warehouse) -> list[StoredPosition]:
    """Where to go on in every partition that was ever read.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    answer = warehouse.query("SELECT topic, partition, next_offset, topic_id FROM ops.positions FINAL")
    return [StoredPosition(str(row[0]), int(row[1]), int(row[2]), str(row[3])) for row in answer.rows]


@dataclass(frozen=True, slots=True)
class LandedRange:
    """What the ledger says was landed of one partition in a window of time.

    Attributes:
        topic: the topic.
        topic_id: the incarnation of the topic.
        partition: the partition's number.
        first_offset: the smallest offset.
        next_offset: the offset after the largest.
        rows: records landed.
        bytes: bytes of their keys and values.
        batches: ledger rows.
        first_timestamp: Kafka time of the oldest record.
        last_timestamp: Kafka time of the newest record.
        loader: who landed it; the newest, if there were several.
        epoch: the source's epoch.
    """

    topic: str
    topic_id: str
    partition: int
    first_offset: int
    next_offset: int
    rows: int
    bytes: int
    batches: int
    first_timestamp: datetime
    last_timestamp: datetime
    loader: str
    epoch: int


_LANDED = """
SELECT
    topic,
    topic_id,
    partition,
    min(first_offset) AS first_offset,
    max(next_offset) AS next_offset,
    sum(rows) AS landed_rows,
    sum(bytes) AS landed_bytes,
    count() AS batches,
    min(first_timestamp) AS first_timestamp,
    max(last_timestamp) AS last_timestamp,
    argMax(loader, loaded_at) AS loader,
    max(epoch) AS epoch
FROM ops.ledger
WHERE loaded_at > {after:DateTime64(6, 'UTC')} AND loaded_at <= {until:DateTime64(6, 'UTC')} AND rows > 0
GROUP BY topic, topic_id, partition
ORDER BY topic, topic_id, partition
"""


def landed_between(warehouse: Warehouse, after: datetime, until: datetime) -> list[LandedRange]:
    """What was landed in a window of time, per partition.

    Args:
        warehouse: where the ledger is.
        after: begin of the window, itself not in it.
        until: end of the window, itself in it.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    answer = warehouse.query(_LANDED, {"after": after, "until": until})
    return [LandedRange(*row) for row in answer.rows]


def forget_positions(warehouse: Warehouse) -> None:
    """Let the next loader read every topic from its beginning; what is there already stays as it is.

    Raises:
        WarehouseUnavailable: nothing is known of what was done; making the call again is harmless.
    """
    warehouse.command("TRUNCATE TABLE ops.positions")
