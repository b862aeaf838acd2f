"""Rows of a source read again, and sent the ordinary way: as change events on the table's own topic.

A row that is read carries a log position that is right for every transaction: each change at a smaller
position is in what was read, each at a greater one wins over it when it streams by.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kafka import KafkaProducer

from bilten.contracts import Contract
from bilten.errors import KafkaUnavailable
from bilten.settings import Settings
from ingestion.sources.definition import Source
from ingestion.sources.dialect import Moment
from ingestion.sources.dialects import dialect_of
from ingestion.topic_options import LARGEST_MESSAGE_BYTES
from ingestion.topics import REQUEST_MILLISECONDS, create_missing, kafka_errors
from warehouse.client import Warehouse
from warehouse.compile import EPOCH_HEADER
from warehouse.sources import Reading, record_reading

Progress = Callable[[int], None]


class Refetcher:
    """Reads rows of a source and sends them to its change topics.

    Args:
        settings: the cluster.
        warehouse: what is read is told there before it is sent, so that no cut takes a part of it for all.
        source: the database.
        connection: an open connection to it in autocommit mode; it is not closed here.
    """

    def __init__(self, settings: Settings, warehouse: Warehouse, source: Source, connection: Any) -> None:
        self._settings = settings
        self._warehouse = warehouse
        self._source = source
        self._connection = connection
        self._dialect = dialect_of(source.database)

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
        sent = 0
        with (
            _Sending(self._settings, contract.topic(self._source.name), self._source.epoch) as send,
            self._dialect.reading(self._connection, contract) as (moment, found),
        ):
            self._tell(contract, moment, None, is_whole=True)
            for rows in found:
                for key, row in rows:
                    send(key, self._event(contract, moment, "r", row))
                sent += len(rows)
                if progress is not None:
                    progress(len(rows))
            # Last, so that readers see no empty table in between.
            send(None, self._event(contract, _before(moment), "t", "null"))
        self._tell(contract, moment, sent + 1, is_whole=True)
        return sent

    def keys(self, contract: Contract, chosen: Sequence[str], gone: Iterable[str]) -> int:
        """Send some rows as they are now, and say of others that they no longer exist.

        Args:
            contract: the table.
            chosen: canonical texts of the keys of the rows.
            gone: keys as JSON of rows that may no longer exist; those that do are sent as rows.

        Returns:
            How many rows were sent, deletions included.

        Raises:
            TransactionsInTheWay: an old transaction does not end.
            IngestionError: the source refused to be read.
            KafkaUnavailable: the cluster does not answer; sending everything again is harmless.
        """
        absent = dict.fromkeys(gone)
        sent = 0
        with (
            _Sending(self._settings, contract.topic(self._source.name), self._source.epoch) as send,
            self._dialect.reading(self._connection, contract, chosen) as (moment, found),
        ):
            self._tell(contract, moment, None, is_whole=False)
            for rows in found:
                for key, row in rows:
                    absent.pop(key, None)
                    send(key, self._event(contract, moment, "r", row))
                sent += len(rows)
            for key in absent:
                send(key, self._event(contract, _before(moment), "d", "null", before=key))
        self._tell(contract, moment, sent + len(absent), is_whole=False)
        return sent + len(absent)

    def _tell(self, contract: Contract, moment: Moment, events: int | None, *, is_whole: bool) -> None:
        source = self._source
        record_reading(
            self._warehouse,
            Reading(source.name, contract.name, source.epoch, moment.position, is_whole, events),
        )

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
    """A position that belongs to no change, just before: no record of a log is a single byte long."""
    return Moment(moment.position - 1, moment.microseconds)
