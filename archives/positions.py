"""How far each table's archive is, kept in the table's own properties.

The property is set in the commit that adds the rows, so rows and position cannot disagree; a snapshot's
summary would not do, since it vanishes when the snapshot expires.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bilten.errors import ArchiveHistoryBroken
from warehouse.extract import OffsetRange
from warehouse.ledger import StoredPosition

PROPERTY = "bilten.positions"


@dataclass(frozen=True, slots=True)
class ArchivedLog:
    """How much of one partition of one topic is in the archive.

    Attributes:
        partition: its number.
        topic_id: the topic; one recreated under the same name has another.
        next_offset: every row before it is archived.
        loaded_after: rows of this topic were loaded after this, when it followed another; else None.
        loaded_until: rows of this topic were loaded until this, when another followed it; else None.
    """

    partition: int
    topic_id: str
    next_offset: int
    loaded_after: datetime | None = None
    loaded_until: datetime | None = None

    def archived(self) -> OffsetRange:
        """The rows that are in the archive."""
        return OffsetRange(self.partition, 0, self.next_offset, self.loaded_after, self.loaded_until)


Positions = tuple[ArchivedLog, ...]
"""The logs of one table; of each partition in order of time, the current one last."""


def read_positions(properties: Mapping[str, str]) -> Positions:
    """Positions from a table's properties; empty before the first rows."""
    return tuple(
        ArchivedLog(
            partition=entry["partition"],
            topic_id=entry["topic_id"],
            next_offset=entry["next_offset"],
            loaded_after=_time(entry.get("loaded_after")),
            loaded_until=_time(entry.get("loaded_until")),
        )
        for entry in json.loads(properties.get(PROPERTY, "[]"))
    )


def positions_property(positions: Positions) -> dict[str, str]:
    """Positions as a table property."""
    entries = []
    for log in positions:
        entry: dict[str, object] = {
            "partition": log.partition,
            "topic_id": log.topic_id,
            "next_offset": log.next_offset,
        }
        if log.loaded_after is not None:
            entry["loaded_after"] = log.loaded_after.isoformat()
        if log.loaded_until is not None:
            entry["loaded_until"] = log.loaded_until.isoformat()
        entries.append(entry)
    return {PROPERTY: json.dumps(entries, separators=(",", ":"))}


@dataclass(frozen=True, slots=True)
class Step:
    """One commit to make: the rows it takes, and the positions after it."""

    ranges: tuple[OffsetRange, ...]
    positions: Positions


@dataclass(frozen=True, slots=True)
class Closing:
    """Where a topic ended that was replaced by another of the same name."""

    next_offset: int
    loaded_until: datetime


def replaced_logs(positions: Positions, ends: Iterable[StoredPosition]) -> tuple[ArchivedLog, ...]:
    """Logs whose topic has been replaced since; each needs its `Closing` before a step can be planned."""
    by_partition = {end.partition: end for end in ends}
    return tuple(
        log
        for log in current_logs(positions).values()
        if log.partition in by_partition and by_partition[log.partition].topic_id != log.topic_id
    )


def current_logs(positions: Positions) -> dict[int, ArchivedLog]:
    """The log that each partition has now."""
    return {log.partition: log for log in positions}


def plan_step(
    dataset: str,
    positions: Positions,
    ends: Sequence[StoredPosition],
    closings: Mapping[int, Closing],
    firsts: Mapping[int, int],
    most: int,
) -> Step | None:
    """The next commit that brings an archive nearer to the warehouse.

    Args:
        dataset: the table, for messages.
        positions: what is archived.
        ends: where the loader stands in each partition of the table's topic.
        closings: how replaced topics ended, by partition.
        firsts: first offset that the warehouse holds, of partitions that have no position yet.
        most: most offsets in one commit, over all partitions.

    Returns:
        The step; None when nothing is new.

    Raises:
        ArchiveHistoryBroken: the loader stands before the archive in the same topic, or nothing is known of
            how a replaced topic ended.
    """
    left = most
    ranges: list[OffsetRange] = []
    after = list(positions)
    current = current_logs(positions)
    for end in sorted(ends, key=lambda end: end.partition):
        log = current.get(end.partition)
        if log is None:
            log = ArchivedLog(end.partition, end.topic_id, min(firsts.get(end.partition, 0), end.next_offset))
            after.append(log)
        target = end.next_offset
        if log.topic_id != end.topic_id:
            closing = closings.get(end.partition)
            if closing is None or closing.next_offset < log.next_offset:
                raise ArchiveHistoryBroken(
                    f"The topic of {dataset} was replaced, and nobody knows where the old one ended.",
                    partition=end.partition,
                )
            if closing.next_offset == log.next_offset:
                closed = replace(log, loaded_until=closing.loaded_until)
                after[after.index(log)] = closed
                log = ArchivedLog(end.partition, end.topic_id, 0, loaded_after=closing.loaded_until)
                after.append(log)
            else:
                log_until = replace(log, loaded_until=closing.loaded_until)
                after[after.index(log)] = log_until
                log, target = log_until, closing.next_offset
        if target < log.next_offset:
            raise ArchiveHistoryBroken(
                f"The archive of {dataset} has records that the warehouse says it has not read yet.",
                partition=end.partition,
                archived=log.next_offset,
                loaded=target,
            )
        until = min(target, log.next_offset + left)
        if until == log.next_offset:
            continue
        left -= until - log.next_offset
        ranges.append(OffsetRange(log.partition, log.next_offset, until, log.loaded_after, log.loaded_until))
        after[after.index(log)] = replace(log, next_offset=until)
    return Step(tuple(ranges), tuple(after)) if ranges else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
