"""What stands against capturing a database or some of its tables, and the remedy."""

from __future__ import annotations

from typing import Any

from ingestion.sources.definition import Source
from ingestion.sources.dialects import dialect_of
from ingestion.sources.tables import Obstacle, SourceColumn, SourceTable


def server_obstacles(source: Source, connection: Any) -> tuple[Obstacle, ...]:
    """What stands against capturing anything."""
    found = dialect_of(source.database).server_problems(connection)
    return tuple(Obstacle(source.name, weight, what, remedy) for weight, what, remedy in found)


def table_obstacles(table: SourceTable) -> tuple[Obstacle, ...]:
    """What stands against capturing a table, and what of it would be left out or altered. Pure."""
    dialect = dialect_of(table.database)
    return (
        *(Obstacle(table.full_name, *found) for found in dialect.table_problems(table)),
        *(
            Obstacle(f"{table.full_name}.{column.name}", "column", *problem)
            for column in table.columns
            if (problem := dialect.column_problem(table, column)) is not None
        ),
    )


def captured_columns(table: SourceTable) -> tuple[SourceColumn, ...]:
    """The columns that nothing stands against. Pure."""
    dialect = dialect_of(table.database)
    return tuple(column for column in table.columns if dialect.column_problem(table, column) is None)


def contract_type(column: SourceColumn) -> str | None:
    """What a contract calls the column's type; None when its values cannot be captured. Pure."""
    return dialect_of(column.database).contract_type(column)
