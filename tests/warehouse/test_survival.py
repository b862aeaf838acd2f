"""What the server keeps when it is stopped, killed, or started twice."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from bilten.errors import BiltenError, WarehouseUnavailable
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import free_port, make_settings
from warehouse.client import Warehouse

pytestmark = pytest.mark.warehouse


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WarehouseProcess]:
    process = WarehouseProcess(make_settings(tmp_path / "home", warehouse_port=free_port()))
    process.start()
    yield process
    process.stop(signal.SIGKILL)


def prepare(client: Warehouse) -> None:
    client.command("CREATE DATABASE kept")
    client.command("CREATE TABLE kept.rows (n Int64) ENGINE = MergeTree ORDER BY n")
    client.command("CREATE TABLE kept.copies (n Int64) ENGINE = MergeTree ORDER BY n")
    client.command("CREATE MATERIALIZED VIEW kept.copying TO kept.copies AS SELECT n FROM kept.rows")


def numbers(client: Warehouse, table: str) -> set[int]:
    return {int(row[0]) for row in client.query(f"SELECT n FROM kept.{table}").rows}


class Writer(threading.Thread):
    """Inserts one number after the other, and remembers those that were acknowledged."""

    def __init__(self, process: WarehouseProcess) -> None:
        super().__init__()
        self.acknowledged: set[int] = set()
        self.attempted = 0
        self._client = Warehouse(process.settings)

    def run(self) -> None:
        with self._client:
            while True:
                self.attempted += 1
                try:
                    self._client.insert_rows("kept.rows", ("n",), [(self.attempted,)])
                except BiltenError as error:
                    assert error.retryable, error
                    return
                self.acknowledged.add(self.attempted)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_acknowledged_rows_survive(server: WarehouseProcess, number: signal.Signals) -> None:
    with Warehouse(server.settings) as client:
        prepare(client)
        for _ in range(3):
            before = numbers(client, "rows")
            client.command("TRUNCATE TABLE kept.rows")
            client.command("TRUNCATE TABLE kept.copies")
            assert before or not _
            writer = Writer(server)
            writer.start()
            deadline = time.monotonic() + 20
            while len(writer.acknowledged) < 20:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            status = server.stop(number)
            writer.join()
            assert status == (0 if number is signal.SIGTERM else -signal.SIGKILL)
            server.start()
            assert not list((server.settings.home / "warehouse" / "temporary").glob("insert-*"))
            assert writer.acknowledged <= numbers(client, "rows")
            assert writer.acknowledged <= numbers(client, "copies")
            assert numbers(client, "rows") <= set(range(1, writer.attempted + 1))


def test_a_stopped_server_lets_short_queries_end_and_ends_long_ones(server: WarehouseProcess) -> None:
    answers: dict[str, str] = {}
    settings = server.settings
    address = f"http://{settings.host}:{settings.warehouse_port}/"
    headers = {
        "X-ClickHouse-User": settings.warehouse_user,
        "X-ClickHouse-Key": settings.warehouse_password.get_secret_value(),
    }

    def ask(name: str, sql: str) -> None:
        answers[name] = httpx.post(address, content=sql, headers=headers, timeout=60).text

    threads = [
        threading.Thread(target=ask, args=("short", "SELECT sleep(2)")),
        threading.Thread(target=ask, args=("long", "SELECT count() FROM numbers(100000000000000)")),
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 25
    for thread in threads:
        thread.join()
    assert answers["short"] == "0\n"
    assert "QUERY_WAS_CANCELLED" in answers["long"]
    events = [json.loads(line)["event"] for line in server.log.read_text().splitlines()]
    assert events[-1] == "warehouse server stopped"


def test_a_second_server_on_the_same_data_or_port_says_why_it_cannot_run(server: WarehouseProcess) -> None:
    rival = WarehouseProcess(
        server.settings.model_copy(update={"home": server.settings.home.parent / "other"})
    )
    assert rival.run_to_the_end() == 1
    assert "already in use" in rival.log.read_text()
    twin = WarehouseProcess(server.settings.model_copy(update={"warehouse_port": free_port()}))
    assert twin.run_to_the_end() == 1
    with Warehouse(server.settings) as client:
        client.ping()


def test_the_password_is_in_no_log_and_in_no_readable_file(server: WarehouseProcess) -> None:
    password = server.settings.warehouse_password.get_secret_value()
    with Warehouse(server.settings) as client:
        client.ping()
    assert password not in server.log.read_text()
    for path in (server.settings.home / "warehouse" / "configuration").iterdir():
        assert password not in path.read_text()
        assert path.stat().st_mode & 0o077 == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_is_no_refusal_and_passes_with_the_fullness(small_disk: Path) -> None:
    server = WarehouseProcess(make_settings(small_disk / "home", warehouse_port=free_port()))
    server.start()
    try:
        with Warehouse(server.settings) as client:
            prepare(client)
            filler = small_disk / "filler"
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(bytes(1024 * 1024))
            # A few rows are refused by the engine, many already where their bytes are collected.
            for rows in ([(1,)], [(number,) for number in range(700_000)]):
                with pytest.raises(WarehouseUnavailable) as refused:
                    client.insert_rows("kept.rows", ("n",), rows)
                assert refused.value.details["engine_code"] == 243
                assert "disk is full" in refused.value.why
            filler.unlink()
            client.insert_rows("kept.rows", ("n",), [(2,)])
            assert numbers(client, "rows") == numbers(client, "copies") == {2}
    finally:
        server.stop(signal.SIGKILL)
