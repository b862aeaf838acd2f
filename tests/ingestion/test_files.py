"""Files that arrive by day, into a real engine: each format, bad lines, and every way to arrive again."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from bilten.contracts import Contract, load_contracts
from bilten.settings import Settings
from ingestion.dead_letters import replay
from ingestion.files import landing
from ingestion.files.landing import load_files
from warehouse.client import Warehouse
from warehouse.compile import compile_dataset
from warehouse.dead_letters import find_dead_letters
from warehouse.files import StoredFile, stored_files
from warehouse.schema import database_statements, platform_statements

pytestmark = pytest.mark.warehouse

SETTLEMENTS = load_contracts()["financial__settlements"]
DAY = date(2026, 3, 9)


def line(number: int, **changed: Any) -> dict[str, Any]:
    gross = Decimal(f"{number}.10")
    return {
        "id": f"line-{number}",
        "settled_on": "2026-03-09",
        "reference": "T-1",
        "kind": "payment",
        "provider": "stripe",
        "provider_intent": f"pi_{number}",
        "gross": str(gross),
        "fee": "0.35",
        "net": str(gross - Decimal("0.35")),
        "currency": "EUR",
        "occurred_at": "2026-03-08T12:00:00.123456Z",
        **changed,
    }


def as_csv(lines: Iterable[Mapping[str, Any]]) -> bytes:
    found = list(lines)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(found[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue().encode()


def as_json(lines: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in lines)


def as_parquet(lines: Iterable[Mapping[str, Any]]) -> bytes:
    found = [
        {
            **each,
            **{name: Decimal(each[name]) for name in ("gross", "fee", "net")},
            "settled_on": date.fromisoformat(each["settled_on"]),
            "occurred_at": datetime.fromisoformat(each["occurred_at"]),
        }
        for each in lines
    ]
    sink = io.BytesIO()
    pa.parquet.write_table(pa.Table.from_pylist(found), sink)
    return sink.getvalue()


class Provider:
    """The folder where a dataset's files arrive, and what the warehouse makes of them."""

    def __init__(self, settings: Settings, warehouse: Warehouse, contract: Contract, folder: Path) -> None:
        self.settings = settings.model_copy(update={"files_url": f"file://{folder}"})
        self.warehouse = warehouse
        self.contract = contract
        self.folder = folder / "financial" / "settlements"
        self.folder.mkdir(parents=True)

    def write(self, name: str, content: bytes, minute: int = 0) -> None:
        path = self.folder / name
        path.write_bytes(content)
        seconds = datetime(2026, 3, 10, 6, minute, tzinfo=UTC).timestamp()
        os.utime(path, (seconds, seconds))

    def load(self) -> dict[str, StoredFile]:
        return {file.path: file for file in load_files(self.settings, self.warehouse, self.contract)}

    def rows(self, columns: str = "id, gross", where: str = "true") -> list[tuple[Any, ...]]:
        answer = self.warehouse.query(
            f"SELECT {columns} FROM ods.`{self.contract.name}` WHERE {where} ORDER BY id"
        )
        return [tuple(row) for row in answer.rows]

    def everything(self) -> list[tuple[Any, ...]]:
        """What a reader can see of raw, current rows and dead letters."""
        name = self.contract.name
        queries = (
            f"SELECT * EXCEPT (_loaded_at) FROM raw.`{name}` FINAL ORDER BY ALL",
            f"SELECT * FROM ods.`{name}` ORDER BY ALL",
            f"SELECT * EXCEPT (first_seen) FROM ops.dead_letters FINAL WHERE dataset = '{name}' ORDER BY ALL",
        )
        return [tuple(row) for query in queries for row in self.warehouse.query(query).rows]

    def letters(self) -> list[tuple[int, bytes | None, str, str]]:
        found = find_dead_letters(self.warehouse, dataset=self.contract.name)
        return [(each.offset, each.value, "; ".join(each.reasons), each.status) for each in found]


@pytest.fixture(scope="module")
def tables(warehouse: Warehouse) -> None:
    for statement in (*database_statements(), *platform_statements(), *compile_dataset(SETTLEMENTS)):
        warehouse.command(statement.sql)


