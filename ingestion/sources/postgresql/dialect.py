"""PostgreSQL 14 and later, with the connector's ``pgoutput``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from bilten.contracts import Contract
from bilten.databases import Database
from bilten.settings import Settings
from ingestion.fingerprint import SourceFingerprints
from ingestion.sources.definition import Source
from ingestion.sources.dialect import Marks, Moment, Rows, SourceSide
from ingestion.sources.postgresql import capture, configuration, inspection, obstacles
from ingestion.sources.postgresql.events import quoted, table_of
from ingestion.sources.postgresql.marks import MessageMarks
from ingestion.sources.postgresql.reading import reading
from ingestion.sources.tables import SourceColumn, SourceTable, Weight


class PostgreSQL:
    """See `ingestion.sources.dialect.Dialect`."""

    database: Database = "postgresql"

    def open(self, source: Source) -> AbstractContextManager[Any]:
        """Connect with psycopg."""
        return inspection.open_source(source)

    def table_of(self, contract: Contract) -> str:
        """The table's name in SQL."""
        return table_of(contract)

    def footprint(self, source: Source) -> str:
        """A slot and a publication."""
        return f"publication and slot {source.slot}"

    def server_problems(self, connection: Any) -> Iterator[tuple[Weight, str, str]]:
        """All of them weigh on the whole source."""
        for what, remedy in obstacles.server_problems(inspection.inspect_server(connection)):
            yield "source", what, remedy

    def inspect_tables(self, connection: Any, chosen: Collection[str] = ()) -> tuple[SourceTable, ...]:
        """Partitions are part of their table."""
        return inspection.inspect_tables(connection, chosen)

    def table_problems(self, table: SourceTable) -> Iterator[tuple[Weight, str, str]]:
        """What stands against capturing a table."""
        return obstacles.table_problems(table)

    def column_problem(self, table: SourceTable, column: SourceColumn) -> tuple[str, str] | None:
        """What keeps a column from being captured."""
        return obstacles.column_problem(table, column)

    def contract_type(self, column: SourceColumn) -> str | None:
        """What a contract calls the column's type."""
        return obstacles.contract_type(column)

    def sample(
        self, connection: Any, table: SourceTable, columns: Sequence[str], rows: int
    ) -> Sequence[Sequence[str | None]]:
        """Values of some rows as text."""
        listed = ", ".join(f"left({quoted(name)}::text, 200)" for name in columns)
        query = f"SELECT {listed} FROM {quoted(table.schema)}.{quoted(table.name)} LIMIT {rows}"
        found: Sequence[Sequence[str | None]] = connection.execute(query.encode()).fetchall()
        return found

    def connector(self, settings: Settings, source: Source, captured: Sequence[Contract]) -> dict[str, str]:
        """Slot, publication, and PostgreSQL's own types."""
        return configuration.connector(source, captured)

    def wait_until_captured(self, settings: Settings, source: Source, connection: Any) -> None:
        """Wait for the slot."""
        capture.wait_for_slot(source, connection)

    def stream_start(self, source: Source, connection: Any) -> str:
        """When the slot's reader began."""
        return inspection.stream_start(connection, source.slot)

    def blind_spots(
        self, settings: Settings, source: Source, connection: Any, contracts: Sequence[Contract]
    ) -> Iterator[tuple[str, str, str]]:
        """None: what the connector cannot see is told before."""
        return iter(())

    def release(self, settings: Settings, source: Source, connection: Any) -> None:
        """Drop slot and publication."""
        capture.drop_capture(source, connection)

    def reading(
        self, connection: Any, contract: Contract, keys: Sequence[str] | None = None
    ) -> AbstractContextManager[tuple[Moment, Rows]]:
        """Read rows once all open transactions have ended."""
        return reading(connection, contract, keys)

    def fingerprints(self, connection: Any) -> SourceSide:
        """Computed by PostgreSQL."""
        return SourceFingerprints(connection)

    def marks(self, settings: Settings, source: Source, connection: Any) -> Marks:
        """Logical messages."""
        return MessageMarks(settings, source, connection)
