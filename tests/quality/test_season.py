"""Rules that learn from what a mart holds: volume by the day of the week, and shares that drift."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bilten.contracts import Contracts
from quality.checks import Check, compile_checks
from warehouse import rules
from warehouse.client import Warehouse

pytestmark = pytest.mark.warehouse

Row = tuple[date, str, int]
TODAY = datetime.now(UTC).date()
WEEKEND = (0, 1)
"""Two days of the week, counted back from yesterday, that sell three times as much."""


@pytest.fixture
def sales(warehouse: Warehouse) -> Iterator[str]:
    warehouse.command("CREATE DATABASE IF NOT EXISTS season")
    warehouse.command(
        "CREATE OR REPLACE TABLE season.sales (sales_on Date32, channel String, orders UInt64) "
        "ENGINE = MergeTree ORDER BY sales_on"
    )
    yield "season.sales"
    warehouse.command("DROP DATABASE season")


def usual(day: int) -> int:
    return (600 if (day - 1) % 7 in WEEKEND else 200) + day % 5


def history(days: int = 63) -> list[Row]:
    """What was sold on each of the last days, as usual."""
    return [
        (TODAY - timedelta(days=day), channel, usual(day) * part // 10)
        for day in range(1, days + 1)
        for channel, part in (("web", 7), ("mobile_app", 3))
    ]


def failing(warehouse: Warehouse, contracts: Contracts, name: str, rows: list[Row]) -> int:
    (check,) = [each for each in compile_checks(contracts) if each.name == name]
    assert isinstance(check, Check)
    assert check.query is not None
    assert check.severity == "warning"
    warehouse.command("TRUNCATE TABLE season.sales")
    warehouse.insert_rows("season.sales", ("sales_on", "channel", "orders"), rows)
    query = rules.resolved(check.query, check.dataset, lambda _: "season.sales")
    rules.refuse_unless_reading(warehouse, check.check_id, query)
    return int(str(warehouse.scalar(query)))


VOLUME = "sales_by_day_volume_is_in_season"
MIX = "sales_by_channel_mix_has_not_drifted"


@pytest.mark.parametrize(
    ("factor", "day", "expected"),
    [(1.0, 3, 0), (1.4, 3, 0), (0.3, 3, 1), (0.0, 3, 1), (3.0, 3, 1), (1.0, 1, 0), (0.33, 1, 1)],
)
def test_a_day_is_compared_with_the_same_day_of_the_week(
    sales: str, warehouse: Warehouse, contracts: Contracts, factor: float, day: int, expected: int
) -> None:
    odd = TODAY - timedelta(days=day)
    rows = [(on, channel, int(orders * factor) if on == odd else orders) for on, channel, orders in history()]
    assert failing(warehouse, contracts, VOLUME, rows) == expected


def test_days_without_any_sales_count_as_none(sales: str, warehouse: Warehouse, contracts: Contracts) -> None:
    missing = {TODAY - timedelta(days=2), TODAY - timedelta(days=5)}
    rows = [row for row in history() if row[0] not in missing]
    assert failing(warehouse, contracts, VOLUME, rows) == 2


def test_little_says_nothing(sales: str, warehouse: Warehouse, contracts: Contracts) -> None:
    few = [(on, channel, orders // 100) for on, channel, orders in history() if on.day != 1]
    assert failing(warehouse, contracts, VOLUME, [*few, (TODAY, "web", 100_000)]) == 0
    assert failing(warehouse, contracts, VOLUME, history(days=7)) == 0
    assert failing(warehouse, contracts, VOLUME, []) == 0
    assert failing(warehouse, contracts, MIX, []) == 0


@pytest.mark.parametrize(("share", "expected"), [(0.7, 0), (0.6, 0), (0.3, 1), (0.0, 1)])
def test_the_mix_of_channels_may_move_a_little(
    sales: str, warehouse: Warehouse, contracts: Contracts, share: float, expected: int
) -> None:
    week = TODAY - timedelta(days=7)
    before = [row for row in history() if row[0] < week]
    lately = [
        (TODAY - timedelta(days=day), channel, int(100 * part))
        for day in range(1, 8)
        for channel, part in (("web", share), ("mobile_app", 1 - share))
    ]
    assert failing(warehouse, contracts, MIX, [*before, *lately]) == expected
