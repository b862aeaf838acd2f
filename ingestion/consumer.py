"""The Kafka consumer: manual assignment, committed records only, positions decided by the caller."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

from kafka import KafkaConsumer, TopicPartition

from bilten.settings import Settings
from ingestion.batches import Record
from ingestion.topic_options import LARGEST_MESSAGE_BYTES
from ingestion.topics import REQUEST_MILLISECONDS, kafka_errors

# Measured with change events of 600 to 900 bytes: polls of 500 records, the client's default, cost a tenth
# of the throughput; more than 5,000 gain nothing.
POLL_RECORDS = 5_000
FETCH_BYTES = 8 * 1024 * 1024
# The broker holds an answer back until this much waits, or this long: at 200 transactions a second it
# halves the number of polls, and costs a record at most this time.
FETCH_MINIMUM_BYTES = 16 * 1024
FETCH_WAIT_MILLISECONDS = 40


@dataclass(frozen=True, slots=True)
class Polled:
    """Records of one partition, and the positions before and after them."""

    partition: TopicPartition
    records: Sequence[Record]
    first_offset: int
    next_offset: int


def consumer_options(settings: Settings) -> dict[str, object]:
    """Options of the loader's consumer; benchmarks compare with a bare consumer that has the same ones."""
    return {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": "bilten-loader",
        "group_id": None,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
        "isolation_level": "read_committed",
        "allow_auto_create_topics": False,
        "max_poll_records": POLL_RECORDS,
        "max_partition_fetch_bytes": FETCH_BYTES,
        "fetch_max_bytes": 2 * FETCH_BYTES,
        "fetch_min_bytes": FETCH_MINIMUM_BYTES,
        "fetch_max_wait_ms": FETCH_WAIT_MILLISECONDS,
        "receive_message_max_bytes": 2 * LARGEST_MESSAGE_BYTES + 2 * FETCH_BYTES,
        "bootstrap_timeout_ms": REQUEST_MILLISECONDS,
        "reconnect_backoff_max_ms": 1_000,
        "metrics_enabled": False,
    }


class ChangeConsumer:
    """Reads partitions from positions that the caller gives. One thread only."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        with kafka_errors(settings):
            self._consumer = KafkaConsumer(**consumer_options(settings))
        self._positions: dict[TopicPartition, int] = {}

    def __enter__(self) -> ChangeConsumer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def partitions(self) -> frozenset[TopicPartition]:
        """The partitions that are read."""
        return frozenset(self._positions)

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """Where each partition stands: the offset of the next record."""
        return dict(self._positions)

    def begin(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read these partitions too, or again, from these offsets."""
        with kafka_errors(self._settings):
            self._positions.update(offsets)
            self._consumer.assign(list(self._positions))
            for partition, offset in offsets.items():
                self._consumer.seek(partition, offset)

    def leave(self, partitions: Iterable[TopicPartition]) -> None:
        """Read these partitions no more, until they are begun again.

        This is how a table is held up as well. The client's ``pause`` is not used: what it has parsed of a
        paused partition it may never hand out again, nor fetch the partition (kafka-python 3.0.12 takes such
        records up only while it has no others at hand; seen as a loader that stood still for minutes).
        """
        left = set(partitions) & self._positions.keys()
        if not left:
            return
        for partition in left:
            del self._positions[partition]
        with kafka_errors(self._settings):
            if self._positions:
                self._consumer.assign(list(self._positions))
            else:
                self._consumer.unsubscribe()

    def poll(self, seconds: float) -> list[Polled]:
        """What came in, at the latest after the time given.

        Raises:
            KafkaUnavailable: the cluster or a partition cannot be read; open a new consumer.
        """
        if not self._positions:
            time.sleep(seconds)
            return []
        with kafka_errors(self._settings):
            polled = self._consumer.poll(timeout_ms=int(seconds * 1000))
            return [self._moved(partition, records) for partition, records in polled.items()]

    def gaps(self) -> list[Polled]:
        """Partitions whose position moved on without records: over transaction markers or aborted ones."""
        with kafka_errors(self._settings):
            moved = [self._moved(partition, ()) for partition in self._positions]
        return [gap for gap in moved if gap.next_offset > gap.first_offset]

    def close(self) -> None:
        """Leave the cluster."""
        self._consumer.close()

    def _moved(self, partition: TopicPartition, records: Sequence[Record]) -> Polled:
        before = self._positions[partition]
        after = self._consumer.position(partition)
        # None while a position is being validated against the leader; what was returned is past it then.
        after = after if after is not None else (records[-1].offset + 1 if records else before)
        self._positions[partition] = after
        return Polled(partition, records, before, after)
