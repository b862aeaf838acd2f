"""Events that were refused, kept aside with the reason, so that a producer's mistake can be found and mended.

What was refused was not understood, so nothing in it is known to be harmless: secrets are masked as in events
that are kept, and a body that is not JSON leaves only its size and hash.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bilten.errors import LineageError
from lineage.receipt import without_secrets

MOST_KEPT = 10_000
"""Refused events kept; older ones make room."""
MOST_CHARACTERS = 64 * 1024
"""Of one refused event."""


@dataclass(frozen=True)
class Refused:
    """One refused event.

    Attributes:
        digest: SHA-256 of the body as it came.
        refused_at: when it came last.
        times: how often the same body came.
        reason: why it was refused.
        size: bytes of the body.
        body: the body without secrets; empty when it was not JSON.
    """

    digest: str
    refused_at: datetime
    times: int
    reason: str
    size: int
    body: str


class Refusals:
    """Keeps refused events in a SQLite file of their own.

    Args:
        path: the file; made with its folder when it does not exist.

    Raises:
        LineageError: the file cannot be used (from every method).
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, data: Any, reason: str) -> None:
        """Keep a refused event.

        Args:
            data: the event as JSON data, or the bytes that are no JSON.
            reason: why it was refused.
        """
        raw = data if isinstance(data, bytes) else json.dumps(data, sort_keys=True).encode()
        body = "" if isinstance(data, bytes) else json.dumps(without_secrets(data))[:MOST_CHARACTERS]
        with self._open() as connection:
            connection.execute(
                "INSERT INTO refused (digest, refused_at, times, reason, size, body) "
                "VALUES (?, ?, 1, ?, ?, ?) "
                "ON CONFLICT (digest) DO UPDATE SET times = times + 1, refused_at = excluded.refused_at, "
                "reason = excluded.reason",
                (hashlib.sha256(raw).hexdigest(), datetime.now(UTC).isoformat(), reason, len(raw), body),
            )
            connection.execute(
                "DELETE FROM refused WHERE digest NOT IN "
                "(SELECT digest FROM refused ORDER BY refused_at DESC LIMIT ?)",
                (MOST_KEPT,),
            )
        connection.close()

    def newest(self, limit: int = 100) -> list[Refused]:
        """The refused events, newest first."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT digest, refused_at, times, reason, size, body FROM refused "
                "ORDER BY refused_at DESC LIMIT ?",
                (limit,),
            ).fetchall()
        connection.close()
        return [Refused(row[0], datetime.fromisoformat(row[1]), *row[2:]) for row in rows]

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=30)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS refused (digest TEXT PRIMARY KEY, refused_at TEXT NOT NULL, "
                "times INTEGER NOT NULL, reason TEXT NOT NULL, size INTEGER NOT NULL, body TEXT NOT NULL)"
            )
        except (sqlite3.Error, OSError) as error:
            raise LineageError(f"The refused events in {self._path} cannot be used: {error}.") from error
        return connection
