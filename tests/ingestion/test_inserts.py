"""Batches into a real engine: bisection, retries, the ledger, receipts, and dead letters replayed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kafka import TopicPartition

from bilten.contracts import Contract
from bilten.errors import WarehouseError, WarehouseUnavailable
from bilten.settings import Settings
from ingestion import ledger
from ingestion.batches import Range
from ingestion.buffers import Batch, TableBuffer
from ingestion.dead_letters import discard, replay
from ingestion.history import Position
from ingestion.inserts import Inserter
from ingestion.receipts import OffsetRange, receipts
from tests.ingestion.samples import Change, column, contract
from warehouse.client import Warehouse
from warehouse.compile import compile_dataset
from warehouse.dead_letters import REFUSED, find_dead_letters
from warehouse.schema import database_statements, platform_statements

pytestmark = pytest.mark.warehouse

TOPIC_ID = "0b8b1c1e-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def notes(warehouse: Warehouse) -> Contract:
    """A table whose engine refuses outright, in a view of its own, every value with the word poison."""
    made = contract("inserts", "notes", column("id", "bigint", key=1), column("amount", "numeric(6,2)"))
    for statement in (*database_statements(), *platform_statements(), *compile_dataset(made)):
        warehouse.command(statement.sql)
    warehouse.command("CREATE TABLE landing.inserts__notes__nowhere (bad UInt8) ENGINE = Memory")
    warehouse.command(
        "CREATE MATERIALIZED VIEW landing.inserts__notes__poison TO landing.inserts__notes__nowhere AS "
        "SELECT throwIf(position(ifNull(value, ''), 'poison') > 0, 'poisoned') AS bad "
        "FROM landing.inserts__notes__irregular"
    )
    return made


def note(number: int, *, amount: str = "1.00", offset: int | None = None) -> Change:
    event = {
        "before": None,
        "after": {"id": number, "amount": amount},
        "source": {"lsn": 1000 + number, "ts_us": 1_795_448_280_338_000, "txId": 1},
        "op": "c",
    }
    place = number if offset is None else offset
    return Change(place, topic="ticketing.inserts.notes", value=json.dumps(event).encode())


def batch_of(records: Iterable[Change]) -> Batch:
    buffer = TableBuffer("inserts__notes")
    found = list(records)
    buffer.add(found, found[0].offset, found[-1].offset + 1, now=0.0)
    return buffer.take()


def identifiers(warehouse: Warehouse, *, below: int) -> list[int]:
    answer = warehouse.query(
        "SELECT id FROM ods.inserts__notes WHERE id < {below:Int64} AND id >= {from:Int64} ORDER BY id",
        {"below": below, "from": below - 100},
    )
    return [row[0] for row in answer.rows]


def inserter(warehouse: Warehouse, retried: list[str] | None = None) -> Inserter:
    told = retried if retried is not None else []
    return Inserter(warehouse, threading.Event(), lambda dataset, _: told.append(dataset))


def test_what_the_engine_refuses_outright_becomes_a_dead_letter_and_the_rest_lands(
    warehouse: Warehouse, notes: Contract
) -> None:
    records = [note(number) for number in range(40)]
    records[17].value = b"poison \x00\xff"
    records[18].key = None
    records[18].value = b'{"poison": 1}'
    inserted = inserter(warehouse).insert(batch_of(records), TOPIC_ID)
    assert (inserted.rows, inserted.refused) == (40, 2)
    assert identifiers(warehouse, below=100) == [*range(17), *range(19, 40)]
    letters = find_dead_letters(warehouse, dataset=notes.name, reason=REFUSED)
    assert [(letter.offset, letter.value, letter.key) for letter in letters] == [
        (17, b"poison \x00\xff", records[17].key),
        (18, b'{"poison": 1}', None),
    ]
    assert all("poisoned" in letter.reasons[0] for letter in letters)
    assert all(letter.topic_id == TOPIC_ID for letter in letters)
    again = inserter(warehouse).insert(batch_of(records), TOPIC_ID)
    assert again.refused == 2
    assert len(find_dead_letters(warehouse, dataset=notes.name, reason=REFUSED)) == 2, "the same two"


def test_a_table_that_is_missing_blames_no_record(warehouse: Warehouse, notes: Contract) -> None:
    batch = Batch("inserts__missing", [note(1)], (Range("t", 0, 1, 2, 1),), 10, 0.0)
    with pytest.raises(WarehouseError) as caught:
        inserter(warehouse).insert(batch, TOPIC_ID)
    assert not isinstance(caught.value, WarehouseUnavailable)


class Faltering(Warehouse):
    """A real client whose answers are lost a few times: after the insert was carried out, or before."""

    lost = 0
    carried_out = True

    def insert_arrow_stream(
        self,
        table: str,
        body: bytes | Iterable[bytes],
        rows: int,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        if self.lost == 0 or self.carried_out:
            super().insert_arrow_stream(table, body, rows, settings=settings)
        if self.lost:
            self.lost -= 1
            raise WarehouseUnavailable("The answer was lost.")


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_lost_answer_is_followed_by_the_same_insert_again(
    warehouse_settings: Settings, warehouse: Warehouse, notes: Contract, carried_out: bool
) -> None:
    base = 200 if carried_out else 300
    retried: list[str] = []
    with Faltering(warehouse_settings) as faltering:
        faltering.lost, faltering.carried_out = 2, carried_out
        inserter(faltering, retried).insert(batch_of(note(base + number) for number in range(5)), TOPIC_ID)
    assert retried == ["inserts__notes"] * 2
    assert identifiers(warehouse, below=base + 100) == list(range(base, base + 5))
    count = "SELECT count() FROM raw.inserts__notes FINAL WHERE id >= {a:Int64} AND id < {b:Int64}"
    assert warehouse.scalar(count, {"a": base, "b": base + 100}) == 5


def test_waiting_ends_when_the_loader_stops(warehouse_settings: Settings, notes: Contract) -> None:
    stopping = threading.Event()
    with Faltering(warehouse_settings) as faltering:
        faltering.lost, faltering.carried_out = 1000, False
        patient = Inserter(faltering, stopping, lambda *_: None)
        threading.Timer(0.3, stopping.set).start()
        with pytest.raises(WarehouseUnavailable):
            patient.insert(batch_of([note(900)]), TOPIC_ID)


def test_a_dead_letter_is_replayed_once_its_cause_is_gone(warehouse: Warehouse, notes: Contract) -> None:
    records = [note(400), note(401, amount="12345.678"), note(402)]
    inserter(warehouse).insert(batch_of(records), TOPIC_ID)
    (letter,) = find_dead_letters(warehouse, dataset=notes.name, status="open", reason="amount")
    assert (letter.offset, letter.value, letter.key) == (401, records[1].value, records[1].key)
    still = replay(warehouse, [letter])
    assert (still.landed, still.refused) == ((), (letter,))
    assert find_dead_letters(warehouse, ids=[letter.id])[0].status == "open"
    # Somebody repairs the view: here by letting the strict one go, and reading the number as it is.
    _replace_parsing(warehouse, notes)
    healed = replay(warehouse, [letter])
    assert (healed.landed, healed.refused) == ((letter,), ())
    (after,) = find_dead_letters(warehouse, ids=[letter.id])
    assert after.status == "replayed"
    assert identifiers(warehouse, below=500) == [400, 401, 402]
    assert discard(warehouse, [after]) == 1
    assert find_dead_letters(warehouse, ids=[letter.id])[0].status == "discarded"


def _replace_parsing(warehouse: Warehouse, made: Contract) -> None:
    """A contract with a wider column: its views in the place of the former ones."""
    wider = contract("inserts", "notes", column("id", "bigint", key=1), column("amount", "numeric(12,4)"))
    views = "SELECT name FROM system.tables WHERE database = 'landing' AND name LIKE {name:String}"
    for row in warehouse.query(views, {"name": f"{made.name}%"}).rows:
        if not row[0].endswith(("poison", "nowhere")) and row[0] != made.name:
            warehouse.command(f"DROP TABLE landing.`{row[0]}`")
    for table in (f"raw.{made.name}", f"ods.{made.name}__state"):
        engine = warehouse.query(
            "SELECT name FROM system.columns WHERE database || '.' || table = {t:String} AND name = 'amount'",
            {"t": table},
        )
        if engine.rows:
            warehouse.command(f"ALTER TABLE {table} MODIFY COLUMN amount Nullable(Decimal(12, 4))")
    for statement in compile_dataset(wider):
        warehouse.command(statement.sql)


def test_positions_outlive_their_ranges_and_gaps_count(warehouse: Warehouse, notes: Contract) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    ranges = [
        Range("ledger.a", 0, 0, 10, 10, 1000, 1_795_448_280_000, 1_795_448_281_000),
        Range("ledger.a", 0, 10, 11),
        Range("ledger.a", 1, 5, 9, 4, 400, 1_795_448_270_000, 1_795_448_290_000),
    ]
    written = ledger.record(warehouse, ranges, {"ledger.a": TOPIC_ID}, "host:1")
    assert written == {TopicPartition("ledger.a", 0): 11, TopicPartition("ledger.a", 1): 9}
    positions = ledger.read_positions(warehouse)
    assert positions[TopicPartition("ledger.a", 0)] == Position(11, TOPIC_ID)
    later = ledger.record(warehouse, [Range("ledger.a", 0, 11, 12)], {"ledger.a": TOPIC_ID}, "host:1")
    assert later == {TopicPartition("ledger.a", 0): 12}
    assert ledger.read_positions(warehouse)[TopicPartition("ledger.a", 0)].next_offset == 12

    table = contract("a", "a")
    settings = Settings(_env_file=None, topic_prefix="ledger")
    ledger.record(
        warehouse,
        [Range("ledger.a.a", 0, 0, 3, 3, 30, 1_795_448_280_000, 1_795_448_281_000)],
        {"ledger.a.a": TOPIC_ID},
        "host:1",
    )
    after = datetime.now(UTC) + timedelta(seconds=1)
    (receipt,) = receipts(settings, [table], warehouse, after=before, until=after)
    assert receipt.ranges == (OffsetRange(0, 0, 3),)
    assert (receipt.dataset, receipt.rows, receipt.bytes, receipt.dead) == ("a__a", 3, 30, 0)
    assert receipt.first_timestamp == datetime.fromtimestamp(1_795_448_280, UTC)
    assert receipts(settings, [table], warehouse, after=after, until=after + timedelta(hours=1)) == ()
