"""Noticing a consumer that stands still before records that are there. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from kafka import TopicPartition

from ingestion.topics import PartitionBounds

# Looks at the cluster, each at least five seconds after the last, before a consumer that stands still goes.
LOOKS = 3


class Watch:
    """Remembers where partitions stood at the last looks."""

    def __init__(self) -> None:
        self._seen: dict[TopicPartition, tuple[int, int]] = {}

    def stuck(
        self, positions: Mapping[TopicPartition, int], bounds: Mapping[TopicPartition, PartitionBounds]
    ) -> list[TopicPartition]:
        """Partitions that stood at one place for more than three looks, with records before them.

        Args:
            positions: where the consumer stands now.
            bounds: what the topics held at this look.
        """
        seen: dict[TopicPartition, tuple[int, int]] = {}
        for partition, held in bounds.items():
            at = positions.get(partition)
            if at is not None and at < held.next_offset:
                before, looks = self._seen.get(partition, (at, 0))
                seen[partition] = (at, looks + 1 if before == at else 1)
        self._seen = seen
        return sorted(partition for partition, (_, looks) in seen.items() if looks > LOOKS)

    def forget(self) -> None:
        """Begin again: something held the consumer up, or it is a new one."""
        self._seen = {}
