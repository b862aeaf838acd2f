"""Functions of the engine that reach beyond the warehouse, by every way in which a function can be called."""

from __future__ import annotations

import pytest

from tests.warehouse.access.conftest import PASSWORD, Access
from warehouse.access.embedded import PLAIN_VALUES

pytestmark = pytest.mark.warehouse

PLACE = "/etc/passwd"
CONTENT = "root:"
CALL = f"file('{PLACE}')"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT {CALL}",
        f"SELECT/**/file/**/('{PLACE}')",
        f"SELECT `file`('{PLACE}')",
        f"SELECT \"file\"('{PLACE}')",
        rf"SELECT `f\x69le`('{PLACE}')",
        f"SELECT * APPLY(file) FROM (SELECT '{PLACE}')",
        f"SELECT * APPLY file FROM (SELECT '{PLACE}')",
        f"SELECT arrayMap(file, ['{PLACE}'])",
        f"WITH {CALL} AS x SELECT x",
        f"SELECT (SELECT {CALL})",
        f"EXPLAIN SELECT {CALL}",
        f"EXPLAIN QUERY TREE SELECT {CALL}",
        f"DESCRIBE (SELECT {CALL})",
        f"SELECT 1 SETTINGS additional_result_filter = 'throwIf(1, file(\\'{PLACE}\\'))'",
        f"SELECT * FROM format(Values, 'b String', $$({CALL})$$)",
        f"SELECT * FROM format(JSONEachRow, concat('b String DEFAULT fi', 'le(''{PLACE}'')'), '{{}}')",
        f"SELECT * FROM `format` (Values, 'b String', $$({CALL})$$)",
        f"SELECT * FROM Format(JSONEachRow, concat('b String DEFAULT fi', 'le(''{PLACE}'')'), '{{}}')",
        "SELECT getServerSetting('tmp_path')",
        "SELECT fuzzQuery('SELECT 1') SETTINGS allow_fuzz_query_functions = 1",
        "SELECT * FROM fuzzQuery('SELECT 1', 100, 1) LIMIT 1 SETTINGS allow_fuzz_query_functions = 1",
        "SELECT * FROM Python(os)",
        "SELECT addressToLine(1) SETTINGS allow_introspection_functions = 1",
    ],
)
@pytest.mark.parametrize("user", ["analyst", "engineer", "dbt"])
def test_it_is_closed(access: Access, user: str, sql: str) -> None:
    answer = access.post(user, sql)
    assert answer.status_code >= 400, answer.text[:200]
    assert CONTENT not in answer.text


def test_it_is_closed_in_settings_of_the_url(access: Access) -> None:
    for name in ("additional_result_filter", "additional_table_filters"):
        answer = access.post("analyst", "SELECT 1", **{name: f"throwIf(1, {CALL})"})
        assert answer.status_code >= 400
        assert CONTENT not in answer.text


@pytest.mark.parametrize(
    ("structure", "table_format", "data"),
    [
        ("a String", "Values", f"({CALL})"),
        (f"b Int8, a String DEFAULT {CALL}", "JSONEachRow", '{"b": 1}'),
        (f"b Int8, a String MATERIALIZED {CALL}", "JSONEachRow", '{"b": 1}'),
    ],
)
def test_it_is_closed_in_tables_that_a_request_brings(
    access: Access, structure: str, table_format: str, data: str
) -> None:
    answer = access.client.post(
        "/",
        params={"query": "SELECT * FROM e", "e_structure": structure, "e_format": table_format},
        files={"e": data.encode()},
        headers={"X-ClickHouse-User": "analyst", "X-ClickHouse-Key": PASSWORD},
    )
    assert answer.status_code >= 400, answer.text[:200]
    assert CONTENT not in answer.text


def test_it_is_closed_in_rows_that_are_inserted(access: Access) -> None:
    password = access.platform_password
    access.run("bilten", "CREATE DATABASE IF NOT EXISTS build_closed", password)
    access.run("bilten", "CREATE TABLE build_closed.t (a String) ENGINE = Memory", password)
    access.post("dbt", f"INSERT INTO build_closed.t VALUES ({CALL})")
    for name in PLAIN_VALUES:
        insert = f"INSERT INTO build_closed.t SETTINGS {name} = 1 VALUES ({CALL})"
        assert access.post("dbt", insert).status_code >= 400
        assert access.post("dbt", "SELECT 1", **{name: "1"}).status_code >= 400
    access.run("dbt", "INSERT INTO build_closed.t VALUES ('plain'), ('x')")
    assert CONTENT not in access.run("bilten", "SELECT * FROM build_closed.t", password)
    access.run("bilten", "DROP DATABASE build_closed", password)


def test_plain_words_are_not_mistaken_for_it(access: Access) -> None:
    assert access.run("analyst", "SELECT 'a file (x)' AS `profile`, 1 AS files") == "a file (x)\t1\n"
    answer = access.client.post(
        "/",
        params={"query": "SELECT a, b FROM e", "e_structure": "a String, b Int8", "e_format": "Values"},
        files={"e": b"('x', 1), ('y', -2)"},
        headers={"X-ClickHouse-User": "analyst", "X-ClickHouse-Key": PASSWORD},
    )
    assert answer.text == "x\t1\ny\t-2\n"
