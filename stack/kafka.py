"""One Kafka node that is broker and controller (KRaft)."""

from __future__ import annotations

import base64
import subprocess
import uuid
from pathlib import Path

from bilten.errors import StackError
from bilten.settings import Settings
from stack import java, properties
from stack.layout import Layout
from stack.program import Program

LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024
"""A row with a large document; Debezium's own limit follows it."""


def configuration(settings: Settings, layout: Layout) -> dict[str, object]:
    """The node's properties."""
    return {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{settings.host}:{settings.kafka_controller_port}",
        "listeners": f"PLAINTEXT://{settings.host}:{settings.kafka_port},"
        f"CONTROLLER://{settings.host}:{settings.kafka_controller_port}",
        "advertised.listeners": f"PLAINTEXT://{settings.host}:{settings.kafka_port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": layout.kafka_data,
        # One node: every internal topic has one copy, and few partitions, as each costs two open files.
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        "group.initial.rebalance.delay.ms": 0,
        "num.partitions": 1,
        # Debezium's transaction and heartbeat topics are made on first use.
        "auto.create.topics.enable": True,
        "message.max.bytes": LARGEST_MESSAGE_BYTES,
        "replica.fetch.max.bytes": LARGEST_MESSAGE_BYTES,
        # The broker is a buffer: what the warehouse has not read for a week is resynced from the source.
        "log.retention.hours": 168,
        "log.segment.bytes": 128 * 1024 * 1024,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "background.threads": 2,
        "num.recovery.threads.per.data.dir": 1,
        # A killed broker may register again only when its old session has run out: with the default of
        # nine seconds a restart took 12 s.
        "broker.session.timeout.ms": 4000,
        "broker.heartbeat.interval.ms": 500,
        "controller.quorum.election.timeout.ms": 200,
        "controller.quorum.fetch.timeout.ms": 1000,
        "metadata.log.max.record.bytes.between.snapshots": 4 * 1024 * 1024,
    }


def prepare(settings: Settings, layout: Layout, jars: Path) -> Program:
    """Write the configuration, format the log folder at the first start, and describe the process.

    Args:
        settings: ports and heap.
        layout: the data folder.
        jars: the folder that `stack.jars.ensure` returned.

    Raises:
        StackError: the log folder cannot be formatted.
    """
    path = properties.write(layout.run / "kafka.properties", configuration(settings, layout))
    if not (layout.kafka_data / "meta.properties").exists():
        _format(settings, jars, path)
    return Program(
        name="kafka",
        command=java.command(
            settings, jars, "kafka.Kafka", str(path), heap_megabytes=settings.kafka_heap_megabytes
        ),
        configuration=path.read_text(encoding="utf-8"),
        stage=1,
        directory=layout.run,
        stop_seconds=30,
    )


def _format(settings: Settings, jars: Path, configuration_path: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # One in 64 ids begins with a dash, which would be read as an option if it stood by itself.
    arguments = ("format", f"--cluster-id={cluster}", "--config", str(configuration_path))
    command = java.command(settings, jars, "kafka.tools.StorageTool", *arguments, heap_megabytes=128)
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise StackError(
            "Kafka's log folder could not be formatted.", why=(result.stderr or result.stdout)[-800:]
        )
