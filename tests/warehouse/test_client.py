from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from bilten.errors import WarehouseError, WarehouseUnavailable
from tests.settings import free_port, make_settings
from warehouse.client import Warehouse

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def database(warehouse: Warehouse) -> Iterator[str]:
    warehouse.command("CREATE DATABASE client_tests")
    yield "client_tests"
    warehouse.command("DROP DATABASE client_tests")


def arrow_stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)
    return sink.getvalue()


def test_a_query_returns_columns_types_and_python_values(warehouse: Warehouse) -> None:
    result = warehouse.query(
        "SELECT {n:Int64} AS n, {s:String} AS s, toDecimal64(1.5, 2) AS d, toDateTime64(0, 6, 'UTC') AS t",
        {"n": 7, "s": "it's\n{x:Int32}"},
    )
    assert result.columns == ("n", "s", "d", "t")
    assert result.types == ("Int64", "String", "Decimal(18, 2)", "DateTime64(6, 'UTC')")
    assert result.rows[0] == (7, "it's\n{x:Int32}", Decimal("1.5"), datetime(1970, 1, 1, tzinfo=UTC))


def test_a_result_without_rows_still_has_columns(warehouse: Warehouse) -> None:
    result = warehouse.query("SELECT 1 AS one, 'x' AS two WHERE 0")
    assert result.columns == ("one", "two")
    assert list(result.rows) == []
    assert warehouse.scalar("SELECT 1 WHERE 0") is None


def test_rows_go_in_and_come_back(warehouse: Warehouse, database: str) -> None:
    warehouse.command(
        f"CREATE TABLE {database}.rows (a Int64, b Nullable(String), t DateTime64(6, 'UTC'), l Array(String))"
        " ENGINE = MergeTree ORDER BY a"
    )
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    rows = [(1, None, moment, ["x", "y"]), (2, "two", moment, [])]
    warehouse.insert_rows(f"{database}.rows", ("a", "b", "t", "l"), rows)
    warehouse.insert_rows(f"{database}.rows", ("a", "b", "t", "l"), [])
    assert [tuple(row) for row in warehouse.query(f"SELECT * FROM {database}.rows ORDER BY a").rows] == rows


def test_an_insert_whose_columns_changed_since_the_last_one_still_works(
    warehouse: Warehouse, database: str
) -> None:
    warehouse.command(f"CREATE TABLE {database}.moving (a Int32) ENGINE = MergeTree ORDER BY tuple()")
    warehouse.insert_rows(f"{database}.moving", ("a",), [(1,)])
    warehouse.command(f"DROP TABLE {database}.moving SYNC")
    warehouse.command(f"CREATE TABLE {database}.moving (a Int64) ENGINE = MergeTree ORDER BY tuple()")
    warehouse.insert_rows(f"{database}.moving", ("a",), [(2,)])
    assert warehouse.scalar(f"SELECT a FROM {database}.moving") == 2


@pytest.mark.parametrize("piece", [None, 1, 1000])
def test_an_arrow_stream_goes_in_whole_or_in_pieces(
    warehouse: Warehouse, database: str, piece: int | None
) -> None:
    warehouse.command(
        f"CREATE OR REPLACE TABLE {database}.arrow (a Int64, b String) ENGINE = MergeTree ORDER BY a"
    )
    body = arrow_stream(pa.table({"a": list(range(250)), "b": [f"value {n}" for n in range(250)]}))
    pieces = body if piece is None else (body[at : at + piece] for at in range(0, len(body), piece))
    warehouse.insert_arrow_stream(f"{database}.arrow", pieces, 250)
    assert tuple(warehouse.query(f"SELECT count(), sum(a), max(b) FROM {database}.arrow").rows[0]) == (
        250,
        31125,
        "value 99",
    )


def test_arrow_comes_out_in_several_batches(warehouse: Warehouse) -> None:
    batches = list(warehouse.stream_arrow("SELECT number, toString(number) AS text FROM numbers(300000)"))
    assert len(batches) > 1
    table = pa.Table.from_batches(batches)
    assert table.num_rows == 300000
    assert table.schema.field("text").type == pa.string()
    assert table.column("number").to_pylist() == list(range(300000))


def test_an_error_in_the_middle_of_a_stream_is_an_error(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError) as caught:
        for _ in warehouse.stream_arrow("SELECT throwIf(number = 900000) FROM numbers(1000000)"):
            pass
    assert caught.value.details["engine_code"] == 395
    assert not caught.value.retryable


def test_a_stream_left_in_the_middle_disturbs_nobody(warehouse: Warehouse) -> None:
    for _ in range(3):
        stream = warehouse.stream_arrow("SELECT number FROM numbers(100000000000)")
        next(stream)
        stream.close()
    assert warehouse.scalar("SELECT 1") == 1


def test_errors_carry_the_engines_code(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError) as caught:
        warehouse.query("SELECT * FROM no_such_table")
    assert caught.value.details["engine_code"] == 60
    assert "no_such_table" in caught.value.what
    assert not caught.value.retryable


def test_nobody_listening_is_unavailable_and_worth_another_try(tmp_path: Path) -> None:
    client = Warehouse(make_settings(tmp_path, warehouse_port=free_port()))
    with pytest.raises(WarehouseUnavailable) as caught:
        client.query("SELECT 1")
    assert caught.value.retryable


def test_a_wrong_password_is_final(warehouse: Warehouse, tmp_path: Path) -> None:
    port = int(repr(warehouse).rstrip(")").rpartition(":")[2])
    client = Warehouse(make_settings(tmp_path, warehouse_port=port, warehouse_password="wrong"))
    with pytest.raises(WarehouseError) as caught:
        client.query("SELECT 1")
    assert caught.value.details["engine_code"] == 516
    assert not caught.value.retryable
    assert "wrong" not in str(caught.value)


def test_threads_share_one_client(warehouse: Warehouse) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: warehouse.scalar("SELECT {n:Int64}", {"n": n}), range(100)))
    assert answers == list(range(100))
