"""Small batches of the tables that promise most: by an INSERT into ``ods`` that stays open for a few seconds.

Readers of ``ods`` see a batch when it arrives. ``raw`` gets all batches at the end, and then the ledger
learns of them. After a failure of any kind all batches of a stream are inserted once more, one by one: that
changes nothing where they had arrived, and says exactly what is wrong where they had not.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from queue import SimpleQueue

import pyarrow as pa
import structlog

from bilten.contracts import Contract
from bilten.errors import WarehouseError, WarehouseUnavailable
from ingestion.batches import SCHEMA, Range, columns_of
from ingestion.buffers import Batch
from ingestion.inserts import Inserted, Inserter, added_headers
from ingestion.tombstones import delete_by_tombstone
from warehouse.client import Warehouse
from warehouse.compile.streaming import LOADED_AT, StreamInserts, has_stream, stream_inserts

IDLE_SECONDS = 0.5
"""Without a batch for so long it ends before its time, so that the ledger is current when nothing flows."""

PAUSE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 3600.0
"""After a refusal the table's batches go one by one for so long, twice as long each time: what was unusual
once often comes again, and is noticed only when a stream ends."""

LARGEST_ROWS = 2_000
"""A larger batch goes by itself: by way of the views each record is read once, not for either table."""

_GIVEN = pa.field(LOADED_AT[0], pa.timestamp("us", tz="UTC"), nullable=False)
_SCHEMA = SCHEMA.append(_GIVEN)
_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
"""The end mark of an Arrow IPC stream, as its format defines it."""

log = structlog.get_logger(__name__)


class InsertStream:
    """The open INSERT of one table, and the batches given to it. For one thread, but for `wait`.

    Args:
        warehouse: where to.
        dataset: the table.
        inserts: its statements.
        threads: has a free thread.
        topic_id: incarnation of the topic.
        now: the monotonic clock.
        until: when it should end, by that clock.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        dataset: str,
        inserts: StreamInserts,
        threads: Executor,
        *,
        topic_id: str,
        now: float,
        until: float,
    ) -> None:
        self.dataset = dataset
        self.topic_id = topic_id
        self.batches: list[Batch] = []
        self._warehouse = warehouse
        self._inserts = inserts
        self._added = added_headers(topic_id)
        self._sent = now
        self._until = until
        self._changes = 0
        self._messages: list[bytes] = []
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._request = threads.submit(warehouse.insert_through, inserts.state, iter(self._waiting.get, None))
        self._put(_SCHEMA.serialize())

    @property
    def is_held_up(self) -> bool:
        """Whether the warehouse has yet to take what it was given last."""
        return not self._waiting.empty()

    def is_due(self, now: float) -> bool:
        """Whether it should end: its time is over, nothing comes any more, or it has failed."""
        return now >= self._until or now - self._sent >= IDLE_SECONDS or self._request.done()

    def send(self, batch: Batch, now: float) -> None:
        """Give it a batch; one without records only tells positions."""
        self.batches.append(batch)
        if batch.records:
            self._sent = now
            self._changes += sum(record.value is not None for record in batch.records)
            given = pa.array([datetime.now(UTC)] * len(batch.records), _GIVEN.type)
            self._put(columns_of(batch.records, self._added).append_column(_GIVEN, given).serialize())

    def end(self) -> None:
        """Nothing more comes."""
        self._put(_END)
        self._waiting.put(None)

    def wait(self) -> None:
        """After `end`: wait until the state is there, and insert the changes. Any thread.

        Raises:
            WarehouseUnavailable: nothing is known of what arrived.
            WarehouseError: some of it was refused; what came before it stays.
        """
        for taken in (
            self._request.result(),
            self._warehouse.insert_through(self._inserts.changes, self._messages),
        ):
            if taken != self._changes:
                raise WarehouseUnavailable(
                    f"{self.dataset}: the warehouse took {taken} of {self._changes} changes of a stream."
                )

    def _put(self, message: pa.Buffer | bytes) -> None:
        piece = bytes(message)
        self._messages.append(piece)
        self._waiting.put(piece)


