"""A small source of change events, as Debezium writes them, for any dataset that has a contract."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bilten.contracts import Column, Contracts
from warehouse.client import Warehouse

_LANDING_COLUMNS = ("_topic", "_partition", "_offset", "_timestamp", "headers", "key", "value")
_NEUTRAL: dict[str, object] = {
    "text": "x",
    "uuid": "00000000-0000-7000-8000-000000000000",
    "boolean": True,
    "integer": 1,
    "decimal": "0",
    "float": 0.5,
    "timestamp": "2026-01-01T00:00:00.000000Z",
    "timestamp_local": "2026-01-01T00:00:00.000000",
    "date": "2026-01-01Z",
    "time": "00:00:00Z",
    "json": "{}",
    "bytes": "",
    "array": [],
}


class ChangeSource:
    """Rows of operational tables, and their changes in the order of one log.

    Args:
        warehouse: where changes land.
        contracts: what the tables are.
    """

    def __init__(self, warehouse: Warehouse, contracts: Contracts) -> None:
        self._warehouse = warehouse
        self._contracts = contracts
        self._position = 1_000
        self._pending: dict[str, list[tuple[object, ...]]] = {}

    def change(
        self, dataset: str, operation: str, committed_at: datetime, transaction: int, **values: object
    ) -> None:
        """Note a change; columns that are not named have a neutral value.

        Args:
            dataset: the table.
            operation: ``c``, ``u`` or ``d``, or ``r`` for what a snapshot reads.
            committed_at: when its transaction committed.
            transaction: the transaction.
            values: the row, its key included.
        """
        contract = self._contracts[dataset]
        self._position += 8
        row = {column.name: _value(column, values) for column in contract.columns}
        key = {column.name: row[column.name] for column in contract.key}
        event = {
            "before": key if operation == "d" else None,
            "after": None if operation == "d" else row,
            "source": {
                "lsn": self._position,
                "txId": transaction,
                "ts_us": int(committed_at.timestamp() * 1_000_000),
                "ts_ms": int(committed_at.timestamp() * 1_000),
                "sequence": json.dumps([str(self._position - 4), str(self._position)]),
                "schema": contract.source_schema,
                "table": contract.source_table,
                "snapshot": "true" if operation == "r" else "false",
            },
            "op": operation,
            "transaction": {"id": str(transaction), "total_order": 1, "data_collection_order": 1},
        }
        waiting = self._pending.setdefault(dataset, [])
        waiting.append(
            (
                contract.topic("ticketing"),
                0,
                self._position,
                committed_at,
                {},
                json.dumps(key),
                json.dumps(event),
            )
        )

    def pending(self, dataset: str) -> list[tuple[object, ...]]:
        """The records of a table that were noted and not delivered yet."""
        return list(self._pending.get(dataset, ()))

    def put(self, dataset: str, records: list[tuple[object, ...]]) -> None:
        """Note records once more, as they were."""
        self._pending.setdefault(dataset, []).extend(records)

    def shuffle(self, dataset: str, chance: random.Random) -> None:
        """Let the noted records of a table arrive in any order."""
        chance.shuffle(self._pending[dataset])

    def deliver(self, *datasets: str) -> None:
        """Let noted changes arrive: those of some tables, or all."""
        for dataset in datasets or tuple(self._pending):
            # Neutral values are not always in the form that connectors write: the long way reads every form.
            self._warehouse.insert_rows(
                f"landing.{dataset}__irregular", _LANDING_COLUMNS, self._pending.pop(dataset, [])
            )
        letters = self._warehouse.query("SELECT dataset, reasons FROM ops.dead_letters LIMIT 3").rows
        assert not letters, letters


def _value(column: Column, values: Mapping[str, object]) -> Any:
    if column.name in values:
        return _written(column, values[column.name])
    if not column.required:
        return None
    if column.labels:
        return column.labels[0]
    if column.source_type == "char(3)":
        return "EUR"
    if column.source_type == "char(2)":
        return "DE"
    return _NEUTRAL[column.mapping.family]


def _written(column: Column, value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return f"{value.isoformat()}Z"
    if isinstance(value, Decimal):
        return f"{value:.{column.mapping.scale}f}"
    return str(value) if isinstance(value, UUID) else value
