"""What a request asks for: its URL parameters and headers, sorted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from warehouse.server.failures import (
    BAD_REQUEST_PARAMETER,
    INVALID_SESSION_TIMEOUT,
    EngineError,
)

LONGEST_SESSION_SECONDS: Final = 3600
_TRANSPORT: Final = frozenset(
    [
        "query",
        "database",
        "query_id",
        "session_id",
        "session_timeout",
        "session_check",
        "close_session",
        "user",
        "password",
        "quota_key",
        "compress",
        "decompress",
        "buffer_size",
        "wait_end_of_query",
        "default_format",
        "stacktrace",
        "client_protocol_version",
        "role",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "enable_http_compression",
        "http_zlib_compression_level",
        "cancel_http_readonly_queries_on_client_close",
        "add_http_cors_header",
    ]
)
"""Parameters of the protocol itself; the last six are settings too, but act only in a server."""


@dataclass(frozen=True)
class ExternalTable:
    """A table that a request brings along, as a file of its form."""

    name: str
    structure: str
    input_format: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Call:
    """One request, its transport parameters apart from the settings and query parameters it carries.

    Attributes:
        compressed_response: whether the answer may be in one of HTTP's encodings.
        framed_response: whether it is to be in ClickHouse's own frames; then no encoding is added.
        framed_body: whether the request's body is in such frames, within its encoding if it has one.
    """

    user: str
    password: str = field(repr=False)
    query: str
    database: str
    query_id: str
    session_id: str
    session_timeout: int
    session_check: bool
    default_format: str
    protocol_revision: int
    compressed_response: bool
    framed_response: bool
    framed_body: bool
    wait_end_of_query: bool
    roles: tuple[str, ...]
    settings: Mapping[str, str]
    parameters: Mapping[str, str]
    tables: tuple[ExternalTable, ...] = ()


def read_call(
    parameters: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    files: Mapping[str, bytes] | None = None,
) -> Call:
    """Sort a request's parameters and headers.

    Args:
        parameters: decoded pairs of the URL, and of a form if there is one; of a repeated name the last
            counts, except ``role``.
        headers: the request's headers; the mapping must ignore case.
        files: the files of the form, by the name of the table they are.

    Raises:
        EngineError: a number is none, or the session's time-out is out of range.
    """
    pairs = list(parameters)
    given = dict(pairs)
    tables = tuple(_external_table(name, data, given) for name, data in (files or {}).items())
    described = {f"{table.name}_{what}" for table in tables for what in ("structure", "types", "format")}
    user, password = _credentials(given, headers)
    timeout = _number(given, "session_timeout", 60)
    if not 0 < timeout <= LONGEST_SESSION_SECONDS:
        raise EngineError(
            f"Session timeout must be from 1 to {LONGEST_SESSION_SECONDS} seconds, not {timeout}.",
            code=INVALID_SESSION_TIMEOUT,
            name="INVALID_SESSION_TIMEOUT",
        )
    return Call(
        user=user,
        password=password,
        query=given.get("query", ""),
        database=given.get("database") or headers.get("X-ClickHouse-Database", ""),
        query_id=given.get("query_id", ""),
        session_id=given.get("session_id", ""),
        session_timeout=timeout,
        session_check=_flag(given, "session_check"),
        default_format=given.get("default_format") or headers.get("X-ClickHouse-Format", ""),
        protocol_revision=_number(given, "client_protocol_version", 0),
        compressed_response=_flag(given, "enable_http_compression"),
        framed_response=_flag(given, "compress"),
        framed_body=_flag(given, "decompress"),
        wait_end_of_query=_flag(given, "wait_end_of_query"),
        roles=tuple(value for name, value in pairs if name == "role"),
        settings={
            name: value
            for name, value in given.items()
            if name not in _TRANSPORT and name not in described and not name.startswith("param_")
        },
        parameters={name[6:]: value for name, value in given.items() if name.startswith("param_")},
        tables=tables,
    )


def _external_table(name: str, data: bytes, given: Mapping[str, str]) -> ExternalTable:
    structure = given.get(f"{name}_structure", "")
    if not structure:
        # Only types: the columns are called _1, _2 … then.
        types = [kind.strip() for kind in given.get(f"{name}_types", "").split(",") if kind.strip()]
        structure = ", ".join(f"_{number} {kind}" for number, kind in enumerate(types, 1))
    if not structure:
        raise EngineError(
            f"Neither structure nor types of the external table {name} are given.",
            code=BAD_REQUEST_PARAMETER,
            name="BAD_ARGUMENTS",
        )
    return ExternalTable(name, structure, given.get(f"{name}_format") or "TabSeparated", data)


def _credentials(given: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, str]:
    """User and password: from ClickHouse's headers, else basic authorization, else the URL."""
    if "X-ClickHouse-User" in headers or "X-ClickHouse-Key" in headers:
        return headers.get("X-ClickHouse-User", "default"), headers.get("X-ClickHouse-Key", "")
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return user, password
    return given.get("user") or "default", given.get("password", "")


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    value = given.get(name) or ""
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise EngineError(
            f"The parameter {name} must be a whole number, not {value!r}.",
            code=BAD_REQUEST_PARAMETER,
            name="BAD_ARGUMENTS",
        ) from None


def _flag(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "").lower() in ("1", "true")
