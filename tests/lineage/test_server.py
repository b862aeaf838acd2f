"""The service: acknowledges what is on the disk, tolerates a warehouse that is down, ends cleanly."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bilten.settings import PROJECT_ROOT, Settings
from lineage.emitter import Emitter, outbox_path
from lineage.events import as_dict, completed
from lineage.outbox import Outbox
from tests.lineage.receiving import other_receiver
from tests.lineage.samples import ENDED
from tests.lineage.test_delivery import event
from tests.lineage.test_events import LOAD
from tests.lineage.test_receipt import debezium
from tests.settings import environment, free_port, make_settings

START_SECONDS = 60


class ServiceProcess:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        settings.home.mkdir(parents=True, exist_ok=True)
        self.log = settings.home / "lineage.log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BILTEN_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lineage.server"],
                cwd=settings.home,
                env={**inherited, **environment(settings), "PYTHONPATH": str(PROJECT_ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.client = httpx.Client(
            base_url=settings.lineage_http_url, timeout=30, auth=settings.warehouse_credentials
        )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                assert self.client.get("/health").status_code == 200
                return
            except httpx.TransportError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the service does not start:\n{self.log.read_text()[-5000:]}")
                time.sleep(0.1)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.client.close()
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def running(settings: Settings) -> Iterator[ServiceProcess]:
    service = ServiceProcess(settings)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.stop()


def until(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be in time"
        time.sleep(0.1)


@pytest.fixture
def without_warehouse(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service of the test's own, whose warehouse is down."""
    with running(make_settings(tmp_path, lineage_port=free_port(), warehouse_port=free_port())) as service:
        yield service


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service that several tests share, whose warehouse is down."""
    home = tmp_path_factory.mktemp("lineage-home")
    with running(make_settings(home, lineage_port=free_port(), warehouse_port=free_port())) as service:
        yield service


def waiting(client: httpx.Client) -> int:
    count: int = client.get("/health").json()["receivers"][0]["waiting"]
    return count


def test_an_event_is_taken_while_the_warehouse_is_down(without_warehouse: ServiceProcess) -> None:
    client = without_warehouse.client
    answer = client.post("/api/v1/lineage", json=event(1))
    assert answer.status_code == 201
    identifier = answer.json()["eventId"]
    # Killed at once: what was acknowledged is there.
    without_warehouse.stop(signal.SIGKILL)
    outbox = Outbox(outbox_path(without_warehouse.settings))
    assert [entry.event_id for entry in outbox.waiting("warehouse")] == [identifier]
    outbox.close()


def test_questions_are_answered_with_the_reason_while_the_warehouse_is_down(
    without_warehouse: ServiceProcess,
) -> None:
    client = without_warehouse.client
    answer = client.get("/api/v1/datasets")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["code"] == "warehouse-unavailable"
    assert client.get("/").status_code == 200
    client.post("/api/v1/lineage", json=event(1))
    until(lambda: client.get("/health").json()["receivers"][0]["error"])
    (state,) = client.get("/health").json()["receivers"]
    assert (state["name"], state["waiting"], state["delivered"]) == ("warehouse", 1, 0)


def test_bad_events_are_refused_with_the_reason(shared: ServiceProcess) -> None:
    client, before = shared.client, waiting(shared.client)
    assert client.post("/api/v1/lineage", content=b"{not json").status_code == 422
    answer = client.post("/api/v1/lineage", json={**event(1), "run": {"runId": "1"}})
    assert answer.status_code == 422
    assert answer.json()["why"] == "`run.runId` is not a UUID."
    assert client.post("/api/v1/lineage/batch", json=event(1)).status_code == 422
    assert waiting(client) == before


def test_a_batch_keeps_the_good_and_tells_of_the_bad(shared: ServiceProcess) -> None:
    client, before = shared.client, waiting(shared.client)
    events = [event(101), {"x": 1}, event(102), event(102)]
    answer = client.post("/api/v1/lineage/batch", json=events)
    assert answer.status_code == 200
    assert answer.json()["status"] == "partial_success"
    assert answer.json()["summary"] == {
        "received": 4,
        "successful": 3,
        "failed": 1,
        "retriable": 0,
        "non_retriable": 1,
    }
    assert answer.json()["failed_events"][0]["index"] == 1
    assert waiting(client) == before + 2


def test_compressed_bodies_are_taken(shared: ServiceProcess) -> None:
    body = gzip.compress(json.dumps(event(1)).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert shared.client.post("/api/v1/lineage", content=body, headers=headers).status_code == 201


def test_secrets_never_reach_the_disk(without_warehouse: ServiceProcess) -> None:
    assert without_warehouse.client.post("/api/v1/lineage", json=debezium()).status_code == 201
    assert without_warehouse.stop() == 0
    folder = without_warehouse.settings.home
    for path in [*folder.rglob("outbox.db*"), without_warehouse.log]:
        assert b"hunter2" not in path.read_bytes()


def test_sigterm_ends_it_cleanly_and_a_taken_port_is_explained(without_warehouse: ServiceProcess) -> None:
    settings = without_warehouse.settings
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BILTEN_")}
    second = subprocess.run(
        [sys.executable, "-m", "lineage.server"],
        cwd=settings.home,
        env={**inherited, **environment(settings), "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert '"code": "port-in-use"' in second.stdout
    assert without_warehouse.stop() == 0
    assert "Traceback" not in without_warehouse.log.read_text()


def test_the_schemas_of_our_facets_are_handed_out(shared: ServiceProcess) -> None:
    answer = shared.client.get("/api/v1/facets/BiltenContractDatasetFacet.json")
    assert answer.json()["$id"].endswith("BiltenContractDatasetFacet")
    assert shared.client.get("/api/v1/facets/..%2F..%2Fnames.py").status_code == 404


@pytest.mark.warehouse
def test_events_reach_the_warehouse_and_another_receiver_and_can_be_asked_for(
    warehouse_settings: Settings, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        other = stack.enter_context(other_receiver())
        settings = warehouse_settings.model_copy(
            update={"home": tmp_path, "lineage_port": free_port(), "openlineage_url": other.url}
        )
        service = stack.enter_context(running(settings))
        client = service.client
        event_id = client.post("/api/v1/lineage", json=debezium()).json()["eventId"]
        assert len(event_id) == 32
        # Emitted by another process of the platform.
        emitter = Emitter(settings)
        emitter.emit(completed(LOAD, ENDED))
        emitter.close()
        until(lambda: all(each["waiting"] == 0 for each in client.get("/health").json()["receivers"]))
        assert len(other.events) == 2
        assert "hunter2" not in json.dumps(other.events)

        found = client.get("/api/v1/datasets", params={"search": "raw.tickets__orders"}).json()["datasets"]
        assert [each["name"] for each in found] == ["raw.tickets__orders"]
        graph = client.get("/api/v1/lineage", params={"node": "ods.tickets__orders"}).json()
        assert {node["name"] for node in graph["nodes"]} == {
            "ods.tickets__orders",
            "raw.tickets__orders",
            "ticketing.tickets.orders",
        }
        columns = client.get(
            "/api/v1/lineage", params={"node": "ods.tickets__orders", "column": "total"}
        ).json()
        assert [edge["source"]["column"] for edge in columns["edges"]] == ["total", "total"]
        run = as_dict(completed(LOAD, ENDED))["run"]["runId"]
        assert client.get(f"/api/v1/runs/{run}").json()["events"][0]["job"]["name"] == "load.tickets__orders"
        assert (
            client.get("/api/v1/runs", params={"job": "load.tickets__orders"}).json()["runs"][0]["run_id"]
            == run
        )
        assert client.get("/api/v1/namespaces").json()["namespaces"]
        assert (
            client.get("/api/v1/jobs", params={"search": "load."}).json()["jobs"][0]["processing"]
            == "STREAMING"
        )
        assert client.get("/api/v1/lineage", params={"node": "nowhere.x"}).status_code == 404
        assert client.get("/api/v1/lineage", params={"node": "x", "direction": "sideways"}).status_code == 400
        assert client.get("/api/v1/runs", params={"limit": "many"}).status_code == 400

        assert service.stop() == 0
        assert "Traceback" not in service.log.read_text()
