"""The outbox of the operational side: each of its rows is an event, published on the topic of its kind.

Debezium's event router makes the event of a row; it takes the place of the row's change. So the outbox has a
connector, a slot and a publication of its own, and the change of the row reaches ``raw`` by the usual one.
"""

from __future__ import annotations

import re
from dataclasses import replace

import structlog

from bilten.contracts import Contract
from bilten.errors import SourceRefused
from bilten.settings import Settings
from ingestion import connector
from ingestion.connector_configuration import connector_configuration
from ingestion.sources.definition import Source, own_source
from ingestion.sources.postgresql.capture import drop_capture
from ingestion.sources.postgresql.inspection import open_source

DATASET = "system__outbox"
ID, KEY, KIND, TYPE, PAYLOAD = "id", "aggregate_id", "aggregate_type", "event_type", "payload"
TYPE_HEADER = "event_type"
log = structlog.get_logger(__name__)


def event_topic(settings: Settings, kind: str) -> str:
    """The topic of a kind of aggregate, such as ``order``."""
    return f"{settings.topic_prefix}.events.{kind}"


def outbox_connector(settings: Settings) -> str:
    """The name of the outbox's connector."""
    return _source(settings).connector


def outbox_configuration(settings: Settings, contract: Contract) -> dict[str, str]:
    """The configuration of the outbox's connector. Pure.

    Args:
        settings: addresses and names.
        contract: the outbox.

    Raises:
        SourceRefused: the table lacks a column that an event is made of.
    """
    if missing := [name for name in (ID, KEY, KIND, TYPE, PAYLOAD) if name not in contract.by_name]:
        raise SourceRefused(
            f"{contract.name} is no outbox.",
            why=f"It has no column {', '.join(missing)}.",
            remedy="Add the columns, or do without routing.",
        )
    source = _source(settings)
    return {
        **connector_configuration(settings, [contract], source),
        # Events of the past were for readers of the past.
        "snapshot.mode": "no_data",
        "provide.transaction.metadata": "false",
        # Neither heartbeats nor the markers of comparisons are events.
        "message.prefix.exclude.list": "bilten-.*",
        "transforms": "outbox",
        "transforms.outbox.type": "io.debezium.transforms.outbox.EventRouter",
        "transforms.outbox.predicate": "outbox",
        "transforms.outbox.table.field.event.id": ID,
        "transforms.outbox.table.field.event.key": KEY,
        "transforms.outbox.table.field.event.payload": PAYLOAD,
        "transforms.outbox.table.expand.json.payload": "true",
        "transforms.outbox.table.fields.additional.placement": f"{TYPE}:header:{TYPE_HEADER}",
        "transforms.outbox.route.by.field": KIND,
        "transforms.outbox.route.topic.replacement": event_topic(settings, "${routedByValue}"),
        # A row that is marked as passed on, or cleared away, is no event.
        "transforms.outbox.table.op.invalid.behavior": "warn",
        "predicates": "outbox",
        "predicates.outbox.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates.outbox.pattern": re.escape(contract.topic(source.name)),
    }


def start(settings: Settings, contract: Contract) -> None:
    """Publish the events written from now on; harmless when that is done already.

    Raises:
        SourceRefused: the table is no outbox.
        ConnectUnavailable: Kafka Connect does not answer, or the connector did not start in time.
        SourceConnectorFailed: the connector started and failed.
    """
    name = outbox_connector(settings)
    connector.run(settings, name, outbox_configuration(settings, contract))
    log.info("connector_running", connector=name, tables=1)


def stop(settings: Settings) -> None:
    """Publish no more; the topics stay. Harmless when nothing is published.

    Raises:
        ConnectUnavailable: Kafka Connect does not answer.
        SourceUnavailable: the database does not answer.
    """
    source = _source(settings)
    connector.remove(settings, source)
    with open_source(source) as connection:
        drop_capture(source, connection)


def _source(settings: Settings) -> Source:
    prefix = settings.topic_prefix
    return replace(
        own_source(settings),
        name=f"{prefix}-outbox",
        connector=f"{prefix}-outbox",
        slot="bilten_outbox",
        publication="bilten_outbox",
    )
