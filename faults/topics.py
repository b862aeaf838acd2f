"""Rows 4 to 7: topics that are not what was read from them, and what others write into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from bilten.errors import TopicHistoryBroken
from faults.fault import Fault
from faults.scene import Scene
from ingestion.consumer import consumer_options
from ingestion.topic_options import LARGEST_MESSAGE_BYTES
from ingestion.topics import administration, create_missing, delete_topics, partition_bounds
from operational.database import connect
from warehouse.client import Warehouse
from warehouse.sources import forget_topic

RECREATED = "tickets__order_items"
"""Busy, so that the loader notices while records stream."""
PASSED = "payments__payments"
COMPACTED = "events__categories"
SPREAD = "tickets__tickets"


@dataclass(frozen=True, slots=True)
class Message:
    """A record as it came."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def messages(scene: Scene, dataset: str) -> list[Message]:
    """All that a topic holds, partition by partition."""
    bounds = partition_bounds(scene.settings, [scene.topic(dataset)])
    found: list[Message] = []
    consumer = KafkaConsumer(**{**consumer_options(scene.settings), "client_id": "faults"})
    try:
        consumer.assign(list(bounds))
        for partition, held in bounds.items():
            consumer.seek(partition, held.first_offset)
        while any(consumer.position(each) < held.next_offset for each, held in bounds.items()):
            for records in consumer.poll(200).values():
                found += [Message(each.key, each.value, list(each.headers)) for each in records]
    finally:
        consumer.close()
    return found


def producer(scene: Scene, **options: Any) -> KafkaProducer:
    """A producer for whatever a fault writes."""
    return KafkaProducer(
        bootstrap_servers=scene.settings.bootstrap_servers,
        max_request_size=LARGEST_MESSAGE_BYTES,
        linger_ms=20,
        **options,
    )


def send(scene: Scene, dataset: str, found: list[Message]) -> None:
    """Write messages and wait until they are there."""
    writing = producer(scene)
    sent = [
        writing.send(scene.topic(dataset), key=each.key, value=each.value, headers=each.headers)
        for each in found
    ]
    writing.flush()
    for each in sent:
        each.get(10)
    writing.close()


def _recreated(scene: Scene, moment: str) -> str:
    """Loud for that table, silent for all others, mended by one command."""
    length, _, when = moment.partition(", ")
    dataset = RECREATED
    loader = scene.loader
    scene.until_read()
    before = messages(scene, dataset)
    scene.log.read()
    if when == "stopped":
        scene.stop_loaders()
    scene.cut.add(dataset)
    delete_topics(scene.settings, [scene.topic(dataset)])
    scene.wait(
        "the topic is gone or new", lambda: bool(create_missing(scene.settings, [scene.topic(dataset)]))
    )
    if length == "longer":
        send(scene, dataset, before + before[-20:])
    loader = scene.loader
    _stops_and_is_resynced(scene, dataset, lambda: loader.text)
    return f"{dataset} stopped, all others went on; `bilten source resync` mended it"


def _passed(scene: Scene, moment: str) -> str:
    """Records that nobody has read are deleted, as retention does."""
    dataset = PASSED
    scene.until_read()
    scene.stop_loaders()
    topic = scene.topic(dataset)
    before = partition_bounds(scene.settings, [topic])
    scene.wait(
        "records wait",
        lambda: any(
            held.next_offset > before[each].next_offset + 8
            for each, held in partition_bounds(scene.settings, [topic]).items()
        ),
    )
    scene.cut.add(dataset)
    with administration(scene.settings) as client:
        client.delete_records({each: held.next_offset + 4 for each, held in before.items()})
    loader = scene.loader
    _stops_and_is_resynced(scene, dataset, lambda: loader.text)
    return f"{dataset} stopped, all others went on; `bilten source resync` mended it"


def _stops_and_is_resynced(scene: Scene, dataset: str, log: Callable[[], str]) -> None:
    scene.wait(
        f"the loader says that {dataset} is stopped",
        lambda: any(
            dataset in line and TopicHistoryBroken.code in line and "table_stopped" in line
            for line in log().splitlines()
        ),
    )
    command = f"bilten source resync {dataset}"
    told = [finding for finding in scene.findings() if command in finding["remedy"]]
    assert told, f"the doctor does not say `{command}`: {scene.findings()}"
    (resynced,) = scene.run("source", "resync", dataset)
    assert resynced["equal"], resynced


def _replayed(scene: Scene, moment: str) -> str:
    """A topic is read from its beginning, with all that may lie in it beside changes."""
    told = {"aborted transactions": _abort, "compaction": _compact, "tombstones": _tombstone}[moment](scene)
    scene.until_read()
    scene.stop_loaders()
    with Warehouse(scene.settings) as warehouse:
        for dataset in (RECREATED, COMPACTED):
            forget_topic(warehouse, scene.topic(dataset))
    scene.start_loader()
    return f"{told}; the topic read again from its beginning changed nothing"


