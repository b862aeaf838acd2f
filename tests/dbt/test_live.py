"""Live marts: right whatever happens to rows and in whatever order it arrives; equal to the audited ones."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bilten.contracts import load_contracts
from bilten.contracts.unchanged import unchanged_columns
from bilten.settings import Settings
from tests.dbt.changes import ChangeSource
from tests.dbt.project import Outcome, run_dbt
from tests.dbt.shop import identifier
from warehouse.client import Warehouse

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(900)]

ORDERS = 60
STEPS = 500
FIGURES = "orders, tickets, gross_amount, discount_amount, sales_amount, tax_amount, fee_amount, total_amount"
SOLD = {"confirmed", "partially_refunded", "refunded"}
Sums = dict[tuple[Any, ...], list[Any]]


class Trade:
    """Orders that are placed, changed and deleted at random, and what is sold in the end."""

    def __init__(self, source: ChangeSource) -> None:
        self.source = source
        self.random = random.Random(3)
        self.now = datetime.now(UTC) - timedelta(minutes=5)
        self.orders: dict[int, dict[str, Any]] = {}

    def step(self) -> None:
        choose, number = self.random, self.random.randrange(ORDERS)
        self.now += timedelta(milliseconds=choose.randrange(300))
        if number in self.orders and choose.random() < 0.2:
            del self.orders[number]
            for dataset in ("tickets__orders", "tickets__order_items"):
                self.source.change(dataset, "d", self.now, number, id=identifier(41, number))
            return
        operation = "u" if number in self.orders else "c"
        gross = Decimal(choose.randrange(1, 100))
        discount = gross - Decimal(choose.randrange(int(gross) + 1))
        tax, fee = Decimal("0.19"), Decimal("1.01")
        order = {
            "event_id": identifier(5, choose.randrange(3)),
            "channel": choose.choice(("web", "mobile_app")),
            "currency": "EUR",
            "status": choose.choice(("confirmed", "pending", "cancelled", "refunded")),
            "subtotal": gross,
            "discount": discount,
            "tax": tax,
            "fee": fee,
            "total": gross - discount + tax + fee,
            "placed_at": self.now - timedelta(hours=choose.choice((0, 0, 0, 24, 72))),
        }
        quantity = choose.randrange(1, 5)
        self.orders[number] = {**order, "quantity": quantity}
        key = identifier(41, number)
        self.source.change(
            "tickets__orders", operation, self.now, number, id=key, order_number=f"L{number}", **order
        )
        self.source.change(
            "tickets__order_items",
            operation,
            self.now,
            number,
            id=key,
            order_id=key,
            ticket_type_id=identifier(6, 0),
            quantity=quantity,
            unit_price=gross / quantity,
            total=gross - discount,
            discount=discount,
            currency="EUR",
        )

    def sold(self) -> Sums:
        sums: Sums = defaultdict(lambda: [0] * 8)
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        for order in self.orders.values():
            day = order["placed_at"].date()
            if order["status"] not in SOLD or day < yesterday:
                continue
            gross, discount = order["subtotal"], order["discount"]
            figures = [1, order["quantity"], gross, discount, gross - discount]
            figures += [order["tax"], order["fee"], order["total"]]
            key = (day, order["event_id"], order["channel"], order["currency"])
            sums[key] = [have + more for have, more in zip(sums[key], figures, strict=True)]
        return dict(sums)


@pytest.fixture(scope="module")
def trade(
    built: Outcome, warehouse: Warehouse, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Trade:
    """Everything arrives twice, in any order; then the live mart and a build as of now."""
    source = ChangeSource(warehouse, load_contracts())
    trade = Trade(source)
    for _ in range(STEPS):
        trade.step()
    for dataset in ("tickets__orders", "tickets__order_items"):
        source.put(dataset, source.pending(dataset))
        source.shuffle(dataset, trade.random)
    source.deliver()
    outcome = run_dbt(
        tmp_path_factory.mktemp("live"),
        *("run", "--select", "live_sales", "+int_orders_priced"),
        settings=settings,
        build="live",
    )
    assert outcome.status == 0, outcome.output
    return trade


def read(warehouse: Warehouse, query: str) -> Sums:
    return {tuple(row[:4]): list(row[4:]) for row in warehouse.query(query).rows}


def live(warehouse: Warehouse) -> Sums:
    return read(warehouse, f"SELECT sales_on, event_id, channel, currency, {FIGURES} FROM marts.live_sales")


def test_it_shows_what_is_sold_whatever_arrived_how_often(trade: Trade, warehouse: Warehouse) -> None:
    expected = trade.sold()
    assert live(warehouse) == expected
    assert len(expected) > 5
    assert len(trade.orders) < ORDERS, "some are deleted"


def test_it_equals_the_audited_figures_as_of_the_same_position(trade: Trade, warehouse: Warehouse) -> None:
    audited = read(
        warehouse,
        "SELECT ordered_on, event_id, toString(channel), currency, count(), sum(tickets), sum(gross_amount), "
        "sum(discount_amount), sum(sales_amount), sum(tax_amount), sum(fee_amount), sum(total_amount) "
        "FROM build_live.int_orders_priced WHERE is_sale AND ordered_on >= toDate32(now('UTC')) - 1 "
        "GROUP BY 1, 2, 3, 4",
    )
    assert live(warehouse) == audited


def test_a_change_shows_as_soon_as_it_has_arrived(trade: Trade, warehouse: Warehouse) -> None:
    trade.now = datetime.now(UTC)
    for _ in range(5):
        trade.step()
        trade.source.deliver()
        assert live(warehouse) == trade.sold()


def test_a_truncation_empties_it(trade: Trade, warehouse: Warehouse) -> None:
    newest = warehouse.scalar("SELECT max(_version) FROM raw.tickets__orders")
    try:
        warehouse.insert_rows("ops.truncations", ("dataset", "version"), [("tickets__orders", newest)])
        assert live(warehouse) == {}
    finally:
        warehouse.command("TRUNCATE TABLE ops.truncations")


def test_no_column_is_read_that_an_update_may_leave_out() -> None:
    contracts = load_contracts()
    read_columns = {
        "tickets__orders": "event_id channel currency status subtotal discount tax fee total placed_at",
        "tickets__order_items": "order_id quantity",
    }
    for dataset, names in read_columns.items():
        left_out = {column.name for column in unchanged_columns(contracts[dataset])}
        assert not left_out & set(names.split())
