"""Moments of a MariaDB: ends of its log, and whether the connector has come past them.

Kafka Connect tells the place where the connector would go on after a restart: all before it is in the topics.
The connector stores that place with a later event (an idle server gives a sign of life after 48 s), so one
where nothing happens gets a statement into its log that does nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from bilten.settings import Settings
from ingestion.connect import connect_client, stored_offset
from ingestion.sources.definition import Source
from ingestion.sources.mariadb.connection import Connection
from ingestion.sources.mariadb.log import current_position, position_of

ASK_SECONDS = 0.25
NUDGE_SECONDS = 1.0
"""More than the connector's pause between two heartbeats, of which the second stores the place."""


class PlaceMarks:
    """Marks moments from now on; see `ingestion.sources.dialect.Marks`.

    Args:
        settings: Kafka Connect.
        source: the database.
        connection: an open connection to it; it is not closed here.
    """

    def __init__(self, settings: Settings, source: Source, connection: Connection) -> None:
        self._connection, self._connector = connection, source.connector
        # Neither table nor setting is touched by these; only MySQL lacks the first.
        self._nudge = "FLUSH QUERY CACHE" if connection.is_mariadb else "FLUSH OPTIMIZER_COSTS"
        self._waiting: set[int] = set()
        self._asked = self._nudged = float("-inf")
        self._client = connect_client(settings)

    def mark(self) -> int:
        """Note the log's end."""
        position = current_position(self._connection)
        self._waiting.add(position)
        return position

    def passed(self, seconds: float) -> Sequence[int]:
        """Marks behind which the connector is."""
        now = time.monotonic()
        if not self._waiting or now - self._asked < ASK_SECONDS:
            time.sleep(seconds)
            return ()
        self._asked = now
        reached = self._place()
        found = sorted(position for position in self._waiting if position <= reached)
        self._waiting.difference_update(found)
        if self._waiting and now - self._nudged >= NUDGE_SECONDS:
            self._nudged = now
            self._connection.execute(self._nudge)
        return found

    def close(self) -> None:
        """End; may be repeated."""
        self._client.close()

    def _place(self) -> int:
        place = stored_offset(self._client, self._connector)
        return position_of(str(place["file"]), int(place["pos"])) if "file" in place else 0
