"""Marquez's reading paths, answered from the same snapshot, so that its users' scripts go on working."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from bilten.errors import DatasetUnknown
from lineage.api import SERVICE, as_number, json_answer, show_lineage
from lineage.graph import DatasetEdge
from lineage.names import DatasetName, JobName
from lineage.reading import named_dataset, snapshot_of
from lineage.snapshot import Snapshot, around, label_of

Json = dict[str, Any]


def marquez_routes() -> list[web.RouteDef]:
    """The routes that Marquez has as well."""
    return [
        web.get("/api/v1/lineage", lineage),
        web.get("/api/v1/namespaces/{namespace}/datasets", datasets),
        web.get("/api/v1/namespaces/{namespace}/datasets/{dataset}", dataset),
        web.get("/api/v1/namespaces/{namespace}/jobs", jobs),
        web.get("/api/v1/namespaces/{namespace}/jobs/{job}", job),
        web.get("/api/v1/namespaces/{namespace}/jobs/{job}/runs", runs),
    ]


async def lineage(request: web.Request) -> web.Response:
    """The graph of ``node`` with its columns, or, asked with ``nodeId``, as Marquez answers it."""
    text = request.query.get("nodeId")
    if text is None:
        return await show_lineage(request)
    depth = as_number(request, "depth", 20, 100)

    def ask() -> Json:
        snapshot = snapshot_of(request)
        if text.startswith("job:"):
            namespace, _, name = text.removeprefix("job:").rpartition(":")
            return lineage_graph(snapshot, JobName(namespace, name), depth)
        return lineage_graph(snapshot, named_dataset(request, snapshot, text), depth)

    return json_answer(await asyncio.to_thread(ask))


async def datasets(request: web.Request) -> web.Response:
    """The datasets of a namespace, as Marquez lists them."""
    namespace = request.match_info["namespace"]
    limit, offset = as_number(request, "limit", 100, 10_000), as_number(request, "offset", 0, 10**9, least=0)
    snapshot = await asyncio.to_thread(snapshot_of, request)
    found = [each for each in snapshot.datasets if each.namespace == namespace]
    page = [_dataset(snapshot, each) for each in found[offset : offset + limit]]
    return json_answer({"totalCount": len(found), "datasets": page})


async def dataset(request: web.Request) -> web.Response:
    """One dataset, as Marquez shows it."""
    snapshot = await asyncio.to_thread(snapshot_of, request)
    name = DatasetName(request.match_info["namespace"], request.match_info["dataset"])
    if not snapshot.is_known(name):
        raise DatasetUnknown(f"No event has named {name.node}.")
    return json_answer(_dataset(snapshot, name))


async def jobs(request: web.Request) -> web.Response:
    """The jobs of a namespace, as Marquez lists them."""
    namespace = request.match_info["namespace"]
    limit, offset = as_number(request, "limit", 100, 10_000), as_number(request, "offset", 0, 10**9, least=0)
    snapshot = await asyncio.to_thread(snapshot_of, request)
    rows = await asyncio.to_thread(request.app[SERVICE].lineage.store.jobs, "", 10_000)
    found = [row for row in rows if row["namespace"] == namespace]
    page = [_job(snapshot, row) for row in found[offset : offset + limit]]
    return json_answer({"totalCount": len(found), "jobs": page})


async def job(request: web.Request) -> web.Response:
    """One job, as Marquez shows it."""
    snapshot = await asyncio.to_thread(snapshot_of, request)
    namespace, name = request.match_info["namespace"], request.match_info["job"]
    rows = await asyncio.to_thread(request.app[SERVICE].lineage.store.jobs, name, 10_000)
    for row in rows:
        if (row["namespace"], row["name"]) == (namespace, name):
            return json_answer(_job(snapshot, row))
    raise DatasetUnknown(f"No event has named the job {name}.")


async def runs(request: web.Request) -> web.Response:
    """The newest runs of a job, as Marquez lists them."""
    key = (request.match_info["namespace"], request.match_info["job"])
    limit = as_number(request, "limit", 100, 10_000)
    rows = await asyncio.to_thread(request.app[SERVICE].lineage.store.runs, key, limit)
    found = [
        {
            "id": row["run_id"],
            "createdAt": row["started_at"],
            "state": {"COMPLETE": "COMPLETED", "FAIL": "FAILED", "ABORT": "ABORTED"}.get(
                row["state"], "RUNNING"
            ),
            "startedAt": row["started_at"],
            "endedAt": row["ended_at"],
            "durationMs": _milliseconds(row["started_at"], row["ended_at"]),
        }
        for row in rows
    ]
    return json_answer({"runs": found})


def lineage_graph(snapshot: Snapshot, start: DatasetName | JobName, depth: int) -> Json:
    """The graph around a dataset or job as Marquez answers it: datasets and jobs as nodes."""
    if isinstance(start, JobName):
        near = {
            each for edge in snapshot.all_edges if edge.job == start for each in (edge.source, edge.target)
        }
    else:
        near = {start}
    distances = around(snapshot, sorted(near), depth, depth)
    inside = [e for e in snapshot.all_edges if e.source in distances and e.target in distances]
    into: dict[str, set[tuple[str, str]]] = {}
    out: dict[str, set[tuple[str, str]]] = {}
    for edge in inside:
        for origin, destination in _halves(edge):
            out.setdefault(origin, set()).add((origin, destination))
            into.setdefault(destination, set()).add((origin, destination))
    nodes: list[Json] = [
        {"id": name.node, "type": "DATASET", "data": _dataset(snapshot, name)} for name in distances
    ]
    nodes += [
        {"id": _job_node(each), "type": "JOB", "data": {"namespace": each.namespace, "name": each.name}}
        for each in sorted({edge.job for edge in inside})
    ]
    for node in nodes:
        for key, known in (("inEdges", into), ("outEdges", out)):
            node[key] = [{"origin": o, "destination": d} for o, d in sorted(known.get(node["id"], ()))]
    return {"graph": sorted(nodes, key=lambda each: str(each["id"]))}


def _halves(edge: DatasetEdge) -> tuple[tuple[str, str], tuple[str, str]]:
    middle = _job_node(edge.job)
    return (edge.source.node, middle), (middle, edge.target.node)


def _job_node(name: JobName) -> str:
    return f"job:{name.namespace}:{name.name}"


def _dataset(snapshot: Snapshot, name: DatasetName) -> Json:
    facets = snapshot.facets.get(name, {})
    return {
        "id": {"namespace": name.namespace, "name": name.name},
        "type": "DB_TABLE" if name.store != "kafka" else "STREAM",
        "name": name.name,
        "physicalName": name.name,
        "namespace": name.namespace,
        "sourceName": name.namespace,
        "label": label_of(name),
        "fields": [
            {
                "name": each["name"],
                "type": each.get("type"),
                "description": each.get("description"),
                "tags": [],
            }
            for each in snapshot.fields(name)
        ],
        "tags": snapshot.tags(name),
        "description": facets.get("documentation", {}).get("description"),
        "updatedAt": facets.get("", facets.get("schema", {})).get("_at"),
        "deleted": False,
    }


def _job(snapshot: Snapshot, row: Mapping[str, Any]) -> Json:
    edges = [
        e for e in snapshot.all_edges if (e.job.namespace, e.job.name) == (row["namespace"], row["name"])
    ]
    names = [sorted({e.source for e in edges}), sorted({e.target for e in edges})]
    inputs, outputs = ([{"namespace": n.namespace, "name": n.name} for n in side] for side in names)
    return {
        "id": {"namespace": row["namespace"], "name": row["name"]},
        "type": "STREAM" if row["processing"] == "STREAMING" else "BATCH",
        "name": row["name"],
        "simpleName": row["name"],
        "namespace": row["namespace"],
        "createdAt": row["first_seen"],
        "updatedAt": row["last_seen"],
        "inputs": inputs,
        "outputs": outputs,
        "description": row["description"],
    }


def _milliseconds(begun: datetime, ended: datetime | None) -> int | None:
    return round((ended - begun).total_seconds() * 1000) if ended else None
