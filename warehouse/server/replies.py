"""The heads of answers."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aiohttp import web

from warehouse.server import formats
from warehouse.server.failures import ABORTED, AUTHENTICATION_FAILED, TOO_MANY_QUERIES, EngineError
from warehouse.server.jobs import Answer


@dataclass(frozen=True)
class Identity:
    """What every answer says of the server and of its query.

    Attributes:
        version: the engine's.
        host: the server's name.
        time_zone: the session's, or the server's.
    """

    version: str
    host: str
    time_zone: str
    query_id: str

    def headers(self) -> dict[str, str]:
        """Headers that results and errors have in common."""
        return {
            "X-ClickHouse-Query-Id": self.query_id,
            "X-ClickHouse-Timezone": self.time_zone,
            "X-ClickHouse-Server-Display-Name": self.host,
        }


def result_headers(identity: Identity, answer: Answer, seconds: float) -> dict[str, str]:
    """Headers of a result; numbers in the summary are strings, as drivers expect them.

    Args:
        identity: of the server and the query.
        answer: as far as it is there.
        seconds: since the request came.
    """
    summary = {
        "read_rows": answer.read_rows,
        "read_bytes": answer.read_bytes,
        "written_rows": answer.written_rows,
        "written_bytes": answer.written_bytes,
        "total_rows_to_read": answer.read_rows,
        "result_rows": answer.result_rows,
        "result_bytes": len(answer.data),
        "elapsed_ns": int(seconds * 1e9),
    }
    headers = identity.headers()
    headers["X-ClickHouse-Summary"] = json.dumps({name: str(value) for name, value in summary.items()})
    if answer.output_format is not None:
        headers["X-ClickHouse-Format"] = answer.output_format
    headers["Content-Type"] = formats.content_type(answer.output_format or "TabSeparated")
    return headers


def refusal(identity: Identity, error: EngineError) -> web.Response:
    """An error before the first byte of a result."""
    headers = identity.headers()
    headers["X-ClickHouse-Exception-Code"] = str(error.code)
    headers["Content-Type"] = "text/plain; charset=UTF-8"
    if error.code == AUTHENTICATION_FAILED:
        headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
    if error.code == TOO_MANY_QUERIES:
        headers["Retry-After"] = "1"
    return web.Response(status=error.status, body=error.body(identity.version).encode(), headers=headers)


def closing(identity: Identity) -> web.Response:
    """The answer of a server that is about to stop; clients may come back with the same request."""
    error = EngineError("The server is shutting down.", code=ABORTED, name="ABORTED")
    response = refusal(identity, error)
    response.set_status(503)
    response.headers["Retry-After"] = "1"
    response.force_close()
    return response
