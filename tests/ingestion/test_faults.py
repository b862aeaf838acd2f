"""Faults 1, 8, 10, 13 and 18, with traffic running; afterwards values are compared with the source."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from kafka import KafkaProducer

from bilten.contracts import Contract, Contracts
from bilten.errors import BiltenError
from ingestion.connector import connector_status
from ingestion.connector_configuration import CONNECTOR_NAME, LARGEST_MESSAGE_BYTES, SLOT_NAME
from ingestion.dead_letters import replay
from ingestion.receipts import lag
from ingestion.topics import partition_bounds
from operational.database import connect
from tests.fixtures.stack import Stack
from tests.ingestion.compare import assert_equal_to_source, current_rows
from tests.ingestion.conftest import LoaderProcess
from warehouse.client import Warehouse
from warehouse.dead_letters import find_dead_letters

pytestmark = pytest.mark.stack

Traffic = Callable[..., AbstractContextManager[None]]
Start = Callable[..., LoaderProcess]
KILLED_LOADER = str(Path(__file__).parent / "killed_loader.py")


def caught_up(stack: Stack, contracts: tuple[Contract, ...]) -> bool:
    with Warehouse(stack.settings) as warehouse:
        return all(one.behind == 0 for one in lag(stack.settings, contracts, warehouse))


def answers(stack: Stack, component: str) -> bool:
    """Whether a component is there again and does its work."""
    try:
        if component == "warehouse":
            with Warehouse(stack.settings) as warehouse:
                warehouse.ping()
        elif component == "kafka":
            partition_bounds(stack.settings, ["any"])
        else:
            return connector_status(stack.settings).is_running
    except BiltenError as error:
        assert error.retryable, error
        return False
    return True


def test_the_first_load_equals_the_source_and_lag_reaches_zero(
    capture: Stack, contracts: tuple[Contract, ...], start_loader: Start
) -> None:
    loader = start_loader()
    assert assert_equal_to_source(capture.settings, contracts) > 500
    capture.wait_for("no lag", lambda: caught_up(capture, contracts))
    assert loader.end() == 0, loader.log.read_text()
    again = start_loader("-m", "bilten.cli", "load", "--until-caught-up")
    assert again.wait() == 0
    assert "0 records landed" in again.log.read_text(), "everything was in the ledger when the loader ended"


@pytest.mark.parametrize(
    "moment", ["before-insert", "after-insert", "before-ledger", "after-ledger", "between-raw-and-ods"]
)
def test_the_loader_is_killed(
    capture: Stack, contracts: tuple[Contract, ...], start_loader: Start, traffic: Traffic, moment: str
) -> None:
    with traffic(seed=len(moment)):
        killed = start_loader(KILLED_LOADER, moment, "6")
        assert killed.wait() == -signal.SIGKILL, killed.log.read_text()
        if moment == "between-raw-and-ods":
            _attach_views(capture)
        loader = start_loader()
        time.sleep(2)
    assert_equal_to_source(capture.settings, contracts)
    assert loader.end() == 0, loader.log.read_text()


@pytest.mark.parametrize("component", ["kafka", "warehouse", "connect"])
def test_a_component_is_killed_under_a_running_loader(
    capture: Stack, contracts: tuple[Contract, ...], start_loader: Start, traffic: Traffic, component: str
) -> None:
    loader = start_loader()
    with traffic(rate=100, seed=len(component)):
        for pause in (2.0, 3.0):
            time.sleep(pause)
            capture.kill(component)
            time.sleep(0.5)
            capture.wait_for(f"{component} answers", lambda: answers(capture, component), 180)
        time.sleep(2)
    assert_equal_to_source(capture.settings, contracts, seconds=180)
    assert loader.is_running, loader.log.read_text()
    assert loader.end() == 0, loader.log.read_text()


def test_connect_is_killed_during_a_snapshot(
    capture: Stack, contracts: tuple[Contract, ...], start_loader: Start, traffic: Traffic
) -> None:
    orders = Contracts({contract.name: contract for contract in contracts})["tickets__orders"]
    topic = orders.topic(capture.settings.topic_prefix)
    loader = start_loader()
    with httpx.Client(base_url=capture.settings.connect_http_url, timeout=30, trust_env=False) as client:
        _begin_again(capture, client)
        (before,) = partition_bounds(capture.settings, [topic]).values()
        # No traffic until there is a slot again: what is deleted before is nobody's to know.
        assert client.put(f"/connectors/{CONNECTOR_NAME}/resume").is_success
        capture.wait_for("the snapshot has begun", lambda: _snapshot_runs(capture), 60)
        capture.kill("connect")
        capture.wait_for(
            "the snapshot was taken again",
            lambda: (
                next(iter(partition_bounds(capture.settings, [topic]).values())).next_offset
                > before.next_offset + 400
            ),
            120,
        )
        with traffic(rate=30):
            time.sleep(2)
    assert_equal_to_source(capture.settings, contracts, seconds=180)
    assert loader.end() == 0, loader.log.read_text()


def test_bad_messages_become_dead_letters_and_stop_nothing(
    capture: Stack, contracts: tuple[Contract, ...], start_loader: Start, traffic: Traffic
) -> None:
    by_name = Contracts({contract.name: contract for contract in contracts})
    orders = by_name["tickets__orders"]
    topic = orders.topic(capture.settings.topic_prefix)
    loader = start_loader()
    assert_equal_to_source(capture.settings, [orders])
    with Warehouse(capture.settings) as warehouse:
        known = {letter.id for letter in find_dead_letters(warehouse)}
        good = _an_event(capture, orders)
        bad = _bad_values(good)
        with traffic():
            producer = KafkaProducer(
                bootstrap_servers=capture.settings.bootstrap_servers, max_request_size=LARGEST_MESSAGE_BYTES
            )
            for value in bad.values():
                producer.send(topic, key=b'{"id":"00000000-0000-7000-8000-00000000dead"}', value=value)
                time.sleep(0.05)
            producer.flush()
            producer.close()
            time.sleep(1)
        assert_equal_to_source(capture.settings, [orders, by_name["tickets__order_items"]], with_log=False)
        letters = [letter for letter in find_dead_letters(warehouse) if letter.id not in known]
        assert {letter.value for letter in letters} == set(bad.values())
        assert all(letter.reasons and letter.status == "open" for letter in letters)
        before = current_rows(warehouse, orders)
        replayed = replay(warehouse, letters)
        assert (len(replayed.landed), len(replayed.refused)) == (0, len(bad)), "the cause is still there"
        assert current_rows(warehouse, orders) == before
    assert loader.is_running, loader.log.read_text()


def _attach_views(stack: Stack) -> None:
    with Warehouse(stack.settings) as warehouse:
        for row in warehouse.query("SELECT database, table FROM system.detached_tables").rows:
            warehouse.command(f"ATTACH TABLE {row[0]}.`{row[1]}`")


def _begin_again(stack: Stack, client: httpx.Client) -> None:
    """Forget the connector's place, so that it takes a snapshot of everything again."""
    assert client.put(f"/connectors/{CONNECTOR_NAME}/stop").is_success
    stack.wait_for(
        "the connector has stopped",
        lambda: client.get(f"/connectors/{CONNECTOR_NAME}/status").json()["connector"]["state"] == "STOPPED",
    )
    stack.wait_for(
        "its place is forgotten",
        lambda: client.delete(f"/connectors/{CONNECTOR_NAME}/offsets").is_success,
    )
    with connect(stack.settings, autocommit=True) as connection:
        connection.execute("SELECT pg_drop_replication_slot(%s)", [SLOT_NAME])


