"""Marts that answer questions, compared with figures worked out in Python from the same rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import pytest

from bilten.contracts import load_contracts
from tests.dbt.attention import FIRST_LOOK, MONTH, NEW_PRICE_AT, Attention, local
from tests.dbt.project import Outcome, read
from tests.dbt.shop import AMOUNTS, START, Order, Shop, identifier
from warehouse.client import Warehouse
from warehouse.freshness import complete_as_of

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(900), pytest.mark.usefixtures("built")]


@pytest.fixture(autouse=True)
def everything_was_built(built: Outcome) -> None:
    assert built.status == 0, built.output


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001"), ROUND_HALF_UP) if whole else None


def paid(orders: Iterable[Order]) -> list[Order]:
    return [order for order in orders if order.is_sale]


def day_of(order: Order) -> date:
    return local(order.placed_at, order.event).date()


def test_channels(warehouse: Warehouse, shop: Shop) -> None:
    expected: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for order in paid(shop.orders):
        into = expected[order.placed_at.date(), order.channel, order.currency]
        for name, amount in shop.figures(order).items():
            into[name] += amount  # type: ignore[assignment]
    names = ["orders", "tickets", "gross_amount", "total_amount", "net_amount", "net_amount_eur"]
    found = read(warehouse, "sales_by_channel", ["sales_on", "channel", "currency"], names)
    assert found == {key: {name: sums[name] for name in names} for key, sums in expected.items()}


def test_the_funnel_counts_days_of_the_event(warehouse: Warehouse, shop: Shop, attention: Attention) -> None:
    views: dict[tuple[int, date], list[int]] = defaultdict(list)
    for look in attention.looks:
        views[look.event, local(look.at, look.event).date()].append(look.visitor)
    first = min(day for _, day in views)
    carts: dict[tuple[int, date], list[Order | None]] = defaultdict(list)
    for basket in attention.baskets:
        carts[basket.event, local(basket.opened_at, basket.event).date()].append(basket.order)
    orders: dict[tuple[int, date], list[Order]] = defaultdict(list)
    for order in shop.orders:
        if day_of(order) >= first:
            orders[order.event, day_of(order)].append(order)
    expected = {
        (identifier(5, key[0]), key[1]): {
            "page_views": len(views[key]),
            "visitors": len(set(views[key])),
            "carts": len(carts[key]),
            "carts_converted": sum(order is not None for order in carts[key]),
            "carts_paid": sum(order is not None and order.is_sale for order in carts[key]),
            "orders": len(orders[key]),
            "orders_paid": len(paid(orders[key])),
            "tickets_paid": sum(order.tickets for order in paid(orders[key])),
            "total_amount_eur": shop.in_euros(orders[key])[1],
        }
        for key in {*views, *carts, *orders}
    }
    names = list(next(iter(expected.values())))
    assert read(warehouse, "funnel_by_day", ["event_id", "funnel_on_local"], names) == expected


def test_cohorts_keep_every_month(warehouse: Warehouse, shop: Shop) -> None:
    """All orders are of one month; so each customer is of its cohort, and the cohort is complete."""
    orders = [order for order in paid(shop.orders) if order.buyer]
    buyers = {order.buyer for order in orders}
    _, total, net = shop.in_euros(orders)
    names = [
        "customers",
        "active_customers",
        "retention",
        "orders",
        "total_amount_eur",
        "net_amount_eur_so_far",
    ]
    assert read(warehouse, "customer_cohorts", ["cohort_month", "months_since"], names) == {
        (MONTH, 0): dict(
            zip(names, (len(buyers), len(buyers), Decimal(1), len(orders), total, net), strict=True)
        )
    }


def test_values_of_customers(warehouse: Warehouse, shop: Shop) -> None:
    by_buyer: dict[UUID, list[Order]] = defaultdict(list)
    for order in paid(shop.orders):
        if order.buyer:
            by_buyer[order.buyer].append(order)
    names = [
        "orders",
        "tickets",
        "events",
        "orders_refunded",
        "net_amount_eur",
        "last_ordered_at",
        "money_score",
    ]
    ranked = sorted(by_buyer, key=lambda buyer: (shop.in_euros(by_buyer[buyer])[2], buyer.int))
    expected = {
        (buyer,): {
            "orders": len(orders),
            "tickets": sum(order.tickets for order in orders),
            "events": len({order.event for order in orders}),
            "orders_refunded": sum(order.status == "refunded" for order in orders),
            "net_amount_eur": shop.in_euros(orders)[2],
            "last_ordered_at": max(order.placed_at for order in orders),
            "money_score": ranked.index(buyer) * 5 // len(ranked) + 1,
        }
        for buyer, orders in by_buyer.items()
    }
    assert len(ranked) % 5 == 0, "fifths are equally large"
    assert read(warehouse, "customer_values", ["customer_id"], names) == expected


def test_promotions_beside_orders_without(warehouse: Warehouse, shop: Shop) -> None:
    firsts = {
        min((o for o in paid(shop.orders) if o.buyer == buyer), key=lambda o: o.placed_at).key
        for buyer in {order.buyer for order in paid(shop.orders) if order.buyer}
    }
    expected = {}
    for event in range(shop.events):
        of_event = [order for order in paid(shop.orders) if order.event == event]
        used = [order for order in of_event if order.code]
        without = [order for order in of_event if not order.code]
        expected[identifier(13, event),] = {
            "orders": len(used),
            "first_orders": sum(order.key in firsts for order in used),
            "discount_amount_eur": sum(Decimal(shop.figures(o)["discount_amount_eur"]) for o in used),
            "net_amount_eur": shop.in_euros(used)[2],
            "orders_without": len(without),
            "sales_amount_eur_without": sum(Decimal(shop.figures(o)["sales_amount_eur"]) for o in without),
            "tickets_per_order": share(sum(o.tickets for o in used), len(used)),
            "tickets_per_order_without": share(sum(o.tickets for o in without), len(without)),
        }
    names = list(next(iter(expected.values())))
    assert read(warehouse, "promotion_effects", ["promotion_id"], names) == expected


def test_risks(warehouse: Warehouse, shop: Shop, attention: Attention) -> None:
    tried = {order.key for order in attention.tried_before}
    disputed = {order.key for order in attention.disputed}
    expected = {}
    for order in shop.orders:
        failed = (order.key in tried) + (order.status == "cancelled")
        signals = (
            bool(failed and order.is_sale),
            order.key in disputed,
            # Everything was given back before the orders were placed, as far as the clock goes.
            bool(order.refunded),
        )
        burst = order.buyer is not None and (
            sum(
                other.buyer == order.buyer
                and timedelta(0) <= order.placed_at - other.placed_at <= timedelta(hours=1)
                for other in shop.orders
            )
            >= 5
        )
        if any(signals) or burst:
            expected[order.key,] = {
                "failed_payments": failed,
                "is_burst": burst,
                "is_disputed": signals[1],
                "disputed_amount": order.total if signals[1] else Decimal(0),
                "signals": sum(signals) + burst,
            }
    names = list(next(iter(expected.values())))
    assert read(warehouse, "order_risks", ["order_id"], names) == expected


def test_payouts_due_and_what_was_booked(warehouse: Warehouse, shop: Shop, attention: Attention) -> None:
    booked = {
        (organizer, currency): (sales - refunds - commission, status)
        for organizer, currency, sales, refunds, commission, status in attention.payouts()
    }
    expected = {}
    for key, (sales, refunds, commission) in attention.due().items():
        amount, status = booked.get(key, (Decimal(0), ""))
        sent = amount if status == "paid" else Decimal(0)
        expected[identifier(3, key[0]), MONTH, key[1]] = {
            "received_amount": sum(
                order.total
                for order in paid(shop.orders)
                if shop.organizer_of(order.event) == key[0] and order.currency == key[1]
            ),
            "unexplained_amount": Decimal(0),
            "due_amount": sales - refunds - commission,
            "booked_amount": amount,
            "open_amount": sales - refunds - commission - sent,
            "state": {"paid": "settled", "pending": "differs"}.get(status, "not_booked"),
        }
    names = list(next(iter(expected.values())))
    assert read(warehouse, "payouts_due", ["organizer_id", "period_start", "currency"], names) == expected
    assert {row["state"] for row in expected.values()} == {"settled", "differs", "not_booked"}


def test_doors_by_minute_and_gate(warehouse: Warehouse, attention: Attention) -> None:
    came: dict[tuple[UUID, str], list[datetime]] = defaultdict(list)
    clocks = {}
    for _, order, at, gate in attention.admitted:
        minute = at.replace(second=0, microsecond=0)
        came[identifier(5, order.event), gate].append(minute)
        clocks[identifier(5, order.event), minute] = local(minute, order.event)
    expected = {
        (event, gate, minute): {
            "minute_local_at": clocks[event, minute],
            "minutes_to_start": int((START - minute).total_seconds() // 60),
            "admitted": minutes.count(minute),
            "admitted_so_far": sum(each <= minute for each in minutes),
        }
        for (event, gate), minutes in came.items()
        for minute in minutes
    }
    names = list(next(iter(expected.values())))
    found = read(warehouse, "door_flow", ["event_id", "gate", "minute_at"], names)
    for row in found.values():
        row["minute_local_at"] = row["minute_local_at"].replace(tzinfo=None)
    assert found == expected


def test_pace_beside_similar_events(warehouse: Warehouse, shop: Shop) -> None:
    """All events start on one day and offer as much, so all others are alike."""
    found = read(
        warehouse,
        "event_pace",
        ["event_id", "days_before"],
        ["tickets_bought", "similar_events", "similar_tickets_bought", "sell_through"],
    )
    assert {event for event, _ in found} == {identifier(5, number) for number in range(shop.events)}
    for (event, days_before), row in found.items():
        bought = {}
        for number in range(shop.events):
            until = local(START, number).date() - timedelta(days=days_before)
            bought[identifier(5, number)] = sum(
                order.tickets
                for order in paid(shop.orders)
                if order.event == number and day_of(order) <= until
            )
        assert row["tickets_bought"] == bought[event]
        alike = [other for other, at in found if at == days_before and other != event]
        assert row["similar_events"] == len(alike)
        assert row["similar_tickets_bought"] == sum(bought[other] for other in alike)
        assert row["sell_through"] == share(bought[event], 30_000)


def test_inventory_runs_by_the_days_of_the_event(warehouse: Warehouse, shop: Shop) -> None:
    bought: Counter[tuple[UUID, date]] = Counter()
    for order in paid(shop.orders):
        for line in order.lines:
            bought[line.ticket_type, day_of(order)] += line.quantity
    expected = {
        (kind, day): {
            "tickets_bought": tickets,
            "tickets_bought_so_far": sum(n for (k, d), n in bought.items() if k == kind and d <= day),
            "tickets_offered": 10_000,
        }
        for (kind, day), tickets in bought.items()
    }
    names = list(next(iter(expected.values())))
    assert read(warehouse, "inventory_by_day", ["ticket_type_id", "sold_on_local"], names) == expected


def test_lines_know_the_price_of_their_moment(warehouse: Warehouse, shop: Shop) -> None:
    """A price of one transaction that was changed again in it never held."""
    first = {shop.ticket_types(event)[0] for event in range(shop.events)}
    found = read(warehouse, "order_lines", ["order_item_id"], ["list_price_amount", "ordered_on_local"])
    expected = {
        (line.key,): {
            "list_price_amount": Decimal(
                9 if line.ticket_type in first and order.placed_at >= NEW_PRICE_AT else 7
            ),
            "ordered_on_local": day_of(order),
        }
        for order in shop.orders
        for line in order.lines
    }
    assert found == expected
    assert {row["list_price_amount"] for row in expected.values()} == {7, 9}


def test_scorecards(warehouse: Warehouse, shop: Shop, attention: Attention) -> None:
    expected = {}
    for organizer in range(shop.organizers):
        own = [order for order in shop.orders if shop.organizer_of(order.event) == organizer]
        buyers = Counter(order.buyer for order in paid(own) if order.buyer)
        _, total, net = shop.in_euros(own)
        expected[identifier(3, organizer),] = {
            "customers": len(buyers),
            "returning_customers": sum(orders > 1 for orders in buyers.values()),
            "disputes": sum(shop.organizer_of(order.event) == organizer for order in attention.disputed),
            "tickets_checked_in": sum(
                shop.organizer_of(order.event) == organizer for _, order, _, _ in attention.admitted
            ),
            "net_amount_eur": net,
            "refund_rate": share(total - net, total),
        }
    names = list(next(iter(expected.values())))
    assert read(warehouse, "organizer_scorecards", ["organizer_id"], names) == expected


def test_looks_by_channel_and_device(warehouse: Warehouse, attention: Attention) -> None:
    visitors: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for look in attention.looks:
        day = local(look.at, look.event).date()
        visitors[identifier(5, look.event), day, look.channel, look.device].append(look.visitor)
    found = read(
        warehouse,
        "page_views_by_day",
        ["event_id", "viewed_on_local", "channel", "device"],
        ["page_views", "visitors"],
    )
    assert found == {
        key: {"page_views": len(each), "visitors": len(set(each))} for key, each in visitors.items()
    }
    assert min(look.at for look in attention.looks) >= FIRST_LOOK


def test_metrics_say_what_the_marts_say(built: Outcome, warehouse: Warehouse) -> None:
    """Each measure of the semantic layer, evaluated as it is written."""
    said = {}
    for model in built.manifest["semantic_models"].values():
        table = model["node_relation"]["alias"]
        for measure in model["measures"]:
            expression = measure["expr"] or measure["name"]
            aggregate = {"sum": "sum({})", "count_distinct": "uniqExact({})"}[measure["agg"]]
            said[measure["name"]] = warehouse.scalar(
                f"SELECT {aggregate.format(expression)} FROM build_first.{table}"
            )
    names = [
        "orders",
        "tickets",
        *(f"{name}_amount{currency}" for name in AMOUNTS for currency in ("", "_eur")),
    ]
    sums = ", ".join(f"sum({name})" for name in names)
    (row,) = warehouse.query(f"SELECT {sums} FROM build_first.sales_by_day").rows
    assert {name: said[name] for name in names} == dict(zip(names, row, strict=True))
    assert said["open_amount"] == said["due_amount"] - said["paid_out_amount"]
    assert 0 < said["carts_paid"] <= said["carts_converted"] <= said["carts"]


def test_every_mart_says_as_of_when_it_is_complete(warehouse: Warehouse) -> None:
    complete = complete_as_of(warehouse, "build_first")
    assert set(complete) == {mart.name for mart in load_contracts().marts()} - {"freshness"}
    (instant,) = {each.instant for each in complete.values()}
    assert timedelta(seconds=8) < datetime.now(UTC) - instant < timedelta(minutes=15)
    rows = read(warehouse, "freshness", ["mart"], ["sources", "changes", "complete_as_of_position"])
    assert rows["currencies",]["sources"] == "financial__exchange_rates"
    assert rows["payouts",]["sources"] == "financial__exchange_rates, financial__payouts"
    assert rows["promotions",]["changes"] == 6
    assert rows["ticket_types_history",]["complete_as_of_position"] > 1_000
