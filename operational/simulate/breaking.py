"""Deliberately broken batches: accepted by the operational database, refused by a contract.

Nothing is switched off or bypassed to write them. The database holds the rules about states, limits and
references; that amounts add up is arithmetic of the services, which the contracts judge.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

from bilten.errors import UnknownBreakingRule
from bilten.settings import Settings
from operational.database import connect
from operational.rules import business_rules
from operational.simulate.plan import Moment, Transaction
from operational.simulate.purchase import Purchase, decide, statements
from operational.simulate.run import send
from operational.simulate.upkeep import publish_event
from operational.simulate.world import read_world

SETTLING_SECONDS = 6.0
"""The contracts' rules over several tables leave out what was committed in the last five seconds before the
newest row: its counterparts may still be on their way. A sound order this much later makes them look."""

Defect = Callable[[Purchase], Purchase]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can be broken.

    Attributes:
        dataset: the dataset whose contract has it.
        name: its name there.
        defect: makes a sound purchase break it, and no other rule.
        cure: SQL that makes every row that breaks it sound again.
        settles: whether it compares tables, and so judges only rows that later ones have followed.
    """

    dataset: str
    name: str
    defect: Defect
    cure: str
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """What was written.

    Attributes:
        rule: the rule broken.
        keys: keys of the rows that break it.
    """

    rule: Rule
    keys: Sequence[str]


def _order_total(purchase: Purchase) -> Purchase:
    return replace(purchase, total=purchase.total + 100, paid=purchase.paid + 100)


def _item_total(purchase: Purchase) -> Purchase:
    first = purchase.items[0]
    return replace(purchase, items=(replace(first, total=first.total + 1), *purchase.items[1:]))


def _order_subtotal(purchase: Purchase) -> Purchase:
    first = purchase.items[0]
    dearer = replace(first, unit_price=first.unit_price + 100, total=first.total + 100 * first.quantity)
    return replace(purchase, items=(dearer, *purchase.items[1:]))


def _payment_amount(purchase: Purchase) -> Purchase:
    return replace(purchase, paid=purchase.paid + 100)


def _ticket_count(purchase: Purchase) -> Purchase:
    first = purchase.items[0]
    return replace(purchase, items=(replace(first, tickets=first.tickets[:-1]), *purchase.items[1:]))


def _confirmed_has_a_time(purchase: Purchase) -> Purchase:
    return replace(purchase, has_confirmation_time=False)


_CURES = {
    "order_total": """
        WITH cured AS (
            UPDATE tickets.orders SET total = subtotal - discount + tax + fee
            WHERE total <> subtotal - discount + tax + fee RETURNING id, total)
        UPDATE payments.payments AS p SET amount = cured.total FROM cured WHERE p.order_id = cured.id""",
    "item_total": """
        UPDATE tickets.order_items SET total = quantity * unit_price - discount
        WHERE total <> quantity * unit_price - discount""",
    "order_subtotal": """
        WITH sums AS (
            SELECT order_id, sum(quantity * unit_price) AS gross FROM tickets.order_items GROUP BY order_id
        ), cured AS (
            UPDATE tickets.orders AS o SET subtotal = gross, total = gross - discount + tax + fee
            FROM sums WHERE order_id = o.id AND subtotal <> gross RETURNING o.id, o.total)
        UPDATE payments.payments AS p SET amount = cured.total FROM cured WHERE p.order_id = cured.id""",
    "payment_amount": """
        UPDATE payments.payments AS p SET amount = o.total FROM tickets.orders AS o
        WHERE o.id = p.order_id AND p.amount <> o.total""",
    "ticket_count": """
        INSERT INTO tickets.tickets (
            ticket_number, qr_code, event_id, ticket_type_id, order_id, order_item_id, status,
            holder_id, holder_name, holder_email, price, currency, issued_at)
        SELECT 'TK-' || upper(right(replace(key::text, '-', ''), 20)), replace(key::text, '-', ''),
            o.event_id, i.ticket_type_id, o.id, i.id, 'sold', o.buyer_id, o.buyer_name, o.buyer_email,
            i.unit_price, i.currency, now()
        FROM (
            SELECT i.*, system.uuid_v7() AS key FROM tickets.order_items AS i
            CROSS JOIN LATERAL generate_series(
                1, i.quantity - (SELECT count(*) FROM tickets.tickets AS t WHERE t.order_item_id = i.id))
        ) AS i JOIN tickets.orders AS o ON o.id = i.order_id""",
    "confirmed_has_a_time": """
        UPDATE tickets.orders SET confirmed_at = placed_at
        WHERE status IN ('confirmed', 'refunded', 'partially_refunded') AND confirmed_at IS NULL""",
}

