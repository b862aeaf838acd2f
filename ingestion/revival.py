"""Restarting what failed of the source connector, which Kafka Connect itself leaves lying.

A worker never restarts a failed task: a broker that is away in the moment in which a task starts is enough
for the stream to stand still until somebody notices (seen: Connect and the broker killed ten seconds apart).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bilten.errors import ConnectUnavailable
from bilten.settings import Settings
from ingestion.connector import ConnectorStatus, connector_status, restart_failed
from ingestion.sources.definition import CONNECTOR_NAME

LOOK_SECONDS = 5.0
SHORTEST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 300.0
SOUND_SECONDS = 600.0
"""A connector that has run for so long begins again with the shortest pause."""

log = structlog.get_logger(__name__)


@dataclass
class Pauses:
    """When a failed connector may be restarted: at once, then after pauses that double up to five minutes."""

    _seconds: float = 0.0
    _not_before: float = 0.0
    _failed_at: float = float("-inf")

    def is_due(self, status: ConnectorStatus, now: float) -> bool:
        """Whether to restart it now; the answer yes begins the next pause.

        Args:
            status: what Kafka Connect says.
            now: seconds on any clock that only goes forward.
        """
        if not status.is_failed:
            if now - self._failed_at >= SOUND_SECONDS:
                self._seconds = 0.0
            return False
        self._failed_at = now
        if now < self._not_before:
            return False
        self._seconds = min(max(self._seconds * 2, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._not_before = now + self._seconds
        return True


def keep_running(settings: Settings, stopping: threading.Event, restarted: Callable[[], object]) -> None:
    """Look at the connector every five seconds and restart what failed of it, until told to stop.

    Args:
        settings: where Kafka Connect is. While it does not answer there is nothing to do: it is supervised.
        stopping: ends this.
        restarted: called after each restart.
    """
    pauses = Pauses()
    while not stopping.wait(LOOK_SECONDS):
        try:
            if restart_if_due(settings, pauses, CONNECTOR_NAME):
                restarted()
        except ConnectUnavailable as error:
            log.info("connect_unavailable", reason=error.what)


def restart_if_due(settings: Settings, pauses: Pauses, name: str) -> bool:
    """Look at one connector and restart what failed of it, unless its pause is not over.

    Returns:
        Whether it was restarted.

    Raises:
        ConnectUnavailable: Kafka Connect does not answer.
    """
    status = connector_status(settings, name)
    if not pauses.is_due(status, time.monotonic()):
        return False
    log.warning("connector_restarted", connector=name, reason=status.trace)
    restart_failed(settings, name)
    return True
