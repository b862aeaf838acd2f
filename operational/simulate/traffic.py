"""Which transaction comes next."""

from __future__ import annotations

from collections.abc import Callable

from operational.simulate import aftersales, browsing, upkeep
from operational.simulate.plan import Moment, Transaction
from operational.simulate.purchase import decide, paid_at_once, reserved
from operational.simulate.world import Event, World, take

Activity = Callable[[Moment, World], Transaction | None]

NEW_EVENT_EVERY = 1_500
"""Transactions between two events that go on sale, each followed by a rush."""
FEWEST_EVENTS = 12
"""With fewer events that have something left, a new one is published at once."""
RUSH_SHARE = 0.7


def _event(moment: Moment, world: World) -> Event | None:
    """The event that a visitor is interested in: during a rush mostly one."""
    if world.rush is not None and world.rush.types and moment.random.random() < RUSH_SHARE:
        return world.rush
    events = world.on_sale()
    # Squaring prefers the first ones: a few events draw most of the interest.
    return events[int(moment.random.random() ** 2 * len(events))] if events else None


def _buy(moment: Moment, world: World) -> Transaction | None:
    event = _event(moment, world)
    return paid_at_once(moment, world, decide(moment, world, event, None)) if event else None


def _reserve(moment: Moment, world: World) -> Transaction | None:
    event = _event(moment, world)
    return reserved(moment, world, decide(moment, world, event, None)) if event else None


def _convert(moment: Moment, world: World) -> Transaction | None:
    if not world.carts:
        return None
    cart = take(moment.random, world.carts)
    if cart.type not in cart.event.types:
        return None
    purchase = decide(moment, world, cart.event, (cart.id, cart.type, cart.quantity))
    return paid_at_once(moment, world, purchase)


def _view(moment: Moment, world: World) -> Transaction | None:
    event = _event(moment, world)
    return browsing.view(moment, world, event) if event else None


def _open_cart(moment: Moment, world: World) -> Transaction | None:
    event = _event(moment, world)
    return browsing.open_cart(moment, world, event) if event else None


def _if(things: str, activity: Activity) -> Activity:
    """The activity, when there is something of the kind it needs."""
    return lambda moment, world: activity(moment, world) if getattr(world, things) else None


ACTIVITIES: tuple[tuple[float, Activity], ...] = (
    (30, _buy),
    (6, _reserve),
    (6, _if("pending", aftersales.settle)),
    (22, _view),
    (9, _open_cart),
    (4, _convert),
    (3, _if("carts", browsing.leave_cart)),
    (1.5, _if("carts", browsing.empty_cart)),
    (2.5, _if("sales", aftersales.refund)),
    (2, _if("sales", aftersales.transfer)),
    (2.5, _if("sales", aftersales.check_in)),
    (0.1, _if("sales", aftersales.dispute)),
    (2.5, upkeep.sign_up),
    (3, _if("people", upkeep.sign_in)),
    (3, _if("people", upkeep.edit_profile)),
    (0.4, _if("people", upkeep.drop_preferences)),
    (1.5, _if("sales", upkeep.read_message)),
    (0.7, _if("events", upkeep.edit_event)),
    (0.3, _if("events", upkeep.promote)),
)
_WEIGHTS = tuple(weight for weight, _ in ACTIVITIES)
_CHOICES = tuple(activity for _, activity in ACTIVITIES)


def next_transaction(moment: Moment, world: World, number: int) -> Transaction:
    """Decide the next transaction.

    Args:
        moment: chance and time.
        world: what there is.
        number: how many were decided before.
    """
    if number % NEW_EVENT_EVERY == NEW_EVENT_EVERY // 10 or len(world.on_sale()) < FEWEST_EVENTS:
        return upkeep.publish_event(moment, world)
    if world.rush is not None:
        world.rush_left -= 1
        if world.rush_left <= 0:
            world.rush = None
    while True:
        activity = moment.random.choices(_CHOICES, _WEIGHTS)[0]
        transaction = activity(moment, world)
        if transaction is not None:
            return transaction
