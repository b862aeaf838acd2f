"""What is on sale: ticket types, tiers, configurations and discount codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from operational import vocabulary as words
from operational.history.catalogue import CANCELLED, COMPLETED, NEVER, Events
from operational.history.columns import (
    DAY,
    Booleans,
    Integers,
    Keys,
    Rows,
    chosen,
    constant,
    made,
    moments,
    money,
    numbers,
    optional,
    picked,
    truths,
)
from operational.history.people import Organizers

SPARE_PLACES = 600
"""Tickets left of each type that is still on sale, so that live traffic finds something to buy."""


@dataclass(frozen=True)
class Offers:
    """Ticket types and codes. Money is in cents, times in microseconds.

    Attributes:
        event: number of each type's event; types of one event follow each other.
        name: code of each type in `vocabulary.TICKET_NAMES`.
        first: number of each event's first type.
        types: how many types each event has.
        price: list price.
        early: whether there is an early-bird tier.
        early_until: end of that tier.
        early_price: its price.
        transferable: whether tickets may be passed on.
        code_event: event of each discount code, ascending.
        code_of_event: code of each event, or -1.
        code_basis_points: what a percentage takes off; 0 for a fixed amount.
        code_cents: what a fixed amount takes off; 0 for a percentage.
    """

    keys: Keys
    event: Integers
    name: Integers
    first: Integers
    types: Integers
    price: Integers
    early: Booleans
    early_keys: Keys
    early_until: Integers
    early_price: Integers
    transferable: Booleans
    code_keys: Keys
    code_event: Integers
    code_of_event: Integers
    code_basis_points: Integers
    code_cents: Integers


def make_offers(random: np.random.Generator, events: Events) -> Offers:
    """Draw ticket types, tiers and codes for every event."""
    count = len(events)
    types = picked(random, (0.2, 0.3, 0.3, 0.2), count) + 1
    event = np.repeat(np.arange(count), types)
    first = np.cumsum(types) - types
    name = np.arange(len(event)) - first[event]
    usual = np.array([words.EVENT_PRICES[kind] for kind in words.EVENT_TYPES], dtype=np.float64)
    rate = np.array([words.EURO_RATES[currency] for currency in words.CURRENCIES])
    base = usual[events.kind] * rate[events.currency] * random.uniform(0.7, 1.4, count)
    factor = np.array(words.TICKET_FACTORS)[name] / 100
    price = np.rint(base[event] * factor * 2).astype(np.int64) * 50
    created = events.published[event]
    has_code = random.random(count) < 0.5
    has_code[0] = True
    code_event = np.flatnonzero(has_code)
    code_of_event = np.full(count, -1, dtype=np.int64)
    code_of_event[code_event] = np.arange(len(code_event))
    fixed = random.random(len(code_event)) < 0.2
    cents = np.rint(5 * rate[events.currency[code_event]]).astype(np.int64) * 100
    return Offers(
        keys=Keys.made(random, created),
        event=event,
        name=name,
        first=first,
        types=types,
        price=price,
        early=random.random(len(event)) < 0.6,
        early_keys=Keys.made(random, created),
        early_until=created + (events.starts - events.published)[event] // 4,
        early_price=price * 8 // 100 * 10,
        transferable=random.random(len(event)) < 0.85,
        code_keys=Keys.made(random, events.published[code_event]),
        code_event=code_event,
        code_of_event=code_of_event,
        code_basis_points=np.where(
            fixed, 0, random.choice(np.array([1000, 1500, 2000, 2500]), len(code_event))
        ),
        code_cents=np.where(fixed, np.maximum(cents, 100), 0),
    )


def capacities(random: np.random.Generator, events: Events, offers: Offers, sold: Integers) -> Integers:
    """Capacity of each ticket type: never below what was sold; some past events sold out exactly.

    Args:
        random: the source of chance.
        events: the events.
        offers: their ticket types.
        sold: tickets sold of each type.
    """
    over = np.isin(events.status[offers.event], (COMPLETED, CANCELLED))
    spare = np.where(over, random.integers(0, 120, len(sold)), SPARE_PLACES + sold)
    sold_out = over & (sold > 20) & (random.random(len(sold)) < 0.15)
    return np.maximum(np.where(sold_out, sold, sold + spare), 10)


def offer_rows(
    random: np.random.Generator,
    organizers: Organizers,
    events: Events,
    offers: Offers,
    capacity: Integers,
    sold: Integers,
    uses: Integers,
    end: int,
) -> Iterator[Rows]:
    """Ticket types, tiers, configurations and discount codes.

    Args:
        random: the source of chance.
        organizers: who grants the codes.
        events: the events.
        offers: what is on sale.
        capacity: of each type.
        sold: tickets sold of each type.
        uses: orders placed with each code.
        end: end of the history, microseconds.
    """
    event, count = offers.event, len(offers.keys)
    created = events.published[event]
    currency = chosen(events.currency[event], words.CURRENCIES)
    over = events.status >= COMPLETED
    last = np.minimum(np.where(over, np.minimum(events.ends, events.cancelled), end), end)
    times = {"created_at": moments(created), "updated_at": moments(np.maximum(last[event], created))}
    yield Rows(
        "tickets.ticket_types",
        count,
        {
            "id": offers.keys.texts,
            "event_id": events.keys.take(event).texts,
            "name": chosen(offers.name, words.TICKET_NAMES),
            "description": chosen(offers.name, [f"{name} admission" for name in words.TICKET_NAMES]),
            "status": chosen(over[event].astype(np.int64), ("active", "closed")),
            "price": money(offers.price),
            "currency": currency,
            "capacity": numbers(capacity),
            "sold": numbers(sold),
            "sales_start_at": moments(created),
            "sales_end_at": moments(events.starts[event]),
            "position": numbers(offers.name),
            **times,
        },
    )
    yield Rows(
        "tickets.ticket_configurations",
        count,
        {
            "id": Keys.made(random, created).texts,
            "ticket_type_id": offers.keys.texts,
            "transferable": truths(offers.transferable),
            "refundable": truths(random.random(count) < 0.9),
            "delivery_methods": chosen(
                random.integers(0, 3, count), ("{email}", "{email,mobile}", "{post,box_office}")
            ),
            **times,
        },
    )
    yield _tiers(events, offers)
    yield _codes(organizers, events, offers, uses)


def _tiers(events: Events, offers: Offers) -> Rows:
    early = np.flatnonzero(offers.early)
    event = offers.event[early]
    created = moments(events.published[event])
    return Rows(
        "tickets.pricing_tiers",
        len(early),
        {
            "id": offers.early_keys.take(early).texts,
            "ticket_type_id": offers.keys.take(early).texts,
            "name": constant("Early bird", len(early)),
            "kind": constant("early_bird", len(early)),
            "price": money(offers.early_price[early]),
            "currency": chosen(events.currency[event], words.CURRENCIES),
            "valid_from": created,
            "valid_until": moments(offers.early_until[early]),
            "created_at": created,
            "updated_at": created,
        },
    )


def _codes(organizers: Organizers, events: Events, offers: Offers, uses: Integers) -> Rows:
    event, count = offers.code_event, len(offers.code_event)
    fixed = offers.code_cents > 0
    created = moments(events.published[event])
    texts = offers.keys.texts(slice(0, len(offers.keys)))
    first = offers.first[event].tolist()
    limit = np.where(events.status[event] >= COMPLETED, uses + 25, uses + 100_000)
    return Rows(
        "tickets.discount_codes",
        count,
        {
            "id": offers.code_keys.texts,
            "organizer_id": organizers.keys.take(events.organizer[event]).texts,
            "event_id": events.keys.take(event).texts,
            "code": made(lambda row: f"SAVE{event[row] + 1}"),
            "kind": chosen(fixed.astype(np.int64), ("percentage", "fixed_amount")),
            # A percentage in basis points has two decimals, as cents have.
            "value": money(np.where(fixed, offers.code_cents, offers.code_basis_points)),
            "currency": optional(fixed, chosen(events.currency[event], words.CURRENCIES)),
            "maximum_uses": numbers(limit),
            "uses": numbers(uses),
            "valid_from": created,
            "valid_until": moments(events.starts[event] + DAY),
            "applicable_ticket_types": made(lambda row: f"{{{texts[first[row]]}}}" if row % 4 == 0 else "{}"),
            "is_active": truths(events.cancelled[event] == NEVER),
            "created_at": created,
            "updated_at": created,
        },
    )
