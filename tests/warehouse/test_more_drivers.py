"""Clients beside those of `test_drivers`: asynchronous, of other libraries, of other languages."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest

from bilten.settings import PROJECT_ROOT, Settings

pytestmark = pytest.mark.warehouse

NODE_CLIENT = "@clickhouse/client@1"
GO_CLIENT = "github.com/ClickHouse/clickhouse-go/v2"


@pytest.fixture
def database(warehouse_settings: Settings) -> Iterator[str]:
    client = clickhouse_connect.get_client(**login(warehouse_settings))
    client.command("CREATE DATABASE more_drivers")
    client.command(
        "CREATE TABLE more_drivers.t (n Int64, s String, at DateTime64(6, 'UTC')) "
        "ENGINE = MergeTree ORDER BY n"
    )
    client.command("INSERT INTO more_drivers.t SELECT number, toString(number), now64(6) FROM numbers(1000)")
    yield "more_drivers"
    client.command("DROP DATABASE more_drivers")
    client.close()


def login(settings: Settings) -> dict[str, object]:
    return {
        "host": settings.host,
        "port": settings.warehouse_port,
        "username": settings.warehouse_user,
        "password": settings.warehouse_password.get_secret_value(),
    }


def test_the_asynchronous_client_runs_many_at_once(warehouse_settings: Settings, database: str) -> None:
    async def work() -> list[int]:
        options = {**login(warehouse_settings), "autogenerate_session_id": False, "database": database}
        client = await clickhouse_connect.get_async_client(**options)
        try:
            await client.insert("t", [[5000, "new", 0]], column_names=["n", "s", "at"])
            answers = await asyncio.gather(
                *(client.query("SELECT count() + {n:Int64} FROM t", parameters={"n": n}) for n in range(16))
            )
            return [answer.result_rows[0][0] for answer in answers]
        finally:
            await client.close()

    assert asyncio.run(work()) == [1001 + n for n in range(16)]


IBIS = """
import json, sys
import ibis, pandas
from ibis import _
host, port, user, password, database = sys.argv[1:]
con = ibis.clickhouse.connect(host=host, port=int(port), user=user, password=password, database=database)
table = con.table("t")
total = table.filter(_.n < 10).aggregate(total=_.n.sum(), rows=_.count()).execute().to_dict("records")
con.create_table("made", pandas.DataFrame({"n": [1, 2], "s": ["a", "é"]}))
made = con.table("made").order_by("n").execute().to_dict("records")
joined = table.join(con.table("made").select("n"), "n").group_by("n").agg(first=_.at.min()).to_pyarrow()
streamed = sum(len(batch) for batch in con.to_pyarrow_batches(table))
con.create_view("seen", table.filter(_.n == 5))
seen = con.table("seen").count().execute()
con.drop_view("seen"); con.drop_table("made")
try:
    con.sql("SELECT * FROM missing").execute()
except Exception as error:
    code = error.code
print(json.dumps({"schema": {name: str(kind) for name, kind in table.schema().items()}, "total": total,
    "made": made, "joined": joined.num_rows, "streamed": streamed, "seen": int(seen),
    "code": code, "left": con.list_tables()}))
"""


def test_ibis(warehouse_settings: Settings, database: str, tmp_path: Path) -> None:
    # The newest SQL parser is not one that ibis knows, and the one installed here is another's.
    packages = (
        "ibis-framework==12.0.0 sqlglot==28.6.0 toolz==1.1.0 parsy==2.2 atpublic==7.0.0 pyarrow-hotfix==0.7"
    )
    uv = shutil.which("uv") or str(PROJECT_ROOT / ".bootstrap" / "bin" / "uv")
    installed = subprocess.run(
        [uv, "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path), *packages.split()],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env={**os.environ, "UV_SYSTEM_CERTS": "true"},
    )
    if installed.returncode != 0:
        pytest.skip(f"ibis cannot be installed: {installed.stderr[-200:]}")
    given = (*(str(value) for value in login(warehouse_settings).values()), database)
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IBIS, *given],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert json.loads(finished.stdout) == {
        "schema": {"n": "!int64", "s": "!string", "at": "!timestamp('UTC', 6)"},
        "total": [{"total": 45, "rows": 10}],
        "made": [{"n": 1, "s": "a"}, {"n": 2, "s": "é"}],
        "joined": 2,
        "streamed": 1000,
        "seen": 1,
        "code": 60,
        "left": ["t"],
    }


NODE = """
import { createClient } from '@clickhouse/client';
const [url, username, password, database] = process.argv.slice(2);
const client = createClient({ url, username, password, database,
  compression: { request: true, response: true }, clickhouse_settings: { max_block_size: '100' } });
