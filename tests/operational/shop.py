"""A small shop in the database, for tests of its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg


def add(connection: psycopg.Connection[Any], table: str, **columns: object) -> str:
    """Insert a row and return its key."""
    names = ", ".join(columns)
    values = ", ".join(f"%({name})s" for name in columns)
    row = connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({values}) RETURNING id::text".encode(), columns
    ).fetchone()
    assert row is not None
    return str(row[0])


@dataclass(frozen=True)
class Shop:
    """One event on sale with one type of ticket."""

    connection: psycopg.Connection[Any]
    owner: str
    organizer: str
    event: str
    type: str

    def order(self, **columns: object) -> str:
        values: dict[str, object] = {
            "order_number": f"T-{self.count('tickets.orders')}",
            "event_id": self.event,
            "buyer_email": "guest@example.com",
            "buyer_name": "Guest",
            "channel": "web",
            "currency": "EUR",
            "subtotal": 100,
            "total": 100,
        }
        return add(self.connection, "tickets.orders", **{**values, **columns})

    def item(self, order: str, quantity: int = 1) -> str:
        return add(
            self.connection,
            "tickets.order_items",
            order_id=order,
            ticket_type_id=self.type,
            quantity=quantity,
            unit_price=100,
            total=100 * quantity,
            currency="EUR",
        )

    def ticket(self, status: str = "sold", order: str | None = None, **columns: object) -> str:
        order = order or self.order()
        number = self.count("tickets.tickets")
        values: dict[str, object] = {
            "ticket_number": f"N-{number}-{order[-6:]}",
            "qr_code": f"Q-{number}-{order[-6:]}",
            "event_id": self.event,
            "ticket_type_id": self.type,
            "order_id": order,
            "order_item_id": self.item(order),
            "status": status,
            "price": 100,
            "currency": "EUR",
        }
        return add(self.connection, "tickets.tickets", **{**values, **columns})

    def payment(self, status: str = "completed", amount: int = 100) -> tuple[str, str]:
        order = self.order()
        return order, add(
            self.connection,
            "payments.payments",
            order_id=order,
            provider="stripe",
            provider_intent=f"pi-{order}",
            method="card",
            status=status,
            amount=amount,
            currency="EUR",
        )

    def count(self, table: str) -> int:
        row = self.connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert row is not None
        return int(row[0])

    def value(self, query: str, *parameters: object) -> Any:
        row = self.connection.execute(query.encode(), parameters).fetchone()
        assert row is not None
        return row[0]


def open_shop(connection: psycopg.Connection[Any], capacity: int = 10) -> Shop:
    """Make a shop in the connection's transaction."""
    number = Shop(connection, "", "", "", "").count("users.users")
    owner = add(connection, "users.users", email=f"owner{number}@example.com", first_name="O", last_name="W")
    organizer = add(
        connection,
        "users.organizers",
        owner_id=owner,
        organization="Hall",
        slug=f"hall-{number}",
        contact_email="hall@example.com",
        country="DE",
    )
    event = add(
        connection,
        "events.events",
        organizer_id=organizer,
        title="Night",
        slug=f"night-{number}",
        status="published",
        type="concert",
        format="virtual",
        starts_at="2030-01-01 20:00+00",
        ends_at="2030-01-01 23:00+00",
        capacity=capacity,
        currency="EUR",
    )
    kind = add(
        connection,
        "tickets.ticket_types",
        event_id=event,
        name="Standing",
        price=100,
        currency="EUR",
        capacity=capacity,
        sales_start_at="2020-01-01",
        sales_end_at="2030-01-01",
    )
    return Shop(connection, owner, organizer, event, kind)
