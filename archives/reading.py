"""Ask the archive with DuckDB, without copying it: views over the files of each table's current snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
from pyiceberg.catalog import Catalog
from pyiceberg.manifest import DataFileContent
from pyiceberg.table import Table

from archives.catalog import NAMESPACE, archived_tables, find_table, local_path
from archives.positions import Positions, read_positions
from bilten.errors import ArchiveError, ArchiveQueryRefused
from bilten.settings import Settings

_MENTIONED = re.compile(rf'\b{NAMESPACE}\s*\.\s*"?(\w+)"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArchivedTable:
    """What the archive holds of one dataset.

    Attributes:
        dataset: its name.
        rows: rows in the current snapshot.
        files: its data files.
        bytes: their size.
        snapshots: snapshots that can be travelled to.
        archived_at: time of the newest snapshot; None when there is none.
        location: root of its files as a URI.
        positions: how far the archive is in each partition.
    """

    dataset: str
    rows: int
    files: int
    bytes: int
    snapshots: int
    archived_at: datetime | None
    location: str
    positions: Positions


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of a query.

    Attributes:
        columns: their names.
        rows: their values.
        truncated: whether there were more rows than asked for.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool


def list_tables(catalog: Catalog) -> tuple[ArchivedTable, ...]:
    """Every table of the archive, from the summaries of their snapshots; no data file is opened."""
    return tuple(_listed(table) for table in archived_tables(catalog))


def _listed(table: Table) -> ArchivedTable:
    snapshot = table.current_snapshot()
    summary = snapshot.summary if snapshot else None

    def figure(name: str) -> int:
        return int(summary[name] or 0) if summary is not None and name in summary else 0

    return ArchivedTable(
        dataset=table.name()[-1],
        rows=figure("total-records"),
        files=figure("total-data-files"),
        bytes=figure("total-files-size"),
        snapshots=len(table.snapshots()),
        archived_at=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC) if snapshot else None,
        location=str(table.location()),
        positions=read_positions(table.properties),
    )


def query(settings: Settings, catalog: Catalog, sql: str, most: int = 1000) -> Answer:
    """Run one SELECT over the archive.

    Only the tables that the statement names are opened, and of those only the columns and row groups that it
    needs are read.

    Args:
        settings: limits of memory come from it.
        catalog: the archive.
        sql: a SELECT over ``bronze.<dataset>``.
        most: most rows returned.

    Returns:
        The rows.

    Raises:
        ArchiveQueryRefused: it is no SELECT, names a table that is not archived, or is wrong.
        ArchiveError: the archive's files cannot be read this way.
    """
    with _engine(settings) as connection:
        try:
            statements = connection.extract_statements(sql)
        except duckdb.Error as error:
            raise ArchiveQueryRefused("The statement cannot be read.", why=str(error)) from error
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise ArchiveQueryRefused("The archive takes one SELECT at a time, and nothing else.")
        connection.execute(f"CREATE SCHEMA {NAMESPACE}")
        folders = []
        for dataset in sorted(set(_MENTIONED.findall(sql))):
            table = find_table(catalog, dataset)
            if table is not None:
                _register(connection, table)
                folders.append(str(local_path(str(table.location()))))
        # From here on the statement can reach these tables' files and nothing else of this machine.
        connection.execute(f"SET allowed_directories = {folders!r}")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        try:
            cursor = connection.execute(statements[0])
            rows = cursor.fetchmany(most + 1)
        except duckdb.Error as error:
            raise ArchiveQueryRefused("The statement failed.", why=str(error)) from error
        columns = tuple(column[0] for column in cursor.description or ())
        return Answer(columns, tuple(rows[:most]), len(rows) > most)


@contextmanager
def _engine(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    scratch = settings.home / "archive" / "scratch"
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": f"{settings.warehouse_memory_megabytes}MiB",
            "temp_directory": str(scratch),
        },
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def _register(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    dataset = table.name()[-1]
    if local_path(str(table.location())) is None:
        raise ArchiveError(
            f"{dataset} is not on this machine's file system.",
            why="DuckDB reads object stores only with an extension that is not part of this platform.",
            remedy="Read it through the warehouse, or with any engine that reads Iceberg.",
        )
    files = []
    for task in table.scan().plan_files():
        if any(delete.content != DataFileContent.DATA for delete in task.delete_files):
            raise ArchiveError(
                f"{dataset} has rows that were deleted after they were written.",
                why="Views over files cannot leave single rows out.",
                remedy="Compact the table, or read it through the warehouse.",
            )
        files.append(task.file.file_path.removeprefix("file://"))
    if not files:
        names = ", ".join(
            f'CAST(NULL AS {_duckdb_type(str(field.field_type))}) AS "{field.name}"'
            for field in table.schema().fields
        )
        connection.execute(f'CREATE VIEW {NAMESPACE}."{dataset}" AS SELECT {names} WHERE false')
        return
    paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    # Files written before a column was added do not have it.
    connection.execute(
        f'CREATE VIEW {NAMESPACE}."{dataset}" AS '
        f"SELECT * FROM read_parquet([{paths}], union_by_name = true, hive_partitioning = false)"
    )


def _duckdb_type(iceberg: str) -> str:
    if iceberg.startswith("list<"):
        return _duckdb_type(iceberg.removeprefix("list<").removesuffix(">")) + "[]"
    names = {"string": "VARCHAR", "long": "BIGINT", "int": "INTEGER", "binary": "BLOB"}
    return names.get(iceberg, iceberg.upper())
