"""Append: what is read back is what was loaded, each row exactly once, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from pyiceberg.catalog import Catalog
from pyiceberg.catalog.sql import SqlCatalog

from archives import append as append_module
from archives.append import AppendResult, append_all
from archives.catalog import find_table, open_catalog
from archives.compare import compare
from archives.maintenance import find_orphans, tidy
from archives.reading import list_tables, query
from bilten.contracts import Contract
from bilten.errors import ArchiveError, ArchiveQueryRefused
from bilten.settings import PROJECT_ROOT, Settings
from tests.archives.samples import LOADED, acknowledge, any_rows, create, insert, sample_contract
from tests.settings import environment
from warehouse.client import Warehouse

pytestmark = pytest.mark.warehouse

_numbers = count(1)


@pytest.fixture
def contract(warehouse: Warehouse) -> Iterator[Contract]:
    made = sample_contract(f"archived__samples_{next(_numbers)}")
    create(warehouse, made)
    yield made
    warehouse.command(f"DROP TABLE raw.{made.name}")


@pytest.fixture
def catalog(warehouse_settings: Settings) -> Iterator[Catalog]:
    with open_catalog(warehouse_settings) as opened:
        yield opened


def run(warehouse_settings: Settings, warehouse: Warehouse, contract: Contract) -> AppendResult:
    with open_catalog(warehouse_settings) as catalog:
        (result,) = append_all(warehouse_settings, catalog, warehouse, [contract])
    return result


def rows(number: int) -> list[dict[str, Any]]:
    return [{"id": uuid4(), "code": f"code {index}", "amount": Decimal(index)} for index in range(number)]


def archived_offsets(catalog: Catalog, contract: Contract) -> list[int]:
    table = find_table(catalog, contract.name)
    assert table is not None
    offsets: list[int] = table.scan(selected_fields=("_offset",)).to_arrow()["_offset"].to_pylist()
    return sorted(offsets)


def read_back(catalog: Catalog, contract: Contract) -> dict[int, dict[str, Any]]:
    table = find_table(catalog, contract.name)
    assert table is not None
    found = {}
    for row in table.scan().to_arrow().to_pylist():
        for flag in [name for name in row if name.startswith("_is_null_")]:
            if row[flag]:
                row[flag.removeprefix("_is_null_")] = None
        found[row["_offset"]] = row
    return found


def expected(row: dict[str, Any]) -> dict[str, Any]:
    huge = row["huge"]
    text = None if huge is None else f"{huge:f}"
    if text is not None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return {**row, "huge": "0" if text == "-0" else text}


def test_what_is_read_back_is_what_was_loaded(
    warehouse_settings: Settings, warehouse: Warehouse, contract: Contract, catalog: Catalog
) -> None:
    loaded: dict[int, dict[str, Any]] = {}

    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(batch=any_rows())
    def archive(batch: list[dict[str, Any]]) -> None:
        first = len(loaded)
        insert(warehouse, contract, batch, first)
        loaded.update(enumerate(batch, start=first))
        acknowledge(warehouse, contract, len(loaded))
        assert run(warehouse_settings, warehouse, contract).rows == len(batch)

    archive()
    found = read_back(catalog, contract)
    assert found.keys() == loaded.keys()
    for offset, row in loaded.items():
        assert {name: found[offset][name] for name in row} == expected(row), offset
        assert found[offset]["_version"] == Decimal(((100 + offset) << 48) + 1)
    comparison = compare(catalog, warehouse, contract)
    assert comparison is not None
    assert comparison.equal
    assert comparison.bronze_rows == len(loaded)


def test_rows_beyond_the_ledger_wait_for_it(
    warehouse_settings: Settings, warehouse: Warehouse, contract: Contract, catalog: Catalog
) -> None:
    insert(warehouse, contract, rows(10), 0)
    insert(warehouse, contract, rows(5), 0, partition=1)
    acknowledge(warehouse, contract, 6)
    assert run(warehouse_settings, warehouse, contract).rows == 6
    acknowledge(warehouse, contract, 10)
    acknowledge(warehouse, contract, 5, partition=1)
    assert run(warehouse_settings, warehouse, contract).rows == 9
    assert run(warehouse_settings, warehouse, contract).rows == 0
    assert archived_offsets(catalog, contract) == sorted([*range(10), *range(5)])


def test_a_replayed_record_counts_once(
    warehouse_settings: Settings, warehouse: Warehouse, contract: Contract, catalog: Catalog
) -> None:
    batch = rows(4)
    warehouse.command(f"SYSTEM STOP MERGES raw.{contract.name}")
    insert(warehouse, contract, batch, 0)
    insert(warehouse, contract, batch, 0, loaded_at=LOADED + timedelta(minutes=1))
    acknowledge(warehouse, contract, 4)
    assert warehouse.scalar(f"SELECT count() FROM raw.{contract.name}") == 8
    assert run(warehouse_settings, warehouse, contract).rows == 4
    assert archived_offsets(catalog, contract) == [0, 1, 2, 3]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_append_leaves_each_row_exactly_once(
    moment: str, warehouse_settings: Settings, warehouse: Warehouse, contract: Contract, catalog: Catalog
) -> None:
    insert(warehouse, contract, rows(50), 0)
    acknowledge(warehouse, contract, 20)
    assert run(warehouse_settings, warehouse, contract).rows == 20
    acknowledge(warehouse, contract, 50)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BILTEN_")}
    child = subprocess.run(
        [sys.executable, "-m", "tests.archives.killed_append", moment, contract.name],
        cwd=PROJECT_ROOT,
        env={**inherited, **environment(warehouse_settings)},
        capture_output=True,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    table = find_table(catalog, contract.name)
    assert table is not None
    orphans = find_orphans(table)
    assert any(path.suffix == ".parquet" for path in orphans) == (moment == "before")
    added = run(warehouse_settings, warehouse, contract).rows
    assert added == (30 if moment == "before" else 0)
    assert archived_offsets(catalog, contract) == list(range(50))
    comparison = compare(catalog, warehouse, contract)
    assert comparison is not None
    assert comparison.equal
    removed = tidy(table, orphan_age=timedelta(0))
    assert removed.files == len(orphans)
    assert archived_offsets(catalog, contract) == list(range(50))


def test_a_lost_answer_is_seen_by_its_position(
    warehouse_settings: Settings,
    warehouse: Warehouse,
    contract: Contract,
    catalog: Catalog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    insert(warehouse, contract, rows(7), 0)
    acknowledge(warehouse, contract, 7)
    commit = SqlCatalog.commit_table

    def lost(self: SqlCatalog, *arguments: Any) -> Any:
        commit(self, *arguments)
        raise ConnectionError("the answer was lost")

    with monkeypatch.context() as patch:
        patch.setattr(SqlCatalog, "commit_table", lost)
        with pytest.raises(ArchiveError, match="Nobody knows whether a commit"):
            run(warehouse_settings, warehouse, contract)
    result = run(warehouse_settings, warehouse, contract)
    assert result.rows == 0
    assert [log.next_offset for log in result.positions] == [7]
    assert archived_offsets(catalog, contract) == list(range(7))


def test_the_loser_of_a_race_goes_on_from_the_winners_position(
    warehouse_settings: Settings,
    warehouse: Warehouse,
    contract: Contract,
    catalog: Catalog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    insert(warehouse, contract, rows(9), 0)
    acknowledge(warehouse, contract, 4)
    run(warehouse_settings, warehouse, contract)
    acknowledge(warehouse, contract, 6)
    write = append_module._files
    raced: list[AppendResult] = []

    def interrupted(*arguments: Any) -> Any:
        files = list(write(*arguments))
        if not raced:
            monkeypatch.setattr(append_module, "_files", write)
            raced.append(run(warehouse_settings, warehouse, contract))
            acknowledge(warehouse, contract, 9)
        return files

    monkeypatch.setattr(append_module, "_files", interrupted)
    result = run(warehouse_settings, warehouse, contract)
    assert raced[0].rows == 2
    assert result.rows == 0
    assert run(warehouse_settings, warehouse, contract).rows == 3
    assert archived_offsets(catalog, contract) == list(range(9))


def test_appenders_at_once_write_nothing_twice(
    warehouse_settings: Settings, warehouse: Warehouse, contract: Contract, catalog: Catalog
) -> None:
    insert(warehouse, contract, rows(200), 0)
    acknowledge(warehouse, contract, 200)
    start = threading.Barrier(3)

    def appender(_: int) -> int:
        start.wait()
        return run(warehouse_settings, warehouse, contract).rows

    with ThreadPoolExecutor(3) as pool:
        added = list(pool.map(appender, range(3)))
    assert sum(added) == 200
    assert archived_offsets(catalog, contract) == list(range(200))


def test_a_large_backlog_is_several_commits_and_positions_outlive_snapshots(
    warehouse_settings: Settings,
    warehouse: Warehouse,
    contract: Contract,
    catalog: Catalog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(append_module, "OFFSETS_PER_COMMIT", 40)
    insert(warehouse, contract, rows(100), 0)
    acknowledge(warehouse, contract, 100)
    assert run(warehouse_settings, warehouse, contract).rows == 100
    table = find_table(catalog, contract.name)
    assert table is not None
    assert len(table.snapshots()) == 3
    tidied = tidy(table, now=datetime.now(UTC) + timedelta(days=31), orphan_age=timedelta(0))
    assert tidied.snapshots == 2
    assert run(warehouse_settings, warehouse, contract).rows == 0
    assert archived_offsets(catalog, contract) == list(range(100))


def test_a_recreated_topic_is_archived_from_its_start(
    warehouse_settings: Settings, warehouse: Warehouse, contract: Contract, catalog: Catalog
) -> None:
    insert(warehouse, contract, rows(5), 0, loaded_at=LOADED)
    acknowledge(warehouse, contract, 5, loaded_at=LOADED + timedelta(seconds=1))
    run(warehouse_settings, warehouse, contract)
    later = LOADED + timedelta(hours=1)
    again = [
        {**row, "_version": ((900 + index) << 48).to_bytes(16, "little")} for index, row in enumerate(rows(3))
    ]
    insert(warehouse, contract, again, 0, loaded_at=later)
    acknowledge(warehouse, contract, 3, topic_id="two", loaded_at=later + timedelta(seconds=1))
    assert run(warehouse_settings, warehouse, contract).rows == 3
    assert run(warehouse_settings, warehouse, contract).rows == 0
    assert archived_offsets(catalog, contract) == [0, 0, 1, 1, 2, 2, 3, 4]
    comparison = compare(catalog, warehouse, contract)
    assert comparison is not None
    assert comparison.equal


def test_a_difference_is_found(
    warehouse_settings: Settings, warehouse: Warehouse, contract: Contract, catalog: Catalog
) -> None:
    batch = rows(5)
    insert(warehouse, contract, batch, 0)
    acknowledge(warehouse, contract, 5)
    run(warehouse_settings, warehouse, contract)
    warehouse.command(
        f"ALTER TABLE raw.{contract.name} UPDATE amount = 77 WHERE _offset = 3 SETTINGS mutations_sync = 2"
    )
    comparison = compare(catalog, warehouse, contract)
    assert comparison is not None
    assert (comparison.raw_rows, comparison.bronze_rows) == (5, 5)
    assert not comparison.equal


def test_duckdb_answers_from_the_files_alone(
    warehouse_settings: Settings, warehouse: Warehouse, contract: Contract, catalog: Catalog
) -> None:
    insert(warehouse, contract, [{"id": UUID(int=5), "amount": Decimal("1.25"), "labels": ["a", None]}], 0)
    acknowledge(warehouse, contract, 1)
    run(warehouse_settings, warehouse, contract)
    answer = query(
        warehouse_settings,
        catalog,
        f"SELECT id, amount, labels, count(*) OVER () FROM bronze.{contract.name}",
    )
    assert answer.rows == ((UUID(int=5), Decimal("1.25"), ["a", None], 1),)
    (listed,) = [table for table in list_tables(catalog) if table.dataset == contract.name]
    assert (listed.rows, listed.files, listed.snapshots) == (1, 1, 1)
    assert [log.next_offset for log in listed.positions] == [1]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1; SELECT 2",
        "CREATE TABLE t (a int)",
        "COPY (SELECT 1) TO 'x.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM bronze.nothing",
        "SELEC 1",
        "SET memory_limit = '1GB'",
    ],
)
def test_only_a_select_over_the_archive_is_answered(
    statement: str, warehouse_settings: Settings, catalog: Catalog
) -> None:
    with pytest.raises(ArchiveQueryRefused):
        query(warehouse_settings, catalog, statement)


def test_the_archive_lies_in_the_data_folder(warehouse_settings: Settings, catalog: Catalog) -> None:
    assert Path(warehouse_settings.home, "archive", "catalog.db").is_file()
