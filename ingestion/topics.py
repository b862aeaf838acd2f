"""Kafka's side of things: which topics exist, what they hold, and making the missing ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from bilten.errors import KafkaUnavailable
from bilten.settings import Settings
from ingestion.topic_options import topic_options

REQUEST_MILLISECONDS = 15_000


@dataclass(frozen=True, slots=True)
class PartitionBounds:
    """What one partition holds now.

    Attributes:
        topic: the topic's name.
        partition: the partition's number.
        topic_id: identifier of this incarnation of the topic; a recreated topic has another one.
        first_offset: the oldest offset kept.
        next_offset: the offset after the newest committed record.
    """

    topic: str
    partition: int
    topic_id: str
    first_offset: int
    next_offset: int


@contextmanager
def administration(settings: Settings) -> Iterator[KafkaAdminClient]:
    """A short-lived administrative client.

    Raises:
        KafkaUnavailable: the cluster does not answer.
    """
    with kafka_errors(settings):
        client = KafkaAdminClient(
            bootstrap_servers=settings.bootstrap_servers,
            client_id="bilten-administration",
            request_timeout_ms=REQUEST_MILLISECONDS,
            bootstrap_timeout_ms=REQUEST_MILLISECONDS,
        )
    try:
        with kafka_errors(settings):
            yield client
    finally:
        client.close()


@contextmanager
def kafka_errors(settings: Settings) -> Iterator[None]:
    """Turn the client's errors into the platform's."""
    try:
        yield
    except (KafkaError, OSError) as error:
        # A broker that is half up also answers with errors that the client calls final, so all are retried.
        raise KafkaUnavailable(
            f"Kafka at {settings.bootstrap_servers} does not answer: {type(error).__name__} {error}."
        ) from error


def create_missing(settings: Settings, names: Collection[str]) -> tuple[str, ...]:
    """Create those topics that do not exist yet; existing ones are left as they are.

    Args:
        settings: the cluster, partitions and retention.
        names: topic names.

    Returns:
        The names created, sorted.

    Raises:
        KafkaUnavailable: the cluster does not answer.
    """
    with administration(settings) as client:
        existing = set(client.list_topics())
        missing = sorted(set(names) - existing)
        if missing:
            options = {
                "num_partitions": settings.topic_partitions,
                "replication_factor": -1,
                "configs": topic_options(settings),
            }
            try:
                client.create_topics(dict.fromkeys(missing, options))
            except TopicAlreadyExistsError:
                # Kafka Connect was faster with one of them; the request made the others all the same.
                return tuple(missing)
        return tuple(missing)


def delete_topics(settings: Settings, names: Iterable[str]) -> None:
    """Delete those topics that exist, with all that they hold.

    Raises:
        KafkaUnavailable: the cluster does not answer.
    """
    with administration(settings) as client:
        doomed = sorted(set(names) & set(client.list_topics()))
        if doomed:
            client.delete_topics(doomed)


def partition_bounds(settings: Settings, names: Collection[str]) -> dict[TopicPartition, PartitionBounds]:
    """What every partition of the topics that exist holds now.

    Raises:
        KafkaUnavailable: the cluster does not answer.
    """
    with administration(settings) as client:
        return bounds_through(client, names)


def bounds_through(client: KafkaAdminClient, names: Collection[str]) -> dict[TopicPartition, PartitionBounds]:
    """As `partition_bounds`, through a client that is open already."""
    topics = [topic for topic in _described(client, names) if not topic["error_code"]]
    identifiers = {topic["name"]: str(topic["topic_id"]) for topic in topics}
    partitions = [
        TopicPartition(topic["name"], partition["partition_index"])
        for topic in topics
        for partition in topic["partitions"]
    ]
    if not partitions:
        return {}
    first = _offsets(client, partitions, OffsetSpec.EARLIEST)
    after = _offsets(client, partitions, OffsetSpec.LATEST)
    return {
        partition: PartitionBounds(
            partition.topic,
            partition.partition,
            identifiers[partition.topic],
            first[partition],
            after[partition],
        )
        for partition in partitions
        if partition in first and partition in after
    }


def remember_group(client: KafkaAdminClient, group: str, positions: Mapping[TopicPartition, int]) -> None:
    """Store positions for a consumer group, so that lag dashboards show the loader. Nothing resumes there."""
    offsets = {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in positions.items()}
    client.alter_group_offsets(group, offsets)


def _described(client: KafkaAdminClient, names: Collection[str]) -> list[dict[str, Any]]:
    wanted = sorted(set(names) & set(client.list_topics()))
    return client.describe_topics(wanted) if wanted else []


def _offsets(
    client: KafkaAdminClient, partitions: Collection[TopicPartition], at: OffsetSpec
) -> dict[TopicPartition, int]:
    answers = client.list_partition_offsets(dict.fromkeys(partitions, at), isolation_level="read_committed")
    return {partition: answer.offset for partition, answer in answers.items()}
