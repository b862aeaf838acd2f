"""A small random ticket shop, and its figures worked out in plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

CENT = Decimal("0.01")
START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 21
CURRENCIES = ("EUR", "USD", "TRY")
CHANNELS = ("web", "mobile_app", "box_office")
SALE = {"confirmed", "partially_refunded", "refunded"}
AMOUNTS = ("gross", "discount", "sales", "tax", "fee", "total", "refunded", "net")

Figures = dict[str, Decimal | int]


def identifier(kind: int, number: int) -> UUID:
    return UUID(int=(0x0190 << 112) | (kind << 80) | (0x7 << 76) | (0x8 << 60) | number)


def euros(amount: Decimal, rate: Decimal) -> Decimal:
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)


@dataclass
class Line:
    key: UUID
    ticket_type: UUID
    quantity: int
    unit_price: Decimal
    discount: Decimal

    @property
    def gross(self) -> Decimal:
        return self.quantity * self.unit_price


@dataclass
class Order:
    key: UUID
    number: int
    event: int
    buyer: UUID | None
    status: str
    currency: str
    placed_at: datetime
    tax: Decimal
    fee: Decimal
    lines: list[Line]
    refunds: list[tuple[str, Decimal]] = field(default_factory=list)

    @property
    def channel(self) -> str:
        return CHANNELS[self.number % len(CHANNELS)]

    @property
    def code(self) -> UUID | None:
        """The discount code; every event has one."""
        return identifier(13, self.event) if self.discount else None

    @property
    def gross(self) -> Decimal:
        return sum((line.gross for line in self.lines), Decimal(0))

    @property
    def discount(self) -> Decimal:
        return sum((line.discount for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.gross - self.discount + self.tax + self.fee

    @property
    def refunded(self) -> Decimal:
        return sum((amount for status, amount in self.refunds if status == "completed"), Decimal(0))

    @property
    def tickets(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_sale(self) -> bool:
        return self.status in SALE


class Shop:
    """Rates, events and orders, the same for the same seed."""

    def __init__(self, seed: int, orders: int) -> None:
        self.random = random.Random(seed)
        # No quotations at weekends: Friday's holds.
        days = [START.date() - timedelta(days=4) + timedelta(days=day) for day in range(DAYS + 5)]
        self.rates = {
            (currency, day): Decimal(self.random.randrange(1_000_000, 110_000_000)).scaleb(-8)
            for currency in CURRENCIES[1:]
            for day in days
            if day.weekday() < 5
        }
        self.events = 6
        self.organizers = 3
        self.customers = 15
        self.orders = [self._order(number) for number in range(orders)]

    def organizer_of(self, event: int) -> int:
        return event % self.organizers

    def ticket_types(self, event: int) -> list[UUID]:
        return [identifier(6, event * 10 + number) for number in range(3)]

    def rate(self, order: Order) -> Decimal:
        if order.currency == "EUR":
            return Decimal(1)
        day: date = order.placed_at.date()
        return self.rates[(order.currency, max(d for c, d in self.rates if c == order.currency and d <= day))]

    def _order(self, number: int) -> Order:
        choose = self.random
        event = choose.randrange(self.events)
        lines = []
        for position, kind in enumerate(choose.sample(self.ticket_types(event), choose.randint(1, 3))):
            price = Decimal(choose.randrange(0, 20_000)).scaleb(-2)
            quantity = choose.randint(1, 4)
            discount = choose.choice([Decimal(0), (quantity * price * Decimal("0.15")).quantize(CENT)])
            lines.append(Line(identifier(9, number * 10 + position), kind, quantity, price, discount))
        sales = sum((line.gross - line.discount for line in lines), Decimal(0))
        order = Order(
            key=identifier(8, number),
            number=number,
            event=event,
            buyer=choose.choice([None, identifier(1, choose.randrange(self.customers))]),
            status=choose.choices(
                ["confirmed", "pending", "cancelled", "partially_refunded", "refunded"], [6, 1, 1, 2, 2]
            )[0],
            currency=CURRENCIES[event % 3],
            placed_at=START + timedelta(seconds=choose.randrange(DAYS * 86_400)),
            tax=(sales * Decimal("0.19")).quantize(CENT),
            fee=Decimal(choose.randrange(1, 500)).scaleb(-2),
            lines=lines,
        )
        if order.status == "partially_refunded":
            part = (order.total / 3).quantize(CENT)
            order.refunds = [("completed", part), ("failed", part), ("completed", CENT)]
        elif order.status == "refunded":
            part = (order.total / 2).quantize(CENT)
            order.refunds = [("completed", part), ("completed", order.total - part)]
        return order

    def figures(self, order: Order) -> Figures:
        """The amounts of one order, in its currency and in euros."""
        rate = self.rate(order)
        total, tax, fee = euros(order.total, rate), euros(order.tax, rate), euros(order.fee, rate)
        discount, refunded = euros(order.discount, rate), euros(order.refunded, rate)
        sales = total - tax - fee
        return {
            "orders": 1,
            "tickets": order.tickets,
            "gross_amount": order.gross,
            "discount_amount": order.discount,
            "sales_amount": order.gross - order.discount,
            "tax_amount": order.tax,
            "fee_amount": order.fee,
            "total_amount": order.total,
            "refunded_amount": order.refunded,
            "net_amount": order.total - order.refunded,
            "gross_amount_eur": sales + discount,
            "discount_amount_eur": discount,
            "sales_amount_eur": sales,
            "tax_amount_eur": tax,
            "fee_amount_eur": fee,
            "total_amount_eur": total,
            "refunded_amount_eur": refunded,
            "net_amount_eur": total - refunded,
        }

    def sales_by(self, key: str) -> dict[tuple[object, str], Figures]:
        """Sums over paid orders by ``day``, ``event`` or ``organizer``, and currency."""
        sums: dict[tuple[object, str], Figures] = defaultdict(dict)
        for order in self.orders:
            if not order.is_sale:
                continue
            group: Mapping[str, object] = {
                "day": order.placed_at.date(),
                "event": identifier(5, order.event),
                "organizer": identifier(3, self.organizer_of(order.event)),
            }
            into = sums[(group[key], order.currency)]
            for name, amount in self.figures(order).items():
                into[name] = into.get(name, 0) + amount
        return dict(sums)

    def sales_of_ticket_types(self) -> dict[tuple[object, str], Figures]:
        """Sums over lines of paid orders; euros of lines only as a whole, for they are shared."""
        sums: dict[tuple[object, str], Figures] = defaultdict(
            lambda: {"tickets": 0, "gross_amount": Decimal(0), "discount_amount": Decimal(0)}
        )
        for order in self.orders:
            for line in order.lines if order.is_sale else ():
                into = sums[(line.ticket_type, order.currency)]
                into["tickets"] += line.quantity
                into["gross_amount"] += line.gross
                into["discount_amount"] += line.discount
        return dict(sums)

    def in_euros(self, orders: Iterable[Order]) -> tuple[int, Decimal, Decimal]:
        """How many of these were paid, their total and their net, in euros."""
        paid = [self.figures(order) for order in orders if order.is_sale]
        return (
            len(paid),
            sum((Decimal(each["total_amount_eur"]) for each in paid), Decimal(0)),
            sum((Decimal(each["net_amount_eur"]) for each in paid), Decimal(0)),
        )
