"""Past the views: what an open INSERT takes in is there at once, and the same as by way of the views."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any

import pyarrow as pa
import pytest

from bilten.contracts import Contract
from bilten.errors import WarehouseError
from bilten.settings import Settings
from tests.warehouse.events import (
    CONTRACTS,
    EVERYTHING,
    PLAIN,
    PLAIN_ROW,
    USUAL_ROW,
    Record,
    arrow_body,
    clear,
    deliver,
    event,
)
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.compile.names import RECORD_COLUMNS, door
from warehouse.compile.regular import IRREGULAR
from warehouse.compile.streaming import state_door, stream_inserts

pytestmark = pytest.mark.warehouse

PROMPT = tuple(
    dataclasses.replace(contract, freshness=timedelta(milliseconds=500)) for contract in (EVERYTHING, PLAIN)
)
SECONDS = 20.0
GIVEN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
KEY = '{"id":"00000000-0000-7000-8000-00000000000%s"}'


@pytest.fixture(scope="module")
def engine(warehouse: Warehouse, warehouse_settings: Settings) -> Iterator[Warehouse]:
    migrate.apply(warehouse_settings, CONTRACTS)
    for contract in PROMPT:
        for statement in state_door(contract):
            warehouse.command(statement.sql)
    yield warehouse
    for contract in PROMPT:
        warehouse.command(f"DROP TABLE {door(contract.name)}")
    for contract in (EVERYTHING, PLAIN):
        clear(warehouse, contract)


def history(row: dict[str, Any]) -> list[Record]:
    """Two rows, of which one is updated and the other one deleted, with the tombstone behind it."""
    first, second = {**row, "id": row["id"]}, {**row, "id": row["id"][:-1] + "2"}
    return [
        Record(event("r", first, 100), KEY % 1, 0),
        Record(event("c", second, 108), KEY % 2, 1, {"bilten.epoch": "3"}),
        Record(event("u", {**first, "title": "anew"}, 116), KEY % 1, 2),
        Record(event("d", None, 124, before={"id": second["id"]}), KEY % 2, 3, {"bilten.epoch": "3"}),
        Record(None, KEY % 2, 4),
    ]


def contents(warehouse: Warehouse, contract: Contract) -> tuple[list[Any], list[Any]]:
    columns = [column.name for column in contract.columns]
    columns += [name for name, _ in RECORD_COLUMNS if name != "_loaded_at"]
    selected = ", ".join(f"`{name}`" for name in columns)
    changes = warehouse.query(f"SELECT {selected} FROM raw.{contract.name} ORDER BY _offset")
    state = warehouse.query(f"SELECT * FROM ods.{contract.name}__state FINAL ORDER BY id")
    return list(changes.rows), list(state.rows)


@pytest.mark.parametrize(
    ("contract", "row"), [(EVERYTHING, USUAL_ROW), (PLAIN, PLAIN_ROW)], ids=["all", "few"]
)
def test_it_fills_the_tables_as_the_views_do(
    engine: Warehouse, contract: Contract, row: dict[str, Any]
) -> None:
    records = history(row)
    clear(engine, contract)
    deliver(engine, contract, records)
    expected = contents(engine, contract)
    assert len(expected[0]) == 4
    clear(engine, contract)
    inserts = stream_inserts(contract)
    for sql in (inserts.state, inserts.changes):
        assert engine.insert_through(sql, [timed(contract, records)]) == 4
    assert contents(engine, contract) == expected


@pytest.mark.parametrize(
    "unusual",
    [
        event("c", {**PLAIN_ROW, "amount": "1.239"}, 200),
        event("c", {**PLAIN_ROW, "amount": "123456789.00"}, 200),
        event("c", {**PLAIN_ROW, "more": 1}, 200),
        event("t", None, 200),
        "no JSON",
    ],
)
def test_a_record_that_is_not_usual_fails_it_and_leaves_what_came_before(
    engine: Warehouse, unusual: str
) -> None:
    clear(engine, PLAIN)
    inserts = stream_inserts(PLAIN)
    flow = Flow(engine, inserts.state)
    flow.give(_without_end(timed(PLAIN, [Record(event("c", PLAIN_ROW, 100), KEY % 1)])))
    flow.wait_for(lambda: rows(engine) == 1)
    bad = timed(PLAIN, [Record(unusual, KEY % 1)])
    flow.give(_batch_only(bad))
    with pytest.raises(WarehouseError, match=IRREGULAR):
        flow.end()
    assert rows(engine) == 1
    with pytest.raises(WarehouseError, match=IRREGULAR):
        engine.insert_through(inserts.changes, [bad])


def test_a_batch_is_visible_while_the_insert_is_open(engine: Warehouse) -> None:
    clear(engine, PLAIN)
    flow = Flow(engine, stream_inserts(PLAIN).state)
    for number in range(3):
        body = timed(PLAIN, [Record(event("c", PLAIN_ROW, 100 + 8 * number), KEY % 1, number)])
        flow.give(_batch_only(body) if number else _without_end(body))
        flow.wait_for(lambda: rows(engine) == number + 1)  # noqa: B023
    assert flow.end() == 3


def test_changes_say_when_they_were_given_and_make_one_part(engine: Warehouse) -> None:
    clear(engine, PLAIN)
    body = timed(PLAIN, [Record(event("c", PLAIN_ROW, 100), KEY % 1, 0)])
    pieces = [_without_end(body), *(_batch_only(body) for _ in range(3)), END]
    assert engine.insert_through(stream_inserts(PLAIN).changes, pieces) == 4
    parts = "SELECT count() FROM system.parts WHERE database = 'raw' AND table = 'sample__plain' AND active"
    assert engine.scalar(parts) == 1
    assert engine.scalar("SELECT max(_loaded_at) FROM raw.sample__plain") == GIVEN


def test_much_that_the_query_does_not_need_is_passed_over(engine: Warehouse) -> None:
    clear(engine, PLAIN)
    needless = {"needless": "x" * 500}
    records = [Record(event("c", PLAIN_ROW, 100 + n), KEY % 1 + " " * 400, n, needless) for n in range(1_000)]
    body = timed(PLAIN, records)
    flow = Flow(engine, stream_inserts(PLAIN).state)
    for number in range(4):
        flow.give(_batch_only(body) if number else _without_end(body))
        # All of them are the same row, so merges leave few.
        flow.wait_for(lambda: rows(engine) > 0)
    assert flow.end() == 4_000


def test_a_client_that_goes_away_leaves_what_it_gave_and_nothing_that_runs(engine: Warehouse) -> None:
    clear(engine, PLAIN)
    flow = Flow(engine, stream_inserts(PLAIN).state)
    flow.give(_without_end(timed(PLAIN, [Record(event("c", PLAIN_ROW, 100), KEY % 1)])))
    flow.wait_for(lambda: rows(engine) == 1)
    flow.break_off()
    running = (
        "SELECT count() FROM system.processes WHERE query LIKE '%INSERT INTO landing.%sample__plain__state%'"
    )
    flow.wait_for(lambda: engine.scalar(f"{running} AND query NOT LIKE '%system.processes%'") == 0)
    assert rows(engine) == 1


def rows(warehouse: Warehouse) -> int:
    return int(warehouse.scalar("SELECT count() FROM ods.sample__plain__state"))


def timed(contract: Contract, records: list[Record]) -> bytes:
    """An Arrow stream of records that say when they were given to the warehouse."""
    with pa.ipc.open_stream(arrow_body(contract, records)) as reader:
        table = reader.read_all()
    given = pa.array([GIVEN] * len(records), pa.timestamp("us", "UTC"))
    table = table.append_column("_loaded_at", given)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


class Flow:
    """An INSERT in a thread, to which pieces are given one after the other."""

    def __init__(self, warehouse: Warehouse, sql: str) -> None:
        self._pieces: SimpleQueue[bytes | Exception | None] = SimpleQueue()
        self._rows: int | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(warehouse, sql), daemon=True)
        self._thread.start()

    def _run(self, warehouse: Warehouse, sql: str) -> None:
        try:
            self._rows = warehouse.insert_through(sql, self._given())
        except Exception as error:
            self._error = error

    def _given(self) -> Iterator[bytes]:
        while (piece := self._pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def give(self, piece: bytes) -> None:
        self._pieces.put(piece)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert self._error is None, self._error
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def end(self) -> int:
        self._pieces.put(END)
        self._pieces.put(None)
        self._thread.join(SECONDS)
        if self._error is not None:
            raise self._error
        assert self._rows is not None
        return self._rows

    def break_off(self) -> None:
        self._pieces.put(ConnectionAbortedError("gone"))
        self._thread.join(SECONDS)
        self._error = None


END = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def _without_end(stream: bytes) -> bytes:
    assert stream.endswith(END)
    return stream.removesuffix(END)


def _batch_only(stream: bytes) -> bytes:
    """What follows the schema, which has its length in its second four bytes."""
    length = int.from_bytes(stream[4:8], "little")
    return _without_end(stream)[8 + length :]
