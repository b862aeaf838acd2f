"""Events in the form of Cassandra's connector (as seen of 3.4.1) in a real engine: its own rules decide."""

from __future__ import annotations

import itertools
import json
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from bilten.contracts import Column, Contract
from ingestion.buffers import TableBuffer
from ingestion.inserts import Inserter
from tests.ingestion.samples import Change, contract
from warehouse.client import Warehouse
from warehouse.compile import compile_dataset
from warehouse.dead_letters import find_dead_letters
from warehouse.schema import database_statements, platform_statements

pytestmark = pytest.mark.warehouse

TOPIC_ID = "0b8b1c1e-0000-4000-8000-000000000002"
OFFSETS = itertools.count()


def column(name: str, source_type: str, *, key: int | None = None) -> Column:
    return Column(
        name, "", "string", source_type, required=key is not None, key_position=key, database="cassandra"
    )


@pytest.fixture(scope="module")
def seats(warehouse: Warehouse) -> Contract:
    made = replace(
        contract(
            "cells",
            "seats",
            column("hall", "text", key=1),
            column("seat", "int", key=2),
            column("holder", "text"),
            column("price", "decimal"),
            column("held_at", "timestamp"),
        ),
        database="cassandra",
        partition_key=("hall",),
    )
    for statement in (*database_statements(), *platform_statements(), *compile_dataset(made)):
        warehouse.command(statement.sql)
    return made


@pytest.fixture
def hall(request: pytest.FixtureRequest) -> str:
    """A partition of the test's own."""
    return str(request.node.name)


def event(operation: str, at: int, key: dict[str, object], /, **values: object) -> Change:
    """An event as the connector writes it; a value may be a pair with the second in which it expires."""
    columns = ("hall", "seat", "holder", "price", "held_at")
    after: dict[str, Any] = dict.fromkeys(columns)
    for name, value in {**key, **values}.items():
        pair = value if isinstance(value, tuple) else (value, None)
        expires = None if pair[1] is None else pair[1] * 1_000_000
        after[name] = {"value": pair[0], "deletion_ts": expires, "set": True}
    if operation == "d":
        for name in columns:
            after[name] = after[name] or {"value": None, "deletion_ts": at, "set": True}
    after |= {"_range_start": None, "_range_end": None}
    body = {
        "ts_ms": at // 1000 + 80,
        "op": operation,
        "source": {"connector": "cassandra", "ts_us": at, "file": "CommitLog-7-1.log", "pos": at % 1000},
        "after": after,
    }
    text = json.dumps({name: after[name] and after[name]["value"] for name in ("hall", "seat")})
    return Change(next(OFFSETS), "cells.seats", key=text.encode(), value=json.dumps(body).encode())


def land(warehouse: Warehouse, *records: Change) -> None:
    buffer = TableBuffer("cells__seats")
    for record in records:
        # One that is sent again lies at another place of the topic.
        record.offset = next(OFFSETS)
        buffer.add([record], record.offset, record.offset + 1, now=0.0)
    Inserter(warehouse, threading.Event(), lambda *_: None).insert(buffer.take(), TOPIC_ID)


def rows(warehouse: Warehouse, hall: str) -> dict[int, tuple[object, ...]]:
    answer = warehouse.query(
        "SELECT seat, holder, price, toString(held_at) FROM ods.cells__seats WHERE hall = {hall:String}",
        {"hall": hall},
    )
    return {int(row[0]): tuple(row[1:]) for row in answer.rows}


def test_what_was_not_written_stays_and_a_null_that_was_written_is_one(
    warehouse: Warehouse, seats: Contract, hall: str
) -> None:
    key = {"hall": hall, "seat": 1}
    land(
        warehouse,
        event("i", 1_000_000, key, holder='Ayla "q" \\ ü/', price="1234567890123456789.10", held_at=1500),
        event("u", 2_000_000, key, price="7"),
    )
    first = "1970-01-01 00:00:01.500000"
    assert rows(warehouse, hall) == {1: ('Ayla "q" \\ ü/', "7", first)}
    # An INSERT names some columns only, too, and replaces no whole row.
    land(warehouse, event("i", 3_000_000, key, holder=None))
    assert rows(warehouse, hall) == {1: (None, "7", first)}


def test_the_time_of_the_write_decides_not_the_order_of_arrival(
    warehouse: Warehouse, seats: Contract, hall: str
) -> None:
    key = {"hall": hall, "seat": 1}
    events = [
        event("i", 5_000_000, key, holder="new"),
        event("i", 1_000_000, key, holder="old", price="1"),
        event("d", 3_000_000, key),
        event("u", 4_000_000, key, price="4"),
        # Of one instant the null stands, and of two values the greater one.
        event("u", 6_000_000, key, price=None),
        event("u", 6_000_000, key, price="9"),
        event("u", 6_000_000, key, holder="a"),
        event("u", 6_000_000, key, holder="b"),
    ]
    for order in (events, events[::-1], events):
        land(warehouse, *order)
        assert rows(warehouse, hall) == {1: ("b", None, None)}
    kept = warehouse.scalar(f"SELECT count() FROM raw.cells__seats FINAL WHERE hall = '{hall}'")
    assert kept == len(events), "each write once, those of one instant apart"


