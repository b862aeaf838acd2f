"""Cuts through the logs of sources, laid as changes arrive."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import structlog

from bilten.contracts import Contract
from bilten.errors import BiltenError
from bilten.settings import Settings
from ingestion.sources.definition import Source
from ingestion.sources.dialects import dialect_of, open_source
from ingestion.sources.registry import list_sources
from ingestion.topic_options import change_topics
from warehouse.client import Warehouse
from warehouse.compile.transactions import tells_transactions
from warehouse.completeness import newest_end
from warehouse.cuts import Cut, advance
from warehouse.sources import checked_streams

CUT_SECONDS = 5.0
log = structlog.get_logger(__name__)


def keep_cutting(settings: Settings, contracts: Iterable[Contract], stopping: threading.Event) -> None:
    """Lay a cut through the log of each source every few seconds, until told to stop.

    Args:
        settings: where everything is.
        contracts: the source contracts.
        stopping: ends this.
    """
    known = tuple(contracts)
    with Warehouse(settings) as warehouse:
        while not stopping.wait(CUT_SECONDS):
            try:
                cut_sources(settings, warehouse, known)
            except BiltenError as error:
                log.info("no_cut", reason=error.what)


def cut_sources(
    settings: Settings, warehouse: Warehouse, contracts: Iterable[Contract]
) -> dict[str, BiltenError]:
    """Lay a cut through the log of each source, as late as can be.

    Args:
        settings: where the sources are.
        warehouse: where changes arrive.
        contracts: the source contracts.

    Returns:
        By source, why none could be laid now; the one before still holds.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    known, failed = tuple(contracts), {}
    for source in list_sources(settings, warehouse):
        tables = [contract for contract in source.tables(known) if tells_transactions(contract)]
        try:
            if tables:
                cut_source(warehouse, source, tables)
        except BiltenError as error:
            failed[source.name] = error
            log.info("no_cut", source=source.name, reason=error.what)
    return failed


def cut_source(warehouse: Warehouse, source: Source, contracts: list[Contract]) -> Cut | None:
    """Lay a cut through the log of a source.

    A connector that has begun anew may have left out a part of a transaction, counted or not. So nothing is
    believed that it tells before the comparison that follows each start.

    Args:
        warehouse: where changes arrive.
        source: the database.
        contracts: of its tables.

    Returns:
        The newest cut; None if there is none yet.

    Raises:
        SourceUnavailable: the source does not answer.
        WarehouseUnavailable: the warehouse does not answer.
    """
    # In this order: what is told by a stream that begins after this look does not count.
    end = newest_end(warehouse, source.name, source.epoch)
    with open_source(source) as connection:
        started = dialect_of(source.database).stream_start(source, connection)
    if not started or started != checked_streams(warehouse).get(source.name):
        end = None
    topics = change_topics(source.name, contracts)
    return advance(warehouse, source.name, source.epoch, end, topics, contracts)
