"""The lineage explorer: a web page for auditors, analysts and engineers.

Hand-written ES modules and one vendored layout library, served from this folder: no build step, no Node, no
other host (docs/decisions/ says why). All it knows comes from the reading interface.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from aiohttp import web

STATIC: Final = Path(__file__).resolve().parent / "static"
_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
HEADERS: Final = {
    # Nothing may come from elsewhere, nor may the page be put into another one's frame.
    "Content-Security-Policy": "default-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Always asked for again, and answered with 304 while it is the same.
    "Cache-Control": "no-cache",
}


def explorer_routes() -> list[web.RouteDef]:
    """The page and its files."""
    return [
        web.get("/", show_explorer),
        web.get("/explorer", show_explorer),
        web.get("/explorer/{path:.+}", show_file),
    ]


async def show_explorer(request: web.Request) -> web.StreamResponse:
    """The page."""
    return _file(request, STATIC / "index.html")


async def show_file(request: web.Request) -> web.StreamResponse:
    """A file of the page."""
    path = (STATIC / request.match_info["path"]).resolve()
    if not path.is_relative_to(STATIC) or path.suffix not in _TYPES or not path.is_file():
        raise web.HTTPNotFound(text="There is no such file.")
    return _file(request, path)


def _file(request: web.Request, path: Path) -> web.StreamResponse:
    content = path.read_bytes()
    tag = hashlib.sha256(content).hexdigest()[:20]
    if any(each.value == tag for each in request.if_none_match or ()):
        return web.Response(status=304, headers={**HEADERS, "ETag": f'"{tag}"'})
    answer = web.Response(
        body=content,
        content_type=_TYPES[path.suffix],
        charset="utf-8",
        headers={**HEADERS, "ETag": f'"{tag}"'},
    )
    answer.enable_compression()
    return answer
