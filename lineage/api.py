"""The service's HTTP interface: OpenLineage's for writing, a small one for reading."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar, cast

from aiohttp import web

from bilten.errors import (
    BiltenError,
    DatasetUnknown,
    EventRefused,
    LineageError,
    ReadingRefused,
    SignInFailed,
    WarehouseError,
)
from lineage.events import as_json
from lineage.facets import SCHEMAS
from lineage.graph import Column, ColumnEdge, DatasetEdge, Direction, Graph
from lineage.names import DatasetName, Names
from lineage.outbox import Outbox, event_identifier
from lineage.receipt import receive
from lineage.refusals import Refusals
from lineage.store import Lineage
from warehouse.access.identity import Reader

MAXIMUM_BODY_BYTES = 64 * 1024 * 1024
MOST_ROWS = 10_000

Result = TypeVar("Result")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Service:
    """What the handlers share.

    Args:
        names: how datasets are named here.
        outbox: where events are kept.
        lineage: what can be asked.
        receivers: names of those who get the events.
        refusals: where refused events are kept aside.
        pool: the one thread that writes to the outbox.
        arrived: set when an event came in, so that delivery begins at once.
    """

    names: Names
    outbox: Outbox
    lineage: Lineage
    receivers: tuple[str, ...]
    refusals: Refusals
    pool: ThreadPoolExecutor
    arrived: asyncio.Event

    async def in_outbox(self, work: Callable[[], Result]) -> Result:
        """Do something with the outbox without holding the event loop up."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)

    async def wait(self, seconds: float) -> None:
        """Wait for the next event, but not longer than asked."""
        try:
            async with asyncio.timeout(seconds):
                await self.arrived.wait()
        except TimeoutError:
            return
        self.arrived.clear()


SERVICE = web.AppKey("service", Service)
READER = web.RequestKey("reader", Reader)
"""Who asks; every reading request has it (`lineage.entrance`)."""


def routes() -> list[web.RouteDef]:
    """Every route of the interface."""
    return [
        web.post("/api/v1/lineage", take_event),
        web.post("/api/v1/lineage/batch", take_batch),
        web.get("/api/v1/namespaces", list_namespaces),
        web.get("/api/v1/datasets", list_datasets),
        web.get("/api/v1/jobs", list_jobs),
        web.get("/api/v1/runs", list_runs),
        web.get("/api/v1/runs/{run}", show_run),
        web.get("/api/v1/facets/{name}", show_schema),
        web.get("/health", health),
    ]


@web.middleware
async def explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn the platform's errors into answers that say what, why and what next."""
    try:
        return await handler(request)
    except BiltenError as error:
        answer = json_answer(error.as_dict(), status_of(error))
        if answer.status == 503:
            answer.headers["Retry-After"] = "5"
        return answer


def status_of(error: BiltenError) -> int:
    """The HTTP status that says what an error means to the caller."""
    if isinstance(error, EventRefused):
        return 422
    if isinstance(error, DatasetUnknown):
        return 404
    if isinstance(error, SignInFailed):
        return 401
    if isinstance(error, ReadingRefused):
        return 403
    # A store that has no tables yet refuses as well; it gets them as soon as it takes the first events.
    if error.retryable or isinstance(error, WarehouseError):
        return 503
    return 400 if isinstance(error, LineageError) else 500


async def take_event(request: web.Request) -> web.Response:
    """Keep one event; 201 means that it is on the disk."""
    service = request.app[SERVICE]
    data = await _event_body(request)
    try:
        event = receive(service.names, data)
    except EventRefused as error:
        reason = error.why
        await service.in_outbox(lambda: service.refusals.keep(data, reason))
        raise
    identifier = event_identifier(as_json(event))
    await service.in_outbox(lambda: service.outbox.append([event]))
    service.arrived.set()
    return json_answer({"eventId": identifier}, 201)


async def take_batch(request: web.Request) -> web.Response:
    """Keep the good events of a list, and say of the others why not."""
    service = request.app[SERVICE]
    events = await _event_body(request)
    if not isinstance(events, list):
        raise EventRefused("The batch is not a list of events.", why="The body must be a JSON array.")
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    for index, event in enumerate(events):
        try:
            good.append(receive(service.names, event))
        except EventRefused as error:
            bad.append({"index": index, "reason": error.why, "retriable": False})

    def keep() -> None:
        service.outbox.append(good)
        for each in bad:
            service.refusals.keep(events[each["index"]], each["reason"])

    await service.in_outbox(keep)
    service.arrived.set()
    summary = {
        "received": len(events),
        "successful": len(good),
        "failed": len(bad),
        "retriable": 0,
        "non_retriable": len(bad),
    }
    status = "partial_success" if bad else "success"
    return json_answer({"status": status, "summary": summary, "failed_events": bad})


async def show_lineage(request: web.Request) -> web.Response:
    """The graph around a dataset (``node``), or its columns (``columns``, ``column``), as deep as asked.

    With ``rows``, also by what decides about rows.
    """
    service = request.app[SERVICE]
    direction = _direction(request)
    depth = as_number(request, "depth", 20, 100)
    node, column = request.query.get("node", ""), request.query.get("column")
    by_columns = column is not None or _yes(request, "columns")
    rows = _yes(request, "rows")

    def ask() -> dict[str, Any]:
        dataset = service.lineage.find(node)
        if not by_columns:
            return dataset_graph_json(service.lineage.graph([dataset], direction, depth))
        start = [Column(dataset, column)] if column is not None else service.lineage.columns(dataset)
        return column_graph_json(service.lineage.column_graph(start, direction, depth, rows=rows))

    return json_answer({"direction": direction, **await asyncio.to_thread(ask)})


