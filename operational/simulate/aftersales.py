"""What happens to sales later: payment, refunds, transfers, admission, disputes."""

from __future__ import annotations

import json
from datetime import timedelta

from operational import vocabulary as words
from operational.pricing import money, provider_fee
from operational.simulate.plan import Moment, Statement, Transaction, insert, update
from operational.simulate.purchase import confirmation
from operational.simulate.world import World, remember, take


def settle(moment: Moment, world: World) -> Transaction:
    """A waiting payment completes, or fails and frees the tickets."""
    pending = take(moment.random, world.pending)
    sale, now = pending.sale, moment.now
    if moment.random.random() < 0.85:
        return Transaction(
            "payment completed",
            [
                update(
                    "payments.payments",
                    sale.payment,
                    status="completed",
                    fee=money(provider_fee(sale.total)),
                    completed_at=now,
                ),
                update("tickets.orders", sale.order, status="confirmed", confirmed_at=now),
                *confirmation(moment, sale.order, sale.buyer, pending.email),
                _tickets_of(sale.order, "sold", issued_at=now),
            ],
            applied=lambda: remember(world.sales, sale),
        )
    failure = moment.random.choice(words.FAILURES)
    return Transaction(
        "payment failed",
        [
            update("payments.payments", sale.payment, status="failed", failure_code=failure),
            update("tickets.orders", sale.order, status="cancelled", cancelled_at=now),
            _tickets_of(sale.order, "cancelled"),
        ],
    )


def refund(moment: Moment, world: World) -> Transaction | None:
    """A buyer gets everything back, or the price of one ticket; None when nothing can be refunded."""
    sale = take(moment.random, world.sales)
    if sale.admitted:
        return None
    now, count = moment.now, len(sale.tickets)
    partial = count > 1 and moment.random.random() < 0.4
    amount = sale.total // count if partial else sale.total
    request, key = moment.key(), moment.key()
    written = [
        insert(
            "tickets.refund_requests",
            id=request,
            order_id=sale.order,
            ticket_id=sale.tickets[0].id if partial else None,
            requester_id=sale.buyer.id if sale.buyer else None,
            status="requested",
            reason="I cannot come.",
            amount=money(amount),
            currency=sale.currency,
            requested_at=now,
        ),
        update("tickets.refund_requests", request, status="approved", decided_at=now),
        insert(
            "payments.refunds",
            id=key,
            payment_id=sale.payment,
            order_id=sale.order,
            refund_request_id=request,
            status="pending",
            amount=money(amount),
            currency=sale.currency,
            reason="requested_by_customer",
        ),
        update(
            "payments.refunds",
            key,
            status="completed",
            completed_at=now,
            provider_reference=f"re_{key.replace('-', '')}",
        ),
        update("tickets.refund_requests", request, status="processed"),
        update("tickets.orders", sale.order, status="partially_refunded" if partial else "refunded"),
    ]
    if partial:
        written.append(update("tickets.tickets", sale.tickets[0].id, status="refunded"))
        return Transaction("partial refund", written)
    written.append(update("payments.payments", sale.payment, status="refunded"))
    written.append(_tickets_of(sale.order, "refunded"))
    return Transaction("refund", written)


def transfer(moment: Moment, world: World) -> Transaction | None:
    """A ticket passes to another person, or the offer is turned down; None when it may not."""
    sale = moment.random.choice(world.sales)
    if sale.buyer is None or sale.admitted or not sale.tickets[0].transferable or not world.people:
        return None
    ticket = sale.tickets[0]
    recipient = moment.random.choice(world.people)
    key, accepted = moment.key(), moment.random.random() < 0.8
    written = [
        insert(
            "tickets.ticket_transfers",
            id=key,
            ticket_id=ticket.id,
            sender_id=sale.buyer.id,
            recipient_id=recipient.id,
            recipient_email=recipient.email,
            message="See you there!",
            requested_at=moment.now,
        ),
        update(
            "tickets.ticket_transfers",
            key,
            status="accepted" if accepted else "declined",
            decided_at=moment.now,
        ),
    ]
    if accepted:
        written.append(
            update(
                "tickets.tickets",
                ticket.id,
                holder_id=recipient.id,
                holder_name=recipient.name,
                holder_email=recipient.email,
            )
        )
    return Transaction("transfer", written)


def check_in(moment: Moment, world: World) -> Transaction | None:
    """A ticket passes the door; None when the order's last one did."""
    sale = moment.random.choice(world.sales)
    if not sale.tickets:
        return None
    # At once, not after the commit: two transactions of one tick must not admit one ticket twice.
    sale.admitted = True
    ticket = sale.tickets.pop()
    random = moment.random
    return Transaction(
        "check-in",
        [
            insert(
                "tickets.check_ins",
                id=moment.key(),
                ticket_id=ticket.id,
                event_id=sale.event,
                method=random.choice(("qr_code", "qr_code", "qr_code", "nfc", "manual")),
                gate=random.choice(("North", "South", "East", "West")),
                device=f"scanner-{random.randrange(1, 9)}",
                checked_in_at=moment.now,
            )
        ],
    )


def dispute(moment: Moment, world: World) -> Transaction:
    """A buyer contests a payment with the bank."""
    sale = moment.random.choice(world.sales)
    return Transaction(
        "dispute",
        [
            insert(
                "payments.disputes",
                id=moment.key(),
                payment_id=sale.payment,
                order_id=sale.order,
                reason=moment.random.choice(("fraudulent", "not_received")),
                amount=money(sale.total),
                currency=sale.currency,
                evidence=json.dumps({"documents": []}),
                opened_at=moment.now,
                evidence_due_at=moment.now + timedelta(days=14),
            )
        ],
    )


def _tickets_of(order: str, status: str, **columns: object) -> Statement:
    changes = "".join(f", {name} = %({name})s" for name in columns)
    return Statement(
        f"UPDATE tickets.tickets SET status = %(status)s{changes} WHERE order_id = %(order)s",
        {"status": status, "order": order, **columns},
    )
