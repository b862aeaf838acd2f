"""The same value has the same canonical text in PostgreSQL and in the warehouse, for every type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from bilten.contracts import Contract
from bilten.settings import Settings
from ingestion.fingerprint import SourceFingerprints
from operational.database import connect
from quality.reconciliation import different_buckets
from tests.archives.samples import any_rows, create, insert, sample_contract
from tests.fixtures.postgresql import new_database
from warehouse.client import Warehouse
from warehouse.fingerprint import WarehouseFingerprints

pytestmark = pytest.mark.warehouse

NAME = "compared__samples"
BUCKETS = 16


@pytest.fixture(scope="module")
def contract() -> Contract:
    return sample_contract(NAME)


@pytest.fixture(scope="module")
def source(postgresql_server: Settings, contract: Contract) -> Iterator[psycopg.Connection[Any]]:
    with connect(new_database(postgresql_server, "fingerprints"), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA compared")
        connection.execute("CREATE TYPE compared.kind AS ENUM ('draft', 'published', 'ünïcode')")
        columns = ", ".join(
            f"{column.name} {'compared.kind' if column.source_type == 'enum' else column.source_type}"
            for column in contract.columns
        )
        connection.execute(f"CREATE TABLE compared.samples ({columns}, PRIMARY KEY (id))".encode())
        yield connection


@pytest.fixture(scope="module")
def target(warehouse: Warehouse, contract: Contract) -> Iterator[Warehouse]:
    create(warehouse, contract)
    warehouse.command("CREATE DATABASE IF NOT EXISTS ods")
    warehouse.command(f"CREATE VIEW ods.{NAME} AS SELECT * FROM raw.{NAME}")
    yield warehouse
    warehouse.command(f"DROP VIEW ods.{NAME}")
    warehouse.command(f"DROP TABLE raw.{NAME}")


def replace_rows(
    source: psycopg.Connection[Any], target: Warehouse, contract: Contract, rows: list[dict[str, Any]]
) -> None:
    """Put the same rows on both sides; JSON and addresses as PostgreSQL and its connector write them."""
    source.execute("TRUNCATE compared.samples")
    target.command(f"TRUNCATE TABLE raw.{NAME}")
    names = [column.name for column in contract.columns]
    marks = [
        "%s::compared.kind" if column.source_type == "enum" else f"%s::{column.source_type}"
        for column in contract.columns
    ]
    statement = f"INSERT INTO compared.samples ({', '.join(names)}) VALUES ({', '.join(marks)})"
    with source.transaction(), source.cursor() as cursor:
        cursor.executemany(statement.encode(), [[row.get(name) for name in names] for row in rows])
    written = source.execute(
        "SELECT id, document::text, CASE WHEN address IS NOT NULL THEN format('%s', address) END "
        "FROM compared.samples"
    ).fetchall()
    texts = {row[0]: {"document": row[1], "address": row[2]} for row in written}
    insert(target, contract, [{**row, **texts[row["id"]]} for row in rows], 0)


def without_nul(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """PostgreSQL has no text with a zero character."""

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("\x00", "")
        return [plain(item) for item in value] if isinstance(value, list) else value

    unique = {row["id"]: {name: plain(value) for name, value in row.items()} for row in rows}
    return list(unique.values())


def test_both_engines_agree_on_every_value(
    source: psycopg.Connection[Any], target: Warehouse, contract: Contract
) -> None:
    here, there = SourceFingerprints(source), WarehouseFingerprints(target)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows=any_rows())
    def agree(rows: list[dict[str, Any]]) -> None:
        sound = without_nul(rows)
        replace_rows(source, target, contract, sound)
        first, second = here.table(contract, BUCKETS), there.table(contract, BUCKETS)
        assert first.rows == len(sound)
        buckets = sorted(first.sums)
        assert here.rows_of_buckets(contract, BUCKETS, buckets) == there.rows_of_buckets(
            contract, BUCKETS, buckets
        )
        assert different_buckets(first, second) == ()

    agree()


FULL: dict[str, Any] = {
    "id": UUID(int=1),
    "code": "a|b",
    "note": "it's 3:x",
    "kind": "draft",
    "active": True,
    "small": 1,
    "medium": -1,
    "large": 2**63 - 1,
    "amount": Decimal("1.20"),
    "huge": Decimal("12345678901234567890.5000"),
    "ratio": 0.1,
    "share": -0.0,
    "seen_at": datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=UTC),
    "local_at": datetime(1969, 12, 31, 23, 59, 59, 1),  # noqa: DTZ001 - a time without a zone
    "day": date(1969, 12, 31),
    "hour": "12:30:00",
    "document": '{"b":1,"a":[1.50,null]}',
    "picture": b"\x00\xff",
    "address": "192.168.1.5",
    "labels": ["a,b", None, "N"],
    "others": [UUID(int=2), None],
}
CHANGES: dict[str, Any] = {
    "code": "a",
    "note": None,
    "kind": "published",
    "active": None,
    "small": None,
    "medium": 1,
    "large": 2**63 - 2,
    "amount": Decimal("1.21"),
    "huge": Decimal("12345678901234567890.5001"),
    "ratio": 0.2,
    "share": 0.0,
    "seen_at": datetime(2026, 3, 29, 1, 59, 59, 999998, tzinfo=UTC),
    "local_at": None,
    "day": date(1970, 1, 1),
    "hour": "12:30:01",
    "document": '{"b": 1}',
    "picture": b"\x00",
    "address": "192.168.1.5/24",
    "labels": ["a", "b", None, "N"],
    "others": [],
}


def test_any_value_that_changes_on_one_side_is_seen(
    source: psycopg.Connection[Any], target: Warehouse, contract: Contract
) -> None:
    here, there = SourceFingerprints(source), WarehouseFingerprints(target)
    assert FULL.keys() == {column.name for column in contract.columns}
    replace_rows(source, target, contract, [FULL])
    key = list(here.rows_of_buckets(contract, 1, [0]))
    assert here.rows_of_keys(contract, key) == there.rows_of_keys(contract, key)
    before = there.rows_of_keys(contract, key)
    for name, value in CHANGES.items():
        replace_rows(source, target, contract, [{**FULL, name: value}])
        assert here.rows_of_keys(contract, key) == there.rows_of_keys(contract, key), name
        assert there.rows_of_keys(contract, key) != before, name


def test_null_and_empty_arrays_differ(
    source: psycopg.Connection[Any], target: Warehouse, contract: Contract
) -> None:
    here, there = SourceFingerprints(source), WarehouseFingerprints(target)
    seen: list[int] = []
    for labels in (None, [], [""], [None]):
        replace_rows(source, target, contract, [{**FULL, "labels": labels}])
        found = here.rows_of_buckets(contract, 1, [0])
        assert found == there.rows_of_buckets(contract, 1, [0])
        seen.extend(found.values())
    assert len(set(seen)) == 4


def test_keys_that_do_not_exist_are_left_out(
    source: psycopg.Connection[Any], target: Warehouse, contract: Contract
) -> None:
    replace_rows(source, target, contract, [FULL])
    for side in (SourceFingerprints(source), WarehouseFingerprints(target)):
        assert side.rows_of_keys(contract, [str(UUID(int=9))]) == {}
        assert list(side.rows_of_keys(contract, [str(UUID(int=9)), str(UUID(int=1))])) == [str(UUID(int=1))]
