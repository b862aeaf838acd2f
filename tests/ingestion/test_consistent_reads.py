"""Money moves between two tables, in one transaction each time: no read at a cut ever sees half of a move."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from bilten.cli.mending import mend_after_start
from bilten.cli.source_work import landing
from bilten.contracts import Contract, load_contracts
from bilten.settings import Settings
from ingestion.connector import remove
from ingestion.cutting import cut_source
from ingestion.progress import SourceProgress
from ingestion.sources.definition import Source, other_source
from ingestion.sources.dialects import open_source
from ingestion.sources.onboarding import first_load, make_plan, prepare
from ingestion.sources.postgresql.capture import drop_capture
from ingestion.sources.registry import forget
from tests.fixtures.postgresql import new_database
from tests.fixtures.stack import Stack
from warehouse.client import Warehouse
from warehouse.cuts import Cut, newest_cuts
from warehouse.sources import forget_topic

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(600)]

ACCOUNTS = 40
SECONDS = 12
TOTAL = Decimal(2 * 100 * ACCOUNTS)
TABLES = """
    CREATE SCHEMA bank;
    CREATE TABLE bank.accounts (id int PRIMARY KEY, balance numeric(12, 2) NOT NULL);
    CREATE TABLE bank.deposits (id int PRIMARY KEY, balance numeric(12, 2) NOT NULL);
    CREATE TABLE public.elsewhere (id int);
"""


@dataclass
class Bank:
    """A database with two tables whose sum never changes."""

    settings: Settings
    source: Source
    connection: psycopg.Connection[Any]
    warehouse: Warehouse
    contracts: list[Contract]

    def cut(self) -> Cut | None:
        """As the loader's process does: a stream that begins anew is compared first."""
        mend_after_start(self.settings, self.warehouse, self.source, self.contracts)
        return cut_source(self.warehouse, self.source, self.contracts)

    def wait_until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.2)


@dataclass
class Looks:
    """What readers saw."""

    consistent: list[Decimal] = field(default_factory=list)
    plain: list[Decimal] = field(default_factory=list)
    cuts: dict[int, Decimal] = field(default_factory=dict)


@pytest.fixture(scope="module")
def bank(capture: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    settings = new_database(capture.settings, "bank")
    source = other_source("bank", settings.operational_url)
    folder = tmp_path_factory.mktemp("contracts")
    with open_source(source) as connection, Warehouse(settings) as warehouse:
        connection.execute(TABLES.encode())
        for table in ("accounts", "deposits"):
            connection.execute(
                f"INSERT INTO bank.{table} SELECT n, 100 FROM generate_series(1, {ACCOUNTS}) AS n".encode()
            )
        plan = make_plan(source, connection, load_contracts(folder), ["bank"])
        contracts = list(prepare(settings, warehouse, plan, folder))
        assert first_load(settings, warehouse, source, connection, contracts, lambda *_: None) == {}
        yield Bank(settings, source, connection, warehouse, contracts)
        remove(settings, source)
        drop_capture(source, connection)
        forget(settings, warehouse, source, "the tests are over")


def total(warehouse: Warehouse, cut: Cut | None = None) -> Decimal:
    """The sum over both tables: at a cut, or as they are."""
    parts = [
        f"consistent.bank_bank__{table}(cut = '{cut.version}')" if cut else f"ods.bank_bank__{table}"
        for table in ("accounts", "deposits")
    ]
    found = warehouse.scalar(
        f"SELECT (SELECT sum(balance) FROM {parts[0]}) + (SELECT sum(balance) FROM {parts[1]})"
    )
    return Decimal(found)


def move(source: Source, stopping: threading.Event, seed: int) -> None:
    """Move money; some transactions stay open for a while between their changes, some are rolled back."""
    chance = random.Random(seed)
    with open_source(source) as connection:
        while not stopping.is_set():
            one, other = chance.sample(range(1, ACCOUNTS + 1), 2)
            amount = chance.randint(1, 5)
            tables = chance.sample(["accounts", "deposits"], 2)
            try:
                with connection.transaction(force_rollback=chance.random() < 0.1):
                    connection.execute(
                        f"UPDATE bank.{tables[0]} SET balance = balance - %s WHERE id = %s", (amount, one)
                    )
                    connection.execute(b"INSERT INTO elsewhere VALUES (1)")
                    if chance.random() < 0.2:
                        time.sleep(chance.random() / 2)
                    connection.execute(
                        f"UPDATE bank.{tables[1]} SET balance = balance + %s WHERE id = %s", (amount, other)
                    )
            except psycopg.errors.DeadlockDetected:
                continue
            # As fast as they can, four writers leave a machine of two cores no time to read.
            time.sleep(0.005)


def test_no_read_at_a_cut_sees_half_of_a_transaction(bank: Bank, capsys: Any) -> None:
    looks, stopping = Looks(), threading.Event()
    newest: list[Cut] = []

    def keep_cutting() -> None:
        while not stopping.wait(0.3):
            if (cut := bank.cut()) is not None:
                newest.append(cut)

    def keep_looking() -> None:
        while not stopping.is_set():
            if newest:
                cut = newest[-1]
                found = total(bank.warehouse, cut)
                looks.consistent.append(found)
                looks.cuts[cut.position] = found
            looks.plain.append(total(bank.warehouse))

    with landing(bank.settings, bank.contracts):
        bank.wait_until(lambda: total(bank.warehouse) == TOTAL)
        threads = [threading.Thread(target=move, args=(bank.source, stopping, seed)) for seed in range(4)]
        threads += [threading.Thread(target=keep_cutting), threading.Thread(target=keep_looking)]
        for thread in threads:
            thread.start()
        try:
            bank.wait_until(lambda: len(looks.cuts) > 3, 240)
            time.sleep(SECONDS)
        finally:
            stopping.set()
            for thread in threads:
                thread.join()
        with SourceProgress(
            bank.settings, bank.contracts, bank.warehouse, bank.connection, bank.source
        ) as progress:
            position = progress.wait(60)
        # The mark is a transaction as well, the newest one.
        bank.wait_until(lambda: (cut := bank.cut()) is not None and cut.position > position)
    torn = sum(found != TOTAL for found in looks.plain)
    with capsys.disabled():
        sys.stderr.write(
            f"\n{len(looks.consistent)} reads at {len(looks.cuts)} cuts, none torn; "
            f"{torn} of {len(looks.plain)} plain reads were torn\n"
        )
    assert set(looks.consistent) == {TOTAL}
    assert len(looks.cuts) > 3
    assert newest[-1].left_out == {}


def test_a_replay_changes_no_read_at_any_cut(bank: Bank) -> None:
    last = newest_cuts(bank.warehouse)["bank"]
    rows = "SELECT id, balance FROM consistent.bank_bank__accounts(cut = '{}') ORDER BY id"
    cuts = bank.warehouse.query(
        "SELECT toString(cut) FROM ops.cuts FINAL WHERE source = 'bank' ORDER BY position DESC LIMIT 4"
    ).rows
    before = [list(map(tuple, bank.warehouse.query(rows.format(cut)).rows)) for (cut,) in cuts]
    for contract in bank.contracts:
        forget_topic(bank.warehouse, contract.topic(bank.source.name))
    with landing(bank.settings, bank.contracts):
        bank.wait_until(lambda: (cut := bank.cut()) is not None and cut.position > last.position)
    after = [list(map(tuple, bank.warehouse.query(rows.format(cut)).rows)) for (cut,) in cuts]
    assert before == after
    assert len(before[0]) == ACCOUNTS
