"""The HTTP interface, described for programs: OpenAPI 3.1, made from the routes themselves.

A route without a description here is an error at start, so the document cannot fall behind.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any, Final

from aiohttp import web

from bilten.errors import LineageError

Json = dict[str, Any]

_TIME: Final = {"type": "string", "format": "date-time"}
PARAMETERS: Final[dict[str, tuple[Json, str]]] = {
    "at": (_TIME, "As of this moment; now without it."),
    "run": ({"type": "string", "format": "uuid"}, "As of the last event of this run."),
    "node": ({"type": "string"}, "A dataset: `marts.sales_by_day` or `dataset:<namespace>:<name>`."),
    "nodeId": ({"type": "string"}, "A dataset or job as Marquez names it."),
    "column": ({"type": "string"}, "A column of the dataset."),
    "direction": ({"enum": ["upstream", "downstream"]}, "Which way to go."),
    "depth": ({"type": "integer", "minimum": 1, "maximum": 100}, "Levels to go at most."),
    "up": ({"type": "integer", "minimum": 0, "maximum": 100}, "Levels upstream."),
    "down": ({"type": "integer", "minimum": 0, "maximum": 100}, "Levels downstream."),
    "columns": ({"type": "string"}, "Whether columns are told."),
    "open": ({"type": "array", "items": {"type": "string"}}, "Further steps, `up:<node>` or `down:<node>`."),
    "rows": ({"type": "string"}, "Whether what only decides about rows counts."),
    "from": ({"type": "string"}, "Where the path begins."),
    "from_column": ({"type": "string"}, "Its column."),
    "to": ({"type": "string"}, "Where the path ends."),
    "to_column": ({"type": "string"}, "Its column."),
    "before": (_TIME, "The earlier moment."),
    "after": (_TIME, "The later moment; now without it."),
    "since": (_TIME, "Begin of a period."),
    "until": (_TIME, "Its end."),
    "format": (
        {"type": "string"},
        "`json`, `pdf`, `bundle` or a CSV file; asked for another, it lists them.",
    ),
    "q": (
        {"type": "string"},
        "Words; `owner:`, `tag:`, `contract:`, `column:`, `job:`, `pii:` look there only.",
    ),
    "search": ({"type": "string"}, "Part of a name."),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 10_000}, "How many at most."),
    "offset": ({"type": "integer", "minimum": 0}, "How many to leave out."),
    "namespace": ({"type": "string"}, "A namespace."),
    "job": ({"type": "string"}, "A job's name."),
    "name": ({"type": "string"}, "A name."),
    "dataset": ({"type": "string"}, "A dataset's name."),
    "mart": ({"type": "string"}, "A published mart."),
    "key": (
        {"type": "array", "items": {"type": "string"}},
        "The row's key, each `column=value`.",
    ),
    "figure": ({"type": "string"}, "The column with the figure."),
    "query": ({"type": "string"}, "A SELECT from one mart, whose rows and figures to choose from."),
}
_NOW: Final = ("at", "run")
QUERIES: Final[dict[str, tuple[str, ...]]] = {
    "/api/v1/lineage": ("node", "nodeId", "direction", "depth", "columns", "column", "rows"),
    "/api/v1/datasets": ("search", "limit"),
    "/api/v1/jobs": ("search", "limit"),
    "/api/v1/runs": ("namespace", "job", "limit"),
    "/api/v1/search": ("q", "limit", *_NOW),
    "/api/v1/graph": ("node", "column", "up", "down", "columns", "open", *_NOW),
    "/api/v1/dataset": ("node", "column", *_NOW),
    "/api/v1/job": ("namespace", "name", *_NOW),
    "/api/v1/path": ("from", "from_column", "to", "to_column", "rows", *_NOW),
    "/api/v1/impact": ("node", "column", *_NOW),
    "/api/v1/personal": _NOW,
    "/api/v1/coverage": _NOW,
    "/api/v1/diff": ("before", "after"),
    "/api/v1/refused": ("limit",),
    "/api/v1/export": (
        *("node", "column", "up", "down", "since", "until", "format", *_NOW),
        *("mart", "key", "figure"),
    ),
    "/api/v1/exports": ("limit",),
    "/api/v1/views": ("limit",),
    "/api/v1/trace": ("mart", "key", "figure", "query"),
    "/api/v1/namespaces/{namespace}/datasets": ("limit", "offset"),
    "/api/v1/namespaces/{namespace}/jobs": ("limit", "offset"),
    "/api/v1/namespaces/{namespace}/jobs/{job}/runs": ("limit",),
}
BODIES: Final[dict[str, Json]] = {
    "/api/v1/lineage": {"type": "object", "description": "A run, job or dataset event of OpenLineage."},
    "/api/v1/lineage/batch": {"type": "array", "items": {"type": "object"}},
    "/api/v1/session": {
        "type": "object",
        "required": ["user", "password"],
        "properties": {"user": {"type": "string"}, "password": {"type": "string"}},
    },
}
OPEN: Final = ("/health", "/api/v1/openapi.json", "/api/v1/facets/{name}")
"""Paths that nobody needs to sign in for."""
ERROR: Final[Json] = {
    "type": "object",
    "required": ["code", "what", "why", "remedy", "retryable"],
    "properties": {
        "code": {"type": "string"},
        "what": {"type": "string", "description": "What happened."},
        "why": {"type": "string"},
        "remedy": {"type": "string", "description": "What to do next."},
        "retryable": {"type": "boolean"},
    },
}


def document(routes: Iterable[web.RouteDef]) -> Json:
    """The description of some routes; those that are no part of the interface (the page) are left out.

    Raises:
        LineageError: a route has no description.
    """
    paths: dict[str, Json] = {}
    for route in routes:
        if not route.path.startswith(("/api/", "/health")):
            continue
        text = inspect.getdoc(route.handler)
        if not text:
            raise LineageError(f"The route {route.path} has no description.")
        path = route.path
        inside = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
        query = QUERIES.get(path, ()) if route.method == "GET" else ()
        operation: Json = {
            "operationId": f"{route.method.lower()}_{path.strip('/').replace('/', '_')}",
            "summary": text.splitlines()[0].rstrip("."),
            "parameters": [_parameter(name, "path") for name in inside]
            + [_parameter(name, "query") for name in query],
            "responses": _responses(route.method, path),
            "security": [] if path in OPEN or path == "/api/v1/session" else _security(route.method),
        }
        if route.method == "POST":
            body = BODIES[path]
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        paths.setdefault(path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bilten lineage",
            "version": "1",
            "description": "Takes OpenLineage events from anyone, and says where every figure comes from.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {
                "user": {"type": "http", "scheme": "basic", "description": "A user of the warehouse."},
                "session": {"type": "apiKey", "in": "cookie", "name": "bilten_lineage"},
                "producer": {"type": "http", "scheme": "bearer", "description": "Where a key is set."},
            },
        },
    }


def _security(method: str) -> list[Json]:
    return [{}, {"producer": []}] if method == "POST" else [{"user": []}, {"session": []}]


def _parameter(name: str, place: str) -> Json:
    schema, text = PARAMETERS.get(name, ({"type": "string"}, name))
    return {"name": name, "in": place, "required": place == "path", "schema": schema, "description": text}


def _responses(method: str, path: str) -> Json:
    answer = "201" if method == "POST" and path == "/api/v1/lineage" else "200"
    errors: Sequence[tuple[str, str]] = [
        ("400", "The question cannot be understood."),
        ("401", "Nobody is signed in."),
        ("403", "The roles of who asks do not allow it."),
        ("404", "What was asked for is not known."),
        ("503", "The warehouse does not answer; ask again later."),
    ]
    if method == "POST":
        errors = [
            ("401", "The key of producers, or user and password, are missing or wrong."),
            ("403", "The roles of who signs in do not allow it."),
            ("422", "No OpenLineage event; kept aside with the reason."),
            ("503", "The warehouse does not answer; ask again later."),
        ]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        answer: {"description": "The answer."},
        **{status: {"description": text, "content": content} for status, text in errors},
    }
