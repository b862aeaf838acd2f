"""Connections that one insert after the other uses."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bilten.settings import Settings
from warehouse.server.engine import from_file
from warehouse.server.spares import LARGEST_NUMBER, Spares

pytestmark = pytest.mark.warehouse


class FakeConnection:
    """Stands in for an engine's connection: only whether it was closed matters here."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_a_connection_is_for_the_same_settings_only() -> None:
    spares = Spares()
    connection: Any = FakeConnection()
    spares.give("one", connection)
    assert spares.take("other") is None
    assert spares.take("one") is connection
    assert spares.take("one") is None


def test_their_number_is_bounded_and_nothing_waits_after_the_end() -> None:
    spares = Spares()
    given: list[Any] = [FakeConnection() for _ in range(LARGEST_NUMBER + 2)]
    for number, connection in enumerate(given):
        spares.give(number % 3, connection)
    assert [connection.closed for connection in given].count(True) == 2
    spares.close()
    assert all(connection.closed for connection in given)
    late: Any = FakeConnection()
    spares.give("late", late)
    assert late.closed


def test_settings_of_one_insert_come_before_its_own() -> None:
    assert "SETTINGS log_comment = 'x'\nFORMAT CSV" in from_file(
        "INSERT INTO t", "/p", "CSV", {"log_comment": "x"}
    )
    own = from_file("INSERT INTO t SETTINGS async_insert = 0", "/p", "CSV", {"log_comment": "x"})
    assert "SETTINGS log_comment = 'x',  async_insert = 0\nFORMAT CSV" in own


@pytest.fixture(scope="module")
def http(warehouse_settings: Settings) -> Iterator[httpx.Client]:
    headers = {
        "X-ClickHouse-User": warehouse_settings.warehouse_user,
        "X-ClickHouse-Key": warehouse_settings.warehouse_password.get_secret_value(),
    }
    address = f"http://{warehouse_settings.host}:{warehouse_settings.warehouse_port}"
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        client.post("/", content="CREATE DATABASE spare_tests").raise_for_status()
        client.post(
            "/", content="CREATE TABLE spare_tests.t (a Int64) ENGINE = MergeTree ORDER BY a"
        ).raise_for_status()
        yield client
        client.post("/", content="DROP DATABASE spare_tests").raise_for_status()


def insert(http: httpx.Client, data: bytes, **parameters: str) -> httpx.Response:
    sql = parameters.pop("query", "INSERT INTO spare_tests.t FORMAT TSV")
    return http.post("/", params={"query": sql, **parameters}, content=data)


def test_each_insert_is_logged_with_its_own_id_and_settings(http: httpx.Client) -> None:
    names = [str(uuid.uuid4()) for _ in range(4)]
    for name in names[:3]:
        assert insert(http, b"1\n", query_id=name).status_code == 200
    comment = str(uuid.uuid4())
    sql = f"INSERT INTO spare_tests.t SETTINGS log_comment = '{comment}', max_block_size = 77 FORMAT TSV"
    assert insert(http, b"1\n", query=sql, query_id=names[3]).status_code == 200
    http.post("/", content="SYSTEM FLUSH LOGS").raise_for_status()
    logged = http.post(
        "/",
        content="SELECT log_comment, written_rows, Settings['max_block_size'] FROM system.query_log "
        f"WHERE type = 'QueryFinish' AND log_comment IN {(*names, comment)!r} "
        "ORDER BY event_time_microseconds",
    ).text
    assert logged == "".join(f"{name}\t1\t\n" for name in names[:3]) + f"{comment}\t1\t77\n"


def test_settings_of_one_insert_do_not_reach_the_next(http: httpx.Client) -> None:
    strict = {"input_format_allow_errors_num": "0"}
    lenient = {"input_format_allow_errors_num": "1"}
    for _ in range(2):
        assert insert(http, b"x\n1\n", **lenient).status_code == 200
        assert insert(http, b"x\n1\n", **strict).headers["X-ClickHouse-Exception-Code"] == "27"
        assert insert(http, b"x\n1\n").headers["X-ClickHouse-Exception-Code"] == "27"


def test_the_database_of_one_insert_does_not_reach_the_next(http: httpx.Client) -> None:
    for _ in range(2):
        sql = "INSERT INTO t FORMAT TSV"
        assert insert(http, b"1\n", query=sql, database="spare_tests").status_code == 200
        assert insert(http, b"1\n", query=sql).headers["X-ClickHouse-Exception-Code"] == "60"
