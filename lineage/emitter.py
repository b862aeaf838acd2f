"""Emitting an event: it is kept durably here and delivered by the lineage service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bilten.settings import Settings
from lineage.events import Event
from lineage.outbox import Outbox


def outbox_path(settings: Settings) -> Path:
    """Where this installation's outbox is."""
    return settings.home / "lineage" / "outbox.db"


class Emitter:
    """Keeps events in the outbox. Needs no service and no network, so it works while everything is down.

    Args:
        settings: where the data folder is.
    """

    def __init__(self, settings: Settings) -> None:
        self._outbox = Outbox(outbox_path(settings))

    def emit(self, *events: Event | Mapping[str, Any]) -> int:
        """Keep events; on return they are on the disk.

        Emitting the very same event again changes nothing.

        Returns:
            How many were new.

        Raises:
            LineageError: the outbox cannot be written.
        """
        return self.emit_all(events)

    def emit_all(self, events: Iterable[Event | Mapping[str, Any]]) -> int:
        """Keep many events in one transaction; see ``emit``."""
        return self._outbox.append(events)

    def close(self) -> None:
        """Close this thread's connection."""
        self._outbox.close()
