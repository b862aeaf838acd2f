"""Databases and the platform's own tables, which no contract describes."""

from __future__ import annotations

import re

from warehouse.compile.statements import Kind, Statement
from warehouse.schema.audit import QUERIES_TABLE
from warehouse.schema.lineage import STATEMENTS as LINEAGE_STATEMENTS
from warehouse.schema.operations import OPERATIONS_TABLES

DATABASES = (
    "landing",
    "raw",
    "ods",
    "consistent",
    "staging",
    "intermediate",
    "marts",
    "builds",
    "ops",
    "lineage",
    "audit",
)

_CREATED = re.compile(
    r"CREATE (?:OR REPLACE )?(TABLE|VIEW|MATERIALIZED VIEW) (?:IF NOT EXISTS )?([a-z_]+\.[a-z_]+)"
)

__all__ = ["DATABASES", "database_statements", "platform_statements"]


def database_statements() -> tuple[Statement, ...]:
    """The databases, which must exist before anything else."""
    return tuple(Statement(name, "database", f"CREATE DATABASE IF NOT EXISTS {name}") for name in DATABASES)


def platform_statements() -> tuple[Statement, ...]:
    """The tables and views of ``ops``, ``audit`` and ``lineage``, in the order they must be created."""
    lineage = (sql.strip() for sql in LINEAGE_STATEMENTS)
    return (
        *OPERATIONS_TABLES,
        QUERIES_TABLE,
        *(_named(sql) for sql in lineage if not sql.startswith("CREATE DATABASE")),
    )


def _named(sql: str) -> Statement:
    found = _CREATED.match(sql)
    if found is None:
        raise ValueError(f"this is no CREATE statement of a table or view: {sql[:80]}")
    kind: Kind = "table" if found[1] == "TABLE" else "view" if found[1] == "VIEW" else "materialized_view"
    return Statement(found[2], kind, sql)
