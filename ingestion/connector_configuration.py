"""Settings and contracts → the configuration of a Debezium connector. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from bilten.contracts import Contract
from bilten.settings import Settings
from ingestion.sources.definition import (
    CONNECTOR_NAME,
    PUBLICATION_NAME,
    SLOT_NAME,
    Source,
    own_source,
)
from ingestion.sources.dialects import dialect_of
from ingestion.topic_options import LARGEST_MESSAGE_BYTES, change_topics, topic_options
from warehouse.compile import EPOCH_HEADER

__all__ = [
    "CONNECTOR_NAME",
    "LARGEST_MESSAGE_BYTES",
    "PUBLICATION_NAME",
    "SLOT_NAME",
    "change_topics",
    "connector_configuration",
    "topic_options",
]

HEARTBEAT_MILLISECONDS = 5_000


def connector_configuration(
    settings: Settings,
    contracts: Iterable[Contract],
    source: Source | None = None,
    *,
    with_rows: bool | None = None,
) -> dict[str, str]:
    """Compile the connector's configuration.

    Args:
        settings: addresses and names.
        contracts: the source contracts; exactly those tables of the source are captured, without
            ``excludedColumns``.
        source: the database; the platform's own by default.
        with_rows: whether a connector that has no place in the log yet sends every row first; by default the
            platform's own does.

    Returns:
        The body for Kafka Connect, every value a string. It holds the database's password.
    """
    source = source or own_source(settings)
    captured = sorted(source.tables(contracts), key=lambda contract: contract.name)
    tables = [f"{contract.source_schema}.{contract.source_table}" for contract in captured]
    excluded = [
        f"{table}.{column}"
        for table, contract in zip(tables, captured, strict=True)
        for column in contract.excluded_columns
    ]
    configuration = {
        "tasks.max": "1",
        **_address(source),
        "topic.prefix": source.name,
        "table.include.list": included(tables),
        # Rows of other sources are read by `ingestion.sources.refetch`, table by table.
        "snapshot.mode": "initial" if (source.is_own if with_rows is None else with_rows) else "no_data",
        **common_options(settings),
        **_epoch(source),
        **dialect_of(source.database).connector(settings, source, captured),
    }
    if excluded:
        configuration["column.exclude.list"] = included(excluded)
    return configuration


def common_options(settings: Settings) -> dict[str, str]:
    """The options of every connector, whatever it captures from."""
    return {**_capture(), **_representation(), **_delivery(), **_topics(settings)}


def _address(source: Source) -> dict[str, str]:
    address = urlsplit(source.url)
    return {
        "database.hostname": address.hostname or "localhost",
        "database.port": str(source.port),
        "database.user": unquote(address.username or ""),
        "database.password": unquote(address.password or ""),
        # A database that restarts is waited for, two seconds at a time, not given up after a minute.
        "errors.max.retries": "-1",
        "retriable.restart.connector.wait.ms": "2000",
    }


def _capture() -> dict[str, str]:
    return {
        "snapshot.fetch.size": "4096",
        "max.batch.size": "4096",
        "max.queue.size": "16384",
        "max.queue.size.in.bytes": str(64 * 1024 * 1024),
        "poll.interval.ms": "50",
        "skipped.operations": "none",
        # A delete carries key and position already; topics are kept by time, never compacted.
        "tombstones.on.delete": "false",
        "provide.transaction.metadata": "true",
        # Four headers that say which task read a record, in every record.
        "extended.headers.enabled": "false",
        "heartbeat.interval.ms": str(HEARTBEAT_MILLISECONDS),
    }


def _representation() -> dict[str, str]:
    converter = "org.apache.kafka.connect.json.JsonConverter"
    return {
        "key.converter": converter,
        "key.converter.schemas.enable": "false",
        "value.converter": converter,
        "value.converter.schemas.enable": "false",
        "decimal.handling.mode": "string",
        "time.precision.mode": "isostring",
        # Mode base64 sends null for an unchanged bytea of PostgreSQL; mode bytes, written as base64 by the
        # JSON converter all the same, sends the placeholder (seen with Debezium 3.5.0).
        "binary.handling.mode": "bytes",
    }


def _delivery() -> dict[str, str]:
    return {
        "exactly.once.support": "required",
        "transaction.boundary": "poll",
        "errors.tolerance": "none",
        "producer.override.compression.type": "lz4",
        "producer.override.linger.ms": "5",
        "producer.override.batch.size": str(256 * 1024),
        "producer.override.max.request.size": str(LARGEST_MESSAGE_BYTES),
    }


def _epoch(source: Source) -> dict[str, str]:
    """Every record bears the source's epoch, so that a replay years later knows it, too."""
    if not source.epoch:
        return {}
    return {
        "transforms": "epoch",
        "transforms.epoch.type": "org.apache.kafka.connect.transforms.InsertHeader",
        "transforms.epoch.header": EPOCH_HEADER,
        "transforms.epoch.value.literal": str(source.epoch),
    }


def _topics(settings: Settings) -> dict[str, str]:
    return {
        "topic.creation.default.replication.factor": "-1",
        "topic.creation.default.partitions": str(settings.topic_partitions),
        **{f"topic.creation.default.{name}": value for name, value in topic_options(settings).items()},
    }


def included(names: Iterable[str]) -> str:
    """Names as Debezium's comma-separated regular expressions, anchored by Debezium itself."""
    return ",".join(re.escape(name) for name in names)
