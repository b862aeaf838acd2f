"""The warehouse over HTTP against the same engine in process: queries, results, inserts, kept answers.

Both sides have the same rows in the same table. The engine in process belongs to this program; the server is
one of its own, with its own data folder, so neither finds what the other has in its caches.
"""

from __future__ import annotations

import http.client
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.harness import Measure, Report, interleaved, percentile, ratio
from bilten.contracts import Contracts, load_contracts
from bilten.settings import Settings
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import PASSWORD, free_port, make_settings
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.readers import CLONES_DATABASE, clone_name, create_missing_readers, mart_type
from warehouse.server.configuration import write_configuration
from warehouse.server.engine import Connection, Engine

ROWS = 10_000_000
ROUNDS = 5
ASKED = 1_000
SECONDS = 5
MART = "currencies"
BUILD = "20260101T000000Z"
KEPT = f"SELECT count() FROM marts.{MART}"
TABLE = (
    "CREATE TABLE {} (id UInt64, code LowCardinality(String), day Date, total Decimal(12, 2)) "
    "ENGINE = MergeTree ORDER BY id"
)
FILL = (
    "INSERT INTO hits SELECT number, toString(number % 500), toDate('2026-01-01') + number % 300, "
    f"number % 1000 FROM numbers({ROWS})"
)
SCANS = (
    "SELECT count() FROM hits WHERE total > 500",
    "SELECT code, count(), sum(total) FROM hits GROUP BY code ORDER BY 2 DESC LIMIT 10",
    "SELECT day, uniq(id), avg(total) FROM hits GROUP BY day ORDER BY day",
)
POINT = "SELECT * FROM hits WHERE id = {}"


def run(report: Report) -> list[Measure]:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="bilten-bench-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        with _server(place / "server") as settings, _engine(place / "engine") as engine:
            report(f"filling both with {ROWS:,} rows")
            with Warehouse(settings) as warehouse, engine.connect() as connection:
                for sql in (TABLE.format("hits"), FILL):
                    warehouse.command(sql)
                    connection.execute(sql)
                _publish(warehouse)
                return [
                    *_scans(settings, connection, report),
                    *_points(settings, connection, report),
                    *_arrow(settings, connection, report),
                    *_kept(settings, report),
                    *_clients(settings, report),
                ]


def _scans(settings: Settings, connection: Connection, report: Report) -> list[Measure]:
    client = _Client(settings)
    figures = interleaved(
        {
            "http": lambda: _seconds(lambda: [client.post(sql) for sql in SCANS]),
            "process": lambda: _seconds(lambda: [connection.execute(sql) for sql in SCANS]),
        },
        ROUNDS,
        report,
    )
    return [_at_most(ratio("endpoint.scan", figures, "http", "process", 1.1))]


def _points(settings: Settings, connection: Connection, report: Report) -> list[Measure]:
    client = _Client(settings)
    keys = [number * 7919 % ROWS for number in range(ASKED)]
    http_times = [_seconds(lambda key=key: client.post(POINT.format(key))) for key in keys]  # type: ignore[misc]
    own_times = [_seconds(lambda key=key: connection.execute(POINT.format(key))) for key in keys]  # type: ignore[misc]
    found = []
    for percent in (50, 99):
        over, own = percentile(http_times, percent), percentile(own_times, percent)
        report(f"point query p{percent}: {over * 1000:.2f} ms over HTTP, {own * 1000:.2f} ms in process")
        found.append(Measure(f"endpoint.point_p{percent}", over / own, "ratio", 2.0, at_least=False))
    return found


def _arrow(settings: Settings, connection: Connection, report: Report) -> list[Measure]:
    client = _Client(settings)
    select = "SELECT * FROM hits"

    def read() -> float:
        return ROWS / _seconds(lambda: client.post(f"{select} FORMAT ArrowStream"))

    def read_own() -> float:
        return ROWS / _seconds(lambda: [None for _ in connection.stream(select, "ArrowStream")])

    results = interleaved({"http": read, "process": read_own}, ROUNDS, report)
    body = client.post(f"{select} FORMAT ArrowStream")
    for side in (client.post, connection.execute):
        side(TABLE.format("taken"))

    def insert() -> float:
        client.post("TRUNCATE TABLE taken")
        return ROWS / _seconds(lambda: client.post("INSERT INTO taken FORMAT ArrowStream\n", body))

    def insert_own() -> float:
        connection.execute("TRUNCATE TABLE taken")
        inserter = connection.insert("INSERT INTO taken", "ArrowStream")

        def work() -> None:
            inserter.append(body)
            inserter.finish()

        return ROWS / _seconds(work)

    inserts = interleaved({"http": insert, "process": insert_own}, ROUNDS, report)
    return [
        ratio("endpoint.arrow_result", results, "http", "process", 0.7),
        ratio("endpoint.arrow_insert", inserts, "http", "process", 0.8),
    ]


