"""A database that nobody prepared, brought into the warehouse: the plan, and its steps."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from bilten.contracts import Contract, Contracts, load_contracts
from bilten.errors import BiltenError, SourceRefused
from bilten.settings import Settings
from ingestion import connector
from ingestion.sources import registry
from ingestion.sources.definition import Source
from ingestion.sources.dialects import dialect_of
from ingestion.sources.inference import Document, as_contract, draft_contracts, sample, write_drafts
from ingestion.sources.obstacles import server_obstacles, table_obstacles
from ingestion.sources.postgresql.configuration import needs_full_identity
from ingestion.sources.refetch import Refetcher
from ingestion.sources.tables import Obstacle, SourceTable
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.sources import set_table_state

log = structlog.get_logger(__name__)
Told = Callable[[str, int], None]
"""Called with a dataset and the number of its rows just read."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What adding a source would do; nothing is done yet.

    Attributes:
        source: the database.
        tables: tables to capture.
        contracts: their contracts, by dataset; those that exist are kept as they are.
        drafts: documents of those that would be written.
        obstacles: what stands against capturing the rest.
        full_identities: tables whose replica identity would be set to full, so that no value is lost.
    """

    source: Source
    tables: tuple[SourceTable, ...]
    contracts: dict[str, Contract]
    drafts: dict[str, Document]
    obstacles: tuple[Obstacle, ...]
    full_identities: tuple[str, ...]

    @property
    def is_possible(self) -> bool:
        """Whether anything can be captured."""
        return bool(self.tables) and not any(each.weight == "source" for each in self.obstacles)


def make_plan(
    source: Source,
    connection: Any,
    known: Contracts,
    chosen: Collection[str] = (),
    *,
    is_captured: bool = False,
) -> Plan:
    """Look at a database and say what would be done. Nothing is changed.

    Args:
        source: the database.
        connection: an open connection to it in autocommit mode.
        known: the contracts there are.
        chosen: schemas, or tables as ``schema.table``; all but the system's own by default.
        is_captured: whether it has its slot already, and needs no other.

    Raises:
        SourceRefused: a table that was asked for does not exist.
    """
    inspected = dialect_of(source.database).inspect_tables(connection, chosen or source.schemas)
    _refuse_unknown(chosen, inspected)
    obstacles = [] if is_captured else list(server_obstacles(source, connection))
    tables = []
    for table in inspected:
        found = table_obstacles(table)
        obstacles += found
        if not any(each.weight == "table" for each in found):
            tables.append(table)
    documents = draft_contracts(
        source, tables, {table.full_name: sample(source, connection, table) for table in tables}
    )
    with tempfile.TemporaryDirectory() as folder:
        contracts = {
            dataset: known[dataset] if dataset in known else as_contract(document, Path(folder))
            for dataset, document in documents.items()
        }
    identities = {table.full_name: table.replica_identity for table in tables}
    return Plan(
        source,
        tuple(tables),
        contracts,
        {dataset: document for dataset, document in documents.items() if dataset not in known},
        tuple(obstacles),
        tuple(
            name
            for contract in contracts.values()
            if needs_full_identity(contract)
            and identities[name := f"{contract.source_schema}.{contract.source_table}"] != "full"
        ),
    )


def prepare(settings: Settings, warehouse: Warehouse, plan: Plan, folder: Path) -> tuple[Contract, ...]:
    """Write contracts and tables, remember the source, and start its connector.

    Each step may be repeated. Afterwards every change is in the source's log until it is captured.

    Args:
        settings: addresses.
        warehouse: where the tables go.
        plan: what to do.
        folder: the folder of all contracts.

    Returns:
        The source's contracts, those of former plans included.

    Raises:
        SourceRefused: nothing can be captured.
        ContractError: a contract cannot be used.
        SourceConnectorFailed: the connector started and failed.
    """
    if not plan.is_possible:
        first = next((each for each in plan.obstacles if each.weight in {"source", "table"}), None)
        raise SourceRefused(
            f"Nothing of {plan.source.name} can be captured.",
            why=f"{first.place}: {first.what}." if first else "It has no tables.",
            remedy=first.remedy if first else "Name its schemas or tables with --tables.",
        )
    write_drafts(folder, plan.drafts)
    contracts = load_contracts(folder)
    migrate.apply(settings, contracts)
    registry.remember(settings, warehouse, plan.source, "added")
    own = plan.source.tables(contracts.values())
    # Stopped meanwhile: what a task with the former tables reads of new ones would be lost.
    connector.reconfigure(settings, own, plan.source)
    return own


def first_load(
    settings: Settings,
    warehouse: Warehouse,
    source: Source,
    connection: Any,
    contracts: Iterable[Contract],
    told: Told,
) -> dict[str, BiltenError]:
    """Read every row of some tables once their changes are being captured.

    Args:
        settings: the cluster.
        warehouse: where tables that cannot be read are put in quarantine; no other is stopped by one.
        source: the database.
        connection: an open connection to it in autocommit mode.
        contracts: the tables.
        told: called as rows are read.

    Returns:
        Why tables could not be read.

    Raises:
        SourceUnavailable: the connector does not begin to read the log.
    """
    dialect_of(source.database).wait_until_captured(settings, source, connection)
    refetcher = Refetcher(settings, warehouse, source, connection)
    failed: dict[str, BiltenError] = {}
    for contract in contracts:
        try:
            refetcher.whole_table(contract, partial(told, contract.name))
        except BiltenError as error:
            if error.retryable:
                raise
            failed[contract.name] = error
            set_table_state(warehouse, contract.name, "quarantined", f"{error.what} {error.why}")
            log.error("table_not_read", dataset=contract.name, **error.as_dict())
    return failed


def _refuse_unknown(chosen: Collection[str], inspected: Iterable[SourceTable]) -> None:
    known = {name for table in inspected for name in (table.schema, table.full_name)}
    if missing := sorted(set(chosen) - known):
        raise SourceRefused(
            f"There is no table or schema named {', '.join(missing)}.",
            why="The database does not have it, or the user may not see it.",
            remedy="Name schemas, or tables as schema.table.",
        )
