"""What in the warehouse is no longer as it was made: altered by hand, gone, or made by nobody known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from bilten.errors import IncompatibleMigration
from warehouse.client import Warehouse
from warehouse.compile import Statement
from warehouse.migrate import CONNECTIONS, query_of, replacement, table_commands
from warehouse.migrations import recorded
from warehouse.schema.operations import MIGRATIONS_TABLE
from warehouse.table_changes import PROBE_PREFIX

Kind = Literal["altered", "gone", "unknown"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One object that differs from its record in ``ops.migrations``.

    Attributes:
        name: ``database.object``.
        kind: ``altered`` by hand, ``gone``, or ``unknown``: it stands among the others, and no migration
            made it.
        reason: what differs, for people.
        commands: what brings it back to its record; none when that is for people to decide.
        is_view: whether it is a view, which needs the tables that it reads.
    """

    name: str
    kind: Kind
    reason: str
    commands: tuple[str, ...] = ()
    is_view: bool = False


def find_drift(warehouse: Warehouse) -> tuple[Drift, ...]:
    """Compare every recorded object with what is there now; for each table an empty twin is made and dropped.

    Args:
        warehouse: used by several threads.

    Returns:
        What differs, by name.

    Raises:
        WarehouseError: the warehouse refused a statement.
    """
    statements = [each.statement for each in recorded(warehouse)]
    records = [each for each in statements if each.kind in {"table", "view", "materialized_view"}]
    present = _present(warehouse, sorted({record.name.partition(".")[0] for record in records}))
    kept = [record for record in records if record.name in present]
    found = [
        Drift(
            record.name,
            "gone",
            "It is not there; made again, it is empty.",
            (record.sql,),
            record.kind != "table",
        )
        for record in records
        if record.name not in present
    ]
    found += [
        Drift(name, "unknown", "No migration made it: drop it, or move it to a database of its own.")
        for name in present - {record.name for record in records} - {MIGRATIONS_TABLE.name}
    ]
    found += _altered_views(warehouse, [record for record in kept if record.kind != "table"])
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        tables = [record for record in kept if record.kind == "table"]
        compared = pool.map(lambda table: _altered_table(warehouse, table), tables)
        found += [drift for drift in compared if drift is not None]
    return tuple(sorted(found, key=lambda drift: drift.name))


def repair(warehouse: Warehouse, drifts: Iterable[Drift]) -> tuple[Drift, ...]:
    """Bring objects back to their records.

    Args:
        warehouse: where.
        drifts: what `find_drift` found.

    Returns:
        Those that are left to people.

    Raises:
        WarehouseError: the warehouse refused a statement; what was done before stays.
    """
    left = []
    # A table before the views on it.
    for drift in sorted(drifts, key=lambda one: one.is_view):
        for command in drift.commands:
            warehouse.command(command)
        if not drift.commands:
            left.append(drift)
    return tuple(left)


def _present(warehouse: Warehouse, databases: Sequence[str]) -> set[str]:
    rows = warehouse.query(
        "SELECT database, name FROM system.tables WHERE database IN {databases:Array(String)} "
        "AND NOT startsWith(name, {probe:String})",
        {"databases": list(databases), "probe": PROBE_PREFIX},
    ).rows
    return {f"{database}.{name}" for database, name in rows}


def _altered_table(warehouse: Warehouse, record: Statement) -> Drift | None:
    try:
        commands = table_commands(warehouse, record)
    except IncompatibleMigration as error:
        return Drift(record.name, "altered", error.what)
    return Drift(record.name, "altered", "; ".join(commands), commands) if commands else None


def _altered_views(warehouse: Warehouse, records: Sequence[Statement]) -> list[Drift]:
    live = {
        f"{database}.{name}": query
        for database, name, query in warehouse.query(
            "SELECT database, name, formatQuerySingleLineOrNull(as_select) FROM system.tables "
            "WHERE concat(database, '.', name) IN {names:Array(String)}",
            {"names": [record.name for record in records]},
        ).rows
    }
    formatted = warehouse.query(
        "SELECT arrayJoin(arrayMap(query -> formatQuerySingleLineOrNull(query), {queries:Array(String)}))",
        {"queries": [query_of(record) for record in records]},
    ).rows
    return [
        Drift(record.name, "altered", f"Its query is now: {live[record.name]}", (replacement(record),), True)
        for record, (query,) in zip(records, formatted, strict=True)
        if _plain(query) != _plain(live[record.name])
    ]


def _plain(query: str) -> str:
    """A formatted query without backquotes: the engine leaves needless ones out of what it stores."""
    return re.sub(r"[`\s]+", " ", query)
