"""Rows of a PostgreSQL read at a position of its log that is right for every transaction.

The log is in the order of writing, not of commits, so the position is noted first, and rows are read once
every transaction that was open then has ended.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from bilten.contracts import Contract
from bilten.errors import IngestionError, TransactionsInTheWay
from ingestion.fingerprint import key_condition
from ingestion.sources.dialect import Moment, Rows
from ingestion.sources.postgresql.events import select_events

OPEN_TRANSACTIONS_SECONDS = 60.0
LOOK_SECONDS = 0.1
ROWS_AT_ONCE = 2_000


@contextmanager
def reading(
    connection: psycopg.Connection[Any], contract: Contract, keys: Sequence[str] | None = None
) -> Iterator[tuple[Moment, Rows]]:
    """Read rows at a settled moment; see `ingestion.sources.dialect.Dialect`."""
    moment = settled_moment(connection)
    if keys is None:
        yield moment, _read(connection, select_events(contract))
    else:
        yield moment, _read(connection, select_events(contract, key_condition(contract)), list(keys))


def settled_moment(connection: psycopg.Connection[Any], seconds: float = OPEN_TRANSACTIONS_SECONDS) -> Moment:
    """Note the log's position, then wait until every transaction that is open now has ended.

    Args:
        connection: an open connection to the source in autocommit mode.
        seconds: longest time to wait.

    Raises:
        TransactionsInTheWay: one of them is still open; the message names it.
    """
    position, microseconds = _one(
        connection,
        "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn, "
        "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
    )
    # A number of its own is greater than those of all transactions that may have written before the position;
    # the end of a snapshot would not do, the youngest open transaction may lie beyond it.
    (own,) = _one(connection, "SELECT pg_current_xact_id()::text::bigint")
    deadline = time.monotonic() + seconds
    while _one(connection, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")[0] < own:
        if time.monotonic() > deadline:
            raise TransactionsInTheWay(f"Transactions are open for too long: {_open(connection)}.")
        time.sleep(LOOK_SECONDS)
    return Moment(int(position), int(microseconds))


def _read(connection: psycopg.Connection[Any], query: str, *parameters: object) -> Rows:
    # With parameters a percent sign must be doubled, except in the one mark.
    text = query.replace("%", "%%").replace("ANY(%%s)", "ANY(%s)") if parameters else query
    try:
        with connection.transaction(), connection.cursor(name="bilten_refetch") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            cursor.execute(text.encode(), parameters or None)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield rows
    except psycopg.Error as error:
        raise IngestionError("Rows of the source could not be read.", why=str(error).strip()) from error


def _open(connection: psycopg.Connection[Any]) -> str:
    found = connection.execute(
        "SELECT pid, coalesce(application_name, ''), date_trunc('second', now() - xact_start)::text "
        "FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start LIMIT 3"
    ).fetchall()
    return (
        ", ".join(f"process {pid} ({name or 'no name'}) since {age}" for pid, name, age in found) or "unknown"
    )


def _one(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    try:
        row = connection.execute(query.encode()).fetchone()
    except psycopg.Error as error:
        raise IngestionError("The source's log position cannot be read.", why=str(error).strip()) from error
    assert row is not None
    return tuple(row)
