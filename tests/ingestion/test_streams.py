"""Streams into a real engine: what is visible when, what is made again, and what the ledger is told."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest

from bilten.contracts import Contract
from bilten.errors import WarehouseUnavailable
from bilten.settings import Settings
from ingestion.batches import Range
from ingestion.buffers import Batch, TableBuffer
from ingestion.inserts import Inserted, Inserter
from ingestion.streams import IDLE_SECONDS, LARGEST_ROWS, PAUSE_SECONDS, Streams
from tests.ingestion.samples import Change, column, contract
from warehouse.client import Warehouse
from warehouse.compile import compile_dataset
from warehouse.dead_letters import find_dead_letters
from warehouse.schema import database_statements, platform_statements

pytestmark = pytest.mark.warehouse

TOPIC_ID = "0b8b1c1e-0000-4000-8000-000000000002"
LIFE_SECONDS = 3.0


@pytest.fixture(scope="module")
def prompt(warehouse: Warehouse) -> Contract:
    """A table that promises half a second."""
    made = dataclasses.replace(
        contract("streams", "notes", column("id", "bigint", key=1), column("amount", "numeric(6,2)")),
        freshness=timedelta(milliseconds=500),
    )
    for statement in (*database_statements(), *platform_statements(), *compile_dataset(made)):
        warehouse.command(statement.sql)
    return made


@pytest.fixture
def streams(warehouse: Warehouse, prompt: Contract) -> Iterator[Streams]:
    made = streams_of(warehouse, prompt)
    yield made
    made.close()


def streams_of(warehouse: Warehouse, prompt: Contract) -> Streams:
    inserter = Inserter(warehouse, threading.Event(), lambda _, __: None)
    return Streams(warehouse, [prompt], inserter, LIFE_SECONDS)


def note(number: int, *, amount: str = "1.00") -> Change:
    """A change in the connector's own form, to the letter."""
    event = {
        "before": None,
        "after": {"id": number, "amount": amount},
        "source": {"lsn": 1000 + number, "ts_us": 1_795_448_280_338_000, "txId": 1},
        "op": "c",
    }
    value = json.dumps(event, separators=(",", ":")).encode()
    return Change(number, topic="ticketing.streams.notes", key=b'{"id":%d}' % number, value=value)


def batch_of(records: Iterable[Change]) -> Batch:
    buffer = TableBuffer("streams__notes")
    found = list(records)
    buffer.add(found, found[0].offset, found[-1].offset + 1, now=0.0)
    return buffer.take()


def through(streams: Streams, *batches: Batch) -> Inserted:
    for batch in batches:
        streams.send(batch, TOPIC_ID, 0.0)
    return streams.settle(streams.end("streams__notes"))


def visible(warehouse: Warehouse, first: int, beyond: int, table: str = "ods.streams__notes") -> list[int]:
    answer = warehouse.query(
        f"SELECT id FROM {table} WHERE id >= {{first:Int64}} AND id < {{beyond:Int64}} ORDER BY id, _version",
        {"first": first, "beyond": beyond},
    )
    return [int(row[0]) for row in answer.rows]


def test_a_batch_is_in_ods_while_the_stream_is_open_and_in_raw_at_its_end(
    warehouse: Warehouse, streams: Streams
) -> None:
    assert streams.suit("streams__notes", 5, 0.0)
    streams.send(batch_of(note(number) for number in range(5)), TOPIC_ID, 0.0)
    deadline = time.monotonic() + 20
    while visible(warehouse, 0, 100) != [0, 1, 2, 3, 4]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert streams.is_open("streams__notes")
    inserted = through(streams, batch_of(note(number) for number in range(5, 7)))
    assert visible(warehouse, 0, 100, "raw.streams__notes") == [0, 1, 2, 3, 4, 5, 6]
    assert (inserted.rows, inserted.refused) == (7, 0)
    assert [(one.first_offset, one.next_offset, one.rows) for one in inserted.ranges] == [(0, 7, 7)]
    assert not streams.is_open("streams__notes")


