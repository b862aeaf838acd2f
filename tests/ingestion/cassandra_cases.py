"""Tables of a Cassandra with values of every type and at their edges, and how both sides are compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bilten.contracts import Column, Contract
from ingestion.sources.cassandra.connection import Connection
from warehouse.client import Warehouse

KEYSPACE = "CREATE KEYSPACE {} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"

TABLES = (
    KEYSPACE.format("shop"),
    "CREATE TYPE shop.address (street text, zip int)",
    """CREATE TABLE shop.every (
        hall text, seat int, a_ascii ascii, a_bigint bigint, a_blob blob, a_boolean boolean, a_date date,
        a_decimal decimal, a_double double, a_float float, a_inet inet, a_smallint smallint, a_time time,
        a_timestamp timestamp, a_timeuuid timeuuid, a_tinyint tinyint, a_uuid uuid, a_varint varint,
        a_list frozen<list<decimal>>, a_set frozen<set<uuid>>, a_map frozen<map<text, timestamp>>,
        a_pairs frozen<map<int, varint>>, a_tuple tuple<int, text, date>, an_address frozen<address>,
        a_duration duration, an_open_set set<text>, a_static text static,
        PRIMARY KEY (hall, seat)) WITH cdc = true""",
    "CREATE TABLE shop.customers (id uuid PRIMARY KEY, name text, email text, age int) WITH cdc = true",
    """CREATE TABLE shop.sessions (id int PRIMARY KEY, who text)
        WITH cdc = true AND default_time_to_live = 3600""",
    "CREATE TABLE shop.uncaptured (id int PRIMARY KEY, name text)",
    "CREATE TABLE shop.hits (id int PRIMARY KEY, n counter)",
    """CREATE MATERIALIZED VIEW shop.by_name AS SELECT name, id FROM shop.customers
        WHERE name IS NOT NULL AND id IS NOT NULL PRIMARY KEY (name, id)""",
)
CAPTURED = {"every", "customers", "sessions"}

ROWS = (
    """INSERT INTO shop.every (hall, seat, a_ascii, a_bigint, a_blob, a_boolean, a_date, a_decimal, a_double,
        a_float, a_inet, a_smallint, a_time, a_timestamp, a_timeuuid, a_tinyint, a_uuid, a_varint, a_list,
        a_set, a_map, a_pairs, a_tuple, an_address, a_duration, an_open_set, a_static) VALUES
        ('{hall}', 1, 'as', -9223372036854775808, 0x00ff, true, '2026-01-31',
        123456789012345678901234567890.000000001000, 0.1, 0.1, '10.0.0.1', -32768, '23:59:59.999999999',
        '2026-01-31 12:00:00.123+0000', 50554d6e-29bb-11e5-b345-feff819cdc9f, -128,
        00000000-0000-0000-0000-00000000000a, -123456789012345678901234567890, [1.10, 2, -0.0],
        {{ffffffff-0000-0000-0000-00000000000a, 0000000a-0000-0000-0000-00000000000a}},
        {{'z/"\\': '2026-01-31 12:00:00.123+0000', 'ä': '1969-12-31 23:59:59.999+0000'}},
        {{10: 1, -2: 99999999999999999999}}, (1, 't"', '0001-01-01'), {{street: 'x/y', zip: null}},
        1mo2d, {{'a'}}, 'same for all')""",
    """INSERT INTO shop.every (hall, seat, a_ascii, a_blob, a_date, a_decimal, a_double, a_float, a_inet,
        a_timestamp, a_list, a_set, a_map, a_pairs) VALUES
        ('{hall}', 2, '', 0x, '9999-12-31', -1E+3, 1.7976931348623157E308, 1.1754944E-38, '2001:db8::1',
        '9999-12-31 23:59:59.999+0000', [], {{}}, {{}}, {{}})""",
    "INSERT INTO shop.every (hall, seat) VALUES ('{hall}', 3)",
    "UPDATE shop.every SET a_float = 3.4028235E38, a_double = -0.0, a_timestamp = 0 "
    "WHERE hall = '{hall}' AND seat = 4",
)


def every_row(hall: str) -> tuple[str, ...]:
    """Statements that write rows of every type into a partition of ``shop.every``."""
    return tuple(statement.format(hall=hall) for statement in ROWS)


Key = tuple[object, ...]
Values = dict[str, object]


def source_values(connection: Connection, contract: Contract) -> dict[Key, Values]:
    """Rows of the source by key."""
    listed = ", ".join(column.name for column in contract.columns)
    rows = connection.execute(
        f"SELECT {listed} FROM {contract.source_schema}.{contract.source_table}"
    ).fetchall()
    return dict(_row(contract, row) for row in rows)


def kept_values(warehouse: Warehouse, contract: Contract) -> dict[Key, Values]:
    """Rows of the warehouse by key."""
    forms = {"bytes": "lower(hex({}))", "date": "toInt32({})"}
    listed = ", ".join(
        forms.get(column.mapping.family, "{}").format(column.name) for column in contract.columns
    )
    answer = warehouse.query(f"SELECT {listed} FROM ods.{contract.name}")
    return dict(_row(contract, row) for row in answer.rows)


def _row(contract: Contract, row: Any) -> tuple[Key, Values]:
    values = {column.name: _value(column, value) for column, value in zip(contract.columns, row, strict=True)}
    return tuple(values[column.name] for column in contract.key), values


def _value(column: Column, value: Any) -> object:
    """A value in a form that both sides have."""
    if value is None:
        return None
    if column.mapping.family == "json":
        return _canonical(json.loads(value) if isinstance(value, str) else _plain(value))
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if column.source_type == "varint" else _plain(value)


def _plain(value: Any) -> object:
    if hasattr(value, "_asdict"):
        return {name: _plain(each) for name, each in value._asdict().items()}
    if isinstance(value, tuple):
        return {f"field{number}": _plain(each) for number, each in enumerate(value, start=1)}
    if isinstance(value, Mapping):
        pairs = [[_plain(key), _plain(each)] for key, each in value.items()]
        return dict(pairs) if all(isinstance(key, str) for key, _ in pairs) and pairs else pairs
    if not isinstance(value, str | bytes) and hasattr(value, "__iter__"):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        # In whole milliseconds, as Cassandra has it; its driver makes a float of it first.
        return round(value.replace(tzinfo=UTC).timestamp() * 1000)
    if isinstance(value, Decimal):
        return format(value, "f")
    for name in ("nanosecond_time", "days_from_epoch"):
        if hasattr(value, name):
            return getattr(value, name)
    return str(value) if isinstance(value, UUID) else value


def _canonical(value: Any) -> object:
    if not value and isinstance(value, dict | list):
        # Java writes an empty map as an array where its keys are no texts.
        return []
    if isinstance(value, dict):
        return {name: _canonical(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted((_canonical(each) for each in value), key=str)
    return str(value) if isinstance(value, int) else value
