"""Rows 10 to 12: the warehouse dies, runs out of disk and memory, and has too many parts."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import psutil

from bilten.errors import BiltenError, WarehouseError
from faults.fault import Fault
from faults.scene import Scene
from warehouse.client import Warehouse

DATASET = "tickets__orders"
SMALLEST_FILE = 512
"""Bytes that a file may still grow to: no part of any table fits."""


def _killed(scene: Scene, moment: str) -> str:
    loader = scene.loader
    scene.pause(1, 4)
    if moment == "merge":
        merging = threading.Thread(target=_merge, args=(scene,), daemon=True)
        merging.start()
        scene.pause(0.02, 0.2)
    scene.kill("warehouse")
    assert loader.is_running, loader.text
    return "the loader waited, and made its inserts again"


def _merge(scene: Scene) -> None:
    with suppress(BiltenError), Warehouse(scene.settings) as warehouse:
        for dataset in scene.contracts:
            warehouse.command(f"OPTIMIZE TABLE raw.`{dataset}` FINAL")


def _disk_full(scene: Scene, moment: str) -> str:
    """No file of the server may grow: to a write it is all the same why the disk takes no more."""
    loader = scene.loader
    scene.until_read()
    pid = scene.stack.supervisor.states()["warehouse"].pid
    assert pid is not None
    server = psutil.Process(pid)
    before = server.rlimit(psutil.RLIMIT_FSIZE)
    server.rlimit(psutil.RLIMIT_FSIZE, (SMALLEST_FILE, before[1]))
    try:
        if moment == "merge":
            _merge(scene)
        scene.wait(
            "the loader is refused",
            lambda: "insert_made_again" in loader.text or "table_stopped" in loader.text,
        )
        scene.pause(2, 5)
    finally:
        server.rlimit(psutil.RLIMIT_FSIZE, before)
    assert loader.is_running, loader.text
    return "inserts were made again until there was room"


def _no_memory(scene: Scene, moment: str) -> str:
    """Somebody else's queries take all that the engine may have."""
    loader = scene.loader
    stop = threading.Event()
    hogs = [threading.Thread(target=_hog, args=(scene, stop), daemon=True) for _ in range(3)]
    for hog in hogs:
        hog.start()
    if moment == "merge":
        _merge(scene)
    scene.pause(6, 10)
    stop.set()
    for hog in hogs:
        hog.join()
    assert loader.is_running, loader.text
    refusals = loader.text.count("MEMORY_LIMIT_EXCEEDED")
    return f"{refusals} refusals; inserts were made again, in halves if need be"


def _hog(scene: Scene, stop: threading.Event) -> None:
    limit = scene.settings.warehouse_memory_megabytes * 1024 * 1024
    with Warehouse(scene.settings) as warehouse:
        while not stop.is_set():
            with suppress(WarehouseError):
                warehouse.scalar(
                    f"SELECT length(groupArray(randomFixedString(1000))) FROM numbers({limit // 1000})"
                )


def _parts(scene: Scene, moment: str) -> str:
    """A table that nobody merges, split into more parts than the engine accepts."""
    loader = scene.loader
    scene.until_read()
    with Warehouse(scene.settings) as warehouse:
        table = f"raw.`{DATASET}`"
        limit = 3_000
        warehouse.command(f"SYSTEM STOP MERGES {table}")
        try:
            _split(warehouse, table, limit)
            scene.wait(
                "inserts are refused",
                lambda: "TOO_MANY_PARTS" in loader.text or "insert_made_again" in loader.text,
                90,
            )
            parts = _active(warehouse)
            scene.pause(2, 4)
        finally:
            warehouse.command(f"SYSTEM START MERGES {table}")
        merged = time.monotonic()
        scene.wait("they are merged", lambda: _active(warehouse) < limit // 2, 120)
        took = time.monotonic() - merged
    assert loader.is_running, loader.text
    return f"{parts:,} parts: inserts of this table waited, and went on {took:.0f} s after merges did"


def _split(warehouse: Warehouse, table: str, parts: int) -> None:
    """Insert rows that are there already, each as a part of its own."""
    one_by_one = {
        "max_block_size": 1,
        "max_insert_block_size": 1,
        "min_insert_block_size_rows": 1,
        "min_insert_block_size_bytes": 1,
        "max_threads": 1,
        "max_insert_threads": 1,
    }
    with suppress(WarehouseError):
        while True:
            warehouse.command(f"INSERT INTO {table} SELECT * FROM {table} LIMIT {parts}", settings=one_by_one)


def _active(warehouse: Warehouse) -> int:
    return int(
        warehouse.scalar(
            "SELECT count() FROM system.parts WHERE active AND database = 'raw' AND table = {table:String}",
            {"table": DATASET},
        )
    )


FAULTS = (
    Fault(10, "warehouse", "SIGKILL", _killed, ("insert", "merge"), short=("insert",), rate=100),
    Fault(11, "warehouse", "disk full", _disk_full, ("insert", "merge"), short=("insert",)),
    Fault(11, "warehouse", "memory limit", _no_memory, ("insert", "merge")),
    Fault(12, "warehouse", "3,000 active parts", _parts, ("burst of small batches",)),
)
