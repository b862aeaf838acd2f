"""A dataset with a column of every type, and rows for it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
from hypothesis import strategies as st

from bilten.contracts import Column, Contract
from warehouse.client import Warehouse
from warehouse.compile.changes import raw_table
from warehouse.compile.names import RECORD_COLUMNS, has_null_flag, is_null
from warehouse.ledger import LedgerRow, write_ledger
from warehouse.schema.operations import OPERATIONS_TABLES

PREFIX = "ticketing"
# Whole seconds, and not long ago: the ledger forgets after 30 days.
LOADED = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)

TYPES = {
    "code": "varchar(40)",
    "note": "text",
    "kind": "enum",
    "active": "boolean",
    "small": "smallint",
    "medium": "integer",
    "large": "bigint",
    "amount": "numeric(10, 2)",
    "huge": "numeric(60, 4)",
    "ratio": "real",
    "share": "double precision",
    "seen_at": "timestamptz",
    "local_at": "timestamp",
    "day": "date",
    "hour": "time",
    "document": "jsonb",
    "picture": "bytea",
    "address": "inet",
    "labels": "text[]",
    "others": "uuid[]",
}


def sample_contract(name: str) -> Contract:
    schema, _, table = name.partition("__")
    columns = [Column("id", "Key.", "string", "uuid", required=True, key_position=1)]
    columns += [
        Column(column, f"A value of {kind}.", "string", kind, required=False)
        for column, kind in TYPES.items()
    ]
    return Contract(
        name=name,
        version="1.0.0",
        kind="source",
        domain="tests",
        owner="Tests",
        description="Every type.",
        usage="",
        limitations="",
        grain="one row per sample",
        columns=tuple(columns),
        rules=(),
        roles=(),
        subjects=(),
        source_schema=schema,
        source_table=table,
    )


def create(warehouse: Warehouse, contract: Contract) -> None:
    for database in ("raw", "ops"):
        warehouse.command(f"CREATE DATABASE IF NOT EXISTS {database}")
    for statement in OPERATIONS_TABLES:
        warehouse.command(statement.sql)
    warehouse.command(raw_table(contract).sql)


_ARROW = {
    "boolean": pa.bool_(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "numeric(10, 2)": pa.decimal128(10, 2),
    "numeric(60, 4)": pa.decimal256(60, 4),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "timestamptz": pa.timestamp("us", "UTC"),
    "timestamp": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
    "bytea": pa.binary(),
    "text[]": pa.list_(pa.string()),
    "uuid[]": pa.list_(pa.binary(16)),
}
_RECORD = {
    "_committed_at": pa.timestamp("us", "UTC"),
    "_epoch": pa.uint16(),
    "_position": pa.uint64(),
    "_commit_position": pa.uint64(),
    "_transaction": pa.uint64(),
    "_ordinal": pa.uint64(),
    "_partition": pa.int32(),
    "_offset": pa.int64(),
    "_timestamp": pa.timestamp("ms", "UTC"),
    "_loaded_at": pa.timestamp("us", "UTC"),
    "_unchanged": pa.list_(pa.string()),
    "_version": pa.binary(16),
}


def insert(
    warehouse: Warehouse,
    contract: Contract,
    rows: Sequence[Mapping[str, Any]],
    first: int,
    partition: int = 0,
    loaded_at: datetime = LOADED,
) -> None:
    """Put rows into ``raw`` at consecutive offsets."""
    records = [
        {
            "_op": "c",
            "_committed_at": LOADED,
            "_epoch": 0,
            "_position": 100 + offset,
            "_commit_position": 101 + offset,
            "_transaction": 7,
            "_ordinal": None,
            "_topic": contract.topic(PREFIX),
            "_partition": partition,
            "_offset": offset,
            "_timestamp": LOADED,
            "_loaded_at": loaded_at,
            "_unchanged": [],
            "_extra": "",
            "_version": (((100 + offset) << 48) + 1).to_bytes(16, "little"),
            **{
                is_null(column): row.get(column.name) is None
                for column in contract.columns
                if has_null_flag(column)
            },
            **row,
        }
        for offset, row in enumerate(rows, start=first)
    ]
    arrays: dict[str, pa.Array] = {}
    for column in contract.columns:
        kind = pa.binary(16) if column.source_type == "uuid" else _ARROW.get(column.source_type, pa.string())
        values = [_plain(record.get(column.name), column) for record in records]
        arrays[column.name] = pa.array(values, kind)
        if has_null_flag(column):
            arrays[is_null(column)] = pa.array([record[is_null(column)] for record in records], pa.bool_())
    for name, _ in RECORD_COLUMNS:
        arrays[name] = pa.array([record[name] for record in records], _RECORD.get(name, pa.string()))
    table = pa.table(arrays)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    warehouse.insert_arrow_stream(f"raw.{contract.name}", sink.getvalue(), table.num_rows)


def _plain(value: Any, column: Column) -> Any:
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, list):
        return [item.bytes if isinstance(item, UUID) else item for item in value]
    if value is None and column.mapping.family == "array":
        return []
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def acknowledge(
    warehouse: Warehouse,
    contract: Contract,
    next_offset: int,
    partition: int = 0,
    topic_id: str = "one",
    loaded_at: datetime | None = None,
) -> None:
    """Write the ledger row that says how far the loader is."""
    moment = loaded_at or datetime.now(UTC)
    write_ledger(
        warehouse,
        [
            LedgerRow(
                topic=contract.topic(PREFIX),
                partition=partition,
                first_offset=0,
                next_offset=next_offset,
                rows=next_offset,
                bytes=0,
                first_timestamp=moment,
                last_timestamp=moment,
                loaded_at=moment,
                loader="tests",
                epoch=0,
                topic_id=topic_id,
            )
        ],
    )


_moments = st.datetimes(datetime(1901, 1, 1), datetime(2298, 1, 1))  # noqa: DTZ001 - a zone is set below
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_values: dict[str, st.SearchStrategy[Any]] = {
    "varchar(40)": _texts,
    "text": _texts,
    "enum": st.sampled_from(["draft", "published", "ünïcode"]),
    "boolean": st.booleans(),
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "numeric(10, 2)": st.integers(-(10**10) + 1, 10**10 - 1).map(lambda cents: Decimal(cents).scaleb(-2)),
    "numeric(60, 4)": st.integers(-(10**26), 10**26).map(lambda number: Decimal(number).scaleb(-4)),
    "real": st.floats(width=32, allow_nan=False),
    "double precision": st.floats(allow_nan=False),
    "timestamptz": _moments.map(lambda moment: moment.replace(tzinfo=UTC)),
    "timestamp": _moments,
    "date": st.dates(date(1901, 1, 1), date(2298, 1, 1)),
    "time": st.times().map(str),
    "jsonb": st.sampled_from(['{"a": 1, "b": [null, "ü"]}', "null", "[]", "9007199254740993"]),
    "bytea": st.binary(max_size=20),
    "inet": st.ip_addresses().map(str),
    "text[]": st.lists(st.none() | _texts, max_size=4),
    "uuid[]": st.lists(st.none() | st.uuids(), max_size=3),
}


def any_rows() -> st.SearchStrategy[list[dict[str, Any]]]:
    columns = {name: st.none() | _values[kind] for name, kind in TYPES.items()}
    return st.lists(st.fixed_dictionaries({"id": st.uuids(), **columns}), min_size=1, max_size=8)
