"""``bilten source``: a database nobody prepared is added, looked after table by table, and removed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bilten.contracts import load_contracts
from ingestion.sources.definition import Source, other_source
from ingestion.sources.postgresql.inspection import open_source
from ingestion.topics import partition_bounds
from tests.fixtures.postgresql import new_database
from tests.fixtures.stack import Stack
from warehouse.client import Warehouse

pytestmark = pytest.mark.stack
Call = Callable[..., Any]

TABLES = """
CREATE SCHEMA sales; CREATE SCHEMA people;
CREATE TABLE people.users (id int PRIMARY KEY, email text NOT NULL, seen_at timestamptz);
CREATE TABLE sales.items (id int PRIMARY KEY, user_id int REFERENCES people.users (id),
    price numeric(10,2), note text);
CREATE TABLE sales.lines (text text);
INSERT INTO people.users SELECT n, 'u' || n || '@example.org', now() FROM generate_series(1, 2000) AS n;
INSERT INTO sales.items SELECT n, n % 2000 + 1, n / 7.0, repeat('x', n % 50)
    FROM generate_series(1, 5000) AS n;
"""


@pytest.fixture(scope="module")
def shop(capture: Stack) -> Source:
    settings = new_database(capture.settings, "shop")
    source = other_source("shop", settings.operational_url)
    with open_source(source) as connection:
        connection.execute(TABLES.encode())
    return source


@pytest.fixture(scope="module")
def call(capture: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Call]:
    folder = tmp_path_factory.mktemp("shop-contracts")

    def run(*arguments: str, status: int = 0) -> Any:
        done = capture.run(*arguments, BILTEN_CONTRACTS_FOLDER=str(folder), seconds=180)
        assert done.returncode == status, done.stdout + done.stderr
        return json.loads(done.stdout) if "--json" in arguments else done.stdout + done.stderr

    run.folder = folder  # type: ignore[attr-defined]
    yield run


def test_a_database_is_added_compared_and_listed(shop: Source, call: Call, capture: Stack) -> None:
    told = call("source", "add", shop.url, "--yes", "--json")
    assert {row["table"]: (row["source"], row["ods"], row["equal"]) for row in told} == {
        "shop_people__users": (2000, 2000, True),
        "shop_sales__items": (5000, 5000, True),
    }
    listed = {each["name"]: each for each in call("source", "list", "--json")}
    assert listed["shop"]["connector_state"] == "RUNNING"
    assert "secret" not in json.dumps(listed) and shop.url not in json.dumps(listed)
    assert {row["table"]: row["state"] for row in listed["shop"]["tables"]} == {
        "shop_people__users": "flowing",
        "shop_sales__items": "flowing",
    }
    again = call("source", "add", shop.url, "--yes", "--tables", "sales")
    assert "0 new contracts" in again and "sales.lines (table): it has no primary key" in again
    assert call("contracts", "infer", shop.url, "--tables", "people").startswith("kind: DataContract")


def test_a_paused_table_stops_no_other(shop: Source, call: Call, capture: Stack) -> None:
    call("source", "pause", "shop_sales__items", "--reason", "moving")
    with open_source(shop) as connection, Warehouse(capture.settings) as warehouse:
        connection.execute("UPDATE sales.items SET note = 'later' WHERE id = 1")
        connection.execute("UPDATE people.users SET email = 'new@example.org' WHERE id = 1")
        (users,) = call("source", "verify", "shop_people__users", "--json")
        assert users["equal"]
        note = "SELECT note FROM ods.shop_sales__items WHERE id = 1"
        assert warehouse.scalar(note) != "later"
        rows = {row["table"]: row for row in _listed(call)["tables"]}
        assert (rows["shop_sales__items"]["state"], rows["shop_sales__items"]["reason"]) == (
            "paused",
            "moving",
        )
        call("source", "resume", "shop_sales__items")
        (items,) = call("source", "verify", "shop_sales__items", "--json")
        assert items["equal"]
        assert warehouse.scalar(note) == "later"


def test_rows_that_differ_are_found_and_read_again(shop: Source, call: Call, capture: Stack) -> None:
    table = "shop_sales__items"
    with Warehouse(capture.settings) as warehouse:
        state = f"ods.{table}__state"
        warehouse.command(f"ALTER TABLE {state} DELETE WHERE id = 7", settings={"mutations_sync": 1})
        # A row that the source does not have, and one with another value; both as old as the first load.
        warehouse.command(
            f"INSERT INTO {state} SELECT * REPLACE (toInt32(if(id = 8, 8, 999999)) AS id, "
            "tuple(_row.1 + 1, _row.2, _row.3, _row.4, _row.5, toDecimal64(1.11, 2)) AS _row) "
            f"FROM (SELECT * FROM {state} FINAL WHERE id IN (8, 9))"
        )
        (broken,) = call("source", "verify", table, "--json", status=1)
        assert (broken["different"], broken["equal"]) == (3, False)
        (mended,) = call("source", "verify", table, "--repair", "--json")
        assert (mended["different"], mended["equal"], mended["ods"]) == (0, True, 5000)


def test_a_resync_brings_a_lost_topic_back(shop: Source, call: Call, capture: Stack) -> None:
    topic = "shop.people.users"
    (held,) = partition_bounds(capture.settings, [topic]).values()
    with Warehouse(capture.settings) as warehouse:
        # As if the topic had been made anew: the ledger knows another incarnation, further on.
        warehouse.command(
            "INSERT INTO ops.positions SELECT * REPLACE (next_offset + 1000000 AS next_offset, "
            f"'another' AS topic_id, now64(6) AS loaded_at) FROM ops.positions FINAL WHERE topic = '{topic}'"
        )
        with open_source(shop) as connection:
            connection.execute("UPDATE people.users SET seen_at = NULL WHERE id = 5")
        (after,) = call("source", "resync", "shop_people__users", "--json")
        assert (after["equal"], after["ods"]) == (True, 2000)
    assert held.next_offset > 2000


def test_changes_of_the_source_are_announced_quarantined_and_accepted(
    shop: Source, call: Call, capture: Stack
) -> None:
    table = "shop_sales__items"
    with open_source(shop) as connection, Warehouse(capture.settings) as warehouse:
        connection.execute("ALTER TABLE sales.items ADD COLUMN kept boolean NOT NULL DEFAULT true")
        connection.execute("UPDATE sales.items SET note = 'flows' WHERE id = 2")
        (added,) = call("source", "check", "--json")
        assert (added["place"], added["effect"]) == ("column kept", "compatible")
        call("source", "verify", table, "--json")
        assert warehouse.scalar("SELECT note FROM ods.shop_sales__items WHERE id = 2") == "flows"
        assert (
            warehouse.scalar("SELECT _extra FROM raw.shop_sales__items WHERE note = 'flows'")
            == '{"kept":true}'
        )
        (equal,) = call("source", "accept", table, "--json")
        assert equal["equal"]
        assert warehouse.scalar("SELECT countIf(kept) FROM ods.shop_sales__items") == 5000

        connection.execute("ALTER TABLE sales.items RENAME COLUMN note TO remark")
        connection.execute("ALTER TABLE sales.items ALTER COLUMN price TYPE text")
        found = call("source", "check", "--json", status=2)
        assert {each["place"] for each in found if each["effect"] == "incompatible"} == {
            "column note",
            "column price",
        }
        connection.execute("UPDATE sales.items SET price = 'much' WHERE id = 3")
        connection.execute("UPDATE people.users SET email = 'goes@example.org' WHERE id = 3")
        (users,) = call("source", "verify", "shop_people__users", "--json")
        assert users["equal"], "no other table is held up"
        shown = {row["table"]: row for row in _listed(call)["tables"]}[table]
        assert shown["state"] == "quarantined"
        assert "price: type changed from numeric(10,2) to text" in shown["reason"]
        (equal,) = call("source", "accept", table, "--rename", "note=remark", "--json")
        assert equal["equal"]
        answer = warehouse.query(
            "SELECT price, remark FROM ods.shop_sales__items WHERE id IN (2, 3) ORDER BY id"
        )
        assert [tuple(row) for row in answer.rows] == [("0.29", "flows"), ("much", "xxx")]
        assert int(warehouse.scalar("SELECT count() FROM raw.shop_sales__items__v1_1_0")) >= 5000
        assert load_contracts(call.folder)[table].version == "2.0.0"  # type: ignore[attr-defined]
        assert call("source", "check", "--json") == []


def test_a_source_is_removed_and_leaves_nothing_in_its_database(shop: Source, call: Call) -> None:
    call("source", "remove", "shop", "--yes")
    with open_source(shop) as connection:
        (left,) = connection.execute(
            "SELECT (SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'bilten_shop')"
            " + (SELECT count(*) FROM pg_publication)"
        ).fetchall()
    assert left[0] == 0
    assert "shop" not in {each["name"] for each in call("source", "list", "--json")}
    assert list(Path(call.folder).rglob("*.yaml")) == []  # type: ignore[attr-defined]
    assert load_contracts(call.folder).sources() == ()  # type: ignore[attr-defined]


def _listed(call: Call) -> Any:
    """What is said of the added source."""
    (shop,) = (each for each in call("source", "list", "--json") if each["name"] == "shop")
    return shop
