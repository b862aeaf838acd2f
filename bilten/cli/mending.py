"""What a connector may lose when it begins to read the log again: found by comparison, and read again.

Debezium 3.5.0 looks for the place where it stopped by the position of the last event that it stored. The end
of a commit has the position of the next record of the log. When that record belongs to a transaction which
began earlier and was still open, all that this transaction had changed up to there is taken for known, and
left out (seen with Connect killed under load: one line of an order was gone, with nothing to show for it).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

import structlog

from bilten.cli.source_work import CATCH_UP_SECONDS, compare, mend
from bilten.contracts import Contract
from bilten.errors import BiltenError, NotCaughtUp
from bilten.settings import Settings
from ingestion.progress import SourceProgress
from ingestion.sources.definition import Source
from ingestion.sources.dialects import dialect_of, open_source
from ingestion.sources.registry import list_sources
from warehouse.client import Warehouse
from warehouse.sources import checked_streams, held_tables, record_stream

LOOK_SECONDS = 5.0
log = structlog.get_logger(__name__)


def keep_mending(settings: Settings, contracts: Iterable[Contract], stopping: threading.Event) -> None:
    """Compare a source with the warehouse each time that its connector has begun anew, until told to stop.

    A comparison costs what the gate's does before each build, and runs beside live traffic.

    Args:
        settings: where everything is.
        contracts: the source contracts.
        stopping: ends this.
    """
    known = tuple(contracts)
    with Warehouse(settings) as warehouse:
        while not stopping.is_set():
            try:
                for source in list_sources(settings, warehouse):
                    mend_after_start(settings, warehouse, source, known)
            except BiltenError as error:
                log.info("not_compared_after_start", reason=error.what)
            stopping.wait(LOOK_SECONDS)


def mend_after_start(
    settings: Settings, warehouse: Warehouse, source: Source, contracts: Iterable[Contract]
) -> int:
    """Compare and mend, if the source's stream began after the last time that this was done.

    Returns:
        Rows that were read again.

    Raises:
        NotCaughtUp: the warehouse does not reach what the source holds; nothing was compared.
        SourceUnavailable: the source does not answer.
        WarehouseUnavailable: the warehouse does not answer.
    """
    with open_source(source) as connection:
        started = dialect_of(source.database).stream_start(source, connection)
        before = checked_streams(warehouse).get(source.name)
        if not started or started == before:
            return 0
        if before is None:
            # The first stream of all has no place to look for.
            record_stream(warehouse, source.name, started, 0, 0)
            return 0
        held = held_tables(warehouse)
        flowing = [each for each in source.tables(contracts) if each.name not in held]
        with SourceProgress(settings, flowing, warehouse, connection, source) as progress:
            progress.wait(CATCH_UP_SECONDS)
            found = compare(settings, warehouse, source, connection, flowing)
            if any(each.unsettled for each in found):
                raise NotCaughtUp(f"Some rows of {source.name} changed at every look.")
            mended = 0
            for contract, each in zip(flowing, found, strict=True):
                if each.differences:
                    mended += mend(settings, warehouse, source, connection, contract, each)
                    log.warning("rows_mended", dataset=contract.name, rows=len(each.differences))
            record_stream(warehouse, source.name, started, mended, progress.position())
        return mended
