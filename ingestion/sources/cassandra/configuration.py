"""The files of a connector of Cassandra, which is a program of its own on each node. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bilten.settings import Settings
from ingestion.sources.definition import Source
from ingestion.topic_options import LARGEST_MESSAGE_BYTES

PROPERTIES, NODE, DRIVER = "connector.properties", "cassandra.yaml", "driver.conf"
STARTED = "started.json"
"""When the connector was started (microseconds since 1970), and the port where it says how it is."""

_PLACES = ("commitlog_directory", "cdc_raw_directory", "data_file_directories")
_CONVERTER = "org.apache.kafka.connect.json.JsonConverter"


def folder_of(settings: Settings, source: Source) -> Path:
    """Where a source's connector keeps its files on this node."""
    return settings.home / "cassandra" / source.name


def files(
    settings: Settings, source: Source, node: Mapping[str, str], datacenter: str, port: int
) -> dict[str, str]:
    """The files that the connector reads, by name.

    Args:
        settings: the cluster.
        source: the database.
        node: the settings of this node, as it tells them.
        datacenter: the one that the node is in.
        port: where the connector shall say how it is.
    """
    return {
        PROPERTIES: "".join(
            f"{name}={value}\n" for name, value in _properties(settings, source, node, port).items()
        ),
        NODE: "".join(f"{name}: {value}\n" for name, value in _node(node).items()),
        DRIVER: _driver(source, datacenter),
    }


def _properties(settings: Settings, source: Source, node: Mapping[str, str], port: int) -> dict[str, object]:
    folder = folder_of(settings, source)
    return {
        "topic.prefix": source.name,
        "cassandra.cluster.name": node["cluster_name"],
        "cassandra.config": folder / NODE,
        "cassandra.driver.config.file": folder / DRIVER,
        # Rows are read by the platform, each value with the time of its own write, which a snapshot of the
        # connector does not have.
        "snapshot.mode": "never",
        "offset.backing.store.dir": folder / "offsets",
        "commit.log.relocation.dir": folder / "relocation",
        # Otherwise a change waits until its segment of the log is full.
        "commit.log.real.time.processing.enabled": "true",
        "commit.log.marked.complete.poll.interval.ms": "100",
        "cdc.dir.poll.interval.ms": "100",
        "poll.interval.ms": "20",
        # One queue keeps the order of the log.
        "num.of.change.event.queues": "1",
        "event.order.guarantee.mode": "partition_values",
        "decimal.handling.mode": "string",
        "varint.handling.mode": "string",
        "tombstones.on.delete": "false",
        "http.port": port,
        "key.converter": _CONVERTER,
        "key.converter.schemas.enable": "false",
        "value.converter": _CONVERTER,
        "value.converter.schemas.enable": "false",
        "kafka.producer.bootstrap.servers": settings.bootstrap_servers,
        "kafka.producer.acks": "all",
        "kafka.producer.enable.idempotence": "true",
        # It counts on each record's arrival, and would go on after one that was given up.
        "kafka.producer.delivery.timeout.ms": "2147483647",
        "kafka.producer.compression.type": "lz4",
        "kafka.producer.linger.ms": "5",
        "kafka.producer.max.request.size": LARGEST_MESSAGE_BYTES,
    }


def _node(node: Mapping[str, str]) -> dict[str, str]:
    """What the connector's own copy of Cassandra must know to read the node's log and definitions."""
    data = node["data_file_directories"].strip("[]").split(",")
    return {
        "cluster_name": json.dumps(node["cluster_name"]),
        "partitioner": node["partitioner"],
        "commitlog_sync": "periodic",
        "commitlog_sync_period": "1s",
        "endpoint_snitch": "SimpleSnitch",
        "cdc_enabled": "true",
        "commitlog_directory": json.dumps(node["commitlog_directory"]),
        "cdc_raw_directory": json.dumps(node["cdc_raw_directory"]),
        "data_file_directories": json.dumps([each.strip() for each in data]),
        "seed_provider": json.dumps(
            [
                {
                    "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                    "parameters": [{"seeds": "127.0.0.1"}],
                }
            ]
        ),
    }


def _driver(source: Source, datacenter: str) -> str:
    address = urlsplit(source.url)
    basic = {
        "contact-points": [f"{address.hostname}:{source.port}"],
        "load-balancing-policy": {"local-datacenter": datacenter},
        "request": {"timeout": "20 seconds"},
    }
    advanced: dict[str, object] = {"reconnect-on-init": True}
    if address.username:
        advanced["auth-provider"] = {
            "class": "PlainTextAuthProvider",
            "username": unquote(address.username),
            "password": unquote(address.password or ""),
        }
    return json.dumps({"datastax-java-driver": {"basic": basic, "advanced": advanced}}, indent=2) + "\n"
