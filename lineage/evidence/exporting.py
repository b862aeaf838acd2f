"""From a question to what is exported: the graph as JSON, tables as CSV, and the events behind both."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bilten.errors import LineageError
from lineage import answers
from lineage.evidence.bundle import Content
from lineage.evidence.report import Section, make_report
from lineage.graph import Column, ColumnEdge
from lineage.names import DatasetName
from lineage.snapshot import Snapshot, around, follow, label_of
from warehouse.lineage_store import LineageStore

MOST_EVENTS: Final = 20_000
"""Events of one bundle; a longer period is exported in parts."""


@dataclass(frozen=True)
class Request:
    """What somebody wants to have exported.

    Args:
        node: the dataset; None for a period's events with the whole graph at its end.
        column: one column of it, empty for all.
        up: levels upstream.
        down: levels downstream.
        since: begin of a period.
        until: its end.
    """

    node: DatasetName | None
    column: str = ""
    up: int = 100
    down: int = 0
    since: datetime | None = None
    until: datetime | None = None


def content(
    snapshot: Snapshot,
    store: LineageStore,
    request: Request,
    now: datetime | None = None,
    *,
    pages: bool = True,
) -> Content:
    """Everything that a bundle is made of.

    Args:
        snapshot: lineage as of the moment in question.
        store: where the events are.
        request: what is wanted.
        now: when it is exported.
        pages: whether a PDF is wanted among the files.

    Raises:
        LineageError: neither a dataset nor a period is given, or the period has too many events.
    """
    distances, column_edges = selected(snapshot, request)
    names = sorted(distances)
    if request.since is not None and request.until is not None:
        events = store.events_between(request.since, request.until, MOST_EVENTS + 1)
    elif request.node is not None:
        jobs = {
            edge.job for name in names for edge in snapshot.into.get(name, ()) if edge.source in distances
        }
        events = store.newest_events(
            sorted((job.namespace, job.name) for job in jobs), snapshot.at, MOST_EVENTS + 1
        )
    else:
        raise LineageError(
            "Nothing to export was named.",
            why="Neither a dataset nor a period was given.",
            remedy="Give `node`, or `since` and `until`.",
        )
    if len(events) > MOST_EVENTS:
        raise LineageError(
            f"There are more than {MOST_EVENTS:,} events.",
            why="A bundle is read and verified as a whole.",
            remedy="Export a shorter period.",
        )
    question = {
        "node": request.node.node if request.node else None,
        "column": request.column or None,
        "at": snapshot.at,
        "since": request.since,
        "until": request.until,
        "exportedAt": now or datetime.now(UTC),
    }
    start = [request.node] if request.node else []
    graph = answers.graph(snapshot, distances, start, columns=True)
    made = files(snapshot, names, graph, column_edges)
    if pages:
        sections = _sections(snapshot, names, graph, column_edges)
        made["report.pdf"] = make_report(_title(request), question, sections)
    return Content([text for _, text in events], made, question)


def _title(request: Request) -> str:
    if request.node is None:
        return f"Lineage from {request.since} to {request.until}"
    return f"Lineage of {label_of(request.node)}" + (f".{request.column}" if request.column else "")


def _sections(
    snapshot: Snapshot,
    names: Iterable[DatasetName],
    graph: Mapping[str, Any],
    column_edges: Iterable[ColumnEdge],
) -> list[Section]:
    labels = {each["id"]: each["label"] for each in graph["nodes"]}
    datasets = [(label_of(name), name.namespace, *_facts(snapshot, name)) for name in names]
    edges = [
        (labels[each["source"]], labels[each["target"]], ", ".join(each["jobs"])) for each in graph["edges"]
    ]
    columns = [
        (
            f"{label_of(edge.source.dataset)}.{edge.source.name}",
            f"{label_of(edge.target.dataset)}.{edge.target.name or 'all rows'}",
            f"{edge.kind} {edge.subtype}{' masked' if edge.masking else ''}".lower(),
            edge.job.name,
        )
        for edge in column_edges
    ]
    return [
        Section("Datasets", ("Dataset", "Store", "Owner", "Version", "Rows", "Written by run"), datasets),
        Section("Made of each other", ("From", "To", "By"), edges),
        Section("Columns", ("From", "To", "How", "By"), columns),
    ]


def _facts(snapshot: Snapshot, name: DatasetName) -> tuple[object, ...]:
    facets = snapshot.facets.get(name, {})
    return (
        snapshot.owner(name) or "",
        facets.get("version", {}).get("datasetVersion") or "",
        facets.get("outputStatistics", {}).get("rowCount", ""),
        facets.get("written", {}).get("runId", ""),
    )


def selected(snapshot: Snapshot, request: Request) -> tuple[Mapping[DatasetName, int], Sequence[ColumnEdge]]:
    """The datasets and the edges between columns that a request is about."""
    if request.node is None:
        return dict.fromkeys(snapshot.datasets, 0), snapshot.column_edges
    if not request.column:
        distances = around(snapshot, [request.node], request.up, request.down)
        inside = [
            edge
            for edge in snapshot.column_edges
            if edge.source.dataset in distances and edge.target.dataset in distances
        ]
        return distances, inside
    found: dict[DatasetName, int] = {request.node: 0}
    edges: set[ColumnEdge] = set()
    for downstream, wanted in ((False, request.up), (True, request.down)):
        if wanted:
            reached, ways = follow(
                snapshot, [Column(request.node, request.column)], downstream=downstream, indirect=True
            )
            edges.update(ways)
            for column, steps in reached.items():
                found.setdefault(column.dataset, steps if downstream else -steps)
    return found, sorted(edges)


def files(
    snapshot: Snapshot,
    names: Iterable[DatasetName],
    graph: Mapping[str, Any],
    column_edges: Iterable[ColumnEdge],
) -> dict[str, bytes]:
    """The files for people and programs: one JSON, three CSV."""
    datasets = [(name.namespace, name.name, *_facts(snapshot, name)) for name in names]
    ways = [
        (
            *(edge.source.dataset.namespace, edge.source.dataset.name, edge.source.name),
            *(edge.target.dataset.namespace, edge.target.dataset.name, edge.target.name),
            *(edge.kind, edge.subtype, str(edge.masking).lower(), edge.job.namespace, edge.job.name),
        )
        for edge in column_edges
    ]
    pairs = [(each["source"], each["target"], " ".join(each["jobs"])) for each in graph["edges"]]
    source = ("source_namespace", "source_name", "source_column")
    target = ("target_namespace", "target_name", "target_column")
    way = ("kind", "subtype", "masking", "job_namespace", "job_name")
    return {
        "graph.json": (json.dumps(graph, indent=1, default=_plain, ensure_ascii=False) + "\n").encode(),
        "datasets.csv": table(("namespace", "name", "owner", "version", "rows", "run"), datasets),
        "edges.csv": table(("source", "target", "jobs"), pairs),
        "column_edges.csv": table((*source, *target, *way), ways),
    }


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV; what a spreadsheet would take for a formula is kept from being one."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return target.getvalue().encode()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
