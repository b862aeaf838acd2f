"""Which tables have more parts than merges should leave."""

from __future__ import annotations

import pytest

from warehouse.client import Warehouse
from warehouse.standing import crowded_tables

pytestmark = pytest.mark.warehouse


def test_parts_are_counted_in_each_partition_of_each_table(warehouse: Warehouse) -> None:
    for database, table in (("raw", "crowd"), ("ods", "crowd__state")):
        warehouse.command(f"CREATE DATABASE IF NOT EXISTS {database}")
        warehouse.command(
            f"CREATE TABLE {database}.{table} (id UInt8) ENGINE = MergeTree PARTITION BY id ORDER BY id"
        )
        warehouse.command(f"SYSTEM STOP MERGES {database}.{table}")
    try:
        for database, table, partition, parts in (("raw", "crowd", 1, 3), ("ods", "crowd__state", 2, 5)):
            for _ in range(parts):
                warehouse.insert_rows(f"{database}.{table}", ["id"], [(partition,)])
        warehouse.insert_rows("ods.crowd__state", ["id"], [(3,)])
        assert crowded_tables(warehouse, 4)["crowd"] == 5
        assert crowded_tables(warehouse, 2)["crowd"] == 5
        assert "crowd" not in crowded_tables(warehouse, 5)
    finally:
        warehouse.command("DROP TABLE raw.crowd")
        warehouse.command("DROP TABLE ods.crowd__state")
