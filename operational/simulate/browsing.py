"""Visitors before they buy: page views and carts."""

from __future__ import annotations

from datetime import timedelta

from operational import vocabulary as words
from operational.pricing import money
from operational.simulate.plan import Moment, Transaction, delete, insert, update
from operational.simulate.world import Cart, Event, World, remember, take

CART_LIFE = timedelta(minutes=30)


def view(moment: Moment, world: World, event: Event) -> Transaction:
    """Somebody looks at an event's page."""
    random = moment.random
    mobile = random.random() < 0.55
    return Transaction(
        "page view",
        [
            insert(
                "events.page_views",
                id=moment.key(),
                event_id=event.id,
                user_id=random.choice(world.people).id if world.people and random.random() < 0.4 else None,
                visitor_id=_visitor(moment),
                channel="mobile_app" if mobile and random.random() < 0.5 else "web",
                device="mobile" if mobile else random.choice(("desktop", "desktop", "tablet")),
                country=random.choice(words.COUNTRIES),
                referrer=random.choice((*words.REFERRERS, None, None, None)),
                campaign=random.choice((*words.CAMPAIGNS, *[None] * 12)),
                viewed_at=moment.now,
            )
        ],
    )


def open_cart(moment: Moment, world: World, event: Event) -> Transaction:
    """Somebody puts tickets into a cart."""
    random = moment.random
    type_ = random.choice(event.types)
    price, _ = type_.price_at(moment.now)
    quantity = random.choice((1, 1, 2, 2, 4))
    person = random.choice(world.people) if world.people and random.random() < 0.6 else None
    cart = Cart(moment.key(), event, type_, quantity, person)
    return Transaction(
        "cart opened",
        [
            insert(
                "events.carts",
                id=cart.id,
                event_id=event.id,
                user_id=person.id if person else None,
                visitor_id=_visitor(moment),
                currency=event.currency,
                total=money(quantity * price),
                expires_at=moment.now + CART_LIFE,
            ),
            insert(
                "events.cart_items",
                id=moment.key(),
                cart_id=cart.id,
                ticket_type_id=type_.id,
                quantity=quantity,
                unit_price=money(price),
            ),
        ],
        applied=lambda: remember(world.carts, cart),
    )


def leave_cart(moment: Moment, world: World) -> Transaction:
    """A cart is abandoned, or expires."""
    cart = take(moment.random, world.carts)
    status = moment.random.choice(("abandoned", "abandoned", "expired"))
    return Transaction("cart abandoned", [update("events.carts", cart.id, status=status)])


def empty_cart(moment: Moment, world: World) -> Transaction:
    """A visitor throws a cart away; its items go with it."""
    return Transaction("cart deleted", [delete("events.carts", take(moment.random, world.carts).id)])


def _visitor(moment: Moment) -> str:
    return f"{moment.random.getrandbits(128) & ~(0xF << 76) | (4 << 76):032x}"
