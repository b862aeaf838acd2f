"""All of lineage at one moment as one frozen value, which every question is answered from.

A platform's graph is small (thousands of datasets, tens of thousands of columns) however many events made it,
so a question costs no query: what is asked twice agrees, the table level agrees with the column level, and an
answer about last Tuesday is computed by the same code as one about now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from lineage.graph import Column, ColumnEdge, DatasetEdge
from lineage.names import DatasetName

Facets = Mapping[str, Any]
PERSONAL = frozenset({"personal", "sensitive"})
_LAYERS = (
    "postgres",
    "mysql",
    "mongodb",
    "cassandra",
    "files",
    "kafka",
    "raw",
    "ods",
    "bronze",
    "staging",
    "intermediate",
    "build",
    "marts",
)


def layer_of(dataset: DatasetName) -> str:
    """The layer that a dataset belongs to: its database in the warehouse, else its kind of store."""
    if dataset.store in {"file", "s3"}:
        # Tables of the archive have the name of their namespace before their own; all else arrives.
        return "bronze" if dataset.name.rstrip("/").split("/")[-2:-1] == ["bronze"] else "files"
    return dataset.name.partition(".")[0] if dataset.store == "clickhouse" else dataset.store


def layer_rank(layer: str) -> int:
    """Where a layer stands from left to right; unknown ones come last."""
    return _LAYERS.index(layer) if layer in _LAYERS else len(_LAYERS)


def label_of(dataset: DatasetName) -> str:
    """A dataset's name as it fits a box."""
    if dataset.store in {"file", "s3"}:
        return "/".join(dataset.name.rstrip("/").split("/")[-2:])
    return dataset.name


