"""One batch into the warehouse: made again while it does not answer, split when it refuses records."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bilten.errors import WarehouseError
from ingestion.batches import Headers, Range, Record, arrow_stream, columns_of, refused_columns_of, size_of
from ingestion.bisection import refused_alone
from ingestion.buffers import Batch
from ingestion.patience import patiently
from ingestion.tombstones import delete_by_tombstone
from warehouse.client import Warehouse
from warehouse.compile import TOPIC_ID_HEADER
from warehouse.dead_letters import REFUSED, insert_refused, is_about_memory, is_about_the_data
from warehouse.landing import insert_changes

# A batch that found no memory is tried again as it is, for others may have given some back, and split then.
ATTEMPTS_WITHOUT_MEMORY = 3
# A record below this size that finds no memory is not to blame: it is tried again until it is taken.
LARGE_RECORD_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Inserted:
    """A batch that the warehouse acknowledged.

    Attributes:
        dataset: the table.
        ranges: what it covered.
        rows: records in it.
        bytes: their size.
        seconds: the time of the attempt that succeeded.
        refused: records of it that became dead letters because the engine refused them outright.
    """

    dataset: str
    ranges: tuple[Range, ...]
    rows: int
    bytes: int
    seconds: float
    refused: int


class Inserter:
    """Inserts batches; any number of threads.

    Args:
        warehouse: where to.
        stopping: set when the loader stops; waiting for an absent warehouse ends then.
        retried: called with the dataset and the error before each further attempt.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        stopping: threading.Event,
        retried: Callable[[str, BaseException], None],
    ) -> None:
        self._warehouse = warehouse
        self._stopping = stopping
        self._retried = retried

    def insert(self, batch: Batch, topic_id: str) -> Inserted:
        """Land a batch, whatever it takes.

        Args:
            batch: the batch.
            topic_id: incarnation of its topic; every record gets it as a header.

        Raises:
            WarehouseUnavailable: the loader stops and the warehouse still does not answer; nothing is lost,
                as the ledger does not know of the batch.
            WarehouseError: the warehouse refuses the table, not a record of it.
        """
        added = added_headers(topic_id)
        seconds = 0.0

        def attempt(records: Sequence[Record]) -> WarehouseError | None:
            nonlocal seconds
            try:
                seconds = self._send(batch.dataset, records, added)
            except WarehouseError as error:
                if is_about_the_data(error) or _is_too_much(error, records):
                    return error
                raise
            return None

        refused = refused_alone(batch.records, attempt) if batch.records else []
        if refused:
            records = [record for record, _ in refused]
            reasons = [f"{REFUSED}: {error.what}" for _, error in refused]
            body = arrow_stream(refused_columns_of(records, added, reasons, datetime.now(UTC)))
            self.persist(
                batch.dataset, lambda: insert_refused(self._warehouse, batch.dataset, body, len(records))
            )
        return Inserted(batch.dataset, batch.ranges, len(batch.records), batch.bytes, seconds, len(refused))

    def _send(self, dataset: str, records: Sequence[Record], added: Headers) -> float:
        columns = columns_of(records, added)
        body = arrow_stream(columns)
        tombstones = columns.column("value").null_count > 0
        took = 0.0

        def call() -> None:
            nonlocal took
            began = time.monotonic()
            insert_changes(self._warehouse, dataset, body, len(records))
            if tombstones:
                delete_by_tombstone(self._warehouse, dataset, records)
            took = time.monotonic() - began

        self.persist(dataset, call)
        return took

    def persist(self, dataset: str, call: Callable[[], object]) -> None:
        """Make a call until the warehouse answers.

        Args:
            dataset: the table it is about.
            call: what to do; repeating it must be harmless.

        Raises:
            WarehouseUnavailable: the loader stops and the warehouse still does not answer.
            WarehouseError: the warehouse refuses it, or finds no memory for it several times.
        """
        patiently(
            call,
            self._stopping,
            lambda error: self._retried(dataset, error),
            is_hopeless=lambda error, attempts: (
                isinstance(error, WarehouseError)
                and is_about_memory(error)
                and attempts >= ATTEMPTS_WITHOUT_MEMORY
            ),
        )


def added_headers(topic_id: str) -> Headers:
    """Headers that the loader gives to every record, for the views."""
    return [(TOPIC_ID_HEADER, topic_id.encode())]


def _is_too_much(error: WarehouseError, records: Sequence[Record]) -> bool:
    """Whether a part of the records may fit into memory, or the only one never will."""
    return is_about_memory(error) and (len(records) > 1 or size_of(records) > LARGE_RECORD_BYTES)
