"""The service's page: the datasets, and what is before and after the chosen one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bilten.errors import BiltenError
from lineage.api import SERVICE, Service, status_of
from lineage.drawing import draw
from lineage.graph import Column, ColumnEdge, DatasetEdge, Graph
from lineage.names import DatasetName

STORES = {
    "postgres": "PostgreSQL",
    "kafka": "Kafka",
    "clickhouse": "warehouse",
    "file": "Iceberg",
    "s3": "Iceberg",
}
ORDER = ("postgres", "kafka", "raw", "ods", "staging", "intermediate", "build", "marts")
RUNS_SHOWN = 8

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "pages"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


def page_routes() -> list[web.RouteDef]:
    """The page's route."""
    return [web.get("/", show_page)]


async def show_page(request: web.Request) -> web.Response:
    """The page for ``dataset`` (a name or node) and ``column``; the list alone without them."""
    service = request.app[SERVICE]
    asked = request.query.get("dataset", "")
    column = request.query.get("column") or None
    search = request.query.get("search", "")
    health = await service.in_outbox(lambda: service.outbox.state(service.receivers))
    values: dict[str, Any] = {
        "search": search,
        "asked": asked,
        "receivers": health,
        "error": None,
        "groups": [],
    }
    status = 200
    try:
        values |= await asyncio.to_thread(_content, service, asked, column, search)
    except BiltenError as error:
        values["error"], status = error, status_of(error)
    text = _environment.get_template("lineage.html").render(**values)
    return web.Response(text=text, status=status, content_type="text/html")


def layer_of(dataset: DatasetName) -> str:
    """The layer that a dataset is listed under."""
    if dataset.store in {"file", "s3"}:
        return "bronze"
    return dataset.name.partition(".")[0] if dataset.store == "clickhouse" else dataset.store


def short_name(dataset: DatasetName) -> str:
    """A dataset's name as it fits a box."""
    if dataset.store in {"file", "s3"}:
        return "…/" + "/".join(dataset.name.rstrip("/").split("/")[-2:])
    return dataset.name.partition(".")[2] if dataset.store == "clickhouse" else dataset.name


def link(dataset: DatasetName, column: str | None = None) -> str:
    """The page of a dataset, or of one of its columns."""
    return "?" + urlencode({"dataset": dataset.node, **({"column": column} if column else {})})


def ago(then: datetime | None, now: datetime | None = None) -> str:
    """How long something is ago, in words."""
    if then is None:
        return "never"
    seconds = int(((now or datetime.now(then.tzinfo)) - then).total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _content(service: Service, asked: str, column: str | None, search: str) -> dict[str, Any]:
    listed = [DatasetName(row["namespace"], row["name"]) for row in service.lineage.store.datasets(search)]
    groups: dict[str, list[DatasetName]] = {}
    for dataset in listed:
        groups.setdefault(layer_of(dataset), []).append(dataset)
    order = {layer: position for position, layer in enumerate(ORDER)}
    values: dict[str, Any] = {
        "groups": sorted(groups.items(), key=lambda item: (order.get(item[0], len(ORDER)), item[0])),
        "total": len(listed),
    }
    if asked:
        values |= _chosen(service, service.lineage.find(asked), column)
    return values


def _chosen(service: Service, chosen: DatasetName, column: str | None) -> dict[str, Any]:
    lineage = service.lineage
    up, down = lineage.graph([chosen], "upstream"), lineage.graph([chosen], "downstream")
    graph = Graph(
        up.start, {**down.nodes, **up.nodes}, tuple({*up.edges, *down.edges}), up.complete and down.complete
    )
    shown: dict[DatasetName, tuple[str, ...]] = {}
    focus = None
    origins: list[ColumnEdge] = []
    if column is not None:
        start = [Column(chosen, column)]
        before, after = lineage.column_graph(start, "upstream"), lineage.column_graph(start, "downstream")
        path = [*before.nodes, *after.nodes]
        shown = _by_dataset(path)
        focus = set(shown)
        origins = sorted(edge for edge in before.edges if edge.target == start[0])
        graph = _with_column_edges(graph, [*before.edges, *after.edges])
    facets = lineage.facets([chosen])[chosen]
    writer = facets.get("written", {})
    job = (writer.get("namespace", ""), writer.get("job", ""))
    runs = lineage.store.runs(job, RUNS_SHOWN) if job[1] else []
    flows = facets.get("columnLineage", {}).get("fields", {})
    return {
        "chosen": chosen,
        "column": column,
        "drawing": draw(graph, shown, focus),
        "facets": facets,
        "fields": facets.get("schema", {}).get("fields", []),
        "origins": origins,
        "flows": {name: len(each.get("inputFields", [])) for name, each in flows.items()},
        "unresolved": {
            each["column"]: each["reason"]
            for each in facets.get("bilten_unresolvedColumns", {}).get("columns", [])
        },
        "classes": {
            each["field"]: each["value"]
            for each in facets.get("tags", {}).get("tags", [])
            if each.get("field") and each.get("key") == "classification"
        },
        "assertions": facets.get("dataQualityAssertions", {}).get("assertions", []),
        "runs": runs,
        "job": job[1],
    }


def _by_dataset(columns: Sequence[Column]) -> dict[DatasetName, tuple[str, ...]]:
    found: dict[DatasetName, list[str]] = {}
    for column in sorted(set(columns)):
        names = found.setdefault(column.dataset, [])
        if column.name:
            names.append(column.name)
    return {dataset: tuple(names) for dataset, names in found.items()}


def _with_column_edges(
    graph: Graph[DatasetName, DatasetEdge], edges: Sequence[ColumnEdge]
) -> Graph[DatasetName, DatasetEdge]:
    """The same graph with what only column lineage knows."""
    further = {DatasetEdge(edge.source.dataset, edge.target.dataset, edge.job) for edge in edges}
    nodes = {**{each: 0 for edge in further for each in (edge.source, edge.target)}, **graph.nodes}
    return Graph(graph.start, nodes, tuple({*graph.edges, *further}), graph.complete)


_environment.globals.update(short_name=short_name, layer_of=layer_of, link=link, ago=ago, stores=STORES)