async def list_namespaces(request: web.Request) -> web.Response:
    """Every namespace."""
    found = await asyncio.to_thread(request.app[SERVICE].lineage.store.namespaces)
    return json_answer({"namespaces": found})


async def list_datasets(request: web.Request) -> web.Response:
    """Datasets whose name contains ``search``."""
    search, limit = request.query.get("search", ""), as_number(request, "limit", 1000, MOST_ROWS)
    found = await asyncio.to_thread(request.app[SERVICE].lineage.store.datasets, search, limit)
    return json_answer(
        {"datasets": [{"node": DatasetName(row["namespace"], row["name"]).node, **row} for row in found]}
    )


async def list_jobs(request: web.Request) -> web.Response:
    """Jobs whose name contains ``search``."""
    search, limit = request.query.get("search", ""), as_number(request, "limit", 1000, MOST_ROWS)
    return json_answer(
        {"jobs": await asyncio.to_thread(request.app[SERVICE].lineage.store.jobs, search, limit)}
    )


async def list_runs(request: web.Request) -> web.Response:
    """The newest runs, of the job ``namespace`` and ``job`` or of all."""
    job = (request.query.get("namespace", ""), request.query.get("job", ""))
    limit = as_number(request, "limit", 100, MOST_ROWS)
    found = await asyncio.to_thread(request.app[SERVICE].lineage.store.runs, job if any(job) else None, limit)
    return json_answer({"runs": found})


async def show_run(request: web.Request) -> web.Response:
    """The events of one run."""
    run = request.match_info["run"]
    events = await asyncio.to_thread(request.app[SERVICE].lineage.store.events, run)
    if not events:
        raise DatasetUnknown(f"No event of the run {run} has arrived.", remedy="Run `bilten lineage outbox`.")
    return json_answer({"runId": run, "events": events})


async def show_schema(request: web.Request) -> web.Response:
    """The JSON schema of one of the platform's own facets."""
    name = request.match_info["name"].removesuffix(".json")
    known = {path.stem: path for path in SCHEMAS.glob("*.json")}
    if name not in known:
        raise web.HTTPNotFound(text="There is no such facet.")
    return web.Response(text=known[name].read_text(), content_type="application/schema+json")


async def health(request: web.Request) -> web.Response:
    """Whether events can be taken, and how each receiver stands."""
    service = request.app[SERVICE]
    states = await service.in_outbox(lambda: service.outbox.state(service.receivers))
    return json_answer(
        {
            "status": "ok",
            "receivers": [
                {
                    "name": state.receiver,
                    "waiting": state.waiting,
                    "delivered": state.delivered,
                    "refused": state.refused,
                    "oldest_waiting": state.oldest_waiting,
                    "last_delivery": state.last_delivery,
                    "error": state.last_error,
                }
                for state in states
            ],
        }
    )


def dataset_graph_json(graph: Graph[DatasetName, DatasetEdge]) -> dict[str, Any]:
    """A graph of datasets as JSON data."""
    return {
        "start": [name.node for name in graph.start],
        "complete": graph.complete,
        "nodes": [
            {"id": name.node, "namespace": name.namespace, "name": name.name, "distance": distance}
            for name, distance in sorted(graph.nodes.items())
        ],
        "edges": [
            {
                "source": edge.source.node,
                "target": edge.target.node,
                "job": f"{edge.job.namespace}:{edge.job.name}",
            }
            for edge in graph.edges
        ],
    }


def column_graph_json(graph: Graph[Column, ColumnEdge]) -> dict[str, Any]:
    """A graph of columns as JSON data."""

    def one(column: Column) -> dict[str, str]:
        return {"dataset": column.dataset.node, "column": column.name}

    return {
        "start": [one(column) for column in graph.start],
        "complete": graph.complete,
        "nodes": [{**one(column), "distance": distance} for column, distance in sorted(graph.nodes.items())],
        "edges": [
            {
                "source": one(edge.source),
                "target": one(edge.target),
                "job": f"{edge.job.namespace}:{edge.job.name}",
                "kind": edge.kind,
                "subtype": edge.subtype,
                "masking": edge.masking,
            }
            for edge in graph.edges
        ],
    }


async def json_body(request: web.Request) -> Any:
    """The body of a request.

    Raises:
        EventRefused: it is not JSON.
    """
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise EventRefused("The body is not JSON.", why=f"{error}.") from error


async def _event_body(request: web.Request) -> Any:
    try:
        return await json_body(request)
    except EventRefused as error:
        service, raw, reason = request.app[SERVICE], await request.read(), f"{error.what} {error.why}"
        await service.in_outbox(lambda: service.refusals.keep(raw, reason))
        raise


def _direction(request: web.Request) -> Direction:
    direction = request.query.get("direction", "upstream")
    if direction not in {"upstream", "downstream"}:
        raise LineageError(
            f"{direction!r} is no direction.",
            why="Lineage has two.",
            remedy="Ask for `upstream` or `downstream`.",
        )
    return cast("Direction", direction)


def _yes(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() in {"1", "true", "yes"}


def as_number(request: web.Request, name: str, default: int, most: int, least: int = 1) -> int:
    """A whole number that the request gives.

    Raises:
        LineageError: it is none, or out of range.
    """
    text = request.query.get(name, str(default))
    if not text.isdigit() or not least <= int(text) <= most:
        raise LineageError(
            f"`{name}` cannot be {text!r}.",
            why="It is out of range.",
            remedy=f"Choose a whole number from {least} to {most}.",
        )
    return int(text)


def json_answer(data: object, status: int = 200) -> web.Response:
    """Data as a JSON answer; times are in ISO 8601."""
    text = json.dumps(data, default=_plain, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
