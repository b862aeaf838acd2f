"""Marts built by the real dbt from change events, compared with figures worked out in Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bilten.contracts import Contracts, load_contracts
from bilten.settings import Settings
from orchestration.samples import with_samples
from orchestration.verdicts import dbt_verdicts
from tests.dbt.changes import ChangeSource
from tests.dbt.project import PROJECT, Outcome, run_dbt
from tests.dbt.shop import AMOUNTS, START, Order, Shop, identifier
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import free_port, make_settings
from warehouse.client import Warehouse
from warehouse.migrate import apply

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(900)]

MEASURES = [
    "orders",
    "tickets",
    *(f"{name}_amount" for name in AMOUNTS),
    *(f"{name}_amount_eur" for name in AMOUNTS),
]
LONG_AGO = START - timedelta(days=1)
ZONES = ("America/New_York", "Asia/Tokyo", "no such zone")
BUILD = ("build", "--select", "+path:models/marts")
"""The marts and what they are made of; the other tables have no part in it."""
SETTLED_TEN_MINUTES_AGO = ("--vars", json.dumps({"settling_seconds": 600}))
PAYMENT_STATUS = {"pending": "pending", "cancelled": "failed", "refunded": "refunded"}
TICKET_STATUS = {"pending": "reserved", "cancelled": "cancelled", "refunded": "refunded"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse of this module's own, with the tables that the marts are made of and nothing in them."""
    home: Path = tmp_path_factory.mktemp("marts-home")
    process = WarehouseProcess(make_settings(home, warehouse_port=free_port()))
    process.start()
    apply(process.settings, needed_contracts())
    yield process.settings
    assert process.stop() == 0


def needed_contracts() -> Contracts:
    contracts = load_contracts()
    inputs = [path.stem.removeprefix("input_") for path in (PROJECT / "models/inputs").glob("input_*.sql")]
    return Contracts({name: contracts[name] for name in inputs})


@pytest.fixture(scope="module")
def warehouse(settings: Settings) -> Iterator[Warehouse]:
    with Warehouse(settings) as client:
        yield client


@pytest.fixture(scope="module")
def source(warehouse: Warehouse) -> ChangeSource:
    return ChangeSource(warehouse, load_contracts())


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(seed=7, orders=300)


