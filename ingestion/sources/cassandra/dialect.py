"""Cassandra 5."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from bilten.contracts import Contract
from bilten.databases import Database
from bilten.errors import SourceUnavailable
from bilten.settings import Settings
from ingestion.sources.cassandra import inspection, obstacles
from ingestion.sources.cassandra.blind_spots import answers, blind_spots
from ingestion.sources.cassandra.configuration import folder_of
from ingestion.sources.cassandra.connection import open_source
from ingestion.sources.cassandra.fingerprint import CassandraFingerprints
from ingestion.sources.cassandra.marks import TimeMarks
from ingestion.sources.cassandra.reading import reading
from ingestion.sources.cassandra.values import quoted, table_of
from ingestion.sources.definition import Source
from ingestion.sources.dialect import Marks, Moment, Rows, SourceSide
from ingestion.sources.tables import SourceColumn, SourceTable, Weight

START_SECONDS = 90.0
LOOK_SECONDS = 0.2


class Cassandra:
    """See `ingestion.sources.dialect.Dialect`."""

    database: Database = "cassandra"

    def open(self, source: Source) -> AbstractContextManager[Any]:
        """Connect with the Python driver."""
        return open_source(source)

    def table_of(self, contract: Contract) -> str:
        """The table's name in CQL."""
        return table_of(contract)

    def footprint(self, source: Source) -> str:
        """A reader of the commit log on its node, and nothing in the database."""
        return "nothing but a reader of the commit log, which runs on this node"

    def server_problems(self, connection: Any) -> Iterator[tuple[Weight, str, str]]:
        """What stands against capturing anything."""
        return obstacles.server_problems(inspection.inspect_server(connection))

    def inspect_tables(self, connection: Any, chosen: Collection[str] = ()) -> tuple[SourceTable, ...]:
        """A keyspace is a schema."""
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
        listed = ", ".join(quoted(name) for name in columns)
        query = f"SELECT {listed} FROM {quoted(table.schema)}.{quoted(table.name)} LIMIT {rows}"
        found = connection.execute(query).fetchall()
        return [[None if value is None else str(value)[:200] for value in row] for row in found]

    def connector(self, settings: Settings, source: Source, captured: Sequence[Contract]) -> dict[str, str]:
        """None on Kafka Connect: see `ingestion.sources.cassandra.configuration`."""
        return {}

    def wait_until_captured(self, settings: Settings, source: Source, connection: Any) -> None:
        """Wait until the connector runs. What was written before lies in the commit log, and is not lost."""
        deadline = time.monotonic() + START_SECONDS
        while not answers(settings, source):
            if time.monotonic() > deadline:
                raise SourceUnavailable(
                    f"The connector {source.connector} does not run on this machine.",
                    why="It has failed, or was not started.",
                    remedy=f"Run `bilten source connector {source.name}` on the node, and read what it says.",
                )
            time.sleep(LOOK_SECONDS)

    def stream_start(self, source: Source, connection: Any) -> str:
        """It need not be known: the connector goes on at the place of each table's last change."""
        return ""

    def blind_spots(
        self, settings: Settings, source: Source, connection: Any, contracts: Sequence[Contract]
    ) -> Iterator[tuple[str, str, str]]:
        """Tables that are newer than the connector's start, and what makes it blind."""
        return blind_spots(settings, source, connection, contracts)

    def release(self, settings: Settings, source: Source, connection: Any) -> None:
        """Nothing was made in the source; here the connector's files go. Tables keep ``cdc = true``."""
        shutil.rmtree(folder_of(settings, source), ignore_errors=True)

    def reading(
        self, connection: Any, contract: Contract, keys: Sequence[str] | None = None
    ) -> AbstractContextManager[tuple[Moment, Rows]]:
        """Read rows, each value with the time of its write."""
        return reading(connection, contract, keys)

    def fingerprints(self, connection: Any) -> SourceSide:
        """Computed here."""
        return CassandraFingerprints(connection)

    def marks(self, settings: Settings, source: Source, connection: Any) -> Marks:
        """Times."""
        return TimeMarks(connection)
