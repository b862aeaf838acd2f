"""Other people's clients, with their own defaults, against a real server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import clickhouse_connect
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa
import yaml
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData

from bilten.settings import Settings

pytestmark = pytest.mark.warehouse


def connect(settings: Settings, **options: Any) -> Any:
    return clickhouse_connect.get_client(
        host=settings.host,
        port=settings.warehouse_port,
        username=settings.warehouse_user,
        password=settings.warehouse_password.get_secret_value(),
        **options,
    )


@pytest.fixture(scope="module")
def database(warehouse_settings: Settings) -> Iterator[str]:
    client = connect(warehouse_settings)
    client.command("CREATE DATABASE driver_tests")
    yield "driver_tests"
    client.command("DROP DATABASE driver_tests")
    client.close()


@pytest.fixture
def client(warehouse_settings: Settings, database: str) -> Iterator[Any]:
    """With all of the driver's defaults: a session, compression, its newest protocol."""
    made = connect(warehouse_settings, database=database)
    yield made
    made.close()


def test_the_driver_finds_a_protocol_version_and_settings(client: Any) -> None:
    assert client.protocol_version > 0
    assert len(client.server_settings) > 500
    assert client.ping()


def test_every_common_type_survives(client: Any) -> None:
    result = client.query(
        """
        SELECT
            toInt128('-170141183460469231731687303715884105728') AS big,
            toDecimal256('123456789.123', 3) AS decimal,
            toUUID('01890a5d-ac96-774b-bcce-b302099a8057') AS uuid,
            toDateTime('2026-07-01 12:00:00', 'Europe/Berlin') AS zoned,
            toDateTime64('2026-07-01 12:00:00.123456', 6, 'UTC') AS fine, toDate32('1925-01-01') AS day,
            ['a', NULL]::Array(Nullable(String)) AS list, map('k', 1) AS mapping, (1, 'x') AS pair,
            'l'::LowCardinality(String) AS low, true AS truth, NULL AS nothing, toIPv4('127.0.0.1') AS ip,
            'é\\0' AS text, CAST('b', 'Enum8(\\'a\\' = 1, \\'b\\' = 2)') AS enum
        """
    )
    row = dict(zip(result.column_names, result.first_row, strict=True))
    assert row["big"] == -(2**127)
    assert str(row["decimal"]) == "123456789.123"
    assert str(row["uuid"]) == "01890a5d-ac96-774b-bcce-b302099a8057"
    assert row["zoned"] == datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert row["zoned"].utcoffset().total_seconds() == 7200
    assert row["fine"].replace(tzinfo=UTC) == datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
    assert row["day"].isoformat() == "1925-01-01"
    assert (row["list"], row["mapping"], row["pair"]) == (["a", None], {"k": 1}, (1, "x"))
    assert (row["low"], row["truth"], row["nothing"], str(row["ip"])) == ("l", True, None, "127.0.0.1")
    assert (row["text"], row["enum"]) == ("é\0", "b")


def test_json_variant_and_dynamic_columns_can_be_read(client: Any) -> None:
    result = client.query(
        'SELECT \'{"a": {"b": 1}}\'::JSON AS j, 1::Variant(Int8, String) AS v, 2::Dynamic AS d'
    )
    assert result.first_row == ({"a": {"b": 1}}, 1, 2)


def test_commands_answer_with_text_or_a_summary(client: Any) -> None:
    assert client.command("SELECT 1") == 1
    assert client.command("SELECT 'a', 'b'") == ["a", "b"]
    summary = client.command("CREATE OR REPLACE TABLE commands (a Int8) ENGINE = MergeTree ORDER BY a")
    assert summary.summary["query_id"]
    assert client.command("INSERT INTO commands SELECT 1").summary["query_id"]


