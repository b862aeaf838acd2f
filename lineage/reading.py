"""The reading side of the HTTP interface: search, graphs, paths, impact, differences, coverage, evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bilten.errors import DatasetUnknown, LineageError
from lineage import answers
from lineage.api import READER, SERVICE, Result, as_number, json_answer
from lineage.evidence import record
from lineage.graph import Column
from lineage.highlight import lines_of
from lineage.library import Library
from lineage.names import DatasetName, JobName
from lineage.questions import coverage, difference, impact, personal_flow
from lineage.refusals import Refusals
from lineage.searching import Found, search
from lineage.snapshot import Snapshot, around, follow, shortest_path
from lineage.tracing import Tracer

LIBRARY = web.AppKey("library", Library)
REFUSALS = web.AppKey("refusals", Refusals)
TRACER = web.AppKey("tracer", Tracer)
EVIDENCE = web.AppKey("evidence", Path)
"""Folder of the signing key and of the record of exports and traces."""
MOST_LEVELS = 100


def reading_routes() -> list[web.RouteDef]:
    """Every route that answers questions about the graph."""
    return [
        web.get("/api/v1/search", find),
        web.get("/api/v1/graph", show_graph),
        web.get("/api/v1/dataset", show_dataset),
        web.get("/api/v1/job", show_job),
        web.get("/api/v1/path", show_path),
        web.get("/api/v1/impact", show_impact),
        web.get("/api/v1/personal", show_personal),
        web.get("/api/v1/coverage", show_coverage),
        web.get("/api/v1/diff", show_difference),
        web.get("/api/v1/moments", show_moments),
        web.get("/api/v1/refused", show_refused),
        web.get("/api/v1/trace", show_trace),
    ]


async def find(request: web.Request) -> web.Response:
    """Everything that ``q`` may mean, best first."""
    text, limit = request.query.get("q", ""), as_number(request, "limit", 50, 1000)
    service = request.app[SERVICE]

    def ask() -> list[Found]:
        jobs = [JobName(row["namespace"], row["name"]) for row in service.lineage.store.jobs(limit=10_000)]
        found = search(snapshot_of(request), jobs, text, limit)
        if len(text) >= 8 and text.replace("-", "").isalnum():
            runs = service.lineage.store.run(text.strip().lower())
            named = [
                Found("run", text, 1000, job=JobName(r["job_namespace"], r["job_name"]), note=r["job_name"])
                for r in runs
            ]
            found = [*named, *found]
        return found

    results = await asyncio.to_thread(ask)
    return json_answer({"totalCount": len(results), "results": [answers.found(each) for each in results]})


async def show_graph(request: web.Request) -> web.Response:
    """The graph around ``node`` (repeatable), or all; ``up``, ``down``, ``columns``, ``open``, ``at``."""
    up = as_number(request, "up", 1, MOST_LEVELS, least=0)
    down = as_number(request, "down", 1, MOST_LEVELS, least=0)
    columns = request.query.get("columns", "1") not in {"0", "false", "no"}

    def ask() -> dict[str, Any]:
        snapshot = snapshot_of(request)
        start = [named_dataset(request, snapshot, text) for text in request.query.getall("node", [])]
        opened = [_opened(request, snapshot, text) for text in request.query.getall("open", [])]
        distances = (
            around(snapshot, start, up, down, opened) if start else dict.fromkeys(snapshot.datasets, 0)
        )
        if start and request.query.get("column"):
            # A column's path is shown whole, however few levels were asked for.
            column = Column(start[0], request.query["column"])
            for downstream in (False, True):
                path, _ = follow(snapshot, [column], downstream=downstream)
                for each, steps in path.items():
                    distances.setdefault(each.dataset, steps if downstream else -steps)
        return answers.graph(snapshot, distances, start, columns=columns)

    return json_answer(await asyncio.to_thread(ask))


async def show_dataset(request: web.Request) -> web.Response:
    """All that is known of ``node``; with ``column``, the lines of SQL that made it."""
    column = request.query.get("column", "")
    service = request.app[SERVICE]

    def ask() -> dict[str, Any]:
        snapshot = snapshot_of(request)
        name = named_dataset(request, snapshot, request.query.get("node", ""))
        answer = answers.dataset(snapshot, name)
        store = service.lineage.store
        writes = store.latest_writes((name.namespace, name.name), snapshot.at)
        states = {row["run_id"]: row for row in store.runs_named([row["run_id"] for row in writes])}
        told = ("state", "started_at", "ended_at", "error", "parent_run_id")
        answer["runs"] = [
            {**row, **{key: states[row["run_id"]][key] for key in told if row["run_id"] in states}}
            for row in writes
        ]
        jobs = sorted({edge.job for edge in snapshot.into.get(name, ())})
        answer["sql"] = [each for job in jobs if (each := _statement(store, job, column, snapshot.at))]
        return answer

    return json_answer(await asyncio.to_thread(ask))


def _statement(store: Any, job: JobName, column: str, at: datetime | None) -> dict[str, Any] | None:
    sql = store.sql_of((job.namespace, job.name), at)
    if sql is None:
        return None
    lines = lines_of(sql, column) if column else None
    return {
        "job": {"namespace": job.namespace, "name": job.name},
        "sql": sql,
        "lines": {"values": lines.values, "rows": lines.rows} if lines else None,
    }


async def show_job(request: web.Request) -> web.Response:
    """One job: what it reads and writes, its facets, its newest runs."""
    job = JobName(request.query.get("namespace", "bilten"), request.query.get("name", ""))
    service = request.app[SERVICE]

    def ask() -> dict[str, Any]:
        snapshot = snapshot_of(request)
        facets = service.lineage.store.job_facets((job.namespace, job.name))
        edges = [edge for edge in snapshot.all_edges if edge.job == job]
        runs = service.lineage.store.runs((job.namespace, job.name), 20)
        if not facets and not edges and not runs:
            raise DatasetUnknown(f"No event has named the job {job.name}.")
        return {
            "namespace": job.namespace,
            "name": job.name,
            "facets": facets,
            "inputs": [answers.identity(each) for each in sorted({edge.source for edge in edges})],
            "outputs": [answers.identity(each) for each in sorted({edge.target for edge in edges})],
            "runs": runs,
        }

    return json_answer(await asyncio.to_thread(ask))


async def show_path(request: web.Request) -> web.Response:
    """The shortest way from ``from`` (and ``from_column``) to ``to`` (and ``to_column``), if there is one."""
    query = request.query
    rows = query.get("rows", "1") not in {"0", "false", "no"}

    def ask() -> dict[str, Any]:
        snapshot = snapshot_of(request)
        source = Column(named_dataset(request, snapshot, query.get("from", "")), query.get("from_column", ""))
        target = Column(named_dataset(request, snapshot, query.get("to", "")), query.get("to_column", ""))
        way = shortest_path(snapshot, source, target, rows=rows)
        return {
            "from": answers.column(source),
            "to": answers.column(target),
            "found": way is not None,
            "edges": [answers.edge(each) for each in way or ()],
        }

    return json_answer(await asyncio.to_thread(ask))


async def show_impact(request: web.Request) -> web.Response:
    """What breaks if ``column`` of ``node`` is dropped; without a column, the dataset."""

    def ask(snapshot: Snapshot) -> dict[str, Any]:
        name = named_dataset(request, snapshot, request.query.get("node", ""))
        return answers.impact(impact(snapshot, Column(name, request.query.get("column", ""))))

    return await _answered(request, ask)


async def show_personal(request: web.Request) -> web.Response:
    """Where classified columns flow, where they are masked, and where not."""
    return await _answered(request, lambda snapshot: answers.personal(snapshot, personal_flow(snapshot)))


async def show_coverage(request: web.Request) -> web.Response:
    """How many transformations have lineage, and which columns could not be resolved."""
    return await _answered(request, lambda snapshot: answers.coverage(coverage(snapshot)))


async def show_difference(request: web.Request) -> web.Response:
    """What changed between ``before`` and ``after`` (now, without it)."""
    before = as_moment(request, "before")
    if before is None:
        raise LineageError(
            "`before` is missing.", why="A difference needs two moments.", remedy="Give `before` as a time."
        )
    after = as_moment(request, "after")
    library = request.app[LIBRARY]

    def ask() -> dict[str, Any]:
        changed = difference(library.snapshot(before), library.snapshot(after))
        return {"before": before, "after": after, **answers.difference(changed)}

    return json_answer(await asyncio.to_thread(ask))


async def show_moments(request: web.Request) -> web.Response:
    """How many events each hour has seen: what the slider through time shows."""
    moments = await asyncio.to_thread(request.app[SERVICE].lineage.store.moments)
    return json_answer({"moments": moments})


async def show_refused(request: web.Request) -> web.Response:
    """Events that were refused, newest first, with the reasons."""
    limit = as_number(request, "limit", 100, 1000)
    found = await asyncio.to_thread(request.app[REFUSALS].newest, limit)
    return json_answer({"refused": [asdict(each) for each in found]})


async def show_trace(request: web.Request) -> web.Response:
    """What is behind ``figure`` of the row ``key`` of ``mart``; without a key, or with ``query``, rows to
    choose from.
    """
    tracer, query, reader = request.app[TRACER], request.query, request[READER]

    def ask() -> dict[str, Any]:
        if "query" in query:
            return tracer.asked(query["query"], reader)
        mart, figure = query.get("mart", "").removeprefix("marts."), query.get("figure", "")
        key = as_key(request)
        if not key:
            return tracer.rows(mart, reader)
        question = {"mart": mart, "key": dict(key), "figure": figure}
        entry = {"at": datetime.now(UTC), "format": "trace", "by": reader.name, "question": question}
        # Whoever looks at single rows is recorded, before they see them.
        record.note(request.app[EVIDENCE] / "exports.jsonl", entry)
        return tracer.trace(mart, key, figure, reader)

    return json_answer(await asyncio.to_thread(ask))


def as_key(request: web.Request) -> list[tuple[str, str]]:
    """The key of a row that the request gives, each part as ``column=value``."""
    return [
        (name, value) for each in request.query.getall("key", []) for name, _, value in (each.partition("="),)
    ]


async def _answered(request: web.Request, ask: Callable[[Snapshot], Result]) -> web.Response:
    return json_answer(await asyncio.to_thread(lambda: ask(snapshot_of(request))))


def snapshot_of(request: web.Request) -> Snapshot:
    """Lineage now, as of ``at``, or as of the end of the run ``run``."""
    library = request.app[LIBRARY]
    if run := request.query.get("run"):
        return library.snapshot(library.run_moment(run))
    return library.snapshot(as_moment(request, "at"))


def as_moment(request: web.Request, name: str) -> datetime | None:
    """A time that the request gives, in UTC unless it says otherwise.

    Raises:
        LineageError: it is none.
    """
    text = request.query.get(name, "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError as error:
        raise LineageError(
            f"`{name}` cannot be {text!r}.",
            why="It is not a time.",
            remedy="Write it as 2026-03-29T01:00:00Z.",
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def named_dataset(request: web.Request, snapshot: Snapshot, text: str) -> DatasetName:
    """The dataset that somebody means, which must have been known at the moment asked for."""
    name = request.app[SERVICE].lineage.find(text)
    if not snapshot.is_known(name):
        raise DatasetUnknown(
            f"{name.name} was not known then.",
            why="No event until that moment names it.",
            remedy="Choose a later moment.",
        )
    return name


def _opened(request: web.Request, snapshot: Snapshot, text: str) -> tuple[str, DatasetName]:
    way, _, node = text.partition(":")
    if way not in {"up", "down"}:
        raise LineageError(f"`open` cannot be {text!r}.", why="It reads `up:<node>` or `down:<node>`.")
    return way, named_dataset(request, snapshot, node)
