"""Whether a topic still is what the ledger says was read from it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kafka import TopicPartition

from bilten.errors import TopicHistoryBroken
from ingestion.topics import PartitionBounds


@dataclass(frozen=True, slots=True)
class Position:
    """Where the ledger says to go on.

    Attributes:
        next_offset: the first offset that was not acknowledged.
        topic_id: the incarnation of the topic that was read; empty when it is not known.
    """

    next_offset: int
    topic_id: str


def starting_points(
    bounds: Mapping[TopicPartition, PartitionBounds],
    ledger: Mapping[TopicPartition, Position],
    expendable: Collection[str] = (),
) -> tuple[dict[TopicPartition, int], dict[str, TopicHistoryBroken]]:
    """Where to begin in each partition, or why not to.

    Args:
        bounds: what the topics hold now; must be newer than the ledger's answer.
        ledger: where the ledger says to go on.
        expendable: topics that are read from where they begin now when they are not what was read.

    Returns:
        Offsets of the partitions whose topic is sound, and the error of each topic that is not. One broken
        partition stops its whole topic: the rows of one key may lie in any of them.
    """
    offsets: dict[TopicPartition, int] = {}
    broken: dict[str, TopicHistoryBroken] = {}
    for partition, held in bounds.items():
        position = ledger.get(partition)
        reason = _contradiction(held, position)
        if reason and held.topic in expendable:
            offsets[partition] = held.first_offset
        elif reason:
            broken.setdefault(
                held.topic,
                TopicHistoryBroken(
                    f"The topic {held.topic} cannot be read on at partition {held.partition}: {reason}.",
                    topic=held.topic,
                    partition=held.partition,
                ),
            )
        else:
            offsets[partition] = position.next_offset if position else held.first_offset
    return {partition: at for partition, at in offsets.items() if partition.topic not in broken}, broken


def _contradiction(held: PartitionBounds, position: Position | None) -> str:
    if position is None:
        if held.first_offset > 0:
            return f"its first {held.first_offset} records were deleted before they were ever read"
        return ""
    if position.topic_id and position.topic_id != held.topic_id:
        return "it was deleted and created again"
    if position.next_offset > held.next_offset:
        return f"the ledger stands at {position.next_offset}, but it ends at {held.next_offset}"
    if position.next_offset < held.first_offset:
        return f"the ledger stands at {position.next_offset}, but it begins at {held.first_offset}"
    return ""
