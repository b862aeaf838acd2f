"""Every rule of the business holds in the database itself, and its violation has a clear name."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy import insert as sqlalchemy_insert

from bilten import errors
from bilten.settings import Settings
from operational.engine import engine
from operational.models.users import User
from operational.rules import business_rules
from tests.operational.shop import Shop, add, open_shop

pytestmark = pytest.mark.postgresql


@pytest.fixture
def shop(operational: psycopg.Connection[Any]) -> Shop:
    return open_shop(operational, capacity=3)


def sold(shop: Shop) -> int:
    return int(shop.value("SELECT sold FROM tickets.ticket_types WHERE id = %s", shop.type))


def test_the_counter_of_tickets_follows_every_change(shop: Shop) -> None:
    first, second = shop.ticket("reserved"), shop.ticket("sold")
    assert sold(shop) == 2
    shop.connection.execute("UPDATE tickets.tickets SET status = 'sold' WHERE id = %s", [first])
    assert sold(shop) == 2
    shop.connection.execute("UPDATE tickets.tickets SET status = 'refunded' WHERE id = %s", [second])
    assert sold(shop) == 1
    shop.connection.execute("DELETE FROM tickets.tickets WHERE id = %s", [first])
    assert sold(shop) == 0


def test_no_more_tickets_are_sold_than_there_are(shop: Shop) -> None:
    for _ in range(3):
        shop.ticket()
    with pytest.raises(errors.Oversold) as caught, business_rules():
        shop.ticket()
    assert caught.value.details["constraint"] == "ticket_types_sold_within_capacity"
    assert not caught.value.retryable


def test_a_place_that_is_given_back_can_be_sold_again(shop: Shop) -> None:
    tickets = [shop.ticket() for _ in range(3)]
    shop.connection.execute("UPDATE tickets.tickets SET status = 'cancelled' WHERE id = %s", [tickets[0]])
    shop.ticket()
    assert sold(shop) == 3


def tier(shop: Shop, start: str, end: str, kind: str = "early_bird") -> str:
    return add(
        shop.connection,
        "tickets.pricing_tiers",
        ticket_type_id=shop.type,
        name="Early",
        kind=kind,
        price=80,
        currency="EUR",
        valid_from=start,
        valid_until=end,
    )


def test_windows_of_one_price_tier_do_not_overlap(shop: Shop) -> None:
    tier(shop, "2026-01-01", "2026-02-01")
    with pytest.raises(errors.OverlappingSalesWindow), business_rules():
        tier(shop, "2026-01-31", "2026-03-01")


def test_windows_may_touch_and_other_kinds_may_overlap(shop: Shop) -> None:
    tier(shop, "2026-01-01", "2026-02-01")
    tier(shop, "2026-02-01", "2026-03-01")
    tier(shop, "2026-01-15", "2026-02-15", kind="group")
    assert shop.count("tickets.pricing_tiers") == 3


def test_moving_a_window_onto_another_is_refused(shop: Shop) -> None:
    tier(shop, "2026-01-01", "2026-02-01")
    later = tier(shop, "2026-02-01", "2026-03-01")
    with pytest.raises(errors.OverlappingSalesWindow), business_rules():
        shop.connection.execute(
            "UPDATE tickets.pricing_tiers SET valid_from = '2026-01-20' WHERE id = %s", [later]
        )


def refund(shop: Shop, order: str, payment: str, amount: int, **columns: object) -> str:
    values: dict[str, object] = {"currency": "EUR", "reason": "requested_by_customer"}
    return add(
        shop.connection,
        "payments.refunds",
        order_id=order,
        payment_id=payment,
        amount=amount,
        **{**values, **columns},
    )


def test_refunds_together_stay_within_the_payment(shop: Shop) -> None:
    order, payment = shop.payment()
    refund(shop, order, payment, 60)
    with pytest.raises(errors.RefundExceedsPayment), business_rules():
        refund(shop, order, payment, 41)


def test_a_refund_that_failed_does_not_count(shop: Shop) -> None:
    order, payment = shop.payment()
    failed = refund(shop, order, payment, 100)
    shop.connection.execute("UPDATE payments.refunds SET status = 'failed' WHERE id = %s", [failed])
    refund(shop, order, payment, 100)
    assert shop.value("SELECT refunded_amount FROM payments.payments WHERE id = %s", payment) == 100


def test_raising_a_refund_above_the_payment_is_refused(shop: Shop) -> None:
    order, payment = shop.payment()
    key = refund(shop, order, payment, 60)
    with pytest.raises(errors.RefundExceedsPayment), business_rules():
        shop.connection.execute("UPDATE payments.refunds SET amount = 101 WHERE id = %s", [key])


@pytest.mark.parametrize(
    ("status", "columns"), [("pending", {}), ("completed", {"currency": "USD"})], ids=["unpaid", "currency"]
)
def test_only_a_completed_payment_is_refunded_in_its_own_currency(
    shop: Shop, status: str, columns: dict[str, object]
) -> None:
    order, payment = shop.payment(status)
    with pytest.raises(errors.RefundNotPossible), business_rules():
        refund(shop, order, payment, 10, **columns)


def step(shop: Shop, table: str, key: str, status: str) -> None:
    with business_rules():
        shop.connection.execute(f"UPDATE {table} SET status = %s WHERE id = %s".encode(), [status, key])


def test_an_order_goes_forward_only(shop: Shop) -> None:
    order = shop.order()
    step(shop, "tickets.orders", order, "confirmed")
    step(shop, "tickets.orders", order, "partially_refunded")
    step(shop, "tickets.orders", order, "refunded")
    with pytest.raises(errors.IllegalStatusTransition) as caught:
        step(shop, "tickets.orders", order, "pending")
    assert caught.value.details["sqlstate"] == "TK001"
    assert "from refunded to pending" in caught.value.what


def test_a_cancelled_ticket_is_not_sold_again(shop: Shop) -> None:
    ticket = shop.ticket("reserved")
    step(shop, "tickets.tickets", ticket, "cancelled")
    with pytest.raises(errors.IllegalStatusTransition):
        step(shop, "tickets.tickets", ticket, "sold")


def test_a_failed_payment_does_not_complete(shop: Shop) -> None:
    _, payment = shop.payment("pending")
    step(shop, "payments.payments", payment, "failed")
    with pytest.raises(errors.IllegalStatusTransition):
        step(shop, "payments.payments", payment, "completed")


def test_a_completed_refund_does_not_fail(shop: Shop) -> None:
    order, payment = shop.payment()
    key = refund(shop, order, payment, 10)
    step(shop, "payments.refunds", key, "completed")
    with pytest.raises(errors.IllegalStatusTransition):
        step(shop, "payments.refunds", key, "failed")


def test_an_event_is_not_unpublished(shop: Shop) -> None:
    step(shop, "events.events", shop.event, "live")
    with pytest.raises(errors.IllegalStatusTransition):
        step(shop, "events.events", shop.event, "draft")


def test_nothing_is_ordered_for_a_cancelled_event(shop: Shop) -> None:
    step(shop, "events.events", shop.event, "cancelled")
    with pytest.raises(errors.EventNotOnSale), business_rules():
        shop.order()


def code(shop: Shop, **columns: object) -> str:
    values: dict[str, object] = {
        "organizer_id": shop.organizer,
        "code": "SAVE",
        "kind": "percentage",
        "value": 10,
        "maximum_uses": 1,
        "valid_from": "2020-01-01",
        "valid_until": "2030-01-01",
    }
    return add(shop.connection, "tickets.discount_codes", **{**values, **columns})


def test_a_discount_code_counts_its_uses_and_ends_at_its_limit(shop: Shop) -> None:
    key = code(shop)
    shop.order(discount_code_id=key)
    assert shop.value("SELECT uses FROM tickets.discount_codes WHERE id = %s", key) == 1
    with pytest.raises(errors.DiscountCodeRefused), business_rules():
        shop.order(discount_code_id=key)


def test_a_discount_code_is_refused_outside_its_time(shop: Shop) -> None:
    key = code(shop, valid_until="2021-01-01")
    with pytest.raises(errors.DiscountCodeRefused), business_rules():
        shop.order(discount_code_id=key)


def check_in(shop: Shop, ticket: str) -> None:
    with business_rules():
        add(shop.connection, "tickets.check_ins", ticket_id=ticket, event_id=shop.event, gate="North")


def test_a_ticket_admits_once(shop: Shop) -> None:
    ticket = shop.ticket()
    check_in(shop, ticket)
    with pytest.raises(errors.TicketNotAdmitted):
        check_in(shop, ticket)


def test_a_reserved_ticket_does_not_admit(shop: Shop) -> None:
    with pytest.raises(errors.TicketNotAdmitted):
        check_in(shop, shop.ticket("reserved"))


def test_a_ticket_that_is_not_transferable_stays(shop: Shop) -> None:
    ticket = shop.ticket()
    add(shop.connection, "tickets.ticket_configurations", ticket_type_id=shop.type, transferable=False)
    with pytest.raises(errors.TicketNotTransferable), business_rules():
        add(
            shop.connection,
            "tickets.ticket_transfers",
            ticket_id=ticket,
            sender_id=shop.owner,
            recipient_email="friend@example.com",
        )


def test_a_taken_value_and_a_broken_reference_are_told_apart(shop: Shop) -> None:
    with pytest.raises(errors.AlreadyExists), business_rules(), shop.connection.transaction():
        add(
            shop.connection,
            "users.organizers",
            owner_id=shop.owner,
            organization="Other",
            slug=shop.value("SELECT slug FROM users.organizers WHERE id = %s", shop.organizer),
            contact_email="x@example.com",
            country="DE",
        )
    with pytest.raises(errors.ReferenceBroken), business_rules():
        shop.order(buyer_id="00000000-0000-7000-8000-000000000000")


def test_an_unknown_currency_is_a_broken_rule_without_values_in_the_details(shop: Shop) -> None:
    with pytest.raises(errors.BusinessRuleViolated) as caught, business_rules():
        shop.order(currency="eur")
    assert caught.value.details["constraint"] == "orders_currency"
    assert "guest@example.com" not in str(caught.value.as_dict())


def test_errors_through_sqlalchemy_are_translated_too(operational_settings: Settings) -> None:
    with (
        engine(operational_settings).connect() as connection,
        pytest.raises(errors.BusinessRuleViolated) as caught,
        business_rules(),
    ):
        connection.execute(
            sqlalchemy_insert(User).values(email="UPPER@example.com", first_name="U", last_name="P")
        )
    assert caught.value.details["constraint"] == "users_email_lower"


def test_the_time_of_the_last_change_is_kept_by_the_database(operational_settings: Settings) -> None:
    with psycopg.connect(operational_settings.operational_url, autocommit=True) as connection:
        key = add(connection, "users.users", email="clock@example.com", first_name="C", last_name="K")
        connection.execute("UPDATE users.users SET phone = '1' WHERE id = %s", [key])
        row = connection.execute(
            "SELECT updated_at > created_at FROM users.users WHERE id = %s", [key]
        ).fetchone()
        connection.execute("DELETE FROM users.users WHERE id = %s", [key])
    assert row == (True,)
