"""A purchase: decided as one value, then written as one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass

from operational import vocabulary as words
from operational.pricing import money, provider_fee, service_fee, share
from operational.simulate.plan import Moment, Statement, Transaction, insert, insert_many, update
from operational.simulate.world import Event, Pending, Person, Sale, Ticket, TicketType, World, remember

GUEST_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Item:
    """One ticket type of a purchase; cents."""

    id: str
    type: TicketType
    tier: str | None
    quantity: int
    unit_price: int
    discount: int
    tickets: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """Everything about an order, its amounts included, so that each can be looked at before it is written.

    The identities of `operational.pricing` hold; `operational.simulate.breaking` makes copies where one
    does not.
    """

    order: str
    number: str
    payment: str
    event: Event
    person: Person | None
    name: str
    email: str
    channel: str
    code: str | None
    items: tuple[Item, ...]
    subtotal: int
    discount: int
    tax: int
    fee: int
    total: int
    paid: int
    cart: str | None = None
    has_confirmation_time: bool = True


def decide(moment: Moment, world: World, event: Event, cart: tuple[str, TicketType, int] | None) -> Purchase:
    """Decide a purchase.

    Args:
        moment: chance and time.
        world: who could buy.
        event: what for; it has something left.
        cart: a cart that it comes from: its key, ticket type and quantity.
    """
    random = moment.random
    person = None if random.random() < GUEST_SHARE or not world.people else random.choice(world.people)
    if person is None:
        first, last = random.choice(words.FIRST_NAMES), random.choice(words.LAST_NAMES)
        name, email = f"{first} {last}", words.mailbox(first, last, random.randrange(10**9))
    else:
        name, email = person.name, person.email
    chosen = [cart[1]] if cart else [random.choice(event.types)]
    if len(event.types) > 1 and random.random() < 0.12:
        others = [kind for kind in event.types if kind is not chosen[0]]
        chosen.append(random.choice(others))
    code = random.choice(event.codes) if event.codes and random.random() < 0.15 else None
    items = []
    for place, type_ in enumerate(chosen):
        quantity = cart[2] if cart and place == 0 else random.choices((1, 2, 3, 4, 6), (60, 26, 7, 5, 2))[0]
        unit_price, tier = type_.price_at(moment.now)
        gross = quantity * unit_price
        discount = 0
        if code is not None:
            fixed = min(code.cents, gross) if place == 0 else 0
            discount = share(gross, code.basis_points) + fixed
        tickets = tuple(moment.key() for _ in range(quantity))
        items.append(
            Item(moment.key(), type_, tier, quantity, unit_price, discount, tickets, gross - discount)
        )
    subtotal = sum(item.quantity * item.unit_price for item in items)
    discount = sum(item.discount for item in items)
    net, count = subtotal - discount, sum(item.quantity for item in items)
    tax = share(net, words.TAX_BASIS_POINTS[event.country])
    fee = service_fee(net, count, words.FEE_BASIS_POINTS[event.tier], words.FEE_FIXED_CENTS[event.currency])
    total = net + tax + fee
    return Purchase(
        order=moment.key(),
        number=moment.number("BT"),
        payment=moment.key(),
        event=event,
        person=person,
        name=name,
        email=email,
        channel=random.choices(words.CHANNELS, words.CHANNEL_WEIGHTS)[0],
        code=code.id if code else None,
        items=tuple(items),
        subtotal=subtotal,
        discount=discount,
        tax=tax,
        fee=fee,
        total=total,
        paid=total,
        cart=cart[0] if cart else None,
    )


def paid_at_once(moment: Moment, world: World, purchase: Purchase) -> Transaction:
    """The purchase as one transaction: order, items, payment, tickets, message and business event."""
    return Transaction(
        "purchase",
        statements(moment, purchase, paid=True),
        applied=lambda: remember(world.sales, _sold(purchase)),
        refused=lambda: sold_out(world, purchase),
    )


def reserved(moment: Moment, world: World, purchase: Purchase) -> Transaction:
    """The first half of a purchase whose payment takes longer: order and tickets are held."""
    return Transaction(
        "reservation",
        statements(moment, purchase, paid=False),
        applied=lambda: remember(world.pending, Pending(_sold(purchase), purchase.email)),
        refused=lambda: sold_out(world, purchase),
    )


def statements(moment: Moment, purchase: Purchase, *, paid: bool) -> list[Statement]:
    """The statements of a purchase. Tickets come last: they lock their ticket type's counter."""
    now, event = moment.now, purchase.event
    written = [
        _order(moment, purchase, paid=paid),
        insert_many(
            "tickets.order_items",
            {
                "id": "uuid",
                "order_id": "uuid",
                "ticket_type_id": "uuid",
                "pricing_tier_id": "uuid",
                "quantity": "smallint",
                "unit_price": "numeric",
                "discount": "numeric",
                "total": "numeric",
                "currency": "text",
                "attendee": "jsonb",
            },
            [
                {
                    "id": item.id,
                    "order_id": purchase.order,
                    "ticket_type_id": item.type.id,
                    "pricing_tier_id": item.tier,
                    "quantity": item.quantity,
                    "unit_price": money(item.unit_price),
                    "discount": money(item.discount),
                    "total": money(item.total),
                    "currency": event.currency,
                    "attendee": json.dumps({"name": purchase.name, "email": purchase.email}),
                }
                for item in purchase.items
            ],
        ),
        insert(
            "payments.payments",
            id=purchase.payment,
            order_id=purchase.order,
            provider="iyzico"
            if event.country == "TR"
            else moment.random.choice(("stripe", "adyen", "paypal")),
            provider_intent=f"pi_{purchase.payment.replace('-', '')}",
            method=moment.random.choices(words.METHODS, (75, 15, 6, 4))[0],
            status="completed" if paid else "pending",
            amount=money(purchase.paid),
            fee=money(provider_fee(purchase.paid)) if paid else "0",
            currency=event.currency,
            details=card(moment),
            completed_at=now if paid else None,
        ),
    ]
    if purchase.cart is not None:
        written.append(
            update("events.carts", purchase.cart, status="converted", converted_order_id=purchase.order)
        )
    if paid:
        written += confirmation(moment, purchase.order, purchase.person, purchase.email)
    written.append(_tickets(moment, purchase, paid=paid))
    return written


