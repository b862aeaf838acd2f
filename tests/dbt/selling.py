"""The small shop's rows as changes of the operational tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from tests.dbt.changes import ChangeSource
from tests.dbt.shop import START, Order, Shop, identifier

LONG_AGO = START - timedelta(days=1)
ZONES = ("America/New_York", "Asia/Tokyo", "no such zone")
"""Of the events, by turns; a zone that does not exist is UTC."""
PAYMENT_STATUS = {"pending": "pending", "cancelled": "failed", "refunded": "refunded"}
TICKET_STATUS = {"pending": "reserved", "cancelled": "cancelled", "refunded": "refunded"}


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
                price=Decimal("7.00"),
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
        channel=order.channel,
        currency=order.currency,
        subtotal=order.gross,
        discount=order.discount,
        tax=order.tax,
        fee=order.fee,
        total=order.total,
        discount_code_id=order.code,
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
