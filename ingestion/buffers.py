"""Records that were read and wait for their insert, per table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingestion.batches import Range, Record, range_of
from ingestion.flush import Waiting


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that waited for one table: one insert, then one ledger row per partition.

    Attributes:
        dataset: the table.
        records: records in order of arrival, each partition's in order of offset.
        ranges: what they cover, one range per partition.
        bytes: their size.
        since: when the oldest one arrived, seconds of a monotonic clock.
    """

    dataset: str
    records: Sequence[Record]
    ranges: tuple[Range, ...]
    bytes: int
    since: float


class TableBuffer:
    """Waiting records of one table. Positions only grow, and no offset is left out.

    Args:
        dataset: the table.
        promised_seconds: the freshness that its contract promises.
        least_seconds: how long records wait at least.

    Attributes:
        dataset: the table.
        parts: parts that the table consists of, as last seen, where they are many.
    """

    def __init__(self, dataset: str, promised_seconds: float = 0.0, least_seconds: float = 0.0) -> None:
        self.dataset = dataset
        self.parts = 0
        self._promised, self._least = promised_seconds, least_seconds
        self._records: list[Record] = []
        self._ranges: dict[int, Range] = {}
        self._bytes = 0
        self._since = 0.0

    def add(self, records: Sequence[Record], first_offset: int, next_offset: int, now: float) -> None:
        """Append what one poll brought of one partition.

        Args:
            records: records in order of offset, at least one.
            first_offset: the position before the poll.
            next_offset: the position after it.
            now: the monotonic clock.
        """
        if not self._records:
            self._since = now
        self._records.extend(records)
        added = range_of(records, first_offset, next_offset)
        self._bytes += added.bytes
        self._join(added)

    def advance(self, topic: str, partition: int, first_offset: int, next_offset: int) -> None:
        """Note that the position moved over offsets that hold no record."""
        self._join(Range(topic, partition, first_offset, next_offset))

    def take(self) -> Batch:
        """Hand everything over and be empty."""
        batch = Batch(self.dataset, self._records, tuple(self._ranges.values()), self._bytes, self._since)
        self.clear()
        return batch

    def clear(self) -> None:
        """Forget what waits; it will be read again."""
        self._records, self._ranges, self._bytes = [], {}, 0

    @property
    def waiting(self) -> Waiting:
        """How much waits, for the policy."""
        return Waiting(
            self.dataset,
            len(self._records),
            self._bytes,
            self._since,
            self._promised,
            self._least,
            self.parts,
        )

    @property
    def rows(self) -> int:
        """Waiting records."""
        return len(self._records)

    @property
    def bytes(self) -> int:
        """Size of the waiting records."""
        return self._bytes

    @property
    def has_ranges(self) -> bool:
        """Whether positions wait for the ledger, with or without records."""
        return bool(self._ranges)

    def _join(self, added: Range) -> None:
        before = self._ranges.get(added.partition)
        if before is not None and before.next_offset != added.first_offset:
            raise AssertionError(
                f"{added.topic}-{added.partition}: {before.next_offset} then {added.first_offset}"
            )
        self._ranges[added.partition] = before.joined(added) if before else replace(added)
