"""Change events as the connector writes them, and their way into the warehouse."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from bilten.contracts import Contract, load_contracts
from warehouse.client import Warehouse
from warehouse.compile.names import irregular, plain_name
from warehouse.landing import insert_changes

SAMPLES = Path(__file__).parent / "contracts"
CONTRACTS = load_contracts(SAMPLES)
EVERYTHING = CONTRACTS["sample__everything"]
PLAIN = CONTRACTS["sample__plain"]

ROW: dict[str, Any] = {
    "id": "00000000-0000-7000-8000-000000000001",
    "title": "Grüße 😀",
    "note": None,
    "code": "ab ",
    "status": "open",
    "is_active": True,
    "small": -3,
    "medium": 7,
    "large": 9007199254740993,
    "amount": "-12.50",
    "rate": "1234567890123456789012345678.0123456789",
    "huge": "9" * 76,
    "share": "0.1250",
    "ratio": 1.1,
    "measure": 1e22,
    "happened_at": "2026-01-02T01:04:05.123456Z",
    "ends_at": None,
    "local_at": "2026-01-02T03:04:05.6Z",
    "day": "2026-01-02Z",
    "opens": "03:04:05.5Z",
    "details": '{"a": [null, 9007199254740993], "b": 1.10}',
    "payload": "AP8Q",
    "address": "10.0.0.1/8",
    "tags": ["x,y", None, '"q"', ""],
    "others": ["00000000-0000-7000-8000-000000000002", None],
    "counts": [1, None, 3],
}
"""A good row of the table with every type, as it stands in an event."""

USUAL_ROW: dict[str, Any] = {
    **ROW,
    "rate": "1.0123456789",
    "huge": "12",
    "share": None,
    "measure": 1.5,
    "local_at": "2026-01-02T03:04:05.600000Z",
    "opens": None,
}
"""The same in forms that the fast way reads."""

PLAIN_ROW: dict[str, Any] = {
    name: ROW[name] for name in ("id", "title", "is_active", "amount", "happened_at")
}


def event(
    operation: str,
    after: Mapping[str, Any] | None,
    position: int,
    *,
    before: Mapping[str, Any] | None = None,
    transaction: int = 5,
) -> str:
    """The value of one record."""
    return json.dumps(
        {
            "before": before,
            "after": after,
            "source": {
                "lsn": position,
                "txId": transaction,
                "ts_us": 1_795_448_328_367_123,
                "sequence": json.dumps([str(position - 1), str(position)]),
            },
            "transaction": {"id": f"{transaction}:{position}", "total_order": 1},
            "op": operation,
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


@dataclass(frozen=True)
class Record:
    """A record of a topic."""

    value: str | None
    key: str | None = None
    offset: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


def deliver(
    warehouse: Warehouse, contract: Contract, records: Iterable[Record | str | None], *, long: bool = False
) -> None:
    """Insert records as the loader does: one Arrow stream; or the long way though they are regular."""
    taken = list(records)
    body = arrow_body(contract, taken)
    if long:
        warehouse.insert_arrow_stream(plain_name(irregular(contract.name)), body, len(taken))
    else:
        insert_changes(warehouse, contract.name, body, len(taken))


def arrow_body(contract: Contract, records: Iterable[Record | str | None]) -> bytes:
    """Records as an Arrow stream with the columns of a landing table."""
    taken = [one if isinstance(one, Record) else Record(one, offset=at) for at, one in enumerate(records)]
    table = pa.table(
        {
            "_topic": pa.array([contract.topic("ticketing")] * len(taken)),
            "_partition": pa.array([0] * len(taken), pa.int32()),
            "_offset": pa.array([one.offset for one in taken], pa.int64()),
            "_timestamp": pa.array(
                [datetime(2026, 1, 2, tzinfo=UTC)] * len(taken), pa.timestamp("ms", "UTC")
            ),
            "headers": pa.array(
                [list(one.headers.items()) for one in taken], pa.map_(pa.string(), pa.string())
            ),
            "key": pa.array([one.key for one in taken], pa.string()),
            "value": pa.array([one.value for one in taken], pa.string()),
        }
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def clear(warehouse: Warehouse, contract: Contract) -> None:
    """Forget everything of a dataset."""
    for table in (f"raw.{contract.name}", f"ods.{contract.name}__state"):
        warehouse.command(f"TRUNCATE TABLE {table}")
    for table in ("ops.dead_letters", "ops.truncations"):
        warehouse.command(
            f"ALTER TABLE {table} DELETE WHERE dataset = '{contract.name}'", settings={"mutations_sync": 1}
        )


def current(warehouse: Warehouse, contract: Contract, columns: str = "*") -> list[dict[str, Any]]:
    """The rows that exist now, by key."""
    result = warehouse.query(f"SELECT {columns} FROM ods.{contract.name} ORDER BY id")
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def reasons(warehouse: Warehouse, contract: Contract) -> list[list[str]]:
    """Reasons of the dead letters, in the order of offsets."""
    result = warehouse.query(
        f"SELECT reasons FROM ops.dead_letters FINAL WHERE dataset = '{contract.name}' ORDER BY offset"
    )
    return [list(row[0]) for row in result.rows]
