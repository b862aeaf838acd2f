"""What was landed, and how far behind the loader is: facts for others to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bilten.contracts import Contract
from bilten.settings import Settings
from ingestion.connector_configuration import change_topics
from ingestion.ledger import read_positions
from ingestion.topics import partition_bounds
from warehouse.client import Warehouse
from warehouse.dead_letters import dead_letters_between
from warehouse.ledger import landed_between


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """Offsets of one partition: the first one landed, and the one after the last."""

    partition: int
    first_offset: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the loader landed of one dataset in a window of time, as the warehouse acknowledged it.

    Attributes:
        dataset: the table.
        topic: its change topic.
        topic_id: the incarnation of the topic.
        ranges: offsets landed, per partition.
        rows: records landed.
        bytes: bytes of their keys and values.
        batches: ledger rows, at most one per partition and quarter of a second.
        dead: records of the window that became dead letters.
        first_timestamp: Kafka time of the oldest record.
        last_timestamp: Kafka time of the newest record.
        after: begin of the window, itself not in it.
        until: end of the window, itself in it.
        loader: host and process that landed it; the newest, if there were several.
        epoch: the source's epoch.
    """

    dataset: str
    topic: str
    topic_id: str
    ranges: tuple[OffsetRange, ...]
    rows: int
    bytes: int
    batches: int
    dead: int
    first_timestamp: datetime
    last_timestamp: datetime
    after: datetime
    until: datetime
    loader: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Lag:
    """How far one topic is ahead of the warehouse.

    Attributes:
        dataset: the table.
        topic: its change topic.
        exists: whether Kafka has the topic.
        behind: offsets that Kafka has and the ledger lacks; transaction markers count until they are passed.
    """

    dataset: str
    topic: str
    exists: bool
    behind: int


def receipts(
    settings: Settings,
    contracts: Iterable[Contract],
    warehouse: Warehouse,
    *,
    after: datetime,
    until: datetime,
) -> tuple[Receipt, ...]:
    """What was landed in a window of time, one receipt per dataset and incarnation of its topic.

    Neighbouring windows neither overlap nor leave anything out, once ``until`` lies some seconds back: a
    ledger row bears the time of its acknowledgement and is written at once.

    Args:
        settings: the prefix of the topics.
        contracts: the source contracts.
        warehouse: where the ledger is.
        after: begin of the window, itself not in it; with a time zone.
        until: end of the window, itself in it.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    datasets = {topic: dataset for dataset, topic in change_topics(settings.topic_prefix, contracts).items()}
    dead = dead_letters_between(warehouse, after, until)
    by_topic: dict[tuple[str, str], Receipt] = {}
    for landed in landed_between(warehouse, after, until):
        if landed.topic not in datasets:
            continue
        dataset = datasets[landed.topic]
        known = by_topic.get((landed.topic, landed.topic_id))
        one = OffsetRange(landed.partition, landed.first_offset, landed.next_offset)
        by_topic[landed.topic, landed.topic_id] = Receipt(
            dataset=dataset,
            topic=landed.topic,
            topic_id=landed.topic_id,
            ranges=(*(known.ranges if known else ()), one),
            rows=landed.rows + (known.rows if known else 0),
            bytes=landed.bytes + (known.bytes if known else 0),
            batches=landed.batches + (known.batches if known else 0),
            dead=dead.get(dataset, 0),
            first_timestamp=min(
                landed.first_timestamp, known.first_timestamp if known else landed.first_timestamp
            ),
            last_timestamp=max(
                landed.last_timestamp, known.last_timestamp if known else landed.last_timestamp
            ),
            after=after,
            until=until,
            loader=landed.loader,
            epoch=landed.epoch,
        )
    return tuple(by_topic.values())


def lag(settings: Settings, contracts: Iterable[Contract], warehouse: Warehouse) -> tuple[Lag, ...]:
    """How far every table's topic is ahead of the warehouse now, sorted by dataset.

    Raises:
        KafkaUnavailable: the cluster does not answer.
        WarehouseUnavailable: the warehouse does not answer.
    """
    topics = change_topics(settings.topic_prefix, contracts)
    positions = read_positions(warehouse)
    bounds = partition_bounds(settings, topics.values())
    behind: dict[str, int] = {}
    for partition, held in bounds.items():
        position = positions.get(partition)
        at = position.next_offset if position else held.first_offset
        behind[partition.topic] = behind.get(partition.topic, 0) + max(0, held.next_offset - at)
    return tuple(
        Lag(dataset, topic, topic in behind, behind.get(topic, 0)) for dataset, topic in topics.items()
    )
