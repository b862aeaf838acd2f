"""Exports over HTTP: JSON, CSV, and the evidence bundle; each is recorded before it is handed out."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bilten.errors import LineageError
from lineage.api import READER, SERVICE, as_number, json_answer
from lineage.entrance import OVERSEERS
from lineage.evidence import record
from lineage.evidence.bundle import Content, make_bundle
from lineage.evidence.checkpoint import fingerprint, public_pem, signing_key
from lineage.evidence.exporting import Request, content
from lineage.evidence.tracing import trace_content
from lineage.reading import EVIDENCE, TRACER, as_key, as_moment, named_dataset, snapshot_of

FORMATS = {
    "json": ("graph.json", "application/json"),
    "pdf": ("report.pdf", "application/pdf"),
    "datasets.csv": ("datasets.csv", "text/csv"),
    "edges.csv": ("edges.csv", "text/csv"),
    "column_edges.csv": ("column_edges.csv", "text/csv"),
    "bundle": ("lineage-evidence.zip", "application/zip"),
}
TRACE_FORMATS = {
    "json": ("trace.json", "application/json"),
    "pdf": ("report.pdf", "application/pdf"),
    "changes.csv": ("changes.csv", "text/csv"),
    "rows.csv": ("rows.csv", "text/csv"),
    "bundle": FORMATS["bundle"],
}
PAGED = ("pdf", "bundle")
"""Formats that hold pages, which take longer to make than all the rest."""


def export_routes() -> list[web.RouteDef]:
    """The routes of exports."""
    return [
        web.get("/api/v1/export", export),
        web.get("/api/v1/exports", list_exports),
        web.get("/api/v1/views", list_views),
        web.get("/api/v1/evidence/key", show_key),
    ]


async def export(request: web.Request) -> web.Response:
    """What ``node`` (and ``column``) was made of, what happened from ``since`` to ``until``, or a trace.

    A trace is asked for with ``mart``, ``key`` and ``figure``.
    """
    traced = "mart" in request.query
    formats = TRACE_FORMATS if traced else FORMATS
    wanted = request.query.get("format", "json")
    if wanted not in formats:
        raise LineageError(
            f"`format` cannot be {wanted!r}.",
            why="Nobody writes it.",
            remedy=f"Choose one of {', '.join(formats)}.",
        )
    name, kind = formats[wanted]
    asked = _trace(request, wanted) if traced else _graph(request, wanted)

    def make() -> bytes:
        found, folder = asked(), request.app[EVIDENCE]
        if wanted == "bundle":
            body = make_bundle(found, signing_key(folder / "signing-key.pem"))
        else:
            body = found.files[name]
        record.note(
            folder / "exports.jsonl",
            {
                "at": datetime.now(UTC).isoformat(),
                "format": wanted,
                "by": request[READER].name,
                "sha256": hashlib.sha256(body).hexdigest(),
                "events": len(found.events),
                "question": found.question,
            },
        )
        return body

    body = await asyncio.to_thread(make)
    return web.Response(
        body=body,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _graph(request: web.Request, wanted: str) -> Callable[[], Content]:
    since, until = as_moment(request, "since"), as_moment(request, "until")
    up = as_number(request, "up", 100, 100, least=0)
    down = as_number(request, "down", 0, 100, least=0)

    def ask() -> Content:
        snapshot = snapshot_of(request)
        text = request.query.get("node", "")
        node = named_dataset(request, snapshot, text) if text else None
        asked = Request(node, request.query.get("column", ""), up, down, since, until)
        store = request.app[SERVICE].lineage.store
        return content(snapshot, store, asked, pages=wanted in PAGED)

    return ask


def _trace(request: web.Request, wanted: str) -> Callable[[], Content]:
    mart, figure = request.query["mart"].removeprefix("marts."), request.query.get("figure", "")
    reader, key = request[READER], as_key(request)

    def ask() -> Content:
        answer = request.app[TRACER].trace(mart, key, figure, reader)
        question = {
            "mart": mart,
            "key": dict(key),
            "figure": figure,
            "by": reader.name,
            "exportedAt": datetime.now(UTC).isoformat(),
        }
        return trace_content(answer, request.app[SERVICE].lineage.store, question, pages=wanted in PAGED)

    return ask


async def list_exports(request: web.Request) -> web.Response:
    """What was exported and traced so far, newest first; auditors and engineers see everybody's."""
    return json_answer({"exports": await _recorded(request, "exports.jsonl")})


async def list_views(request: web.Request) -> web.Response:
    """What auditors looked at so far, newest first; auditors and engineers see everybody's."""
    return json_answer({"views": await _recorded(request, "views.jsonl")})


async def _recorded(request: web.Request, name: str) -> list[dict[str, Any]]:
    reader, limit = request[READER], as_number(request, "limit", 100, 1000)
    found = await asyncio.to_thread(record.entries, request.app[EVIDENCE] / name)
    all_of_them = reader.is_platform or not OVERSEERS.isdisjoint(reader.roles)
    return [each for each in reversed(found) if all_of_them or each.get("by") == reader.name][:limit]


async def show_key(request: web.Request) -> web.Response:
    """The public key that bundles are verified with."""
    key = await asyncio.to_thread(signing_key, request.app[EVIDENCE] / "signing-key.pem")
    public = key.public_key()
    return json_answer({"fingerprint": fingerprint(public), "pem": public_pem(public).decode()})
