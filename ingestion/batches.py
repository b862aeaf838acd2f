"""Kafka records → Arrow columns of the landing table, without looking into a single value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from ingestion.sources.definition import LARGEST_EPOCH
from warehouse.compile import EPOCH_HEADER

HEADERS = pa.map_(pa.string(), pa.binary())
SCHEMA = pa.schema(
    [
        pa.field("_topic", pa.string(), nullable=False),
        pa.field("_partition", pa.int32(), nullable=False),
        pa.field("_offset", pa.int64(), nullable=False),
        pa.field("_timestamp", pa.timestamp("ms", tz="UTC"), nullable=False),
        pa.field("headers", HEADERS, nullable=False),
        pa.field("key", pa.large_binary()),
        pa.field("value", pa.large_binary()),
    ]
)
"""The landing table's columns in order. Large offsets, because a batch may hold more than 2 GiB of values."""

# The end mark has 8 bytes; the rest is for padding.
_STREAM_END_BYTES = 64

Headers = Sequence[tuple[str, bytes | None]]


class Record(Protocol):
    """What is used of a Kafka record."""

    @property
    def topic(self) -> str:
        """The topic."""

    @property
    def partition(self) -> int:
        """The partition's number."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def timestamp(self) -> int:
        """Kafka time, milliseconds since 1970."""

    @property
    def key(self) -> bytes | None:
        """The key."""

    @property
    def value(self) -> bytes | None:
        """The value; None in a tombstone."""

    @property
    def headers(self) -> Headers:
        """The headers, in order."""


@dataclass(frozen=True, slots=True)
class Range:
    """Part of one partition, read without a hole: what the ledger remembers.

    Attributes:
        topic: the topic.
        partition: the partition's number.
        first_offset: offset from which was read.
        next_offset: offset to go on from; past the last record by transaction markers, perhaps.
        rows: records in it.
        bytes: bytes of their keys and values.
        first_timestamp: Kafka time of the first record, milliseconds since 1970; None without records.
        last_timestamp: Kafka time of the last one.
        epoch: of the source, as the last record of each poll bears it; the highest of them.
    """

    topic: str
    partition: int
    first_offset: int
    next_offset: int
    rows: int = 0
    bytes: int = 0
    first_timestamp: int | None = None
    last_timestamp: int | None = None
    epoch: int = 0

    def joined(self, later: Range) -> Range:
        """Both as one; the later range begins where this one ends."""
        first = self.first_timestamp if self.first_timestamp is not None else later.first_timestamp
        last = later.last_timestamp if later.last_timestamp is not None else self.last_timestamp
        return Range(
            self.topic,
            self.partition,
            self.first_offset,
            later.next_offset,
            self.rows + later.rows,
            self.bytes + later.bytes,
            first,
            last,
            max(self.epoch, later.epoch),
        )


def size_of(records: Iterable[Record]) -> int:
    """Bytes of keys and values."""
    return sum(len(record.value or b"") + len(record.key or b"") for record in records)


def range_of(records: Sequence[Record], first_offset: int, next_offset: int) -> Range:
    """The range that records of one partition cover.

    Args:
        records: records in offset order, at least one.
        first_offset: the position before they were read.
        next_offset: the position after.
    """
    return Range(
        records[0].topic,
        records[0].partition,
        first_offset,
        next_offset,
        len(records),
        size_of(records),
        records[0].timestamp,
        records[-1].timestamp,
        epoch_of(records[-1]),
    )


def epoch_of(record: Record) -> int:
    """The epoch that a record bears: 0 without one, and where the views will say what is wrong with it."""
    text = next((value for name, value in record.headers if name == EPOCH_HEADER), None) or b""
    epoch = int(text) if text.isdigit() and len(text) <= len(str(LARGEST_EPOCH)) else 0
    return epoch if epoch <= LARGEST_EPOCH else 0


def columns_of(records: Sequence[Record], added: Headers = ()) -> pa.RecordBatch:
    """The landing table's columns for records of any partitions, in the order given.

    Args:
        records: records of one topic.
        added: headers that every record gets beside its own.
    """
    return pa.RecordBatch.from_arrays(
        [
            pa.array([record.topic for record in records], pa.string()),
            pa.array([record.partition for record in records], pa.int32()),
            pa.array([record.offset for record in records], pa.int64()),
            pa.array([record.timestamp for record in records], pa.int64()).cast(
                SCHEMA.field("_timestamp").type
            ),
            _headers([record.headers for record in records], added),
            pa.array([record.key for record in records], pa.large_binary()),
            pa.array([record.value for record in records], pa.large_binary()),
        ],
        schema=SCHEMA,
    )


def refused_columns_of(
    records: Sequence[Record], added: Headers, reasons: Sequence[str], now: datetime
) -> pa.RecordBatch:
    """Records with the reason why each was refused, for the table that leads to the dead letters.

    Args:
        records: the records.
        added: headers that every record gets beside its own.
        reasons: one for each record.
        now: the time, with a time zone.
    """
    batch = columns_of(records, added)
    # There a column of the contract may be called key or value, so the record's own are marked.
    batch = batch.rename_columns(
        [name if name.startswith("_") else f"_{name}" for name in batch.schema.names]
    )
    loaded_at = pa.array([now] * len(records), pa.timestamp("us", tz="UTC"))
    listed = pa.array([[reason] for reason in reasons], pa.list_(pa.string()))
    return batch.append_column("_loaded_at", loaded_at).append_column("_reasons", listed)


def arrow_stream(batch: pa.RecordBatch) -> memoryview:
    """One Arrow IPC stream: schema, the batch, end. Written once, into memory of just its size."""
    room = pa.ipc.get_record_batch_size(batch) + batch.schema.serialize().size + _STREAM_END_BYTES
    memory = pa.allocate_buffer(room)
    sink = pa.FixedSizeBufferWriter(memory)
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return memoryview(memory)[: sink.tell()]


def _headers(headers: Sequence[Headers], added: Headers) -> pa.MapArray:
    """Headers hardly differ between records, so each distinct list is converted once and taken often."""
    places: dict[tuple[tuple[str, bytes | None], ...], int] = {}
    taken = [places.setdefault(tuple(one), len(places)) for one in headers]
    distinct = [
        [(name, value if value is not None else b"") for name, value in (*one, *added)] for one in places
    ]
    return pa.array(distinct, HEADERS).take(pa.array(taken, pa.int32()))
