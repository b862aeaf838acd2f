"""Delivery: every event arrives at every receiver, an outage or a crash notwithstanding."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bilten.errors import DeliveryFailed
from bilten.settings import PROJECT_ROOT, Settings
from lineage.delivery import Deliverer, OpenLineageReceiver
from lineage.outbox import Entry, Outbox
from lineage.store import WarehouseReceiver
from tests.fixtures.warehouse import WarehouseProcess
from tests.lineage.receiving import OtherReceiver, other_receiver
from tests.settings import environment, free_port, make_settings
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore


def event(number: int, job: str = "load") -> dict[str, Any]:
    return {
        "eventTime": f"2026-03-29T01:00:{number % 60:02}.{number:06}Z",
        "eventType": "COMPLETE",
        "producer": "urn:test",
        "schemaURL": "urn:test",
        "run": {"runId": f"019c1a2b-0000-7000-8000-{number:012}"},
        "job": {"namespace": "test", "name": job},
        "inputs": [{"namespace": "x://h", "name": "a"}],
        "outputs": [{"namespace": "x://h", "name": "b"}],
    }


class MemoryReceiver:
    """Keeps events in memory; fails when told to, before or after it took them."""

    name = "memory"
    one_by_one = False

    def __init__(self) -> None:
        self.taken: list[Entry] = []
        self.down = False
        self.crash_after_taking = False

    def deliver(self, entries: Sequence[Entry]) -> None:
        if self.down:
            raise DeliveryFailed("It is down.")
        self.taken += entries
        if self.crash_after_taking:
            raise KeyboardInterrupt


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    box = Outbox(tmp_path / "lineage" / "outbox.db")
    yield box
    box.close()


@pytest.fixture
def other() -> Iterator[OtherReceiver]:
    with other_receiver() as receiver:
        yield receiver


@pytest.fixture
def over_http(other: OtherReceiver) -> Iterator[OpenLineageReceiver]:
    receiver = OpenLineageReceiver(other.url)
    yield receiver
    receiver.close()


def test_an_outage_of_one_receiver_holds_no_other_up(outbox: Outbox) -> None:
    good, bad = MemoryReceiver(), MemoryReceiver()
    bad.name, bad.down = "bad", True
    outbox.append(event(number) for number in range(3))
    deliveries = Deliverer(outbox, [bad, good]).deliver()
    assert [(each.receiver, each.delivered, each.error) for each in deliveries] == [
        ("bad", 0, "It is down."),
        ("memory", 3, None),
    ]
    assert outbox.state(["bad"])[0].last_error == "It is down."
    bad.down = False
    outbox.append([event(3)])
    Deliverer(outbox, [bad, good]).deliver()
    assert [entry.sequence for entry in bad.taken] == [1, 2, 3, 4]
    assert [entry.sequence for entry in good.taken] == [1, 2, 3, 4]


def test_a_crash_after_the_receiver_took_events_delivers_them_again(outbox: Outbox) -> None:
    receiver = MemoryReceiver()
    outbox.append(event(number) for number in range(2))
    receiver.crash_after_taking = True
    with pytest.raises(KeyboardInterrupt):
        Deliverer(outbox, [receiver]).deliver()
    receiver.crash_after_taking = False
    Deliverer(outbox, [receiver]).deliver()
    assert [entry.sequence for entry in receiver.taken] == [1, 2, 1, 2]
    assert len({entry.event_id for entry in receiver.taken}) == 2


def test_big_events_go_in_several_batches_and_none_is_left_out(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineage.delivery.BATCH_BYTES", 1000)
    batches: list[int] = []

    class Counting(MemoryReceiver):
        def deliver(self, entries: Sequence[Entry]) -> None:
            batches.append(sum(len(entry.body) for entry in entries))
            super().deliver(entries)

    receiver = Counting()
    outbox.append({**event(number), "padding": "x" * (1500 if number == 3 else 100)} for number in range(10))
    Deliverer(outbox, [receiver]).deliver()
    assert [entry.sequence for entry in receiver.taken] == list(range(1, 11))
    assert len(batches) > 5


def test_only_one_process_delivers_to_a_receiver_at_a_time(outbox: Outbox) -> None:
    class Nested(MemoryReceiver):
        inner: list[bool]

        def deliver(self, entries: Sequence[Entry]) -> None:
            again = MemoryReceiver()
            self.inner = [each.busy for each in Deliverer(outbox, [again]).deliver()]
            super().deliver(entries)

    receiver = Nested()
    outbox.append([event(1)])
    Deliverer(outbox, [receiver]).deliver()
    assert receiver.inner == [True]
    assert len(receiver.taken) == 1


def test_another_openlineage_receiver_gets_every_event_in_order(
    outbox: Outbox, other: OtherReceiver, over_http: OpenLineageReceiver
) -> None:
    outbox.append(event(number) for number in range(5))
    (delivery,) = Deliverer(outbox, [over_http]).deliver()
    assert (delivery.delivered, delivery.error) == (5, None)
    assert other.events == [event(number) for number in range(5)]


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_an_answer_that_may_change_keeps_events_waiting(
    outbox: Outbox, other: OtherReceiver, over_http: OpenLineageReceiver, status: int
) -> None:
    outbox.append(event(number) for number in range(2))
    other.status = status
    (delivery,) = Deliverer(outbox, [over_http]).deliver()
    assert (delivery.delivered, delivery.refused) == (0, 0)
    assert str(status) in (delivery.error or "")
    other.status = 201
    Deliverer(outbox, [over_http]).deliver()
    assert other.events == [event(0), event(1)]


def test_an_event_that_is_refused_for_good_is_put_aside_and_can_be_sent_again(
    outbox: Outbox, other: OtherReceiver, over_http: OpenLineageReceiver
) -> None:
    other.refused = {"odd"}
    outbox.append([event(0), event(1, "odd"), event(2)])
    deliverer = Deliverer(outbox, [over_http])
    (delivery,) = deliverer.deliver()
    assert (delivery.delivered, delivery.refused, delivery.error) == (2, 1, None)
    assert other.events == [event(0), event(2)]
    assert deliverer.retry_refused(over_http).refused == 1
    other.refused = set()
    assert deliverer.retry_refused(over_http).delivered == 1
    assert other.events[-1] == event(1, "odd")
    assert outbox.refusals(over_http.name) == []


def test_a_receiver_that_is_not_there_keeps_events_waiting(outbox: Outbox) -> None:
    port = free_port()
    receiver = OpenLineageReceiver(f"http://reader:hunter2@127.0.0.1:{port}/base/")
    assert receiver.name == f"http://127.0.0.1:{port}/base"
    outbox.append([event(0)])
    (delivery,) = Deliverer(outbox, [receiver]).deliver()
    assert delivery.error is not None
    assert "hunter2" not in delivery.error
    receiver.close()


DELIVERER = """
import sys
from bilten.settings import load_settings
from lineage.delivery import Deliverer
from lineage.emitter import outbox_path
from lineage.outbox import Outbox
from lineage.store import WarehouseReceiver
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore
import lineage.delivery

