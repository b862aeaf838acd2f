"""How a connection becomes somebody's: roles, limits and database, before the first statement of theirs.

The engine knows one user, who may take on every role. What leaves the platform's role behind is said here and
nowhere else, and always in the same order: tables that came with the request are filled under a role that may
read nothing; then limits, the profile that keeps them, and the roles.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from warehouse.access.embedded import PLAIN_VALUES
from warehouse.access.roles import EXTERNAL
from warehouse.server.engine import Connection, Engine, quote, quote_name
from warehouse.server.failures import (
    ACCESS_DENIED,
    BAD_REQUEST_PARAMETER,
    SYNTAX_ERROR,
    UNKNOWN_FORMAT,
    EngineError,
)
from warehouse.server.parameters import Call
from warehouse.server.principals import Principal
from warehouse.server.statements import Statement

_FORMAT: Final = re.compile(r"\w+", re.ASCII)
_HARMLESS: Final = ("Set\n", "UseQuery ", "KillQueryQuery ", "CreateQuery ", "DropQuery ", "SYSTEM ")
"""Statements that change a session, as the engine's parser calls them; what they need is asked by the engine.
Not ``SetRoleQuery``."""


def check_format(name: str) -> None:
    """Refuse what is no format's name: it becomes a part of a statement.

    Raises:
        EngineError: 73.
    """
    if name and not _FORMAT.fullmatch(name):
        raise EngineError(f"Unknown format {name}.", code=UNKNOWN_FORMAT, name="UNKNOWN_FORMAT")


def check_statement(
    connection: Connection, statement: Statement, sql: str, kind: str, count: int, principal: Principal
) -> None:
    """Refuse what would take on another role, or what the engine's parser can't tell to be one statement.

    Args:
        connection: any; nothing of the statement is run.
        statement: as the protocol sees it.
        sql: the statement as it would be run.
        kind: its class, as the engine sees it.
        count: how many statements it is, as the engine sees it.
        principal: who asks.

    Raises:
        EngineError: 62 or 497.
    """
    if principal.is_platform:
        return
    if count != 1:
        raise EngineError(
            f"Syntax error: this is not one statement: {sql[:200]}", code=SYNTAX_ERROR, name="SYNTAX_ERROR"
        )
    if kind != "CONTROL" or statement.verb == "INSERT":
        return
    tree = connection.execute(f"EXPLAIN AST {sql}", "TSVRaw").data.decode("utf-8", "replace")
    if not tree.startswith(_HARMLESS):
        what = "SET ROLE" if tree.startswith("SetRoleQuery") else statement.verb
        raise EngineError(
            f"{principal.name}: Not enough privileges. {what} is not allowed: the roles of a request are "
            f"those of its user ({', '.join(principal.roles)}), or the part of them that `role` names.",
            code=ACCESS_DENIED,
            name="ACCESS_DENIED",
        )


def enter(connection: Connection, principal: Principal, call: Call, folder: Path) -> None:
    """Make a fresh connection the user's.

    Args:
        connection: fresh.
        principal: who asks.
        call: the request: its tables, roles and database.
        folder: where large data wait.

    Raises:
        EngineError: the user has not got a role, or the database isn't there.
    """
    fill(connection, principal, call, folder)
    if principal.is_platform:
        if call.roles:
            connection.execute(f"SET ROLE {', '.join(quote_name(role) for role in call.roles)}")
    else:
        connection.apply(principal.settings)
        connection.execute(f"SET profile = {quote(principal.profile)}")
        take_roles(connection, principal, call)
    use(connection, call)


def take_roles(connection: Connection, principal: Principal, call: Call) -> None:
    """Take on the roles of a user, or those of them that the request names.

    Raises:
        EngineError: 512, it names one that the user has not got.
    """
    foreign = [role for role in call.roles if role not in principal.roles]
    if foreign:
        raise EngineError(
            f"Role {foreign[0]} should be granted to {principal.name} to set it.",
            code=512,
            name="SET_NON_GRANTED_ROLE",
        )
    roles = call.roles or principal.roles
    connection.execute(f"SET ROLE {', '.join(quote_name(role) for role in roles)}")


def use(connection: Connection, call: Call) -> None:
    """Choose the request's database."""
    if call.database:
        connection.execute(f"USE {quote_name(call.database)}")


def fill(connection: Connection, principal: Principal, call: Call, folder: Path) -> None:
    """Make the tables that the request brings along.

    Their structure is the client's text and may hold expressions: others than the platform have them
    evaluated under a role that may read nothing.

    Raises:
        EngineError: structure, format or data can't be used.
    """
    if not call.tables:
        return
    if not principal.is_platform:
        connection.execute(f"SET ROLE {EXTERNAL}")
        # Values may be expressions otherwise, and those may call anything.
        connection.apply(PLAIN_VALUES)
    for table in call.tables:
        check_format(table.input_format)
        name = quote_name(table.name)
        creation = f"CREATE TEMPORARY TABLE {name} ({table.structure}\n) ENGINE = Memory"
        tree = connection.classify(creation)
        if tree != ("CONTROL", 1):
            raise EngineError(
                f"The structure of the external table {table.name} can't be used: {table.structure[:200]}",
                code=BAD_REQUEST_PARAMETER,
                name="BAD_ARGUMENTS",
            )
        connection.execute(creation)
        filling = connection.insert(f"INSERT INTO {name}", table.input_format, folder)
        filling.append(table.data)
        filling.finish()


def opened(engine: Engine, principal: Principal, call: Call, folder: Path) -> Connection:
    """A fresh connection of the user's."""
    connection = engine.connect()
    try:
        enter(connection, principal, call, folder)
    except EngineError:
        connection.close()
        raise
    return connection
