"""Rows 8, 13, and 25: the broker, Connect, and everything at once are killed and come back."""

from __future__ import annotations

import signal
from contextlib import suppress

import httpx
import psutil

from faults.fault import Fault
from faults.scene import Scene
from ingestion.connector_configuration import CONNECTOR_NAME, SLOT_NAME
from ingestion.topics import partition_bounds
from operational.database import connect
from stack import processes
from stack.layout import Layout

SNAPSHOT_ROWS = 400
"""More than a stream brings meanwhile: the snapshot was taken again."""


def _broker(scene: Scene, moment: str) -> str:
    loader = scene.loader
    scene.pause(1, 4)
    scene.kill("kafka")
    assert loader.is_running, loader.text
    return "the loader opened a new consumer, from the ledger"


def _connect(scene: Scene, moment: str) -> str:
    loader = scene.loader
    if moment == "snapshot":
        return _connect_in_snapshot(scene)
    scene.pause(1, 4)
    scene.kill("connect")
    assert loader.is_running, loader.text
    return "the connector went on at its slot"


def _connect_in_snapshot(scene: Scene) -> str:
    orders = scene.topic("tickets__orders")
    before = _end_of(scene, orders)
    with httpx.Client(base_url=scene.settings.connect_http_url, timeout=30, trust_env=False) as client:
        begin_again(scene, client)
        assert client.put(f"/connectors/{CONNECTOR_NAME}/resume").is_success
    scene.wait("the snapshot has begun", lambda: slot_exists(scene), 60)
    scene.kill("connect")
    scene.wait("the snapshot was taken again", lambda: _end_of(scene, orders) > before + SNAPSHOT_ROWS, 120)
    return "the snapshot was taken anew; what was deleted between the two was found by comparison"


def begin_again(scene: Scene, client: httpx.Client) -> None:
    """Forget the connector's place, so that it takes a snapshot of everything again."""
    assert client.put(f"/connectors/{CONNECTOR_NAME}/stop").is_success
    scene.wait(
        "its place is forgotten", lambda: client.delete(f"/connectors/{CONNECTOR_NAME}/offsets").is_success
    )
    with connect(scene.settings, autocommit=True) as connection:
        connection.execute("SELECT pg_drop_replication_slot(%s)", [SLOT_NAME])


def slot_exists(scene: Scene) -> bool:
    """Whether the own connector's slot is there."""
    with connect(scene.settings, autocommit=True) as connection:
        return bool(
            connection.execute(
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name = %s", [SLOT_NAME]
            ).fetchall()[0][0]
        )


def _end_of(scene: Scene, topic: str) -> int:
    return sum(held.next_offset for held in partition_bounds(scene.settings, [topic]).values())


def _machine(scene: Scene, moment: str) -> str:
    """As when the power goes, but for what the disk has not been told: every process at once."""
    scene.pause(2, 5)
    up = ",".join(name for name, state in scene.stack.supervisor.states().items() if state.is_up)
    family = processes.of_stack(Layout.of(scene.settings))
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    scene.stop_loaders(signal.SIGKILL)
    psutil.wait_procs(family, timeout=20)
    seconds = scene.stack.up("--only", up)
    scene.start_loader()
    return f"{len(family)} processes; `bilten up` had all of it back after {seconds:.0f} s"


FAULTS = (
    Fault(8, "broker", "SIGKILL", _broker, ("fetch",), short=("fetch",), rate=100),
    Fault(13, "Connect", "SIGKILL", _connect, ("stream", "snapshot"), short=("stream",), rate=100),
    Fault(
        25,
        "machine",
        "the whole stack SIGKILL",
        _machine,
        ("load at full rate",),
        rate=300,
    ),
)
