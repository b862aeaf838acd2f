"""What the compiled views make of change events, on the real engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.warehouse.events import (
    CONTRACTS,
    EVERYTHING,
    PLAIN,
    PLAIN_ROW,
    ROW,
    USUAL_ROW,
    Record,
    clear,
    current,
    deliver,
    event,
    reasons,
)
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.compile import EPOCH_HEADER, TOPIC_ID_HEADER
from warehouse.sources import irregular_records

pytestmark = pytest.mark.warehouse

UNAVAILABLE = "__debezium_unavailable_value"


@pytest.fixture(scope="module")
def migrated(warehouse: Warehouse, warehouse_settings: Any) -> Warehouse:
    migrate.apply(warehouse_settings, CONTRACTS)
    return warehouse


@pytest.fixture
def engine(migrated: Warehouse) -> Iterator[Warehouse]:
    yield migrated
    for contract in (EVERYTHING, PLAIN):
        clear(migrated, contract)


def identifier(number: int) -> str:
    return str(UUID(int=number))


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {**ROW, "id": identifier(number), **changes}


def plain(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {**PLAIN_ROW, "id": identifier(number), **changes}


def test_every_type_comes_through_without_loss(engine: Warehouse) -> None:
    deliver(engine, EVERYTHING, [event("c", row(), 100)])
    expected = {
        "id": UUID(int=1),
        "title": "Grüße 😀",
        "note": None,
        "code": "ab ",
        "status": "open",
        "is_active": True,
        "small": -3,
        "medium": 7,
        "large": 9007199254740993,
        "amount": Decimal("-12.50"),
        "rate": Decimal("1234567890123456789012345678.0123456789"),
        "huge": Decimal("9" * 76),
        "share": Decimal("0.1250"),
        "measure": 1e22,
        "happened_at": datetime(2026, 1, 2, 1, 4, 5, 123456, UTC),
        "ends_at": None,
        "local_at": datetime(2026, 1, 2, 3, 4, 5, 600000, UTC),
        "day": date(2026, 1, 2),
        "opens": "03:04:05.5",
        "details": '{"a": [null, 9007199254740993], "b": 1.10}',
        "address": "10.0.0.1/8",
        "tags": ["x,y", None, '"q"', ""],
        "others": [UUID(int=0x00000000000070008000000000000002), None],
        "_is_null_others": False,
        "counts": [1, None, 3],
        "_transaction": 5,
        "_version": (100 << 48) + 1,
        "_committed_at": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=1_795_448_328_367_123),
    }
    found = current(engine, EVERYTHING, "*, hex(payload) AS bytes, toString(ratio) AS ratio_text")[0]
    assert {name: found[name] for name in expected} == expected
    assert (found["bytes"], found["ratio_text"]) == ("00FF10", "1.1")
    assert reasons(engine, EVERYTHING) == []


def test_a_usual_row_needs_only_the_fast_way(engine: Warehouse) -> None:
    usual = row(**{name: value for name, value in USUAL_ROW.items() if name != "id"})
    deleted = Record(event("d", None, 2), key=json.dumps({"id": usual["id"]}, separators=(",", ":")))
    before = irregular_records(engine).get(EVERYTHING.name, 0)
    deliver(engine, EVERYTHING, [event("c", usual, 1), deleted])
    assert irregular_records(engine).get(EVERYTHING.name, 0) == before
    deliver(engine, EVERYTHING, [event("c", usual, 3), event("u", {**usual, "amount": "1E+1"}, 4)])
    assert irregular_records(engine)[EVERYTHING.name] == before + 2


def test_the_long_way_makes_the_same_of_usual_records(engine: Warehouse) -> None:
    usual = row(**{name: value for name, value in USUAL_ROW.items() if name != "id"})
    deleted = Record(event("d", None, 2), key=json.dumps({"id": usual["id"]}, separators=(",", ":")))
    found = []
    for long in (False, True):
        other = event("r", {**usual, "id": identifier(2)}, 3)
        deliver(engine, EVERYTHING, [event("c", usual, 1), deleted, other], long=long)
        changes = engine.query(
            "SELECT * EXCEPT (_loaded_at, payload, ratio), hex(payload), toString(ratio) "
            "FROM raw.sample__everything ORDER BY id, _version"
        )
        found.append((changes.rows, current(engine, EVERYTHING, "* EXCEPT (payload, ratio)")))
        clear(engine, EVERYTHING)
    assert len(found[0][0]) == 3
    assert found[0] == found[1]


BAD_VALUES = [
    ("amount", "1.239", "column amount: '1.239' has more than 2 decimals"),
    ("amount", "100000000.00", "column amount: '100000000.00' has more than 8 digits before the point"),
    ("amount", "NAN", "column amount: 'NAN' is not a decimal number"),
    ("amount", "POSITIVE_INFINITY", "column amount: 'POSITIVE_INFINITY' is not a decimal number"),
    ("amount", "12abc", "column amount: '12abc' is not a decimal number"),
    ("amount", "", "column amount: '' is not a decimal number"),
    ("amount", "1E-3", "column amount: '1E-3' has more than 2 decimals"),
    ("amount", 1e300, "column amount: '1e300' has more than 8 digits before the point"),
    ("amount", None, "column amount: null in a required column"),
    ("share", "1.0000", "column share: '1.0000' has more than 0 digits before the point"),
    ("rate", 1234567890123456789.5, "must be sent as text"),
    ("small", 40000, "column small: '40000' is out of range for 16 bits"),
    ("medium", "xyz", "column medium: 'xyz' is not a whole number"),
    ("medium", 1.5, "column medium: '1.5' is not a whole number"),
    ("large", 9223372036854775808, "column large: '9223372036854775808' is out of range for 64 bits"),
    ("large", "007", "column large: '007' "),
    ("id", "not-a-uuid", "key column id: 'not-a-uuid' is not a UUID"),
    ("id", None, "key column id: null in a required column"),
    ("others", ["zz"], "column others: element 'zz' is not a UUID"),
    ("others", "zz", "column others: 'zz' is not an array"),
    ("tags", ["[Ljava.lang.String;@59f8f979"], "is what is left of an inner array"),
    ("tags", None, "column tags: null in a required column"),
    ("counts", [1, 2147483648], "column counts: element '2147483648' is out of range for 32 bits"),
    ("is_active", 1, "column is_active: '1' is neither true nor false"),
    (
        "happened_at",
        "2026-02-31T00:00:00.000000Z",
        "column happened_at: '2026-02-31T00:00:00.000000Z' is not a time",
    ),
    ("happened_at", "2026-02-01T25:00:00.000000Z", "is not a time"),
    ("happened_at", "2026-02-01T00:00:00.1234567Z", "is finer than a microsecond"),
    ("happened_at", "2026-02-01T00:00:00.000000+02:00", "is not a time"),
    ("happened_at", "infinity", "is not a time"),
    ("happened_at", "+12026-01-02T00:00:00.000000Z", "is not a time"),
    ("happened_at", 1767312245123456, "is not a time"),
    ("day", "2026-02-31Z", "column day: '2026-02-31Z' is not a day"),
    ("day", "20260201", "is not a day"),
    ("day", "+292278994-08-16Z", "is not a day"),
    ("opens", "25:00:00Z", "column opens: '25:00:00Z' is not a time of day"),
    ("ratio", 1e39, "column ratio: "),
    ("ratio", 1.23456789012, "is not a number of 32 bits"),
    ("measure", "1e400", "is not a number of 64 bits"),
    ("payload", "AP8", "column payload: 'AP8' is not base64"),
    ("title", {"a": 1}, "is not a text"),
    ("status", 5, "column status: '5' is not a text"),
]


def test_bad_values_end_as_dead_letters_with_their_reason_and_nowhere_else(engine: Warehouse) -> None:
    records = [
        event("c", row(number + 1, **{name: bad}), 100 + number)
        for number, (name, bad, _) in enumerate(BAD_VALUES)
    ]
    deliver(engine, EVERYTHING, records)
    found = reasons(engine, EVERYTHING)
    assert len(found) == len(BAD_VALUES)
    wrong = [
        (name, bad, expected, got)
        for (name, bad, expected), got in zip(BAD_VALUES, found, strict=True)
        if len(got) != 1 or expected not in got[0] or name not in got[0]
    ]
    assert wrong == []
    assert engine.scalar("SELECT count() FROM raw.sample__everything") == 0
    assert engine.scalar("SELECT count() FROM ods.sample__everything__state") == 0


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in row().items() if key != name}


BAD_RECORDS = [
    ("not json", ["not JSON"]),
    ('{"op":"c"} x', ["not JSON"]),
    (event("m", row(), 1), ["op: unknown operation 'm'"]),
    (event("c", None, 1), ["after: missing or not an object"]),
    (event("c", without("id"), 1), ["key column id: missing"]),
    (event("c", without("amount"), 1), ["column amount: missing"]),
    (event("d", None, 1), ["key column id: missing"]),
    (
        '{"op":"c","after":' + json.dumps(row()) + "}",
        ["source.lsn: missing or not a position", "source.ts_us: missing or no time"],
    ),
]


def test_bad_records_end_as_dead_letters_byte_for_byte(engine: Warehouse) -> None:
    deliver(
        engine, EVERYTHING, [Record(value, key="k", offset=at) for at, (value, _) in enumerate(BAD_RECORDS)]
    )
    assert reasons(engine, EVERYTHING) == [expected for _, expected in BAD_RECORDS]
    kept = engine.query(
        "SELECT value, key, topic, status FROM ops.dead_letters FINAL "
        "WHERE dataset = 'sample__everything' ORDER BY offset"
    )
    assert [row[0] for row in kept.rows] == [value for value, _ in BAD_RECORDS]
    assert {row[1:] for row in kept.rows} == {("k", "ticketing.sample.everything", "open")}
    assert engine.scalar("SELECT count() FROM raw.sample__everything") == 0


def test_a_bad_epoch_is_refused_and_a_good_one_decides(engine: Warehouse) -> None:
    deliver(
        engine,
        PLAIN,
        [
            Record(event("c", plain(), 500), offset=0),
            Record(event("u", plain(title="restored"), 400), offset=1, headers={EPOCH_HEADER: "1"}),
            Record(event("u", plain(), 600), offset=2, headers={EPOCH_HEADER: "70000"}),
        ],
    )
    assert [found["title"] for found in current(engine, PLAIN)] == ["restored"]
    assert reasons(engine, PLAIN) == [["header bilten.epoch: '70000' is not a number below 65536"]]


def test_another_incarnation_of_a_topic_makes_other_letters_and_a_replay_reopens_none(
    engine: Warehouse,
) -> None:
    first = Record("x", offset=7, headers={TOPIC_ID_HEADER: "a"})
    deliver(engine, PLAIN, [first, Record("x", offset=7, headers={TOPIC_ID_HEADER: "b"})])
    engine.command(
        "INSERT INTO ops.dead_letters SELECT * REPLACE ('discarded' AS status, now64(6) AS updated_at) "
        "FROM ops.dead_letters FINAL WHERE dataset = 'sample__plain' AND topic_id = 'a'"
    )
    deliver(engine, PLAIN, [first])
    found = engine.query(
        "SELECT topic_id, status FROM ops.dead_letters FINAL WHERE dataset = 'sample__plain' ORDER BY 1"
    )
    assert found.rows == [("a", "discarded"), ("b", "open")]


UNUSUAL = [
    ("amount", "1E+3", Decimal("1000.00")),
    ("amount", "-0.00", Decimal("0.00")),
    ("amount", "1.5", Decimal("1.50")),
    ("amount", "0012.500", Decimal("12.50")),
    ("amount", "-99999999.99", Decimal("-99999999.99")),
    ("status", "postponed", "postponed"),
    ("happened_at", "2026-01-02T01:04:05.100Z", datetime(2026, 1, 2, 1, 4, 5, 100000, UTC)),
    ("happened_at", "2026-01-02T01:04:05Z", datetime(2026, 1, 2, 1, 4, 5, 0, UTC)),
    ("happened_at", "9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ("day", "0001-01-01Z", date(1, 1, 1)),
    ("measure", "NaN", None),
    ("measure", "-Infinity", float("-inf")),
    ("ends_at", "infinity", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ("tags", ["a/b", "[x]"], ["a/b", "[x]"]),
    ("others", [], []),
]


def test_unusual_but_good_values_are_kept_exactly(engine: Warehouse) -> None:
    deliver(
        engine,
        EVERYTHING,
        [
            event("c", row(number + 1, **{name: came}), 100 + number)
            for number, (name, came, _) in enumerate(UNUSUAL)
        ],
    )
    assert reasons(engine, EVERYTHING) == []
    found = current(engine, EVERYTHING)
    assert len(found) == len(UNUSUAL)
    for (name, came, expected), got in zip(UNUSUAL, found, strict=True):
        if came == "NaN":
            assert got[name] != got[name]
        else:
            assert got[name] == expected, (name, came)
    extra = engine.scalar("SELECT _extra FROM raw.sample__everything WHERE ends_at IS NOT NULL")
    assert json.loads(extra) == {"ends_at": "infinity"}


def test_a_null_array_is_not_an_empty_one(engine: Warehouse) -> None:
    deliver(engine, EVERYTHING, [event("c", row(1, others=None), 1), event("c", row(2, others=[]), 2)])
    assert [(found["others"], found["_is_null_others"]) for found in current(engine, EVERYTHING)] == [
        ([], True),
        ([], False),
    ]


LEFT_OUT: dict[str, Any] = {
    "title": UNAVAILABLE,
    "details": UNAVAILABLE,
    "payload": "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
    "tags": [UNAVAILABLE],
    "others": ["b68a35a7-17ad-35b3-af2a-ae46edb4545a"],
    "counts": list(UNAVAILABLE.encode()),
}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_values_that_an_update_leaves_out_survive_in_any_order(
    engine: Warehouse, order: tuple[int, ...]
) -> None:
    records = [
        event("c", row(title="first"), 100),
        event("u", row(title="second"), 200),
        event("u", row(medium=42, **LEFT_OUT), 300),
    ]
    for place in order:
        deliver(engine, EVERYTHING, [records[place]])
    (found,) = current(engine, EVERYTHING)
    assert (found["title"], found["medium"], found["tags"]) == ("second", 42, ROW["tags"])
    assert (found["details"], found["counts"]) == (ROW["details"], ROW["counts"])
    unchanged = engine.scalar("SELECT _unchanged FROM raw.sample__everything WHERE _position = 300")
    assert sorted(unchanged) == sorted(LEFT_OUT)
    assert UNAVAILABLE not in str(
        engine.query("SELECT * FROM raw.sample__everything WHERE _position = 300").rows
    )


def test_a_left_out_value_without_an_earlier_row_is_never_the_placeholder(engine: Warehouse) -> None:
    deliver(engine, EVERYTHING, [event("u", row(**LEFT_OUT), 300)])
    assert UNAVAILABLE not in str(current(engine, EVERYTHING))


def test_a_table_of_small_rows_expects_no_placeholder(engine: Warehouse) -> None:
    deliver(engine, PLAIN, [event("u", plain(title=UNAVAILABLE), 1)])
    assert reasons(engine, PLAIN) == [
        ["column title: came without its value, which rows of this table are too small for"]
    ]
    assert (
        engine.scalar("SELECT engine FROM system.tables WHERE name = 'sample__plain__state'")
        == "ReplacingMergeTree"
    )
    assert (
        engine.scalar("SELECT engine FROM system.tables WHERE name = 'sample__everything__state'")
        == "AggregatingMergeTree"
    )


@pytest.mark.parametrize("contract", [EVERYTHING, PLAIN], ids=lambda contract: str(contract.name))
def test_delete_tombstone_truncate_and_new_key(engine: Warehouse, contract: Any) -> None:
    make = row if contract is EVERYTHING else plain
    empty = dict.fromkeys(contract.by_name)
    before = {**empty, "id": identifier(1)}
    deliver(
        engine,
        contract,
        [
            event("r", make(1), 100),
            event("c", make(2), 110),
            event("c", make(3), 120),
            # A new key: delete, tombstone and create stand at one position.
            event("d", None, 130, before={**empty, "id": identifier(2)}),
            Record(None, key=json.dumps({"id": identifier(2)}), offset=90),
            event("c", make(4), 130),
            event("d", None, 140, before=before),
            None,
        ],
    )
    assert [found["id"].int for found in current(engine, contract)] == [3, 4]
    assert reasons(engine, contract) == []
    deliver(engine, contract, [event("t", None, 150), event("c", make(5), 160), event("u", make(3), 125)])
    assert [found["id"].int for found in current(engine, contract)] == [5]
    operations = engine.query(
        f"SELECT _op, count() FROM raw.{contract.name} FINAL GROUP BY 1 ORDER BY 1"
    ).rows
    assert operations == [("c", 4), ("d", 2), ("r", 1), ("t", 1), ("u", 1)]
    assert engine.scalar(f"SELECT count() FROM ops.truncations FINAL WHERE dataset = '{contract.name}'") == 1


def test_a_delete_without_a_before_image_goes_by_the_key_of_its_record(engine: Warehouse) -> None:
    deliver(engine, PLAIN, [event("c", plain(), 1)])
    deliver(engine, PLAIN, [Record(event("d", None, 2), key=json.dumps({"id": identifier(1)}), offset=5)])
    assert current(engine, PLAIN) == []


def test_a_change_at_the_position_of_the_snapshot_is_newer(engine: Warehouse) -> None:
    deliver(engine, PLAIN, [event("u", plain(title="streamed"), 100), event("r", plain(title="read"), 100)])
    assert [found["title"] for found in current(engine, PLAIN)] == ["streamed"]


def test_unknown_fields_are_kept_and_absent_ones_are_named(engine: Warehouse) -> None:
    older = {name: value for name, value in row().items() if name not in {"note", "code"}}
    deliver(
        engine,
        EVERYTHING,
        [
            event("c", {**row(1), "new_one": {"a": [1, "x"]}, "other": "5", "third": 5}, 1),
            event("c", older, 2),
        ],
    )
    found = engine.query("SELECT _extra, _unchanged, note FROM raw.sample__everything ORDER BY _position")
    assert json.loads(found.rows[0][0]) == {"new_one": {"a": [1, "x"]}, "other": "5", "third": 5}
    assert found.rows[1] == ("", ["note", "code"], None)
    assert reasons(engine, EVERYTHING) == []


ODD_TEXTS = [
    *("", " ", "NaN", "1e999", "9" * 200, "-", "1.", ".5", "infinity", "[]", "[null]", '{"a":1}', "true"),
    *("0000-00-00Z", "2026-13-45T99:99:99.999999Z", "\\", "'", '"', UNAVAILABLE, "é" * 500, "1" * 19 + ".5"),
]


def test_no_record_is_lost_and_none_stops_the_insert_whatever_its_fields_hold(engine: Warehouse) -> None:
    odd: list[Any] = [*ODD_TEXTS, None, True, 5, -5, 1e300, {}, [], [[1]], [{"a": 1}]]
    values = [event("c", row(1 + at, **dict.fromkeys(ROW, value)), at + 1) for at, value in enumerate(odd)]
    values += [
        event("c", {**row(1000 + at), **dict.fromkeys(["title", "tags"], value)}, at + 1000)
        for at, value in enumerate(odd)
    ]
    values += ["", "[]", "null", "1", '{"op":{}}', '{"op":"c","source":5,"after":5}', '{"after":{"id":{}}}']
    deliver(engine, EVERYTHING, values)
    kept = engine.scalar(
        "SELECT uniqExact(offset) FROM ("
        "SELECT offset FROM ops.dead_letters WHERE dataset = 'sample__everything' "
        "UNION ALL SELECT _offset FROM raw.sample__everything)"
    )
    assert kept == len(values)


def test_a_commit_time_that_the_engine_cannot_hold_is_refused(engine: Warehouse) -> None:
    value = event("c", plain(), 1).replace("1795448328367123", "9223372036854775807")
    deliver(engine, PLAIN, [value])
    assert reasons(engine, PLAIN) == [["source.ts_us: missing or no time"]]
