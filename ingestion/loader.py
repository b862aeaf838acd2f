"""The streaming loader: every change topic into the warehouse, in one process, until it is told to stop.

One thread reads Kafka and decides; others insert, write the ledger, and look at the cluster. A table that
cannot go on is stopped by itself, and all others go on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

import structlog
from kafka import TopicPartition

from bilten.contracts import Contract
from bilten.errors import (
    BiltenError,
    KafkaUnavailable,
    TableHeld,
    TopicHistoryBroken,
    WarehouseUnavailable,
)
from bilten.settings import Settings
from ingestion.batches import Range
from ingestion.consumer import ChangeConsumer, Polled
from ingestion.flush import FlushPolicy, InsertBudget, average, due
from ingestion.garbage import rare_collections
from ingestion.history import starting_points
from ingestion.inserts import Inserted, Inserter
from ingestion.ledger import loader_name, record
from ingestion.metrics import LoaderMetrics
from ingestion.outlook import Outlook, behind, first_outlook, next_outlook
from ingestion.patience import patiently
from ingestion.streams import Streams
from ingestion.tables import Table, buffered_bytes, new_tables
from ingestion.watch import Watch
from warehouse.client import Warehouse
from warehouse.sources import TableState

LEDGER_SECONDS = 0.25
GAP_SECONDS = 0.5
OUTLOOK_SECONDS = 5.0
IDLE_SECONDS = 0.1
SECOND_LOOK_SECONDS = 1.0
# One batch is inserted while the next one fills.
MEMORY_BATCHES = 2

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one run of the loader did.

    Attributes:
        rows: records landed.
        bytes: bytes of their keys and values.
        batches: inserts.
        refused: records that became dead letters because the engine refused them outright.
    """

    rows: int = 0
    bytes: int = 0
    batches: int = 0
    refused: int = 0

    def plus(self, inserted: Inserted) -> Loaded:
        """With one more batch."""
        return Loaded(
            self.rows + inserted.rows,
            self.bytes + inserted.bytes,
            self.batches + 1,
            self.refused + inserted.refused,
        )


