"""Roles of services: a loader and a dbt under users of their own can do their work, and no more."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from ingestion.tombstones import delete_by_tombstone
from tests.ingestion.samples import Change
from tests.warehouse.access.conftest import PASSWORD, SECRET, Access
from warehouse.client import Warehouse
from warehouse.fingerprint import WarehouseFingerprints
from warehouse.keys import event_keys

pytestmark = pytest.mark.warehouse


def test_a_loader_lands_records(access: Access) -> None:
    before = access.run("bilten", "SELECT count() FROM ops.dead_letters", access.platform_password)
    columns = "(_topic, _partition, _offset, _timestamp, headers, key, value)"
    for offset in range(3):
        access.run(
            "loader",
            f"INSERT INTO landing.users__users__irregular {columns} FORMAT JSONEachRow "
            f'{{"_topic": "t", "_partition": 0, "_offset": {offset}, "_timestamp": 0, '
            '"key": "x", "value": "bad"}',
        )
    after = access.run("bilten", "SELECT count() FROM ops.dead_letters", access.platform_password)
    assert int(after) == int(before) + 3
    for sql in (
        "SELECT * FROM masked.users__users",
        "DROP TABLE raw.users__users",
        "ALTER TABLE raw.users__users DELETE WHERE true",
        "CREATE TABLE ods.x (a Int8) ENGINE = Memory",
    ):
        assert access.post("loader", sql).headers["X-ClickHouse-Exception-Code"] == "497"


def test_a_loader_places_tombstones_and_compares_with_the_source(access: Access) -> None:
    contract, key = access.contracts["users__users"], "01890a5d-ac96-774b-bcce-b302099a80ff"
    password = {"warehouse_user": "loader", "warehouse_password": SecretStr(PASSWORD)}
    with Warehouse(access.settings.model_copy(update=password)) as warehouse:
        warehouse.insert_rows(
            "raw.users__users",
            ("id", "_op", "_partition", "_offset", "_version"),
            [(key, "u", 0, 7, (2 << 112) + (90 << 48) + 1)],
        )
        record = Change(8, topic="ticketing.users.users", key=f'{{"id":"{key}"}}'.encode(), value=None)
        assert delete_by_tombstone(warehouse, contract.name, [record]) == 1
        fingerprints = WarehouseFingerprints(warehouse)
        assert fingerprints.table(contract, 16).rows == 1, "the row that was there"
        assert event_keys(warehouse, contract, ["36:" + key]) == {}
    last = access.run(
        "bilten",
        f"SELECT _op, _position, _epoch FROM raw.users__users WHERE id = '{key}' AND _op = 'd'",
        access.platform_password,
    )
    assert last == "d\t91\t2\n"


def test_a_loader_inserts_through_a_query_and_reads_no_file(access: Access) -> None:
    columns = "_topic String, _partition Int32, _offset Int64, key Nullable(String), value Nullable(String)"
    access.run(
        "loader",
        "INSERT INTO landing.users__users__irregular (_topic, _partition, _offset, key, value) "
        f"SELECT _topic, _partition, _offset, key, value FROM input('{columns}') FORMAT JSONEachRow "
        '{"_topic": "through a query", "_partition": 0, "_offset": 7, "key": "x", "value": "bad"}',
    )
    letters = "SELECT count() FROM ops.dead_letters WHERE topic = 'through a query'"
    assert access.run("bilten", letters, access.platform_password) == "1\n"
    for sql in (
        "INSERT INTO ops.positions SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "INSERT INTO ops.positions SELECT * FROM input('a Int8'), file('/etc/passwd') FORMAT CSV",
        "SELECT * FROM `file`('/etc/passwd', 'LineAsString')",
    ):
        assert access.post("loader", sql).headers["X-ClickHouse-Exception-Code"] == "497"


def test_a_dbt_builds_from_the_sources(access: Access) -> None:
    for sql in (
        "CREATE DATABASE IF NOT EXISTS build_20260102",
        "CREATE TABLE build_20260102.m ENGINE = MergeTree ORDER BY () AS SELECT email FROM ods.users__users",
        "INSERT INTO build_20260102.m SELECT email FROM ods.users__users",
        "CREATE OR REPLACE VIEW build_20260102.v AS SELECT * FROM build_20260102.m",
        "ALTER TABLE build_20260102.m ADD COLUMN n Int8",
        "DROP TABLE build_20260102.m",
    ):
        access.run("dbt", sql)
    assert access.post("dbt", "CREATE TABLE marts.x (a Int8) ENGINE = Memory").status_code == 500
    assert SECRET not in access.post("analyst", "SELECT * FROM build_20260102.v").text
    access.run("dbt", "DROP DATABASE build_20260102")