def test_an_unusual_record_takes_the_long_way_with_all_that_came_along(
    warehouse: Warehouse, streams: Streams
) -> None:
    batches = [batch_of([note(100)]), batch_of([note(101, amount="1.239"), note(102)]), batch_of([note(103)])]
    inserted = through(streams, *batches)
    assert inserted.rows == 4
    assert visible(warehouse, 100, 104) == [100, 102, 103]
    assert visible(warehouse, 100, 104, "raw.streams__notes FINAL") == [100, 102, 103]
    [letter] = find_dead_letters(warehouse, dataset="streams__notes")
    assert letter.offset == 101
    assert not streams.suit("streams__notes", 1, time.monotonic())
    assert streams.suit("streams__notes", 1, time.monotonic() + PAUSE_SECONDS)
    through(streams, batch_of([note(104, amount="1.239")]))
    assert not streams.suit("streams__notes", 1, time.monotonic() + PAUSE_SECONDS), (
        "twice as long the next time"
    )
    through(streams, batch_of([note(105)]))
    through(streams, batch_of([note(106, amount="1.239")]))
    assert streams.suit("streams__notes", 1, time.monotonic() + PAUSE_SECONDS)


def test_a_tombstone_that_comes_alone_deletes_its_row(warehouse: Warehouse, streams: Streams) -> None:
    gone = note(200)
    tombstone = dataclasses.replace(note(200), offset=202, value=None)
    through(streams, batch_of([gone, note(201)]), batch_of([tombstone]))
    assert visible(warehouse, 200, 300) == [201]


class Losing(Warehouse):
    """A real client; the answer to what fills ``raw`` is lost once, after it was carried out."""

    lost = 1

    def insert_through(self, sql: str, body: Iterable[bytes]) -> int:
        taken = super().insert_through(sql, body)
        if sql.startswith("INSERT INTO raw.") and self.lost:
            self.lost -= 1
            raise WarehouseUnavailable("The answer was lost.")
        return taken


def test_a_lost_answer_changes_nothing_that_a_reader_sees(
    warehouse: Warehouse, warehouse_settings: Settings, prompt: Contract
) -> None:
    with Losing(warehouse_settings) as losing:
        streams = streams_of(losing, prompt)
        inserted = through(streams, batch_of(note(number) for number in range(300, 310)))
        streams.close()
    assert inserted.rows == 10
    assert visible(warehouse, 300, 400) == list(range(300, 310))
    assert visible(warehouse, 300, 400, "raw.streams__notes FINAL") == list(range(300, 310))


def test_a_stream_ends_by_time_by_silence_and_by_failure(streams: Streams) -> None:
    first = batch_of([note(400)])
    streams.send(first, TOPIC_ID, 0.0)
    assert streams.due(0.0) == []
    assert streams.due(IDLE_SECONDS) == ["streams__notes"]
    streams.send(batch_of([note(401)]), TOPIC_ID, IDLE_SECONDS)
    assert streams.due(IDLE_SECONDS) == []
    streams.send(batch_of([note(402)]), TOPIC_ID, LIFE_SECONDS)
    assert streams.due(LIFE_SECONDS) == ["streams__notes"]
    streams.settle(streams.end("streams__notes"))
    assert streams.due(LIFE_SECONDS) == []


def test_positions_without_records_go_with_the_stream(streams: Streams) -> None:
    streams.send(batch_of([note(500)]), TOPIC_ID, 0.0)
    streams.send(Batch("streams__notes", [], (Range("t", 0, 501, 503),), 0, 0.0), TOPIC_ID, 0.0)
    inserted = streams.settle(streams.end("streams__notes"))
    assert [(one.first_offset, one.next_offset, one.rows) for one in inserted.ranges] == [(500, 503, 1)]


def test_only_small_batches_of_tables_that_promise_much_have_a_stream(
    warehouse: Warehouse, prompt: Contract
) -> None:
    patient = dataclasses.replace(prompt, name="streams__patient", freshness=timedelta(seconds=5))
    inserter = Inserter(warehouse, threading.Event(), lambda _, __: None)
    streams = Streams(warehouse, [prompt, patient], inserter, LIFE_SECONDS)
    assert streams.suit(prompt.name, LARGEST_ROWS, 0.0)
    assert not streams.suit(prompt.name, LARGEST_ROWS + 1, 0.0)
    assert not streams.suit(patient.name, 1, 0.0)
    streams.close()
    none = Streams(warehouse, [prompt], inserter, 0.0)
    assert not none.suit(prompt.name, 1, 0.0)
    none.close()
