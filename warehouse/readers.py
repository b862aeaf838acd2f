"""What readers of the marts see: one view per mart, all following the one pointer row.

The tables of a published build are cloned into one database, which is never dropped; a clone shares the
files, so it takes neither time nor space. A view selects the published build by ``_table``, from a table of
the engine ``Merge`` that spans a mart's clones. The pointer is a scalar subquery with the same text in every
view: the engine evaluates it once a query, so all marts that a query names come from the same build.

Why clones: ``Merge`` over databases lists their names and then looks each one up, and a query fails when a
build, whichever, is dropped in between (seen once in some 100 drops with two readers). Tables that come and
go do no harm.

Why ``Merge`` states the columns: the table function `merge` would take names and types from whichever build
it finds first, and convert the published one to them in silence (seen: a ``Decimal(14, 2)`` read as
``Decimal(13, 2)``). Its name ends with a digest of the contract, so that a change of it makes a new table and
the view moves there in one step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from bilten.contracts import Column, Contract
from warehouse.client import Warehouse

READERS_DATABASE = "marts"
CLONES_DATABASE = "builds"
POINTER = "SELECT build_id FROM ops.publications ORDER BY published_at DESC LIMIT 1"
"""The build that readers see."""


def mart_type(column: Column) -> str:
    """The warehouse type of a mart's column: as its contract says it, Nullable when it is not required."""
    declared = column.source_type
    if column.required or declared.startswith(("Array(", "Map(", "Tuple(")):
        return declared
    if declared.startswith("LowCardinality("):
        inner = declared.removeprefix("LowCardinality(").removesuffix(")")
        return f"LowCardinality(Nullable({inner}))"
    return f"Nullable({declared})"


def clone_name(mart: str, build_id: str) -> str:
    """Name of the table that holds a mart of a published build, in the database of clones."""
    return f"{mart}__{build_id}"


def all_builds_table(contract: Contract) -> str:
    """Name of the table that spans a mart's published builds; it ends with a digest of the contract."""
    described = [
        POINTER,
        contract.description,
        contract.grain,
        *(f"{column.name} {mart_type(column)} {column.description}" for column in contract.columns),
    ]
    digest = hashlib.sha256("\n".join(described).encode()).hexdigest()[:8]
    return f"{CLONES_DATABASE}.{contract.name}_all_{digest}"


def all_builds_statement(contract: Contract) -> str:
    """DDL of the table that spans a mart's published builds."""
    columns = ",\n".join(f"    `{column.name}` {mart_type(column)}" for column in contract.columns)
    return (
        f"CREATE TABLE IF NOT EXISTS {all_builds_table(contract)} (\n{columns}\n)\n"
        f"ENGINE = Merge({CLONES_DATABASE}, '^{contract.name}__[0-9]{{8}}T')"
    )


def reader_statement(contract: Contract) -> str:
    """DDL of the view that readers of a mart use."""
    columns = ",\n".join(
        f"    `{column.name}` {mart_type(column)} COMMENT {_text(column.description)}"
        for column in contract.columns
    )
    selected = ",\n".join(f"    `{column.name}`" for column in contract.columns)
    return (
        f"CREATE OR REPLACE VIEW {READERS_DATABASE}.{contract.name} (\n{columns}\n)\nAS SELECT\n{selected}\n"
        f"FROM {all_builds_table(contract)}\nWHERE _table = concat('{contract.name}__', ({POINTER}))\n"
        f"COMMENT {comment_of(contract)}"
    )


def comment_of(contract: Contract, more: str = "") -> str:
    """The comment of a mart's view, as a literal.

    Args:
        contract: of the mart.
        more: what else it says.
    """
    return _text(f"{contract.description} {contract.grain} {more}")


def create_missing_readers(warehouse: Warehouse, marts: Iterable[Contract]) -> tuple[str, ...]:
    """Give every mart its view; one that has a view keeps it. Before the first publication marts are empty.

    Args:
        warehouse: the warehouse.
        marts: contracts of the marts.

    Returns:
        Names of the marts that had none.
    """
    present = _views(warehouse)
    return _replace(warehouse, [contract for contract in marts if contract.name not in present])


def replace_stale_readers(warehouse: Warehouse, marts: Iterable[Contract]) -> tuple[str, ...]:
    """Make the views of marts agree with their contracts; each changes in one step.

    Args:
        warehouse: the warehouse.
        marts: contracts of the marts.

    Returns:
        Names of the marts whose view changed.
    """
    present = _views(warehouse)
    return _replace(
        warehouse,
        [
            contract
            for contract in marts
            if all_builds_table(contract).rpartition(".")[2] not in present.get(contract.name, "")
        ],
    )


def _views(warehouse: Warehouse) -> dict[str, str]:
    result = warehouse.query(
        "SELECT name, as_select FROM system.tables WHERE database = {database:String}",
        {"database": READERS_DATABASE},
    )
    return {str(name): str(query) for name, query in result.rows}


def _replace(warehouse: Warehouse, marts: Sequence[Contract]) -> tuple[str, ...]:
    for database in (READERS_DATABASE, CLONES_DATABASE) if marts else ():
        warehouse.command(f"CREATE DATABASE IF NOT EXISTS {database}")
    for contract in marts:
        warehouse.command(all_builds_statement(contract))
        warehouse.command(reader_statement(contract))
    return tuple(contract.name for contract in marts)


def _text(value: str) -> str:
    escaped = value.strip().replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
