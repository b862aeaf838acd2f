"""Capturing a source anew from the end of its log, when the log no longer has what was not read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog

from bilten.contracts import Contract
from bilten.settings import Settings
from ingestion import connector
from ingestion.sources.definition import Source
from ingestion.sources.dialects import dialect_of

log = structlog.get_logger(__name__)


def recapture(settings: Settings, source: Source, connection: Any, contracts: Iterable[Contract]) -> None:
    """Forget the connector's place and begin at the log's end. Doing it again is harmless.

    Every change after this call is captured. What changed before it, and was not captured, is found by
    comparison only.

    Args:
        settings: addresses.
        source: the database.
        connection: an open connection to it in autocommit mode.
        contracts: the source contracts.

    Raises:
        ConnectUnavailable: Kafka Connect did not answer, or the tasks did not end or start, in time.
        SourceConnectorFailed: the connector started and failed.
        SourceUnavailable: the connector does not begin to read the log.
    """
    dialect = dialect_of(source.database)
    connector.remove(settings, source)
    dialect.release(settings, source, connection)
    connector.register(settings, contracts, source, with_rows=False)
    dialect.wait_until_captured(settings, source, connection)
    log.warning("captured_anew", source=source.name)
