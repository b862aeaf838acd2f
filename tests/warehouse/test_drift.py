"""What was changed behind the migrations' back is found, nothing else is, and it can be brought back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bilten.contracts import Contracts, load_contracts
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import free_port, make_settings
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.drift import find_drift, repair

pytestmark = pytest.mark.warehouse
DATASETS = ("tickets__orders", "events__categories")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A warehouse of its own with two of the real datasets."""
    home: Path = tmp_path_factory.mktemp("drift")
    process = WarehouseProcess(make_settings(home, warehouse_port=free_port()))
    process.start()
    contracts = load_contracts()
    migrate.apply(process.settings, Contracts({name: contracts[name] for name in DATASETS}))
    with Warehouse(process.settings) as warehouse:
        yield warehouse
    assert process.stop() == 0


def test_a_warehouse_as_it_was_made_has_not_drifted(migrated: Warehouse) -> None:
    assert find_drift(migrated) == ()


@pytest.mark.parametrize(
    ("done", "name", "kind", "reason"),
    [
        (
            "ALTER TABLE raw.events__categories COMMENT COLUMN slug 'mine'",
            "raw.events__categories",
            "altered",
            "COMMENT COLUMN",
        ),
        (
            "CREATE OR REPLACE VIEW ods.events__categories AS SELECT 1 AS id",
            "ods.events__categories",
            "altered",
            "SELECT 1 AS id",
        ),
        (
            "ALTER TABLE landing.events__categories__to_raw MODIFY QUERY "
            "SELECT _row.id AS id FROM landing.events__categories__parsed WHERE 0",
            "landing.events__categories__to_raw",
            "altered",
            "WHERE 0",
        ),
        (
            "DROP TABLE landing.events__categories__examined_to_raw",
            "landing.events__categories__examined_to_raw",
            "gone",
            "not there",
        ),
    ],
)
def test_what_was_done_by_hand_is_found_and_undone(
    migrated: Warehouse, done: str, name: str, kind: str, reason: str
) -> None:
    migrated.command(done)
    [drift] = find_drift(migrated)
    assert (drift.name, drift.kind) == (name, kind)
    assert reason in drift.reason
    assert repair(migrated, [drift]) == ()
    assert find_drift(migrated) == ()


@pytest.mark.parametrize(
    ("done", "undone", "name", "kind", "reason"),
    [
        (
            "ALTER TABLE raw.events__categories ADD COLUMN stray UInt8",
            "ALTER TABLE raw.events__categories DROP COLUMN stray",
            "raw.events__categories",
            "altered",
            "column stray would be dropped",
        ),
        (
            "CREATE TABLE ops.notes_of_somebody (a UInt8) ENGINE = Memory",
            "DROP TABLE ops.notes_of_somebody",
            "ops.notes_of_somebody",
            "unknown",
            "No migration made it",
        ),
    ],
)
def test_what_would_lose_data_is_left_to_people(
    migrated: Warehouse, done: str, undone: str, name: str, kind: str, reason: str
) -> None:
    migrated.command(done)
    drifts = find_drift(migrated)
    assert [(drift.name, drift.kind) for drift in drifts] == [(name, kind)]
    assert reason in drifts[0].reason
    assert repair(migrated, drifts) == drifts
    assert find_drift(migrated) == drifts
    migrated.command(undone)
    assert find_drift(migrated) == ()