const row = { n: 7000, s: 'é', at: '2026-01-01 00:00:00' };
await client.insert({ table: 't', values: [row], format: 'JSONEachRow' });
const json = await (await client.query({ query: 'SELECT n, s FROM t WHERE n = {n:Int64}',
  query_params: { n: 7000 }, format: 'JSON' })).json();
let streamed = 0;
const rows = await client.query({ query: 'SELECT number FROM numbers(200000)', format: 'JSONEachRow' });
for await (const batch of rows.stream()) streamed += batch.length;
let code = '';
try { await client.query({ query: 'SELECT * FROM missing' }); } catch (error) { code = error.code; }
const ping = await client.ping();
const session = createClient({ url, username, password, session_id: 'node-' + Date.now() });
await session.command({ query: 'CREATE TEMPORARY TABLE mine (a Int8)' });
await session.insert({ table: 'mine', values: [{ a: 5 }], format: 'JSONEachRow' });
const own = await (await session.query({ query: 'SELECT a FROM mine', format: 'JSONEachRow' })).json();
console.log(JSON.stringify({ data: json.data, streamed, code, ping: ping.success, own }));
await client.close(); await session.close();
"""


def test_node(warehouse_settings: Settings, database: str, tmp_path: Path) -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js is not on this machine")
    installed = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", NODE_CLIENT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    if installed.returncode != 0:
        pytest.skip(f"the client cannot be installed: {installed.stderr[-200:]}")
    (tmp_path / "probe.mjs").write_text(NODE)
    password = warehouse_settings.warehouse_password.get_secret_value()
    address = f"http://{warehouse_settings.host}:{warehouse_settings.warehouse_port}"
    finished = subprocess.run(
        ["node", "probe.mjs", address, warehouse_settings.warehouse_user, password, database],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout) == {
        "data": [{"n": 7000, "s": "é"}],
        "streamed": 200_000,
        "code": "60",
        "ping": True,
        "own": [{"a": 5}],
    }


GO = """
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone,
		clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP} {
		db := clickhouse.OpenDB(&clickhouse.Options{
			Protocol: clickhouse.HTTP, Addr: []string{os.Args[1]},
			Auth:        clickhouse.Auth{Database: os.Args[4], Username: os.Args[2], Password: os.Args[3]},
			Compression: &clickhouse.Compression{Method: method},
		})
		ctx := context.Background()
		must(db.PingContext(ctx))
		tx, err := db.BeginTx(ctx, nil)
		must(err)
		batch, err := tx.PrepareContext(ctx, "INSERT INTO t (n, s, at)")
		must(err)
		for n := 0; n < 3; n++ {
			_, err = batch.ExecContext(ctx, int64(9000+n), "go", time.Unix(0, 0))
			must(err)
		}
		must(tx.Commit())
		var count, total int64
		counted := db.QueryRowContext(ctx, "SELECT toInt64(count()), sum(n) FROM t WHERE s = ?", "go")
		must(counted.Scan(&count, &total))
		query := "SELECT number, toDateTime(number, 'Asia/Tokyo') FROM numbers(100000)"
		rows, err := db.QueryContext(ctx, query)
		must(err)
		read := 0
		for rows.Next() {
			read++
		}
		must(rows.Err())
		fmt.Println(method, count, total, read)
		must(db.Close())
	}
}
"""


def test_go(warehouse_settings: Settings, database: str, tmp_path: Path) -> None:
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        pytest.skip("Go is not on this machine")
    (tmp_path / "main.go").write_text(GO)
    for arguments in (
        ("mod", "init", "probe"),
        ("get", f"{GO_CLIENT}@v2.40.1"),
        ("build", "-o", "probe", "."),
    ):
        made = subprocess.run(
            [go, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=400, check=False
        )
        if made.returncode != 0 and arguments[0] == "get":
            pytest.skip(f"the client cannot be fetched: {made.stderr[-200:]}")
        assert made.returncode == 0, made.stderr
    password = warehouse_settings.warehouse_password.get_secret_value()
    address = f"{warehouse_settings.host}:{warehouse_settings.warehouse_port}"
    finished = subprocess.run(
        [str(tmp_path / "probe"), address, warehouse_settings.warehouse_user, password, database],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr + finished.stdout
    lines = [line.split()[-3:] for line in finished.stdout.splitlines()]
    assert lines == [[str(3 * n), str(27003 * n), "100000"] for n in range(1, 5)]
