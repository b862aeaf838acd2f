"""The options of the connector that only MariaDB and MySQL have. Pure."""

from __future__ import annotations

import zlib
from urllib.parse import urlsplit

from bilten.settings import Settings
from ingestion.sources.definition import Source

_CLASSES = {
    "mariadb": "io.debezium.connector.mariadb.MariaDbConnector",
    "mysql": "io.debezium.connector.mysql.MySqlConnector",
}
_FIRST_SERVER_ID, _SERVER_IDS = 1_000_000_000, 1_000_000_000


def history_topic(source: Source) -> str:
    """The topic with the statements that defined the tables, which the connector reads at each start."""
    return f"{source.name}.schema-history"


def server_id(source: Source) -> int:
    """The connector's number among the server's replicas: always the same, and unlike those people give."""
    return _FIRST_SERVER_ID + zlib.crc32(source.name.encode()) % _SERVER_IDS


def connector(settings: Settings, source: Source) -> dict[str, str]:
    """The connector's options.

    Args:
        settings: the cluster, where definitions of tables are kept.
        source: the database.
    """
    return {
        "connector.class": _CLASSES[urlsplit(source.url).scheme],
        "database.server.id": str(server_id(source)),
        "snapshot.locking.mode": "minimal",
        # The place in the log is stored with a heartbeat, and comparisons wait for it.
        "heartbeat.interval.ms": "500",
        "include.schema.changes": "false",
        "schema.history.internal.kafka.bootstrap.servers": settings.bootstrap_servers,
        "schema.history.internal.kafka.topic": history_topic(source),
        # A statement about any table of the server would stop the connector for good (seen: INET6); those
        # that are captured are looked at before, and compared with their contracts all the time.
        "schema.history.internal.skip.unparseable.ddl": "true",
        # Otherwise the year 1 is taken for 2001.
        "enable.time.adjuster": "false",
        # As numbers to the last digit: mode long turns the upper half negative.
        "bigint.unsigned.handling.mode": "precise",
        "key.converter.decimal.format": "NUMERIC",
        "value.converter.decimal.format": "NUMERIC",
    }
