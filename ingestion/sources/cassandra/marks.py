"""Moments of a Cassandra: times, and whether the connector has come past them.

It tells nobody how far it is. What it reads is written to the disk at fixed intervals, and looked at ten
times a second: a moment has passed when both have happened. A comparison looks more than once at rows that
differ.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ingestion.sources.cassandra.connection import Connection
from ingestion.sources.cassandra.inspection import node_settings, sync_seconds
from ingestion.sources.cassandra.reading import server_microseconds

READ_SECONDS = 1.5
"""From the disk to the topics; seen: 0.1 s."""


class TimeMarks:
    """Marks moments from now on; see `ingestion.sources.dialect.Marks`.

    Args:
        connection: an open connection to it; it is not closed here.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pause = sync_seconds(node_settings(connection)) + READ_SECONDS
        self._waiting: dict[int, float] = {}

    def mark(self) -> int:
        """Note the node's time."""
        position = server_microseconds(self._connection)
        self._waiting[position] = time.monotonic()
        return position

    def passed(self, seconds: float) -> Sequence[int]:
        """Marks that lie so far back that the connector has passed them."""
        time.sleep(seconds)
        before = time.monotonic() - self._pause
        found = sorted(position for position, noted in self._waiting.items() if noted <= before)
        for position in found:
            del self._waiting[position]
        return found

    def close(self) -> None:
        """There is nothing to close."""
