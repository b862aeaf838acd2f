"""MariaDB 10.5 and later, and MySQL 8 by the same code."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from bilten.contracts import Contract
from bilten.databases import Database
from bilten.errors import SourceUnavailable
from bilten.settings import Settings
from ingestion.connect import connect_client, stored_offset
from ingestion.sources.definition import Source
from ingestion.sources.dialect import Marks, Moment, Rows, SourceSide
from ingestion.sources.mariadb import configuration, inspection, obstacles
from ingestion.sources.mariadb.connection import open_source
from ingestion.sources.mariadb.fingerprint import MariaFingerprints
from ingestion.sources.mariadb.marks import PlaceMarks
from ingestion.sources.mariadb.reading import reading
from ingestion.sources.mariadb.values import quoted, table_of
from ingestion.sources.tables import SourceColumn, SourceTable, Weight
from ingestion.topics import delete_topics

START_SECONDS = 60.0
LOOK_SECONDS = 0.2


class MariaDB:
    """See `ingestion.sources.dialect.Dialect`."""

    database: Database = "mariadb"

    def open(self, source: Source) -> AbstractContextManager[Any]:
        """Connect with PyMySQL."""
        return open_source(source)

    def table_of(self, contract: Contract) -> str:
        """The table's name in SQL."""
        return table_of(contract)

    def footprint(self, source: Source) -> str:
        """A reader of the log, and nothing else."""
        return f"nothing but a reader of the log, with the server id {configuration.server_id(source)}"

    def server_problems(self, connection: Any) -> Iterator[tuple[Weight, str, str]]:
        """What stands against capturing anything."""
        return obstacles.server_problems(inspection.inspect_server(connection))

    def inspect_tables(self, connection: Any, chosen: Collection[str] = ()) -> tuple[SourceTable, ...]:
        """A database of the server is a schema."""
        return inspection.inspect_tables(connection, chosen)

    def table_problems(self, table: SourceTable) -> Iterator[tuple[Weight, str, str]]:
        """What stands against capturing a table."""
        return obstacles.table_problems(table)

    def column_problem(self, table: SourceTable, column: SourceColumn) -> tuple[str, str] | None:
        """What keeps a column from being captured."""
        return obstacles.column_problem(column)

    def contract_type(self, column: SourceColumn) -> str | None:
        """What a contract calls the column's type."""
        return obstacles.contract_type(column)

    def sample(
        self, connection: Any, table: SourceTable, columns: Sequence[str], rows: int
    ) -> Sequence[Sequence[str | None]]:
        """Values of some rows as text."""
        listed = ", ".join(f"LEFT(CONVERT({quoted(name)} USING utf8mb4), 200)" for name in columns)
        query = f"SELECT {listed} FROM {quoted(table.schema)}.{quoted(table.name)} LIMIT {rows}"
        found: Sequence[Sequence[str | None]] = connection.execute(query).fetchall()
        return found

    def connector(self, settings: Settings, source: Source, captured: Sequence[Contract]) -> dict[str, str]:
        """Its number among the replicas, and where definitions of tables are kept."""
        return configuration.connector(settings, source)

    def wait_until_captured(self, settings: Settings, source: Source, connection: Any) -> None:
        """Wait until the connector has noted the place in the log where it begins."""
        deadline = time.monotonic() + START_SECONDS
        with connect_client(settings) as client:
            while not stored_offset(client, source.connector):
                if time.monotonic() > deadline:
                    raise SourceUnavailable(
                        f"The connector {source.connector} has not begun to read the log.",
                        why="It waits for a lock on the tables, or has failed.",
                        remedy="Run `bilten doctor`; a transaction that is open for long may hold it up.",
                    )
                time.sleep(LOOK_SECONDS)

    def stream_start(self, source: Source, connection: Any) -> str:
        """It need not be known: the connector goes on at the file, place, event and row where it was."""
        return ""

    def blind_spots(
        self, settings: Settings, source: Source, connection: Any, contracts: Sequence[Contract]
    ) -> Iterator[tuple[str, str, str]]:
        """None: what the connector cannot see is told before."""
        return iter(())

    def release(self, settings: Settings, source: Source, connection: Any) -> None:
        """Nothing was made in the source; here the definitions of its tables go."""
        delete_topics(settings, [configuration.history_topic(source)])

    def reading(
        self, connection: Any, contract: Contract, keys: Sequence[str] | None = None
    ) -> AbstractContextManager[tuple[Moment, Rows]]:
        """Read rows in a snapshot, whose position is known."""
        return reading(connection, contract, keys)

    def fingerprints(self, connection: Any) -> SourceSide:
        """Computed by MariaDB."""
        return MariaFingerprints(connection)

    def marks(self, settings: Settings, source: Source, connection: Any) -> Marks:
        """Ends of the log."""
        return PlaceMarks(settings, source, connection)
