"""What stands against capturing a PostgreSQL or some of its tables, and the remedy. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bilten.errors import UnmappedType
from bilten.types import OPAQUE, map_type, normal_type
from ingestion.sources.names import is_plain
from ingestion.sources.postgresql.configuration import hides_unchanged
from ingestion.sources.postgresql.inspection import SourceServer
from ingestion.sources.tables import SourceColumn, SourceTable, Weight

# Of PostgreSQL's own types without a mapping, those that the connector sends as the bytes of their text.
_SENT_AS_TEXT = re.compile(r"multirange$|^(tsquery|xid8|pg_lsn|jsonpath|txid_snapshot|pg_snapshot)$")


def contract_type(column: SourceColumn) -> str | None:
    """What a contract calls the column's type; None when its values cannot be captured."""
    text = normal_type(column.type)
    try:
        map_type(text)
    except UnmappedType:
        is_composite = not column.is_known and not text.endswith("[]")
        return OPAQUE if is_composite or _SENT_AS_TEXT.search(text) else None
    return text


def server_problems(server: SourceServer) -> Iterator[tuple[str, str]]:
    """What stands against capturing anything: what and remedy."""
    if server.wal_level != "logical":
        yield (
            f"wal_level is {server.wal_level}: the log does not hold what changed",
            "ALTER SYSTEM SET wal_level = 'logical', then restart the server.",
        )
    if not server.may_replicate:
        yield "the user may not open a replication slot", "ALTER ROLE … REPLICATION, as a superuser."
    if not server.may_create:
        yield "the user may not create a publication", "GRANT CREATE ON DATABASE … TO the user."
    if server.free_slots < 1:
        yield (
            "every replication slot is taken",
            "Drop one that nobody uses (SELECT * FROM pg_replication_slots), or raise max_replication_slots.",
        )
    if server.free_senders < 1:
        yield "every connection for replication is taken", "Raise max_wal_senders, then restart the server."
    if server.version < 14:
        yield f"PostgreSQL {server.version} is too old", "Move to version 14 or later."
    for name in server.labelless_enums:
        yield (
            f"the type {name} is an enum without labels, or a domain over an enum: the connector fails at it",
            f"Replace the type: use the enum itself, or DROP TYPE/DOMAIN {name}.",
        )


def table_problems(table: SourceTable) -> Iterator[tuple[Weight, str, str]]:
    """What stands against capturing a table: weight, what, remedy."""
    for name in (table.schema, table.name):
        if not is_plain(name):
            yield "table", f"the name {name} is not of lower-case words joined by underscores", "Rename it."
    if table.kind == "foreign":
        yield "table", "its rows lie in another database", "Capture that database instead."
        return
    if not table.is_logged:
        yield (
            "table",
            "it is unlogged: its changes are not in the log",
            f"ALTER TABLE {table.full_name} SET LOGGED",
        )
    if not table.key:
        yield (
            "table",
            "it has no primary key: changes of one row could not be told from those of another",
            f"ALTER TABLE {table.full_name} ADD PRIMARY KEY (…), or ADD COLUMN id bigint GENERATED ALWAYS AS "
            "IDENTITY PRIMARY KEY.",
        )
    if table.is_inherited:
        yield (
            "table",
            "other tables inherit from it: a query of it finds their rows, its changes do not include them",
            "Capture the inheriting tables, or make it a partitioned table.",
        )
    if table.replica_identity in {"nothing", "index"}:
        yield (
            "table",
            f"its replica identity is {table.replica_identity}: deletes would not tell the primary key",
            f"ALTER TABLE {table.full_name} REPLICA IDENTITY DEFAULT",
        )
    if table.replica_identity == "full" and _has_generated(table):
        yield (
            "table",
            "its replica identity is full and it has generated columns: PostgreSQL would refuse all updates",
            f"ALTER TABLE {table.full_name} REPLICA IDENTITY DEFAULT",
        )
    if not table.may_read:
        yield (
            "table",
            "the user may not read it",
            f"GRANT USAGE ON SCHEMA {table.schema} and SELECT ON {table.full_name}",
        )
    if not table.is_owned:
        yield (
            "table",
            "the user does not own it, so it cannot be added to a publication",
            f"ALTER TABLE {table.full_name} OWNER TO a role that the user is a member of.",
        )
    for column in table.columns:
        name = column.name
        if name in table.key and column_problem(table, column) is not None:
            yield "table", f"its key column {name} cannot be captured", "Give it a key of another type."


def column_problem(table: SourceTable, column: SourceColumn) -> tuple[str, str] | None:
    """What keeps a column from being captured, and the remedy."""
    if not is_plain(column.name):
        return (
            f"the name {column.name} is not of lower-case words joined by underscores",
            "Rename it; it is left out.",
        )
    if column.is_generated:
        return (
            "it is generated: the log does not carry it",
            "It is left out; compute it in a model from the others.",
        )
    kind = contract_type(column)
    if kind is not None and hides_unchanged(kind) and _has_generated(table):
        return (
            "its unchanged values look null without a full replica identity, with which PostgreSQL refuses "
            "updates of a published table that has generated columns",
            "It is left out; drop the generated columns, or keep a text[] beside it.",
        )
    if kind is None:
        return (
            f"values of type {column.type} cannot be kept without loss",
            "It is left out; add a column with its text (GENERATED … does not do) if it is needed.",
        )
    return None


def _has_generated(table: SourceTable) -> bool:
    return any(column.is_generated for column in table.columns)