class Loader:
    """Lands change topics.

    Args:
        settings: addresses and limits.
        contracts: the source contracts whose topics are read.
        warehouse: the warehouse; used by several threads.
        metrics: where to count; a set of its own by default.
    """

    def __init__(
        self,
        settings: Settings,
        contracts: Iterable[Contract],
        warehouse: Warehouse,
        metrics: LoaderMetrics | None = None,
    ) -> None:
        self._settings = settings
        self._warehouse = warehouse
        self._metrics = metrics or LoaderMetrics()
        contracts = tuple(contracts)
        self._tables = new_tables(settings.topic_prefix, contracts)
        self._expendable = {topic for topic, table in self._tables.items() if table.is_about_transactions}
        self._policy = FlushPolicy(
            age_seconds=settings.loader_flush_milliseconds / 1000,
            rows=settings.loader_flush_rows,
            bytes=settings.loader_flush_megabytes * 1024 * 1024,
            inserts_per_second=settings.loader_inserts_per_second,
            parallel=settings.loader_parallel_inserts,
        )
        self._budget = InsertBudget(settings.loader_inserts_per_second, time.monotonic())
        self._stopping = threading.Event()
        self._inserter = Inserter(warehouse, self._stopping, self._retried)
        self._streams = Streams(
            warehouse, contracts, self._inserter, settings.loader_stream_milliseconds / 1000
        )
        self._name = loader_name()
        self._latency = 0.0
        self._topic_ids: dict[str, str] = {}
        self._recorded: dict[TopicPartition, int] = {}
        self._unwritten: list[Range] = []
        self._inserts: dict[Future[Inserted], Table] = {}
        self._writing: Future[dict[TopicPartition, int]] | None = None
        self._looking: Future[Outlook] | None = None
        self._next_write = self._next_gaps = self._next_outlook = 0.0
        self._watch = Watch()
        self._has_drained = False
        self._done = Loaded()

    def stop(self) -> None:
        """End soon: what was read is still inserted, unless the warehouse does not answer. Any thread."""
        self._stopping.set()

    def run(self, *, until_caught_up: bool = False) -> Loaded:
        """Land records until stopped.

        Args:
            until_caught_up: end when everything that the topics held at the start has been landed.

        Returns:
            What was done.

        Raises:
            BiltenError: a table could not be caught up, with ``until_caught_up`` only; all others were.
                Tables that are held back do not count.
            WarehouseError: the warehouse refuses the ledger.
        """
        with (
            rare_collections(),
            ThreadPoolExecutor(self._policy.parallel, "insert") as inserting,
            ThreadPoolExecutor(1, "ledger") as writing,
            ThreadPoolExecutor(1, "outlook") as looking,
        ):
            self._inserting, self._ledger_thread, self._outlook_thread = inserting, writing, looking
            try:
                while not self._stopping.is_set():
                    try:
                        self._session(until_caught_up)
                        break
                    except KafkaUnavailable as error:
                        log.warning("kafka_unavailable", reason=error.what)
                        self._settle()
                        self._stopping.wait(SECOND_LOOK_SECONDS)
            except WarehouseUnavailable:
                if not self._stopping.is_set():
                    raise
            finally:
                self._stopping.set()
                self._streams.close()
        stopped = [
            table.error
            for table in self._tables.values()
            if table.error is not None and not isinstance(table.error, TableHeld)
        ]
        if until_caught_up and stopped:
            raise stopped[0]
        return self._done

    # --- one life of the consumer ---------------------------------------------------------------

    def _session(self, until_caught_up: bool) -> None:
        outlook = self._patiently(self._first_outlook)
        targets = {partition: held.next_offset for partition, held in outlook.bounds.items()}
        with ChangeConsumer(self._settings) as consumer:
            self._apply(consumer, outlook)
            log.info("loader_reading", partitions=len(consumer.partitions), tables=len(self._tables))
            while not self._stopping.is_set():
                self._turn(consumer)
                if until_caught_up and self._has_read(consumer, targets):
                    break
        self._finish()

    def _turn(self, consumer: ChangeConsumer) -> None:
        self._reap(consumer)
        waits = any(table.buffer.rows or table.busy for table in self._tables.values())
        seconds = self._policy.age_seconds / 8 if waits else IDLE_SECONDS
        if self._memory_is_full:
            # Nothing is read until an insert gives some back.
            if self._inserts:
                wait(list(self._inserts), timeout=seconds, return_when=FIRST_COMPLETED)
            else:
                self._stopping.wait(seconds)
        else:
            found = consumer.poll(seconds)
            self._has_drained = self._has_drained or not found
            for polled in found:
                self._take(polled)
        now = time.monotonic()
        if now >= self._next_gaps:
            self._next_gaps = now + GAP_SECONDS
            for gap in consumer.gaps():
                self._take(gap)
        self._flush(now)
        self._write_ledger(now)
        if self._looking is None and now >= self._next_outlook:
            self._next_outlook = now + OUTLOOK_SECONDS
            self._looking = self._look(consumer)

    @property
    def _memory_is_full(self) -> bool:
        return buffered_bytes(self._tables.values()) >= MEMORY_BATCHES * self._policy.bytes

    def _take(self, polled: Polled) -> None:
        partition = polled.partition
        table = self._tables[partition.topic]
        if table.error is not None:
            return
        if polled.records:
            table.buffer.add(polled.records, polled.first_offset, polled.next_offset, time.monotonic())
        else:
            table.buffer.advance(
                partition.topic, partition.partition, polled.first_offset, polled.next_offset
            )

    def _flush(self, now: float) -> None:
        flowing = {table.dataset: table for table in self._tables.values() if table.error is None}
        for dataset in self._streams.due(now):
            self._end_stream(flowing[dataset])
        streaming = {
            dataset
            for dataset, table in flowing.items()
            if self._streams.suit(dataset, table.buffer.rows, now)
        }
        for dataset in streaming:
            if flowing[dataset].buffer.rows:
                self._stream(flowing[dataset], now)
        chosen = due(
            [
                table.buffer.waiting
                for dataset, table in flowing.items()
                if table.buffer.rows and dataset not in streaming
            ],
            policy=self._policy,
            budget=self._budget,
            busy={table.dataset for table in self._tables.values() if table.busy},
            latency_seconds=self._latency,
            now=now,
        )
        for dataset in chosen:
            if self._streams.is_open(dataset):
                self._end_stream(flowing[dataset])
            else:
                self._insert(flowing[dataset])
        for dataset, table in flowing.items():
            if table.buffer.has_ranges and not table.buffer.rows and not table.busy:
                if self._streams.is_open(dataset):
                    self._stream(table, now)
                else:
                    self._acknowledge(table, table.buffer.take().ranges)

    def _insert(self, table: Table) -> None:
        batch = table.buffer.take()
        table.busy, table.busy_bytes = True, batch.bytes
        future = self._inserting.submit(self._inserter.insert, batch, self._topic_ids[table.topic])
        self._inserts[future] = table

    def _stream(self, table: Table, now: float) -> None:
        """Give a table's stream what waits, if it has waited long enough and the stream can take it."""
        waited = now - table.buffer.waiting.since >= self._policy.age_seconds
        if table.busy or (table.buffer.rows and not waited) or self._streams.is_held_up(table.dataset):
            return
        batch = table.buffer.take()
        table.busy_bytes += batch.bytes
        self._streams.send(batch, self._topic_ids[table.topic], now)

    def _end_stream(self, table: Table) -> None:
        """Until all of it is in the warehouse, nothing else of this table is inserted."""
        table.busy = True
        stream = self._streams.end(table.dataset)
        self._inserts[self._inserting.submit(self._streams.settle, stream)] = table

    def _end_streams(self) -> None:
        for table in self._tables.values():
            if self._streams.is_open(table.dataset):
                self._end_stream(table)

    def _acknowledge(self, table: Table, ranges: Iterable[Range]) -> None:
        for one in ranges:
            table.acknowledged[TopicPartition(one.topic, one.partition)] = one.next_offset
            self._unwritten.append(one)

    def _write_ledger(self, now: float) -> None:
        if self._writing is None and self._unwritten and now >= self._next_write:
            self._next_write = now + LEDGER_SECONDS
            ranges, self._unwritten = self._unwritten, []
            self._writing = self._ledger_thread.submit(self._record, ranges, dict(self._topic_ids))

    def _record(self, ranges: list[Range], topic_ids: dict[str, str]) -> dict[TopicPartition, int]:
        return self._patiently(lambda: record(self._warehouse, ranges, topic_ids, self._name))

    # --- what came back ---------------------------------------------------------------------------

    def _reap(self, consumer: ChangeConsumer | None) -> None:
        for future in [future for future in self._inserts if future.done()]:
            self._inserted(self._inserts.pop(future), future, consumer)
        if self._writing is not None and self._writing.done():
            written, self._writing = self._writing, None
            self._recorded.update(written.result())
        if consumer is None:
            return
        if self._looking is not None and self._looking.done():
            looked, self._looking = self._looking, None
            try:
                outlook = looked.result()
            except BiltenError as error:
                if not error.retryable:
                    raise
                log.info("outlook_missed", reason=error.what)
            else:
                self._apply(consumer, outlook)
        now = time.monotonic()
        for table in self._tables.values():
            if table.resume_at is not None and table.resume_at <= now and not table.busy:
                consumer.begin(self._resume(table))
                log.info("table_tried_again", dataset=table.dataset)
        self._metrics.buffered_bytes.set(buffered_bytes(self._tables.values()))

    def _inserted(self, table: Table, future: Future[Inserted], consumer: ChangeConsumer | None) -> None:
        table.busy, table.busy_bytes = False, 0
        try:
            inserted = future.result()
        except BiltenError as error:
            if self._stopping.is_set():
                log.warning("batch_left_in_kafka", dataset=table.dataset, reason=error.what)
                table.buffer.clear()
            else:
                self._stop_table(table, error, consumer, again=True)
            return
        table.stops = 0
        self._acknowledge(table, inserted.ranges)
        self._latency = average(self._latency, inserted.seconds)
        if not table.is_about_transactions:
            self._done = self._done.plus(inserted)
        self._metrics.count(inserted, time.time())
        if inserted.refused:
            log.warning("records_refused", dataset=table.dataset, records=inserted.refused)

    def _stop_table(
        self, table: Table, error: BiltenError, consumer: ChangeConsumer | None, *, again: bool
    ) -> None:
        if consumer is not None:
            consumer.leave(partition for partition in consumer.partitions if partition.topic == table.topic)
        if self._streams.is_open(table.dataset):
            self._end_stream(table)
        if table.error is None:
            log.error("table_stopped", dataset=table.dataset, again=again, **error.as_dict())
        table.stop(error, now=time.monotonic(), again=again)
        self._metrics.show_stopped(table.dataset, [error.code])

    def _resume(self, table: Table) -> Mapping[TopicPartition, int]:
        self._metrics.show_stopped(table.dataset, [])
        return table.resume()

    def _apply(self, consumer: ChangeConsumer, outlook: Outlook) -> None:
        """Stop topics that are not what was read, begin partitions that are new or sound again, count lag."""
        for held in outlook.bounds.values():
            known = self._topic_ids.get(held.topic)
            assigned = TopicPartition(held.topic, held.partition) in consumer.partitions
            if known is not None and known != held.topic_id and assigned:
                consumer.leave(p for p in consumer.partitions if p.topic == held.topic)
        self._hold(consumer, outlook.held)
        for table in self._tables.values():
            table.buffer.parts = outlook.parts.get(table.dataset, 0)
        new = {
            p: held
            for p, held in outlook.bounds.items()
            if p not in consumer.partitions and self._tables[p.topic].may_begin
        }
        offsets, broken = starting_points(new, outlook.positions, self._expendable)
        for topic, error in broken.items():
            if not isinstance(self._tables[topic].error, TopicHistoryBroken):
                self._stop_table(self._tables[topic], error, consumer, again=False)
        sound = {topic for topic in {p.topic for p in offsets} if not self._tables[topic].busy}
        for partition, offset in offsets.items():
            if partition.topic in sound:
                table = self._tables[partition.topic]
                table.acknowledged[partition] = self._recorded[partition] = offset
                self._topic_ids[partition.topic] = outlook.bounds[partition].topic_id
                if isinstance(table.error, TopicHistoryBroken):
                    self._resume(table)
        begun = {p: offset for p, offset in offsets.items() if p.topic in sound}
        if begun:
            consumer.begin(begun)
        for topic, lag in behind(outlook.bounds, self._recorded).items():
            self._metrics.lag.labels(topic).set(lag)
        self._refuse_to_stand_still(consumer, outlook)

    def _hold(self, consumer: ChangeConsumer, held: Mapping[str, TableState]) -> None:
        """Stop tables that somebody or a change of their source holds back; free those that are no more."""
        for table in self._tables.values():
            state, is_held = held.get(table.dataset), isinstance(table.error, TableHeld)
            if state is not None and not is_held:
                error = TableHeld(f"{table.dataset} is {state.state}: {state.reason}")
                self._stop_table(table, error, consumer, again=False)
            elif state is None and is_held:
                self._resume(table)

    def _refuse_to_stand_still(self, consumer: ChangeConsumer, outlook: Outlook) -> None:
        """Open a new consumer when this one stands still before records that are there.

        Raises:
            KafkaUnavailable: a partition did not move for several looks, though nothing held it up.
        """
        drained, self._has_drained = self._has_drained, False
        if self._memory_is_full or not drained:
            # A backlog is handed out partition by partition: one may have to wait for all others.
            self._watch.forget()
        elif stuck := self._watch.stuck(consumer.positions, outlook.bounds):
            self._watch.forget()
            raise KafkaUnavailable(
                f"The consumer stands still before {len(stuck)} partitions, {stuck[0].topic} among them.",
                why="The cluster holds records of them that it does not hand out.",
                remedy="A new consumer is opened by itself.",
            )

    # --- looking, waiting, ending -------------------------------------------------------------------

    def _first_outlook(self) -> Outlook:
        outlook = first_outlook(self._settings, self._warehouse, self._tables)
        _, broken = starting_points(outlook.bounds, outlook.positions, self._expendable)
        if broken:
            # A broker that has just been restarted may not know its own end yet.
            self._stopping.wait(SECOND_LOOK_SECONDS)
            outlook = first_outlook(self._settings, self._warehouse, self._tables)
        return outlook

    def _look(self, consumer: ChangeConsumer) -> Future[Outlook]:
        return self._outlook_thread.submit(
            next_outlook,
            self._settings,
            self._warehouse,
            tuple(self._tables),
            read=consumer.partitions,
            topic_ids=dict(self._topic_ids),
            recorded=dict(self._recorded),
        )

    def _patiently(self, call: Callable[[], Answer]) -> Answer:
        return patiently(
            call, self._stopping, lambda error: log.warning("waiting", reason=str(error).splitlines()[0])
        )

    def _has_read(self, consumer: ChangeConsumer, targets: Mapping[TopicPartition, int]) -> bool:
        positions = consumer.positions
        return all(
            positions.get(partition, 0) >= target or self._tables[partition.topic].error is not None
            for partition, target in targets.items()
        )

    def _settle(self) -> None:
        """Wait for what is under way and write it down; forget what merely waits, it is read again."""
        self._end_streams()
        wait(list(self._inserts))
        for table in self._tables.values():
            table.buffer.clear()
        self._reap(None)
        self._finish_ledger()

    def _finish(self) -> None:
        """Insert what waits, and write it down."""
        self._end_streams()
        wait(list(self._inserts))
        self._reap(None)
        for table in self._tables.values():
            if table.buffer.rows and table.error is None:
                self._insert(table)
        wait(list(self._inserts))
        self._reap(None)
        self._finish_ledger()
        log.info("loader_ended", rows=self._done.rows, batches=self._done.batches)

    def _finish_ledger(self) -> None:
        if self._writing is not None:
            wait([self._writing])
            self._reap(None)
        if self._unwritten:
            self._write_ledger(float("inf"))
            self._finish_ledger()

    def _retried(self, dataset: str, error: BaseException) -> None:
        self._metrics.retries.labels(dataset).inc()
        log.warning("insert_made_again", dataset=dataset, reason=str(error))