def _snapshot_runs(stack: Stack) -> bool:
    with connect(stack.settings, autocommit=True) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_replication_slots WHERE slot_name = %s", [SLOT_NAME]
        ).fetchone()
    return found is not None and found[0] == 1


def _an_event(stack: Stack, contract: Contract) -> dict[str, dict[str, object]]:
    """A change event of an order as the topic has it."""
    with Warehouse(stack.settings) as warehouse:
        row = warehouse.query(f"SELECT * FROM ods.`{contract.name}` LIMIT 1")
        first = dict(zip(row.columns, row.rows[0], strict=True))
    after = {
        column.name: None if first[column.name] is None else str(first[column.name])
        for column in contract.columns
    }
    return {
        "after": after,
        "source": {"lsn": 1, "ts_us": 1, "txId": 1},
        "envelope": {"before": None, "op": "c"},
    }


def _bad_values(good: dict[str, dict[str, object]]) -> dict[str, bytes]:
    def event(op: object = "c", source: dict[str, object] | None = None, **changed: object) -> bytes:
        return json.dumps(
            {
                "before": None,
                "after": {**good["after"], **changed},
                "source": source if source is not None else good["source"],
                "op": op,
            }
        ).encode()

    return {
        "not JSON": b"this is no JSON",
        "cut off": event()[:-20],
        "null bytes": b"\x00\x01\x02\xff\xfe",
        "no object": b'["a", 1]',
        "wrong type": event(total="twelve"),
        "number in a text key": event(id=17),
        "missing key": event(id=None),
        "overflowing decimal": event(total="123456789012345678.00"),
        "finer than the column": event(total="1.239"),
        "no time": event(placed_at="soon"),
        "unknown operation": event(op="x"),
        "no position": event(source={}),
        "huge and wrong": event(total="9" * 2_000_000),
    }
