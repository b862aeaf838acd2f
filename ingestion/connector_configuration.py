"""Settings and contracts → the configuration of the Debezium PostgreSQL connector. Pure."""

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
from warehouse.compile import EPOCH_HEADER

__all__ = ["CONNECTOR_NAME", "PUBLICATION_NAME", "SLOT_NAME", "connector_configuration"]

HEARTBEAT_MILLISECONDS = 5_000
HEARTBEAT_PREFIX = "bilten-heartbeat"
MARKER_PREFIX = "bilten-marker"
"""Of logical messages that mark a moment of the source; see `ingestion.progress`."""
LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024
"""The broker's limit as well: a larger row stops the connector with a message that names the table."""

# Of an unchanged value kept out of line, Debezium 3.5 sends a recognisable placeholder for these element
# types only; of all other arrays it sends a plain null, which cannot be told from a value that was cleared.
_ELEMENTS_WITH_PLACEHOLDER = frozenset(
    {"text", "varchar", "citext", "uuid", "integer", "bigint", "json", "jsonb"}
)


def message_topic(prefix: str) -> str:
    """The topic of logical messages."""
    return f"{prefix}.message"


def change_topics(prefix: str, contracts: Iterable[Contract]) -> dict[str, str]:
    """Dataset name → change topic, for source contracts, sorted by dataset."""
    return {
        contract.name: contract.topic(prefix) for contract in sorted(contracts, key=lambda item: item.name)
    }


def needs_full_identity(contract: Contract) -> bool:
    """Whether the table must log whole rows (``REPLICA IDENTITY FULL``) to be captured without loss.

    That is so when it has no key, or an array whose unchanged values the connector cannot mark.
    """
    return not contract.key or any(hides_unchanged(column.source_type) for column in contract.columns)


def connector_configuration(
    settings: Settings, contracts: Iterable[Contract], source: Source | None = None
) -> dict[str, str]:
    """Compile the connector's configuration.

    Args:
        settings: addresses and names.
        contracts: the source contracts; exactly those tables of the source are captured, without
            ``excludedColumns``.
        source: the database; the platform's own by default.

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
    full = [table for table, contract in zip(tables, captured, strict=True) if needs_full_identity(contract)]
    configuration = {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "tasks.max": "1",
        **_database(source),
        "topic.prefix": source.name,
        "table.include.list": _patterns(tables),
        **_capture(),
        # Rows of other sources are read by `ingestion.sources.refetch`, table by table.
        "snapshot.mode": "initial" if source.is_own else "no_data",
        **_representation(),
        **_delivery(),
        **_topics(settings),
        **_epoch(source),
    }
    if excluded:
        configuration["column.exclude.list"] = _patterns(excluded)
    if full:
        configuration["replica.identity.autoset.values"] = ",".join(
            f"{re.escape(table)}:FULL" for table in full
        )
    return configuration


def _database(source: Source) -> dict[str, str]:
    address = urlsplit(source.url)
    return {
        "database.hostname": address.hostname or "localhost",
        "database.port": str(address.port or 5432),
        "database.user": unquote(address.username or ""),
        "database.password": unquote(address.password or ""),
        "database.dbname": unquote(address.path.lstrip("/")),
        "plugin.name": "pgoutput",
        "slot.name": source.slot,
        "publication.name": source.publication,
        # The connector creates the publication, and alters it to exactly the included tables at each start.
        "publication.autocreate.mode": "filtered",
        "publish.via.partition.root": "true",
        # A database that restarts is waited for, two seconds at a time, not given up after a minute.
        "slot.max.retries": "900",
        "slot.retry.delay.ms": "2000",
        "errors.max.retries": "-1",
        "retriable.restart.connector.wait.ms": "2000",
        "status.update.interval.ms": "5000",
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
        # The message makes an idle database's slot advance past the log of a busy one on the same server;
        # it needs no table, and is left out of the stream again by its prefix.
        "heartbeat.interval.ms": str(HEARTBEAT_MILLISECONDS),
        "heartbeat.action.query": f"SELECT pg_logical_emit_message(true, '{HEARTBEAT_PREFIX}', '')",
        "message.prefix.exclude.list": re.escape(HEARTBEAT_PREFIX),
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
        "interval.handling.mode": "string",
        "hstore.handling.mode": "json",
        # Mode base64 sends null for an unchanged bytea; mode bytes, written as base64 by the JSON converter
        # all the same, sends the placeholder (seen with Debezium 3.5.0).
        "binary.handling.mode": "bytes",
        "include.unknown.datatypes": "true",
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


def topic_options(settings: Settings) -> dict[str, str]:
    """Topic-level options of every change topic, whoever creates it."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(settings.topic_retention_days * 24 * 60 * 60 * 1000),
        "max.message.bytes": str(LARGEST_MESSAGE_BYTES),
    }


def _patterns(names: Iterable[str]) -> str:
    """Names as Debezium's comma-separated regular expressions, anchored by Debezium itself."""
    return ",".join(re.escape(name) for name in names)


def hides_unchanged(source_type: str) -> bool:
    """Whether the connector sends a plain null for values of a type that an update left alone."""
    text = source_type.strip().lower()
    if not text.endswith("[]"):
        return False
    element = text.removesuffix("[]").partition("(")[0].strip()
    return element not in _ELEMENTS_WITH_PLACEHOLDER
