"""Rows of the outbox become events on topics of their own, and stay rows in the warehouse."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest
from kafka import KafkaConsumer

from bilten.cli.source_work import landing
from bilten.contracts import load_contracts
from bilten.errors import SourceRefused
from bilten.settings import Settings
from ingestion.connector import connector_status
from ingestion.consumer import consumer_options
from ingestion.sources import outbox
from ingestion.topics import partition_bounds
from operational.database import connect
from tests.fixtures.stack import Stack
from tests.ingestion.samples import contract
from warehouse.client import Warehouse


def test_a_table_without_the_columns_of_an_event_is_refused() -> None:
    with pytest.raises(SourceRefused, match="no column aggregate_id, aggregate_type, event_type, payload"):
        outbox.outbox_configuration(Settings(_env_file=None), contract("users", "users"))


@pytest.mark.stack
def test_events_are_routed_by_kind_and_rows_are_captured_all_the_same(capture: Stack) -> None:
    settings, table = capture.settings, load_contracts()[outbox.DATASET]
    outbox.start(settings, table)
    outbox.start(settings, table)
    event, aggregate = uuid.uuid4(), uuid.uuid4()
    with connect(settings, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO system.outbox (id, aggregate_type, aggregate_id, event_type, payload, occurred_at) "
            "VALUES (%s, 'parcel', %s, 'parcel.sent', %s, now())",
            [event, aggregate, json.dumps({"weight": 1.5, "to": {"city": "Bolu"}})],
        )
        connection.execute("UPDATE system.outbox SET published_at = now() WHERE id = %s", [event])
    topic = outbox.event_topic(settings, "parcel")
    record = _only_record(settings, topic)
    assert json.loads(record.key) == str(aggregate)
    assert json.loads(record.value) == {"weight": 1.5, "to": {"city": "Bolu"}}
    headers = {name: value for name, value in record.headers if value is not None}
    assert (headers["id"], headers[outbox.TYPE_HEADER]) == (str(event).encode(), b"parcel.sent")
    with Warehouse(settings) as warehouse, landing(settings, [table]):
        query = f"SELECT published_at IS NOT NULL FROM ods.system__outbox WHERE id = '{event}'"
        capture.wait_for(
            "the row is there", lambda: [tuple(r) for r in warehouse.query(query).rows] == [(1,)]
        )
    outbox.stop(settings)
    name = outbox.outbox_connector(settings)
    capture.wait_for("the connector is gone", lambda: connector_status(settings, name).state == "MISSING")
    with connect(settings) as connection:
        slots = connection.execute("SELECT slot_name FROM pg_replication_slots").fetchall()
        assert ("bilten_outbox",) not in slots
        connection.rollback()


def _only_record(settings: Settings, topic: str) -> Any:
    """The record of a topic that appears; none follows it."""
    deadline, records = time.monotonic() + 60, []
    consumer = KafkaConsumer(**{**consumer_options(settings), "client_id": "test"})
    try:
        while not records:
            assert time.monotonic() < deadline, "no event was published"
            bounds = partition_bounds(settings, [topic])
            consumer.assign(list(bounds))
            for partition, held in bounds.items():
                consumer.seek(partition, held.first_offset)
            records = [record for found in consumer.poll(500).values() for record in found] if bounds else []
        records += [record for found in consumer.poll(500).values() for record in found]
    finally:
        consumer.close()
    (record,) = records
    return record
