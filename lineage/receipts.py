"""What others tell of their work, as frozen values: windows of the loader, appends, publications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OffsetRange:
    """Records ``first`` up to, but not with, ``following`` of one partition."""

    partition: int
    first: int
    following: int


@dataclass(frozen=True)
class LoadWindow:
    """What the streaming loader landed of one dataset in one window of the ledger.

    Args:
        begun: begin of the window.
        ended: its end.
        ranges: offsets landed, per partition.
        rows: records landed.
        size: their bytes.
        batches: inserts.
        loader: which loader process.
        epoch: epoch of the source.
        topic_id: Kafka's identifier of the topic.
        first_timestamp: smallest record time.
        last_timestamp: largest record time.
        dead_letters: records put aside.
        error: why the window failed, if it did.
    """

    begun: datetime
    ended: datetime
    ranges: tuple[OffsetRange, ...]
    rows: int
    size: int
    batches: int
    loader: str
    epoch: int = 0
    topic_id: str | None = None
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    dead_letters: int = 0
    error: str | None = None


@dataclass(frozen=True)
class ArchiveReceipt:
    """What one run of the archive appended to one Iceberg table.

    Args:
        location: root of the table's files, a path or URL.
        snapshot: the snapshot that the append made.
        rows: rows appended.
        size: bytes of the new files.
        files: new files.
        read_version: up to where ``raw`` was read, as the archive notes it.
    """

    location: str
    snapshot: str
    rows: int
    size: int | None = None
    files: int | None = None
    read_version: str | None = None


@dataclass(frozen=True)
class Publication:
    """A decision on a build of the marts.

    Args:
        build_id: the build that was judged.
        previous_build_id: what readers saw before.
        reason: why it was published, refused or rolled back.
        verdicts: number of checks by outcome (passed, warned, failed, error, skipped).
        marts: names of the marts of the build.
    """

    build_id: str
    previous_build_id: str | None
    reason: str
    verdicts: Mapping[str, int]
    marts: tuple[str, ...]
