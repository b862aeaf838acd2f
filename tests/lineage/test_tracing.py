"""A figure of a real build leads back to exactly the changes that make it up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from openlineage.client.event_v2 import JobEvent, RunEvent

from archives.append import append
from archives.catalog import open_catalog
from bilten.contracts import load_contracts
from bilten.errors import ReadingRefused, TraceImpossible
from bilten.settings import Settings
from lineage.dbt import Invocation, columns_of, events_of
from lineage.events import as_json, declared, reported
from lineage.library import Library
from lineage.names import Names
from lineage.producers import ArchiveReceipt, LoadWindow, OffsetRange, archive, load, load_design
from lineage.runs import Engine
from lineage.tracing import Tracer
from lineage.visibility import HIDDEN
from tests.dbt.attention import Attention, draw_attention
from tests.dbt.changes import ChangeSource
from tests.dbt.conftest import settings, source, warehouse
from tests.dbt.project import BUILD, run_dbt
from tests.dbt.selling import LONG_AGO, open_shop, sell
from tests.dbt.shop import SALE, Shop
from tests.lineage.test_store import deliver
from warehouse.access.identity import Reader
from warehouse.client import Warehouse
from warehouse.ledger import StoredPosition
from warehouse.lineage_history import LineageHistory
from warehouse.lineage_store import LineageStore

__all__ = ["settings", "source", "warehouse"]
pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(900)]
BUILD_ID = "20260401T000000_abcd1234"
PLATFORM = Reader("bilten", is_platform=True)
AUDITOR, ANALYST, MARKETING = (Reader(role, (role,)) for role in ("auditor", "analyst", "marketing"))


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
    orders = contracts["tickets__orders"]
    ends = [StoredPosition(orders.topic("ticketing"), 0, 10**6, "a topic")]
    with open_catalog(settings) as catalog:
        appended = append(catalog, warehouse, orders, ends)
    receipt = ArchiveReceipt(appended.location, str(appended.snapshot_id), appended.rows)
    archived = archive(names, orders, receipt, at=LONG_AGO, engine=Engine("PyIceberg", "0.12"))
    window = LoadWindow(
        LONG_AGO, LONG_AGO + timedelta(minutes=1), (OffsetRange(0, 0, 10**6),), 60, 1, 1, "loader"
    )
    loaded = load(names, contracts["tickets__orders"], window, engine=Engine("Bilten", "1"))
    events: list[RunEvent | JobEvent] = [
        *(declared(load_design(names, each), LONG_AGO) for each in contracts.sources()),
        *reported(loaded, window.begun, window.ended),
        *reported(archived, LONG_AGO, LONG_AGO),
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
    found = tracer.trace(
        "sales_by_day", [("sales_on", day), ("currency", currency)], "total_amount", PLATFORM
    )
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
    found = tracer.trace("sales_by_day", key, "refunded_amount", PLATFORM)
    assert isinstance(found["value"], Decimal)
    datasets = {each["dataset"] for each in found["sources"]} | set(found["unfollowed"])
    assert any(name.startswith("payments__") for name in datasets)


def test_a_row_that_is_no_aggregate_leads_to_its_own_change(tracer: Tracer, shop: Shop) -> None:
    order = shop.orders[0]
    found = tracer.trace("orders", [("order_id", str(order.key))], "total_amount", PLATFORM)
    assert found["behind"]["total"] == 1
    (source_of,) = [each for each in found["sources"] if each["dataset"] == "tickets__orders"]
    assert {each["values"]["id"] for each in source_of["changes"]} == {order.key}


def test_a_count_is_traced_by_what_decides_about_rows(tracer: Tracer, shop: Shop) -> None:
    day, currency = a_day(shop)
    found = tracer.trace("sales_by_day", [("sales_on", day), ("currency", currency)], "orders", PLATFORM)
    orders = next(each for each in found["sources"] if each["dataset"] == "tickets__orders")
    assert sum(each["counts"] for each in orders["changes"]) == found["value"]


def test_values_are_shown_to_those_whom_contracts_name(tracer: Tracer, shop: Shop) -> None:
    order = next(each for each in shop.orders if each.buyer)
    key = [("order_id", str(order.key))]
    seen = tracer.trace("orders", key, "customer_id", AUDITOR)
    assert str(seen["value"]) == str(order.buyer)
    assert {str(row["customer_id"]) for row in seen["behind"]["rows"]} == {str(order.buyer)}
    covered = tracer.trace("orders", key, "customer_id", ANALYST)
    assert covered["value"] == HIDDEN
    assert {row["customer_id"] for row in covered["behind"]["rows"]} == {HIDDEN}
    assert covered["behind"]["rows"][0]["total_amount"] == seen["behind"]["rows"][0]["total_amount"]
    assert {row["customer_id"] for row in tracer.rows("customers", ANALYST)["rows"]} == {HIDDEN}
    # Nobody asks by what they may not see.
    with pytest.raises(TraceImpossible, match="does not name a row"):
        tracer.trace("customers", [("customer_id", str(order.buyer))], "country", ANALYST)


def test_rows_are_shown_to_nobody_whom_no_contract_names(tracer: Tracer, shop: Shop) -> None:
    day, currency = a_day(shop)
    key = [("sales_on", day), ("currency", currency)]
    with pytest.raises(ReadingRefused, match="may not see rows of sales_by_day"):
        tracer.trace("sales_by_day", key, "total_amount", MARKETING)
    with pytest.raises(ReadingRefused):
        tracer.rows("sales_by_day", MARKETING)


def test_changes_are_compared_with_their_copies_in_bronze(tracer: Tracer, shop: Shop) -> None:
    day, currency = a_day(shop)
    found = tracer.trace("sales_by_day", [("sales_on", day), ("currency", currency)], "total_amount", AUDITOR)
    orders = next(each for each in found["sources"] if each["dataset"] == "tickets__orders")
    assert orders["archive"]["snapshot"]
    assert orders["archive"]["error"] is None
    assert {each["archived"] for each in orders["changes"]} == {"same"}


def test_a_pasted_query_leads_to_the_rows_and_figures_it_shows(tracer: Tracer, shop: Shop) -> None:
    day, currency = a_day(shop)
    sql = (
        f"SELECT currency, sum(total_amount) AS revenue FROM marts.sales_by_day "
        f"WHERE sales_on >= '{day}' AND sales_on < toDate('{day}') + 1 AND currency = '{currency}' "
        "GROUP BY currency"
    )
    found = tracer.asked(sql.replace(" + 1", "").replace("<", "<="), AUDITOR)
    assert found["figures"] == [
        {"name": "currency", "columns": ["currency"]},
        {"name": "revenue", "columns": ["total_amount"]},
    ]
    (row,) = found["rows"]
    assert (str(row["sales_on"]), row["currency"], found["total"]) == (day, currency, 1)
    with pytest.raises(TraceImpossible):
        tracer.asked(sql, AUDITOR)


def test_what_cannot_be_traced_is_said(tracer: Tracer) -> None:
    for mart, key, figure in (
        ("nowhere", [("a", "b")], "x"),
        ("sales_by_day", [("sales_on", "1999-01-01"), ("currency", "EUR")], "orders"),
        ("sales_by_day", [("currency", "EUR")], "orders"),
        ("sales_by_day", [("1) OR (1", "1")], "orders"),
        ("sales_by_day", [("sales_on", "2026-01-05"), ("currency", "EUR")], "nothing"),
    ):
        with pytest.raises(TraceImpossible):
            tracer.trace(mart, key, figure, PLATFORM)