@pytest.fixture
def provider(tables: None, warehouse: Warehouse, warehouse_settings: Settings, tmp_path: Path) -> Provider:
    for table in (
        f"raw.{SETTLEMENTS.name}",
        f"ods.{SETTLEMENTS.name}__state",
        "ops.files",
        "ops.dead_letters",
    ):
        warehouse.command(f"TRUNCATE TABLE {table}")
    return Provider(warehouse_settings, warehouse, SETTLEMENTS, tmp_path)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("settlements-2026-03-09.csv", as_csv),
        ("settlements-2026-03-09.csv.gz", lambda lines: gzip.compress(as_csv(lines))),
        ("settlements-2026-03-09.jsonl", as_json),
        ("settlements-2026-03-09.parquet", as_parquet),
    ],
)
def test_each_format_gives_the_same_values(
    provider: Provider, name: str, written: Callable[[Iterable[Mapping[str, Any]]], bytes]
) -> None:
    lines = [line(1), line(2, provider_intent=None, kind="adjustment"), line(3, reference='a "b", ü\\')]
    provider.write(name, written(lines))
    loaded = provider.load()[name]
    assert (loaded.state, loaded.day, loaded.lines, loaded.dead, loaded.removed) == ("landed", DAY, 3, 0, 0)
    at = datetime(2026, 3, 8, 12, 0, 0, 123456, tzinfo=UTC)
    assert provider.rows("* EXCEPT (_committed_at, _transaction, _version)") == [
        (
            *(each["id"], DAY, each["reference"], each["kind"], "stripe", each["provider_intent"]),
            *(Decimal(each["gross"]), Decimal("0.35"), Decimal(each["net"]), "EUR", at),
        )
        for each in lines
    ]
    places = "any(_topic), any(_partition), groupArraySorted(9)(_offset), max(_extra)"
    answer = provider.warehouse.query(f"SELECT {places} FROM raw.{SETTLEMENTS.name}")
    topic, partition, offsets, extra = answer.rows[0]
    assert (topic, partition, list(offsets), extra) == (
        "files.financial.settlements",
        (DAY - date(1970, 1, 1)).days,
        [1, 2, 3],
        "",
    )


def test_bad_lines_are_dead_letters_with_their_bytes_and_the_rest_lands(provider: Provider) -> None:
    broken = [
        json.dumps(line(2, gross="1.239")).encode(),
        b'{"id": "line-3"',
        b"",
        json.dumps(line(5)).encode()[:-1] + b'},"op":"d","x":{"a":1}',
        b'[1, "\xff"]',
        json.dumps(line(7, novel={"a": [1.10]})).encode() + b" \r",
    ]
    provider.write("settlements-2026-03-09.jsonl", b"\n".join([as_json([line(1)])[:-1], *broken]))
    loaded = provider.load()["settlements-2026-03-09.jsonl"]
    assert (loaded.lines, loaded.dead) == (7, 4)
    assert provider.rows() == [("line-1", Decimal("1.10")), ("line-7", Decimal("7.10"))]
    assert provider.letters() == [
        (2, broken[0], "column gross: '1.239' has more than 2 decimals", "open"),
        (3, broken[1], "not JSON", "open"),
        (5, broken[3], "not JSON", "open"),
        (6, broken[4], "not JSON", "open"),
    ]
    extra = f"SELECT _extra FROM raw.{SETTLEMENTS.name} WHERE id = 'line-7'"
    assert provider.warehouse.scalar(extra) == '{"novel":{"a":[1.1]}}'


def test_lines_of_csv_that_are_none_say_why(provider: Provider) -> None:
    content = as_csv([line(1), line(2), line(3, reference=""), line(4, currency='""'), line(5)])
    rows = content.split(b"\n")
    rows[2] += b",too,many"
    rows[5] = rows[5].replace(b"stripe", b"str\xefpe")
    provider.write("settlements-2026-03-09.csv", b"\n".join(rows).replace(b'"""""",', b'"",'))
    assert (provider.load()["settlements-2026-03-09.csv"].dead) == 3
    assert provider.rows("id, currency") == [("line-1", "EUR"), ("line-4", "")], (
        "quoted, so empty and not null"
    )
    letters = {offset: (value, reason) for offset, value, reason, _ in provider.letters()}
    assert letters[2] == (rows[2], "has 13 fields, the header names 11")
    assert letters[3][1] == "column reference: null in a required column"
    assert letters[5][1] == "is not text in UTF-8"


def test_what_arrives_again_changes_nothing(provider: Provider) -> None:
    content = as_csv([line(1), line(2, gross="x")])
    provider.write("settlements-2026-03-09.csv", content)
    provider.load()
    before = provider.everything()
    assert provider.load() == {}, "nothing has changed"
    provider.write("settlements-2026-03-09.csv", content, minute=5)
    provider.write("settlements-2026-03-09.v2.csv", content, minute=6)
    again = provider.load()
    assert {path: file.state for path, file in again.items()} == {
        "settlements-2026-03-09.csv": "landed",
        "settlements-2026-03-09.v2.csv": "duplicate",
    }
    assert provider.load() == {}
    assert provider.everything() == before


