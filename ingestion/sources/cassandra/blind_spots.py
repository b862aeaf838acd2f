"""Tables of a Cassandra whose changes its connector does not see, though nothing is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from uuid import UUID

import httpx

from bilten.contracts import Contract
from bilten.settings import Settings
from ingestion.sources.cassandra import inspection, obstacles
from ingestion.sources.cassandra.configuration import STARTED, folder_of
from ingestion.sources.cassandra.connection import Connection
from ingestion.sources.definition import Source

HEALTH_SECONDS = 5.0
_UUID_EPOCH = 0x01B21DD213814000
"""Of a UUID of version 1: 100 ns before 1970 since 15 October 1582."""


def blind_spots(
    settings: Settings, source: Source, connection: Connection, contracts: Iterable[Contract]
) -> Iterator[tuple[str, str, str]]:
    """What is not captured: place, what, remedy.

    A keyspace made after the connector's start is unknown to its copy of Cassandra, together with all of its
    tables (seen with 3.4.1); so is a table with a user-defined type.

    Args:
        settings: where the connector's files are.
        source: the database.
        connection: an open connection to it.
        contracts: tables of it.
    """
    for weight, what, remedy in obstacles.server_problems(inspection.inspect_server(connection)):
        if weight == "source":
            yield source.name, what, remedy
    if not answers(settings, source):
        yield (
            source.name,
            f"its connector {source.connector} does not answer on this machine",
            f"Run `bilten source connector {source.name}` on the node, and read what it says.",
        )
    started = (_started(settings, source) or {}).get("at", 0)
    again = f"Restart the connector {source.connector}, then run `bilten source resync` for the table."
    made = _keyspaces(connection)
    tables = {(schema, table): at for schema, table, at in _tables(connection)}
    for contract in contracts:
        at = made.get(contract.source_schema, 0)
        if any("udt<" in column.source_type for column in contract.columns):
            at = max(at, tables.get((contract.source_schema, contract.source_table), 0))
        if at > started:
            yield contract.name, "its keyspace or type was made after the connector's start", again


def answers(settings: Settings, source: Source) -> bool:
    """Whether the connector of this machine runs and reads."""
    started = _started(settings, source)
    if started is None:
        return False
    try:
        return httpx.get(f"http://127.0.0.1:{started['port']}/health", timeout=HEALTH_SECONDS).is_success
    except httpx.TransportError:
        return False


def _started(settings: Settings, source: Source) -> dict[str, int] | None:
    try:
        found: dict[str, int] = json.loads((folder_of(settings, source) / STARTED).read_text("ascii"))
    except FileNotFoundError:
        return None
    return found


def _keyspaces(connection: Connection) -> dict[str, int]:
    """When each keyspace was made or last altered, microseconds since 1970."""
    query = "SELECT keyspace_name, writetime(durable_writes) FROM system_schema.keyspaces"
    return {str(name): int(at) for name, at in connection.execute(query).fetchall()}


def _tables(connection: Connection) -> Iterator[tuple[str, str, int]]:
    """When each table was made: its identifier is a UUID with the time."""
    for schema, table, identifier in connection.execute(
        "SELECT keyspace_name, table_name, id FROM system_schema.tables"
    ).fetchall():
        if isinstance(identifier, UUID) and identifier.version == 1:
            yield schema, table, (identifier.time - _UUID_EPOCH) // 10