lineage.delivery.BATCH_EVENTS = 7
settings = load_settings()
print("ready", flush=True)
Deliverer(Outbox(outbox_path(settings)), [WarehouseReceiver(LineageStore(Warehouse(settings)))]).deliver()
print("done", flush=True)
"""


@pytest.fixture
def own_warehouse(tmp_path: Path) -> Iterator[WarehouseProcess]:
    """A warehouse of this test's own, which it may kill."""
    process = WarehouseProcess(make_settings(tmp_path / "home", warehouse_port=free_port()))
    process.start()
    yield process
    with contextlib.suppress(ProcessLookupError):
        process.stop()


def run_deliverer(settings: Settings) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BILTEN_")}
    return subprocess.Popen(
        [sys.executable, "-c", DELIVERER],
        stdout=subprocess.PIPE,
        text=True,
        cwd=settings.home,
        env={**inherited, **environment(settings), "PYTHONPATH": str(PROJECT_ROOT)},
    )


@pytest.mark.warehouse
def test_no_event_is_lost_or_doubled_by_outages_and_kills(
    own_warehouse: WarehouseProcess, tmp_path: Path
) -> None:
    settings = own_warehouse.settings
    outbox = Outbox(settings.home / "lineage" / "outbox.db")
    with Warehouse(settings) as client:
        store = LineageStore(client)
        receiver = WarehouseReceiver(store)
        deliverer = Deliverer(outbox, [receiver])
        outbox.append(event(number) for number in range(60))
        assert deliverer.deliver()[0].delivered == 60

        # The warehouse dies; events go on arriving.
        own_warehouse.stop(signal.SIGKILL)
        outbox.append(event(number) for number in range(60, 200))
        delivery = deliverer.deliver()[0]
        assert delivery.delivered == 0
        assert delivery.error is not None
        assert outbox.state(["warehouse"])[0].waiting == 140

        # It comes back; the process that delivers is killed again and again, between insert and note too.
        own_warehouse.start()
        for seconds in (0.05, 0.15, 0.3):
            process = run_deliverer(settings)
            assert process.stdout is not None
            process.stdout.readline()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
            process.send_signal(signal.SIGKILL)
            process.communicate()

        # A position that fell behind: what was delivered goes again.
        outbox.append(event(number) for number in range(200, 250))
        delivery = deliverer.deliver()[0]
        assert delivery.error is None
        replay = [
            Entry(number, entry.event_id, entry.body) for number, entry in enumerate(outbox.waiting("replay"))
        ]
        receiver.deliver(replay)

        assert outbox.state(["warehouse"])[0].waiting == 0
        assert store.count() == 250
        rows = client.query("SELECT count(), uniqExact(event_id) FROM lineage.events FINAL").rows
        assert [tuple(row) for row in rows] == [(250, 250)]
        assert len(store.runs(limit=1000)) == 250
        outbox.close()