def test_a_row_exists_while_inserted_or_while_a_value_stands(
    warehouse: Warehouse, seats: Contract, hall: str
) -> None:
    updated, inserted = {"hall": hall, "seat": 1}, {"hall": hall, "seat": 2}
    land(warehouse, event("u", 1_000_000, updated, price="1"), event("i", 1_000_000, inserted, price="1"))
    assert rows(warehouse, hall).keys() == {1, 2}
    land(warehouse, event("u", 2_000_000, updated, price=None), event("u", 2_000_000, inserted, price=None))
    assert rows(warehouse, hall) == {2: (None, None, None)}
    # Deleted and inserted in one instant: the delete stands.
    land(warehouse, event("d", 3_000_000, inserted), event("i", 3_000_000, inserted, price="5"))
    assert rows(warehouse, hall) == {}
    land(warehouse, event("u", 4_000_000, inserted, holder="again"))
    assert rows(warehouse, hall) == {2: ("again", None, None)}, "what was before the delete stays gone"


def test_values_and_rows_expire_by_themselves(warehouse: Warehouse, seats: Contract, hall: str) -> None:
    now = int(time.time())
    land(
        warehouse,
        event("i", 1_000_000, {"hall": hall, "seat": 1}, holder=("gone", now - 5), price=("1", now + 3600)),
        event("i", 1_000_000, {"hall": hall, "seat": 2}, holder=("gone", now - 5)),
        event("i", 1_000_000, {"hall": hall, "seat": 3}, holder="stays"),
        event("u", 2_000_000, {"hall": hall, "seat": 3}, price=("2", now - 1)),
    )
    assert rows(warehouse, hall) == {1: (None, "1", None), 3: ("stays", None, None)}


def test_a_deleted_partition_takes_its_rows_and_only_older_ones(
    warehouse: Warehouse, seats: Contract, hall: str
) -> None:
    other = f"{hall} other"
    land(
        warehouse,
        *(event("i", 1_000_000, {"hall": hall, "seat": seat}, price="1") for seat in (1, 2)),
        event("i", 3_000_000, {"hall": hall, "seat": 3}, price="3"),
        event("i", 1_000_000, {"hall": other, "seat": 1}, price="1"),
    )
    land(warehouse, event("d", 2_000_000, {"hall": hall, "seat": None}))
    assert rows(warehouse, hall) == {3: (None, "3", None)}
    assert rows(warehouse, other) == {1: (None, "1", None)}
    land(warehouse, event("i", 1_500_000, {"hall": hall, "seat": 9}, price="late"))
    assert rows(warehouse, hall).keys() == {3}
    kept = warehouse.query(
        f"SELECT hall, seat, _op FROM raw.cells__seats WHERE hall = '{hall}' AND _op = 'p'"
    )
    assert [tuple(row) for row in kept.rows] == [(hall, 0, "p")]


def test_a_deleted_range_is_a_dead_letter_that_says_so(
    warehouse: Warehouse, seats: Contract, hall: str
) -> None:
    record = event("r", 1_000_000, {"hall": hall, "seat": 1})
    land(warehouse, record)
    letters = find_dead_letters(warehouse, dataset="cells__seats")
    assert [letter.reasons for letter in letters if letter.offset == record.offset] == [
        ("op: unknown operation 'deletion of a range of rows'",)
    ]


def test_values_that_cannot_be_kept_are_dead_letters(
    warehouse: Warehouse, seats: Contract, hall: str
) -> None:
    record = event("u", 1_000_000, {"hall": hall, "seat": 1}, held_at=253_402_300_800_000)
    land(warehouse, record)
    (letter,) = [each for each in find_dead_letters(warehouse) if each.offset == record.offset]
    assert "held_at" in letter.reasons[0]
    assert "years 1 to 9999" in letter.reasons[0]


def test_rows_that_the_platform_reads_bear_the_times_of_their_writes(
    warehouse: Warehouse, seats: Contract, hall: str
) -> None:
    key = {"hall": hall, "seat": 1}

    def read(operation: str, position: int, row: dict[str, object] | None, before: object = None) -> Change:
        source = {"connector": "bilten", "lsn": position, "ts_us": position}
        body = {"before": before, "after": row, "source": source, "transaction": None, "op": operation}
        return Change(
            next(OFFSETS), "cells.seats", key=json.dumps(key).encode(), value=json.dumps(body).encode()
        )

    row = {**key, "holder": "read", "price": "1", "held_at": None, "_written": {"holder": 8_000_000}}
    land(
        warehouse,
        read("r", 5_000_000, row),
        event("u", 7_000_000, key, holder="older than what was read", price="2"),
    )
    assert rows(warehouse, hall) == {1: ("read", "2", None)}
    land(warehouse, event("u", 9_000_000, key, holder="newer"))
    assert rows(warehouse, hall) == {1: ("newer", "2", None)}
    land(warehouse, read("d", 6_999_999, None, before=key))
    assert rows(warehouse, hall) == {1: ("newer", "2", None)}, "values that are newer than the look stay"
