"""Roles of services: a loader and a dbt under users of their own can do their work, and no more."""

from __future__ import annotations

import pytest

from tests.warehouse.access.conftest import SECRET, Access

pytestmark = pytest.mark.warehouse


def test_a_loader_lands_records(access: Access) -> None:
    before = access.run("bilten", "SELECT count() FROM ops.dead_letters", access.platform_password)
    columns = "(_topic, _partition, _offset, _timestamp, headers, key, value)"
    for offset in range(3):
        access.run(
            "loader",
            f"INSERT INTO landing.users__users {columns} FORMAT JSONEachRow "
            f'{{"_topic": "t", "_partition": 0, "_offset": {offset}, "_timestamp": 0, '
            '"key": "x", "value": "bad"}',
        )
    after = access.run("bilten", "SELECT count() FROM ops.dead_letters", access.platform_password)
    assert int(after) == int(before) + 3
    for sql in (
        "SELECT * FROM raw.users__users",
        "SELECT * FROM ods.users__users",
        "DROP TABLE raw.users__users",
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
