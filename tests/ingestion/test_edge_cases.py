"""Every edge case of change capture that PostgreSQL knows: first load, stream, replay and resync.

Each is compared with the source value for value. The tables belong to a second database that nobody prepared.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from kafka import KafkaProducer

from bilten.cli.mending import mend_after_start
from bilten.cli.source_work import landing
from bilten.contracts import Contract, load_contracts
from bilten.contracts.linting import lint
from bilten.errors import TransactionsInTheWay
from bilten.settings import Settings
from ingestion.connector import reconfigure, remove
from ingestion.loader import Loader
from ingestion.progress import SourceProgress
from ingestion.sources.definition import Source, other_source
from ingestion.sources.onboarding import first_load, make_plan, prepare
from ingestion.sources.postgresql.capture import drop_capture
from ingestion.sources.postgresql.inspection import open_source, stream_start
from ingestion.sources.postgresql.reading import settled_moment
from ingestion.sources.refetch import Refetcher
from ingestion.sources.registry import find_source, forget, raise_epoch
from tests.fixtures.postgresql import new_database
from tests.fixtures.stack import Stack
from tests.ingestion.edge_cases import (
    EVERY_TYPE,
    LEFT_OUT,
    LONG,
    TABLES,
    insert_everything,
    kept_values,
    source_values,
)
from warehouse.client import Warehouse
from warehouse.dead_letters import find_dead_letters
from warehouse.sources import forget_topic

pytestmark = pytest.mark.stack
CAPTURED = {"everything", "documents", "pairs", "parts", "strict", "child", "customers", "calls"}


@dataclass
class Edge:
    """The second database, captured."""

    settings: Settings
    source: Source
    connection: psycopg.Connection[Any]
    warehouse: Warehouse
    contracts: dict[str, Contract]
    folder: Path

    def run(self, *statements: str) -> None:
        """Change the source."""
        for statement in statements:
            self.connection.execute(statement.encode())

    def land(self) -> None:
        """Until the warehouse has all that the source has committed."""
        with SourceProgress(
            self.settings, self.contracts.values(), self.warehouse, self.connection, self.source
        ) as progress:
            position = progress.position()
            deadline = time.monotonic() + 60
            while not progress.has_passed(position):
                assert time.monotonic() < deadline, "the warehouse does not catch up"
                self.load()

    def load(self) -> None:
        Loader(self.settings, self.contracts.values(), self.warehouse).run(until_caught_up=True)

    def read_from_the_beginning(self) -> None:
        for contract in self.contracts.values():
            forget_topic(self.warehouse, contract.topic(self.source.name))
        self.load()

    def compare(self, *tables: str) -> None:
        """Every value of the source, and no other, is in ``ods``."""
        for table in tables:
            contract = self.contracts[table]
            expected = source_values(self.connection, contract)
            found = kept_values(self.warehouse, contract)
            assert expected.keys() == found.keys(), table
            for key, values in expected.items():
                wrong = {n: (v, found[key][n]) for n, v in values.items() if v != found[key][n]}
                assert not wrong, f"{table} {key}: source and warehouse say {wrong}"

    def letters(self) -> list[str]:
        return [
            reason
            for letter in find_dead_letters(self.warehouse)
            if letter.dataset.startswith("edge_")
            for reason in letter.reasons
        ]


@pytest.fixture(scope="module")
def edge(capture: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    settings = new_database(capture.settings, "edge")
    source = other_source("edge", settings.operational_url)
    folder = tmp_path_factory.mktemp("contracts")
    with open_source(source) as connection, Warehouse(settings) as warehouse:
        connection.execute(TABLES.encode())
        for statement in insert_everything(1).split("; "):
            connection.execute(statement.encode())
        connection.execute(
            f"INSERT INTO odd.documents SELECT n, 't', {LONG.format('a')}, "
            f"jsonb_build_object('k', {LONG.format('b')}), "
            f"ARRAY[{LONG.format('c')}, NULL], n FROM generate_series(1, 5) AS n".encode()
        )
        connection.execute(b"INSERT INTO odd.pairs VALUES ('x|y', 1, 'n'), ('', 1, NULL), ('x|y', 2, '')")
        connection.execute(b"INSERT INTO odd.parts VALUES (1, '2025-05-05', 'a'), (2, '2026-05-05', 'b')")
        connection.execute(b"INSERT INTO odd.child VALUES (1, 'c')")
        plan = make_plan(source, connection, load_contracts(folder))
        contracts = prepare(settings, warehouse, plan, folder)
        told: dict[str, int] = {}
        failed = first_load(
            settings, warehouse, source, connection, contracts, lambda name, n: told.update({name: n})
        )
        assert failed == {}
        assert told["edge_crm__customers"] == 300
        tables = {contract.source_table: contract for contract in contracts}
        yield Edge(settings, source, connection, warehouse, tables, folder)
        remove(settings, source)
        drop_capture(source, connection)
        forget(settings, warehouse, source, "the tests are over")


def test_what_cannot_be_captured_is_told_with_its_remedy(edge: Edge) -> None:
    plan = make_plan(edge.source, edge.connection, load_contracts(edge.folder))
    assert {table.name for table in plan.tables} == CAPTURED
    weighty = {each.place: each for each in plan.obstacles if each.weight == "table"}
    assert weighty.keys() == {f"odd.{name}" for name in ("keyless", "parent", "fleeting", "mute", "frozen")}
    assert "ADD PRIMARY KEY" in weighty["odd.keyless"].remedy
    assert "SET LOGGED" in weighty["odd.fleeting"].remedy
    assert "REPLICA IDENTITY DEFAULT" in weighty["odd.mute"].remedy
    columns = {each.place for each in plan.obstacles if each.weight == "column"}
    assert columns == {
        f"odd.{c}" for c in ("everything.shape", "documents.prices", "documents.doubled", "frozen.next")
    }
    assert plan.drafts == {}, "the contracts are there already"
    assert plan.full_identities == (), "the connector has set it by now"


def test_contracts_are_drafted_with_keys_personal_data_and_the_way_to_the_person(edge: Edge) -> None:
    contracts = load_contracts(edge.folder)
    errors = [finding for finding in lint(contracts) if finding.level == "error"]
    assert errors == []
    calls, customers = edge.contracts["calls"], edge.contracts["customers"]
    assert {c.name: c.classification for c in customers.columns} == {
        "id": "internal",
        "email": "personal",
        "born": "internal",
        "remark": "internal",
    }
    assert calls.by_name["column_7"].classification == "personal", "its values are addresses"
    (way,) = calls.subjects
    assert (way.column, way.references) == ("customer_id", calls.by_name["customer_id"].references)
    assert [way.column for way in customers.subjects] == ["id"]
    assert [column.name for column in edge.contracts["pairs"].key] == ["b", "a"]
    noted = {f.place.removeprefix("column ") for f in lint(contracts) if f.dataset == "edge_odd__everything"}
    assert {"at", "at_zone", "place", "lasts", "unbounded", "price"} <= noted


def test_first_load_stream_replay_and_resync_keep_every_value(edge: Edge) -> None:
    every = sorted(CAPTURED)
    edge.land()
    edge.compare(*every)
    edge.run(*insert_everything(11).split("; "))
    edge.run("UPDATE odd.everything SET emoji = emoji || '!' WHERE id IN (1, 2)")
    edge.land()
    edge.compare(*every)
    kept = kept_values(edge.warehouse, edge.contracts["everything"])
    for one, other in ((3, 13),):
        first, second = dict(kept[(str(one),)]), dict(kept[(str(other),)])
        for differs in ("id", "identity"):
            first.pop(differs), second.pop(differs)
        assert first == second, "the first load says what the stream says"
    before = _raw_rows(edge, every)
    edge.read_from_the_beginning()
    edge.compare(*every)
    assert _raw_rows(edge, every) == before, "a replay adds nothing"
    with open_source(edge.source) as connection:
        for table in every:
            Refetcher(edge.settings, edge.warehouse, edge.source, connection).whole_table(
                edge.contracts[table]
            )
    edge.land()
    edge.compare(*every)
    assert edge.letters() == []
    assert len(EVERY_TYPE) - len(LEFT_OUT) + 1 == len(edge.contracts["everything"].columns)


def _raw_rows(edge: Edge, tables: list[str]) -> dict[str, int]:
    return {
        table: int(edge.warehouse.scalar(f"SELECT count() FROM raw.`{edge.contracts[table].name}` FINAL"))
        for table in tables
    }


def test_changes_of_rows_end_as_the_source_has_them(edge: Edge) -> None:
    """Left-out values, moved keys, truncations, moved partitions, several changes in one transaction."""
    edge.run(
        "UPDATE odd.documents SET n = n + 100",
        "UPDATE odd.documents SET body = NULL, tags = '{}' WHERE id = 2",
        "UPDATE odd.documents SET id = 30, n = -1 WHERE id = 3",
        "BEGIN; UPDATE odd.documents SET n = 1 WHERE id = 4; UPDATE odd.documents SET n = 2 WHERE id = 4; "
        "DELETE FROM odd.documents WHERE id = 4; "
        "INSERT INTO odd.documents (id, title, n) VALUES (4, 'new', 3); "
        "UPDATE odd.documents SET n = 4 WHERE id = 4; COMMIT",
        "DELETE FROM odd.documents WHERE id = 5",
        "UPDATE odd.pairs SET a = 'swap', b = 3 WHERE a = '' AND b = 1",
        "UPDATE odd.parts SET at = '2026-06-06' WHERE id = 1",
        "TRUNCATE odd.child",
        "INSERT INTO odd.child VALUES (1, 'again')",
    )
    tables = ("documents", "pairs", "parts", "child")
    edge.land()
    edge.compare(*tables)
    edge.read_from_the_beginning()
    edge.compare(*tables)
    one = edge.warehouse.query(
        "SELECT uniqExact(_transaction) FROM raw.edge_odd__documents WHERE id = 4 AND n < 9"
    )
    assert one.rows[0][0] == 1, "the rows of a transaction carry its number"
    assert edge.letters() == []


def test_a_tombstone_alone_deletes_its_row_and_no_later_one(edge: Edge) -> None:
    edge.run("INSERT INTO odd.child VALUES (70, 'goes'), (71, 'comes back'), (72, 'stays')")
    edge.land()
    producer = KafkaProducer(bootstrap_servers=edge.settings.bootstrap_servers)
    for key in (b'{"id":70}', b'{"id":71}', b'{"id":12345}'):
        producer.send("edge.odd.child", key=key, value=None)
    producer.close()
    edge.land()
    found = kept_values(edge.warehouse, edge.contracts["child"])
    assert ("72",) in found and not {("70",), ("71",)} & found.keys()
    edge.run("UPDATE odd.child SET extra = 'back' WHERE id = 71", "DELETE FROM odd.child WHERE id = 70")
    for _ in range(2):
        edge.land()
        edge.compare("child")
        edge.read_from_the_beginning()


def test_what_cannot_be_kept_is_a_dead_letter_and_never_another_value(edge: Edge) -> None:
    impossible = ("'0044-03-15 BC', NULL, NULL", "NULL, '12000-01-01', NULL", "NULL, NULL, 'NaN'")
    for place, values in enumerate(impossible, start=1):
        edge.run(f"INSERT INTO odd.strict VALUES ({place}, {values})")
    edge.run("INSERT INTO odd.strict VALUES (4, '2026-01-01', '2026-01-01', 1.1)")
    edge.land()
    assert set(kept_values(edge.warehouse, edge.contracts["strict"])) == {("4",)}
    streamed = edge.letters()
    assert [reason.partition(":")[0] for reason in sorted(streamed)] == [
        "column amount",
        "column day",
        "column moment",
    ]
    with open_source(edge.source) as connection:
        Refetcher(edge.settings, edge.warehouse, edge.source, connection).whole_table(
            edge.contracts["strict"]
        )
    edge.land()
    assert set(kept_values(edge.warehouse, edge.contracts["strict"])) == {("4",)}
    assert len(edge.letters()) == 2 * len(streamed)


def test_rows_read_beside_open_transactions_never_hide_what_these_change(edge: Edge) -> None:
    """A change is written to the log long before it is committed; a row read in between is older than it."""
    edge.run("INSERT INTO odd.pairs VALUES ('open', 9, 'before')")
    with open_source(edge.source) as writer, open_source(edge.source) as reader:
        writer.execute("BEGIN")
        writer.execute("UPDATE odd.pairs SET note = 'after' WHERE b = 9")
        with pytest.raises(TransactionsInTheWay, match="process"):
            settled_moment(reader, seconds=0.2)
        reading = threading.Thread(
            target=Refetcher(edge.settings, edge.warehouse, edge.source, reader).whole_table,
            args=(edge.contracts["pairs"],),
        )
        reading.start()
        time.sleep(0.3)
        writer.execute("COMMIT")
        reading.join()
    edge.land()
    edge.compare("pairs")


def test_a_restored_source_begins_a_new_epoch(edge: Edge) -> None:
    edge.run("INSERT INTO odd.pairs VALUES ('epoch', 8, 'old log')")
    edge.land()
    risen = raise_epoch(edge.settings, edge.warehouse, edge.source, "restored from a backup")
    reconfigure(edge.settings, edge.contracts.values(), risen)
    edge.run("UPDATE odd.pairs SET note = 'new log' WHERE b = 8")
    edge.land()
    # A record of the former log, at a greater position, comes late.
    producer = KafkaProducer(bootstrap_servers=edge.settings.bootstrap_servers)
    row, place = '{"a":"epoch","b":8,"note":"late"}', '{"lsn":99999999999,"ts_us":1}'
    late = f'{{"before":null,"after":{row},"source":{place},"op":"u"}}'
    producer.send("edge.odd.pairs", key=b'{"b":8,"a":"epoch"}', value=late.encode())
    producer.close()
    edge.land()
    edge.compare("pairs")
    epochs = edge.warehouse.query(
        "SELECT _epoch, note FROM raw.edge_odd__pairs WHERE b = 8 ORDER BY _version"
    )
    assert [tuple(row) for row in epochs.rows] == [(0, "old log"), (0, "late"), (1, "new log")]
    assert find_source(edge.settings, edge.warehouse, "edge").epoch == 1


def test_what_a_restarted_connector_leaves_out_is_found_and_read_again(edge: Edge) -> None:
    """A transaction is open when another commits, goes on at once, and ends while the connector is away."""
    source, contracts = find_source(edge.settings, edge.warehouse, "edge"), list(edge.contracts.values())
    address = f"{edge.settings.connect_http_url}/connectors/{source.connector}"
    with landing(edge.settings, contracts):
        with open_source(source) as slow, open_source(source) as quick:
            # Its log was begun anew a moment ago.
            deadline = time.monotonic() + 60
            while not (began := stream_start(quick, source.slot)):
                assert time.monotonic() < deadline, "the connector does not read"
                time.sleep(0.1)
            mend_after_start(edge.settings, edge.warehouse, source, contracts)
            slow.execute("BEGIN")
            slow.execute("INSERT INTO odd.child VALUES (1000, 'slow')")
            quick.execute("INSERT INTO odd.child VALUES (2000, 'quick')")
            slow.execute("INSERT INTO odd.child VALUES (3000, 'slow')")
            # Its stored place is the quick one's commit then, whose end is where the slow one goes on.
            time.sleep(1)
            httpx.put(f"{address}/stop", trust_env=False).raise_for_status()
            while stream_start(quick, source.slot):
                time.sleep(0.1)
            slow.execute("INSERT INTO odd.child VALUES (4000, 'slow')")
            slow.execute("COMMIT")
            httpx.put(f"{address}/resume", trust_env=False).raise_for_status()
            deadline = time.monotonic() + 60
            while stream_start(quick, source.slot) in {"", began}:
                assert time.monotonic() < deadline, "the connector does not come back"
                time.sleep(0.1)
        mend_after_start(edge.settings, edge.warehouse, source, contracts)
        assert mend_after_start(edge.settings, edge.warehouse, source, contracts) == 0, "once is enough"
    edge.land()
    edge.compare("child")
