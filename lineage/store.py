"""Lineage as the warehouse keeps it: where events are delivered, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bilten.errors import BiltenError, DatasetUnknown, DeliveryFailed, WarehouseUnavailable
from lineage.graph import Column, ColumnEdge, DatasetEdge, Direction, Graph, walk
from lineage.names import DatasetName, JobName, Names, parse_node
from lineage.outbox import Entry
from warehouse.lineage_store import LineageStore, Row


class WarehouseReceiver:
    """Delivers events to the warehouse; delivering one again changes nothing that a reader sees.

    Args:
        store: the lineage database.
    """

    name = "warehouse"
    one_by_one = False

    def __init__(self, store: LineageStore) -> None:
        self._store = store
        self._created = False

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Keep the events; they are durable when this returns.

        Raises:
            DeliveryFailed: the warehouse does not answer or refuses; events can still be delivered later.
        """
        try:
            if not self._created:
                self._store.create()
                self._created = True
            self._store.keep([(entry.event_id, entry.body) for entry in entries], datetime.now(UTC))
        except BiltenError as error:
            # A warehouse that was emptied or restored meanwhile needs its tables again.
            self._created = self._created and isinstance(error, WarehouseUnavailable)
            raise DeliveryFailed(
                f"The warehouse did not take lineage events. {error.what}", why=error.why
            ) from error


class Lineage:
    """Questions to the stored lineage.

    Args:
        store: the lineage database.
        names: how datasets are named here.

    Raises:
        WarehouseUnavailable: the warehouse does not answer (from every method).
    """

    def __init__(self, store: LineageStore, names: Names) -> None:
        self.store = store
        self.names = names

    def find(self, text: str) -> DatasetName:
        """The dataset that somebody means by a node, a full name, or a name like ``marts.sales_by_day``.

        Raises:
            DatasetUnknown: no dataset or several have that name; the remedy lists the nearest.
        """
        if text.startswith("dataset:"):
            wanted = self.names.canonical(parse_node(text)).name
            if (wanted.namespace, wanted.name) in self.store.named(wanted.name):
                return wanted
            raise DatasetUnknown(f"No event has named {text}.")
        found = [DatasetName(*pair) for pair in self.store.named(text)]
        ours = [name for name in found if name.namespace == f"clickhouse://{self.names.authority}"]
        for candidates in (found, ours):
            if len(candidates) == 1:
                return candidates[0]
        if found:
            raise DatasetUnknown(
                f"Several datasets are called {text}.",
                why="The same name exists in several stores.",
                remedy="Ask for one of: " + ", ".join(name.node for name in found) + ".",
            )
        near = self.store.datasets(text.rpartition(".")[2], limit=5)
        hint = "Did you mean " + ", ".join(str(row["name"]) for row in near) + "?" if near else None
        raise DatasetUnknown(f"No event has named the dataset {text}.", remedy=hint)

    def graph(
        self, start: Sequence[DatasetName], direction: Direction, depth: int = 100
    ) -> Graph[DatasetName, DatasetEdge]:
        """The datasets before or after some datasets."""

        def neighbours(level: Sequence[DatasetName]) -> list[DatasetEdge]:
            keys = [(name.namespace, name.name) for name in level]
            return [_edge(row) for row in self.store.edges(keys, upstream=direction == "upstream")]

        return walk(start, neighbours, direction, depth)

    def column_graph(
        self, start: Sequence[Column], direction: Direction, depth: int = 100, *, rows: bool = False
    ) -> Graph[Column, ColumnEdge]:
        """The columns before or after some columns, with how each was used.

        Args:
            start: where to begin.
            direction: which way to go.
            depth: levels to go at most.
            rows: upstream, also go by what decides about the rows (filters, joins, groups) of every dataset
                on the way: a count comes from no column, but not from nowhere. Each such dataset's rows then
                are a further start, a column with an empty name.
        """
        upstream = direction == "upstream"
        asked: set[DatasetName] = set()
        edges: dict[Column, list[ColumnEdge]] = {}

        def neighbours(level: Sequence[Column]) -> list[ColumnEdge]:
            # A dataset's columns are asked for together: one question a level, few of them twice.
            further = {column.dataset for column in level} - asked
            if further:
                asked.update(further)
                keys = [(name.namespace, name.name) for name in sorted(further)]
                for row in self.store.column_edges(keys, upstream=upstream):
                    edge = _column_edge(row)
                    edges.setdefault(edge.target if upstream else edge.source, []).append(edge)
            return [edge for column in level for edge in edges.get(column, ())]

        graph: Graph[Column, ColumnEdge] = walk(start, neighbours, direction, depth)
        while rows and upstream:
            further = sorted({Column(each.dataset, "") for each in graph.nodes} - set(graph.start))
            if not further:
                break
            graph = graph.joined(walk(further, neighbours, direction, depth))
        return graph

    def columns(self, dataset: DatasetName) -> list[Column]:
        """The columns of a dataset, in their order, as its newest schema has them."""
        facets = self.facets([dataset], only=("schema", "columnLineage"))[dataset]
        fields = [str(each["name"]) for each in facets.get("schema", {}).get("fields", [])]
        known = fields or list(facets.get("columnLineage", {}).get("fields", {}))
        return [Column(dataset, name) for name in known]

    def facets(
        self, datasets: Sequence[DatasetName], only: Sequence[str] = ()
    ) -> dict[DatasetName, dict[str, Any]]:
        """The newest facets of datasets; an empty dict for one without."""
        found = self.store.facets([(name.namespace, name.name) for name in datasets], only)
        return {name: found.get((name.namespace, name.name), {}) for name in datasets}


def _edge(row: Row) -> DatasetEdge:
    return DatasetEdge(
        DatasetName(row["source_namespace"], row["source_name"]),
        DatasetName(row["target_namespace"], row["target_name"]),
        JobName(row["job_namespace"], row["job_name"]),
    )


def _column_edge(row: Row) -> ColumnEdge:
    return ColumnEdge(
        Column(DatasetName(row["source_namespace"], row["source_name"]), row["source_field"]),
        Column(DatasetName(row["target_namespace"], row["target_name"]), row["target_field"]),
        JobName(row["job_namespace"], row["job_name"]),
        row["kind"],
        row["subtype"],
        bool(row["masking"]),
    )
