"""What follows a sale: admission, transfers, invoices, disputes, payouts; and the rates they need."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from operational import vocabulary as words
from operational.history.catalogue import COMPLETED, Events
from operational.history.columns import (
    DAY,
    HOUR,
    NULL,
    Integers,
    Keys,
    Rows,
    chosen,
    constant,
    days,
    made,
    moments,
    money,
    numbers,
    strings,
)
from operational.history.ledgers import addresses
from operational.history.offers import Offers
from operational.history.people import Organizers, People
from operational.history.sales import CANCELLED, CONFIRMED, REFUNDED, SOLD, Orders, Sales
from operational.pricing import share

SCANNED_EVENTS = 0.08
"""Share of the events that use the platform's scanners; of their tickets nine in ten are seen at the door."""


def aftermath_rows(
    random: np.random.Generator,
    people: People,
    organizers: Organizers,
    events: Events,
    offers: Offers,
    sales: Sales,
    end: int,
) -> Iterator[Rows]:
    """Check-ins, transfers, invoices and payouts.

    Args:
        random: the source of chance.
        people: holders of tickets.
        organizers: who is paid out.
        events: what is attended.
        offers: whose tickets may be passed on.
        sales: what was sold.
        end: end of the history, microseconds.
    """
    yield _check_ins(random, events, sales)
    yield _transfers(random, people, offers, sales, end)
    yield _invoices(random, people, events, sales.orders)
    yield from _payouts(random, organizers, events, sales.orders, end)


def _check_ins(random: np.random.Generator, events: Events, sales: Sales) -> Rows:
    event = sales.orders.event[sales.items.order[sales.tickets.item]]
    over = events.status == COMPLETED
    scanned = (random.random(len(events)) < SCANNED_EVENTS) & over
    scanned[np.flatnonzero(over)[:1]] = True
    seen = scanned[event] & (sales.tickets.status == SOLD) & (random.random(len(event)) < 0.9)
    ticket = np.flatnonzero(seen)
    when = events.starts[event[ticket]] - random.integers(0, HOUR, len(ticket))
    return Rows(
        "tickets.check_ins",
        len(ticket),
        {
            "id": Keys.made(random, when).texts,
            "ticket_id": sales.tickets.keys.take(ticket).texts,
            "event_id": events.keys.take(event[ticket]).texts,
            "method": chosen(random.integers(0, 12, len(ticket)), ["qr_code"] * 10 + ["nfc", "manual"]),
            "gate": chosen(random.integers(0, 4, len(ticket)), ("North", "South", "East", "West")),
            "device": chosen(random.integers(0, 3, len(ticket)), ("scanner-1", "scanner-2", NULL)),
            "checked_in_at": moments(when),
            "created_at": moments(when),
            "updated_at": moments(when),
        },
    )


def _transfers(random: np.random.Generator, people: People, offers: Offers, sales: Sales, end: int) -> Rows:
    order = sales.items.order[sales.tickets.item]
    allowed = offers.transferable[sales.items.type[sales.tickets.item]] & (sales.tickets.status == SOLD)
    allowed &= (sales.orders.buyer[order] < people.accounts) & (sales.orders.settled[order] < end - 3 * DAY)
    ticket = np.flatnonzero(allowed & (random.random(len(order)) < 0.012))
    count = len(ticket)
    sender = sales.orders.buyer[order[ticket]]
    recipient = (sender + 1 + random.integers(0, people.accounts - 1, count)) % people.accounts
    offered = sales.orders.settled[order[ticket]] + random.integers(HOUR, DAY, count)
    decided = offered + random.integers(HOUR, DAY, count)
    # Only offers that were turned down: an accepted one would have changed the ticket's holder.
    return Rows(
        "tickets.ticket_transfers",
        count,
        {
            "id": Keys.made(random, offered).texts,
            "ticket_id": sales.tickets.keys.take(ticket).texts,
            "sender_id": people.keys.take(sender).texts,
            "recipient_id": people.keys.take(recipient).texts,
            "recipient_email": chosen(recipient, people.emails),
            "status": chosen(random.integers(0, 3, count), ("declined", "cancelled", "expired")),
            "message": constant("For you.", count),
            "requested_at": moments(offered),
            "decided_at": moments(decided),
            "created_at": moments(offered),
            "updated_at": moments(decided),
        },
    )