@dataclass(frozen=True)
class Snapshot:
    """Lineage as of one moment.

    Args:
        at: the moment; None for now.
        edges: which dataset was made of which.
        column_edges: which column was made of which; an empty column name stands for all rows.
        facets: the newest facets of every dataset known by then.
        classes: classifications of columns by contract, for datasets whose events do not tell them.
        meanings: what columns mean by contract, likewise.
    """

    at: datetime | None
    edges: tuple[DatasetEdge, ...]
    column_edges: tuple[ColumnEdge, ...]
    facets: Mapping[DatasetName, Facets]
    classes: Mapping[Column, str] = field(default_factory=dict)
    meanings: Mapping[Column, str] = field(default_factory=dict)

    @cached_property
    def all_edges(self) -> tuple[DatasetEdge, ...]:
        """The edges between datasets, with those that only column lineage knows.

        So the collapsed graph of columns is always part of the graph of datasets.
        """
        collapsed = {
            DatasetEdge(each.source.dataset, each.target.dataset, each.job) for each in self.column_edges
        }
        return tuple(sorted({*self.edges, *collapsed}))

    @cached_property
    def datasets(self) -> tuple[DatasetName, ...]:
        """Every dataset, in the order of layers and names."""
        named = {each for edge in self.all_edges for each in (edge.source, edge.target)} | self.facets.keys()
        return tuple(sorted(named, key=lambda each: (layer_rank(layer_of(each)), each)))

    @cached_property
    def into(self) -> Mapping[DatasetName, Sequence[DatasetEdge]]:
        """The edges into each dataset."""
        return _grouped((edge.target, edge) for edge in self.all_edges)

    @cached_property
    def out_of(self) -> Mapping[DatasetName, Sequence[DatasetEdge]]:
        """The edges out of each dataset."""
        return _grouped((edge.source, edge) for edge in self.all_edges)

    @cached_property
    def columns_into(self) -> Mapping[Column, Sequence[ColumnEdge]]:
        """The edges into each column."""
        return _grouped((edge.target, edge) for edge in self.column_edges)

    @cached_property
    def columns_out_of(self) -> Mapping[Column, Sequence[ColumnEdge]]:
        """The edges out of each column."""
        return _grouped((edge.source, edge) for edge in self.column_edges)

    def fields(self, dataset: DatasetName) -> list[dict[str, Any]]:
        """The columns of a dataset: those its schema names, then those that only edges know."""
        known = {str(each["name"]): dict(each) for each in self._schema(dataset)}
        for name in self._edge_columns.get(dataset, ()):
            known.setdefault(name, {"name": name})
        return list(known.values())

    def classification(self, column: Column) -> str | None:
        """How personal a column is, by its events or its contract; None where neither says."""
        return self._tagged.get(column) or self.classes.get(column)

    def owner(self, dataset: DatasetName) -> str | None:
        """The team that answers for a dataset."""
        owners = self.facets.get(dataset, {}).get("ownership", {}).get("owners") or [{}]
        return str(owners[0]["name"]) if owners[0].get("name") else None

    def tags(self, dataset: DatasetName) -> list[str]:
        """Labels of the whole dataset."""
        tags = self.facets.get(dataset, {}).get("tags", {}).get("tags") or ()
        return [str(each.get("value", "")) for each in tags if not each.get("field")]

    def is_known(self, dataset: DatasetName) -> bool:
        """Whether any event had named the dataset by then."""
        return dataset in self.facets or dataset in self.into or dataset in self.out_of

    def _schema(self, dataset: DatasetName) -> list[dict[str, Any]]:
        found = self.facets.get(dataset, {}).get("schema", {}).get("fields") or ()
        return [each for each in found if isinstance(each, dict) and each.get("name")]

    @cached_property
    def _edge_columns(self) -> Mapping[DatasetName, Sequence[str]]:
        named = {each for edge in self.column_edges for each in (edge.source, edge.target) if each.name}
        return _grouped((each.dataset, each.name) for each in sorted(named))

    @cached_property
    def _tagged(self) -> Mapping[Column, str]:
        return {
            Column(dataset, str(each["field"])): str(each["value"])
            for dataset, facets in self.facets.items()
            for each in facets.get("tags", {}).get("tags") or ()
            if each.get("field") and each.get("key") == "classification"
        }


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> Mapping[Any, Sequence[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def around(
    snapshot: Snapshot,
    start: Iterable[DatasetName],
    up: int,
    down: int,
    opened: Iterable[tuple[str, DatasetName]] = (),
) -> dict[DatasetName, int]:
    """The datasets around some, by their signed distance (negative upstream).

    Args:
        snapshot: the lineage.
        start: where to begin.
        up: levels upstream at most.
        down: levels downstream at most.
        opened: further steps of one level, each ``up`` or ``down`` from a dataset.
    """
    found: dict[DatasetName, int] = {}
    for sign, depth in ((-1, up), (1, down)):
        level = list(dict.fromkeys(start))
        found.update(dict.fromkeys(level, 0))
        seen = set(level)
        for distance in range(1, depth + 1):
            level = sorted({each for node in level for each in _neighbours(snapshot, node, sign)} - seen)
            if not level:
                break
            seen.update(level)
            for node in level:
                found.setdefault(node, sign * distance)
    for way, node in opened:
        if node in found:
            sign = -1 if way == "up" else 1
            for each in _neighbours(snapshot, node, sign):
                found.setdefault(each, found[node] + sign)
    return found


def _neighbours(snapshot: Snapshot, node: DatasetName, sign: int) -> Iterator[DatasetName]:
    if sign < 0:
        yield from (edge.source for edge in snapshot.into.get(node, ()))
    else:
        yield from (edge.target for edge in snapshot.out_of.get(node, ()))


def shortest_path(
    snapshot: Snapshot, source: Column, target: Column, *, rows: bool = True
) -> list[ColumnEdge] | None:
    """The shortest way from one column down to another; None where there is none.

    Args:
        snapshot: the lineage.
        source: where values begin; with an empty name, any column of the dataset.
        target: where they end; with an empty name, any column of the dataset.
        rows: whether what only decides about rows or values (filters, joins) counts as a way.
    """
    came: dict[Column, ColumnEdge | None] = dict.fromkeys(_columns_of(snapshot, source))
    ends = set(_columns_of(snapshot, target))
    if rows:
        ends.add(Column(target.dataset, ""))
    level = [each for each in came if each not in ends]
    reached = next((each for each in came if each in ends), None)
    while level and reached is None:
        following = []
        for node in level:
            for edge in _following(snapshot, node):
                if edge.target in came or (not rows and edge.kind == "INDIRECT"):
                    continue
                came[edge.target] = edge
                following.append(edge.target)
        reached = next((each for each in following if each in ends), None)
        level = following
    if reached is None:
        return None
    way: list[ColumnEdge] = []
    while (edge_in := came[reached]) is not None:
        way.append(edge_in)
        reached = edge_in.source
    return way[::-1]


def _columns_of(snapshot: Snapshot, column: Column) -> list[Column]:
    if column.name:
        return [column]
    named = [Column(column.dataset, str(each["name"])) for each in snapshot.fields(column.dataset)]
    return [column, *named]


def _following(snapshot: Snapshot, column: Column) -> Iterator[ColumnEdge]:
    """The edges out of a column; what decides about all rows decides about each column of the dataset."""
    yield from snapshot.columns_out_of.get(column, ())
    if not column.name:
        for each in snapshot.fields(column.dataset):
            yield from snapshot.columns_out_of.get(Column(column.dataset, str(each["name"])), ())


def follow(
    snapshot: Snapshot, start: Iterable[Column], *, downstream: bool, indirect: bool = False
) -> tuple[dict[Column, int], list[ColumnEdge]]:
    """Every column before or after some columns, by distance, and the edges on the way.

    Args:
        snapshot: the lineage.
        start: where to begin.
        downstream: which way to go.
        indirect: also by what only decides about values.
    """
    found = dict.fromkeys(start, 0)
    level, edges = list(found), []
    while level:
        following: list[Column] = []
        for node in level:
            known = snapshot.columns_out_of if downstream else snapshot.columns_into
            for edge in known.get(node, ()):
                if edge.kind == "INDIRECT" and not indirect:
                    continue
                edges.append(edge)
                there = edge.target if downstream else edge.source
                if there not in found:
                    found[there] = found[node] + 1
                    following.append(there)
        level = following
    return found, edges


def identities(snapshot: Snapshot) -> Snapshot:
    """The lineage of values that are passed on as they are."""
    kept = tuple(
        edge for edge in snapshot.column_edges if edge.kind == "DIRECT" and edge.subtype == "IDENTITY"
    )
    return Snapshot(snapshot.at, (), kept, {})
