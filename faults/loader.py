"""Rows 1 to 3 and 9: the loader dies, sleeps, is doubled, and is not told what became of its inserts."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bilten.settings import Settings
from faults.fault import Fault
from faults.loading import DOOMED, IMPATIENT
from faults.proxy import Wire
from faults.scene import Scene
from warehouse.client import Warehouse

STREAM_MOMENTS = ("in a stream", "between ods and raw", "after a stream")
SLEEP_SECONDS = (8, 12)
PATIENCE_SECONDS = 2


def _killed(scene: Scene, moment: str) -> str:
    scene.stop_loaders()
    batches = scene.random.randint(2, 9)
    streaming = {"BILTEN_LOADER_STREAM_MILLISECONDS": "3000"} if moment in STREAM_MOMENTS else {}
    doomed = scene.start_loader("-m", DOOMED, moment.replace(" ", "-"), str(batches), **streaming)
    assert doomed.wait() == -signal.SIGKILL, doomed.text
    if moment == "between raw and ods":
        _attach_views(scene.settings)
    scene.start_loader()
    scene.pause(1, 3)
    return f"died at its insert {batches + 1}; a new one went on from the ledger"


def _attach_views(settings: Settings) -> None:
    with Warehouse(settings) as warehouse:
        for database, table in warehouse.query("SELECT database, table FROM system.detached_tables").rows:
            warehouse.command(f"ATTACH TABLE {database}.`{table}`")


@contextmanager
def _wire(scene: Scene) -> Iterator[tuple[Wire, dict[str, str]]]:
    """A wire to the warehouse, and the variables that make a loader use it."""
    host, port = scene.settings.warehouse_host_port
    with Wire(host, port) as wire:
        address = scene.settings.warehouse_http_url.replace(f":{port}", f":{wire.port}")
        yield wire, {"BILTEN_WAREHOUSE_URL": address}


def _asleep(scene: Scene, moment: str) -> str:
    """Stopped as its insert is on its way, taken for dead, awake again beside its successor."""
    scene.stop_loaders()
    with _wire(scene) as (wire, environment):
        sleeper = scene.start_loader(**environment)
        began = threading.Event()

        def stop() -> None:
            if not began.is_set():
                sleeper.send(signal.SIGSTOP)
                began.set()

        scene.wait("the loader lands records", lambda: '"loader_reading"' in sleeper.text)
        scene.pause(0, 2)
        wire.noticed = stop
        assert began.wait(120), "no insert began"
        successor = scene.start_loader()
        scene.pause(*SLEEP_SECONDS)
        sleeper.send(signal.SIGCONT)
        scene.pause(2, 4)
        assert sleeper.is_running and successor.is_running, scene.loader_logs()
        assert sleeper.end() == 0, sleeper.text
    return "both landed the same records; its ledger rows set nobody back"


def _twice(scene: Scene, moment: str) -> str:
    scene.stop_loaders()
    both = [scene.start_loader(), scene.start_loader()]
    scene.wait("both read", lambda: all('"loader_reading"' in each.text for each in both))
    scene.pause(3, 5)
    assert all(each.is_running for each in both), scene.loader_logs()
    assert both[0].end() == 0, both[0].text
    return "both landed the same records"


def _unanswered(scene: Scene, moment: str) -> str:
    scene.stop_loaders()
    with _wire(scene) as (wire, environment):
        loader = scene.start_loader("-m", IMPATIENT, str(PATIENCE_SECONDS), **environment)
        scene.wait("the loader lands records", lambda: '"loader_reading"' in loader.text)
        scene.pause(0, 1)
        if moment == "answer lost":
            wire.lost = scene.random.randint(2, 6)
            scene.wait("the answers are lost", lambda: wire.lost == 0)
        else:
            wire.held_seconds = 2.5 * PATIENCE_SECONDS
            scene.wait("an answer is held up", lambda: wire.befallen >= 2)
            scene.pause(3, 5)
            wire.held_seconds = 0
        scene.wait("inserts were made again", lambda: "_made_again" in loader.text)
        assert loader.is_running, loader.text
        # What is left goes through the wire as well, now that it is sound.
        scene.pause(1, 2)
        assert loader.end() == 0, loader.text
    return f"{wire.befallen} inserts were applied and not acknowledged; they were made again"


FAULTS = (
    Fault(
        1,
        "loader",
        "SIGKILL",
        _killed,
        (
            *("before insert", "after insert", "before ledger", "after ledger", "between raw and ods"),
            *STREAM_MOMENTS,
        ),
        short=("after insert", "between raw and ods"),
    ),
    Fault(
        2, "loader", "SIGSTOP, resumed beside its successor", _asleep, ("mid-insert",), short=("mid-insert",)
    ),
    Fault(3, "loader", "two at once", _twice, ("start",), short=("start",)),
    Fault(
        9,
        "warehouse HTTP",
        "no answer",
        _unanswered,
        ("answer lost", "hang past the time-out"),
        short=("answer lost",),
    ),
)
