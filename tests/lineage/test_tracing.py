"""A figure of a real build leads back to exactly the changes that make it up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from openlineage.client.event_v2 import JobEvent, RunEvent

from bilten.contracts import load_contracts
from bilten.errors import TraceImpossible
from bilten.settings import Settings
from lineage.dbt import Invocation, columns_of, events_of
from lineage.events import as_json, declared, reported
from lineage.library import Library
from lineage.names import Names
from lineage.producers import LoadWindow, OffsetRange, load, load_design
from lineage.runs import Engine
from lineage.tracing import HIDDEN, Tracer
from tests.dbt.attention import Attention, draw_attention
from tests.dbt.changes import ChangeSource
from tests.dbt.conftest import settings, source, warehouse
from tests.dbt.project import BUILD, run_dbt
from tests.dbt.selling import LONG_AGO, open_shop, sell
from tests.dbt.shop import SALE, Shop
from tests.lineage.test_store import deliver
from warehouse.client import Warehouse
from warehouse.lineage_history import LineageHistory
from warehouse.lineage_store import LineageStore

__all__ = ["settings", "source", "warehouse"]
pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(900)]
BUILD_ID = "20260401T000000_abcd1234"


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(seed=11, orders=60)


@pytest.fixture(scope="module")
def tracer(
    shop: Shop,
    source: ChangeSource,
    warehouse: Warehouse,
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Tracer]:
    contracts, names = load_contracts(), Names.of(settings)
    open_shop(shop, source)
    for order in shop.orders:
        sell(order, source, LONG_AGO)
    draw_attention(Attention(shop), source)
    source.deliver()
    outcome = run_dbt(tmp_path_factory.mktemp("target"), *BUILD, settings=settings, build=BUILD_ID)
    assert not outcome.broken, outcome.output[-3000:]
    invocation = Invocation(outcome.manifest, outcome.run_results, columns=columns_of(contracts.sources()))
    window = LoadWindow(
        LONG_AGO, LONG_AGO + timedelta(minutes=1), (OffsetRange(0, 0, 10**6),), 60, 1, 1, "loader"
    )
    loaded = load(names, contracts["tickets__orders"], window, engine=Engine("Bilten", "1"))
    events: list[RunEvent | JobEvent] = [
        *(declared(load_design(names, each), LONG_AGO) for each in contracts.sources()),
        *reported(loaded, window.begun, window.ended),
        *events_of(names, invocation),
    ]
    store = LineageStore(warehouse)
    deliver(store, [as_json(event) for event in events])
    warehouse.insert_rows(
        "ops.publications",
        ("published_at", "build_id", "database", "reason", "run_id"),
        [(datetime.now(UTC) + timedelta(seconds=1), BUILD_ID, f"build_{BUILD_ID}", "publish", "")],
    )
    library = Library(store, LineageHistory(warehouse), names, contracts.values())
    yield Tracer(warehouse, store, library, names, contracts)


def a_day(shop: Shop) -> tuple[str, str]:
    order = next(order for order in shop.orders if order.status in SALE)
    return str(order.placed_at.date()), order.currency


def test_a_total_is_the_sum_of_the_changes_that_count(tracer: Tracer, shop: Shop) -> None:
    day, currency = a_day(shop)
    found = tracer.trace("sales_by_day", [("sales_on", day), ("currency", currency)], "total_amount")
    sold = [
        order
        for order in shop.orders
        if order.status in SALE and str(order.placed_at.date()) == day and order.currency == currency
    ]
    assert found["behind"]["total"] == len(sold)
    assert found["behind"]["of"].endswith(".int_orders_priced")
    orders = next(each for each in found["sources"] if each["dataset"] == "tickets__orders")
    counted = [each for each in orders["changes"] if each["counts"]]
    assert {each["values"]["id"] for each in counted} == {order.key for order in sold}
    assert sum(each["values"]["total"] for each in counted) == found["value"]
    for each in counted:
        assert each["topic"].endswith("tickets.orders")
        assert each["offset"] >= 0
        assert "/" in each["position"]
        assert each["run"]
    assert {run["job_name"] for run in found["runs"]} >= {
        "dbt.model.sales_by_day",
        "dbt.model.int_orders_priced",
    }
    assert found["publication"]["build"] == BUILD_ID
    assert found["cut"]


def test_a_refund_is_found_through_what_refers_to_the_order(tracer: Tracer, shop: Shop) -> None:
    refunded = next(order for order in shop.orders if order.refunds and order.status in SALE)
    key = [("sales_on", str(refunded.placed_at.date())), ("currency", refunded.currency)]
    found = tracer.trace("sales_by_day", key, "refunded_amount")
    assert isinstance(found["value"], Decimal)
    datasets = {each["dataset"] for each in found["sources"]} | set(found["unfollowed"])
    assert any(name.startswith("payments__") for name in datasets)


def test_a_row_that_is_no_aggregate_leads_to_its_own_change(tracer: Tracer, shop: Shop) -> None:
    order = shop.orders[0]
    found = tracer.trace("orders", [("order_id", str(order.key))], "total_amount")
    assert found["behind"]["total"] == 1
    (source_of,) = [each for each in found["sources"] if each["dataset"] == "tickets__orders"]
    assert {each["values"]["id"] for each in source_of["changes"]} == {order.key}


def test_a_count_is_traced_by_what_decides_about_rows(tracer: Tracer, shop: Shop) -> None:
    day, currency = a_day(shop)
    found = tracer.trace("sales_by_day", [("sales_on", day), ("currency", currency)], "orders")
    orders = next(each for each in found["sources"] if each["dataset"] == "tickets__orders")
    assert sum(each["counts"] for each in orders["changes"]) == found["value"]


def test_personal_values_are_hidden(tracer: Tracer) -> None:
    rows = tracer.rows("customers")
    personal = {c.name for c in load_contracts()["customers"].columns if c.is_personal}
    assert personal
    assert {row[name] for row in rows["rows"] for name in personal} <= {HIDDEN, None}


def test_what_cannot_be_traced_is_said(tracer: Tracer) -> None:
    for mart, key, figure in (
        ("nowhere", [("a", "b")], "x"),
        ("sales_by_day", [("sales_on", "1999-01-01"), ("currency", "EUR")], "orders"),
        ("sales_by_day", [("currency", "EUR")], "orders"),
        ("sales_by_day", [("1) OR (1", "1")], "orders"),
        ("sales_by_day", [("sales_on", "2026-01-05"), ("currency", "EUR")], "nothing"),
    ):
        with pytest.raises(TraceImpossible):
            tracer.trace(mart, key, figure)
