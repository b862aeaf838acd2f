"""One Kafka Connect worker, which runs the Debezium connectors."""

from __future__ import annotations

from pathlib import Path

from bilten.settings import Settings
from ingestion.connect_secrets import PROVIDER, secrets_folder
from stack import java, properties
from stack.kafka import LARGEST_MESSAGE_BYTES
from stack.layout import Layout
from stack.program import Program

DIRECTORY_PROVIDER = "org.apache.kafka.common.config.provider.DirectoryConfigProvider"


def configuration(settings: Settings, plugins: Path) -> dict[str, object]:
    """The worker's properties.

    Args:
        settings: addresses.
        plugins: a folder of plugin folders; jars that lie in it directly would each be a plugin of their own.
    """
    return {
        "bootstrap.servers": settings.bootstrap_servers,
        "group.id": "bilten-connect",
        "listeners": f"http://{settings.host}:{settings.connect_port}",
        "rest.advertised.host.name": settings.host,
        "rest.advertised.port": settings.connect_port,
        "plugin.path": plugins,
        # Reads the manifests inside the jars instead of every class of them.
        "plugin.discovery": "service_load",
        "exactly.once.source.support": "enabled",
        "key.converter": "org.apache.kafka.connect.json.JsonConverter",
        "key.converter.schemas.enable": False,
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": False,
        "header.converter": "org.apache.kafka.connect.storage.SimpleHeaderConverter",
        "config.storage.topic": "bilten-connect-configs",
        "config.storage.replication.factor": 1,
        "offset.storage.topic": "bilten-connect-offsets",
        "offset.storage.replication.factor": 1,
        "offset.storage.partitions": 1,
        "status.storage.topic": "bilten-connect-status",
        "status.storage.replication.factor": 1,
        "status.storage.partitions": 1,
        # Only one worker: nobody else to wait for before it takes its tasks over again.
        "scheduled.rebalance.max.delay.ms": 0,
        "session.timeout.ms": 10_000,
        "heartbeat.interval.ms": 2_000,
        "task.shutdown.graceful.timeout.ms": 5_000,
        "connector.client.config.override.policy": "All",
        "config.providers": PROVIDER,
        f"config.providers.{PROVIDER}.class": DIRECTORY_PROVIDER,
        f"config.providers.{PROVIDER}.param.allowed.paths": secrets_folder(settings).resolve(),
        "producer.compression.type": "lz4",
        "producer.linger.ms": 5,
        "producer.batch.size": 256 * 1024,
        "producer.buffer.memory": 64 * 1024 * 1024,
        "producer.max.request.size": LARGEST_MESSAGE_BYTES,
    }


def prepare(settings: Settings, layout: Layout, jars: Path) -> Program:
    """Write the configuration and describe the process.

    Args:
        settings: ports and heap.
        layout: the data folder.
        jars: the folder that `stack.jars.ensure` returned.
    """
    secrets_folder(settings).mkdir(mode=0o700, parents=True, exist_ok=True)
    path = properties.write(layout.run / "connect.properties", configuration(settings, jars / "plugins"))
    return Program(
        name="connect",
        command=java.command(
            settings,
            jars,
            "org.apache.kafka.connect.cli.ConnectDistributed",
            str(path),
            heap_megabytes=settings.connect_heap_megabytes,
        ),
        configuration=path.read_text(encoding="utf-8"),
        stage=2,
        directory=layout.run,
    )
