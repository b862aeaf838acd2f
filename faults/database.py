"""Rows 14 to 17: PostgreSQL dies, fails over, loses the slot, idles, and changes its tables."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from bilten.settings import Settings
from faults.fault import Fault
from faults.scene import Scene
from ingestion.connector import connector_status
from ingestion.connector_configuration import SLOT_NAME
from operational.database import connect
from operational.standing import replication_slot
from stack import operate, postgresql
from stack.account import unprivileged
from stack.layout import Layout
from tests.settings import free_port

BUSY_MEGABYTES = 96
BUSY_DATABASE = "busy"
NEAR_BYTES = 8 * 1024 * 1024
KEPT_MEGABYTES = 64


def _killed(scene: Scene, moment: str) -> str:
    loader = scene.loader
    scene.pause(1, 4)
    scene.kill("postgresql")
    scene.wait("the connector reads on", lambda: scene.answers("connect"), 120)
    assert loader.is_running, loader.text
    return "the connector waited, and went on at its slot"


# --- failover ---------------------------------------------------------------------------------------


def _fails_over(scene: Scene, moment: str) -> str:
    """A copy that streams along takes over at the old address; the source loses what had not reached it."""
    loader = scene.loader
    settings = scene.settings
    installation = postgresql.install(Layout.of(settings), unprivileged())
    copy = installation.data.with_name("copy")
    port = free_port()
    server = _standby(settings, installation, copy, port)
    try:
        scene.pause(1, 3)
        # The last changes of the old server do not get to the copy, but may have got to the warehouse.
        with _connect_to(settings, port) as standby:
            _set(standby, "primary_conninfo", "")
        scene.pause(1, 2)
        _end_for_good(scene)
        with _connect_to(settings, port) as standby:
            standby.execute("SELECT pg_promote()")
    finally:
        server.send_signal(2)
        server.wait(30)
    shutil.rmtree(installation.data)
    copy.rename(installation.data)
    postgresql.prepare(settings, Layout.of(settings), unprivileged())
    (installation.data / "postgresql.auto.conf").write_text("")
    scene.stack.supervisor.start("postgresql")
    scene.wait("the copy answers", lambda: scene.answers("postgresql"))
    (risen,) = scene.run("source", "raise-epoch", settings.topic_prefix, "--reason", "failed over")
    resynced = scene.run("source", "resync", settings.topic_prefix)
    assert all(row["equal"] for row in resynced), resynced
    assert loader.is_running, loader.text
    return f"epoch {risen['epoch']}, then `bilten source resync`: the copy's rows won over what it had lost"


def _end_for_good(scene: Scene) -> None:
    """SIGKILL, and the supervisor does not start it again."""
    pid = scene.stack.supervisor.states()["postgresql"].pid
    scene.stack.supervisor.stop("postgresql")
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()
    operate.pause(scene.settings, "postgresql")


def _standby(
    settings: Settings, installation: postgresql.Installation, copy: Path, port: int
) -> subprocess.Popen[bytes]:
    shutil.rmtree(copy, ignore_errors=True)
    installation.run(
        "pg_basebackup",
        f"--dbname={settings.operational_url}",
        f"--pgdata={copy}",
        "--checkpoint=fast",
        "--write-recovery-conf",
    )
    drop: dict[str, Any] = {}
    if not installation.account.is_self:
        drop = {"user": installation.account.uid, "group": installation.account.gid, "extra_groups": []}
    server = subprocess.Popen(
        [installation.binaries / "postgres", "-D", copy, "-p", str(port)],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **drop,
    )
    with _connect_to(settings, port):
        return server


def _connect_to(settings: Settings, port: int) -> psycopg.Connection[Any]:
    return connect(settings.model_copy(update={"postgres_port": port}), autocommit=True)


# --- the slot ---------------------------------------------------------------------------------------


def _slot_lost(scene: Scene, moment: str) -> str:
    """While Connect is down; loud, and mended by one command."""
    loader = scene.loader
    scene.stack.supervisor.stop("connect")
    operate.pause(scene.settings, "connect")
    with connect(scene.settings, autocommit=True) as connection:
        if moment == "dropped":
            scene.wait("nobody reads from the slot", lambda: _dropped(connection))
        else:
            _lose(scene, connection)
    scene.pause(1, 2)
    scene.stack.supervisor.start("connect")
    scene.wait("the connector has failed", lambda: connector_status(scene.settings).is_failed, 120)
    source = scene.settings.topic_prefix
    command = f"bilten source resync {source}"
    told = [finding for finding in scene.findings() if command in finding["remedy"]]
    assert told, f"the doctor does not say `{command}`: {scene.findings()}"
    resynced = scene.run("source", "resync", source)
    assert all(row["equal"] for row in resynced), resynced
    assert loader.is_running, loader.text
    return f"the connector stopped and said why; `{command}` mended it"


def _dropped(connection: psycopg.Connection[Any]) -> bool:
    try:
        connection.execute("SELECT pg_drop_replication_slot(%s)", [SLOT_NAME])
    except psycopg.errors.ObjectInUse:
        return False
    return True


def _lose(scene: Scene, connection: psycopg.Connection[Any]) -> None:
    before = connection.execute("SHOW max_slot_wal_keep_size").fetchall()[0][0]
    _set(connection, "max_slot_wal_keep_size", f"{KEPT_MEGABYTES}MB")
    try:

        def is_lost() -> bool:
            write_log(connection, KEPT_MEGABYTES)
            connection.execute("CHECKPOINT")
            slot = replication_slot(scene.settings, SLOT_NAME)
            return slot is not None and slot.wal_status == "lost"

        scene.wait("the slot is lost", is_lost, 120)
    finally:
        _set(connection, "max_slot_wal_keep_size", before)


def _set(connection: psycopg.Connection[Any], name: str, value: str) -> None:
    connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
    connection.execute("SELECT pg_reload_conf()")


def write_log(connection: psycopg.Connection[Any], megabytes: int) -> None:
    """Have the server write so much log that concerns no table."""
    for _ in range(megabytes):
        connection.execute("SELECT pg_logical_emit_message(false, 'faults', repeat('x', 1048576))")


def _idle(scene: Scene, moment: str) -> str:
    """The captured database has no change of its own, while another one on the server writes hours of log."""
    settings = scene.settings
    with connect(settings, autocommit=True) as connection:
        if not connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname = %s", [BUSY_DATABASE]
        ).fetchall()[0][0]:
            connection.execute(f"CREATE DATABASE {BUSY_DATABASE}".encode())
    with connect(settings.model_copy(update={"postgres_database": BUSY_DATABASE}), autocommit=True) as busy:
        write_log(busy, BUSY_MEGABYTES)
    began = time.monotonic()

    def is_near() -> bool:
        slot = replication_slot(settings, SLOT_NAME)
        return slot is not None and slot.behind_bytes < NEAR_BYTES

    scene.wait("the slot has passed the other database's log", is_near, 60)
    return f"{BUSY_MEGABYTES} MiB of others' log were passed after {time.monotonic() - began:.0f} s"


# --- its tables -------------------------------------------------------------------------------------

CHANGES = {
    "add": ("ADD COLUMN remark text DEFAULT 'none'", "DROP COLUMN remark"),
    "rename": ("RENAME COLUMN buyer_phone TO phone", "RENAME COLUMN phone TO buyer_phone"),
    "retype": (
        "ALTER COLUMN buyer_phone TYPE varchar(200)",
        "ALTER COLUMN buyer_phone TYPE text",
    ),
}


def _altered(scene: Scene, moment: str) -> str:
    """A table changes its shape amid transactions, and changes back."""
    loader = scene.loader
    forth, back = CHANGES[moment]
    with connect(scene.settings, autocommit=True) as connection:
        scene.pause(1, 2)
        connection.execute(f"ALTER TABLE tickets.orders {forth}".encode())
        scene.pause(1, 2)
        connection.execute(f"ALTER TABLE tickets.orders {back}".encode())
        scene.pause(1, 2)
    assert loader.is_running, loader.text
    return "no record was lost, and no value changed"


FAULTS = (
    Fault(14, "PostgreSQL", "SIGKILL", _killed, ("stream",), short=("stream",), rate=100),
    Fault(14, "PostgreSQL", "failover to a promoted copy", _fails_over, ("stream",)),
    Fault(
        15,
        "replication slot",
        "gone",
        _slot_lost,
        ("dropped", "lost to max_slot_wal_keep_size"),
    ),
    Fault(
        16,
        "source",
        "idle beside a busy database",
        _idle,
        ("simulated hours",),
        short=("simulated hours",),
        rate=0,
    ),
    Fault(17, "source", "ALTER TABLE and back", _altered, tuple(CHANGES)),
)
