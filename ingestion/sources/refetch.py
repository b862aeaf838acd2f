"""Rows of a source read again, and sent the ordinary way: as change events on the table's own topic.

A row that is read carries a log position that is right for every transaction: each change at a smaller
position is in what was read, each at a greater one wins over it when it streams by. The log is in the
order of writing, not of commits, so the position is noted first, and rows are read once every transaction
that was open then has ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from kafka import KafkaProducer

from bilten.contracts import Contract
from bilten.errors import IngestionError, KafkaUnavailable, TransactionsInTheWay
from bilten.settings import Settings
from ingestion.connector_configuration import LARGEST_MESSAGE_BYTES
from ingestion.sources.definition import Source
from ingestion.sources.events import select_events
from ingestion.topics import REQUEST_MILLISECONDS, create_missing, kafka_errors
from warehouse.compile import EPOCH_HEADER

OPEN_TRANSACTIONS_SECONDS = 60.0
LOOK_SECONDS = 0.1
ROWS_AT_ONCE = 2_000
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a source: what was written before ``position`` is in what is read after it.

    Attributes:
        position: in the source's log, bytes.
        microseconds: the source's clock, since 1970.
    """

    position: int
    microseconds: int


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


class Refetcher:
    """Reads rows of a source and sends them to its change topics.

    Args:
        settings: the cluster.
        source: the database.
        connection: an open connection to it in autocommit mode; it is not closed here.
    """

    def __init__(self, settings: Settings, source: Source, connection: psycopg.Connection[Any]) -> None:
        self._settings = settings
        self._source = source
        self._connection = connection

    def whole_table(self, contract: Contract, progress: Progress | None = None) -> int:
        """Send every row. What the warehouse has beside them, and is not newer, no longer exists then.

        Args:
            contract: the table.
            progress: called with the number of rows just sent.

        Returns:
            How many rows were sent.

        Raises:
            TransactionsInTheWay: an old transaction does not end.
            IngestionError: the source refused to be read.
            KafkaUnavailable: the cluster does not answer; sending everything again is harmless.
        """
        moment = settled_moment(self._connection)
        sent = 0
        with _Sending(self._settings, contract.topic(self._source.name), self._source.epoch) as send:
            for rows in self._read(select_events(contract)):
                for key, row in rows:
                    send(key, self._event(contract, moment, "r", row))
                sent += len(rows)
                if progress is not None:
                    progress(len(rows))
            # Last, so that readers see no empty table in between.
            send(None, self._event(contract, _before(moment), "t", "null"))
        return sent

    def keys(self, contract: Contract, condition: str, chosen: Sequence[object], gone: Iterable[str]) -> int:
        """Send some rows as they are now, and say of others that they no longer exist.

        Args:
            contract: the table.
            condition: SQL that chooses the rows, with one parameter.
            chosen: the parameter.
            gone: keys as JSON of rows that may no longer exist; those that do are sent as rows.

        Returns:
            How many rows were sent, deletions included.

        Raises:
            TransactionsInTheWay: an old transaction does not end.
            IngestionError: the source refused to be read.
            KafkaUnavailable: the cluster does not answer; sending everything again is harmless.
        """
        moment = settled_moment(self._connection)
        absent = dict.fromkeys(gone)
        sent = 0
        with _Sending(self._settings, contract.topic(self._source.name), self._source.epoch) as send:
            for rows in self._read(select_events(contract, condition), list(chosen)):
                for key, row in rows:
                    absent.pop(key, None)
                    send(key, self._event(contract, moment, "r", row))
                sent += len(rows)
            for key in absent:
                send(key, self._event(contract, _before(moment), "d", "null", before=key))
        return sent + len(absent)

    def _read(self, query: str, *parameters: object) -> Iterator[list[tuple[str, str]]]:
        # With parameters a percent sign must be doubled, except in the one mark.
        text = query.replace("%", "%%").replace("ANY(%%s)", "ANY(%s)") if parameters else query
        try:
            with (
                self._connection.transaction(),
                self._connection.cursor(name="bilten_refetch") as cursor,
            ):
                cursor.itersize = ROWS_AT_ONCE
                cursor.execute(text.encode(), parameters or None)
                while rows := cursor.fetchmany(ROWS_AT_ONCE):
                    yield rows
        except psycopg.Error as error:
            raise IngestionError("Rows of the source could not be read.", why=str(error).strip()) from error

    def _event(
        self, contract: Contract, moment: Moment, operation: str, row: str, before: str = "null"
    ) -> bytes:
        source = {
            "connector": "bilten",
            "name": self._source.name,
            "ts_ms": moment.microseconds // 1000,
            "snapshot": "true",
            "ts_us": moment.microseconds,
            "schema": contract.source_schema,
            "table": contract.source_table,
            "txId": None,
            "lsn": moment.position,
        }
        head = json.dumps(source, separators=(",", ":"))
        return (
            f'{{"before":{before},"after":{row},"source":{head},"transaction":null,"op":"{operation}"}}'
        ).encode()


class _Sending:
    """A producer for one topic; leaving it waits until everything is there.

    Raises:
        KafkaUnavailable: something could not be sent.
    """

    def __init__(self, settings: Settings, topic: str, epoch: int) -> None:
        self._settings, self._topic = settings, topic
        self._headers = [(EPOCH_HEADER, str(epoch).encode())] if epoch else []
        self._failures: list[BaseException] = []

    def __enter__(self) -> Callable[[str | None, bytes], None]:
        create_missing(self._settings, [self._topic])
        with kafka_errors(self._settings):
            self._producer = KafkaProducer(
                bootstrap_servers=self._settings.bootstrap_servers,
                client_id="bilten-refetch",
                acks="all",
                compression_type="lz4",
                linger_ms=20,
                batch_size=256 * 1024,
                max_request_size=LARGEST_MESSAGE_BYTES,
                bootstrap_timeout_ms=REQUEST_MILLISECONDS,
            )
        return self._send

    def _send(self, key: str | None, value: bytes) -> None:
        with kafka_errors(self._settings):
            sent = self._producer.send(
                self._topic, key=key.encode() if key else None, value=value, headers=self._headers
            )
        sent.add_errback(self._failures.append)

    def __exit__(self, *_: object) -> None:
        try:
            with kafka_errors(self._settings):
                self._producer.flush()
        finally:
            self._producer.close()
        if self._failures:
            raise KafkaUnavailable(f"Rows could not be sent to {self._topic}: {self._failures[0]}.")


def _before(moment: Moment) -> Moment:
    """A position that belongs to no change, just before: records of the log begin at multiples of eight."""
    return Moment(moment.position - 1, moment.microseconds)


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
