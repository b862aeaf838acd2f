"""The replication slot and publication that capturing a PostgreSQL makes: waited for, and dropped."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from bilten.errors import SourceUnavailable
from ingestion.sources.definition import Source

SLOT_SECONDS = 60.0
LOOK_SECONDS = 0.2


def wait_for_slot(source: Source, connection: psycopg.Connection[Any]) -> None:
    """Wait until the source's slot keeps the log: what is read from then on misses no change.

    Raises:
        SourceUnavailable: it did not appear in a minute.
    """
    deadline = time.monotonic() + SLOT_SECONDS
    while not connection.execute(
        "SELECT EXISTS (SELECT FROM pg_replication_slots AS slot JOIN pg_publication ON pubname = %s "
        "WHERE slot.slot_name = %s AND confirmed_flush_lsn IS NOT NULL)",
        [source.publication, source.slot],
    ).fetchall()[0][0]:
        if time.monotonic() > deadline:
            raise SourceUnavailable(
                f"The replication slot {source.slot} did not appear.",
                why="The connector has not begun to read the log.",
                remedy="Run `bilten doctor`; transactions that are open for long hold a new slot up.",
            )
        time.sleep(LOOK_SECONDS)


def drop_capture(source: Source, connection: psycopg.Connection[Any]) -> None:
    """Drop the source's slot and publication, so that it holds no log back; harmless where there are none.

    Raises:
        SourceUnavailable: somebody goes on reading from the slot for a minute.
    """
    deadline = time.monotonic() + SLOT_SECONDS
    while not _drop_slot(source, connection):
        if time.monotonic() > deadline:
            raise SourceUnavailable(
                f"The replication slot {source.slot} cannot be dropped.",
                why="Somebody reads from it.",
                remedy="Stop what reads from it, then run the same command again.",
            )
        time.sleep(LOOK_SECONDS)
    connection.execute(f'DROP PUBLICATION IF EXISTS "{source.publication}"'.encode())


def _drop_slot(source: Source, connection: psycopg.Connection[Any]) -> bool:
    """Whether it is gone: the server lets go of a reader that went away a moment later."""
    try:
        connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
            [source.slot],
        )
    except psycopg.errors.ObjectInUse:
        return False
    return True
