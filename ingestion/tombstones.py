"""A tombstone that comes alone, without the delete event before it: it says what is gone, but not since when.

Compaction leaves such ones behind, and other writers send them. The row is deleted just after the newest
change that its topic has before the tombstone, so that a row made anew later stays, also in a replay.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.batches import Headers, Record, arrow_stream, columns_of
from warehouse.client import Warehouse
from warehouse.compile import EPOCH_HEADER
from warehouse.landing import insert_changes
from warehouse.tombstones import LastChange, last_change_before

_DELETES = (b'"op":"d"', b'"op": "d"')


@dataclass(frozen=True, slots=True)
class _Delete:
    """The delete event that was missing, in the tombstone's place."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def delete_by_tombstone(warehouse: Warehouse, dataset: str, records: Sequence[Record]) -> int:
    """Delete the rows of lone tombstones; doing it again is harmless.

    Args:
        warehouse: where the records have just been inserted.
        dataset: the table.
        records: the records, in order.

    Returns:
        How many rows were deleted.

    Raises:
        WarehouseUnavailable: nothing is known of what was done.
        WarehouseError: a tombstone's key is not one of this table.
    """
    deletes = []
    for record in lone_tombstones(records):
        key = (record.key or b"").decode("utf-8", "replace")
        last = last_change_before(warehouse, dataset, key, record.partition, record.offset)
        if last is not None and last.operation != "d":
            deletes.append(_delete(record, last))
    if deletes:
        insert_changes(warehouse, dataset, arrow_stream(columns_of(deletes)), len(deletes))
    return len(deletes)


def lone_tombstones(records: Sequence[Record]) -> list[Record]:
    """Tombstones whose key was not deleted by the record of that key before, as far as these records tell."""
    deleted: set[bytes | None] = set()
    found = []
    for record in records:
        if record.value is not None:
            is_delete = any(mark in record.value for mark in _DELETES)
            (deleted.add if is_delete else deleted.discard)(record.key)
        elif record.key is not None and record.key not in deleted:
            found.append(record)
    return found


def _delete(record: Record, last: LastChange) -> _Delete:
    # Records of the log begin at multiples of eight, so no other change has this position.
    source = {"lsn": last.position + 1, "ts_us": record.timestamp * 1000, "txId": None}
    event = {"before": None, "after": None, "source": source, "op": "d"}
    headers = list(record.headers)
    if last.epoch:
        headers = [(EPOCH_HEADER, str(last.epoch).encode())]
    return _Delete(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        json.dumps(event, separators=(",", ":")).encode(),
        headers,
    )
