"""The rules also hold when two sales happen at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import psycopg
import pytest

from bilten import errors
from bilten.settings import Settings
from operational import migrate
from operational.database import connect
from operational.rules import business_rules
from tests.fixtures.postgresql import new_database
from tests.operational.shop import Shop, add, open_shop

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def settings(postgresql_server: Settings) -> Settings:
    """A database of its own: these tests commit."""
    own = new_database(postgresql_server, "operational_concurrency")
    migrate.upgrade(own)
    return own


@pytest.fixture
def shop(settings: Settings) -> Shop:
    with connect(settings) as connection:
        return open_shop(connection, capacity=5)


def at_once(settings: Settings, shop: Shop, *acts: Callable[[Shop], object]) -> list[str]:
    """Run each act in a transaction of its own connection; all have acted before the first one commits.

    An act that waits for another one's lock is let through when that one commits.
    """
    ready = Barrier(len(acts))

    def attempt(act: Callable[[Shop], object]) -> str:
        with connect(settings) as connection:
            mine = replace(shop, connection=connection)
            ready.wait(10)
            try:
                with business_rules():
                    act(mine)
                    connection.execute("SELECT pg_sleep(0.2)")
                    connection.commit()
            except errors.BusinessRuleViolated as refusal:
                return refusal.code
            return "committed"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(attempt, acts))


def test_the_last_place_is_sold_once(settings: Settings, shop: Shop) -> None:
    with connect(settings) as connection:
        mine = replace(shop, connection=connection)
        for _ in range(4):
            mine.ticket(order=mine.order(order_number=f"A-{mine.count('tickets.orders')}"))
    with connect(settings) as connection:
        mine = replace(shop, connection=connection)
        orders = [mine.order(order_number="B-1"), mine.order(order_number="B-2")]

    def buy(order: str) -> Callable[[Shop], object]:
        return lambda mine: mine.ticket(order=order)

    assert at_once(settings, shop, buy(orders[0]), buy(orders[1])) == ["committed", "oversold"]
    with connect(settings) as connection:
        row = connection.execute(
            "SELECT t.sold, count(k.id) FROM tickets.ticket_types AS t "
            "JOIN tickets.tickets AS k ON k.ticket_type_id = t.id AND k.status = 'sold' "
            "WHERE t.id = %s GROUP BY t.sold",
            [shop.type],
        ).fetchone()
    assert row == (5, 5)


def test_two_tiers_of_one_window_do_not_slip_past_each_other(settings: Settings, shop: Shop) -> None:
    def tier(mine: Shop) -> object:
        return add(
            mine.connection,
            "tickets.pricing_tiers",
            ticket_type_id=mine.type,
            name="Early",
            kind="early_bird",
            price=80,
            currency="EUR",
            valid_from="2026-01-01",
            valid_until="2026-02-01",
        )

    assert at_once(settings, shop, tier, tier) == ["committed", "overlapping-sales-window"]


def test_pricing_tiers_are_refused_where_the_check_could_not_see(settings: Settings, shop: Shop) -> None:
    with connect(settings) as connection, pytest.raises(errors.OperationalError), business_rules():
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        add(
            connection,
            "tickets.pricing_tiers",
            ticket_type_id=shop.type,
            name="Early",
            kind="group",
            price=80,
            currency="EUR",
            valid_from="2026-01-01",
            valid_until="2026-02-01",
        )


def test_two_refunds_together_stay_within_the_payment(settings: Settings, shop: Shop) -> None:
    with connect(settings) as connection:
        order, payment = replace(shop, connection=connection).payment()

    def refund(mine: Shop) -> object:
        return add(
            mine.connection,
            "payments.refunds",
            order_id=order,
            payment_id=payment,
            amount=60,
            currency="EUR",
            reason="duplicate",
        )

    assert at_once(settings, shop, refund, refund) == ["committed", "refund-exceeds-payment"]


def test_the_last_use_of_a_code_is_used_once(settings: Settings, shop: Shop) -> None:
    with connect(settings) as connection:
        code = add(
            connection,
            "tickets.discount_codes",
            organizer_id=shop.organizer,
            code="ONCE",
            kind="percentage",
            value=10,
            maximum_uses=1,
            valid_from="2020-01-01",
            valid_until="2030-01-01",
        )

    def order(number: str) -> Callable[[Shop], object]:
        return lambda mine: mine.order(order_number=number, discount_code_id=code)

    assert at_once(settings, shop, order("C-1"), order("C-2")) == ["committed", "discount-code-refused"]
