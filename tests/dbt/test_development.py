"""A developer's own database, and comments that say as of when marts are complete."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from bilten.contracts import load_contracts
from bilten.errors import WarehouseError
from bilten.settings import PROJECT_ROOT, Settings
from tests.dbt.project import Outcome
from tests.settings import environment
from warehouse.builds import finish_build, new_build_id, start_build
from warehouse.client import Warehouse
from warehouse.clones import clone_tables
from warehouse.development import development_database
from warehouse.freshness import comment_readers
from warehouse.publish import _move

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(900)]

DEVELOPED = """
set -eu
dbt --quiet run --select sales_by_day
bilten sql "SELECT sum(orders) FROM build_dev_ada.sales_by_day"
bilten sql "INSERT INTO build_dev_ada.sales_by_day SELECT * FROM build_dev_ada.sales_by_day"
"""


@pytest.fixture(scope="module")
def published(built: Outcome, warehouse: Warehouse) -> str:
    """The first build under a build's name, with the pointer on it; its verdicts are not of interest here."""
    marts = load_contracts().marts()
    build = start_build(warehouse, new_build_id())
    tables = warehouse.query("SELECT name FROM system.tables WHERE database = 'build_first'").rows
    for (table,) in tables:
        warehouse.command(f"CREATE TABLE `{build.database}`.`{table}` CLONE AS build_first.`{table}`")
    finish_build(warehouse, build.build_id, succeeded=True)
    clone_tables(warehouse, build, marts)
    _move(warehouse, build, marts, "publish", "")
    return build.database


def databases(warehouse: Warehouse) -> set[str]:
    rows = warehouse.query("SELECT name FROM system.databases WHERE name LIKE 'build_dev_%'").rows
    return {str(row[0]) for row in rows}


def test_a_shell_has_a_database_of_its_own_that_goes_away(
    published: str, warehouse: Warehouse, settings: Settings
) -> None:
    before = warehouse.query(f"SELECT sum(orders), count() FROM `{published}`.sales_by_day").rows
    ended = subprocess.run(
        [sys.executable, "-m", "bilten.cli", "analyst", "--name", "ada", "--", "bash", "-c", DEVELOPED],
        cwd=settings.home,
        env={**os.environ, **environment(settings), "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.split()[-1] == str(before[0][0])
    assert databases(warehouse) == set()
    assert warehouse.query(f"SELECT sum(orders), count() FROM `{published}`.sales_by_day").rows == before


def test_what_a_killed_shell_left_behind_is_replaced(published: str, warehouse: Warehouse) -> None:
    warehouse.command("CREATE DATABASE build_dev_ada")
    warehouse.command("CREATE TABLE build_dev_ada.leftover (x UInt8) ENGINE = MergeTree ORDER BY x")
    with development_database(warehouse, "ada") as database:
        tables = warehouse.query(f"SELECT name FROM system.tables WHERE database = '{database}'").rows
        names = {str(row[0]) for row in tables}
        assert {"orders", "input_tickets__orders", "int_orders_priced"} <= names
        assert "leftover" not in names
    assert databases(warehouse) == set()


@pytest.mark.parametrize("name", ["", "20260131T101500_1a2b3c4d", "x; DROP", "a`b"])
def test_a_name_is_a_plain_word(warehouse: Warehouse, name: str) -> None:
    with pytest.raises(WarehouseError), development_database(warehouse, name):
        pass


def test_every_view_says_as_of_when_it_is_complete(published: str, warehouse: Warehouse) -> None:
    comment_readers(warehouse, load_contracts().marts())
    rows = warehouse.query("SELECT name, comment FROM system.tables WHERE database = 'marts'").rows
    said = {str(name): str(comment) for name, comment in rows}
    for contract in load_contracts().marts():
        assert said[contract.name].startswith(contract.description[:40])
        if contract.name != "freshness":
            assert f"Complete as of {datetime.now(UTC):%Y-%m}" in said[contract.name]
            assert "log position" in said[contract.name]
