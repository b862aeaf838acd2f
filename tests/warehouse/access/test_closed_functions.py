"""Functions of the engine that reach beyond the warehouse, by every way in which a function can be called."""

from __future__ import annotations

import pytest

from tests.warehouse.access.conftest import PASSWORD, Access
from warehouse.access.embedded import KEPT_SETTINGS, PLAIN_VALUES

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
        # What the engine takes for blanks, quotes, comments and texts.
        f"SELECT\u00a0file\u2003('{PLACE}')",
        f"SELECT “file”('{PLACE}')",
        f"SELECT ‘'’, {CALL}, ‘'’",
        f"SELECT 1 // '\n, {CALL} // '",
        f"SELECT 1 # '\n, {CALL} -- '",
        f"SELECT 1 /* /* */ ' */, {CALL} -- '",
        f"SELECT 1 AS $x$, {CALL}",
        # Columns that a text describes.
        *(
            f"{start} FROM {function}('a Int8, b String ALIAS file(''{PLACE}'')'{more}) LIMIT 1"
            for function, more in (("generateRandom", ""), ("values", ", (1), (2)"), ("null", ""))
            for start in ("SELECT b", "EXPLAIN actions = 1 SELECT b", "SELECT toInt8(b)")
        ),
        f"SELECT * FROM eval('SELECT {CALL.replace(chr(39), chr(39) * 2)}') "
        "SETTINGS allow_experimental_eval_table_function = 1",
        # Settings that are statements, or name files.
        f"SELECT 1 SETTINGS select = 'file(''{PLACE}'')'",
        f"SELECT 1 SETTINGS filter = 'throwIf(1, file(''{PLACE}''))'",
        f"SELECT 1 FORMAT Template SETTINGS format_template_row = '{PLACE}'",
        f"SELECT 1 FORMAT Template SETTINGS format_template_resultset = '{PLACE}'",
        f"SELECT 1 AS a FORMAT Protobuf SETTINGS format_schema = '{PLACE}:X'",
        "SELECT 1 AS a FORMAT Protobuf SETTINGS output_format_schema = '/tmp/bilten-written.proto'",
        # Parameters that name functions, and views that keep them.
        "SELECT arrayMap({f:Identifier}, ['/etc/passwd'])",
        "CREATE VIEW build_closed.v AS SELECT arrayMap({f:Identifier}, ['/etc/passwd'])",
        # Places of one's own.
        "CREATE TABLE build_closed.t (a Int8) ENGINE = EmbeddedRocksDB(0, '/tmp/bilten-rocks') PRIMARY KEY a",
        "CREATE TABLE build_closed.t (a Int8) ENGINE MergeTree ORDER BY a SETTINGS "
        "disk = disk(type = 'local', path = '/tmp/bilten-disk/')",
        "CREATE TABLE build_closed.t (a Int8) ENGINE = MergeTree ORDER BY a SETTINGS "
        "disk = disk(type = 'web', endpoint = 'http://127.0.0.1:1/')",
        "CREATE TABLE build_closed.t (a String) ENGINE = Executable('x', TSV)",
        "CREATE TABLE build_closed.t AS generateRandom('a Int8')",
        "CREATE DATABASE build_files ENGINE = Filesystem('/etc')",
        "CREATE DATABASE build_other ENGINE = PostgreSQL('127.0.0.1:1', 'd', 'u', 'p')",
    ],
)
@pytest.mark.parametrize("user", ["analyst", "engineer", "dbt"])
def test_it_is_closed(access: Access, user: str, sql: str) -> None:
    for value in ("file", "`file`", "\\x66ile"):
        answer = access.post(user, sql, param_f=value)
        assert answer.status_code >= 400, answer.text[:200]
        assert CONTENT not in answer.text
        if "Identifier" not in sql:
            break


