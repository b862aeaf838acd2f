"""Advice on heavy queries: found in the log, measured on clones, taken into the layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bilten.contracts import Contracts
from bilten.errors import LayoutInvalid
from bilten.settings import Settings
from warehouse import migrate
from warehouse.advice.adopt import adopt
from warehouse.advice.candidates import Table, candidates
from warehouse.advice.plans import Use, use_of
from warehouse.advice.trial import Advice, advise
from warehouse.client import Warehouse
from warehouse.compile.statements import Statement
from warehouse.layout import LAYOUT_FILE, Addition, add_to_layout, load_layout, with_additions
from warehouse.queries import HeavyQuery, heavy_queries
from warehouse.renaming import renamed

ROWS = 3_000_000
COLUMNS = {"id": "UInt64", "code": "String", "day": "Date", "total": "Decimal(12, 2)"}
TABLE = Table("MergeTree", ("id",), COLUMNS)


@pytest.fixture(scope="module")
def heavy(warehouse: Warehouse, warehouse_settings: Settings) -> Iterator[Warehouse]:
    migrate.apply(warehouse_settings, Contracts({}))
    warehouse.command("CREATE DATABASE advised")
    warehouse.command(
        "CREATE TABLE advised.sales (id UInt64, code String, day Date, total Decimal(12, 2)) "
        "ENGINE = MergeTree ORDER BY id"
    )
    warehouse.command(
        "INSERT INTO advised.sales SELECT number, hex(sipHash64(number)), "
        f"toDate('2026-01-01') + number % 300, number % 1000 FROM numbers({ROWS})"
    )
    yield warehouse
    warehouse.command("DROP DATABASE advised")


def found(warehouse: Warehouse, part: str) -> HeavyQuery:
    (query,) = [
        one
        for one in heavy_queries(warehouse, days=1, limit=100_000, least_milliseconds=0)
        if part in one.example
    ]
    return query


@pytest.mark.warehouse
def test_a_look_up_by_another_column_gets_an_index(heavy: Warehouse) -> None:
    for number in (7, 8, 9):
        heavy.query(
            "SELECT id, total FROM advised.sales WHERE code = {code:String}",
            {"code": f"{number:016X}"},
        )
    query = found(heavy, "WHERE code = '")
    assert (query.runs, list(query.tables)) == (3, ["advised.sales"])
    assert query.read_rows >= ROWS
    advice = advise(heavy, query)
    index = next(one for one in advice if one.candidate.kind == "index")
    assert index.candidate.definition == "`code` TYPE bloom_filter(0.01) GRANULARITY 4"
    assert index.gain >= 1.3
    assert index.bytes > 0
    assert {one.candidate.kind for one in advice} >= {"index", "projection"}
    assert heavy.scalar("SELECT count() FROM system.databases WHERE startsWith(name, 'advice_')") == 0
    assert "advised_" not in str(heavy.scalar("SHOW CREATE TABLE advised.sales"))


@pytest.mark.warehouse
def test_groups_of_few_columns_get_a_projection(heavy: Warehouse) -> None:
    heavy.query("SELECT day, sum(total), count() FROM advised.sales GROUP BY day /* advised groups */")
    advice = advise(heavy, found(heavy, "advised groups"))
    assert advice[0].candidate.definition == "SELECT `day`, sum(`total`), count() GROUP BY `day`"
    assert advice[0].gain >= 1.3


@pytest.mark.warehouse
def test_what_cannot_be_told_apart_from_chance_is_not_advised(heavy: Warehouse) -> None:
    heavy.query(
        "SELECT count(), rand() FROM advised.sales WHERE code > 'F' GROUP BY ALL /* advised random */"
    )
    assert advise(heavy, found(heavy, "advised random")) == ()
    heavy.query("SELECT max(total) FROM advised.sales WHERE id = 5 /* advised quick */")
    assert advise(heavy, found(heavy, "advised quick")) == ()


@pytest.mark.warehouse
def test_a_query_is_counted_once_however_often_the_log_is_taken_in(heavy: Warehouse) -> None:
    heavy.query("SELECT min(id) FROM advised.sales /* advised once */")
    assert found(heavy, "advised once").runs == 1
    assert found(heavy, "advised once").runs == 1


@pytest.mark.warehouse
def test_an_advice_for_another_kind_of_table_is_not_taken(
    heavy: Warehouse, warehouse_settings: Settings, tmp_path: Path
) -> None:
    heavy.query("SELECT max(day) AS another_kind FROM advised.sales WHERE total = 3")
    query = found(heavy, "another_kind")
    (index, *_) = candidates(TABLE, Use(("total",), None, ()))
    advice = Advice(query, "advised.sales", index, 10, 1, 0)
    assert not adopt(warehouse_settings, heavy, advice, layout_in(tmp_path))


def test_the_plan_tells_conditions_and_groups() -> None:
    plan = {
        "Node Type": "Aggregating",
        "Keys": ["__table1.day"],
        "Aggregates": [{"Function": {"Name": "sum"}, "Arguments": ["__table1.total"]}],
        "Plans": [
            {
                "Node Type": "ReadFromMergeTree",
                "Prewhere info": {
                    "Prewhere filter": {"Prewhere filter column": "equals(__table1.code, 'x.day'_String)"}
                },
            }
        ],
    }
    columns = frozenset(COLUMNS)
    assert use_of(plan, columns) == Use(("code",), ("day",), ("sum(`total`)",))
    computed = {**plan, "Keys": ["toYear(__table1.day)"]}
    assert use_of(computed, columns).keys is None


def test_tables_that_merge_rows_get_no_projection() -> None:
    use = Use(("id", "day"), ("day",), ("count()",))
    assert {one.kind for one in candidates(TABLE, use)} == {"index", "projection", "sort key"}
    replacing = Table("ReplacingMergeTree", ("id",), COLUMNS)
    assert [one.definition for one in candidates(replacing, use)] == ["`day` TYPE minmax GRANULARITY 1"]


def test_only_the_name_itself_is_replaced() -> None:
    sql = "SELECT marts.a.x FROM `marts` . `a` JOIN marts.ab JOIN x.marts.a"
    assert renamed(sql, "marts.a", "p.q") == "SELECT p.q.x FROM p.q JOIN marts.ab JOIN x.marts.a"


def test_additions_become_a_part_of_their_table(tmp_path: Path) -> None:
    path = layout_in(tmp_path)
    addition = Addition("raw.a", "index", "i", "`x` TYPE minmax GRANULARITY 1", "measured")
    assert add_to_layout(addition, path)
    assert not add_to_layout(addition, path)
    assert path.read_text().startswith("# Skip indexes")
    assert load_layout(path) == (addition,)
    table = Statement("raw.a", "table", "CREATE TABLE raw.a (\n    `x` Int8\n)\nENGINE = MergeTree")
    other = Statement("raw.b", "table", table.sql)
    changed, same = with_additions((table, other), load_layout(path))
    assert same is other
    assert changed.sql.startswith(
        "CREATE TABLE raw.a (\n    `x` Int8,\n    INDEX `i` `x` TYPE minmax GRANULARITY 1\n)\nENGINE"
    )


def test_a_layout_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "layout.yaml"
    path.write_text("- table: raw.a\n")
    with pytest.raises(LayoutInvalid):
        load_layout(path)


def layout_in(folder: Path) -> Path:
    path = folder / "layout.yaml"
    comments = [line for line in LAYOUT_FILE.read_text().splitlines() if line.startswith("#")]
    path.write_text("\n".join([*comments, "[]", ""]))
    return path
