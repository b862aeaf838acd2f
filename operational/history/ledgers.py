"""Sales as rows of orders, items, tickets, payments and refunds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from operational import vocabulary as words
from operational.history.catalogue import Events
from operational.history.columns import (
    DAY,
    NULL,
    SECOND,
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
)
from operational.history.offers import Offers
from operational.history.people import People
from operational.history.sales import (
    CANCELLED,
    CONFIRMED,
    OUTCOMES,
    REFUNDED,
    TICKET_STATUSES,
    Orders,
    Sales,
)
from operational.pricing import provider_fee

_TURKEY = words.COUNTRIES.index("TR")


def sales_rows(
    random: np.random.Generator, people: People, events: Events, offers: Offers, sales: Sales, end: int
) -> Iterator[Rows]:
    """Orders, items, tickets, payments, refund requests, refunds and disputes.

    Args:
        random: the source of chance.
        people: the buyers.
        events: what was bought.
        offers: the ticket types.
        sales: what was sold.
        end: end of the history, microseconds.
    """
    yield _orders(random, people, events, offers, sales.orders)
    yield _items(people, events, offers, sales)
    yield _tickets(random, people, events, offers, sales)
    yield from _payments(random, people, events, sales.orders, end)


def addresses(people: People) -> list[str]:
    """Billing addresses as JSON: an empty one first, then one per person."""
    lines = ["{}"]
    for number, (name, city) in enumerate(zip(people.names, people.city.tolist(), strict=True)):
        place = words.CITIES[city]
        lines.append(
            f'{{"name": "{name}", "line": "{number % 200 + 1} Market Street", "city": "{place.name}", '
            f'"postal_code": "{10_000 + number % 80_000}", "country": "{place.country}"}}'
        )
    return lines


def _orders(
    random: np.random.Generator, people: People, events: Events, offers: Offers, orders: Orders
) -> Rows:
    count = len(orders)
    has_account = orders.buyer < people.accounts
    paid = orders.outcome != CANCELLED
    changed = np.where(orders.outcome >= REFUNDED, orders.refunded, orders.settled)
    phone = random.integers(10_000_000, 99_999_999, count)
    return Rows(
        "tickets.orders",
        count,
        {
            "id": orders.keys.texts,
            "order_number": made(lambda row: f"BT-{row + 1:08d}"),
            "event_id": events.keys.take(orders.event).texts,
            "buyer_id": optional(has_account, people.keys.take(np.where(has_account, orders.buyer, 0)).texts),
            "buyer_email": chosen(orders.buyer, people.emails),
            "buyer_name": chosen(orders.buyer, people.names),
            "buyer_phone": optional(random.random(count) < 0.3, numbers(phone)),
            "status": chosen(orders.outcome, OUTCOMES),
            "channel": chosen(orders.channel, words.CHANNELS),
            "currency": chosen(events.currency[orders.event], words.CURRENCIES),
            "subtotal": money(orders.subtotal),
            "discount": money(orders.discount),
            "tax": money(orders.tax),
            "fee": money(orders.fee),
            "total": money(orders.total),
            "discount_code_id": optional(
                orders.code >= 0, offers.code_keys.take(np.maximum(orders.code, 0)).texts
            ),
            "billing_address": chosen(
                np.where(random.random(count) < 0.3, orders.buyer + 1, 0), addresses(people)
            ),
            "placed_at": moments(orders.placed),
            "confirmed_at": optional(paid, moments(orders.settled)),
            "cancelled_at": optional(~paid, moments(orders.settled)),
            "created_at": moments(orders.placed),
            "updated_at": moments(changed),
        },
    )


def _items(people: People, events: Events, offers: Offers, sales: Sales) -> Rows:
    items, orders = sales.items, sales.orders
    attendees = [
        f'{{"name": "{name}", "email": "{email}"}}'
        for name, email in zip(people.names, people.emails, strict=True)
    ]
    placed = moments(orders.placed[items.order])
    return Rows(
        "tickets.order_items",
        len(items.keys),
        {
            "id": items.keys.texts,
            "order_id": orders.keys.take(items.order).texts,
            "ticket_type_id": offers.keys.take(items.type).texts,
            "pricing_tier_id": optional(items.early, offers.early_keys.take(items.type).texts),
            "quantity": numbers(items.quantity),
            "unit_price": money(items.unit_price),
            "discount": money(items.discount),
            "total": money(items.quantity * items.unit_price - items.discount),
            "currency": chosen(events.currency[offers.event[items.type]], words.CURRENCIES),
            "attendee": chosen(orders.buyer[items.order], attendees),
            "created_at": placed,
            "updated_at": placed,
        },
    )


def _tickets(
    random: np.random.Generator, people: People, events: Events, offers: Offers, sales: Sales
) -> Rows:
    tickets, items, orders = sales.tickets, sales.items, sales.orders
    order, kind = items.order[tickets.item], items.type[tickets.item]
    event, buyer, count = orders.event[order], orders.buyer[order], len(tickets.item)
    has_account = buyer < people.accounts
    paid = orders.outcome[order] != CANCELLED
    refunded = tickets.status == TICKET_STATUSES.index("refunded")
    changed = np.where(refunded, orders.refunded[order], orders.settled[order])
    secrets = Keys(random.integers(0, 256, (count, 16), dtype=np.uint8))
    return Rows(
        "tickets.tickets",
        count,
        {
            "id": tickets.keys.texts,
            "ticket_number": made(lambda row: f"TK-{row + 1:010d}"),
            "qr_code": secrets.texts,
            "event_id": events.keys.take(event).texts,
            "ticket_type_id": offers.keys.take(kind).texts,
            "order_id": orders.keys.take(order).texts,
            "order_item_id": items.keys.take(tickets.item).texts,
            "status": chosen(tickets.status, TICKET_STATUSES),
            "holder_id": optional(has_account, people.keys.take(np.where(has_account, buyer, 0)).texts),
            "holder_name": chosen(buyer, people.names),
            "holder_email": chosen(buyer, people.emails),
            "price": money(items.unit_price[tickets.item]),
            "currency": chosen(events.currency[event], words.CURRENCIES),
            "issued_at": optional(paid, moments(orders.settled[order])),
            "created_at": moments(orders.placed[order]),
            "updated_at": moments(changed),
        },
    )


def _payments(
    random: np.random.Generator, people: People, events: Events, orders: Orders, end: int
) -> Iterator[Rows]:
    tried_before = np.flatnonzero(random.random(len(orders)) < 0.03)
    order = np.concatenate([np.arange(len(orders)), tried_before])
    final = np.arange(len(order)) < len(orders)
    paid = final & (orders.outcome[order] != CANCELLED)
    full = final & (orders.outcome[order] == REFUNDED)
    back = final & (orders.outcome[order] >= REFUNDED)
    count = len(order)
    made_at = orders.placed[order] + np.where(final, 3, 1) * SECOND
    keys = Keys.made(random, made_at)
    turkish = events.country[orders.event[order]] == _TURKEY
    provider = np.where(turkish, words.PROVIDERS.index("iyzico"), picked(random, (0.6, 0.25, 0, 0.15), count))
    currency = chosen(events.currency[orders.event[order]], words.CURRENCIES)
    settled = orders.settled[order]
    details = [
        f'{{"brand": "{words.CARD_BRANDS[number % 4]}", "last_four": "{number * 7919 % 10_000:04d}", '
        f'"risk_score": {number * 31 % 100}}}'
        for number in range(2_000)
    ]
    yield Rows(
        "payments.payments",
        count,
        {
            "id": keys.texts,
            "order_id": orders.keys.take(order).texts,
            "provider": chosen(provider, words.PROVIDERS),
            "provider_intent": made(lambda row: f"pi_{row + 1:012d}"),
            "method": chosen(picked(random, (0.75, 0.15, 0.06, 0.04), count), words.METHODS),
            "status": chosen(np.where(full, 2, np.where(paid, 1, 0)), ("failed", "completed", "refunded")),
            "amount": money(orders.total[order]),
            "fee": money(np.where(paid, provider_fee(orders.total[order]), 0)),
            "refunded_amount": money(np.where(back, orders.refund[order], 0)),
            "currency": currency,
            "details": chosen(random.integers(0, len(details), count), details),
            "failure_code": optional(
                ~paid, chosen(random.integers(0, len(words.FAILURES), count), words.FAILURES)
            ),
            "completed_at": optional(paid, moments(settled)),
            "created_at": moments(made_at),
            "updated_at": moments(np.where(back, orders.refunded[order], np.where(final, settled, made_at))),
        },
    )
    yield from _refunds(random, people, events, orders, keys)
    yield _disputes(random, events, orders, keys, end)


def _refunds(
    random: np.random.Generator, people: People, events: Events, orders: Orders, payments: Keys
) -> Iterator[Rows]:
    back = np.flatnonzero(orders.outcome >= REFUNDED)
    asked = random.random(len(back)) < 0.8
    asked &= ~orders.by_event[back]
    denied = np.flatnonzero((orders.outcome == CONFIRMED) & (random.random(len(orders)) < 0.01))
    granted = back[asked]
    order = np.concatenate([granted, denied])
    is_granted = np.arange(len(order)) < len(granted)
    requested = orders.settled[order] + 600 * SECOND
    decided = np.where(is_granted, orders.refunded[order], requested + 900 * SECOND)
    keys = Keys.made(random, requested)
    has_account = orders.buyer[order] < people.accounts
    requester = people.keys.take(np.where(has_account, orders.buyer[order], 0))
    yield Rows(
        "tickets.refund_requests",
        len(order),
        {
            "id": keys.texts,
            "order_id": orders.keys.take(order).texts,
            "requester_id": optional(has_account, requester.texts),
            "status": chosen(is_granted.astype(np.int64), ("denied", "processed")),
            "reason": chosen(
                random.integers(0, 3, len(order)), ("I cannot come.", "Bought twice.", "I have fallen ill.")
            ),
            "amount": money(np.where(is_granted, orders.refund[order], orders.total[order])),
            "currency": chosen(events.currency[orders.event[order]], words.CURRENCIES),
            "requested_at": moments(requested),
            "decided_at": moments(decided),
            "created_at": moments(requested),
            "updated_at": moments(decided),
        },
    )
    request = np.full(len(back), -1)
    request[asked] = np.arange(len(granted))
    reason = np.where(orders.by_event[back], 1, 0)
    texts = [*keys.texts(slice(0, len(keys))), NULL]
    done = moments(orders.refunded[back])
    yield Rows(
        "payments.refunds",
        len(back),
        {
            "id": Keys.made(random, orders.refunded[back]).texts,
            "payment_id": payments.take(back).texts,
            "order_id": orders.keys.take(back).texts,
            "refund_request_id": chosen(request, texts),
            "status": constant("completed", len(back)),
            "amount": money(orders.refund[back]),
            "currency": chosen(events.currency[orders.event[back]], words.CURRENCIES),
            "reason": chosen(reason, ("requested_by_customer", "event_cancelled")),
            "provider_reference": made(lambda row: f"re_{row + 1:012d}"),
            "completed_at": done,
            "created_at": done,
            "updated_at": done,
        },
    )


def _disputes(random: np.random.Generator, events: Events, orders: Orders, payments: Keys, end: int) -> Rows:
    """Chargebacks: two in a thousand paid orders."""
    order = np.flatnonzero((orders.outcome == CONFIRMED) & (random.random(len(orders)) < 0.002))
    order = order[orders.settled[order] < end - 15 * DAY]
    opened = orders.settled[order] + 10 * DAY
    closed = opened + 40 * DAY
    decided = closed < end
    status = np.where(decided, 1 + random.integers(0, 2, len(order)), 0)
    return Rows(
        "payments.disputes",
        len(order),
        {
            "id": Keys.made(random, opened).texts,
            "payment_id": payments.take(order).texts,
            "order_id": orders.keys.take(order).texts,
            "status": chosen(status, ("open", "won", "lost")),
            "reason": chosen(random.integers(0, 2, len(order)), ("fraudulent", "not_received")),
            "amount": money(orders.total[order]),
            "currency": chosen(events.currency[orders.event[order]], words.CURRENCIES),
            "opened_at": moments(opened),
            "evidence_due_at": moments(opened + 14 * DAY),
            "closed_at": optional(decided, moments(closed)),
            "created_at": moments(opened),
            "updated_at": moments(np.where(decided, closed, opened)),
        },
    )
