"""What the simulation knows of the database: read once, then kept up to date by what it commits itself."""

from __future__ import annotations

from collections.abc import MutableSequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, TypeVar

import psycopg

Thing = TypeVar("Thing")

EVENTS = 250
PEOPLE = 4_000
SALES = 3_000
CARTS = 500
MOST_REMEMBERED = 20_000


@dataclass(slots=True)
class Tier:
    """A price that holds for a while; cents."""

    id: str
    price: int
    valid_from: datetime
    valid_until: datetime


@dataclass(slots=True)
class TicketType:
    """Something to buy. ``left`` is what the simulation believes is left."""

    id: str
    price: int
    left: int
    transferable: bool = True
    tiers: list[Tier] = field(default_factory=list)

    def price_at(self, moment: datetime) -> tuple[int, str | None]:
        """Price in cents at a moment, and the tier it comes from."""
        for tier in self.tiers:
            if tier.valid_from <= moment < tier.valid_until:
                return tier.price, tier.id
        return self.price, None


@dataclass(slots=True)
class Code:
    """A discount code: basis points or cents."""

    id: str
    basis_points: int
    cents: int


@dataclass(slots=True)
class Event:
    """An event on sale."""

    id: str
    organizer: str
    currency: str
    tier: str
    country: str
    status: str
    starts_at: datetime
    ends_at: datetime
    types: list[TicketType] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """Somebody with an account; ``preferences`` is the key of their preferences, when they have any."""

    id: str
    name: str
    email: str
    preferences: str | None = None
    profile: str | None = None


@dataclass(slots=True)
class Ticket:
    """A ticket sold, and whether it may be passed on."""

    id: str
    transferable: bool = True


@dataclass(slots=True)
class Sale:
    """A paid order: what is needed to refund, pass on or admit its tickets. Cents."""

    order: str
    event: str
    payment: str
    buyer: Person | None
    currency: str
    total: int
    tickets: list[Ticket]
    admitted: bool = False


@dataclass(slots=True)
class Pending:
    """An order that waits for its payment."""

    sale: Sale
    email: str


@dataclass(slots=True)
class Cart:
    """An active cart."""

    id: str
    event: Event
    type: TicketType
    quantity: int
    person: Person | None


@dataclass(slots=True)
class World:
    """All that decisions are drawn from."""

    events: list[Event]
    people: list[Person]
    organizers: list[tuple[str, str, str]]
    venues: list[tuple[str, str]]
    categories: list[str]
    sales: list[Sale]
    carts: list[Cart] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    rush: Event | None = None
    rush_left: int = 0

    def on_sale(self) -> list[Event]:
        """Events that have something left."""
        return [event for event in self.events if event.types]


def take(random: Random, things: MutableSequence[Thing]) -> Thing:
    """Remove and return a random element; the order of the others does not matter."""
    place = random.randrange(len(things))
    things[place], things[-1] = things[-1], things[place]
    return things.pop()


