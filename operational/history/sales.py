"""Orders, their items, tickets, payments and refunds, as arrays that agree with each other to the cent.

The identities are those of `operational.pricing`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from operational import vocabulary as words
from operational.history.catalogue import NEVER, Events
from operational.history.columns import (
    DAY,
    HOUR,
    SECOND,
    Booleans,
    Integers,
    Keys,
    picked,
)
from operational.history.offers import Offers
from operational.history.people import Organizers, People
from operational.pricing import service_fee, share

CONFIRMED, CANCELLED, REFUNDED, PARTIALLY_REFUNDED = range(4)
OUTCOMES = ("confirmed", "cancelled", "refunded", "partially_refunded")
SOLD, TICKET_CANCELLED, TICKET_REFUNDED = range(3)
TICKET_STATUSES = ("sold", "cancelled", "refunded")


@dataclass(frozen=True)
class Orders:
    """Orders by the time they were placed. Money is in cents, times in microseconds.

    Attributes:
        buyer: number of the person; guests are past the accounts.
        outcome: code in `OUTCOMES`.
        code: number of the discount code, or -1.
        settled: when it was confirmed or cancelled.
        refunded: when money was given back, or `NEVER`.
        refund: how much was given back.
        by_event: whether the refund is due to the cancellation of the event.
    """

    keys: Keys
    event: Integers
    buyer: Integers
    outcome: Integers
    channel: Integers
    code: Integers
    subtotal: Integers
    discount: Integers
    tax: Integers
    fee: Integers
    total: Integers
    tickets: Integers
    placed: Integers
    settled: Integers
    refunded: Integers
    refund: Integers
    by_event: Booleans

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Items:
    """Items in the order of their orders."""

    keys: Keys
    order: Integers
    type: Integers
    early: Booleans
    quantity: Integers
    unit_price: Integers
    discount: Integers


@dataclass(frozen=True)
class Tickets:
    """Tickets in the order of their items; ``status`` is a code in `TICKET_STATUSES`."""

    keys: Keys
    item: Integers
    status: Integers


@dataclass(frozen=True)
class Sales:
    """All that was sold."""

    orders: Orders
    items: Items
    tickets: Tickets

    def sold(self, types: int) -> Integers:
        """Tickets sold of each of so many types."""
        sold = self.items.type[self.tickets.item[self.tickets.status == SOLD]]
        return np.bincount(sold, minlength=types).astype(np.int64)

    def uses(self, codes: int) -> Integers:
        """Orders placed with each of so many discount codes."""
        return np.bincount(self.orders.code[self.orders.code >= 0], minlength=codes).astype(np.int64)


def make_sales(
    random: np.random.Generator,
    people: People,
    organizers: Organizers,
    events: Events,
    offers: Offers,
    count: int,
    end: int,
) -> Sales:
    """Draw so many orders and what belongs to them.

    Args:
        random: the source of chance.
        people: who buys.
        organizers: whose plan decides the fees.
        events: what is bought.
        offers: at which prices.
        count: number of orders.
        end: end of the history, microseconds.
    """
    event, placed = _moments(random, events, count, end)
    code = np.where(random.random(count) < 0.16, offers.code_of_event[event], -1)
    items = _items(random, offers, event, placed, code)

    def per_order(values: Integers) -> Integers:
        return np.bincount(items.order, weights=values, minlength=count).astype(np.int64)

    subtotal = per_order(items.quantity * items.unit_price)
    discount = per_order(items.discount)
    tickets = per_order(items.quantity)
    net = subtotal - discount
    taxes = np.array([words.TAX_BASIS_POINTS[country] for country in words.COUNTRIES], dtype=np.int64)
    fees = np.array([words.FEE_BASIS_POINTS[tier] for tier in words.TIERS], dtype=np.int64)
    fixed = np.array([words.FEE_FIXED_CENTS[currency] for currency in words.CURRENCIES], dtype=np.int64)
    tax = share(net, taxes[events.country[event]])
    fee = service_fee(
        net, tickets, fees[organizers.tier[events.organizer[event]]], fixed[events.currency[event]]
    )
    total = net + tax + fee

    outcome = picked(random, (0.915, 0.04, 0.025, 0.02), count)
    outcome = np.where((outcome >= REFUNDED) & (placed > end - 6 * DAY), CONFIRMED, outcome)
    outcome = np.where((outcome == PARTIALLY_REFUNDED) & (tickets < 2), REFUNDED, outcome)
    cancelled = events.cancelled[event]
    by_event = (cancelled < NEVER) & (outcome != CANCELLED)
    outcome = np.where(by_event, REFUNDED, outcome)
    back = outcome >= REFUNDED
    decided = random.integers(2 * HOUR, DAY, count)
    asked = np.where(by_event, cancelled, placed + random.integers(HOUR, 4 * DAY, count))
    orders = Orders(
        keys=Keys.made(random, placed),
        event=event,
        buyer=_buyers(random, people, placed),
        outcome=outcome,
        channel=picked(random, words.CHANNEL_WEIGHTS, count),
        code=code,
        subtotal=subtotal,
        discount=discount,
        tax=tax,
        fee=fee,
        total=total,
        tickets=tickets,
        placed=placed,
        settled=placed
        + np.where(outcome == CANCELLED, 15 * 60 * SECOND, random.integers(4, 90, count) * SECOND),
        refunded=np.where(back, asked + decided, NEVER),
        refund=np.where(back, np.where(outcome == REFUNDED, total, total // np.maximum(tickets, 1)), 0),
        by_event=by_event,
    )
    return Sales(orders, items, _tickets(random, orders, items))


def _moments(random: np.random.Generator, events: Events, count: int, end: int) -> tuple[Integers, Integers]:
    """Event and time of each order, by time: a rush when sales begin, a steady flow, a last-minute crowd."""
    weights = events.popularity / events.popularity.sum()
    event = np.repeat(np.arange(len(events)), random.multinomial(count, weights))
    opened = events.published[event]
    closed = np.minimum(np.minimum(events.starts, events.cancelled), end - HOUR)[event]
    window = closed - opened
    habit = picked(random, (0.35, 0.45, 0.2), count)
    rush = random.exponential(2 * HOUR, count).astype(np.int64)
    late = window - random.exponential(3 * DAY, count).astype(np.int64)
    steady = (random.random(count) * window).astype(np.int64)
    offset = np.where(habit == 0, rush, np.where(habit == 1, steady, late))
    placed = opened + np.where((offset < 0) | (offset >= window), steady, offset)
    by_time = np.argsort(placed, kind="stable")
    return event[by_time], placed[by_time]


def _buyers(random: np.random.Generator, people: People, placed: Integers) -> Integers:
    count = len(placed)
    known = np.searchsorted(people.created, placed, side="right")
    account = (random.random(count) ** 1.4 * known).astype(np.int64)
    guests = len(people.names) - people.accounts
    guest = people.accounts + random.integers(0, guests, count)
    return np.where(random.random(count) < 0.85, account, guest)


def _items(
    random: np.random.Generator, offers: Offers, event: Integers, placed: Integers, code: Integers
) -> Items:
    count = len(event)
    types = offers.types[event]
    first = (random.random(count) ** 1.5 * types).astype(np.int64)
    second = (random.random(count) < 0.12) & (types > 1)
    order = np.repeat(np.arange(count), second.astype(np.int64) + 1)
    is_second = np.concatenate([[False], order[1:] == order[:-1]])
    kind = offers.first[event[order]] + (first[order] + is_second) % types[order]
    early = offers.early[kind] & (placed[order] < offers.early_until[kind])
    quantity = picked(random, (0.68, 0.22, 0.05, 0.03, 0.01, 0.01), len(order)) + 1
    unit_price = np.where(early, offers.early_price[kind], offers.price[kind])
    gross = quantity * unit_price
    used = code[order]
    known = np.maximum(used, 0)
    percentage = share(gross, offers.code_basis_points[known])
    # A fixed amount comes off the first item of an order.
    amount = np.where(is_second, 0, np.minimum(offers.code_cents[known], gross))
    return Items(
        keys=Keys.made(random, placed[order]),
        order=order,
        type=kind,
        early=early,
        quantity=quantity,
        unit_price=unit_price,
        discount=np.where(used >= 0, percentage + amount, 0),
    )


def _tickets(random: np.random.Generator, orders: Orders, items: Items) -> Tickets:
    item = np.repeat(np.arange(len(items.keys)), items.quantity)
    order = items.order[item]
    outcome = orders.outcome[order]
    is_first = np.concatenate([[True], order[1:] != order[:-1]])
    status = np.where(outcome == CANCELLED, TICKET_CANCELLED, SOLD)
    status = np.where(outcome == REFUNDED, TICKET_REFUNDED, status)
    # A partial refund gives back the order's first ticket.
    status = np.where((outcome == PARTIALLY_REFUNDED) & is_first, TICKET_REFUNDED, status)
    return Tickets(Keys.made(random, orders.placed[order] + SECOND), item, status)
