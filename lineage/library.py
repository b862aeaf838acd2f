"""Snapshots on request: read from the warehouse once, kept while nothing new has arrived."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime

from bilten.contracts import Column as ContractColumn
from bilten.contracts import Contract
from bilten.errors import DatasetUnknown
from lineage.graph import Column, ColumnEdge, DatasetEdge
from lineage.names import DatasetName, JobName, Names
from lineage.snapshot import Snapshot
from warehouse.lineage_history import LineageHistory, Row
from warehouse.lineage_store import LineageStore

KEPT = 8
"""Past moments kept; they never change, except when an event arrives late."""
LOOK_AGAIN_SECONDS = 2.0
"""How long an answer about now may be old without asking whether events arrived."""


class Library:
    """Hands out snapshots.

    Args:
        store: where to ask whether events arrived.
        history: where to read graphs.
        names: how datasets are named here.
        contracts: for classifications that events do not tell.

    Raises:
        WarehouseUnavailable: the warehouse does not answer (from every method).
    """

    def __init__(
        self, store: LineageStore, history: LineageHistory, names: Names, contracts: Iterable[Contract] = ()
    ) -> None:
        self._store = store
        self._history = history
        agreed = tuple(contracts)
        self._classes = {at: column.classification for at, column in agreed_columns(names, agreed)}
        self._meanings = {at: column.description for at, column in agreed_columns(names, agreed)}
        self._lock = threading.Lock()
        self._kept: OrderedDict[datetime | None, tuple[int, Snapshot]] = OrderedDict()
        self._stamp = (-1, 0.0)

    def snapshot(self, at: datetime | None = None) -> Snapshot:
        """Lineage now, or as it was at a moment: what the events until then say."""
        with self._lock:
            stamp = self._looked()
            found = self._kept.get(at)
            if found is None or found[0] != stamp:
                found = stamp, self._read(at)
                self._kept[at] = found
            self._kept.move_to_end(at)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return found[1]

    def run_moment(self, run_id: str) -> datetime:
        """The moment as of which a run's graph is shown: its last event.

        Raises:
            DatasetUnknown: no event of the run has arrived.
        """
        rows = self._store.run(run_id)
        if not rows:
            raise DatasetUnknown(f"No event of the run {run_id} has arrived.")
        return max(_moment(row["last_event"]) for row in rows)

    def _looked(self) -> int:
        if time.monotonic() - self._stamp[1] > LOOK_AGAIN_SECONDS:
            self._stamp = (self._store.stamp(), time.monotonic())
        return self._stamp[0]

    def _read(self, at: datetime | None) -> Snapshot:
        facets: dict[DatasetName, dict[str, object]] = {}
        for row in self._history.facets(at):
            of = facets.setdefault(DatasetName(row["namespace"], row["name"]), {})
            of[row["facet"]] = {**json.loads(row["value"]), "_at": row["at"]}
        return Snapshot(
            at,
            tuple(sorted({dataset_edge(row) for row in self._history.edges(at)})),
            tuple(sorted({column_edge(row) for row in self._history.column_edges(at)})),
            facets,
            self._classes,
            self._meanings,
        )


def agreed_columns(names: Names, contracts: Iterable[Contract]) -> Iterator[tuple[Column, ContractColumn]]:
    """The columns of every dataset that a contract speaks of: a table is five datasets, four if it comes in
    files, a mart two, a live mart one.
    """
    for contract in contracts:
        for dataset in _datasets(names, contract):
            yield from ((Column(dataset, each.name), each) for each in contract.columns)


def _datasets(names: Names, contract: Contract) -> tuple[DatasetName, ...]:
    name = contract.name
    match contract.kind:
        case "live":
            return (names.mart(name),)
        case "mart":
            return (names.built(name), names.mart(name))
        case "source":
            return (
                *dict.fromkeys((names.source(contract), names.delivered(contract))),
                names.raw(name),
                names.ods(name),
                names.staging(name),
            )


def dataset_edge(row: Row) -> DatasetEdge:
    """An edge between datasets, from its row."""
    return DatasetEdge(
        DatasetName(row["source_namespace"], row["source_name"]),
        DatasetName(row["target_namespace"], row["target_name"]),
        JobName(row["job_namespace"], row["job_name"]),
    )


def column_edge(row: Row) -> ColumnEdge:
    """An edge between columns, from its row."""
    return ColumnEdge(
        Column(DatasetName(row["source_namespace"], row["source_name"]), row["source_field"]),
        Column(DatasetName(row["target_namespace"], row["target_name"]), row["target_field"]),
        JobName(row["job_namespace"], row["job_name"]),
        row["kind"],
        row["subtype"],
        bool(row["masking"]),
    )


def _moment(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value
