"""However transactions run and their changes arrive, a read at a cut is a prefix of the commits."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.committing import DATASETS, STARTED, Committing, Rows
from tests.warehouse.events import CONTRACTS, EVERYTHING, PLAIN, clear, deliver
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.compile.consistent import cut_version
from warehouse.completeness import newest_end
from warehouse.consistent_reads import ConsistentReads
from warehouse.cuts import Cut, advance, newest_cuts, store_cut
from warehouse.ledger import LedgerRow, write_ledger
from warehouse.sources import Reading, record_reading, record_stream, set_table_state

pytestmark = pytest.mark.warehouse

SOURCE = "cutting"
TOPICS = {name: contract.topic(SOURCE) for name, contract in DATASETS.items()}
LANDING_COLUMNS = ("_topic", "_partition", "_offset", "_timestamp", "headers", "key", "value")


@pytest.fixture
def engine(warehouse: Warehouse, warehouse_settings: Any) -> Iterator[Warehouse]:
    migrate.apply(warehouse_settings, CONTRACTS)
    forget(warehouse)
    yield warehouse
    forget(warehouse)


def forget(warehouse: Warehouse) -> None:
    for contract in DATASETS.values():
        clear(warehouse, contract)
    for table in ("cuts", "transactions", "readings", "streams"):
        warehouse.command(
            f"ALTER TABLE ops.{table} DELETE WHERE source = '{SOURCE}'", settings={"mutations_sync": 1}
        )
    warehouse.command(
        f"ALTER TABLE ops.positions DELETE WHERE startsWith(topic, '{SOURCE}.')",
        settings={"mutations_sync": 1},
    )


class Delivery:
    """Brings records of a source's topics into the warehouse, some at a time."""

    def __init__(self, warehouse: Warehouse, source: Committing) -> None:
        self._warehouse = warehouse
        self._records = {name: source.records(name) for name in DATASETS}
        self._ends = source.ends()
        self._brought = dict.fromkeys(DATASETS, 0)
        self._acknowledged = dict.fromkeys(DATASETS, 0)
        self._ended = 0

    def bring(self, dataset: str, count: int) -> None:
        """Records of a table, as a loader does before it tells the ledger."""
        at = self._brought[dataset]
        if chosen := self._records[dataset][at : at + count]:
            deliver(self._warehouse, DATASETS[dataset], [record for _, record in chosen])
            self._brought[dataset] += len(chosen)

    def acknowledge(self, dataset: str, loaded_at: datetime | None = None) -> None:
        """What it tells the ledger then."""
        now = loaded_at or datetime.now(UTC)
        self._acknowledged[dataset] = end = self._brought[dataset]
        row = LedgerRow(TOPICS[dataset], 0, 0, end, 1, 1, now, now, now, "test", 0, "topic")
        write_ledger(self._warehouse, [row])

    def bring_ends(self, count: int) -> None:
        """Ends of transactions."""
        values = self._ends[self._ended : self._ended + count]
        now = datetime.now(UTC)
        rows = [(f"{SOURCE}.transaction", 0, at, now, {}, None, value) for at, value in enumerate(values)]
        self._warehouse.insert_rows("landing._transactions", LANDING_COLUMNS, rows)
        self._ended += len(values)

    def bring_all(self) -> None:
        """Everything."""
        for dataset in DATASETS:
            self.bring(dataset, len(self._records[dataset]))
            self.acknowledge(dataset)
        self.bring_ends(len(self._ends))

    @property
    def complete(self) -> int:
        """Of how many transactions, in the order of commits, everything was brought and acknowledged."""
        missing = [records[self._acknowledged[name] :] for name, records in self._records.items()]
        return min([self._ended, *(later[0][0] - 1 for later in missing if later)])

    @property
    def is_over(self) -> bool:
        return self.complete == len(self._ends)


def cut(warehouse: Warehouse) -> Cut | None:
    contracts = list(DATASETS.values())
    return advance(warehouse, SOURCE, 0, newest_end(warehouse, SOURCE, 0), TOPICS, contracts)


def rows_at(warehouse: Warehouse, position: int) -> Rows:
    """What a reader of the views sees at a cut."""
    found: Rows = {}
    for dataset in DATASETS:
        note = "note" if dataset == EVERYTHING.name else "NULL"
        rows = warehouse.query(
            f"SELECT toString(id), title, {note} "
            f"FROM consistent.{dataset}(cut = '{cut_version(0, position)}')"
        ).rows
        found[dataset] = {row[0]: (row[1], row[2]) for row in rows}
        assert len(found[dataset]) == len(rows)
    return found


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 2**32))
def test_a_read_at_a_cut_is_a_prefix_of_the_commits(engine: Warehouse, seed: int) -> None:
    forget(engine)
    chance = random.Random(seed)
    source = Committing(chance, transactions=25)
    delivery = Delivery(engine, source)
    commits = [0, *(one.commit for one in source.committed)]
    while not delivery.is_over:
        for dataset in chance.sample(list(DATASETS), 2):
            delivery.bring(dataset, chance.randint(0, 9))
            # A batch that is there and not acknowledged may be there in a part of its tables only.
            if chance.random() < 0.7:
                delivery.acknowledge(dataset)
        delivery.bring_ends(chance.randint(0, 9))
        found = cut(engine)
        complete = delivery.complete
        assert (found.position if found else 0) == commits[complete]
        for place in {complete, chance.randint(0, complete)} - {0}:
            assert rows_at(engine, commits[place]) == source.states[place]


def test_a_dead_letter_counts_as_arrived_and_is_told(engine: Warehouse) -> None:
    source = Committing(random.Random(5), transactions=20)
    dead = sum(change.is_dead for one in source.committed for change in one.changes)
    assert dead
    Delivery(engine, source).bring_all()
    found = cut(engine)
    assert found is not None
    assert found.position == source.committed[-1].commit
    assert found.dead_letters == {PLAIN.name: dead}


