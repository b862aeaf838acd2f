"""The durable outbox: events wait here until every receiver has them.

A SQLite file that several processes share. An event is on the disk when ``append`` returns, whatever
happens to this process or the machine afterwards. Each receiver has a position of its own: all events up to
it were delivered (or put aside, with the reason). Positions may fall behind what was really delivered, after
a crash between the two, but never run ahead: delivery is at least once, and receivers know an event again by
its identifier.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_random

from bilten.errors import LineageError
from lineage.events import Event, as_json

BUSY_SECONDS = 30.0
"""How long one process waits for another one's write."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    appended_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS receivers (
    receiver TEXT PRIMARY KEY,
    position INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    last_delivery TEXT,
    last_failure TEXT,
    last_error TEXT
);
CREATE TABLE IF NOT EXISTS refusals (
    receiver TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    reason TEXT NOT NULL,
    refused_at TEXT NOT NULL,
    PRIMARY KEY (receiver, sequence)
);
"""


@dataclass(frozen=True)
class Entry:
    """An event in the outbox: its place in the line, its identifier, its text."""

    sequence: int
    event_id: str
    body: str


@dataclass(frozen=True)
class ReceiverState:
    """How one receiver stands.

    Args:
        receiver: its name.
        waiting: events not yet delivered.
        delivered: events delivered so far (one delivered twice after a crash counts twice).
        refused: events it refused, which are kept.
        oldest_waiting: since when the oldest undelivered event waits.
        last_delivery: when it last took an event.
        last_error: why the last attempt failed, None once it has taken events again.
    """

    receiver: str
    waiting: int
    delivered: int
    refused: int
    oldest_waiting: datetime | None
    last_delivery: datetime | None
    last_error: str | None


def event_identifier(body: str) -> str:
    """The identifier of an event: the same text is the same event, whoever delivers it how often."""
    return hashlib.sha256(body.encode()).hexdigest()[:32]


class Outbox:
    """Events of this installation that wait for delivery.

    May be used by several threads and processes at once, also after a fork.

    Args:
        path: the SQLite file; made with its folder when it does not exist.

    Raises:
        LineageError: the file cannot be opened, written or read (from every method).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def append(self, events: Iterable[Event | Mapping[str, Any]]) -> int:
        """Keep events, all of them or none; one that is already here is not kept again.

        Returns:
            How many were new.
        """
        now = _text(datetime.now(UTC))
        bodies = [as_json(event) for event in events]
        with self._transaction() as connection:
            before = connection.total_changes
            connection.executemany(
                "INSERT INTO events (event_id, body, appended_at) VALUES (?, ?, ?) "
                "ON CONFLICT (event_id) DO NOTHING",
                [(event_identifier(body), body, now) for body in bodies],
            )
            return connection.total_changes - before

    def waiting(self, receiver: str, limit: int = 500) -> list[Entry]:
        """The next undelivered events of a receiver, in the order they were kept."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT sequence, event_id, body FROM events WHERE sequence > "
                "coalesce((SELECT position FROM receivers WHERE receiver = ?), 0) ORDER BY sequence LIMIT ?",
                (receiver, limit),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def advance(self, receiver: str, upto: int, delivered: int) -> None:
        """Note that a receiver has everything up to a place in the line.

        Args:
            receiver: its name.
            upto: the last place that is done.
            delivered: how many events were delivered on the way.
        """
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO receivers (receiver, position, delivered, last_delivery) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (receiver) DO UPDATE SET position = max(position, excluded.position), "
                "delivered = delivered + excluded.delivered, "
                "last_delivery = excluded.last_delivery, last_error = NULL",
                (receiver, upto, delivered, _text(datetime.now(UTC))),
            )

    def refuse(self, receiver: str, sequence: int, reason: str) -> None:
        """Put one event aside that a receiver will never take, with its reason, and go on behind it."""
        now = _text(datetime.now(UTC))
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO refusals (receiver, sequence, reason, refused_at) "
                "VALUES (?, ?, ?, ?)",
                (receiver, sequence, reason, now),
            )
            connection.execute(
                "INSERT INTO receivers (receiver, position) VALUES (?, ?) "
                "ON CONFLICT (receiver) DO UPDATE SET position = max(position, excluded.position)",
                (receiver, sequence),
            )

    def fail(self, receiver: str, reason: str) -> None:
        """Note why a receiver could not be reached; nothing moves."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO receivers (receiver, last_failure, last_error) VALUES (?, ?, ?) "
                "ON CONFLICT (receiver) DO UPDATE SET last_failure = excluded.last_failure, "
                "last_error = excluded.last_error",
                (receiver, _text(datetime.now(UTC)), reason),
            )

    def refusals(self, receiver: str) -> list[tuple[Entry, str]]:
        """Events that a receiver refused, with the reasons."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT sequence, event_id, body, reason FROM refusals JOIN events USING (sequence) "
                "WHERE receiver = ? ORDER BY sequence",
                (receiver,),
            ).fetchall()
        return [(Entry(*row[:3]), row[3]) for row in rows]

    def accept(self, receiver: str, sequences: Sequence[int]) -> None:
        """Note that events refused before were taken now."""
        with self._transaction() as connection:
            connection.executemany(
                "DELETE FROM refusals WHERE receiver = ? AND sequence = ?",
                [(receiver, each) for each in sequences],
            )

    def state(self, receivers: Sequence[str]) -> list[ReceiverState]:
        """How each receiver stands, in the order asked for."""
        with self._reading() as connection:
            return [_state(connection, receiver) for receiver in receivers]

    def prune(self, receivers: Sequence[str], keep: timedelta) -> int:
        """Forget events that every receiver has and that are older than asked to keep.

        An event that any receiver refused stays.

        Returns:
            How many were forgotten.
        """
        if not receivers:
            return 0
        marks = ",".join("?" * len(receivers))
        with self._transaction() as connection:
            known, position = connection.execute(
                f"SELECT count(*), min(position) FROM receivers WHERE receiver IN ({marks})", tuple(receivers)
            ).fetchone()
            if known < len(receivers):
                return 0
            return connection.execute(
                "DELETE FROM events WHERE sequence <= ? AND appended_at < ? "
                "AND sequence NOT IN (SELECT sequence FROM refusals)",
                (position, _text(datetime.now(UTC) - keep)),
            ).rowcount

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            # Immediate: a transaction that reads first and then finds another writer would fail at once.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except (sqlite3.Error, OSError) as error:
            raise LineageError(
                f"The outbox {self.path} cannot be used: {error}.",
                why="The disk is full, the file is not writable, or another process held it too long.",
                remedy="Free disk space or correct the file's owner; what was kept before is not lost.",
            ) from error

    def _connection(self) -> sqlite3.Connection:
        # A connection must not be carried through a fork.
        if getattr(self._local, "process", None) != os.getpid():
            self._local.connection = None
        if self._local.connection is None:
            self._local.connection = self._open()
            self._local.process = os.getpid()
        connection: sqlite3.Connection = self._local.connection
        return connection

    # Several processes that start at once race to switch the file to WAL, which no busy time-out covers.
    @retry(
        retry=retry_if_exception_type(sqlite3.OperationalError),
        stop=stop_after_delay(BUSY_SECONDS),
        wait=wait_random(0.01, 0.1),
        reraise=True,
    )
    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # With NORMAL, a power cut could lose the last events although `append` had returned.
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _state(connection: sqlite3.Connection, receiver: str) -> ReceiverState:
    row = connection.execute(
        "SELECT position, delivered, last_delivery, last_error FROM receivers WHERE receiver = ?", (receiver,)
    ).fetchone()
    position, delivered, last_delivery, last_error = row or (0, 0, None, None)
    waiting, oldest = connection.execute(
        "SELECT count(*), min(appended_at) FROM events WHERE sequence > ?", (position,)
    ).fetchone()
    (refused,) = connection.execute(
        "SELECT count(*) FROM refusals WHERE receiver = ?", (receiver,)
    ).fetchone()
    return ReceiverState(
        receiver, waiting, delivered, refused, _time(oldest), _time(last_delivery), last_error
    )


def _text(value: datetime) -> str:
    return value.isoformat(timespec="microseconds")


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
