"""What visitors do besides buying: page views, carts, messages; recent weeks only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from operational import vocabulary as words
from operational.history.catalogue import Events
from operational.history.columns import (
    DAY,
    HOUR,
    NULL,
    Booleans,
    Integers,
    Keys,
    Rows,
    chosen,
    constant,
    moments,
    money,
    numbers,
    optional,
    picked,
)
from operational.history.offers import Offers
from operational.history.people import People
from operational.history.sales import CANCELLED, Sales

VIEW_DAYS = 60
CART_DAYS = 30
MESSAGE_DAYS = 60
DEVICES = ("desktop", "mobile", "tablet")


def attention_rows(
    random: np.random.Generator,
    people: People,
    events: Events,
    offers: Offers,
    sales: Sales,
    views: int,
    end: int,
) -> Iterator[Rows]:
    """Page views, carts, their items, and notifications.

    Args:
        random: the source of chance.
        people: visitors with an account.
        events: what is looked at.
        offers: what is put into carts.
        sales: orders that carts became and messages confirm.
        views: number of page views.
        end: end of the history, microseconds.
    """
    yield _page_views(random, people, events, views, end)
    yield from _carts(random, people, events, offers, sales, end)
    yield _notifications(random, people, sales, end)


def _accounts(random: np.random.Generator, people: People, count: int) -> tuple[Booleans, Integers]:
    return random.random(count) < 0.4, random.integers(0, people.accounts // 2, count)


def _visitors(random: np.random.Generator, count: int) -> Keys:
    data = random.integers(0, 256, (count, 16), dtype=np.uint8)
    data[:, 6] = (data[:, 6] & 0x0F) | 0x40
    data[:, 8] = (data[:, 8] & 0x3F) | 0x80
    return Keys(data)


def _on_sale(random: np.random.Generator, events: Events, moments_: Integers) -> Integers:
    """For each moment an event that was published by then, rather a recent one."""
    known = np.maximum(np.searchsorted(events.published, moments_, side="right"), 1)
    recent = np.minimum(known, max(1, len(events) // 4))
    return known - 1 - (random.random(len(moments_)) * recent).astype(np.int64)


def _page_views(random: np.random.Generator, people: People, events: Events, count: int, end: int) -> Rows:
    viewed = np.sort(random.integers(end - VIEW_DAYS * DAY, end, count))
    event = _on_sale(random, events, viewed)
    signed_in, user = _accounts(random, people, count)
    device = picked(random, (0.4, 0.52, 0.08), count)
    return Rows(
        "events.page_views",
        count,
        {
            "id": Keys.made(random, viewed).texts,
            "event_id": events.keys.take(event).texts,
            "user_id": optional(signed_in, people.keys.take(user).texts),
            "visitor_id": _visitors(random, count).texts,
            "channel": chosen((device == 1) & (random.random(count) < 0.6), ("web", "mobile_app")),
            "device": chosen(device, DEVICES),
            "country": chosen(random.integers(0, len(words.COUNTRIES), count), words.COUNTRIES),
            "referrer": chosen(random.integers(0, 8, count), (*words.REFERRERS, NULL, NULL, NULL, NULL)),
            "campaign": chosen(
                picked(random, (0.05, 0.05, 0.05, 0.05, 0.8), count), (*words.CAMPAIGNS, NULL)
            ),
            "viewed_at": moments(viewed),
            "created_at": moments(viewed),
            "updated_at": moments(viewed),
        },
    )


def _carts(
    random: np.random.Generator, people: People, events: Events, offers: Offers, sales: Sales, end: int
) -> Iterator[Rows]:
    orders = sales.orders
    if not len(orders):
        return
    recent = np.flatnonzero((orders.placed > end - CART_DAYS * DAY) & (orders.outcome != CANCELLED))
    left = len(recent) // 2 + 1
    created = random.integers(end - CART_DAYS * DAY, end - HOUR, left)
    event = np.concatenate([orders.event[recent], _on_sale(random, events, created)])
    created = np.concatenate([orders.placed[recent] - 5 * 60 * 1_000_000, created])
    converted = np.arange(len(event)) < len(recent)
    signed_in, user = _accounts(random, people, len(event))
    buyer = orders.buyer[recent]
    signed_in[: len(recent)] = buyer < people.accounts
    user[: len(recent)] = np.where(buyer < people.accounts, buyer, 0)
    quantity = np.where(random.random(len(event)) < 0.7, 1, 2)
    kind = offers.first[event]
    total = quantity * offers.price[kind]
    order = np.concatenate([recent, np.zeros(left, dtype=np.int64)])
    keys = Keys.made(random, created)
    last = np.where(converted, orders.settled[order], created + HOUR)
    yield Rows(
        "events.carts",
        len(event),
        {
            "id": keys.texts,
            "event_id": events.keys.take(event).texts,
            "user_id": optional(signed_in, people.keys.take(user).texts),
            "visitor_id": _visitors(random, len(event)).texts,
            "status": chosen(
                np.where(converted, 0, 1 + (random.random(len(event)) < 0.3)),
                ("converted", "abandoned", "expired"),
            ),
            "currency": chosen(events.currency[event], words.CURRENCIES),
            "total": money(total),
            "expires_at": moments(created + HOUR // 2),
            "converted_order_id": optional(converted, orders.keys.take(order).texts),
            "created_at": moments(created),
            "updated_at": moments(last),
        },
    )
    yield Rows(
        "events.cart_items",
        len(event),
        {
            "id": Keys.made(random, created).texts,
            "cart_id": keys.texts,
            "ticket_type_id": offers.keys.take(kind).texts,
            "quantity": numbers(quantity),
            "unit_price": money(offers.price[kind]),
            "created_at": moments(created),
            "updated_at": moments(created),
        },
    )


def _notifications(random: np.random.Generator, people: People, sales: Sales, end: int) -> Rows:
    orders = sales.orders
    order = np.flatnonzero((orders.placed > end - MESSAGE_DAYS * DAY) & (orders.outcome != CANCELLED))
    buyer = orders.buyer[order]
    known = buyer < people.accounts
    sent = orders.settled[order] + 2_000_000
    return Rows(
        "system.notifications",
        len(order),
        {
            "id": Keys.made(random, sent).texts,
            "user_id": optional(known, people.keys.take(np.where(known, buyer, 0)).texts),
            "order_id": orders.keys.take(order).texts,
            "channel": constant("email", len(order)),
            "template": constant("order_confirmation", len(order)),
            "recipient": chosen(buyer, people.emails),
            "status": chosen(picked(random, (0.97, 0.03), len(order)), ("delivered", "failed")),
            "payload": constant('{"attachments": 1}', len(order)),
            "sent_at": moments(sent),
            "created_at": moments(sent),
            "updated_at": moments(sent + 1_000_000),
        },
    )
