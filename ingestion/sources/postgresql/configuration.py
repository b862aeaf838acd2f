"""The options of the connector that only PostgreSQL has. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from bilten.contracts import Contract
from ingestion.sources.definition import Source

HEARTBEAT_PREFIX = "bilten-heartbeat"
MARKER_PREFIX = "bilten-marker"
"""Of logical messages that mark a moment of the source."""

# Of an unchanged value kept out of line, Debezium 3.5 sends a recognisable placeholder for these element
# types only; of all other arrays it sends a plain null, which cannot be told from a value that was cleared.
_ELEMENTS_WITH_PLACEHOLDER = frozenset(
    {"text", "varchar", "citext", "uuid", "integer", "bigint", "json", "jsonb"}
)


def connector(source: Source, captured: Sequence[Contract]) -> dict[str, str]:
    """The connector's options.

    Args:
        source: the database.
        captured: its tables.
    """
    configuration = {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "database.dbname": unquote(urlsplit(source.url).path.lstrip("/")),
        "plugin.name": "pgoutput",
        "slot.name": source.slot,
        "publication.name": source.publication,
        # The connector creates the publication, and alters it to exactly the included tables at each start.
        "publication.autocreate.mode": "filtered",
        "publish.via.partition.root": "true",
        "slot.max.retries": "900",
        "slot.retry.delay.ms": "2000",
        "status.update.interval.ms": "5000",
        # The message makes an idle database's slot advance past the log of a busy one on the same server;
        # it needs no table, and is left out of the stream again by its prefix.
        "heartbeat.action.query": f"SELECT pg_logical_emit_message(true, '{HEARTBEAT_PREFIX}', '')",
        "message.prefix.exclude.list": re.escape(HEARTBEAT_PREFIX),
        "interval.handling.mode": "string",
        "hstore.handling.mode": "json",
        "include.unknown.datatypes": "true",
    }
    full = [
        f"{contract.source_schema}.{contract.source_table}"
        for contract in captured
        if needs_full_identity(contract)
    ]
    if full:
        configuration["replica.identity.autoset.values"] = ",".join(
            f"{re.escape(table)}:FULL" for table in full
        )
    return configuration


def message_topic(prefix: str) -> str:
    """The topic of logical messages."""
    return f"{prefix}.message"


def needs_full_identity(contract: Contract) -> bool:
    """Whether the table must log whole rows (``REPLICA IDENTITY FULL``) to be captured without loss.

    That is so when it has no key, or an array whose unchanged values the connector cannot mark.
    """
    return not contract.key or any(hides_unchanged(column.source_type) for column in contract.columns)


def hides_unchanged(source_type: str) -> bool:
    """Whether the connector sends a plain null for values of a type that an update left alone."""
    text = source_type.strip().lower()
    if not text.endswith("[]"):
        return False
    element = text.removesuffix("[]").partition("(")[0].strip()
    return element not in _ELEMENTS_WITH_PLACEHOLDER
