"""How large tables are."""

from __future__ import annotations

from warehouse.client import Warehouse


def table_sizes(warehouse: Warehouse, database: str) -> dict[str, tuple[int, int]]:
    """Rows and bytes of every table of a database that stores something; views have none.

    Args:
        warehouse: the warehouse.
        database: the database's name.

    Returns:
        Rows and compressed bytes by table name.
    """
    result = warehouse.query(
        "SELECT name, total_rows, total_bytes FROM system.tables "
        "WHERE database = {database:String} AND total_rows IS NOT NULL",
        {"database": database},
    )
    return {str(name): (int(rows), int(size or 0)) for name, rows, size in result.rows}


def version(warehouse: Warehouse) -> str:
    """The engine's version."""
    return str(warehouse.scalar("SELECT version()"))


def table_columns(warehouse: Warehouse, database: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Names and types of the columns of every table and view of a database, in their order.

    Args:
        warehouse: the warehouse.
        database: the database's name.
    """
    result = warehouse.query(
        "SELECT table, name, type FROM system.columns "
        "WHERE database = {database:String} ORDER BY table, position",
        {"database": database},
    )
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for table, name, kind in result.rows:
        found[str(table)] = (*found.get(str(table), ()), (str(name), str(kind)))
    return found