def test_rows_frames_and_arrow_go_in_and_out(client: Any) -> None:
    client.command(
        "CREATE OR REPLACE TABLE things (id Int64, name String, at DateTime('Europe/Berlin'))"
        " ENGINE = MergeTree ORDER BY id"
    )
    moment = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert client.insert("things", [[1, "one", moment]], column_names=["id", "name", "at"]).written_rows == 1
    client.insert_df("things", pd.DataFrame({"id": [2], "name": ["two"], "at": [pd.Timestamp(moment)]}))
    client.insert_arrow(
        "things", pa.table({"id": [3], "name": ["three"], "at": pa.array([moment], pa.timestamp("s", "UTC"))})
    )
    assert client.query("SELECT id, at FROM things ORDER BY id").result_rows == [
        (n, moment) for n in (1, 2, 3)
    ]
    frame = client.query_df("SELECT * FROM things ORDER BY id")
    assert list(frame["name"]) == ["one", "two", "three"]
    assert str(frame["at"].dt.tz) == "Europe/Berlin"
    assert client.query_arrow("SELECT id FROM things ORDER BY id").column("id").to_pylist() == [1, 2, 3]
    assert client.query("SELECT * FROM things WHERE 0").column_names == ("id", "name", "at")
    assert client.query_df("SELECT * FROM things WHERE 0").empty


def test_large_inserts_and_results_stream(client: Any) -> None:
    client.command("CREATE OR REPLACE TABLE large (n Int64, s String) ENGINE = MergeTree ORDER BY n")
    client.insert("large", [[n, f"value {n}"] for n in range(200_000)], column_names=["n", "s"])
    with client.query_row_block_stream("SELECT n FROM large ORDER BY n") as blocks:
        sizes = [len(block) for block in blocks]
    assert sum(sizes) == 200_000
    assert len(sizes) > 1
    with client.query_df_stream("SELECT * FROM large") as frames:
        assert sum(len(frame) for frame in frames) == 200_000
    with client.query_arrow_stream("SELECT n FROM large") as batches:
        assert sum(batch.num_rows for batch in batches) == 200_000
    # The next statement of the same session comes at once.
    assert client.command("SELECT count() FROM large") == 200_000


def test_errors_are_the_drivers_own(client: Any) -> None:
    with pytest.raises(DatabaseError) as caught:
        client.query("SELECT * FROM no_such_table")
    assert caught.value.code == 60
    with pytest.raises(DatabaseError) as caught:
        client.command("SELECT 1; SELECT 2")
    assert caught.value.code == 62
    with (
        pytest.raises(StreamFailureError, match="throwIf"),
        client.query_row_block_stream("SELECT throwIf(number = 900000) FROM numbers(1000000)") as blocks,
    ):
        list(blocks)
    assert client.command("SELECT 1") == 1


def test_a_session_keeps_what_it_is_told(client: Any) -> None:
    client.command("SET max_block_size = 99")
    client.command("CREATE TEMPORARY TABLE mine (a Int8, t DateTime('Asia/Tokyo'))")
    client.insert("mine", [[1, datetime(2026, 1, 1, tzinfo=UTC)]], column_names=["a", "t"])
    assert client.query("SELECT t FROM mine").first_row[0].tzinfo == ZoneInfo("Asia/Tokyo")
    assert client.query("SELECT getSetting('max_block_size')").first_row == (99,)


def test_parameters_long_and_short(client: Any) -> None:
    assert client.query("SELECT {a:Int32}, {b:String}", {"a": 5, "b": "it's\n\t\\"}).first_row == (
        5,
        "it's\n\t\\",
    )
    numbers = list(range(100_000))
    assert client.query("SELECT length({a:Array(Int64)})", {"a": numbers}).first_row == (100_000,)
    assert client.query("SELECT %(a)s", {"a": "x"}).first_row == ("x",)


def test_external_data_join(client: Any) -> None:
    external = ExternalData(file_name="wanted.csv", data=b"1\n3\n", fmt="CSV", structure="id UInt64")
    result = client.query("SELECT number FROM numbers(5) WHERE number IN wanted", external_data=external)
    assert result.result_rows == [(1,), (3,)]


def test_several_clients_at_once(warehouse_settings: Settings) -> None:
    def work(number: int) -> int:
        mine = connect(warehouse_settings)
        try:
            return sum(int(mine.command(f"SELECT {number} + {n}")) for n in range(10))
        finally:
            mine.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(16))) == [10 * number + 45 for number in range(16)]