def remember(things: MutableSequence[Thing], thing: Thing) -> None:
    """Add an element; past `MOST_REMEMBERED` the oldest are forgotten, so that traffic may run for weeks."""
    things.append(thing)
    if len(things) > MOST_REMEMBERED:
        del things[: MOST_REMEMBERED // 10]


_EVENTS = """
SELECT e.id::text, e.organizer_id::text, e.currency, o.subscription_tier::text,
       coalesce(v.country, o.country), e.status::text, e.starts_at, e.ends_at
FROM events.events AS e
JOIN users.organizers AS o ON o.id = e.organizer_id
LEFT JOIN events.venues AS v ON v.id = e.venue_id
WHERE e.status IN ('published', 'live') AND e.ends_at > now()
ORDER BY e.id DESC LIMIT %s
"""
_TYPES = """
SELECT t.event_id::text, t.id::text, (t.price * 100)::bigint, t.capacity - t.sold,
       coalesce(c.transferable, true)
FROM tickets.ticket_types AS t
LEFT JOIN tickets.ticket_configurations AS c ON c.ticket_type_id = t.id
WHERE t.event_id = ANY (%s::uuid[]) AND t.status = 'active' AND t.capacity > t.sold
ORDER BY t.id
"""
_TIERS = """
SELECT ticket_type_id::text, id::text, (price * 100)::bigint, valid_from, valid_until
FROM tickets.pricing_tiers
WHERE ticket_type_id = ANY (%s::uuid[]) AND kind = 'early_bird' AND valid_until > now()
ORDER BY id
"""
_CODES = """
SELECT event_id::text, id::text, kind::text, (value * 100)::bigint
FROM tickets.discount_codes
WHERE event_id = ANY (%s::uuid[]) AND is_active AND valid_until > now() + interval '1 day'
  AND uses < coalesce(maximum_uses, uses + 1)
ORDER BY id
"""
_PEOPLE = """
SELECT u.id::text, u.first_name || ' ' || u.last_name, u.email, p.id::text, f.id::text
FROM users.users AS u
LEFT JOIN users.user_preferences AS p ON p.user_id = u.id
LEFT JOIN users.user_profiles AS f ON f.user_id = u.id
WHERE u.role = 'user' AND u.status = 'active'
ORDER BY u.id DESC LIMIT %s
"""
_SALES = """
WITH recent AS (
    SELECT * FROM tickets.orders WHERE status = 'confirmed' ORDER BY id DESC LIMIT %s
)
SELECT o.id::text, o.event_id::text, p.id::text, o.buyer_id::text, o.buyer_name, o.buyer_email, o.currency,
       (o.total * 100)::bigint, array_agg(t.id::text ORDER BY t.id),
       array_agg(coalesce(c.transferable, true) ORDER BY t.id)
FROM recent AS o
JOIN payments.payments AS p ON p.order_id = o.id AND p.status = 'completed' AND p.refunded_amount = 0
JOIN tickets.tickets AS t ON t.order_id = o.id AND t.status = 'sold'
LEFT JOIN tickets.ticket_configurations AS c ON c.ticket_type_id = t.ticket_type_id
WHERE NOT EXISTS (
    SELECT FROM tickets.check_ins AS i JOIN tickets.tickets AS s ON s.id = i.ticket_id WHERE s.order_id = o.id
)
GROUP BY o.id, o.event_id, p.id, o.buyer_id, o.buyer_name, o.buyer_email, o.currency, o.total
ORDER BY o.id
"""
_CARTS = """
SELECT c.id::text, c.event_id::text, i.ticket_type_id::text, i.quantity
FROM events.carts AS c JOIN events.cart_items AS i ON i.cart_id = c.id
WHERE c.status = 'active' ORDER BY c.id DESC LIMIT %s
"""


def read_world(connection: psycopg.Connection[Any]) -> World:
    """Read what there is to buy, who buys, and what can happen to earlier sales.

    Args:
        connection: to the operational database; nothing is locked.
    """
    events = {row[0]: Event(*row) for row in connection.execute(_EVENTS, [EVENTS])}
    types: dict[str, TicketType] = {}
    for event, *rest in connection.execute(_TYPES, [list(events)]):
        types[rest[0]] = TicketType(*rest)
        events[event].types.append(types[rest[0]])
    for kind, *rest in connection.execute(_TIERS, [list(types)]):
        types[kind].tiers.append(Tier(*rest))
    for event, key, kind, value in connection.execute(_CODES, [list(events)]):
        percentage = kind == "percentage"
        events[event].codes.append(Code(key, value if percentage else 0, 0 if percentage else value))
    world = World(
        events=list(events.values()),
        people=[Person(*row) for row in connection.execute(_PEOPLE, [PEOPLE])],
        organizers=_rows(
            connection,
            "SELECT id::text, country, subscription_tier::text FROM users.organizers ORDER BY id LIMIT 500",
        ),
        venues=_rows(connection, "SELECT id::text, country FROM events.venues ORDER BY id LIMIT 500"),
        categories=[
            row[0] for row in _rows(connection, "SELECT id::text FROM events.categories ORDER BY id")
        ],
        sales=[_sale(row) for row in connection.execute(_SALES, [SALES])],
    )
    for key, event, kind, quantity in connection.execute(_CARTS, [CARTS]):
        if event in events and kind in types:
            world.carts.append(Cart(key, events[event], types[kind], quantity, None))
    connection.rollback()
    return world


def _rows(connection: psycopg.Connection[Any], query: str) -> list[Any]:
    return connection.execute(query.encode()).fetchall()


def _sale(row: tuple[Any, ...]) -> Sale:
    order, event, payment, buyer, name, email, currency, total, tickets, transferable = row
    return Sale(
        order,
        event,
        payment,
        Person(buyer, name, email) if buyer else None,
        currency,
        total,
        [Ticket(*ticket) for ticket in zip(tickets, transferable, strict=True)],
    )