def _invoices(random: np.random.Generator, people: People, events: Events, orders: Orders) -> Rows:
    order = np.flatnonzero((orders.outcome == CONFIRMED) & (random.random(len(orders)) < 0.03))
    issued = orders.settled[order]
    net = (orders.subtotal - orders.discount + orders.fee)[order]
    return Rows(
        "financial.invoices",
        len(order),
        {
            "id": Keys.made(random, issued).texts,
            "order_id": orders.keys.take(order).texts,
            "invoice_number": made(lambda row: f"IN-{row + 1:08d}"),
            "status": constant("paid", len(order)),
            "recipient_name": chosen(orders.buyer[order], people.names),
            "recipient_address": chosen(orders.buyer[order] + 1, addresses(people)),
            "tax_id": made(lambda row: f"TX{row * 7919 % 10**9:09d}" if row % 2 else NULL),
            "currency": chosen(events.currency[orders.event[order]], words.CURRENCIES),
            "net": money(net),
            "tax": money(orders.tax[order]),
            "total": money(net + orders.tax[order]),
            "issued_at": moments(issued),
            "due_on": days(issued + 14 * DAY),
            "created_at": moments(issued),
            "updated_at": moments(issued),
        },
    )


def _month(microseconds: Integers) -> Integers:
    return microseconds.astype("M8[us]").astype("M8[M]").astype(np.int64)


