"""Whether the warehouse has everything that the source had committed at some moment.

A moment is a position in the source's log. Once the connector has passed it, all changes committed before
are in their topics; once the loader's ledger has passed what the topics held then, they are in the
warehouse. Nothing has to stand still for that.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from kafka import TopicPartition

from bilten.contracts import Contract
from bilten.errors import NotCaughtUp
from bilten.settings import Settings
from ingestion.ledger import read_positions
from ingestion.sources.definition import Source, own_source
from ingestion.sources.dialect import Marks
from ingestion.sources.dialects import dialect_of
from ingestion.topic_options import change_topics
from ingestion.topics import partition_bounds
from warehouse.client import Warehouse
from warehouse.sources import held_tables

LOOK_SECONDS = 0.05


class SourceProgress:
    """Marks moments of the source and tells when the warehouse has passed them. One thread only.

    Args:
        settings: the cluster and the prefix of the topics.
        contracts: the source contracts; changes of other tables, and of those held back, do not count.
        warehouse: where the ledger is.
        connection: an open connection to the source in autocommit mode; it is not closed here.
        source: the database; the platform's own by default.
    """

    def __init__(
        self,
        settings: Settings,
        contracts: Iterable[Contract],
        warehouse: Warehouse,
        connection: Any,
        source: Source | None = None,
    ) -> None:
        self._settings = settings
        self._source = source or own_source(settings)
        self._contracts = self._source.tables(contracts)
        self._warehouse = warehouse
        self._connection = connection
        self._marks: Marks | None = None
        self._ends: list[tuple[int, dict[TopicPartition, int]]] = []
        self._passed = 0

    def __enter__(self) -> SourceProgress:
        dialect = dialect_of(self._source.database)
        self._marks = dialect.marks(self._settings, self._source, self._connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._marks is not None:
            self._marks.close()

    def position(self) -> int:
        """Mark this moment.

        Returns:
            Its position in the source's log, bytes; every change committed so far lies before it.
        """
        return self._marked().mark()

    def has_passed(self, position: int) -> bool:
        """Whether the warehouse has every change that was committed before a marked moment.

        Raises:
            KafkaUnavailable: the cluster does not answer.
            WarehouseUnavailable: the warehouse does not answer.
        """
        if self._passed >= position:
            return True
        self._note_passed()
        if self._ends:
            stored = read_positions(self._warehouse)
            while self._ends and all(
                (held := stored.get(partition)) is not None and held.next_offset >= end
                for partition, end in self._ends[0][1].items()
            ):
                self._passed = max(self._passed, self._ends.pop(0)[0])
        return self._passed >= position

    def wait(self, seconds: float) -> int:
        """Mark this moment and wait until the warehouse has passed it.

        Args:
            seconds: longest time to wait.

        Returns:
            The position of the moment.

        Raises:
            NotCaughtUp: it has not in that time.
        """
        position = self.position()
        deadline = time.monotonic() + seconds
        while not self.has_passed(position):
            if time.monotonic() > deadline:
                raise NotCaughtUp(f"The warehouse has not caught up with the source within {seconds:.0f} s.")
            time.sleep(LOOK_SECONDS)
        return position

    def _note_passed(self) -> None:
        self._ends += [(seen, self._held_now()) for seen in self._marked().passed(LOOK_SECONDS)]

    def _marked(self) -> Marks:
        assert self._marks is not None, "used outside its with block"
        return self._marks

    def _held_now(self) -> dict[TopicPartition, int]:
        held_back = held_tables(self._warehouse)
        flowing = [contract for contract in self._contracts if contract.name not in held_back]
        bounds = partition_bounds(self._settings, change_topics(self._source.name, flowing).values())
        return {
            partition: held.next_offset
            for partition, held in bounds.items()
            if held.next_offset > held.first_offset
        }
