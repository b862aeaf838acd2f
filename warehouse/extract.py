"""Reading ``raw`` for the archive: which rows are complete, and the rows of a range of offsets as Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from bilten.contracts import Contract
from bilten.types import TypeMapping
from warehouse.client import Warehouse
from warehouse.fingerprint import row_text

# What identifies a change, whatever offset it was delivered at: a record that was sent twice counts once.
IDENTITY = ("_version", "_op")
# Not part of a change's fingerprint: they differ when the same change is delivered or loaded again.
DELIVERY = frozenset({"_loaded_at", "_offset", "_partition", "_timestamp", "_topic"})


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """Rows of one partition: ``first`` ≤ offset < ``next_offset``, loaded after and until some times.

    The times tell records of a recreated topic from those that had the same offsets before.
    """

    partition: int
    first: int
    next_offset: int
    loaded_after: datetime | None = None
    loaded_until: datetime | None = None

    def condition(self) -> str:
        """The range as a SQL condition on ``raw``."""
        parts = [
            f"_partition = {self.partition}",
            f"_offset >= {self.first}",
            f"_offset < {self.next_offset}",
        ]
        if self.loaded_after is not None:
            parts.append(f"_loaded_at > {_moment(self.loaded_after)}")
        if self.loaded_until is not None:
            parts.append(f"_loaded_at <= {_moment(self.loaded_until)}")
        return f"({' AND '.join(parts)})"


def read_log_closing(
    warehouse: Warehouse, topic: str, partition: int, topic_id: str
) -> tuple[int, datetime] | None:
    """Where a topic that was replaced by another of the same name ended.

    Returns:
        Its last next offset, and when its last records were loaded; None when the ledger no longer knows.
    """
    result = warehouse.query(
        "SELECT max(next_offset), max(loaded_at), count() FROM ops.ledger "
        "WHERE topic = {topic:String} AND partition = {partition:Int32} AND topic_id = {topic_id:String}",
        {"topic": topic, "partition": partition, "topic_id": topic_id},
    )
    next_offset, loaded_at, entries = result.rows[0]
    return (int(next_offset), loaded_at) if int(entries) else None


def read_first_offsets(warehouse: Warehouse, dataset: str) -> dict[int, int]:
    """The first offset that ``raw`` holds of each partition; a topic need not begin at 0."""
    result = warehouse.query(f"SELECT _partition, min(_offset) FROM raw.`{dataset}` GROUP BY _partition")
    return {int(row[0]): int(row[1]) for row in result.rows}


def changes_query(
    dataset: str, columns: Sequence[tuple[str, bool]], key: Sequence[str], ranges: Sequence[OffsetRange]
) -> str:
    """The rows of some ranges, each change once.

    The duplicates of a replay are dropped by their identity and not by FINAL: ``raw`` is ordered by key, so
    FINAL would read every part that may hold the same keys, while the skip index on ``_offset`` leaves only
    the granules of the range (one of 128 in a million rows where nothing was merged since).

    Args:
        dataset: the table in ``raw``.
        columns: its columns in the order wanted, and whether each is wanted as text.
        key: the key's columns.
        ranges: which rows; never empty.
    """
    selected = ", ".join(_exported(name, as_text) for name, as_text in columns)
    condition = " OR ".join(each.condition() for each in ranges)
    identity = ", ".join(f"`{name}`" for name in [*key, *IDENTITY])
    return f"SELECT {selected} FROM raw.`{dataset}` WHERE {condition} LIMIT 1 BY {identity}"


def stream_changes(
    warehouse: Warehouse,
    dataset: str,
    columns: Sequence[tuple[str, bool]],
    key: Sequence[str],
    ranges: Sequence[OffsetRange],
) -> Iterator[pa.RecordBatch]:
    """The rows of some ranges as Arrow batches; memory stays bounded by one block of the engine."""
    yield from warehouse.stream_arrow(changes_query(dataset, columns, key, ranges))


def change_fingerprint_query(
    contract: Contract,
    bookkeeping: Sequence[tuple[str, TypeMapping]],
    relation: str,
    ranges: Sequence[OffsetRange],
) -> str:
    """Rows and hash of the changes in some ranges, each change once, whichever side they stand on.

    Args:
        contract: the table's contract.
        bookkeeping: the bookkeeping columns that belong to a change, with how they are kept.
        relation: ``raw.…``, or a table function that reads the archive.
        ranges: which rows.

    Returns:
        A SELECT of one row: number of changes, and the sum of their 128-bit hashes.
    """
    columns = [(column.name, column.mapping) for column in contract.columns]
    text = row_text([*columns, *bookkeeping])
    identity = ", ".join(f"`{column.name}`" for column in contract.key)
    condition = " OR ".join(each.condition() for each in ranges) or "0"
    separator = ", " if identity else ""
    return (
        f"SELECT count(), sum(hash) FROM (SELECT any(reinterpretAsUInt128(sipHash128({text}))) AS hash "
        f"FROM {relation} WHERE {condition} "
        f"GROUP BY {identity}{separator}toString(`_version`), toString(`_op`))"
    )


def archive_relation(location: str) -> str:
    """The table function that reads an Iceberg table.

    Args:
        location: root of the table as a URI.
    """
    scheme, _, path = location.partition("://")
    if scheme == "file":
        return f"icebergLocal('{path}')"
    return f"iceberg('{location}')"


def _exported(name: str, as_text: bool) -> str:
    if as_text:
        return f"toString(`{name}`) AS `{name}`"
    if name == "_version":
        return "toDecimal128(toString(`_version`), 0) AS `_version`"
    return f"`{name}`"


def _moment(at: datetime) -> str:
    return f"toDateTime64('{at:%Y-%m-%d %H:%M:%S.%f}', 6, 'UTC')"
