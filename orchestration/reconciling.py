"""Source ↔ ``ods`` ↔ ``bronze``: the sides of each comparison, brought together. Knows nothing of Dagster."""

from __future__ import annotations

from collections.abc import Iterable

from archives.catalog import open_catalog
from archives.compare import compare
from bilten.contracts import Contract, Contracts
from bilten.results import Verdict
from bilten.settings import Settings
from ingestion.fingerprint import SourceFingerprints
from ingestion.progress import SourceProgress
from operational.database import connect
from quality.gate import is_reconciled
from quality.reconciliation import archive_verdict, reconcile_all, source_verdict
from warehouse.client import Warehouse
from warehouse.fingerprint import WarehouseFingerprints


def source_verdicts(
    settings: Settings,
    warehouse: Warehouse,
    contracts: Contracts,
    chosen: Iterable[Contract],
    build_id: str,
    run_id: str = "",
) -> list[Verdict]:
    """Compare source tables with ``ods`` while both change.

    Args:
        settings: where the components are.
        warehouse: the warehouse.
        contracts: all contracts.
        chosen: which tables; marts, tables without a key and those of other databases are left out.
        build_id: the build that the verdicts bear.
        run_id: the orchestrator's run, empty outside one.

    Returns:
        One verdict per table; none is recorded yet.

    Raises:
        OperationalUnavailable: the source does not answer.
        IngestionError: the source or Kafka cannot be asked.
        WarehouseError: the warehouse refused.
    """
    keyed = [each for each in chosen if is_reconciled(each)]
    with (
        connect(settings, autocommit=True) as connection,
        SourceProgress(settings, contracts.sources(), warehouse, connection) as progress,
    ):
        source = SourceFingerprints(connection)
        results = reconcile_all(
            keyed,
            source,
            WarehouseFingerprints(warehouse),
            progress.has_passed,
            progress.position,
            rows={contract.name: source.estimated_rows(contract) for contract in keyed},
        )
    return [
        source_verdict(build_id, contract, result, run_id)
        for contract, result in zip(keyed, results, strict=True)
    ]


def archive_verdicts(
    settings: Settings, warehouse: Warehouse, chosen: Iterable[Contract], build_id: str, run_id: str = ""
) -> list[Verdict]:
    """Compare archived tables with ``raw``.

    Args:
        settings: where the components are.
        warehouse: the warehouse; it reads the archive's files itself.
        chosen: which tables; those that are not archived yet are left out.
        build_id: the build that the verdicts bear.
        run_id: the orchestrator's run, empty outside one.

    Returns:
        One verdict per archived table; none is recorded yet.

    Raises:
        ArchiveError: the catalog cannot be reached.
        WarehouseError: one of the sides cannot be read.
    """
    with open_catalog(settings) as catalog:
        found = [compare(catalog, warehouse, contract) for contract in chosen if contract.kind == "source"]
    return [
        archive_verdict(
            build_id,
            each.dataset,
            (each.raw_rows, each.raw_hash),
            (each.bronze_rows, each.bronze_hash),
            run_id,
        )
        for each in found
        if each is not None
    ]
