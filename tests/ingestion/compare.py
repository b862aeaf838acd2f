"""The source, the log and the warehouse compared, value for value."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from kafka import KafkaConsumer

from bilten.contracts import Column, Contract
from bilten.errors import WarehouseUnavailable
from bilten.settings import Settings
from ingestion.consumer import consumer_options
from ingestion.topics import partition_bounds
from operational.database import connect
from warehouse.client import Warehouse

Row = tuple[object, ...]


def source_rows(settings: Settings, contract: Contract) -> Counter[Row]:
    """Every row of the operational table."""
    columns = ", ".join(_source_expression(column) for column in contract.columns)
    with connect(settings) as connection:
        found = connection.execute(f"SELECT {columns} FROM {contract.source_schema}.{contract.source_table}")
        return Counter(_row(contract.columns, values) for values in found)


def current_rows(warehouse: Warehouse, contract: Contract) -> Counter[Row]:
    """Every row of the warehouse's current state."""
    columns = ", ".join(f"`{column.name}`" for column in contract.columns)
    answer = warehouse.query(f"SELECT {columns} FROM ods.`{contract.name}`")
    return Counter(_row(contract.columns, values) for values in answer.rows)


def logged_changes(settings: Settings, contract: Contract) -> Counter[Row]:
    """Key, position and operation of every change event in the topic; tombstones and rubbish left out."""
    topic = contract.topic(settings.topic_prefix)
    bounds = partition_bounds(settings, [topic])
    seen: Counter[Row] = Counter()
    consumer = KafkaConsumer(**{**consumer_options(settings), "client_id": "test"})
    try:
        consumer.assign(list(bounds))
        for partition, held in bounds.items():
            consumer.seek(partition, held.first_offset)
        while any(consumer.position(partition) < held.next_offset for partition, held in bounds.items()):
            for records in consumer.poll(200).values():
                for record in records:
                    event = _event(record.value)
                    if event is not None:
                        image = event["after"] or event["before"]
                        key = tuple(str(image[column.name]) for column in contract.key)
                        seen[(*key, event["source"]["lsn"], event["op"])] += 1
    finally:
        consumer.close()
    return seen


def kept_changes(warehouse: Warehouse, contract: Contract) -> Counter[Row]:
    """Key, position and operation of every row of ``raw``, as a reader under FINAL sees them."""
    key = ", ".join(f"toString(`{column.name}`)" for column in contract.key)
    answer = warehouse.query(f"SELECT {key}, _position, _op FROM raw.`{contract.name}` FINAL")
    return Counter(tuple(values) for values in answer.rows)


def assert_equal_to_source(
    settings: Settings, contracts: Iterable[Contract], *, seconds: float = 90, with_log: bool = True
) -> int:
    """Wait until every table equals its source, then that ``raw`` holds each change of the log exactly once.

    Args:
        settings: of the stack.
        contracts: the tables.
        seconds: longest time to wait.
        with_log: whether the log is compared; not where a test has written to it what is no change.

    Returns:
        Rows compared.
    """
    deadline = time.monotonic() + seconds
    compared = 0
    with Warehouse(settings) as warehouse:
        for contract in contracts:
            while True:
                try:
                    expected, found = source_rows(settings, contract), current_rows(warehouse, contract)
                except WarehouseUnavailable:
                    # It was killed a moment ago, perhaps.
                    expected, found = Counter(), Counter([("the warehouse does not answer",)])
                if expected == found:
                    break
                if time.monotonic() > deadline:
                    missing, surplus = expected - found, found - expected
                    pytest.fail(
                        f"{contract.name}: {missing.total()} rows missing, {surplus.total()} too many; "
                        f"{list(missing)[:2]} {list(surplus)[:2]}"
                    )
                time.sleep(0.5)
            compared += expected.total()
            if not with_log:
                continue
            logged = logged_changes(settings, contract)
            kept = kept_changes(warehouse, contract)
            assert set(kept.values()) <= {1}, f"{contract.name}: a change is in raw twice"
            assert kept.keys() == logged.keys(), contract.name
    return compared


def _event(value: bytes | None) -> dict[str, Any] | None:
    try:
        event = json.loads(value or b"")
        return event if event["op"] in "cudr" and event["source"]["lsn"] else None
    except (ValueError, KeyError, TypeError):
        return None


def _source_expression(column: Column) -> str:
    family = column.mapping.family
    if family == "array":
        return f"{column.name}::text[]"
    if column.source_type == "inet":
        # A cast to text always writes the width of the network, the type itself only where it is not a host.
        return f"CASE WHEN {column.name} IS NOT NULL THEN concat({column.name}) END"
    if family in {"json", "enum", "text", "uuid", "time"}:
        return f"{column.name}::text"
    return column.name


def _row(columns: Iterable[Column], values: Iterable[Any]) -> Row:
    return tuple(_value(column, value) for column, value in zip(columns, values, strict=True))


def _value(column: Column, value: Any) -> object:
    if value is None:
        return None
    family = column.mapping.family
    if family == "json":
        return json.dumps(json.loads(value, parse_float=Decimal), sort_keys=True, default=str)
    if family == "array":
        return tuple(str(item) for item in value)
    if family in {"uuid", "time"}:
        return str(value)
    return value