RULES: Mapping[str, Rule] = {
    name: Rule(dataset, name, defect, _CURES[name], settles)
    for dataset, name, defect, settles in (
        ("tickets__orders", "order_total", _order_total, False),
        ("tickets__order_items", "item_total", _item_total, False),
        ("tickets__orders", "order_subtotal", _order_subtotal, True),
        ("payments__payments", "payment_amount", _payment_amount, False),
        ("tickets__tickets", "ticket_count", _ticket_count, True),
        ("tickets__orders", "confirmed_has_a_time", _confirmed_has_a_time, False),
    )
}
"""Rules that `bilten simulate --break` knows, by name."""


def break_rule(settings: Settings, name: str, rows: int = 3, seed: int = 1) -> Broken:
    """Write orders that break one rule of a contract.

    Args:
        settings: where the database is.
        name: one of `RULES`.
        rows: how many orders.
        seed: decides what is bought.

    Returns:
        The rule, and the keys of the broken rows (of the order, or of its item or payment where the rule is
        about those).

    Raises:
        UnknownBreakingRule: there is no such rule; the message lists those there are.
        OperationalError: the database refused; nothing of that order was written.
    """
    rule = _rule(name)
    random = Random(seed)  # noqa: S311 - traffic, not secrets
    with connect(settings, autocommit=True) as connection:
        world = read_world(connection)
        moment = Moment(random, datetime.now(UTC))
        # An event of its own: the defect then is in one place in every report.
        announcement = publish_event(moment, world)
        send(connection, announcement)
        announcement.applied()
        keys = []
        for _ in range(rows):
            purchase = rule.defect(decide(moment, world, world.events[-1], None))
            send(connection, Transaction(f"break {name}", statements(moment, purchase, paid=True)))
            keys.append(_key(rule, purchase))
        if rule.settles:
            time.sleep(SETTLING_SECONDS)
            moment.now = datetime.now(UTC)
            sound = decide(moment, world, world.events[-1], None)
            send(connection, Transaction("purchase", statements(moment, sound, paid=True)))
    return Broken(rule, tuple(keys))


def mend_rule(settings: Settings, name: str) -> int:
    """Make every row that breaks a rule sound again, as an operator would in the source.

    Args:
        settings: where the database is.
        name: one of `RULES`.

    Returns:
        How many rows were written for it.

    Raises:
        UnknownBreakingRule: there is no such rule; the message lists those there are.
        OperationalError: the database refused; nothing was written.
    """
    cure = _rule(name).cure
    with business_rules(), connect(settings) as connection:
        return connection.execute(cure.encode()).rowcount


def _rule(name: str) -> Rule:
    try:
        return RULES[name]
    except KeyError:
        raise UnknownBreakingRule(f"The rule {name} is not known; choose from {', '.join(RULES)}.") from None


def _key(rule: Rule, purchase: Purchase) -> str:
    if rule.dataset == "payments__payments":
        return purchase.payment
    if rule.dataset in {"tickets__order_items", "tickets__tickets"}:
        return purchase.items[0].id
    return purchase.order
