"""Reading what is behind a figure: the row of a mart, the rows that made it, the changes that made those."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bilten.contracts import Contract
from warehouse.client import Warehouse
from warehouse.fingerprint import row_text

Row = dict[str, Any]

_VALUES = "(SELECT arrayJoin(JSONExtract({keys:String}, 'Array(String)')))"


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a result.

    Attributes:
        rows: the first ones.
        total: how many there are.
    """

    rows: tuple[Row, ...]
    total: int


def row_of(
    warehouse: Warehouse, database: str, table: str, key: Sequence[tuple[str, str]]
) -> tuple[Row, ...]:
    """The rows of a table whose key columns, as text, have these values; at most two."""
    condition = " AND ".join(f"toString(`{column}`) = {{v{n}:String}}" for n, (column, _) in enumerate(key))
    return _rows(
        warehouse,
        f"SELECT * FROM `{database}`.`{table}` WHERE {condition or '1'} LIMIT 2",
        {f"v{n}": value for n, (_, value) in enumerate(key)},
    )


def chosen_rows(
    warehouse: Warehouse,
    database: str,
    table: str,
    condition: str,
    parameters: Mapping[str, str],
    limit: int,
) -> Rows:
    """Some rows of a table, to choose one from.

    Args:
        warehouse: the warehouse.
        database: of the table.
        table: its name.
        condition: which rows, with parameters; empty for all.
        parameters: their values.
        limit: how many rows are wanted.
    """
    source = f"FROM `{database}`.`{table}` WHERE {condition or '1'}"
    total = warehouse.scalar(f"SELECT count() {source}", parameters)
    rows = _rows(warehouse, f"SELECT * {source} LIMIT {{limit:UInt32}}", {**parameters, "limit": limit})
    return Rows(rows, int(total))


def rows_behind(warehouse: Warehouse, query: str, limit: int) -> Rows:
    """The rows that a query gives: the first of them, and how many there are.

    Args:
        warehouse: the warehouse.
        query: one SELECT, made from a model's statement.
        limit: how many rows are wanted.
    """
    total = warehouse.scalar(f"SELECT count() FROM ({query})")
    return Rows(
        _rows(warehouse, f"SELECT * FROM ({query}) LIMIT {{limit:UInt32}}", {"limit": limit}), int(total)
    )


def changes_behind(
    warehouse: Warehouse, dataset: str, column: str, values: Sequence[str], cut: str, limit: int
) -> Rows:
    """The change events of some rows of a source until a moment, oldest first.

    Args:
        warehouse: the warehouse.
        dataset: the source.
        column: the column that says which rows.
        values: its values, as text.
        cut: the moment, as text in UTC.
        limit: how many events are wanted.
    """
    where = (
        f"FROM raw.`{dataset}` FINAL WHERE toString(`{column}`) IN {_VALUES} "
        "AND _committed_at <= parseDateTime64BestEffort({cut:String}, 6, 'UTC')"
    )
    parameters = {"keys": json.dumps(list(values)), "cut": cut}
    total = warehouse.scalar(f"SELECT count() {where}", parameters)
    rows = _rows(
        warehouse,
        f"SELECT * {where} ORDER BY _version, _offset LIMIT {{limit:UInt32}}",
        {**parameters, "limit": limit},
    )
    return Rows(rows, int(total))


def change_hashes(
    warehouse: Warehouse, contract: Contract, relation: str, places: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], str]:
    """What some changes hold, as one hash each: equal values have equal hashes, wherever they are kept.

    Args:
        warehouse: the warehouse; it must be able to read the archive's files.
        contract: of the source.
        relation: ``raw.…``, or a table function that reads the archive (`extract.archive_relation`).
        places: partition and offset of each change.

    Returns:
        Hashes by partition and offset, of those that are there.
    """
    text = row_text([(column.name, column.mapping) for column in contract.columns])
    offsets = [offset for _, offset in places]
    rows = warehouse.query(
        f"""SELECT toInt64(_partition), toInt64(_offset), hex(any(sipHash128({text}))) FROM {relation}
        WHERE _offset BETWEEN {{first:Int64}} AND {{last:Int64}}
            AND (toInt64(_partition), toInt64(_offset)) IN (
                SELECT arrayJoin(JSONExtract({{places:String}}, 'Array(Tuple(Int64, Int64))'))
            )
        GROUP BY ALL""",
        {"first": min(offsets), "last": max(offsets), "places": json.dumps(list(places))},
    ).rows
    return {(int(partition), int(offset)): str(found) for partition, offset, found in rows}


def loads_behind(warehouse: Warehouse, job: tuple[str, str], first: int, last: int) -> tuple[Row, ...]:
    """The windows of the loader that hold offsets of a range: run, partition, offsets, when it ended."""
    return _rows(
        warehouse,
        """SELECT run_id, event_time, JSONExtractInt(part, 'partition') AS partition,
            JSONExtractInt(part, 'firstOffset') AS first_offset,
            JSONExtractInt(part, 'nextOffset') AS next_offset
        FROM (SELECT run_id, event_time, arrayJoin(JSONExtractArrayRaw(
                event, 'inputs', 1, 'inputFacets', 'bilten_kafkaOffsets', 'partitions')) AS part
            FROM lineage.events FINAL
            WHERE job_namespace = {namespace:String} AND job_name = {name:String} AND event_type = 'COMPLETE')
        WHERE first_offset <= {last:Int64} AND next_offset > {first:Int64}
        ORDER BY first_offset LIMIT 10000""",
        {"namespace": job[0], "name": job[1], "first": first, "last": last},
    )


def _rows(warehouse: Warehouse, sql: str, parameters: dict[str, Any]) -> tuple[Row, ...]:
    answer = warehouse.query(sql, parameters)
    return tuple(dict(zip(answer.columns, row, strict=True)) for row in answer.rows)
