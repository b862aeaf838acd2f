"""What capture and loader do by design, told to lineage: it holds before the first record has passed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from bilten.contracts import Contract
from bilten.settings import Settings
from ingestion.connector_configuration import CONNECTOR_NAME, PUBLICATION_NAME, SLOT_NAME
from lineage.emitter import Emitter
from lineage.events import declared
from lineage.names import Names
from lineage.producers import capture, load_design
from lineage.runs import Engine
from stack.lock import DEBEZIUM


def report_design(settings: Settings, contracts: Iterable[Contract]) -> int:
    """Keep a lineage event for change capture and one for the load of each table, column by column.

    They wait in the outbox; nothing has to run for that.

    Args:
        settings: names and data folder.
        contracts: the captured tables.

    Returns:
        How many events were kept.

    Raises:
        LineageError: the outbox cannot be written.
    """
    tables, names, now = tuple(contracts), Names.of(settings), datetime.now(UTC)
    captured = capture(
        names,
        tables,
        connector=CONNECTOR_NAME,
        slot=SLOT_NAME,
        publication=PUBLICATION_NAME,
        at=now,
        engine=Engine("Debezium", DEBEZIUM),
    )
    emitter = Emitter(settings)
    try:
        return emitter.emit(
            declared(captured, now), *(declared(load_design(names, contract), now) for contract in tables)
        )
    finally:
        emitter.close()
