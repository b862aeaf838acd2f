"""Copies a warehouse to another address, table by table, and proves each by its hash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import SecretStr

from bilten.contracts import Contracts
from bilten.errors import CopyRefused
from bilten.settings import Settings
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.compile.statements import identifier
from warehouse.schema import database_statements

DATABASES: Final = ("raw", "ods", "ops", "lineage", "audit", "builds", "access")
"""What cannot be made from contracts and models again. Views of the marts follow from the contracts."""

_MADE_HERE: Final = frozenset({"ops.migrations"})
"""What the other warehouse says of itself."""

Outcome = Literal["copied", "already there", "differs"]


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of one table.

    Attributes:
        rows: in the table here, as readers see it.
        outcome: ``differs`` if rows came in meanwhile: copy again once nothing is written.
    """

    table: str
    rows: int
    outcome: Outcome


def copy_warehouse(
    settings: Settings,
    url: SecretStr,
    *,
    replace: bool,
    tell: Callable[[str], None],
    contracts: Contracts | None = None,
) -> tuple[Copied, ...]:
    """Copy all that was loaded, built and noted. Nothing may be written meanwhile: stop the loader first.

    Doing it again, or after it broke off, goes on: tables whose hashes agree are left alone.

    Args:
        settings: of the platform, whose warehouse is copied.
        url: of the other one, with user and password.
        replace: whether rows that the other one has and this one has not may go.
        tell: told of each table.
        contracts: what is made there; those of the project by default.

    Raises:
        CopyRefused: both are the same, or a table there has rows of its own.
        WarehouseError: one of both refused a statement; what was copied before stays.
    """
    target_settings = settings.model_copy(update={"warehouse_url": url})
    with Warehouse(settings) as source, Warehouse(target_settings) as target:
        _demand_another(source, target)
        migrate.apply(target_settings, contracts)
        found = []
        for table, statement in _tables(source):
            tell(table)
            _prepare(target, table, statement)
            found.append(_copy(source, target, table, replace=replace))
        return tuple(found)


def fingerprint(warehouse: Warehouse, table: str) -> tuple[int, int]:
    """Rows of a table as readers see it, and a hash of them in any order."""
    database, _, name = table.partition(".")
    engine = warehouse.scalar(
        "SELECT engine FROM system.tables WHERE database = {database:String} AND name = {name:String}",
        {"database": database, "name": name},
    )
    # Copies of a row that are not merged yet are one row.
    final = " FINAL" if str(engine) not in ("MergeTree", "ReplicatedMergeTree", "Join") else ""
    rows, total = warehouse.query(
        f"SELECT count(), sum(cityHash64(toString(tuple(*)))) FROM {_quoted(table)}{final}"
    ).rows[0]
    return int(rows), int(total)


def _demand_another(source: Warehouse, target: Warehouse) -> None:
    identity = "SELECT toString(uuid) FROM system.tables WHERE database = 'ops' AND name = 'publications'"
    mine = source.scalar(identity)
    if mine is None:
        raise CopyRefused("There is no warehouse to copy yet.", remedy="Run `bilten warehouse apply`.")
    if mine == target.scalar(identity):
        raise CopyRefused("Both addresses are the same warehouse.", remedy="Name another one.")


def _tables(source: Warehouse) -> Iterator[tuple[str, str]]:
    """Tables with rows of their own, and what made them."""
    rows = source.query(
        "SELECT concat(database, '.', name), create_table_query FROM system.tables "
        "WHERE database IN {databases:Array(String)} "
        "AND (engine LIKE '%MergeTree' OR engine IN ('Join', 'Merge')) "
        "ORDER BY engine = 'Merge', database, name",
        {"databases": list(DATABASES)},
    ).rows
    yield from ((str(table), str(statement)) for table, statement in rows if table not in _MADE_HERE)


def _prepare(target: Warehouse, table: str, statement: str) -> None:
    """Tables that no contract makes, such as those of published builds, are made as they are here."""
    database, _, name = table.partition(".")
    if database not in {one.name for one in database_statements()}:
        target.command(f"CREATE DATABASE IF NOT EXISTS {identifier(database)}")
    there = target.scalar(
        "SELECT count() FROM system.tables WHERE database = {database:String} AND name = {name:String}",
        {"database": database, "name": name},
    )
    if not there:
        target.command(statement)


def _copy(source: Warehouse, target: Warehouse, table: str, *, replace: bool) -> Copied:
    quoted = _quoted(table)
    if source.scalar(
        "SELECT engine = 'Merge' FROM system.tables WHERE concat(database, '.', name) = {table:String}",
        {"table": table},
    ):
        return Copied(table, 0, "already there")
    before = fingerprint(source, table)
    there = fingerprint(target, table)
    if there == before:
        return Copied(table, before[0], "already there")
    if there[0]:
        # Its views fill some tables while others are copied; their rows are known here, too.
        if not replace and table.partition(".")[0] != "ops":
            raise CopyRefused(f"{table} has {there[0]} rows there that are not those here.")
        target.command(f"TRUNCATE TABLE {quoted}")
    columns = [
        str(row[0])
        for row in source.query(
            "SELECT name FROM system.columns WHERE concat(database, '.', table) = {table:String} "
            "ORDER BY position",
            {"table": table},
        ).rows
    ]
    selected = ", ".join(identifier(column) for column in columns)
    body = source.stream_bytes(f"SELECT {selected} FROM {quoted}", "Native")
    target.insert_stream(quoted, columns, body, "Native")
    after = fingerprint(target, table)
    return Copied(table, after[0], "copied" if after == fingerprint(source, table) else "differs")


def _quoted(table: str) -> str:
    database, _, name = table.partition(".")
    return f"{identifier(database)}.{identifier(name)}"