def _abort(scene: Scene) -> str:
    """Changes that would be wrong if anybody believed them."""
    (event,) = messages(scene, RECREATED)[-1:]
    wrong = (event.value or b"").replace(b'"op":"c"', b'"op":"d"').replace(b'"op":"u"', b'"op":"d"')
    writing = producer(scene, transactional_id=f"faults-{scene.random.getrandbits(32)}")
    writing.init_transactions()
    for _ in range(3):
        writing.begin_transaction()
        for _ in range(20):
            writing.send(scene.topic(RECREATED), key=event.key, value=wrong, headers=event.headers)
        writing.flush()
        writing.abort_transaction()
        scene.pause(0, 0.3)
    writing.close()
    return "60 records in 3 aborted transactions were never landed"


def _compact(scene: Scene) -> str:
    """Only the last record of each key is left, and holes in the offsets."""
    dataset, topic = COMPACTED, scene.topic(COMPACTED)
    _change_categories(scene)
    scene.log.read()
    scene.cut.add(dataset)
    configs = {
        "cleanup.policy": "compact",
        "min.cleanable.dirty.ratio": "0.001",
        "segment.ms": "500",
        "max.compaction.lag.ms": "500",
    }
    before = len(messages(scene, dataset))
    _configure(scene, topic, configs)
    try:
        # A segment is only compacted when a later record has begun the next one.
        def compacted() -> bool:
            _change_categories(scene)
            return len(messages(scene, dataset)) < before

        scene.wait("the topic is compacted", compacted, 120)
    finally:
        _configure(scene, topic, {"cleanup.policy": "delete"})
    return f"{before} records were compacted to {len(messages(scene, dataset))}"


def _configure(scene: Scene, topic: str, configs: dict[str, str]) -> None:
    with administration(scene.settings) as client:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])


def _change_categories(scene: Scene) -> None:
    with connect(scene.settings, autocommit=True) as connection:
        for _ in range(5):
            connection.execute(
                "UPDATE events.categories SET name = name || '' "
                "WHERE id = (SELECT id FROM events.categories ORDER BY id LIMIT 1)"
            )


def _tombstone(scene: Scene) -> str:
    """A row that is gone, then its tombstone; and one of a key that comes back after it."""
    name = f"tombstone-{scene.random.getrandbits(32)}"
    with connect(scene.settings, autocommit=True) as connection:
        key = connection.execute(
            "INSERT INTO events.categories (id, name, slug) VALUES (gen_random_uuid(), %s, %s) RETURNING id",
            (name, name),
        ).fetchall()[0][0]
        connection.execute("DELETE FROM events.categories WHERE id = %s", [key])
        scene.wait("the delete has arrived", lambda: _is_deleted(scene, key))
        writing = producer(scene)
        written = writing.send(scene.topic(COMPACTED), key=f'{{"id":"{key}"}}'.encode(), value=None)
        writing.flush()
        written.get(10)
        writing.close()
        connection.execute(
            "INSERT INTO events.categories (id, name, slug) VALUES (%s, %s, %s)", (key, name, name)
        )
    return "the tombstone deleted nothing that came after it"


def _is_deleted(scene: Scene, key: object) -> bool:
    with Warehouse(scene.settings) as warehouse:
        return bool(
            warehouse.scalar(
                f"SELECT count() FROM raw.`{COMPACTED}` WHERE id = {{key:UUID}} AND _op = 'd'",
                {"key": str(key)},
            )
        )


def _spread(scene: Scene, moment: str) -> str:
    """Rows that are read anew go to the new partitions as well, beside the stream."""
    topic = scene.topic(SPREAD)
    partitions = len(partition_bounds(scene.settings, [topic])) + 1
    loader = scene.loader
    with administration(scene.settings) as client:
        client.create_partitions({topic: partitions})
    new = TopicPartition(topic, partitions - 1)
    (resynced,) = scene.run("source", "resync", SPREAD)
    assert resynced["equal"], resynced
    assert partition_bounds(scene.settings, [topic])[new].next_offset > 0, "nothing went to the new partition"
    assert loader.is_running, loader.text
    return f"partition {new.partition} was read within seconds"


FAULTS = (
    Fault(
        4,
        "topic",
        "deleted and recreated",
        _recreated,
        ("shorter, running", "shorter, stopped", "longer, running", "longer, stopped"),
        short=("longer, running",),
    ),
    Fault(5, "topic", "retention passes the resume offset", _passed, ("loader down",)),
    Fault(
        6,
        "topic",
        "replay",
        _replayed,
        ("aborted transactions", "compaction", "tombstones"),
        short=("aborted transactions", "tombstones"),
    ),
    Fault(7, "topic", "partitions added", _spread, ("running",)),
)
