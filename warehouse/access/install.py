"""Bring the views of the policy into a warehouse, and roles and users into a server."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID

from warehouse.access.policy import OWN_DATABASE, Policy
from warehouse.access.roles import LEVELS
from warehouse.access.server_sql import role_statements, user_statements
from warehouse.access.views import PREPARATIONS, definitions, digest, statement
from warehouse.client import Warehouse

DATABASES = (*LEVELS, OWN_DATABASE)


def install_views(warehouse: Warehouse, policy: Policy) -> tuple[str, ...]:
    """Make the views that are missing or stale, and drop those that no contract asks for any more.

    Only datasets that the warehouse has are shown; the others follow when they are there.

    Args:
        warehouse: with the platform's own user.
        policy: what to make.

    Returns:
        Names of the views that changed.
    """
    for prepared in (*PREPARATIONS, *(f"CREATE DATABASE IF NOT EXISTS {name}" for name in DATABASES)):
        warehouse.command(prepared)
    listed = warehouse.query(
        "SELECT database, name FROM system.tables WHERE database IN {databases:Array(String)}",
        {"databases": [*DATABASES, "ods", "marts"]},
    ).rows
    present = {f"{database}.`{name}`" for database, name in listed}
    made = {row[0]: row[1] for row in warehouse.query("SELECT name, digest FROM access.views FINAL").rows}
    wanted = {
        name: select
        for name, select in definitions(policy.contracts).items()
        if select.rpartition("FROM ")[2].split("\n")[0] in present
    }
    changed: list[str] = []
    for name, select in wanted.items():
        if name in present and made.get(name) == digest(select):
            continue
        warehouse.command(statement(name, select))
        warehouse.command(
            "INSERT INTO access.views VALUES ({name:String}, {digest:String}, now64(6))",
            {"name": name, "digest": digest(select)},
        )
        changed.append(name)
    for name in sorted(present - wanted.keys()):
        if name.partition(".")[0] in DATABASES:
            warehouse.command(f"DROP VIEW {name}")
            changed.append(name)
    return tuple(changed)


def install_roles(warehouse: Warehouse, policy: Policy) -> None:
    """Make the roles on a ClickHouse server; the embedded one reads them at its start."""
    for text in role_statements(policy):
        warehouse.command(text)


def install_user(
    warehouse: Warehouse, name: str, password: str, roles: Sequence[str], organizer: UUID | None
) -> None:
    """Make a user on a ClickHouse server."""
    salt = secrets.token_hex(16)
    hashed = hashlib.sha256((password + salt).encode()).hexdigest()
    for text in user_statements(name, roles, organizer, hashed, salt):
        warehouse.command(text)
