"""What the warehouse remembers of files that arrived by day, and what a corrected file leaves behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bilten.contracts import Contract
from warehouse.client import Warehouse
from warehouse.compile.names import POSITION_HEADER, raw
from warehouse.compile.rows import JSON_SETTINGS, row_type
from warehouse.compile.statements import identifier, literal

FileState = Literal["begun", "landed", "duplicate", "refused", "abandoned"]
_EPOCH = date(1970, 1, 1)
_COLUMNS = (
    *("dataset", "day", "position", "path", "content", "bytes", "modified_ns", "first_offset", "lines"),
    *("dead", "removed", "state", "reason", "first_seen", "changed_at"),
)


def partition_of(day: date) -> int:
    """The partition that the lines of a day's files have: days since 1970."""
    return (day - _EPOCH).days


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it was delivered once; a corrected one is another, though it has the same name.

    Attributes:
        dataset: whose rows it has.
        day: its day.
        position: its place among the files of the day; the greatest that was landed is the one that counts.
        path: its name below the dataset's folder.
        content: SHA-256 of its bytes, in hexadecimal.
        bytes: its size.
        modified_ns: when it was last written, nanoseconds since 1970.
        first_offset: its line ``n`` is the record with this offset plus ``n``.
        lines: lines read.
        dead: lines that became dead letters.
        removed: rows of earlier files of the day that it no longer has.
        state: ``begun``; ``landed``; ``duplicate`` of what counted for the day already; ``refused`` as a
            whole; ``abandoned``, for it was replaced before it was landed.
        reason: why, where there is something to say.
        first_seen: when it was first looked into.
        changed_at: when this was last written.
    """

    dataset: str
    day: date
    position: int
    path: str
    content: str
    bytes: int
    modified_ns: int
    first_offset: int
    lines: int
    dead: int
    removed: int
    state: FileState
    reason: str
    first_seen: datetime
    changed_at: datetime

    @property
    def next_offset(self) -> int:
        """The offset after those of its lines."""
        return self.first_offset + self.lines + 1


def stored_files(warehouse: Warehouse, dataset: str = "") -> tuple[StoredFile, ...]:
    """Every file that was looked into, by dataset, day and position.

    Args:
        warehouse: where they are remembered.
        dataset: only those of this dataset.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    answer = warehouse.query(
        f"SELECT {', '.join(_COLUMNS)} FROM ops.files FINAL "
        "WHERE {dataset:String} = '' OR dataset = {dataset:String} ORDER BY dataset, day, position",
        {"dataset": dataset},
    )
    return tuple(StoredFile(*row) for row in answer.rows)


def store_files(warehouse: Warehouse, files: Iterable[StoredFile]) -> None:
    """Remember files; of one that is known already, what is said now counts.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    rows = [tuple(getattr(file, column) for column in _COLUMNS) for file in files]
    warehouse.insert_rows("ops.files", _COLUMNS, rows)


def lines_that_count(warehouse: Warehouse) -> dict[str, int]:
    """Good lines of the files that count, by dataset.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    answer = warehouse.query(
        "SELECT dataset, sum(good) FROM (SELECT dataset, argMax(lines - dead, position) AS good "
        "FROM ops.files FINAL WHERE state = 'landed' GROUP BY dataset, day) GROUP BY dataset"
    )
    return {str(row[0]): int(row[1]) for row in answer.rows}


def next_offset(warehouse: Warehouse, dataset: str, day: date) -> int:
    """An offset behind all that was ever inserted for a day, also by a file that was not landed wholly.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    parameters = {"dataset": dataset, "partition": partition_of(day)}
    found = warehouse.scalar(
        "SELECT max(offset) FROM ("
        f"SELECT max(_offset) + 1 AS offset FROM {raw(dataset)} WHERE _partition = {{partition:Int32}} "
        "HAVING count() > 0 UNION ALL "
        "SELECT max(offset) + 1 FROM ops.dead_letters "
        "WHERE dataset = {dataset:String} AND partition = {partition:Int32} HAVING count() > 0 UNION ALL "
        "SELECT max(toInt64(first_offset + lines + 1)) FROM ops.files "
        "WHERE dataset = {dataset:String} AND day = toDate32({partition:Int32}) HAVING count() > 0)",
        parameters,
    )
    return int(found or 0)


def left_behind(warehouse: Warehouse, contract: Contract, day: date, position: int) -> list[str]:
    """Keys of rows that came last in an earlier file of a day, and are not deleted yet.

    A row that another day's file has brought since belongs to that day.

    Args:
        warehouse: where the rows are.
        contract: of the dataset.
        day: the day.
        position: of the file that counts for it.

    Returns:
        JSON objects of the keys.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    columns = ", ".join(identifier(column.name) for column in contract.key)
    settings = ", ".join(f"{name} = {literal(value)}" for name, value in JSON_SETTINGS.items())
    table = raw(contract.name)
    answer = warehouse.query(
        f"SELECT toJSONString(CAST(tuple({columns}), {literal(row_type(contract.key))})) FROM ("
        f"SELECT {columns}, argMax(tuple(_partition, _position, _op), _version) AS last FROM {table} "
        f"WHERE tuple({columns}) IN (SELECT tuple({columns}) FROM {table} "
        "WHERE _partition = {partition:Int32} AND _position < {position:UInt64}) "
        f"GROUP BY {columns}) "
        "WHERE last.1 = {partition:Int32} AND last.2 < {position:UInt64} AND last.3 != 'd' "
        f"ORDER BY ALL SETTINGS {settings}",
        {"partition": partition_of(day), "position": position},
    )
    return [str(row[0]) for row in answer.rows]


def outcome_of(warehouse: Warehouse, dataset: str, day: date, position: int) -> tuple[int, int]:
    """How many lines of a file became dead letters, and how many rows of earlier files it removed.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    answer = warehouse.query(
        f"SELECT (SELECT uniqExact(id) FROM ops.dead_letters WHERE {_LETTERS} "
        f"AND headers[{literal(POSITION_HEADER)}] = toString({{position:UInt64}})), "
        f"(SELECT count() FROM {raw(dataset)} FINAL WHERE _partition = {{partition:Int32}} "
        "AND _position = {position:UInt64} AND _op = 'd')",
        _of_day(dataset, day, position),
    )
    dead, removed = answer.rows[0]
    return int(dead), int(removed)


def discard_dead_lines(warehouse: Warehouse, dataset: str, day: date, position: int) -> None:
    """Discard the open dead letters of a day's other files: a corrected file has taken their place.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    warehouse.command(
        "INSERT INTO ops.dead_letters "
        "SELECT * REPLACE ('discarded' AS status, now64(6, 'UTC') AS updated_at) "
        # In the same query, status would be the new one.
        f"FROM (SELECT * FROM ops.dead_letters FINAL WHERE {_LETTERS} AND status = 'open' "
        f"AND headers[{literal(POSITION_HEADER)}] != toString({{position:UInt64}}))",
        _of_day(dataset, day, position),
    )


_LETTERS = "dataset = {dataset:String} AND partition = {partition:Int32}"


def _of_day(dataset: str, day: date, position: int) -> dict[str, object]:
    return {"dataset": dataset, "partition": partition_of(day), "position": position}