def _kept(settings: Settings, report: Report) -> list[Measure]:
    client = _Client(settings)
    client.post(KEPT)
    time.sleep(1)
    kept: list[float] = []
    echoed: list[float] = []
    for _ in range(ASKED):
        kept.append(_seconds(lambda: client.post(KEPT)))
        echoed.append(_seconds(client.echo))
    if client.cache != "memory":
        raise RuntimeError(f"the answer was not kept: {client.cache}")
    answer, echo = percentile(kept, 99), percentile(echoed, 99)
    report(f"kept answer p99 {answer * 1000:.2f} ms, echo p99 {echo * 1000:.2f} ms")
    return [
        Measure("endpoint.kept_p99", answer, "s", 0.01, at_least=False),
        Measure("endpoint.kept_to_echo", answer / echo, "ratio", 3.0, at_least=False),
    ]


def _clients(settings: Settings, report: Report) -> list[Measure]:
    figures = interleaved(
        {"8": lambda: _throughput(settings, 8), "64": lambda: _throughput(settings, 64)}, ROUNDS, report
    )
    return [ratio("endpoint.clients", figures, "64", "8", 0.9)]


def _throughput(settings: Settings, number: int) -> float:
    """Point queries a second of some clients."""
    until = time.perf_counter() + SECONDS

    def work(worker: int) -> int:
        client, done = _Client(settings), 0
        while time.perf_counter() < until:
            client.post(POINT.format((worker * 7919 + done) % ROWS))
            done += 1
        return done

    with ThreadPoolExecutor(number) as pool:
        return sum(pool.map(work, range(number))) / SECONDS


class _Client:
    """One kept connection, without a driver's own work."""

    def __init__(self, settings: Settings) -> None:
        self._connection = http.client.HTTPConnection(settings.host, settings.warehouse_port)
        self._headers = {"X-ClickHouse-User": settings.warehouse_user, "X-ClickHouse-Key": PASSWORD}
        self.cache = ""

    def post(self, sql: str, body: bytes = b"") -> bytes:
        self._connection.request("POST", "/", sql.encode() + body, self._headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise RuntimeError(data[:500].decode("utf-8", "replace"))
        self.cache = answer.headers.get("X-Bilten-Cache", "")
        return data

    def echo(self) -> bytes:
        self._connection.request("GET", "/")
        return self._connection.getresponse().read()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _at_most(measure: Measure) -> Measure:
    return Measure(
        measure.name, median(measure.rounds), measure.unit, measure.bar, at_least=False, rounds=measure.rounds
    )


def _publish(warehouse: Warehouse) -> None:
    contract = load_contracts()[MART]
    columns = ", ".join(f"`{column.name}` {mart_type(column)}" for column in contract.columns)
    table = f"{CLONES_DATABASE}.`{clone_name(MART, BUILD)}`"
    create_missing_readers(warehouse, [contract])
    for sql in (
        f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY currency",
        f"INSERT INTO {table} (currency) SELECT toString(number) FROM numbers(1000)",
        f"INSERT INTO ops.publications VALUES (now64(6), '{BUILD}', 'build_x', 'publish', '')",
    ):
        warehouse.command(sql)


@contextmanager
def _server(home: Path) -> Iterator[Settings]:
    process = WarehouseProcess(
        make_settings(home, warehouse_port=free_port(), warehouse_memory_megabytes=4096)
    )
    process.start()
    try:
        migrate.apply(process.settings, Contracts({}))
        yield process.settings
    finally:
        process.stop(seconds=60)


@contextmanager
def _engine(home: Path) -> Iterator[Engine]:
    settings = make_settings(home, warehouse_memory_megabytes=4096)
    engine = Engine(write_configuration(settings))
    try:
        yield engine
    finally:
        engine.close()
