"""How a table must be altered to be as a new one would be, when it can be without rewriting its data."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from bilten.errors import IncompatibleMigration
from warehouse.client import Warehouse
from warehouse.compile.statements import Statement, identifier, literal

_DROP_COLUMN = " DROP COLUMN "
KEEPS_NOTHING = frozenset({"Null", "`Null`"})
"""The engine of tables that records only pass; this engine quotes its name, which is a keyword."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as the engine knows it."""

    name: str
    kind: str
    default: str
    codec: str
    comment: str


@dataclass(frozen=True, slots=True)
class TableShape:
    """What of a table decides how its data lie.

    Attributes:
        columns: in order.
        engine: with its arguments, keys and TTL, without settings.
        settings: the settings of its engine, as text.
        indices: skip indices, name and definition.
    """

    columns: tuple[TableColumn, ...]
    engine: str
    settings: str
    indices: tuple[tuple[str, str], ...]


PROBE_PREFIX = "probe_"
"""Beginning of the names of empty twins, which live in ``ops`` for a moment."""


def probe_name(statement: Statement) -> str:
    """Name of the fresh table to compare with."""
    return f"{PROBE_PREFIX}{statement.digest[:16]}"


def drops_column(command: str) -> bool:
    """Whether an ALTER that `alterations` gave takes a column away, which no view may read then."""
    return _DROP_COLUMN in command


def alterations(warehouse: Warehouse, table: str, fresh: str) -> tuple[str, ...]:
    """What turns a table into one like a fresh one.

    Args:
        warehouse: the warehouse.
        table: the table that exists, ``database.table``.
        fresh: an empty table made by the new statement.

    Returns:
        ALTER statements, none if there is no difference.

    Raises:
        IncompatibleMigration: data would have to be rewritten.
    """
    return alter(table, _shape(warehouse, table), _shape(warehouse, fresh))


def alter(table: str, present: TableShape, wanted: TableShape) -> tuple[str, ...]:
    """The same from what is known of both tables; pure. A table that keeps nothing may change in any way.

    Raises:
        IncompatibleMigration: a column is gone or has another type, the key or the engine differs.
    """
    keeps_nothing = {present.engine, wanted.engine} <= KEEPS_NOTHING
    differences = [] if keeps_nothing else _rewrites(present, wanted)
    if differences:
        raise IncompatibleMigration(
            f"The table {table} cannot be altered: {'; '.join(differences)}.", table=table
        )
    database, _, name = table.partition(".")
    target = f"ALTER TABLE {database}.{identifier(name)}"
    before = {column.name: column for column in present.columns}
    commands = []
    places = {following.name: column.name for column, following in pairwise(wanted.columns)}
    for column in wanted.columns:
        if column.name not in before:
            place = f" AFTER {identifier(places[column.name])}" if column.name in places else " FIRST"
            commands.append(f"{target} ADD COLUMN IF NOT EXISTS {_definition(column)}{place}")
        elif column.kind != before[column.name].kind or (
            column.codec != before[column.name].codec and column.codec
        ):
            commands.append(f"{target} MODIFY COLUMN {_definition(column)}")
        elif column.comment != before[column.name].comment:
            commands.append(f"{target} COMMENT COLUMN {identifier(column.name)} {literal(column.comment)}")
    gone = before.keys() - {column.name for column in wanted.columns}
    commands += [f"{target}{_DROP_COLUMN}{identifier(name)}" for name in sorted(gone)]
    for index, definition in wanted.indices:
        if index not in dict(present.indices):
            commands.append(f"{target} ADD INDEX IF NOT EXISTS {identifier(index)} {definition}")
            if not keeps_nothing:
                # For the rows that are there; in the background.
                commands.append(f"{target} MATERIALIZE INDEX {identifier(index)}")
    if present.settings != wanted.settings and wanted.settings:
        commands.append(f"{target} MODIFY SETTING {wanted.settings}")
    return tuple(commands)


def _rewrites(present: TableShape, wanted: TableShape) -> list[str]:
    kinds = {column.name: column.kind for column in wanted.columns}
    differences = []
    for column in present.columns:
        if column.name not in kinds:
            differences.append(f"column {column.name} would be dropped")
        elif kinds[column.name] != column.kind:
            differences.append(
                f"column {column.name} would change from {column.kind} to {kinds[column.name]}"
            )
    if present.engine != wanted.engine:
        differences.append(f"its engine would change from {present.engine} to {wanted.engine}")
    return differences


def _definition(column: TableColumn) -> str:
    default = f" DEFAULT {column.default}" if column.default else ""
    comment = f" COMMENT {literal(column.comment)}" if column.comment else ""
    codec = f" {column.codec}" if column.codec else ""
    return f"{identifier(column.name)} {column.kind}{default}{comment}{codec}"


def _shape(warehouse: Warehouse, table: str) -> TableShape:
    database, _, name = table.partition(".")
    place = {"database": database, "name": name}
    columns = warehouse.query(
        "SELECT name, type, default_expression, compression_codec, comment FROM system.columns "
        "WHERE database = {database:String} AND table = {name:String} ORDER BY position",
        place,
    )
    engine = warehouse.scalar(
        "SELECT engine_full FROM system.tables WHERE database = {database:String} AND name = {name:String}",
        place,
    )
    indices = warehouse.query(
        "SELECT name, concat(expr, ' TYPE ', type_full, ' GRANULARITY ', toString(granularity)) "
        "FROM system.data_skipping_indices "
        "WHERE database = {database:String} AND table = {name:String} ORDER BY name",
        place,
    )
    definition, _, settings = str(engine).partition(" SETTINGS ")
    return TableShape(
        tuple(TableColumn(*map(str, row)) for row in columns.rows),
        definition,
        settings,
        tuple((str(row[0]), str(row[1])) for row in indices.rows),
    )
