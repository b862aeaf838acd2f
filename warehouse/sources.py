"""What the warehouse remembers of sources and their tables: epochs, and which tables are held and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from warehouse.client import Warehouse
from warehouse.compile.statements import literal

State = Literal["flowing", "paused", "quarantined"]

_SOURCE_COLUMNS = ("source", "address", "epoch", "is_removed", "reason", "changed_at")
_STREAM_COLUMNS = ("source", "started_at", "differences", "position", "checked_at")
_READING_COLUMNS = ("source", "dataset", "epoch", "position", "is_whole", "events", "changed_at")
_TABLE_COLUMNS = ("dataset", "state", "reason", "changed_at")


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source as the warehouse remembers it; its password is not among it.

    Attributes:
        source: its name.
        address: where it is, for people.
        epoch: its epoch.
        reason: why it is as it is.
    """

    source: str
    address: str
    epoch: int
    reason: str


@dataclass(frozen=True, slots=True)
class TableState:
    """Whether a table's changes are landed.

    Attributes:
        dataset: the table.
        state: ``paused`` by somebody, ``quarantined`` by a change of its source, or ``flowing``.
        reason: why.
        changed_at: since when.
    """

    dataset: str
    state: State
    reason: str
    changed_at: datetime


def stored_sources(warehouse: Warehouse) -> dict[str, StoredSource]:
    """Every source that was not removed, by name.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    rows = warehouse.query(
        "SELECT source, address, epoch, reason FROM ops.sources FINAL WHERE NOT is_removed ORDER BY source"
    ).rows
    return {str(row[0]): StoredSource(str(row[0]), str(row[1]), int(row[2]), str(row[3])) for row in rows}


def source_addresses(warehouse: Warehouse) -> dict[str, str]:
    """Where every source is that was not removed, by name; without user and password.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    return {name: stored.address for name, stored in stored_sources(warehouse).items()}


def store_source(warehouse: Warehouse, stored: StoredSource, *, is_removed: bool = False) -> None:
    """Remember a source.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    values = (stored.source, stored.address, stored.epoch, is_removed, stored.reason, datetime.now(UTC))
    warehouse.insert_rows("ops.sources", _SOURCE_COLUMNS, [values])


def held_tables(warehouse: Warehouse) -> dict[str, TableState]:
    """Tables whose changes are not landed now, by dataset.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    return {name: state for name, state in table_states(warehouse).items() if state.state != "flowing"}


def table_states(warehouse: Warehouse) -> dict[str, TableState]:
    """What was last said of tables, by dataset; of those that flow, too.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    rows = warehouse.query(
        "SELECT dataset, state, reason, changed_at FROM ops.table_states FINAL ORDER BY dataset"
    ).rows
    return {str(row[0]): TableState(str(row[0]), row[1], str(row[2]), row[3]) for row in rows}


def irregular_records(warehouse: Warehouse, hours: int = 24) -> dict[str, int]:
    """Records that lately took the complete readers, by dataset: correct, but ten times as dear.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    rows = warehouse.query(
        "SELECT dataset, sum(records) FROM ops.irregular_records "
        "WHERE hour >= now('UTC') - toIntervalHour({hours:UInt16}) GROUP BY dataset ORDER BY dataset",
        {"hours": hours},
    ).rows
    return {str(row[0]): int(row[1]) for row in rows}


def set_table_state(warehouse: Warehouse, dataset: str, state: State, reason: str) -> None:
    """Hold a table, or let it flow again.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    warehouse.insert_rows("ops.table_states", _TABLE_COLUMNS, [(dataset, state, reason, datetime.now(UTC))])


def checked_streams(warehouse: Warehouse) -> dict[str, str]:
    """When the stream began after which a source was last compared, by source.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    rows = warehouse.query(
        "SELECT source, argMax(started_at, checked_at) FROM ops.streams GROUP BY source"
    ).rows
    return {str(row[0]): str(row[1]) for row in rows}


def record_stream(
    warehouse: Warehouse, source: str, started_at: str, differences: int, position: int
) -> None:
    """Remember that a source was compared after its stream began.

    Args:
        warehouse: where.
        source: its name.
        started_at: when the stream began.
        differences: rows that were read again.
        position: of the log, after that: what was committed later is not touched by it.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    warehouse.insert_rows(
        "ops.streams", _STREAM_COLUMNS, [(source, started_at, differences, position, datetime.now(UTC))]
    )


def checked_position(warehouse: Warehouse, source: str) -> int:
    """Where in its log a source was last compared after a start of its stream; 0 if it never was.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    return int(
        warehouse.scalar(
            "SELECT argMax(position, checked_at) FROM ops.streams WHERE source = {source:String}",
            {"source": source},
        )
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of a table that were read beside the log, at one position of it.

    Attributes:
        source: the source's name.
        dataset: the table.
        epoch: the source's epoch.
        position: of the log; each change at a smaller one is in what was read.
        is_whole: whether all rows were read.
        events: events that were sent; None until all are, or for ever if sending broke off.
    """

    source: str
    dataset: str
    epoch: int
    position: int
    is_whole: bool
    events: int | None


def record_reading(warehouse: Warehouse, reading: Reading) -> None:
    """Remember a reading: before its first event is sent, and again with their number after the last.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    values = [getattr(reading, name) for name in _READING_COLUMNS[:-1]]
    warehouse.insert_rows("ops.readings", _READING_COLUMNS, [(*values, datetime.now(UTC))])


def newest_readings(warehouse: Warehouse, source: str, epoch: int) -> dict[str, Reading]:
    """The last reading of each table of a source, in an epoch.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    rows = warehouse.query(
        "SELECT source, dataset, epoch, position, is_whole, events FROM ops.readings FINAL "
        "WHERE source = {source:String} AND epoch = {epoch:UInt16} "
        "ORDER BY dataset, position DESC LIMIT 1 BY dataset",
        {"source": source, "epoch": epoch},
    ).rows
    return {str(row[1]): Reading(*row) for row in rows}


def forget_topic(warehouse: Warehouse, topic: str) -> None:
    """Let the loader read a topic from its beginning; what is there already stays as it is.

    Raises:
        WarehouseUnavailable: nothing is known of what was done; making the call again is harmless.
    """
    warehouse.command(
        f"ALTER TABLE ops.positions DELETE WHERE topic = {literal(topic)}", settings={"mutations_sync": 1}
    )
