"""Tables guarded against changes of their source: looked at, put in quarantine, accepted, released."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import structlog
import yaml

from bilten.contracts import Contract, load_contracts
from bilten.errors import BiltenError, IncompatibleMigration, SourceRefused
from bilten.settings import Settings
from ingestion import connector
from ingestion.revival import Pauses, restart_if_due
from ingestion.sources.definition import Source
from ingestion.sources.dialects import dialect_of, open_source
from ingestion.sources.drift import Drift, accepted, announcement, find_drift, is_compatible
from ingestion.sources.inference import as_text, contract_path
from ingestion.sources.outbox import outbox_connector
from ingestion.sources.registry import list_sources
from ingestion.sources.tables import SourceTable
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.reshaping import rename_columns, set_aside
from warehouse.sources import State, set_table_state, table_states

LOOK_SECONDS = 10.0
MARK = "The source has changed: "
"""Begins the reason of what is set here, and may so be lifted here."""
log = structlog.get_logger(__name__)


def look(warehouse: Warehouse, source: Source, contracts: Iterable[Contract]) -> dict[str, tuple[Drift, ...]]:
    """Compare every table of a source with its contract, and hold or release tables accordingly.

    Compatible changes are announced and flow on: unknown fields are kept in ``_extra`` until they are
    accepted.

    Args:
        warehouse: where states are kept.
        source: the database.
        contracts: all contracts.

    Returns:
        What differs, by dataset.

    Raises:
        SourceUnavailable: the database does not answer.
        WarehouseUnavailable: the warehouse does not answer.
    """
    with open_source(source) as connection:
        tables = dialect_of(source.database).inspect_tables(connection)
        found = {(table.schema, table.name): table for table in tables}
    states = table_states(warehouse)
    drifted = {}
    for contract in source.tables(contracts):
        drifts = find_drift(contract, found.get((contract.source_schema, contract.source_table)))
        known = states.get(contract.name)
        is_ours = known is not None and known.reason.startswith(MARK)
        if drifts:
            drifted[contract.name] = drifts
            reason = MARK + announcement(contract.name, drifts)
            state: State = "flowing" if is_compatible(drifts) else "quarantined"
            # What somebody paused stays paused, for the reason given.
            if (known is None or is_ours or not known.reason) and (known is None or known.reason != reason):
                set_table_state(warehouse, contract.name, state, reason)
                log.warning("source_changed", dataset=contract.name, state=state, reason=reason)
        elif is_ours:
            set_table_state(warehouse, contract.name, "flowing", "")
            log.info("source_as_contract_again", dataset=contract.name)
    return drifted


def keep_looking(settings: Settings, contracts: Iterable[Contract], stopping: threading.Event) -> None:
    """Look at every source every ten seconds until told to stop; one that is down holds up no other.

    Connectors but the platform's own, which is looked after elsewhere, are restarted when they have failed.
    """
    # Read once: to read all contracts again takes a busy loader a good part of a second.
    known = tuple(contracts)
    pauses: defaultdict[str, Pauses] = defaultdict(Pauses)
    with Warehouse(settings) as warehouse:
        while not stopping.wait(LOOK_SECONDS):
            try:
                for source in list_sources(settings, warehouse):
                    _look_alone(warehouse, source, known)
                    name = outbox_connector(settings) if source.is_own else source.connector
                    restart_if_due(settings, pauses[name], name)
            except BiltenError as error:
                log.info("sources_not_looked_at", reason=error.what)


def accept(
    settings: Settings,
    warehouse: Warehouse,
    source: Source,
    contract: Contract,
    folder: Path,
    renames: Mapping[str, str],
) -> Contract:
    """Take a table's present shape into its contract and the warehouse; no record of it may flow meanwhile.

    Where kept rows cannot follow, they stay in ``raw`` under the old version's name. The current rows are
    complete again once the table has been read anew, which is up to the caller.

    Args:
        settings: addresses.
        warehouse: the warehouse.
        source: the table's database.
        contract: the table's contract.
        folder: the folder of all contracts.
        renames: old name → new name of columns.

    Returns:
        The new contract.

    Raises:
        SourceRefused: there is nothing to accept, or the table cannot be captured any more.
    """
    table = _inspect(source, contract)
    if not find_drift(contract, table):
        raise SourceRefused(
            f"{contract.name} is as its contract says.",
            why="There is nothing to accept.",
            remedy="Do nothing.",
        )
    path = contract_path(folder, contract.name)
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(as_text(accepted(document, contract, table, renames)), encoding="utf-8")
    contracts = load_contracts(folder)
    if renames:
        rename_columns(warehouse, contract, renames)
    try:
        migrate.apply(settings, contracts)
    except IncompatibleMigration:
        kept = set_aside(warehouse, contract)
        log.warning("history_set_aside", dataset=contract.name, table=kept)
        migrate.apply(settings, contracts)
    connector.register(settings, contracts.sources(), source)
    return contracts[contract.name]


def release(warehouse: Warehouse, dataset: str) -> None:
    """Let an accepted table flow.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    set_table_state(warehouse, dataset, "flowing", "")


def _inspect(source: Source, contract: Contract) -> SourceTable:
    name = f"{contract.source_schema}.{contract.source_table}"
    with open_source(source) as connection:
        found = dialect_of(source.database).inspect_tables(connection, [name])
    if not found:
        raise SourceRefused(
            f"{name} is gone.",
            why="The table was dropped or renamed, or may not be seen any more.",
            remedy="Bring it back, or delete its contract.",
        )
    return found[0]


def _look_alone(warehouse: Warehouse, source: Source, contracts: Iterable[Contract]) -> None:
    try:
        look(warehouse, source, contracts)
    except BiltenError as error:
        log.info("source_not_looked_at", source=source.name, reason=error.what)