def test_a_corrected_file_takes_the_place_of_the_days_earlier_one(provider: Provider) -> None:
    provider.write("settlements-2026-03-09.csv", as_csv([line(1), line(2), line(3), line(4, gross="x")]))
    provider.write("settlements-2026-03-08.csv", as_csv([line(8), line(9)]))
    provider.load()
    # Line 8 has moved to this day, line 3 is gone, line 2 has another amount, line 4 is mended.
    lines = [line(1), line(2, gross="5.00"), line(4), line(8, gross="8.00")]
    provider.write("settlements-2026-03-09.v2.jsonl", as_json(lines))
    corrected = provider.load()["settlements-2026-03-09.v2.jsonl"]
    assert (corrected.lines, corrected.dead, corrected.removed) == (4, 0, 1)
    now = [("line-1", "1.10"), ("line-2", "5.00"), ("line-4", "4.10"), ("line-8", "8.00"), ("line-9", "9.10")]
    assert provider.rows("id, toDecimalString(gross, 2)") == now
    history = (
        f"SELECT _op, toDecimalString(gross, 2) FROM raw.{SETTLEMENTS.name} "
        "WHERE id = 'line-3' ORDER BY _version"
    )
    assert [tuple(row) for row in provider.warehouse.query(history).rows] == [("c", "3.10"), ("d", None)]
    (letter,) = find_dead_letters(provider.warehouse, dataset=SETTLEMENTS.name)
    assert letter.status == "discarded", "the line that was refused has been corrected"
    # The other day's file comes anew without the line that moved: it is not that day's to delete.
    provider.write("settlements-2026-03-08.csv", as_csv([line(9)]), minute=30)
    assert provider.load()["settlements-2026-03-08.csv"].removed == 0
    assert provider.rows("id, toDecimalString(gross, 2)") == now


def test_new_content_under_the_old_name_is_a_correction_and_so_is_the_old_content_again(
    provider: Provider,
) -> None:
    first, second = as_csv([line(1), line(2)]), as_csv([line(1, gross="7.00")])
    seen = []
    for minute, content in enumerate([first, second, first]):
        provider.write("settlements-2026-03-09.csv", content, minute)
        provider.load()
        seen.append(provider.rows("id, toDecimalString(gross, 2)"))
    assert seen == [
        [("line-1", "1.10"), ("line-2", "2.10")],
        [("line-1", "7.00")],
        [("line-1", "1.10"), ("line-2", "2.10")],
    ]
    assert [file.removed for file in stored_files(provider.warehouse)] == [0, 1, 0]


def test_late_files_land_in_their_own_place(provider: Provider) -> None:
    provider.write("settlements-2026-03-09.v2.csv", as_csv([line(1, gross="5.00")]), minute=1)
    provider.load()
    # The day before comes after it, and so does the first version of this day.
    provider.write("settlements-2026-03-08.csv", as_csv([line(8, settled_on="2026-03-08")]), minute=20)
    provider.write("settlements-2026-03-09.csv", as_csv([line(1), line(2), line(3, gross="x")]), minute=30)
    late = provider.load()
    assert {path: file.state for path, file in late.items()} == {
        "settlements-2026-03-08.csv": "landed",
        "settlements-2026-03-09.csv": "landed",
    }
    assert provider.rows("id, toDecimalString(gross, 2)") == [("line-1", "5.00"), ("line-8", "8.10")]
    kept = f"SELECT DISTINCT id FROM raw.{SETTLEMENTS.name} WHERE _op = 'c' ORDER BY id"
    assert [row[0] for row in provider.warehouse.query(kept).rows] == ["line-1", "line-2", "line-8"]
    assert [letter[3] for letter in provider.letters()] == ["discarded"]
    # Not even a dead letter of the file that counts is behind what the late one left.
    positions = {file.path: file.position for file in stored_files(provider.warehouse)}
    assert positions["settlements-2026-03-09.csv"] < positions["settlements-2026-03-09.v2.csv"]


def test_a_dead_line_can_be_replayed_and_wins_over_the_delete_of_its_own_file(
    provider: Provider, warehouse: Warehouse
) -> None:
    provider.write("settlements-2026-03-09.csv", as_csv([line(1), line(2)]))
    provider.load()
    provider.write("settlements-2026-03-09.v2.jsonl", as_json([line(1), line(2, net="8888888888888.00")]))
    assert provider.load()["settlements-2026-03-09.v2.jsonl"].removed == 1
    assert provider.rows("id") == [("line-1",)]
    letters = find_dead_letters(warehouse, dataset=SETTLEMENTS.name)
    assert [
        len(part) for part in (replay(warehouse, letters).landed, replay(warehouse, letters).refused)
    ] == [0, 1]
    # A wider type is what the engine would be given by a new contract; the line is judged by it then.
    mended = [_with_value(letter, as_json([line(2, gross="6.00")])[:-1]) for letter in letters]
    assert len(replay(warehouse, mended).landed) == 1
    assert provider.rows("id, toDecimalString(gross, 2)") == [("line-1", "1.10"), ("line-2", "6.00")]


