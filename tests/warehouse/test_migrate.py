"""Bringing a warehouse to its contracts, once and again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from bilten.contracts import Column, Contract, Contracts
from bilten.errors import IncompatibleMigration
from tests.warehouse.events import PLAIN, PLAIN_ROW, current, deliver, event
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.table_changes import TableColumn, TableShape, alter

NEW = Column("nickname", "Another name.", "string", "varchar(40)", required=False)


def named(columns: tuple[Column, ...]) -> Contract:
    return dataclasses.replace(PLAIN, name="sample__moving", source_table="moving", columns=columns)


FIRST = named(PLAIN.columns)
SECOND = named((*PLAIN.columns, NEW))


def contracts(contract: Contract) -> Contracts:
    return Contracts({contract.name: contract})


@pytest.fixture
def settings(warehouse: Warehouse, warehouse_settings: Any) -> Iterator[Any]:
    migrate.apply(warehouse_settings, contracts(FIRST))
    yield warehouse_settings
    rows = warehouse.query(
        "SELECT database, name FROM system.tables WHERE name LIKE 'sample\\_\\_moving%' "
        "ORDER BY engine != 'MaterializedView'"
    ).rows
    for database, name in rows:
        warehouse.command(f"DROP TABLE {database}.`{name}`")
    warehouse.command("ALTER TABLE ops.migrations DELETE WHERE object LIKE '%sample\\_\\_moving%'")


@pytest.mark.warehouse
def test_a_second_run_has_nothing_to_do(settings: Any) -> None:
    assert migrate.plan(settings, contracts(FIRST)).steps == ()
    assert migrate.apply(settings, contracts(FIRST)).steps == ()


@pytest.mark.warehouse
def test_what_an_earlier_version_made_is_retired(settings: Any, warehouse: Warehouse) -> None:
    """A view that is made no more goes first; a column that views read until now goes last."""
    parsed = "landing.sample__moving__parsed"
    warehouse.command(f"ALTER TABLE {parsed} ADD COLUMN `_is_regular` Bool")
    warehouse.command(
        "ALTER TABLE landing.sample__moving__to_raw MODIFY QUERY "
        f"SELECT _row.id AS id FROM {parsed} WHERE _is_regular"
    )
    warehouse.command(
        "CREATE MATERIALIZED VIEW landing.sample__moving__to_irregular TO landing.sample__moving__irregular "
        f"AS SELECT _offset FROM {parsed} WHERE NOT _is_regular"
    )
    warehouse.command(
        "ALTER TABLE ops.migrations DELETE WHERE object LIKE '%sample\\_\\_moving%'",
        settings={"mutations_sync": 1},
    )
    steps = {step.statement.name: step for step in migrate.apply(settings, contracts(FIRST)).steps}
    assert steps["landing.sample__moving__to_irregular"].reason == "retired"
    assert steps[parsed].afterwards == (f"ALTER TABLE landing.`{parsed[8:]}` DROP COLUMN `_is_regular`",)
    left = warehouse.query(
        "SELECT name FROM system.tables WHERE name = 'sample__moving__to_irregular' "
        "UNION ALL SELECT name FROM system.columns WHERE name = '_is_regular'"
    ).rows
    assert left == []
    assert migrate.plan(settings, contracts(FIRST)).steps == ()


@pytest.mark.warehouse
def test_a_run_after_a_crash_goes_on(settings: Any, warehouse: Warehouse) -> None:
    warehouse.command("TRUNCATE TABLE ops.migrations")
    warehouse.command("DROP TABLE landing.sample__moving__to_ods")
    steps = migrate.apply(settings, contracts(FIRST)).steps
    missing = [step.statement.name for step in steps if step.reason == "missing"]
    assert missing == ["landing.sample__moving__to_ods"]
    assert {step.commands for step in steps if step.statement.kind == "table"} == {()}
    assert migrate.plan(settings, contracts(FIRST)).steps == ()


@pytest.mark.warehouse
def test_a_new_optional_column_is_added_everywhere(settings: Any, warehouse: Warehouse) -> None:
    deliver(warehouse, FIRST, [event("c", {**PLAIN_ROW, "nickname": "early"}, 1)])
    migrate.apply(settings, contracts(SECOND))
    other = {**PLAIN_ROW, "id": "00000000-0000-7000-8000-000000000009", "nickname": "late"}
    deliver(warehouse, SECOND, [event("c", other, 2)])
    assert [row["nickname"] for row in current(warehouse, SECOND)] == [None, "late"]
    extra = warehouse.query("SELECT nickname, _extra FROM raw.sample__moving ORDER BY _position").rows
    assert extra == [(None, '{"nickname":"early"}'), ("late", "")]
    assert migrate.plan(settings, contracts(SECOND)).steps == ()


@pytest.mark.warehouse
def test_a_change_that_rewrites_data_is_refused_and_nothing_is_done(
    settings: Any, warehouse: Warehouse
) -> None:
    narrower = named(
        tuple(
            dataclasses.replace(column, source_type="numeric(12,4)") if column.name == "amount" else column
            for column in PLAIN.columns
        )
    )
    with pytest.raises(IncompatibleMigration, match="column amount would change from"):
        migrate.apply(settings, contracts(narrower))
    assert migrate.plan(settings, contracts(FIRST)).steps == ()
    assert warehouse.scalar("SELECT count() FROM system.tables WHERE name LIKE 'probe%'") == 0


def shape(*columns: TableColumn, engine: str = "MergeTree ORDER BY id") -> TableShape:
    return TableShape(columns, engine, "index_granularity = 8192", ())


IDENTIFIER = TableColumn("id", "UUID", "", "", "")
TOTAL = TableColumn("total", "Int64", "", "CODEC(Delta(8), LZ4)", "it's all")


def test_a_table_that_keeps_nothing_may_change_in_any_way() -> None:
    before, after = (
        TableColumn("row", "Tuple(id UUID)", "", "", ""),
        TableColumn("row", "Tuple()", "", "", ""),
    )
    assert alter("landing.a__b", shape(IDENTIFIER, before, engine="Null"), shape(after, engine="Null")) == (
        "ALTER TABLE landing.`a__b` MODIFY COLUMN `row` Tuple()",
        "ALTER TABLE landing.`a__b` DROP COLUMN `id`",
    )


def test_columns_are_added_in_their_place() -> None:
    assert alter("raw.a__b", shape(IDENTIFIER), shape(IDENTIFIER, TOTAL)) == (
        "ALTER TABLE raw.`a__b` ADD COLUMN IF NOT EXISTS `total` Int64 COMMENT 'it\\'s all' "
        "CODEC(Delta(8), LZ4) AFTER `id`",
    )


def test_comments_and_settings_are_altered() -> None:
    other = TableShape(
        (dataclasses.replace(IDENTIFIER, comment="Key."),),
        "MergeTree ORDER BY id",
        "old_parts_lifetime = 60",
        (),
    )
    assert alter("ops.a", shape(IDENTIFIER), other) == (
        "ALTER TABLE ops.`a` COMMENT COLUMN `id` 'Key.'",
        "ALTER TABLE ops.`a` MODIFY SETTING old_parts_lifetime = 60",
    )


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (shape(IDENTIFIER), "column total would be dropped"),
        (shape(IDENTIFIER, dataclasses.replace(TOTAL, kind="Int32")), "column total would change from Int64"),
        (shape(IDENTIFIER, TOTAL, engine="MergeTree ORDER BY total"), "its engine would change"),
    ],
)
def test_what_rewrites_data_is_refused(wanted: TableShape, message: str) -> None:
    with pytest.raises(IncompatibleMigration, match=message):
        alter("raw.a__b", shape(IDENTIFIER, TOTAL), wanted)
