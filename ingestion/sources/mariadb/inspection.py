"""What a MariaDB is, as change capture sees it: read from its information schema, nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from ingestion.sources.mariadb.connection import Connection
from ingestion.sources.tables import SourceColumn, SourceTable

_SYSTEM = "('mysql', 'information_schema', 'performance_schema', 'sys')"
_KINDS = {"BASE TABLE": "table", "SYSTEM VERSIONED": "versioned"}
_LABEL = re.compile(r"'((?:[^']|'')*)'")
_GLOBAL_GRANT = re.compile(r"^GRANT (.*) ON \*\.\* TO ")


@dataclass(frozen=True, slots=True)
class SourceServer:
    """The server and what it allows.

    Attributes:
        is_mariadb: whether it is a MariaDB; a MySQL otherwise.
        version: major and minor version.
        has_log: whether it keeps a binary log.
        log_format: must be ``ROW``.
        row_image: must be ``FULL``.
        retention_seconds: how long log files are kept; 0 for ever.
        privileges: what the user may do on all databases.
    """

    is_mariadb: bool
    version: tuple[int, int]
    has_log: bool
    log_format: str
    row_image: str
    retention_seconds: int
    privileges: frozenset[str]


def inspect_server(connection: Connection) -> SourceServer:
    """Ask the server what it is."""
    settings = {
        str(name): str(value)
        for name, value in connection.execute(
            "SHOW GLOBAL VARIABLES WHERE variable_name IN ('version', 'log_bin', 'binlog_format', "
            "'binlog_row_image', 'expire_logs_days', 'binlog_expire_logs_seconds')"
        ).fetchall()
    }
    major, minor = (int(part) for part in settings["version"].split(".")[:2])
    days = float(settings.get("expire_logs_days", 0)) * 86_400
    return SourceServer(
        is_mariadb=connection.is_mariadb,
        version=(major, minor),
        has_log=settings["log_bin"] == "ON",
        log_format=settings["binlog_format"],
        row_image=settings["binlog_row_image"].upper(),
        retention_seconds=int(settings.get("binlog_expire_logs_seconds", 0)) or int(days),
        privileges=_privileges(connection),
    )


def _privileges(connection: Connection) -> frozenset[str]:
    grants = [_GLOBAL_GRANT.match(str(row[0])) for row in connection.execute("SHOW GRANTS").fetchall()]
    return frozenset(name.strip() for grant in grants if grant for name in grant[1].split(","))


def inspect_tables(connection: Connection, chosen: Collection[str] = ()) -> tuple[SourceTable, ...]:
    """Every table, by name.

    Args:
        connection: an open connection.
        chosen: databases, or tables as ``database.table``; all but the system's own by default.
    """
    documents = set(connection.execute(_DOCUMENTS).fetchall()) if connection.is_mariadb else set()
    columns: dict[tuple[str, str], list[SourceColumn]] = {}
    readable: dict[tuple[str, str], bool] = {}
    for schema, table, name, kind, nullable, extra, comment, privileges in connection.execute(
        _COLUMNS
    ).fetchall():
        place = (str(schema), str(table))
        readable[place] = readable.get(place, True) and "select" in str(privileges)
        columns.setdefault(place, []).append(
            SourceColumn(
                name=name,
                type="json" if (schema, table, name) in documents else kind,
                required=nullable == "NO",
                labels=_labels(kind),
                is_generated="GENERATED" in extra.upper().replace("DEFAULT_GENERATED", ""),
                storage="plain",
                default_storage="plain",
                comment=comment or "",
                is_known=True,
                database="mariadb",
            )
        )
    keys: dict[tuple[str, str], list[str]] = {}
    references: dict[tuple[str, str], dict[str, tuple[str, str, str]]] = {}
    for schema, table, constraint, width, column, *target in connection.execute(_KEYS).fetchall():
        if constraint == "PRIMARY":
            keys.setdefault((schema, table), []).append(column)
        elif width == 1 and target[0] is not None:
            references.setdefault((schema, table), {})[column] = (target[0], target[1], target[2])
    cascades: dict[tuple[str, str], list[str]] = {}
    for schema, table, name in connection.execute(_CASCADES).fetchall():
        cascades.setdefault((schema, table), []).append(name)
    found = (
        SourceTable(
            schema=schema,
            name=name,
            kind=_KINDS[kind],
            is_logged=True,
            replica_identity="default",
            key=tuple(keys.get((schema, name), ())),
            columns=tuple(columns.get((schema, name), ())),
            references=references.get((schema, name), {}),
            rows=int(rows or 0),
            may_read=readable.get((schema, name), False),
            is_owned=True,
            is_inherited=False,
            comment=comment or "",
            engine=engine or "",
            cascades=tuple(cascades.get((schema, name), ())),
            database="mariadb",
        )
        for schema, name, kind, engine, rows, comment in connection.execute(_TABLES).fetchall()
    )
    return tuple(
        table for table in found if not chosen or table.schema in chosen or table.full_name in chosen
    )


def _labels(kind: str) -> tuple[str, ...]:
    if not kind.startswith("enum("):
        return ()
    return tuple(label.replace("''", "'") for label in _LABEL.findall(kind))


_TABLES = f"""
SELECT table_schema, table_name, table_type, engine, table_rows, table_comment
FROM information_schema.tables
WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_schema NOT IN {_SYSTEM}
ORDER BY 1, 2
"""

_COLUMNS = f"""
SELECT table_schema, table_name, column_name, column_type, is_nullable, extra, column_comment, privileges
FROM information_schema.columns WHERE table_schema NOT IN {_SYSTEM}
ORDER BY table_schema, table_name, ordinal_position
"""

_KEYS = f"""
SELECT table_schema, table_name, constraint_name,
    COUNT(*) OVER (PARTITION BY table_schema, table_name, constraint_name), column_name,
    referenced_table_schema, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage WHERE table_schema NOT IN {_SYSTEM}
ORDER BY table_schema, table_name, constraint_name, ordinal_position
"""

# MariaDB has no type of its own for documents: JSON is a text with a check.
_DOCUMENTS = f"""
SELECT constraint_schema, table_name, constraint_name FROM information_schema.check_constraints
WHERE level = 'Column' AND check_clause = CONCAT('json_valid(`', constraint_name, '`)')
    AND constraint_schema NOT IN {_SYSTEM}
"""

_CASCADES = f"""
SELECT constraint_schema, table_name, constraint_name FROM information_schema.referential_constraints
WHERE constraint_schema NOT IN {_SYSTEM}
    AND (delete_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR update_rule IN ('CASCADE', 'SET NULL'))
ORDER BY 1, 2, 3
"""
