"""A real Cassandra captured by Debezium: first load, stream, replay and resync, compared value for value."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from bilten.cli.source_work import compare, mend
from bilten.contracts import Contract, load_contracts
from bilten.contracts.linting import lint
from bilten.settings import Settings
from ingestion.loader import Loader
from ingestion.progress import SourceProgress
from ingestion.sources.cassandra.connection import Connection, open_source
from ingestion.sources.definition import Source, other_source
from ingestion.sources.dialects import dialect_of
from ingestion.sources.obstacles import server_obstacles
from ingestion.sources.onboarding import first_load, make_plan, prepare
from ingestion.sources.refetch import Refetcher
from stack import cassandra
from tests.fixtures.stack import Stack
from tests.ingestion.cassandra_cases import (
    CAPTURED,
    KEYSPACE,
    TABLES,
    every_row,
    kept_values,
    source_values,
)
from warehouse.client import Warehouse
from warehouse.dead_letters import find_dead_letters
from warehouse.sources import forget_topic

pytestmark = [pytest.mark.stack, pytest.mark.long]

NAME = "cass"


@dataclass
class Captured:
    """The captured database."""

    stack: Stack
    source: Source
    connection: Connection
    warehouse: Warehouse
    contracts: dict[str, Contract]
    folder: Path

    @property
    def settings(self) -> Settings:
        return self.stack.settings

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.connection.execute(statement)

    def land(self) -> None:
        """Until the warehouse has all that the source has written."""
        with SourceProgress(
            self.settings, self.contracts.values(), self.warehouse, self.connection, self.source
        ) as progress:
            position, deadline = progress.position(), time.monotonic() + 60
            while not progress.has_passed(position):
                assert time.monotonic() < deadline, "the warehouse does not catch up"
                self.load()

    def load(self) -> None:
        Loader(self.settings, self.contracts.values(), self.warehouse).run(until_caught_up=True)

    def compare(self, *tables: str) -> None:
        for table in tables or sorted(CAPTURED):
            contract = self.contracts[table]
            expected = source_values(self.connection, contract)
            found = kept_values(self.warehouse, contract)
            assert expected.keys() == found.keys(), table
            for key, values in expected.items():
                wrong = {n: (v, found[key][n]) for n, v in values.items() if v != found[key][n]}
                assert not wrong, f"{table} {key}: source and warehouse say {wrong}"

    def raw_rows(self) -> dict[str, int]:
        names = {table: f"raw.{contract.name}" for table, contract in self.contracts.items()}
        return {
            table: int(self.warehouse.scalar(f"SELECT count() FROM {name} FINAL"))
            for table, name in names.items()
        }


@pytest.fixture(scope="module")
def shop(
    cassandra_address: str, capture: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Captured]:
    settings, source = capture.settings, other_source(NAME, f"{cassandra_address}/shop")
    folder = tmp_path_factory.mktemp("cassandra-contracts")
    with open_source(source) as connection, Warehouse(settings) as warehouse:
        for statement in (*TABLES, *every_row("before")):
            connection.execute(statement)
        for number in range(1500):
            connection.execute(
                "INSERT INTO shop.customers (id, name, email, age) VALUES (%s, %s, %s, %s)",
                (UUID(int=number), f"name {number}", f"n{number}@example.org", number),
            )
        plan = make_plan(source, connection, load_contracts(folder))
        contracts = prepare(settings, warehouse, plan, folder)
        assert cassandra.supervise(settings, source), "the stack's supervisor runs"
        told: dict[str, int] = {}
        failed = first_load(
            settings,
            warehouse,
            source,
            connection,
            contracts,
            lambda name, rows: told.update({name: told.get(name, 0) + rows}),
        )
        assert failed == {}
        assert told[f"{NAME}_shop__customers"] == 1500
        tables = {contract.source_table: contract for contract in contracts}
        yield Captured(capture, source, connection, warehouse, tables, folder)
        cassandra.dismiss(settings, source)


def test_what_cannot_be_captured_is_told_with_its_remedy(shop: Captured) -> None:
    plan = make_plan(shop.source, shop.connection, load_contracts(shop.folder))
    assert {table.name for table in plan.tables} == CAPTURED
    found = {each.place: each for each in plan.obstacles if each.weight in {"table", "column"}}
    assert found.keys() == {
        "shop.by_name",
        "shop.hits",
        "shop.hits.n",
        "shop.uncaptured",
        *(f"shop.every.{name}" for name in ("a_duration", "an_open_set", "a_static")),
    }
    assert "WITH cdc = true" in found["shop.uncaptured"].remedy
    assert "frozen<set<text>>" in found["shop.every.an_open_set"].remedy
    notes = " ".join(each.what for each in plan.obstacles if each.weight == "note")
    assert "expire after 3600 s" in notes
    assert "range of its rows" in notes


def test_contracts_say_keys_partitions_and_what_is_personal(shop: Captured) -> None:
    every, customers = shop.contracts["every"], shop.contracts["customers"]
    assert [column.name for column in every.key] == ["hall", "seat"]
    assert (every.partition_key, customers.partition_key) == (("hall",), ())
    assert set(every.excluded_columns) == {"a_duration", "an_open_set", "a_static"}
    assert customers.by_name["email"].is_personal
    assert every.by_name["an_address"].source_type == "udt<street:text,zip:int>"
    errors = [each for each in lint(load_contracts(shop.folder)) if each.level == "error"]
    assert errors == []


def test_types_that_would_stop_the_connector_are_found_before(shop: Captured) -> None:
    shop.run(
        KEYSPACE.format("odd"),
        "CREATE TYPE odd.pair (a int, b int)",
        "CREATE TABLE odd.loose (id int PRIMARY KEY, v pair) WITH cdc = true",
        "CREATE TABLE odd.nested (id int PRIMARY KEY, v frozen<list<frozen<map<text, decimal>>>>) "
        "WITH cdc = true",
        "CREATE TABLE odd.harmless (id int PRIMARY KEY, v frozen<list<frozen<list<int>>>>) WITH cdc = true",
    )
    try:
        found = [each for each in server_obstacles(shop.source, shop.connection) if each.weight == "source"]
        assert sorted(each.what.split()[3] for each in found) == ["odd.loose.v", "odd.nested.v"]
        assert all("cdc = false" in each.remedy for each in found)
    finally:
        shop.run("DROP KEYSPACE odd")


def test_first_load_and_stream_equal_the_source(shop: Captured) -> None:
    shop.land()
    shop.compare()
    one, two = UUID(int=1), UUID(int=2)
    shop.run(
        *every_row("after"),
        "UPDATE shop.every SET a_decimal = 7.00 WHERE hall = 'before' AND seat = 1",
        "UPDATE shop.every SET a_decimal = null, a_tuple = null WHERE hall = 'after' AND seat = 1",
        "DELETE a_list FROM shop.every WHERE hall = 'before' AND seat = 1",
        "DELETE FROM shop.every WHERE hall = 'before' AND seat = 2",
        # Its only values go, and with them the row.
        "UPDATE shop.every SET a_float = null, a_double = null, a_timestamp = null "
        "WHERE hall = 'after' AND seat = 4",
        f"INSERT INTO shop.customers (id, name) VALUES ({one}, 'again')",
        f"DELETE FROM shop.customers WHERE id = {two}",
        f"UPDATE shop.customers SET age = 7 WHERE id = {two}",
        'INSERT INTO shop.customers JSON \'{"id": "00000000-0000-0000-0000-000000000003", "age": 3}\'',
        f"UPDATE shop.customers SET name = 'if' WHERE id = {UUID(int=4)} IF age = 4",
        f"BEGIN BATCH DELETE FROM shop.customers WHERE id = {UUID(int=5)}; "
        f"INSERT INTO shop.customers (id, name) VALUES ({UUID(int=6)}, 'batch'); APPLY BATCH",
        # Older than what is there: Cassandra keeps nothing of it.
        f"UPDATE shop.customers USING TIMESTAMP 1000 SET name = 'long ago' WHERE id = {one}",
        f"UPDATE shop.customers USING TTL 1 SET name = 'soon gone' WHERE id = {one}",
        "INSERT INTO shop.sessions (id, who) VALUES (1, 'for an hour')",
        "INSERT INTO shop.sessions (id, who) VALUES (2, 'for a second') USING TTL 1",
    )
    time.sleep(2)
    shop.land()
    shop.compare()
    assert kept_values(shop.warehouse, shop.contracts["sessions"]).keys() == {(1,)}
    shop.run(*every_row("whole"))
    shop.land()
    shop.run("DELETE FROM shop.every WHERE hall = 'whole'", *every_row("whole")[2:3])
    shop.land()
    shop.compare()
    found = compare(
        shop.settings, shop.warehouse, shop.source, shop.connection, list(shop.contracts.values())
    )
    assert [(each.dataset, each.differences, each.unsettled) for each in found if each.differences] == []
    own = {contract.name for contract in shop.contracts.values()}
    assert [each for each in find_dead_letters(shop.warehouse) if each.dataset in own] == []


def test_a_replay_changes_nothing(shop: Captured) -> None:
    shop.land()
    before = shop.raw_rows()
    assert before["customers"] >= 1500
    for contract in shop.contracts.values():
        forget_topic(shop.warehouse, contract.topic(shop.source.name))
    shop.load()
    assert shop.raw_rows() == before
    shop.compare()


def test_a_deleted_range_is_told_and_mended(shop: Captured) -> None:
    shop.run(*every_row("range"))
    shop.land()
    time.sleep(2)
    shop.run("DELETE FROM shop.every WHERE hall = 'range' AND seat > 1 AND seat <= 3")
    shop.land()
    every = shop.contracts["every"]
    (letter,) = [each for each in find_dead_letters(shop.warehouse) if each.dataset == every.name]
    assert letter.reasons == ("op: unknown operation 'deletion of a range of rows'",)
    (found,) = compare(shop.settings, shop.warehouse, shop.source, shop.connection, [every])
    natures = {each.key: each.nature for each in found.differences}
    assert natures == {"5:range|2": "surplus", "5:range|3": "surplus"}
    assert mend(shop.settings, shop.warehouse, shop.source, shop.connection, every, found) == 2
    shop.load()
    shop.compare()


def test_a_table_is_read_anew_beside_changes(shop: Captured) -> None:
    shop.land()
    customers = shop.contracts["customers"]
    # As if a change had been lost: an unlogged write cannot be made, but a row that nobody wrote can be kept.
    shop.run(f"UPDATE shop.customers SET age = 100 WHERE id = {UUID(int=7)}")
    rows = Refetcher(shop.settings, shop.warehouse, shop.source, shop.connection).whole_table(customers)
    shop.run(f"UPDATE shop.customers SET age = 101 WHERE id = {UUID(int=8)}")
    shop.land()
    assert rows == len(source_values(shop.connection, customers))
    shop.compare("customers")


def test_a_keyspace_made_after_the_start_is_told_and_seen_after_a_restart(shop: Captured) -> None:
    shop.run(
        KEYSPACE.format("fresh"),
        "CREATE TABLE fresh.orders (id int PRIMARY KEY, total decimal) WITH cdc = true",
    )
    plan = make_plan(shop.source, shop.connection, load_contracts(shop.folder), ["fresh"])
    orders = plan.contracts[f"{NAME}_fresh__orders"]
    dialect = dialect_of("cassandra")

    def unseen() -> list[str]:
        found = dialect.blind_spots(
            shop.settings, shop.source, shop.connection, [*shop.contracts.values(), orders]
        )
        return [place for place, _, remedy in found if f"Restart the connector {NAME}-cassandra" in remedy]

    assert unseen() == [orders.name]
    contracts = prepare(shop.settings, shop.warehouse, plan, shop.folder)
    shop.contracts["orders"] = next(each for each in contracts if each.name == orders.name)
    shop.run("INSERT INTO fresh.orders (id, total) VALUES (1, 9.90)")
    cassandra.supervise(shop.settings, shop.source)
    dialect.wait_until_captured(shop.settings, shop.source, shop.connection)
    assert unseen() == []
    deadline = time.monotonic() + 60
    while not kept_values(shop.warehouse, orders) and time.monotonic() < deadline:
        shop.run("INSERT INTO fresh.orders (id, total) VALUES (2, 1.10)")
        shop.land()
    shop.compare("orders")