def test_a_table_that_is_held_back_holds_only_itself_back(engine: Warehouse) -> None:
    source = Committing(random.Random(3), transactions=12)
    delivery = Delivery(engine, source)
    set_table_state(engine, PLAIN.name, "quarantined", "for the test")
    try:
        delivery.bring(EVERYTHING.name, 1_000)
        delivery.acknowledge(EVERYTHING.name)
        delivery.bring_ends(1_000)
        found = cut(engine)
        assert found is not None
        assert (found.position, found.left_out) == (source.committed[-1].commit, {PLAIN.name: 0})
    finally:
        set_table_state(engine, PLAIN.name, "flowing", "")
    # It flows again, and one more transaction ends: what was missed meanwhile is missed by this table only.
    later = source.committed[-1].commit + 1_000
    end = json.dumps(
        {"status": "END", "id": f"9999:{later}", "data_collections": [], "ts_ms": STARTED + 1_000}
    )
    engine.insert_rows(
        "landing._transactions",
        LANDING_COLUMNS,
        [(f"{SOURCE}.transaction", 0, 1, datetime.now(UTC), {}, None, end)],
    )
    assert cut(engine) == found
    delivery.bring(PLAIN.name, 1_000)
    delivery.acknowledge(PLAIN.name)
    whole = cut(engine)
    assert whole is not None
    assert (whole.position, whole.left_out) == (later, {})
    assert rows_at(engine, whole.position) == source.states[-1]


def test_a_table_that_stands_still_is_left_behind(engine: Warehouse) -> None:
    source = Committing(random.Random(3), transactions=12)
    delivery = Delivery(engine, source)
    delivery.bring(EVERYTHING.name, 1_000)
    delivery.acknowledge(EVERYTHING.name)
    delivery.bring(PLAIN.name, 1)
    delivery.acknowledge(PLAIN.name, datetime.now(UTC) - timedelta(minutes=2))
    delivery.bring_ends(1_000)
    assert cut(engine) is None or cut(engine).position < source.committed[-1].commit  # type: ignore[union-attr]
    # As if all that had been known for two minutes.
    engine.command(
        "INSERT INTO ops.transactions SELECT * REPLACE (loaded_at - INTERVAL 2 MINUTE AS loaded_at) "
        f"FROM ops.transactions FINAL WHERE source = '{SOURCE}'"
    )
    found = cut(engine)
    assert found is not None
    assert found.position == source.committed[-1].commit
    assert set(found.left_out) == {PLAIN.name}


def test_what_is_read_beside_the_log_is_waited_for(engine: Warehouse) -> None:
    source = Committing(random.Random(8), transactions=10)
    Delivery(engine, source).bring_all()
    first = cut(engine)
    assert first is not None
    position = first.position + 50
    record_reading(engine, Reading(SOURCE, PLAIN.name, 0, position, False, None))
    later = position + 50
    end = json.dumps(
        {"status": "END", "id": f"9999:{later}", "data_collections": [], "ts_ms": STARTED + 1_000}
    )
    row = (f"{SOURCE}.transaction", 0, 1, datetime.now(UTC), {}, None, end)
    engine.insert_rows("landing._transactions", LANDING_COLUMNS, [row])
    waiting = cut(engine)
    assert waiting is not None
    assert (waiting.position, set(waiting.left_out)) == (later, {PLAIN.name})


def test_nothing_counts_that_was_told_before_a_comparison(engine: Warehouse) -> None:
    source = Committing(random.Random(8), transactions=10)
    Delivery(engine, source).bring_all()
    record_stream(engine, SOURCE, "a start", 1, source.committed[-1].commit + 1)
    assert cut(engine) is None
    record_stream(engine, SOURCE, "a start", 1, source.committed[-2].commit)
    found = cut(engine)
    assert found is not None
    assert found.position == source.committed[-1].commit


def test_the_first_transaction_of_a_stream_names_none_before_it_and_is_whole(engine: Warehouse) -> None:
    source = Committing(random.Random(8), transactions=10)
    assert {place for name in DATASETS for place, _ in source.records(name)} >= {1}
    # New streams are compared before their first transaction.
    record_stream(engine, SOURCE, "a start", 1, 1)
    Delivery(engine, source).bring_all()
    found = cut(engine)
    assert found is not None
    assert found.position == source.committed[-1].commit
    assert rows_at(engine, found.position) == source.states[-1]


def test_statements_of_a_session_are_pinned(engine: Warehouse, warehouse_settings: Any) -> None:
    source = Committing(random.Random(11), transactions=15)
    Delivery(engine, source).bring_all()
    place = 7
    pinned = Cut(SOURCE, 0, source.committed[place - 1].commit, datetime.fromtimestamp(STARTED / 1000, UTC))
    store_cut(engine, pinned)
    assert newest_cuts(engine)[SOURCE].version == pinned.version
    with Warehouse(warehouse_settings, session_id="pinned") as session:
        reads = ConsistentReads(session, newest_cuts(engine), dict.fromkeys(DATASETS, SOURCE))
        for name in (f"ods.{PLAIN.name}", f"`ods`.`{PLAIN.name}`", PLAIN.name, f"ods . {PLAIN.name}"):
            sql = reads.prepare(
                f"SELECT toString(id), {name}.title, 'ods.{PLAIN.name}' FROM {name} -- ods.{PLAIN.name}"
            )
            found = {row[0]: (row[1], None) for row in session.query(sql).rows}
            assert found == source.states[place][PLAIN.name]
        assert set(reads.pinned) == {PLAIN.name}