def test_it_is_closed_in_settings_of_the_url_and_of_a_session(access: Access) -> None:
    session = {"session_id": "closed"}
    access.run("analyst", "SET max_threads = 1", **session)
    values = {"additional_table_filters": "{'system.one': '0'}", "dialect": "clickhouse_json"}
    for name in KEPT_SETTINGS:
        value = values.get(name, "1")
        answer = access.post("analyst", "SELECT 1", **{name: value})
        assert "should not be changed" in answer.text, answer.text
        quoted = value.replace("'", "\\'")
        answer = access.post("analyst", f"SET {name} = '{quoted}'", **session)
        assert "should not be changed" in answer.text, answer.text
    access.run("analyst", "SET param_f = 'file'", **session)
    answer = access.post("analyst", f"SELECT arrayMap({{f:Identifier}}, ['{PLACE}'])", **session)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "497", answer.text


def test_names_of_tables_may_still_be_parameters(access: Access) -> None:
    sql = "SELECT {c:Identifier} FROM system.{t:Identifier}"
    text = access.run("analyst", sql, param_c="dummy", param_t="one")
    assert text == "0\n"


HARMLESS = frozenset(
    {"arrow_flight_request_descriptor_type", "bool_false_representation", "bool_true_representation"}
    | {"chdb_client_name", "cluster_for_parallel_replicas", "compatibility", "compression"}
    | {"count_distinct_implementation", "database", "default_format", "default_view_definer"}
    | {"distributed_cache_client_id", "distributed_cache_file_cache_name"}
    | {"distributed_plan_force_exchange_kind", "errors_output_format"}
    | {"exclude_materialize_skip_indexes_on_insert", "filesystem_cache_name"}
    | {"force_data_skipping_indices", "force_optimize_projection_name", "format"}
    | {"format_csv_null_representation", "format_custom_field_delimiter"}
    | {"format_custom_result_after_delimiter", "format_custom_result_before_delimiter"}
    | {"format_custom_row_after_delimiter", "format_custom_row_before_delimiter"}
    | {"format_custom_row_between_delimiter", "format_hive_text_rows_delimiter"}
    | {"format_json_object_each_row_column_for_object_name", "format_regexp"}
    | {"format_template_resultset_format", "format_template_row_format"}
    | {"format_template_rows_between_delimiter", "format_tsv_null_representation"}
    | {"framing_output_format", "function_implementation", "http_response_headers"}
    | {"iceberg_metadata_compression_method", "ignore_data_skipping_indices"}
    | {"implicit_table_at_top_level", "input_format", "input_format_mysql_dump_table_name"}
    | {"input_format_orc_reader_time_zone_name", "insert_deduplication_token"}
    | {"local_filesystem_read_method", "log_comment", "metrics_perf_events_list"}
    | {"network_compression_method", "output_format", "output_format_avro_codec"}
    | {"output_format_avro_confluent_subject", "output_format_avro_string_column_pattern"}
    | {"output_format_image_terminal_mode", "output_format_orc_writer_time_zone_name"}
    | {"output_format_pretty_grid_charset", "output_format_sql_insert_table_name"}
    | {"preferred_optimize_projection_name", "query_cache_tag", "remote_filesystem_read_method"}
    | {"s3_upload_checksum_algorithm", "s3queue_default_zookeeper_path", "send_logs_source_regexp"}
    | {"stream_like_engine_insert_queue", "temporary_files_codec", "trace_profile_events_list"}
    | {"workload"}
)
"""Settings that hold a text which is no expression, no language, no file and no address that is asked."""


def test_every_setting_that_holds_a_text_was_looked_at(access: Access) -> None:
    text = access.run(
        "bilten",
        "SELECT name FROM system.settings WHERE type IN ('String', 'Map', 'URI')",
        access.platform_password,
    )
    unknown = set(text.split()) - HARMLESS - set(KEPT_SETTINGS) - {"promql_database", "promql_table"}
    assert unknown == set(), "new in this engine: does it name a file, an address, or hold an expression?"


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
