"""What happens around the small shop's sales: looks, carts, admissions, disputes, payouts, new prices."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.dbt.changes import ChangeSource
from tests.dbt.selling import LONG_AGO, ZONES
from tests.dbt.shop import CENT, CHANNELS, DAYS, START, Order, Shop, identifier

COMMISSION = Decimal("0.05")
MONTH = date(2026, 1, 1)
FIRST_LOOK = START + timedelta(days=8)
NEW_PRICE_AT = START + timedelta(days=5)


def local(moment: datetime, event: int) -> datetime:
    """A moment by the clocks of an event."""
    zone = ZONES[event % len(ZONES)]
    return moment.astimezone(ZoneInfo(zone if "/" in zone else "UTC")).replace(tzinfo=None)


@dataclass(frozen=True)
class Look:
    event: int
    visitor: int
    at: datetime
    channel: str
    device: str


@dataclass(frozen=True)
class Basket:
    key: UUID
    event: int
    opened_at: datetime
    order: Order | None


class Attention:
    """The same for the same shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        choose = random.Random(17)
        self.looks = [
            Look(
                choose.randrange(shop.events),
                choose.randrange(12),
                FIRST_LOOK + timedelta(seconds=choose.randrange((DAYS - 9) * 86_400)),
                choose.choice(CHANNELS[:2]),
                choose.choice(("desktop", "mobile")),
            )
            for _ in range(400)
        ]
        recent = [order for order in shop.orders if order.placed_at > FIRST_LOOK]
        self.baskets = [
            Basket(
                identifier(21, order.number),
                order.event,
                order.placed_at - timedelta(minutes=choose.randrange(90)),
                order,
            )
            for order in recent[::2]
        ] + [
            Basket(
                identifier(22, number),
                choose.randrange(shop.events),
                FIRST_LOOK + timedelta(seconds=choose.randrange(900_000)),
                None,
            )
            for number in range(40)
        ]
        self.disputed = [order for order in shop.orders if order.is_sale and order.number % 13 == 0]
        self.tried_before = [order for order in shop.orders if order.number % 11 == 0]
        self.admitted = [
            (
                ticket,
                order,
                START + timedelta(minutes=choose.randrange(-40, 20), seconds=choose.randrange(60)),
                choose.choice(("North", "South")),
            )
            for ticket, order in sold_tickets(shop)
            if ticket % 3
        ]

    def payouts(self) -> Iterator[tuple[int, str, Decimal, Decimal, Decimal, str]]:
        """Organizer, currency, sales, refunds, commission, status: one right, one a cent off, one missing."""
        for (organizer, currency), (sales, refunds, commission) in sorted(self.due().items()):
            if organizer == 0:
                yield organizer, currency, sales, refunds, commission, "paid"
            elif organizer == 1:
                yield organizer, currency, sales + CENT, refunds, commission, "pending"

    def due(self) -> dict[tuple[int, str], tuple[Decimal, Decimal, Decimal]]:
        """Sales, refunds borne, and commission of each organizer and currency in January."""
        events: dict[int, list[Order]] = {}
        for order in self.shop.orders:
            events.setdefault(order.event, []).append(order)
        sums: dict[tuple[int, str], tuple[Decimal, Decimal, Decimal]] = {}
        for event, orders in events.items():
            sales = sum((order.gross - order.discount for order in orders if order.is_sale), Decimal(0))
            refunds = sum((borne(order) for order in orders), Decimal(0))
            commission = (sales * COMMISSION + CENT / 2).quantize(CENT, ROUND_FLOOR)
            key = (self.shop.organizer_of(event), orders[0].currency)
            before = sums.get(key, (Decimal(0), Decimal(0), Decimal(0)))
            sums[key] = (before[0] + sales, before[1] + refunds, before[2] + commission)
        return sums


def borne(order: Order) -> Decimal:
    """What the organizer bears of an order's refunds."""
    if not order.refunded:
        return Decimal(0)
    return ((order.gross - order.discount) * order.refunded / order.total).quantize(CENT, ROUND_FLOOR)


def sold_tickets(shop: Shop) -> Iterator[tuple[int, Order]]:
    """Numbers of the tickets that are sold and valid."""
    for order in shop.orders:
        if order.status in {"confirmed", "partially_refunded"}:
            for number in range(1, order.tickets + 1):
                yield order.number * 100 + number, order


def draw_attention(attention: Attention, source: ChangeSource) -> None:
    """All of it as changes."""
    for number, look in enumerate(attention.looks):
        source.change(
            "events__page_views",
            "c",
            LONG_AGO,
            1,
            id=identifier(20, number),
            event_id=identifier(5, look.event),
            visitor_id=identifier(23, look.visitor),
            channel=look.channel,
            device=look.device,
            viewed_at=look.at,
        )
    for basket in attention.baskets:
        source.change(
            "events__carts",
            "c",
            LONG_AGO,
            1,
            id=basket.key,
            event_id=identifier(5, basket.event),
            status="converted" if basket.order else "abandoned",
            converted_order_id=basket.order.key if basket.order else None,
            created_at=basket.opened_at,
        )
    for event in range(attention.shop.events):
        source.change(
            "tickets__discount_codes",
            "c",
            LONG_AGO,
            1,
            id=identifier(13, event),
            organizer_id=identifier(3, attention.shop.organizer_of(event)),
            event_id=identifier(5, event),
            code=f"SAVE{event}",
            kind="percentage",
            value=Decimal("15.00"),
        )
    for order in attention.disputed:
        source.change(
            "payments__disputes",
            "c",
            LONG_AGO,
            1,
            id=identifier(14, order.number),
            payment_id=identifier(11, order.number),
            order_id=order.key,
            status="lost" if order.number % 2 else "open",
            amount=order.total,
            currency=order.currency,
        )
    for order in attention.tried_before:
        source.change(
            "payments__payments",
            "c",
            LONG_AGO,
            order.number,
            id=identifier(15, order.number),
            order_id=order.key,
            provider_intent=f"F{order.number}",
            status="failed",
            amount=order.total,
            fee=Decimal("0.00"),
            refunded_amount=Decimal("0.00"),
            currency=order.currency,
        )
    for ticket, order, at, gate in attention.admitted:
        source.change(
            "tickets__check_ins",
            "c",
            LONG_AGO,
            1,
            id=identifier(16, ticket),
            ticket_id=identifier(10, ticket),
            event_id=identifier(5, order.event),
            gate=gate,
            checked_in_at=at,
        )
    for organizer, currency, sales, refunds, commission, status in attention.payouts():
        number = organizer * 10 + ("EUR", "USD", "TRY").index(currency)
        source.change(
            "financial__payouts",
            "c",
            LONG_AGO,
            1,
            id=identifier(17, number),
            organizer_id=identifier(3, organizer),
            period_start=MONTH,
            period_end=date(2026, 1, 31),
            status=status,
            currency=currency,
            gross=sales,
            refunds=refunds,
            commission=commission,
            amount=sales - refunds - commission,
            reference=f"R{number}",
            paid_at=LONG_AGO if status == "paid" else None,
        )
    _change_prices(attention.shop, source)


def _change_prices(shop: Shop, source: ChangeSource) -> None:
    """The first type of every event costs 7 at first; one transaction then asks 8 and at last 9."""
    for event in range(shop.events):
        for price in ("8.00", "9.00"):
            source.change(
                "tickets__ticket_types",
                "u",
                NEW_PRICE_AT,
                2,
                id=shop.ticket_types(event)[0],
                event_id=identifier(5, event),
                capacity=10_000,
                price=Decimal(price),
            )
