"""Marts built by the real dbt from change events, compared with figures worked out in Python."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bilten.contracts import load_contracts
from bilten.settings import Settings
from orchestration.samples import with_samples
from orchestration.verdicts import dbt_verdicts
from tests.dbt.changes import ChangeSource
from tests.dbt.project import BUILD, SETTLED_TEN_MINUTES_AGO, Outcome, read, run_dbt
from tests.dbt.selling import LONG_AGO, give_back, put_order, sell
from tests.dbt.shop import AMOUNTS, Order, Shop, identifier
from warehouse.client import Warehouse

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(900)]

MEASURES = [
    "orders",
    "tickets",
    *(f"{name}_amount" for name in AMOUNTS),
    *(f"{name}_amount_eur" for name in AMOUNTS),
]


def test_every_test_of_the_build_passes(built: Outcome) -> None:
    assert built.status == 0, built.output
    assert not built.broken


@pytest.mark.parametrize(
    ("mart", "key", "by"),
    [
        ("sales_by_day", "sales_on", "day"),
        ("sales_by_event", "event_id", "event"),
        ("sales_by_organizer", "organizer_id", "organizer"),
    ],
)
def test_sales_equal_to_the_cent(
    built: Outcome, warehouse: Warehouse, shop: Shop, mart: str, key: str, by: str
) -> None:
    assert read(warehouse, mart, [key, "currency"], MEASURES) == shop.sales_by(by)


def test_sales_of_ticket_types(built: Outcome, warehouse: Warehouse, shop: Shop) -> None:
    found = read(
        warehouse,
        "sales_by_ticket_type",
        ["ticket_type_id", "currency"],
        ["tickets", "gross_amount", "discount_amount"],
    )
    assert found == shop.sales_of_ticket_types()
    shared = warehouse.scalar("SELECT sum(sales_amount_eur) FROM build_first.sales_by_ticket_type")
    assert shared == sum(
        Decimal(shop.figures(order)["sales_amount_eur"]) for order in shop.orders if order.is_sale
    )


def test_every_order_is_there_with_its_amounts(built: Outcome, warehouse: Warehouse, shop: Shop) -> None:
    names = [name for name in MEASURES if name != "orders"]
    found = read(warehouse, "orders", ["order_id"], ["is_sale", *names])
    assert found == {
        (order.key,): {
            "is_sale": order.is_sale,
            **{name: amount for name, amount in shop.figures(order).items() if name != "orders"},
        }
        for order in shop.orders
    }


def test_customers_organizers_and_events_in_euros(built: Outcome, warehouse: Warehouse, shop: Shop) -> None:
    names = ["orders", "total_amount_eur", "net_amount_eur"]
    groups: dict[tuple[str, str], dict[object, list[Order]]] = {
        ("customers", "customer_id"): {identifier(1, n): [] for n in range(shop.customers)},
        ("organizers", "organizer_id"): {identifier(3, n): [] for n in range(shop.organizers)},
        ("events", "event_id"): {identifier(5, n): [] for n in range(shop.events)},
    }
    for order in shop.orders:
        if order.buyer is not None:
            groups["customers", "customer_id"][order.buyer].append(order)
        groups["organizers", "organizer_id"][identifier(3, shop.organizer_of(order.event))].append(order)
        groups["events", "event_id"][identifier(5, order.event)].append(order)
    for (mart, key), members in groups.items():
        assert read(warehouse, mart, [key], names) == {
            (member,): dict(zip(names, shop.in_euros(orders), strict=True))
            for member, orders in members.items()
        }, mart


def test_payments_and_refunds_add_up(built: Outcome, warehouse: Warehouse, shop: Shop) -> None:
    received = sum(order.total for order in shop.orders if order.is_sale)
    given_back = sum(order.refunded for order in shop.orders)
    row = warehouse.query(
        "SELECT sumIf(amount, is_received), sum(refunded_amount), sum(net_amount) FROM build_first.payments"
    ).rows[0]
    assert tuple(row) == (received, given_back, received - given_back)
    assert warehouse.scalar("SELECT sumIf(amount, is_completed) FROM build_first.refunds") == given_back


def test_a_build_is_one_state_of_a_source_that_moves_on(
    built: Outcome,
    shop: Shop,
    source: ChangeSource,
    warehouse: Warehouse,
    settings: Settings,
    tmp_path: Path,
) -> None:
    """Half a transaction has arrived, rows were changed and deleted a moment ago: none of it shows."""
    now = datetime.now(UTC)
    torn = Shop(seed=8, orders=400).orders[-1]
    sell(torn, source, now)
    source.deliver("tickets__orders", "tickets__tickets")
    refunded = next(order for order in shop.orders if order.status == "confirmed" and order.total > 0)
    put_order(refunded, source, "u", now, "refunded")
    give_back(refunded, source, now, 0, "completed", refunded.total)
    gone = next(order for order in shop.orders if order.status == "pending")
    source.change("tickets__orders", "d", now, gone.number, id=gone.key)
    source.deliver("tickets__orders")
    outcome = run_dbt(
        tmp_path,
        *BUILD,
        *SETTLED_TEN_MINUTES_AGO,
        settings=settings,
        build="moving",
    )
    assert outcome.status == 0, outcome.output
    keys = ["sales_on", "currency"]
    assert read(warehouse, "sales_by_day", keys, MEASURES, "moving") == shop.sales_by("day")
    assert warehouse.scalar("SELECT count() FROM build_moving.orders") == len(shop.orders)


def test_a_broken_batch_breaks_the_rules_by_name(
    built: Outcome,
    source: ChangeSource,
    warehouse: Warehouse,
    settings: Settings,
    tmp_path: Path,
) -> None:
    """Wrong money in the source: dbt fails, and names each rule that it breaks."""
    source.deliver()
    wrong = Shop(seed=9, orders=500).orders[-1]
    wrong.status = "confirmed"
    sell(wrong, source, LONG_AGO)
    source.change(
        "tickets__orders",
        "u",
        LONG_AGO,
        wrong.number,
        id=wrong.key,
        order_number=f"N{wrong.number}",
        event_id=identifier(5, wrong.event),
        status="confirmed",
        currency=wrong.currency,
        subtotal=wrong.gross,
        discount=wrong.discount,
        tax=wrong.tax,
        fee=wrong.fee,
        total=wrong.total + 1,
        buyer_id=identifier(1, 0),
        placed_at=wrong.placed_at,
        confirmed_at=wrong.placed_at,
    )
    source.deliver()
    outcome = run_dbt(
        tmp_path,
        *BUILD,
        *SETTLED_TEN_MINUTES_AGO,
        settings=settings,
        build="broken",
    )
    assert outcome.status == 1
    assert {
        "orders__rows_hold",
        "sales_by_day__rows_hold",
    } <= outcome.broken
    verdicts = dbt_verdicts(outcome.manifest, outcome.run_results, "broken", "")
    sampled = {
        verdict.check_id.split(".")[2]: verdict
        for verdict in with_samples(warehouse, load_contracts(), outcome.run_results, verdicts)
    }
    total = sampled["orders__rows_hold"]
    assert (total.outcome, total.failing_rows) == ("failed", 1)
    (sample,) = total.samples
    assert sample["order_id"] == str(wrong.key)
    assert sample["total_amount"] == str(wrong.total + 1)
    assert {"order_total", "sale_is_paid"} <= set(re.findall(r"\w+", str(sample["broken_rules"])))
    assert "customer_id" not in sample
