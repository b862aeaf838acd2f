"""What stands against capturing a Cassandra or some of its tables, and the remedy. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bilten.databases import TYPE_SYSTEMS
from bilten.errors import UnmappedType
from ingestion.sources.cassandra.inspection import SourceServer, has_vector, is_poisonous
from ingestion.sources.cassandra.types import parse
from ingestion.sources.names import is_plain
from ingestion.sources.tables import SourceColumn, SourceTable, Weight

LONGEST_SYNC_SECONDS = 1.0
_types = TYPE_SYSTEMS["cassandra"]
_INSIDE = frozenset(
    {"ascii", "text", "varchar", "tinyint", "smallint", "int", "bigint", "varint", "decimal", "boolean"}
    | {"uuid", "timeuuid", "timestamp", "date", "time"}
)
"""Types whose values keep their exact text inside a collection, tuple or user-defined type."""


def server_problems(server: SourceServer) -> Iterator[tuple[Weight, str, str]]:
    """What stands against capturing anything: weight, what, remedy."""
    if not server.is_enabled:
        yield (
            "source",
            "cdc_enabled is off: its commit log is not kept for a connector",
            "Set cdc_enabled: true in cassandra.yaml on every node, then restart them.",
        )
    if not server.version.startswith("5."):
        yield (
            "source",
            f"it is Cassandra {server.version}: its commit log has another form than that of version 5",
            "Move to version 5.",
        )
    for place in server.poisonous:
        yield (
            "source",
            f"one value of {place} would stop the connector, or make it skip what follows of every table",
            f"ALTER TABLE {place.rpartition('.')[0]} WITH cdc = false; or freeze it, and nest nothing in it.",
        )
    for place in server.blinding:
        yield (
            "source",
            f"{place} is a vector: while there is one, the connector knows no table and loses all changes",
            f"Drop {place}, or keep it in another cluster.",
        )
    if server.sync_seconds > LONGEST_SYNC_SECONDS:
        yield (
            "note",
            f"a change can be seen only {server.sync_seconds:.0f} s after it was written",
            "Set commitlog_sync_period: 100ms in cassandra.yaml, then restart the node.",
        )
    if server.blocks_writes:
        yield (
            "note",
            f"when the connector is away for long, writes are refused once {server.space} of log are kept",
            "Raise cdc_total_space; with cdc_block_writes: false changes are lost instead.",
        )
    if server.nodes > 1:
        yield (
            "note",
            f"it has {server.nodes} nodes, each of which has its own commit log",
            "Run `bilten source connector` on each of them.",
        )


def table_problems(table: SourceTable) -> Iterator[tuple[Weight, str, str]]:
    """What stands against capturing a table: weight, what, remedy."""
    for name in (table.schema, table.name):
        if not is_plain(name):
            yield "table", f"the name {name} is not of lower-case words joined by underscores", "Rename it."
    if table.kind == "view":
        yield "table", "it is a materialized view", "Capture the table that it is a view of."
        return
    if table.kind == "counter":
        yield (
            "table",
            "it has counters: its commit log holds what was added, without saying whether it was added twice",
            "Count rows of a captured table instead.",
        )
        return
    if not table.is_logged:
        yield (
            "table",
            "its changes are not kept in the commit log",
            f"ALTER TABLE {table.full_name} WITH cdc = true; its keyspace needs durable_writes.",
        )
    for column in table.columns:
        if column.name in table.key and (problem := column_problem(column)) is not None:
            yield "table", f"its key column {column.name} cannot be captured: {problem[0]}", problem[1]
    if table.time_to_live:
        yield (
            "note",
            f"its rows expire after {table.time_to_live} s, of which the log says nothing",
            "`ods` leaves them out by then; `raw` keeps them.",
        )
    if table.partition_key:
        yield (
            "note",
            "a delete of a range of its rows cannot be applied: it becomes a dead letter",
            "Run `bilten source verify --repair` then, or delete rows and whole partitions only.",
        )


def column_problem(column: SourceColumn) -> tuple[str, str] | None:
    """What keeps a column from being captured, and the remedy."""
    return next(_column_problems(column), None)


def _column_problems(column: SourceColumn) -> Iterator[tuple[str, str]]:
    kind = parse(column.type)
    if not is_plain(column.name):
        yield (
            f"the name {column.name} is not of lower-case words joined by underscores",
            "Rename it; it is left out.",
        )
    if column.is_generated:
        yield (
            "it is static, and the connector reads no static values",
            "It is left out; keep it in a table of its own.",
        )
    if has_vector(kind) or is_poisonous(kind):
        yield (
            f"the connector cannot read the type {column.type}",
            "Set cdc = false for the table; or freeze the type, and nest nothing in it.",
        )
    elif kind.parts and not kind.is_frozen:
        yield (
            "an event holds what was added or removed, without saying which",
            f"It is left out; make it frozen<{column.type}>.",
        )
    elif kind.name == "duration":
        yield "the connector makes months and days into seconds", "It is left out; keep it as text."
    elif any(part.name not in _INSIDE for part in kind.parts):
        inner = ", ".join(sorted({part.name for part in kind.parts if part.name not in _INSIDE}))
        yield f"values of type {inner} inside another lose their exact form", "It is left out."
    elif contract_type(column) is None:
        yield f"values of type {column.type} cannot be kept without loss", "It is left out."


def contract_type(column: SourceColumn) -> str | None:
    """What a contract calls the column's type; None when its values cannot be captured."""
    kind = _types.normal_type(column.type)
    try:
        _types.map_type(kind)
    except UnmappedType:
        return None
    return kind
