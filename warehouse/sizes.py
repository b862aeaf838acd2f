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
