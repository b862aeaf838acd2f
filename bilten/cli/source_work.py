"""What the commands about sources do with several packages at once: compare, mend, land, restart."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bilten.contracts import Contract
from bilten.errors import BiltenError
from bilten.settings import Settings
from ingestion.loader import Loader
from ingestion.progress import SourceProgress
from ingestion.sources.definition import Source
from ingestion.sources.dialects import dialect_of
from ingestion.sources.refetch import Refetcher
from quality.reconciliation import Reconciliation, reconcile_all
from stack import operate
from stack.layout import Layout
from stack.supervision import Supervisor
from warehouse.client import Warehouse
from warehouse.fingerprint import WarehouseFingerprints
from warehouse.keys import event_keys

LOADER = "loader"
LINEAGE = "lineage"
CATCH_UP_SECONDS = 600.0
# More rows than this are as fast read with their whole table.
SINGLE_ROWS = 10_000


def compare(
    settings: Settings,
    warehouse: Warehouse,
    source: Source,
    connection: Any,
    contracts: Sequence[Contract],
) -> tuple[Reconciliation, ...]:
    """Compare tables of a source with ``ods``, row by row, beside live traffic and without false alarms.

    Raises:
        IngestionError: the source cannot be read.
        KafkaUnavailable: the cluster does not answer.
        WarehouseError: the warehouse refused.
    """
    with SourceProgress(settings, contracts, warehouse, connection, source) as progress:
        fingerprints = dialect_of(source.database).fingerprints(connection)
        return reconcile_all(
            contracts,
            fingerprints,
            WarehouseFingerprints(warehouse),
            progress.has_passed,
            progress.position,
            rows={contract.name: fingerprints.estimated_rows(contract) for contract in contracts},
        )


def mend(
    settings: Settings,
    warehouse: Warehouse,
    source: Source,
    connection: Any,
    contract: Contract,
    found: Reconciliation,
) -> int:
    """Read exactly the rows that differ again.

    Returns:
        How many events were sent; they are landed the ordinary way.

    Raises:
        TransactionsInTheWay: an old transaction of the source does not end.
        KafkaUnavailable: the cluster does not answer; mending again is harmless.
    """
    if len(found.differences) > SINGLE_ROWS:
        return Refetcher(settings, warehouse, source, connection).whole_table(contract)
    keys = [difference.key for difference in found.differences]
    surplus = [difference.key for difference in found.differences if difference.nature == "surplus"]
    gone = event_keys(warehouse, contract, surplus).values()
    return Refetcher(settings, warehouse, source, connection).keys(contract, keys, gone)


def catch_up(
    settings: Settings,
    warehouse: Warehouse,
    source: Source,
    connection: Any,
    contracts: Sequence[Contract],
) -> None:
    """Wait until the warehouse has all that the source has committed by now.

    Raises:
        NotCaughtUp: it has not for ten minutes.
        KafkaUnavailable: the cluster does not answer.
    """
    with SourceProgress(settings, contracts, warehouse, connection, source) as progress:
        progress.wait(CATCH_UP_SECONDS)


@contextmanager
def landing(settings: Settings, contracts: Iterable[Contract]) -> Iterator[None]:
    """Land the changes of some tables meanwhile, whether another loader does so or not: twice is harmless."""
    with Warehouse(settings) as warehouse:
        loader = Loader(settings, contracts, warehouse)
        thread = threading.Thread(target=loader.run, name="landing", daemon=True)
        thread.start()
        try:
            yield
        finally:
            loader.stop()
            thread.join()


@contextmanager
def loader_paused(settings: Settings) -> Iterator[None]:
    """Stop the stack's own loader meanwhile, if one runs; it reads the contracts when it starts."""
    supervisor = Supervisor(Layout.of(settings))
    try:
        state = supervisor.states().get(LOADER)
    except BiltenError:
        state = None
    if state is None or not state.is_up:
        yield
        return
    operate.pause(settings, LOADER)
    try:
        yield
    finally:
        supervisor.start(LOADER)


def restart_readers(settings: Settings) -> None:
    """Start those of the stack's processes anew that read contracts and sources when they start."""
    supervisor = Supervisor(Layout.of(settings))
    try:
        running = [name for name, state in supervisor.states().items() if state.is_up]
    except BiltenError:
        return
    for name in (LOADER, LINEAGE):
        if name in running:
            operate.pause(settings, name)
            supervisor.start(name)


def as_rows(found: Iterable[Reconciliation]) -> list[Mapping[str, object]]:
    """Comparisons as data."""
    return [
        {
            "table": each.dataset,
            "source": each.source_rows,
            "ods": each.warehouse_rows,
            "different": len(each.differences),
            "unsettled": each.unsettled,
            "equal": not each.differences and not each.unsettled,
        }
        for each in found
    ]
