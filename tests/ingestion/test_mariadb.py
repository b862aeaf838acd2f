"""A real MariaDB captured by Debezium: first load, stream, replay and resync, compared value for value."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bilten.cli.source_work import compare, mend
from bilten.contracts import Contract, load_contracts
from bilten.contracts.linting import lint
from bilten.settings import Settings
from ingestion.loader import Loader
from ingestion.progress import SourceProgress
from ingestion.sources import guarding
from ingestion.sources.definition import Source, other_source
from ingestion.sources.mariadb.connection import Connection, open_source
from ingestion.sources.onboarding import first_load, make_plan, prepare
from ingestion.sources.refetch import Refetcher
from tests.fixtures.stack import Stack
from tests.ingestion.edge_cases import kept_values
from tests.ingestion.mariadb_cases import (
    CAPTURED,
    EVERY_TYPE,
    TABLES,
    insert_everything,
    source_values,
)
from warehouse.client import Warehouse
from warehouse.dead_letters import find_dead_letters
from warehouse.sources import forget_topic, table_states

pytestmark = pytest.mark.stack


@dataclass
class Maria:
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
        """Until the warehouse has all that the source has committed."""
        contracts = self.contracts.values()
        with SourceProgress(
            self.settings, contracts, self.warehouse, self.connection, self.source
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
def maria(mariadb_url: str, capture: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maria]:
    settings, source = capture.settings, other_source("maria", f"{mariadb_url}/odd")
    folder = tmp_path_factory.mktemp("maria-contracts")
    with open_source(source) as connection, Warehouse(settings) as warehouse:
        for statement in (*TABLES, *insert_everything(1)):
            connection.execute(statement)
        plan = make_plan(source, connection, load_contracts(folder), ["odd", "crm"])
        contracts = prepare(settings, warehouse, plan, folder)
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
        assert told["maria_crm__customers"] == 3000
        tables = {contract.source_table: contract for contract in contracts}
        yield Maria(capture, source, connection, warehouse, tables, folder)


def test_what_cannot_be_captured_is_told_with_its_remedy(maria: Maria) -> None:
    plan = make_plan(maria.source, maria.connection, load_contracts(maria.folder), ["odd", "crm"])
    assert {table.name for table in plan.tables} == CAPTURED
    weighty = {each.place: each for each in plan.obstacles if each.weight == "table"}
    assert weighty.keys() == {f"odd.{name}" for name in ("keyless", "old", "kept", "addresses", "Named")}
    assert "PRIMARY KEY" in weighty["odd.keyless"].remedy
    assert "ENGINE = InnoDB" in weighty["odd.old"].remedy
    left_out = {each.place for each in plan.obstacles if each.weight == "column"}
    assert {place.removeprefix("odd.everything.") for place in left_out if "everything" in place} == {
        *("uid", "place", "doubled", "next", "commas", "sure_time", "Upper")
    }
    assert [each.what for each in plan.obstacles if each.weight == "note"] == [
        "rows that the foreign key caller deletes or changes by cascade are not in the log"
    ]
    assert plan.drafts == {}, "the contracts are there already"
    only = make_plan(maria.source, maria.connection, load_contracts(maria.folder))
    assert {table.schema for table in only.tables} == {"odd"}, "the database of the address"


def test_a_server_that_is_not_ready_is_told_with_its_remedy(maria: Maria, mariadb_url: str) -> None:
    settings = (
        "binlog_format = 'MIXED'",
        "binlog_row_image = 'MINIMAL'",
        "binlog_expire_logs_seconds = 3600",
    )
    before = ("binlog_format = 'ROW'", "binlog_row_image = 'FULL'", "binlog_expire_logs_seconds = 0")
    root = other_source("root", mariadb_url.replace("capture:s%40cret", "root:") + "/odd")
    with open_source(root) as connection:
        try:
            for setting in settings:
                connection.execute(f"SET GLOBAL {setting}")
            connection.execute("CREATE USER poor IDENTIFIED BY 'x'")
            connection.execute("GRANT SELECT ON crm.customers TO poor")
            poor = other_source("poor", mariadb_url.replace("capture:s%40cret", "poor:x") + "/crm")
            with open_source(poor) as weak:
                plan = make_plan(poor, weak, load_contracts(maria.folder))
        finally:
            for setting in before:
                connection.execute(f"SET GLOBAL {setting}")
    assert not plan.is_possible
    assert [table.name for table in plan.tables] == ["customers"], "what the user may see"
    told = " ".join(each.what for each in plan.obstacles)
    for part in ("MIXED", "MINIMAL", "REPLICATION SLAVE", "BINLOG MONITOR", "RELOAD", "kept for 1 h"):
        assert part in told


def test_contracts_say_what_they_are_of_and_what_is_kept_otherwise(maria: Maria) -> None:
    contracts = load_contracts(maria.folder)
    assert [finding for finding in lint(contracts) if finding.level == "error"] == []
    noted = {f.place.removeprefix("column ") for f in lint(contracts) if f.dataset == "maria_odd__everything"}
    assert {"day", "moment", "wall", "at", "year", "marks", "bits"} <= noted
    assert not noted & {"unsigned", "wide", "fixed", "document", "single"}, "kept exactly"
    everything, calls = maria.contracts["everything"], maria.contracts["calls"]
    assert (everything.database, everything.by_name["document"].source_type) == ("mariadb", "json")
    assert everything.by_name["mood"].labels == ("ok", "it's", "é")
    assert maria.contracts["customers"].by_name["email"].classification == "personal"
    assert [column.name for column in maria.contracts["pairs"].key] == ["b", "a"]
    assert calls.by_name["customer_id"].references is not None


def test_first_load_stream_replay_and_resync_keep_every_value(maria: Maria) -> None:
    maria.land()
    maria.compare()
    _compare_with_what_is_written_here(maria, 1)
    maria.run(*insert_everything(11), "UPDATE odd.everything SET emoji = CONCAT(emoji, '!') WHERE id = 2")
    maria.land()
    maria.compare()
    _compare_with_what_is_written_here(maria, 11)
    before = maria.raw_rows()
    for contract in maria.contracts.values():
        forget_topic(maria.warehouse, contract.topic(maria.source.name))
    maria.load()
    maria.compare()
    assert maria.raw_rows() == before, "a replay adds nothing"
    refetcher = Refetcher(maria.settings, maria.warehouse, maria.source, maria.connection)
    for contract in maria.contracts.values():
        refetcher.whole_table(contract)
    maria.land()
    maria.compare()
    letters = [letter for letter in find_dead_letters(maria.warehouse) if letter.dataset.startswith("maria")]
    assert letters == []


def test_changes_of_one_row_keep_their_order(maria: Maria) -> None:
    maria.run(
        "INSERT INTO odd.counts VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')",
        # One event of the log with three changes of a row; and keys that move over each other.
        "INSERT INTO odd.counts (id, n) VALUES (9, 1), (9, 2), (9, 3), (9, 4) "
        "ON DUPLICATE KEY UPDATE n = VALUES(n)",
        "UPDATE odd.counts SET id = id + 1 WHERE id < 9 ORDER BY id DESC",
        "START TRANSACTION",
        "UPDATE odd.counts SET n = 10 WHERE id = 2",
        "UPDATE odd.counts SET n = 11 WHERE id = 2",
        "DELETE FROM odd.counts WHERE id = 3",
        "INSERT INTO odd.counts VALUES (3, 33, 'again')",
        "COMMIT",
        "UPDATE odd.pairs SET a = 'moved' WHERE b = 2",
        "DELETE FROM odd.pairs WHERE a = ''",
    )
    maria.land()
    maria.compare("counts", "pairs")
    name = maria.contracts["counts"].name
    rows = maria.warehouse.query(f"SELECT id, n FROM ods.{name} ORDER BY id").rows
    assert [tuple(row) for row in rows] == [(2, 11), (3, 33), (4, 3), (9, 4)]
    answer = maria.warehouse.query(
        f"SELECT _transaction, count(), uniqExact(_position) FROM raw.{name} FINAL "
        "WHERE n IN (10, 11, 33) GROUP BY _transaction"
    )
    assert [tuple(row)[1:] for row in answer.rows] == [(3, 3)], "one transaction"
    maria.run(
        "TRUNCATE TABLE odd.counts", "FLUSH BINARY LOGS", "INSERT INTO odd.counts VALUES (1, 100, 'after')"
    )
    maria.land()
    maria.compare("counts")
    assert int(maria.warehouse.scalar(f"SELECT count() FROM ods.{name}")) == 1
    assert int(maria.warehouse.scalar(f"SELECT uniqExact(bitShiftRight(_position, 32)) FROM raw.{name}")) == 2


def test_rows_that_a_cascade_deleted_are_found_and_mended(maria: Maria) -> None:
    maria.run("DELETE FROM crm.customers WHERE id = 3", "UPDATE crm.calls SET note = 'x' WHERE id = 5")
    maria.land()
    calls, customers = maria.contracts["calls"], maria.contracts["customers"]
    maria.compare("customers")
    state = f"ods.{customers.name}__state"
    maria.warehouse.command(f"ALTER TABLE {state} DELETE WHERE id = 7", settings={"mutations_sync": 1})
    arguments = (maria.settings, maria.warehouse, maria.source, maria.connection)
    for contract, nature in ((calls, "surplus"), (customers, "missing")):
        (found,) = compare(*arguments, [contract])
        assert [each.nature for each in found.differences] == [nature]
        assert mend(*arguments, contract, found) == 1
    maria.land()
    maria.compare("calls", "customers")


def test_changes_of_a_table_are_announced_or_put_it_in_quarantine(maria: Maria) -> None:
    contracts, name = maria.contracts.values(), maria.contracts["counts"].name

    def look() -> dict[str, str]:
        drifts = guarding.look(maria.warehouse, maria.source, contracts)
        return {each.place: each.effect for found in drifts.values() for each in found}

    assert look() == {}
    maria.run("ALTER TABLE odd.counts ADD COLUMN extra bigint unsigned, MODIFY n bigint")
    assert look() == {"column extra": "compatible", "column n": "compatible"}
    maria.run("INSERT INTO odd.counts (id, n, extra) VALUES (50, 5, 18446744073709551615)")
    maria.land()
    assert maria.warehouse.scalar(f"SELECT _extra FROM raw.{name} WHERE id = 50") == (
        '{"extra":18446744073709551615}'
    )
    maria.run("ALTER TABLE odd.counts DROP COLUMN extra, MODIFY n varchar(10)")
    assert look() == {"column n": "incompatible"}
    state = table_states(maria.warehouse)[name]
    assert state.state == "quarantined"
    assert "type changed from int to varchar(10)" in state.reason
    maria.run("ALTER TABLE odd.counts MODIFY n int", "UPDATE odd.counts SET n = 6 WHERE id = 50")
    assert look() == {}
    assert table_states(maria.warehouse)[name].state == "flowing"
    maria.land()
    maria.compare("counts")


def test_a_source_is_removed_by_its_command(maria: Maria) -> None:
    folder = str(maria.folder)
    done = maria.stack.run("source", "remove", "maria", "--yes", "--json", BILTEN_CONTRACTS_FOLDER=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(maria.folder.rglob("*.yaml")) == []
    listed = maria.stack.run("source", "list", "--json", BILTEN_CONTRACTS_FOLDER=folder)
    assert "maria" not in listed.stdout


def _compare_with_what_is_written_here(maria: Maria, key: int) -> None:
    """The comparison above trusts what the platform makes of a value; this one does not."""
    times = {"day", "old_day", "sure_day", "moment", "last_moment", "wall", "brief"}
    byte_strings = {name for name, (*_, expected) in EVERY_TYPE.items() if isinstance(expected, bytes)}
    columns = ", ".join(
        f"toString({name})" if name in times else f"hex({name})" if name in byte_strings else f"`{name}`"
        for name in EVERY_TYPE
    )
    (row,) = maria.warehouse.query(f"SELECT {columns} FROM ods.maria_odd__everything WHERE id = {key}").rows
    for (name, (*_, expected)), found in zip(EVERY_TYPE.items(), row, strict=True):
        if name == "smallest":
            assert 0 < found < 1.1e-40
        elif name in times and isinstance(expected, str):
            assert found[: len(expected)] == expected, name
        else:
            assert (bytes.fromhex(found) if name in byte_strings else found) == expected, name
