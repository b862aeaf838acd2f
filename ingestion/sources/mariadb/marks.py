"""Moments of a MariaDB: ends of its log, and what shows that the connector has come past them.

Nothing is written into the source for that. What the connector says of itself is enough: the end of a
transaction on the topic of transactions, with its number, and the place where it would go on after a restart,
which Kafka Connect tells. That place lags behind on an idle server: the connector stores it with the next
event, or with the server's own sign of life (every 48 s, as Debezium 3.5.0 asks for it).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from bilten.settings import Settings
from ingestion.connect import connect_client, stored_offset
from ingestion.consumer import ChangeConsumer
from ingestion.sources.definition import Source
from ingestion.sources.mariadb.connection import Connection
from ingestion.sources.mariadb.log import current_position, position_of
from ingestion.topics import create_missing, partition_bounds

ASK_SECONDS = 0.5
RECORDS_BEFORE = 100
"""So many records of the topic of transactions are looked at, for one that ended before the first mark."""


class TransactionMarks:
    """Marks moments from now on; see `ingestion.sources.dialect.Marks`.

    Args:
        settings: the cluster and Kafka Connect.
        source: the database.
        connection: an open connection to it; it is not closed here.
    """

    def __init__(self, settings: Settings, source: Source, connection: Connection) -> None:
        self._connection, self._connector = connection, source.connector
        self._waiting: dict[int, str] = {}
        self._ended: dict[str, int] = {}
        self._asked = float("-inf")
        topic = f"{source.name}.transaction"
        create_missing(settings, [topic])
        bounds = partition_bounds(settings, [topic])
        self._client = connect_client(settings)
        self._consumer = ChangeConsumer(settings)
        self._consumer.begin(
            {
                partition: max(held.first_offset, held.next_offset - RECORDS_BEFORE)
                for partition, held in bounds.items()
            }
        )

    def mark(self) -> int:
        """Note the log's end, and the last transaction before it."""
        position = current_position(self._connection)
        numbers = self._connection.row("SELECT @@gtid_binlog_pos") if self._connection.is_mariadb else ("",)
        self._waiting[position] = str(numbers[0])
        return position

    def passed(self, seconds: float) -> Sequence[int]:
        """Marks behind which the connector is."""
        for polled in self._consumer.poll(seconds):
            for record in polled.records:
                self._note(record.value)
        reached = self._place() if time.monotonic() - self._asked >= ASK_SECONDS else 0
        found = [
            position
            for position, numbers in self._waiting.items()
            if position <= reached or self._has_ended(numbers)
        ]
        for position in found:
            del self._waiting[position]
        return found

    def close(self) -> None:
        """End; may be repeated."""
        self._consumer.close()
        self._client.close()

    def _note(self, value: bytes | None) -> None:
        event = json.loads(value or b"{}")
        if event.get("status") == "END":
            domain, number = _parts(str(event["id"]))
            self._ended[domain] = max(self._ended.get(domain, 0), number)

    def _has_ended(self, numbers: str) -> bool:
        if not numbers:
            return False
        parts = [_parts(number) for number in numbers.split(",")]
        return all(self._ended.get(domain, 0) >= number for domain, number in parts)

    def _place(self) -> int:
        self._asked = time.monotonic()
        place = stored_offset(self._client, self._connector)
        return position_of(str(place["file"]), int(place["pos"])) if "file" in place else 0


def _parts(number: str) -> tuple[str, int]:
    """``domain-server-sequence`` → domain and sequence; MySQL's ``server:sequence`` likewise."""
    head, _, sequence = number.replace(":", "-").rpartition("-")
    domain = head.partition("-")[0] if head.count("-") == 1 else head
    return domain, int(sequence) if sequence.isdigit() else 0
