"""What the database keeps of its log for the connector, and how long it may go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bilten.settings import Settings
from operational.database import connect
from operational.standing import Slot, replication_slot, seconds_left

pytestmark = pytest.mark.postgresql

SLOT = "standing"
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def slot(postgresql_server: Settings) -> Iterator[Settings]:
    with connect(postgresql_server, autocommit=True) as connection:
        connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", [SLOT])
        yield postgresql_server
        connection.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])


def found(settings: Settings) -> Slot:
    slot = replication_slot(settings, SLOT)
    assert slot is not None
    return slot


def test_what_is_written_waits_in_the_slot_and_uses_up_its_room(slot: Settings) -> None:
    before = found(slot)
    with connect(slot, autocommit=True) as connection:
        connection.execute("SELECT pg_logical_emit_message(true, 'test', repeat('x', 8 * 1024 * 1024))")
    after = found(slot)
    assert not after.is_active
    assert after.behind_bytes - before.behind_bytes >= 8 * MEBIBYTE
    assert before.safe_bytes is not None and after.safe_bytes is not None
    assert before.safe_bytes - after.safe_bytes >= 8 * MEBIBYTE


def test_the_time_left_follows_from_how_fast_the_log_grows(slot: Settings) -> None:
    stop, begun, written = threading.Event(), threading.Event(), []

    def write() -> None:
        with connect(slot, autocommit=True) as connection:
            while not stop.is_set():
                connection.execute("SELECT pg_logical_emit_message(false, 'test', repeat('x', 1024 * 1024))")
                written.append(MEBIBYTE)
                begun.set()
                stop.wait(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(30)
        now = found(slot)
        left = seconds_left(slot, now)
    finally:
        stop.set()
        writer.join()
    assert now.safe_bytes is not None and left is not None
    # At least a megabyte and at most twenty are written in a second.
    assert now.safe_bytes / (40 * MEBIBYTE) < left <= now.safe_bytes / MEBIBYTE


def test_there_is_no_end_without_a_bound(slot: Settings) -> None:
    assert seconds_left(slot, Slot("unbounded", True, "reserved", 0, None)) is None