class Streams:
    """The streams of all tables that have one. For the loader's thread, but for `settle`.

    Args:
        warehouse: where to.
        contracts: of all tables.
        inserter: inserts batches by themselves when a stream has failed.
        life_seconds: how long a stream stays open; 0 opens none.
    """

    def __init__(
        self, warehouse: Warehouse, contracts: Iterable[Contract], inserter: Inserter, life_seconds: float
    ) -> None:
        self._warehouse = warehouse
        self._inserter = inserter
        self._life_seconds = life_seconds
        self._inserts = {
            contract.name: stream_inserts(contract)
            for contract in contracts
            if life_seconds and has_stream(contract)
        }
        self._open: dict[str, InsertStream] = {}
        self._not_before: dict[str, float] = {}
        self._failures: Counter[str] = Counter()
        self._threads = ThreadPoolExecutor(max(1, len(self._inserts)), "stream")

    def is_open(self, dataset: str) -> bool:
        """Whether a table has a stream, whose end all other inserts of it must wait for."""
        return dataset in self._open

    def is_held_up(self, dataset: str) -> bool:
        """Whether the warehouse has yet to take what a table's stream was given last."""
        stream = self._open.get(dataset)
        return stream is not None and stream.is_held_up

    def suit(self, dataset: str, rows: int, now: float) -> bool:
        """Whether a batch of so many rows should go into its table's stream, opened or not."""
        return dataset in self._inserts and rows <= LARGEST_ROWS and now >= self._not_before.get(dataset, now)

    def send(self, batch: Batch, topic_id: str, now: float) -> None:
        """Give a batch to its table's stream; one is opened if there is none."""
        stream = self._open.get(batch.dataset)
        if stream is None:
            stream = self._open[batch.dataset] = InsertStream(
                self._warehouse,
                batch.dataset,
                self._inserts[batch.dataset],
                self._threads,
                topic_id=topic_id,
                now=now,
                until=now + self._life_seconds,
            )
        stream.send(batch, now)

    def due(self, now: float) -> list[str]:
        """The tables whose stream should end now."""
        return [dataset for dataset, stream in self._open.items() if stream.is_due(now)]

    @property
    def open(self) -> list[str]:
        """The tables that have one."""
        return list(self._open)

    def end(self, dataset: str) -> InsertStream:
        """Let a table's stream end; `settle` must follow."""
        stream = self._open.pop(dataset)
        stream.end()
        return stream

    def settle(self, stream: InsertStream) -> Inserted:
        """Wait for the end of a stream, and make up for what it could not do. Any thread.

        Raises:
            WarehouseUnavailable: the loader stops and the warehouse does not answer; nothing is lost.
            WarehouseError: the warehouse refuses the table, not a record of it.
        """
        began = time.monotonic()
        refused = 0
        try:
            stream.wait()
        except WarehouseError as error:
            if not isinstance(error, WarehouseUnavailable):
                pause = min(PAUSE_SECONDS * 2 ** self._failures[stream.dataset], LONGEST_PAUSE_SECONDS)
                self._failures[stream.dataset] += 1
                self._not_before[stream.dataset] = began + pause
            log.info("stream_made_again", dataset=stream.dataset, reason=error.what)
            for batch in stream.batches:
                refused += self._inserter.insert(batch, stream.topic_id).refused
        else:
            del self._failures[stream.dataset]
            records = [record for batch in stream.batches for record in batch.records]
            if any(record.value is None for record in records):
                self._inserter.persist(
                    stream.dataset, lambda: delete_by_tombstone(self._warehouse, stream.dataset, records)
                )
        return Inserted(
            stream.dataset,
            _joined(stream.batches),
            sum(len(batch.records) for batch in stream.batches),
            sum(batch.bytes for batch in stream.batches),
            time.monotonic() - began,
            refused,
        )

    def close(self) -> None:
        """End what is open, without a word to the ledger."""
        for dataset in self.open:
            self.end(dataset)
        self._threads.shutdown(wait=False)


def _joined(batches: Sequence[Batch]) -> tuple[Range, ...]:
    """What several batches covered: one range for each partition."""
    ranges: dict[int, Range] = {}
    for batch in batches:
        for later in batch.ranges:
            before = ranges.get(later.partition)
            ranges[later.partition] = before.joined(later) if before else later
    return tuple(ranges.values())
