"""Moments marked in a PostgreSQL's own log: logical messages.

Debezium passes them on in the order of the log, behind every change that was committed before.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg

from bilten.settings import Settings
from ingestion.consumer import ChangeConsumer
from ingestion.sources.definition import Source
from ingestion.sources.postgresql.configuration import MARKER_PREFIX, message_topic
from ingestion.topics import create_missing, partition_bounds


class MessageMarks:
    """Marks moments from now on; see `ingestion.sources.dialect.Marks`.

    Args:
        settings: the cluster.
        source: the database.
        connection: an open connection to it in autocommit mode; it is not closed here.
    """

    def __init__(self, settings: Settings, source: Source, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._markers: dict[str, int] = {}
        topic = message_topic(source.name)
        create_missing(settings, [topic])
        bounds = partition_bounds(settings, [topic])
        self._consumer = ChangeConsumer(settings)
        self._consumer.begin({partition: held.next_offset for partition, held in bounds.items()})

    def mark(self) -> int:
        """Write a message; returns its position in bytes."""
        token = uuid.uuid4().hex
        # As a transaction: after a restart Debezium passes nothing on before the first COMMIT it sees, so
        # that on an idle source a message outside of one would wait for ever (seen: 60 s for each table).
        row = self._connection.execute(
            "SELECT pg_logical_emit_message(true, %s, %s) - '0/0'::pg_lsn", (MARKER_PREFIX, token)
        ).fetchone()
        assert row is not None
        position = int(row[0])
        self._markers[token] = position
        return position

    def passed(self, seconds: float) -> Sequence[int]:
        """Positions of messages that have come out of Kafka."""
        found = [
            self._markers.pop(_token(record.value), None)
            for polled in self._consumer.poll(seconds)
            for record in polled.records
        ]
        return [position for position in found if position is not None]

    def close(self) -> None:
        """End; may be repeated."""
        self._consumer.close()


def _token(value: bytes | None) -> str:
    if value is None:
        return ""
    message = json.loads(value).get("message") or {}
    return base64.b64decode(message.get("content") or "").decode("utf-8", "replace")