@pytest.fixture(scope="module")
def alchemy(warehouse_settings: Settings, database: str) -> Iterator[sa.Engine]:
    url = sa.URL.create(
        "clickhousedb",
        username=warehouse_settings.warehouse_user,
        password=warehouse_settings.warehouse_password.get_secret_value(),
        host=warehouse_settings.host,
        port=warehouse_settings.warehouse_port,
        database=database,
    )
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def test_sqlalchemy_queries_and_reflects(alchemy: sa.Engine) -> None:
    with alchemy.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE OR REPLACE TABLE reflected (id Int64, name Nullable(String), at DateTime64(6)) "
                "ENGINE = MergeTree ORDER BY id"
            )
        )
        connection.execute(sa.text("CREATE OR REPLACE VIEW seen AS SELECT id FROM reflected"))
        connection.execute(sa.text("INSERT INTO reflected SELECT 1, 'one', now64(6)"))
        assert (
            connection.execute(sa.text("SELECT name FROM reflected WHERE id = :id"), {"id": 1}).scalar()
            == "one"
        )
    inspector = sa.inspect(alchemy)
    assert "driver_tests" in inspector.get_schema_names()
    assert "reflected" in inspector.get_table_names("driver_tests")
    assert [column["name"] for column in inspector.get_columns("reflected")] == ["id", "name", "at"]
    assert inspector.has_table("reflected")
    assert not inspector.has_table("missing")
    table = sa.Table("reflected", sa.MetaData(), autoload_with=alchemy)
    with alchemy.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 1
        assert connection.execute(sa.select(table.c.name).where(table.c.id == 1)).scalar() == "one"


DBT_FILES = {
    "dbt_project.yml": "name: probe\nversion: '1.0'\nprofile: probe\n",
    "seeds/events.csv": "id,name,price,at\n1,one,1.50,2026-01-01 00:00:00\n2,two,2.50,2026-01-02 00:00:00\n",
    "models/stg_events.sql": """{{ config(materialized='view') }}
select id, name, toDecimal64(price, 2) as price, at from {{ ref('events') }}""",
    "models/totals.sql": """{{ config(materialized='table', order_by='id') }}
select id, sum(price) as total from {{ ref('stg_events') }} group by id""",
    "models/history.sql": """{{ config(materialized='incremental', order_by='id', unique_key='id',
    incremental_strategy='delete+insert') }}
select id, name, {% if is_incremental() %}2{% else %}1{% endif %} as build from {{ ref('stg_events') }}
{% if is_incremental() %} where id >= (select max(id) from {{ this }}) {% endif %}""",
    "models/schema.yml": """models:
  - name: totals
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: Int32, data_tests: [unique, not_null]}
      - {name: total, data_type: "Decimal(38, 2)"}
  - name: stg_events
    columns:
      - name: name
        data_tests: [{accepted_values: {arguments: {values: [one, two]}}}]
""",
    "tests/no_negative_totals.sql": "select * from {{ ref('totals') }} where total < 0",
}


def test_dbt_builds_seeds_views_tables_increments_and_tests(
    warehouse_settings: Settings, tmp_path: Path
) -> None:
    for name, text in DBT_FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    target = {
        "type": "clickhouse",
        "host": warehouse_settings.host,
        "port": warehouse_settings.warehouse_port,
        "user": warehouse_settings.warehouse_user,
        "password": warehouse_settings.warehouse_password.get_secret_value(),
        "schema": "dbt_probe",
        "threads": 4,
    }
    (tmp_path / "profiles.yml").write_text(
        yaml.safe_dump({"probe": {"target": "t", "outputs": {"t": target}}})
    )

    def dbt(*arguments: str) -> str:
        finished = subprocess.run(
            [str(Path(sys.executable).parent / "dbt"), "--no-use-colors", *arguments],
            cwd=tmp_path,
            env={
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
                "DBT_PROFILES_DIR": str(tmp_path),
                "HOME": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    assert "PASS=8 WARN=0 ERROR=0" in dbt("build")
    assert "PASS=8 WARN=0 ERROR=0" in dbt("build")
    dbt("docs", "generate")
    client = connect(warehouse_settings, database="dbt_probe")
    try:
        assert client.query("SELECT id, build FROM history ORDER BY id").result_rows == [(1, 1), (2, 2)]
        assert client.command("SELECT sum(total) FROM totals") == 4
        kinds = dict(
            client.query("SELECT name, engine FROM system.tables WHERE database = 'dbt_probe'").result_rows
        )
        assert (kinds["stg_events"], kinds["totals"]) == ("View", "MergeTree")
    finally:
        client.command("DROP DATABASE dbt_probe")
        client.close()
