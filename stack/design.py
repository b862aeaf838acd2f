"""What capture and loader do by design, told to lineage: it holds before the first record has passed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from bilten.contracts import Contract
from bilten.settings import Settings
from ingestion.sources.definition import Source, own_source
from lineage.emitter import Emitter
from lineage.events import declared
from lineage.names import Names
from lineage.producers import capture, load_design
from lineage.runs import Engine
from stack.lock import DEBEZIUM


def report_design(settings: Settings, contracts: Iterable[Contract], source: Source | None = None) -> int:
    """Keep a lineage event for the capture of a source and one for the load of each of its tables, column by
    column.

    They wait in the outbox; nothing has to run for that.

    Args:
        settings: names and data folder.
        contracts: those of other sources are left out; what comes in files belongs to the own database's.
        source: the database; the platform's own by default.

    Returns:
        How many events were kept.

    Raises:
        LineageError: the outbox cannot be written.
    """
    source, everything, now = source or own_source(settings), tuple(contracts), datetime.now(UTC)
    tables = source.tables(everything)
    loaded = [*tables, *(each for each in everything if source.is_own and each.files is not None)]
    names = Names.of(settings, {} if source.is_own else {source.name: source.address})
    captured = capture(
        names,
        tables,
        connector=source.connector,
        slot=source.slot,
        publication=source.publication,
        at=now,
        engine=Engine("Debezium", DEBEZIUM),
    )
    emitter = Emitter(settings)
    try:
        return emitter.emit(
            declared(captured, now), *(declared(load_design(names, contract), now) for contract in loaded)
        )
    finally:
        emitter.close()