def _payouts(
    random: np.random.Generator, organizers: Organizers, events: Events, orders: Orders, end: int
) -> Iterator[Rows]:
    """Months that ended before the history did; a month's lines are one per event and kind."""
    this_month = int(_month(np.array([end]))[0])
    paid = np.flatnonzero(orders.outcome != CANCELLED)
    back = paid[orders.outcome[paid] >= REFUNDED]
    net = orders.subtotal - orders.discount
    # The organizer bears the ticket's part of a refund; tax and fee are not the organizer's.
    borne = np.where(orders.outcome == REFUNDED, net, net * orders.refund // np.maximum(orders.total, 1))
    months = np.concatenate([_month(orders.settled[paid]), _month(orders.refunded[back])])
    event = np.concatenate([orders.event[paid], orders.event[back]])
    kind = np.repeat([0, 1], [len(paid), len(back)])
    amount = np.concatenate([net[paid], -borne[back]])
    closed = months < this_month
    cell = (months[closed] * len(events) + event[closed]) * 2 + kind[closed]
    cells, place, orders_counted = np.unique(cell, return_inverse=True, return_counts=True)
    sums = np.bincount(place, weights=amount[closed]).astype(np.int64)
    line_kind, line_event, line_month = cells % 2, cells // 2 % len(events), cells // 2 // len(events)
    sale = np.flatnonzero(line_kind == 0)
    commission = share(sums[sale], organizers.commission[events.organizer[line_event[sale]]])
    line_event = np.concatenate([line_event, line_event[sale]])
    line_month = np.concatenate([line_month, line_month[sale]])
    line_kind = np.concatenate([line_kind, np.full(len(sale), 2)])
    line_count = np.concatenate([orders_counted, orders_counted[sale]])
    line_sum = np.concatenate([sums, -commission])
    yield from _payout_tables(
        random, organizers, events, (line_event, line_month, line_kind, line_count, line_sum)
    )


def _payout_tables(
    random: np.random.Generator,
    organizers: Organizers,
    events: Events,
    lines: tuple[Integers, Integers, Integers, Integers, Integers],
) -> Iterator[Rows]:
    line_event, line_month, line_kind, line_count, line_sum = lines
    currencies = len(words.CURRENCIES)
    group = (line_month * len(organizers.keys) + events.organizer[line_event]) * currencies
    group += events.currency[line_event]
    groups, payout = np.unique(group, return_inverse=True)
    currency = groups % currencies
    organizer = groups // currencies % len(organizers.keys)
    month = groups // currencies // len(organizers.keys)
    start = month.astype("M8[M]").astype("M8[us]").astype(np.int64)
    stop = (month + 1).astype("M8[M]").astype("M8[us]").astype(np.int64)
    made_at, paid_at = stop + 6 * HOUR, stop + 9 * HOUR

    def parts(kind: int) -> Integers:
        weights = np.where(line_kind == kind, line_sum, 0)
        return np.bincount(payout, weights=weights, minlength=len(groups)).astype(np.int64)

    gross, refunds, commission = parts(0), -parts(1), -parts(2)
    keys = Keys.made(random, made_at)
    yield Rows(
        "financial.payouts",
        len(groups),
        {
            "id": keys.texts,
            "organizer_id": organizers.keys.take(organizer).texts,
            "period_start": days(start),
            "period_end": days(stop - DAY),
            "status": constant("paid", len(groups)),
            "currency": chosen(currency, words.CURRENCIES),
            "gross": money(gross),
            "refunds": money(refunds),
            "commission": money(commission),
            "amount": money(gross - refunds - commission),
            "reference": made(lambda row: f"PO-{row + 1:08d}"),
            "paid_at": moments(paid_at),
            "created_at": moments(made_at),
            "updated_at": moments(paid_at),
        },
    )
    yield Rows(
        "financial.payout_lines",
        len(payout),
        {
            "id": Keys.made(random, made_at[payout]).texts,
            "payout_id": keys.take(payout).texts,
            "event_id": events.keys.take(line_event).texts,
            "kind": chosen(line_kind, ("sale", "refund", "commission")),
            "orders": numbers(line_count),
            "amount": money(line_sum),
            "currency": chosen(currency[payout], words.CURRENCIES),
            "created_at": moments(made_at[payout]),
            "updated_at": moments(made_at[payout]),
        },
    )


def reference_rows(random: np.random.Generator, start: int, end: int) -> Iterator[Rows]:
    """Exchange rates of every day, tax rates and fee schedules."""
    first = np.array([start - 30 * DAY])
    dates = np.arange(start - start % DAY, end + DAY, DAY)
    walks = {
        currency: rate * np.exp(np.cumsum(random.normal(0, 0.004, len(dates)))[::-1] * (currency != "EUR"))
        for currency, rate in words.EURO_RATES.items()
    }
    base, quote, rates = [], [], []
    for one in words.CURRENCIES:
        for other in words.CURRENCIES:
            if one != other:
                base.append(one)
                quote.append(other)
                rates += [f"{value:.8f}" for value in (walks[other] / walks[one]).tolist()]
    pair = np.repeat(np.arange(len(base)), len(dates))
    date = np.tile(dates, len(base))
    yield Rows(
        "financial.exchange_rates",
        len(date),
        {
            "id": Keys.made(random, date + 6 * HOUR).texts,
            "base_currency": chosen(pair, base),
            "quote_currency": chosen(pair, quote),
            "rate": strings(rates),
            "valid_on": days(date),
            "created_at": moments(np.minimum(date + 6 * HOUR, end)),
            "updated_at": moments(np.minimum(date + 6 * HOUR, end)),
        },
    )
    began = np.repeat(first, len(words.COUNTRIES))
    yield Rows(
        "financial.tax_rates",
        len(words.COUNTRIES),
        {
            "id": Keys.made(random, began).texts,
            "country": strings(words.COUNTRIES),
            "name": made(lambda row: "Sales tax" if words.COUNTRIES[row] == "US" else "VAT"),
            "rate": made(lambda row: f"{words.TAX_BASIS_POINTS[words.COUNTRIES[row]] / 10_000:.4f}"),
            "valid_from": constant("2020-01-01", len(words.COUNTRIES)),
            "created_at": moments(began),
            "updated_at": moments(began),
        },
    )
    plans = [(tier, currency) for tier in words.TIERS for currency in words.CURRENCIES]
    began = np.repeat(first, len(plans))
    yield Rows(
        "financial.fee_schedules",
        len(plans),
        {
            "id": Keys.made(random, began).texts,
            "subscription_tier": strings([tier for tier, _ in plans]),
            "currency": strings([currency for _, currency in plans]),
            "percentage": made(lambda row: f"{words.FEE_BASIS_POINTS[plans[row][0]] / 10_000:.4f}"),
            "fixed": made(lambda row: f"{words.FEE_FIXED_CENTS[plans[row][1]] / 100:.2f}"),
            "created_at": moments(began),
            "updated_at": moments(began),
        },
    )
