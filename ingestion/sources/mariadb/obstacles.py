"""What stands against capturing a MariaDB or some of its tables, and the remedy. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bilten.databases import TYPE_SYSTEMS
from bilten.errors import UnmappedType
from ingestion.sources.mariadb.inspection import SourceServer
from ingestion.sources.names import is_plain
from ingestion.sources.tables import SourceColumn, SourceTable, Weight

LEAST_RETENTION_SECONDS = 24 * 60 * 60
OLDEST_MARIADB = (10, 5)
_types = TYPE_SYSTEMS["mariadb"]
_UNPARSED = ("inet4", "inet6")
_NEEDED = {
    "REPLICATION SLAVE": ("REPLICATION SLAVE",),
    "BINLOG MONITOR": ("BINLOG MONITOR", "REPLICATION CLIENT"),
    "RELOAD": ("RELOAD",),
}


def server_problems(server: SourceServer) -> Iterator[tuple[Weight, str, str]]:
    """What stands against capturing anything: weight, what, remedy."""
    if not server.has_log:
        yield (
            "source",
            "it keeps no binary log",
            "Set log_bin, server_id and binlog_format=ROW, then restart the server.",
        )
    if server.log_format != "ROW":
        yield (
            "source",
            f"binlog_format is {server.log_format}: the log holds statements, not what changed",
            "SET GLOBAL binlog_format = 'ROW', and in its configuration; sessions keep the old one.",
        )
    if server.row_image != "FULL":
        yield (
            "source",
            f"binlog_row_image is {server.row_image}: the log leaves columns out",
            "SET GLOBAL binlog_row_image = 'FULL', and in its configuration.",
        )
    for privilege, names in _NEEDED.items():
        if not server.privileges & {*names, "ALL PRIVILEGES"}:
            yield "source", f"the user lacks {privilege}", f"GRANT {privilege} ON *.* TO the user."
    if not server.is_mariadb:
        yield (
            "note",
            "it is a MySQL, which this has not been run against",
            "Compare with `bilten source verify`.",
        )
    elif server.version < OLDEST_MARIADB:
        told = ".".join(str(part) for part in server.version)
        yield "source", f"MariaDB {told} is too old", "Move to version 10.5 or later."
    if 0 < server.retention_seconds < LEAST_RETENTION_SECONDS:
        yield (
            "note",
            f"its log is kept for {server.retention_seconds / 3600:.0f} h: a connector that is away longer "
            "misses changes",
            "Raise binlog_expire_logs_seconds to some days.",
        )


def table_problems(table: SourceTable) -> Iterator[tuple[Weight, str, str]]:
    """What stands against capturing a table: weight, what, remedy."""
    for name in (table.schema, table.name):
        if not is_plain(name):
            yield "table", f"the name {name} is not of lower-case words joined by underscores", "Rename it."
    if table.kind == "versioned":
        yield (
            "table",
            "it is system-versioned: its own history is in the log as rows",
            f"ALTER TABLE {table.full_name} DROP SYSTEM VERSIONING; `raw` keeps every change.",
        )
    if table.engine != "InnoDB":
        yield (
            "table",
            f"its engine {table.engine} has no snapshots: rows could not be read at one position of the log",
            f"ALTER TABLE {table.full_name} ENGINE = InnoDB",
        )
    if not table.key:
        yield (
            "table",
            "it has no primary key: changes of one row could not be told from those of another",
            f"ALTER TABLE {table.full_name} ADD COLUMN id BIGINT AUTO_INCREMENT PRIMARY KEY",
        )
    if not table.may_read:
        yield "table", "the user may not read it", f"GRANT SELECT ON {table.full_name} TO the user."
    for column in table.columns:
        kind = _types.normal_type(column.type)
        if kind in _UNPARSED:
            yield (
                "table",
                f"its column {column.name} is of type {kind}: the connector cannot read such a definition",
                "Keep addresses in a VARBINARY(16) or VARCHAR(45).",
            )
        elif column.name in table.key and (problem := column_problem(column)) is not None:
            yield "table", f"its key column {column.name} cannot be captured: {problem[0]}", problem[1]
    for name in table.cascades:
        yield (
            "note",
            f"rows that the foreign key {name} deletes or changes by cascade are not in the log",
            "Let the application do it, or run `bilten source verify --repair` from time to time.",
        )


def column_problem(column: SourceColumn) -> tuple[str, str] | None:
    """What keeps a column from being captured, and the remedy."""
    return next(_column_problems(column), None)


def _column_problems(column: SourceColumn) -> Iterator[tuple[str, str]]:
    kind = _types.normal_type(column.type)
    if not is_plain(column.name):
        yield (
            f"the name {column.name} is not of lower-case words joined by underscores",
            "Rename it; it is left out.",
        )
    if column.is_generated:
        yield "it is generated", "It is left out; compute it in a model from the others."
    if kind == "uuid":
        yield (
            "the connector shifts values of type uuid that end in zeros",
            "It is left out; keep it as CHAR(36) or BINARY(16).",
        )
    if kind == "time" and column.required:
        yield (
            "a time outside of one day would stop the connector, since it sends null for it",
            "It is left out; let it be null, or keep seconds in an INT.",
        )
    if kind == "enum" and any("," in label for label in column.labels):
        yield (
            "the connector puts a backslash before a comma in a label",
            "It is left out; keep it as VARCHAR.",
        )
    if contract_type(column) is None:
        yield (
            f"values of type {column.type} cannot be kept without loss",
            "It is left out; add a column with its text if it is needed.",
        )


def contract_type(column: SourceColumn) -> str | None:
    """What a contract calls the column's type; None when its values cannot be captured."""
    kind = _types.normal_type(column.type)
    try:
        _types.map_type(kind)
    except UnmappedType:
        return None
    return kind
