"""The past: the graph as of a moment is the graph that was recorded then."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from lineage.library import Library
from lineage.outbox import Entry, event_identifier
from lineage.store import WarehouseReceiver
from tests.lineage.samples import NAMES
from tests.lineage.test_store import history
from warehouse.client import Warehouse
from warehouse.lineage_history import LineageHistory
from warehouse.lineage_store import LineageStore

pytestmark = pytest.mark.warehouse


def test_as_of_every_moment_equals_the_graph_recorded_then(warehouse: Warehouse) -> None:
    """Events of the store's own tests, delivered one after the other."""
    bodies = sorted(history(), key=lambda body: str(json.loads(body)["eventTime"]))
    warehouse.command("DROP DATABASE IF EXISTS lineage")
    store, graphs = LineageStore(warehouse), LineageHistory(warehouse)
    recorded = {}
    try:
        times = sorted({str(json.loads(body)["eventTime"]) for body in bodies})
        for moment in times:
            some = [body for body in bodies if str(json.loads(body)["eventTime"]) == moment]
            entries = [Entry(n, event_identifier(body), body) for n, body in enumerate(some, start=1)]
            WarehouseReceiver(store).deliver(entries)
            recorded[moment] = contents(store, graphs, None)
        for moment, then in recorded.items():
            assert contents(store, graphs, moment) == then, moment
        assert len({len(each[0]) for each in recorded.values()}) > 3
    finally:
        warehouse.command("DROP DATABASE IF EXISTS lineage")
        store.create()


def contents(store: LineageStore, graphs: LineageHistory, moment: str | None) -> tuple[Any, ...]:
    at = datetime.fromisoformat(moment) if moment else None
    snapshot = Library(store, graphs, NAMES).snapshot(at)
    facets = {name.node: dict(sorted(found.items())) for name, found in snapshot.facets.items()}
    return snapshot.edges, snapshot.column_edges, facets