@pytest.fixture(scope="module")
def built(
    shop: Shop, source: ChangeSource, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Outcome:
    """The first build: everything arrived long before."""
    open_shop(shop, source)
    for order in shop.orders:
        sell(order, source, LONG_AGO)
    source.deliver()
    return run_dbt(tmp_path_factory.mktemp("target"), *BUILD, settings=settings, build="first")


def open_shop(shop: Shop, source: ChangeSource) -> None:
    for number in range(shop.customers):
        source.change(
            "users__users", "c", LONG_AGO, 1, id=identifier(1, number), email=f"{number}@example.org"
        )
        source.change(
            "users__user_profiles", "c", LONG_AGO, 1, id=identifier(2, number), user_id=identifier(1, number)
        )
    for number in range(shop.organizers):
        source.change(
            "users__organizers",
            "c",
            LONG_AGO,
            1,
            id=identifier(3, number),
            owner_id=identifier(1, number),
            slug=f"o{number}",
            commission_rate=Decimal("0.05"),
        )
    source.change("events__venues", "c", LONG_AGO, 1, id=identifier(4, 0))
    for number in range(shop.events):
        source.change(
            "events__events",
            "c",
            LONG_AGO,
            1,
            id=identifier(5, number),
            organizer_id=identifier(3, shop.organizer_of(number)),
            venue_id=identifier(4, 0),
            slug=f"e{number}",
            starts_at=START,
            ends_at=START + timedelta(hours=2),
            time_zone=ZONES[number % len(ZONES)],
        )
        for kind in shop.ticket_types(number):
            source.change(
                "tickets__ticket_types",
                "c",
                LONG_AGO,
                1,
                id=kind,
                event_id=identifier(5, number),
                capacity=10_000,
            )
    for number, ((currency, day), rate) in enumerate(shop.rates.items()):
        source.change(
            "financial__exchange_rates",
            "c",
            LONG_AGO,
            1,
            id=identifier(7, number),
            base_currency=currency,
            quote_currency="EUR",
            rate=rate,
            valid_on=day,
        )


def put_order(order: Order, source: ChangeSource, operation: str, at: datetime, status: str) -> None:
    source.change(
        "tickets__orders",
        operation,
        at,
        order.number,
        id=order.key,
        order_number=f"N{order.number}",
        event_id=identifier(5, order.event),
        buyer_id=order.buyer,
        status=status,
        channel="web",
        currency=order.currency,
        subtotal=order.gross,
        discount=order.discount,
        tax=order.tax,
        fee=order.fee,
        total=order.total,
        placed_at=order.placed_at,
        confirmed_at=order.placed_at,
        cancelled_at=order.placed_at if status == "cancelled" else None,
    )


def sell(order: Order, source: ChangeSource, at: datetime) -> None:
    """The changes of one purchase."""
    put_order(order, source, "c", at, order.status)
    ticket = order.number * 100
    for line in order.lines:
        source.change(
            "tickets__order_items",
            "c",
            at,
            order.number,
            id=line.key,
            order_id=order.key,
            ticket_type_id=line.ticket_type,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            total=line.gross - line.discount,
            currency=order.currency,
        )
        for _ in range(line.quantity):
            ticket += 1
            source.change(
                "tickets__tickets",
                "c",
                at,
                order.number,
                id=identifier(10, ticket),
                ticket_number=f"T{ticket}",
                qr_code=f"Q{ticket}",
                event_id=identifier(5, order.event),
                ticket_type_id=line.ticket_type,
                order_id=order.key,
                order_item_id=line.key,
                status=TICKET_STATUS.get(order.status, "sold"),
                price=line.unit_price,
                currency=order.currency,
            )
    pay(order, source, "c", at, PAYMENT_STATUS.get(order.status, "completed"))
    for number, (status, amount) in enumerate(order.refunds):
        give_back(order, source, at, number, status, amount)


def pay(order: Order, source: ChangeSource, operation: str, at: datetime, status: str) -> None:
    source.change(
        "payments__payments",
        operation,
        at,
        order.number,
        id=identifier(11, order.number),
        order_id=order.key,
        provider_intent=f"I{order.number}",
        status=status,
        amount=order.total,
        fee=Decimal("0.00"),
        refunded_amount=order.refunded,
        currency=order.currency,
        completed_at=at,
    )


def give_back(
    order: Order, source: ChangeSource, at: datetime, number: int, status: str, amount: Decimal
) -> None:
    source.change(
        "payments__refunds",
        "c",
        at,
        order.number,
        id=identifier(12, order.number * 10 + number),
        payment_id=identifier(11, order.number),
        order_id=order.key,
        status=status,
        amount=amount,
        currency=order.currency,
        completed_at=at if status == "completed" else None,
    )


def read(warehouse: Warehouse, mart: str, keys: list[str], measures: list[str], build: str = "first") -> Any:
    rows = warehouse.query(f"SELECT {', '.join(keys + measures)} FROM build_{build}.{mart}").rows
    return {tuple(row[: len(keys)]): dict(zip(measures, row[len(keys) :], strict=True)) for row in rows}


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
        "orders__order_total",
        "orders__sale_is_paid",
        "sales_by_day__sales_by_day_total",
    } <= outcome.broken
    verdicts = dbt_verdicts(outcome.manifest, outcome.run_results, "broken", "")
    sampled = {
        verdict.check_id.split(".")[2]: verdict
        for verdict in with_samples(warehouse, load_contracts(), outcome.run_results, verdicts)
    }
    total = sampled["orders__order_total"]
    assert (total.outcome, total.failing_rows) == ("failed", 1)
    (sample,) = total.samples
    assert sample["order_id"] == str(wrong.key)
    assert sample["total_amount"] == str(wrong.total + 1)
    assert "customer_id" not in sample
