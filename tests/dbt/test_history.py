"""Versions of rows: exact to the change, whatever order and how often the changes arrive in."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bilten.contracts import load_contracts
from bilten.settings import Settings
from tests.dbt.changes import ChangeSource
from tests.dbt.project import Outcome, run_dbt
from tests.dbt.shop import identifier
from warehouse.client import Warehouse

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(900)]

BEGINNING = datetime(2026, 2, 1, tzinfo=UTC)
ROWS = 40
OPEN = None


class Recorder:
    """Changes of ticket types at random, and the versions that they make."""

    def __init__(self, source: ChangeSource) -> None:
        self.source = source
        self.random = random.Random(5)
        self.versions: dict[int, list[list[Any]]] = {}
        self.standing: dict[int, tuple[Decimal, int] | None] = {}
        self.now = BEGINNING

    def step(self) -> None:
        choose = self.random
        number = choose.randrange(ROWS)
        # Several changes share a commit.
        if choose.random() < 0.8:
            self.now += timedelta(seconds=choose.randrange(1, 5_000))
        before = self.standing.get(number)
        if before is not None and choose.random() < 0.15:
            self._write("d", number, None)
            self.versions[number][-1][4] = self.now
            self.versions[number].append([])
            self.standing[number] = None
            return
        price = Decimal(choose.choice(("5.00", "6.00", "7.00")))
        capacity = choose.choice((10, 20))
        self._write("u" if before else "c", number, (price, capacity))
        if before == (price, capacity):
            return
        history = self.versions.setdefault(number, [])
        if before is not None:
            history[-1][4] = self.now
        history.append([len(history) + 1, price, capacity, self.now, OPEN])
        self.standing[number] = (price, capacity)

    def _write(self, operation: str, number: int, values: tuple[Decimal, int] | None) -> None:
        price, capacity = values or (Decimal("0.00"), 0)
        self.source.change(
            "tickets__ticket_types",
            operation,
            self.now,
            1,
            id=identifier(31, number),
            event_id=identifier(5, 0),
            price=price,
            capacity=capacity,
            # Changes of what makes no version.
            position=self.random.randrange(9),
        )

    def expected(self) -> dict[Any, list[list[Any]]]:
        return {
            identifier(31, number): [version for version in versions if version]
            for number, versions in self.versions.items()
        }


MADE = BEGINNING - timedelta(days=90)
CHANGED = BEGINNING + timedelta(days=1)


def what_a_snapshot_brings(source: ChangeSource) -> None:
    """A row that was there, read by two snapshots, and then changed."""
    for operation, at, price in (("r", BEGINNING, "5.00"), ("r", BEGINNING, "5.00"), ("u", CHANGED, "6.00")):
        source.change(
            "tickets__ticket_types",
            operation,
            at,
            1,
            id=identifier(32, 0),
            event_id=identifier(5, 0),
            price=Decimal(price),
            created_at=MADE,
        )


@pytest.fixture(scope="module")
def recorder(
    built: Outcome, warehouse: Warehouse, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Recorder:
    """Everything arrives twice, in any order."""
    source = ChangeSource(warehouse, load_contracts())
    recorder = Recorder(source)
    for _ in range(600):
        recorder.step()
    what_a_snapshot_brings(source)
    records = source.pending("tickets__ticket_types")
    source.put("tickets__ticket_types", records)
    source.shuffle("tickets__ticket_types", recorder.random)
    source.deliver()
    outcome = run_dbt(
        tmp_path_factory.mktemp("history"),
        *("run", "--select", "history_tickets__ticket_types"),
        settings=settings,
        build="history",
    )
    assert outcome.status == 0, outcome.output
    return recorder


def test_every_version_begins_and_ends_with_its_change(recorder: Recorder, warehouse: Warehouse) -> None:
    expected = recorder.expected()
    found: dict[Any, list[list[Any]]] = {}
    for key, *version in warehouse.query(
        "SELECT id, version, price, capacity, valid_from, valid_to "
        "FROM build_history.history_tickets__ticket_types ORDER BY id, version"
    ).rows:
        if key in expected:
            found.setdefault(key, []).append(list(version))
    assert found == {key: each for key, each in expected.items() if each}
    assert any(version[3] == version[4] for each in expected.values() for version in each)
    assert any(each[-1][4] is not OPEN for each in expected.values()), "some are deleted"
    assert any(version[0] > len(each) for each in expected.values() for version in each), "some came back"


def test_what_a_snapshot_brings_began_when_the_row_was_made(recorder: Recorder, warehouse: Warehouse) -> None:
    rows = warehouse.query(
        "SELECT version, price, valid_from, valid_to, is_current, is_observed "
        "FROM build_history.history_tickets__ticket_types "
        f"WHERE id = toUUID('{identifier(32, 0)}') ORDER BY version"
    ).rows
    assert [tuple(row) for row in rows] == [
        (1, Decimal("5.00"), MADE, CHANGED, False, False),
        (2, Decimal("6.00"), CHANGED, None, True, True),
    ]