def _with_value(letter: Any, value: bytes) -> Any:
    return replace(letter, value=value)


class Killed(BaseException):
    """What SIGKILL is to a process that can still be looked into."""


def test_killed_after_every_step_it_goes_on_and_nothing_is_twice(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.write("settlements-2026-03-09.csv", as_csv([line(1), line(2), line(3, gross="x")]))
    provider.load()
    provider.write("settlements-2026-03-09.v2.csv", as_csv([line(1), line(4), line(5, gross="x")]), minute=9)
    own = landing._Landing
    steps = [(landing.store, "store_files"), (own, "_send"), (own, "_insert"), (own, "_replace_others")]
    for place, name in [*steps, (landing.store, "outcome_of"), (own, "_write_ledger")]:
        done = getattr(place, name)

        def killed(*arguments: Any, done: Callable[..., Any] = done) -> Any:
            done(*arguments)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(place, name, killed)
            with pytest.raises(Killed):
                provider.load()
    assert [file.state for file in provider.load().values()] == ["landed"]
    assert provider.rows("id") == [("line-1",), ("line-4",)]
    versions = f"SELECT id, _op, count() FROM raw.{SETTLEMENTS.name} FINAL GROUP BY ALL ORDER BY ALL"
    assert [tuple(row) for row in provider.warehouse.query(versions).rows] == [
        ("line-1", "c", 2),
        ("line-2", "c", 1),
        ("line-2", "d", 1),
        ("line-4", "c", 1),
    ]
    assert [(offset, status) for offset, _, _, status in provider.letters()] == [
        (3, "discarded"),
        (7, "open"),
    ]
    first, second = stored_files(provider.warehouse)
    assert (first.first_offset, second.first_offset, second.dead, second.removed) == (0, 4, 1, 1)


def test_replaced_before_it_was_landed_its_rows_go_too(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.write("settlements-2026-03-09.csv", as_csv([line(1), line(2)]))

    def killed(*_: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(landing._Landing, "_replace_others", killed)
        with pytest.raises(Killed):
            provider.load()
    provider.write("settlements-2026-03-09.csv", as_csv([line(2, gross="3.00")]), minute=3)
    assert [file.state for file in provider.load().values()] == ["landed"]
    assert provider.rows("id, toDecimalString(gross, 2)") == [("line-2", "3.00")]
    assert [file.state for file in stored_files(provider.warehouse)] == ["abandoned", "landed"]


def test_a_file_that_breaks_off_replaces_nothing_and_is_taken_when_it_is_whole(provider: Provider) -> None:
    provider.write("settlements-2026-03-09.jsonl", as_json([line(1), line(2)]))
    provider.load()
    broken = {
        "settlements-2026-03-09.csv.gz": (gzip.compress(as_csv([line(1)]))[:-9], "cannot be read"),
        "settlements-2026-03-09.v2.parquet": (b"PAR1 and no more", "cannot be read"),
        "settlements-2026-03-09.v2.csv": (as_csv([line(1, reference="a, b")])[:-70], "is not closed"),
        "settlements-2026-03-09.v3.csv": (b"id,id\n1,2\n", "called id, id"),
    }
    for name, (content, _) in broken.items():
        provider.write(name, content, minute=1)
    refused = provider.load()
    assert {name: (file.state, broken[name][1] in file.reason) for name, file in refused.items()} == (
        dict.fromkeys(broken, ("refused", True))
    )
    assert provider.rows("id") == [("line-1",), ("line-2",)]
    assert provider.load() == {}, "none is looked into again until it changes"
    provider.write("settlements-2026-03-09.v2.parquet", as_parquet([line(1, gross="4.00")]), minute=2)
    assert provider.load()["settlements-2026-03-09.v2.parquet"].removed == 1
    assert provider.rows("id, toDecimalString(gross, 2)") == [("line-1", "4.00")]


def test_what_is_no_file_of_a_day_is_left_where_it_is(provider: Provider) -> None:
    for name in (
        "notes.txt",
        "settlements-2026-02-30.csv",
        "settlements-1999-01-01.csv",
        "settlements-2999-01-01.csv",
    ):
        provider.write(name, as_csv([line(1)]))
    fresh = provider.folder / "settlements-2026-03-09.csv"
    fresh.write_bytes(as_csv([line(1)]))
    assert provider.load() == {}, "the last one may still be being written"
    provider.write(fresh.name, as_csv([line(1)]))
    assert set(provider.load()) == {fresh.name}