def confirmation(moment: Moment, order: str, person: Person | None, email: str) -> list[Statement]:
    """The message to the buyer and the business event of a confirmed order."""
    return [
        insert(
            "system.notifications",
            id=moment.key(),
            user_id=person.id if person else None,
            order_id=order,
            channel="email",
            template="order_confirmation",
            recipient=email,
            status="sent",
            sent_at=moment.now,
        ),
        insert(
            "system.outbox",
            id=moment.key(),
            aggregate_type="order",
            aggregate_id=order,
            event_type="order.confirmed",
            payload=json.dumps({"order_id": order}),
            occurred_at=moment.now,
        ),
    ]


def card(moment: Moment) -> str:
    """What the provider tells of the instrument, as JSON."""
    random = moment.random
    return json.dumps(
        {
            "brand": random.choice(words.CARD_BRANDS),
            "last_four": f"{random.randrange(10_000):04d}",
            "risk_score": random.randrange(100),
        }
    )


def sold_out(world: World, purchase: Purchase) -> None:
    """Stop offering what was refused, and the codes that may have been the cause."""
    types = {item.type.id for item in purchase.items}
    purchase.event.types = [kind for kind in purchase.event.types if kind.id not in types]
    purchase.event.codes = []
    if world.rush is purchase.event and not purchase.event.types:
        world.rush = None


def _order(moment: Moment, purchase: Purchase, *, paid: bool) -> Statement:
    return insert(
        "tickets.orders",
        id=purchase.order,
        order_number=purchase.number,
        event_id=purchase.event.id,
        buyer_id=purchase.person.id if purchase.person else None,
        buyer_email=purchase.email,
        buyer_name=purchase.name,
        status="confirmed" if paid else "pending",
        channel=purchase.channel,
        currency=purchase.event.currency,
        subtotal=money(purchase.subtotal),
        discount=money(purchase.discount),
        tax=money(purchase.tax),
        fee=money(purchase.fee),
        total=money(purchase.total),
        discount_code_id=purchase.code,
        placed_at=moment.now,
        confirmed_at=moment.now if paid and purchase.has_confirmation_time else None,
    )


def _tickets(moment: Moment, purchase: Purchase, *, paid: bool) -> Statement:
    person, event = purchase.person, purchase.event
    return insert_many(
        "tickets.tickets",
        {
            "id": "uuid",
            "ticket_number": "text",
            "qr_code": "text",
            "event_id": "uuid",
            "ticket_type_id": "uuid",
            "order_id": "uuid",
            "order_item_id": "uuid",
            "status": "tickets.ticket_status",
            "holder_id": "uuid",
            "holder_name": "text",
            "holder_email": "text",
            "price": "numeric",
            "currency": "text",
            "issued_at": "timestamptz",
        },
        [
            {
                "id": ticket,
                "ticket_number": moment.number("TK"),
                "qr_code": moment.key().replace("-", ""),
                "event_id": event.id,
                "ticket_type_id": item.type.id,
                "order_id": purchase.order,
                "order_item_id": item.id,
                "status": "sold" if paid else "reserved",
                "holder_id": person.id if person else None,
                "holder_name": purchase.name,
                "holder_email": purchase.email,
                "price": money(item.unit_price),
                "currency": event.currency,
                "issued_at": moment.now if paid else None,
            }
            for item in purchase.items
            for ticket in item.tickets
        ],
    )


def _sold(purchase: Purchase) -> Sale:
    for item in purchase.items:
        item.type.left -= item.quantity
        if item.type.left <= 0 and item.type in purchase.event.types:
            purchase.event.types.remove(item.type)
    return Sale(
        purchase.order,
        purchase.event.id,
        purchase.payment,
        purchase.person,
        purchase.event.currency,
        purchase.total,
        [Ticket(ticket, item.type.transferable) for item in purchase.items for ticket in item.tickets],
    )
