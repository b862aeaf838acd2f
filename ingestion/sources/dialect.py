"""What the platform needs of a kind of database to capture it; everything else knows no database by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from bilten.contracts import Contract
from bilten.databases import Database
from bilten.fingerprints import FingerprintSide
from bilten.settings import Settings
from ingestion.sources.definition import Source
from ingestion.sources.tables import SourceColumn, SourceTable, Weight

Rows = Iterator[list[tuple[str, str]]]
"""Key and row of each row as JSON, some thousand at once."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a source: what is read at it has each change at a smaller position, and none at a greater.

    Attributes:
        position: in the source's log.
        microseconds: the source's clock, since 1970.
    """

    position: int
    microseconds: int


class SourceSide(FingerprintSide, Protocol):
    """Fingerprints of a source's rows as they stand."""

    def estimated_rows(self, contract: Contract) -> int:
        """Rows by the database's own statistics; 0 when there are none yet."""
        ...


class Marks(Protocol):
    """Moments of a source, and whether its connector has passed them. One thread only."""

    def mark(self) -> int:
        """Note this moment: its position in the log; every change committed so far lies before it."""
        ...

    def passed(self, seconds: float) -> Sequence[int]:
        """Marked positions that the connector has newly passed: all before them is in the topics.

        Args:
            seconds: longest time to wait for news.
        """
        ...

    def close(self) -> None:
        """End; may be repeated."""
        ...


class Dialect(Protocol):
    """One kind of database.

    Its connections are in autocommit mode and UTC, and have ``execute(query, parameters)``.
    """

    database: Database

    def open(self, source: Source) -> AbstractContextManager[Any]:
        """Connect; raises `SourceUnavailable`."""
        ...

    def table_of(self, contract: Contract) -> str:
        """The table's name in SQL."""
        ...

    def footprint(self, source: Source) -> str:
        """What capturing makes in the source, for people."""
        ...

    # --- inspection: nothing is changed

    def server_problems(self, connection: Any) -> Iterator[tuple[Weight, str, str]]:
        """What stands against capturing anything: weight, what, remedy."""
        ...

    def inspect_tables(self, connection: Any, chosen: Collection[str] = ()) -> tuple[SourceTable, ...]:
        """Every table, by name; of some schemas or tables (``schema.table``) if any are chosen."""
        ...

    def table_problems(self, table: SourceTable) -> Iterator[tuple[Weight, str, str]]:
        """What stands against capturing a table: weight, what, remedy."""
        ...

    def column_problem(self, table: SourceTable, column: SourceColumn) -> tuple[str, str] | None:
        """What keeps a column from being captured, and the remedy."""
        ...

    def contract_type(self, column: SourceColumn) -> str | None:
        """What a contract calls the column's type; None when its values cannot be captured."""
        ...

    def sample(
        self, connection: Any, table: SourceTable, columns: Sequence[str], rows: int
    ) -> Sequence[Sequence[str | None]]:
        """Values of some rows as text."""
        ...

    # --- capture

    def connector(self, settings: Settings, source: Source, captured: Sequence[Contract]) -> dict[str, str]:
        """The connector's options that only this kind of database has."""
        ...

    def wait_until_captured(self, settings: Settings, source: Source, connection: Any) -> None:
        """Wait until what is read from then on misses no change; raises `SourceUnavailable`."""
        ...

    def stream_start(self, source: Source, connection: Any) -> str:
        """When the connector began to read the log; empty if it does not, or need not be known."""
        ...

    def blind_spots(
        self, settings: Settings, source: Source, connection: Any, contracts: Sequence[Contract]
    ) -> Iterator[tuple[str, str, str]]:
        """What is not captured although its contract says so: place, what, remedy."""
        ...

    def release(self, settings: Settings, source: Source, connection: Any) -> None:
        """Undo what capturing made; harmless where there is nothing."""
        ...

    # --- rows

    def reading(
        self, connection: Any, contract: Contract, keys: Sequence[str] | None = None
    ) -> AbstractContextManager[tuple[Moment, Rows]]:
        """Read rows as they stand at one moment, as the text that the connector would send.

        Args:
            connection: an open connection.
            contract: the table.
            keys: canonical texts of the keys of the rows; all rows by default.

        Raises:
            TransactionsInTheWay: no such moment is reached.
            IngestionError: the source refused to be read.
        """
        ...

    def fingerprints(self, connection: Any) -> SourceSide:
        """The source's side of comparisons."""
        ...

    def marks(self, settings: Settings, source: Source, connection: Any) -> Marks:
        """Marks moments from now on."""
        ...
