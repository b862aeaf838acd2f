"""Tables of a build beside those of earlier publications: clones, which share their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import structlog

from bilten.contracts import Contract
from bilten.errors import PublicationRefused, WarehouseError, WarehouseUnavailable
from warehouse.builds import Build
from warehouse.client import Warehouse
from warehouse.layout import Addition, load_layout
from warehouse.readers import CLONES_DATABASE, READERS_DATABASE, clone_name, mart_type

log = structlog.get_logger()


def clone_tables(warehouse: Warehouse, build: Build, marts: Sequence[Contract]) -> None:
    """Put a build's tables beside those of earlier publications; what a crash left of them is made anew.

    Args:
        warehouse: the warehouse.
        build: a build that was never published.
        marts: contracts of the marts.

    Raises:
        PublicationRefused: the build changed meanwhile.
    """
    layout = load_layout()
    for contract in marts:
        clone = f"{CLONES_DATABASE}.`{clone_name(contract.name, build.build_id)}`"
        table = f"`{build.database}`.`{contract.name}`"
        warehouse.command(f"DROP TABLE IF EXISTS {clone}")
        warehouse.command(f"CREATE TABLE {clone} CLONE AS {table}")
        lay_out(warehouse, f"{READERS_DATABASE}.{contract.name}", clone, layout)
    rows = {
        (database, name): count
        for database, name, count in warehouse.query(
            "SELECT database, name, total_rows FROM system.tables "
            "WHERE database IN {databases:Array(String)}",
            {"databases": [build.database, CLONES_DATABASE]},
        ).rows
    }
    for contract in marts:
        clone = clone_name(contract.name, build.build_id)
        if rows[CLONES_DATABASE, clone] != rows[build.database, contract.name]:
            raise PublicationRefused(
                f"The clone of {contract.name} has {rows[CLONES_DATABASE, clone]} rows instead of "
                f"{rows[build.database, contract.name]}.",
                why="Somebody wrote to the build while it was being published.",
                remedy="Build again.",
            )


def lay_out(warehouse: Warehouse, mart: str, table: str, layout: Sequence[Addition]) -> None:
    """Give a published table the skip indexes and projections of its mart.

    One that no longer fits the mart is left out: it makes queries quicker, and nothing is wrong without it.

    Args:
        warehouse: the warehouse.
        mart: as the layout names it.
        table: quoted name of the published table.
        layout: all of it.
    """
    for addition in layout:
        if addition.table != mart:
            continue
        try:
            for command in addition.commands(table):
                warehouse.command(command)
        except WarehouseUnavailable:
            raise
        except WarehouseError as error:
            log.warning("layout does not fit", table=table, name=addition.name, error=error.what[:300])


def demand_contracts(
    warehouse: Warehouse, build: Build, marts: Sequence[Contract], database: str, tables: Mapping[str, str]
) -> None:
    """Refuse a build that lacks a column that a contract promises, or has it with another type.

    Args:
        warehouse: the warehouse.
        build: the build.
        marts: contracts of the marts.
        database: where the build's tables, or their clones, are.
        tables: name of the table of each mart.

    Raises:
        PublicationRefused: with every difference.
    """
    # The engine would fill a column that a build lacks with zeros, so promised columns are demanded here.
    found: dict[str, dict[str, str]] = {}
    for table, name, kind in warehouse.query(
        "SELECT table, name, type FROM system.columns "
        "WHERE database = {database:String} AND table IN {tables:Array(String)}",
        {"database": database, "tables": list(tables.values())},
    ).rows:
        found.setdefault(table, {})[name] = kind
    differences = [
        line for contract in marts for line in _differences(contract, found.get(tables[contract.name]))
    ]
    if differences or not marts:
        raise PublicationRefused(
            f"Build {build.build_id} does not hold what the contracts of the marts promise: "
            f"{'; '.join(differences) or 'there is no contract of a mart'}.",
            why="Readers would see zeros in place of missing columns.",
            remedy="Build again with the models and contracts as they are now.",
            differences=differences,
        )


def _differences(contract: Contract, found: Mapping[str, str] | None) -> Iterator[str]:
    if found is None:
        yield f"{contract.name}: no such table"
        return
    for column in contract.columns:
        promised, kind = mart_type(column), found.get(column.name, "nothing")
        if kind != promised:
            yield f"{contract.name}.{column.name}: {kind} instead of {promised}"
