"""Brings the warehouse to what the contracts say: what is missing is made, what changed is altered.

Every object's statement is remembered with its digest in ``ops.migrations``; what is as it should be
is left alone. Tables only gain columns here; a change that would rewrite data is refused beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from bilten.contracts import Contracts, load_contracts
from bilten.errors import IncompatibleMigration
from bilten.settings import Settings
from warehouse.client import Warehouse
from warehouse.compile import Statement, compile_datasets, retired_views, transaction_statements
from warehouse.deprecation import install_previous, load_deprecated
from warehouse.layout import load_layout, with_additions
from warehouse.readers import create_missing_readers
from warehouse.schema import database_statements, platform_statements
from warehouse.schema.operations import MIGRATIONS_TABLE
from warehouse.table_changes import alterations, drops_column, probe_name

# The embedded engine shares two cores; more connections than these only wait for each other.
CONNECTIONS = 4
_CREATE_TABLE = re.compile(r"^CREATE TABLE IF NOT EXISTS \S+")
_CREATE_VIEW = re.compile(
    r"^CREATE (?:MATERIALIZED VIEW|OR REPLACE VIEW|VIEW) .*?\bAS\s+(?=SELECT\b|WITH\b)", re.DOTALL
)
_MIGRATION_COLUMNS = ("object", "kind", "digest", "statement", "applied_at")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Attributes:
        statement: the statement that describes the object as it shall be.
        commands: what to run, in order; none when only its record is missing.
        afterwards: what to run when all else is done: a column is dropped once no view reads it.
        reason: ``missing``, ``changed``, ``unrecorded`` or ``retired``.
    """

    statement: Statement
    commands: tuple[str, ...]
    reason: str
    afterwards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Migration:
    """What there is to do, in an order in which it can be done.

    Attributes:
        stages: steps of one stage may run side by side.
    """

    stages: tuple[tuple[Step, ...], ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in order."""
        return tuple(step for stage in self.stages for step in stage)


def plan(settings: Settings, contracts: Contracts | None = None) -> Migration:
    """What would have to be done; nothing is changed, but for the table of migrations and probes.

    Args:
        settings: of the platform.
        contracts: the contracts; those of the project by default.

    Raises:
        IncompatibleMigration: a table would have to change in a way that rewrites its data.
        ContractError: a contract cannot be compiled.
        WarehouseError: the warehouse refused a statement.
    """
    with Warehouse(settings) as warehouse:
        return _plan(warehouse, contracts if contracts is not None else load_contracts())


def apply(settings: Settings, contracts: Contracts | None = None) -> Migration:
    """Bring the warehouse to what the contracts say. Doing it again, or after a crash, goes on and finishes.

    Records should not flow into a table whose columns change: stop the loader when `plan` is not empty on a
    running system. A view is altered in one step, so that no record passes between two versions of it.

    Args:
        settings: of the platform.
        contracts: the contracts; those of the project by default.

    Returns:
        What was done.

    Raises:
        IncompatibleMigration: a table would have to change in a way that rewrites its data; nothing was done.
        ContractError: a contract cannot be compiled; nothing was done.
        WarehouseError: the warehouse refused a statement; what was done before stays.
    """
    with Warehouse(settings) as warehouse:
        chosen = contracts if contracts is not None else load_contracts()
        migration = _plan(warehouse, chosen)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for stage in migration.stages:
                _run(warehouse, pool, [step.commands for step in stage])
                _record(warehouse, [step for step in stage if not step.afterwards])
            unfinished = [step for step in migration.steps if step.afterwards]
            _run(warehouse, pool, [step.afterwards for step in unfinished])
            _record(warehouse, unfinished)
        # Only what is missing: a view that differs from its contract changes with the next publication.
        create_missing_readers(warehouse, chosen.marts())
        install_previous(warehouse, chosen.sources(), load_deprecated(), datetime.now(UTC).date())
        return migration


def wanted(contracts: Contracts) -> tuple[tuple[Statement, ...], ...]:
    """Every statement of the warehouse, in stages that depend on earlier ones only.

    What earlier versions made and this one does not goes first. The views that take records in come last: no
    record flows into a half-made dataset.
    """
    sources = contracts.sources()
    datasets = (*with_additions(compile_datasets(sources), load_layout()), *transaction_statements(sources))
    return (
        tuple(retired_views(sources)),
        *((statement,) for statement in platform_statements()),
        tuple(statement for statement in datasets if statement.kind == "table"),
        tuple(statement for statement in datasets if statement.kind != "table" and not _takes_in(statement)),
        tuple(statement for statement in datasets if _takes_in(statement)),
    )


def _takes_in(statement: Statement) -> bool:
    return statement.kind == "materialized_view" and statement.name.endswith("__parse")


def _plan(warehouse: Warehouse, contracts: Contracts) -> Migration:
    stages = wanted(contracts)
    databases = {row[0] for row in warehouse.query("SELECT name FROM system.databases").rows}
    for statement in database_statements():
        if statement.name not in databases:
            warehouse.command(statement.sql)
    warehouse.command(MIGRATIONS_TABLE.sql)
    present = {
        f"{row[0]}.{row[1]}"
        for row in warehouse.query(
            "SELECT database, name FROM system.tables WHERE database IN {databases:Array(String)}",
            {"databases": [statement.name for statement in database_statements()]},
        ).rows
    }
    records = {
        row[0]: (str(row[1]), row[2])
        for row in warehouse.query("SELECT object, digest, applied_at FROM ops.migrations FINAL").rows
    }
    planned = (
        tuple(
            step for statement in stage if (step := _step(warehouse, statement, present, records)) is not None
        )
        for stage in stages
    )
    return Migration(tuple(stage for stage in planned if stage))


def _step(
    warehouse: Warehouse,
    statement: Statement,
    present: set[str],
    records: Mapping[str, tuple[str, datetime]],
) -> Step | None:
    if statement.kind == "retired":
        return Step(statement, (statement.sql,), "retired") if statement.name in present else None
    if statement.name not in present:
        return Step(statement, (statement.sql,), "missing")
    digest, applied_at = records.get(statement.name, ("", None))
    if digest == statement.digest:
        return None
    reason = "changed" if applied_at else "unrecorded"
    if statement.kind == "table":
        try:
            commands = table_commands(warehouse, statement)
        except IncompatibleMigration as error:
            raise _conflict(error, statement, applied_at) from error
        dropping = tuple(command for command in commands if drops_column(command))
        return Step(statement, tuple(one for one in commands if one not in dropping), reason, dropping)
    return Step(statement, (replacement(statement),), reason)


def _conflict(
    error: IncompatibleMigration, statement: Statement, applied_at: datetime | None
) -> IncompatibleMigration:
    """The refusal with how it is resolved: most often two people have changed one contract."""
    if applied_at is None:
        return error
    dataset = statement.name.partition(".")[2].removesuffix("__state")
    return IncompatibleMigration(
        error.what,
        why=f"The table was last altered at {applied_at:%Y-%m-%d %H:%M:%S} UTC by a contract that this one "
        "does not continue: somebody else's change is in the warehouse and not in this checkout, or this "
        "one takes something back.",
        remedy=f"Merge the other change of the contract of {dataset} (`git pull`), keep the columns of both, "
        "and give it a version above both; then run `bilten warehouse plan`. To take something back on "
        "purpose, make a new dataset, and let the old version stay readable "
        "(docs/how-to/change-a-contract.md).",
        table=statement.name,
    )


def replacement(statement: Statement) -> str:
    """A view's statement is its own replacement; a materialized view gets the new query in one step."""
    if statement.kind == "view":
        return statement.sql
    return f"ALTER TABLE {_quoted(statement.name)} MODIFY QUERY {query_of(statement)}"


def query_of(statement: Statement) -> str:
    """The query of a view."""
    beginning = _CREATE_VIEW.match(statement.sql)
    if beginning is None:
        raise ValueError(f"no query in the view {statement.name}")
    return statement.sql[beginning.end() :]


def table_commands(warehouse: Warehouse, statement: Statement) -> tuple[str, ...]:
    """What makes a table as its statement says: it is compared with an empty twin, since text says little.

    Raises:
        IncompatibleMigration: its data would have to be rewritten.
    """
    probe = probe_name(statement)
    sql = _CREATE_TABLE.sub(f"CREATE TABLE ops.`{probe}`", statement.sql, count=1)
    warehouse.command(f"DROP TABLE IF EXISTS ops.`{probe}`")
    try:
        warehouse.command(sql)
        return alterations(warehouse, statement.name, f"ops.{probe}")
    finally:
        warehouse.command(f"DROP TABLE IF EXISTS ops.`{probe}`")


def _quoted(name: str) -> str:
    database, _, table = name.partition(".")
    return f"{database}.`{table}`"


def _run(warehouse: Warehouse, pool: ThreadPoolExecutor, commands: Sequence[Sequence[str]]) -> None:
    """Run several objects' commands, side by side; those of one object in order."""

    def run(several: Sequence[str]) -> None:
        for command in several:
            warehouse.command(command)

    for _ in pool.map(run, commands):
        pass


def _record(warehouse: Warehouse, steps: Sequence[Step]) -> None:
    now = datetime.now(UTC)
    rows: Iterable[tuple[object, ...]] = [
        (step.statement.name, step.statement.kind, step.statement.digest, step.statement.sql, now)
        for step in steps
    ]
    warehouse.insert_rows("ops.migrations", _MIGRATION_COLUMNS, rows)
