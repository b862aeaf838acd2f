"""History: the same seed gives the same rows, and every figure in it agrees with every other."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import psycopg
import pytest

from bilten.settings import Settings
from operational import history, migrate
from operational.models import metadata
from tests.fixtures.postgresql import new_database
from tests.operational.judging import broken, verdicts

END = datetime(2026, 3, 1, tzinfo=UTC)
ORDERS = 3_000


def fingerprint(seed: int) -> dict[str, str]:
    found = {}
    for rows in history.generate(200, seed, END):
        digest = sha256()
        for _, piece in rows.pieces(64):
            digest.update(piece)
        found[rows.table] = digest.hexdigest()
    return found


def test_a_seed_decides_every_byte() -> None:
    first = fingerprint(1)
    assert fingerprint(1) == first
    other = fingerprint(2)
    assert {table for table in first if first[table] != other[table]} > {"tickets.orders", "users.users"}


def test_columns_are_those_of_the_models() -> None:
    for rows in history.generate(200, 1, END):
        table = metadata.tables[rows.table]
        assert set(rows.columns) <= {column.name for column in table.columns}
        missing = {
            column.name
            for column in table.columns
            if not column.nullable and column.server_default is None and column.name not in rows.columns
        }
        assert not missing, rows.table


@pytest.mark.parametrize("orders", [0, 1, 30])
def test_any_number_of_orders_can_be_asked_for(orders: int) -> None:
    counts = {
        rows.table: sum(count for count, _ in rows.pieces(1_000)) for rows in history.generate(orders, 1, END)
    }
    assert counts["tickets.orders"] == orders
    assert counts["events.events"] >= 24


def test_the_default_history_stays_within_its_budget() -> None:
    total = sum(rows.count for rows in history.generate(25_000, 1, END))
    # Reference data does not grow with the orders; ten times this is the default.
    assert total * 10 <= 1_600_000


@pytest.fixture(scope="module")
def loaded(postgresql_server: Settings) -> Settings:
    settings = new_database(postgresql_server, "operational_history")
    migrate.upgrade(settings)
    result = history.load(settings, ORDERS, seed=3)
    assert result.rows["tickets.orders"] == ORDERS
    assert not result.already
    return settings


@pytest.mark.postgresql
def test_loading_twice_changes_nothing(loaded: Settings) -> None:
    again = history.load(loaded, ORDERS, seed=4)
    assert again.already
    assert again.total == 0


@pytest.mark.postgresql
def test_every_rule_of_every_contract_holds(loaded: Settings) -> None:
    with psycopg.connect(loaded.operational_url) as connection:
        assert len(verdicts(connection)) > 50
        assert broken(connection) == {}


AGREEMENTS = {
    "tickets sold": """
        SELECT count(*) FROM tickets.ticket_types AS t WHERE sold <> (
            SELECT count(*) FROM tickets.tickets AS k
            WHERE k.ticket_type_id = t.id AND k.status IN ('reserved', 'sold'))""",
    "uses of codes": """
        SELECT count(*) FROM tickets.discount_codes AS c WHERE uses <> (
            SELECT count(*) FROM tickets.orders AS o WHERE o.discount_code_id = c.id)""",
    "amounts refunded": """
        SELECT count(*) FROM payments.payments AS p WHERE refunded_amount <> (
            SELECT coalesce(sum(amount), 0) FROM payments.refunds AS r
            WHERE r.payment_id = p.id AND r.status <> 'failed')""",
    "orders and their money": """
        SELECT count(*) FROM tickets.orders AS o WHERE CASE o.status
            WHEN 'cancelled' THEN EXISTS (
                SELECT FROM payments.payments WHERE order_id = o.id AND status <> 'failed')
            WHEN 'refunded' THEN o.total <> (
                SELECT coalesce(sum(amount), 0) FROM payments.refunds WHERE order_id = o.id)
            WHEN 'confirmed' THEN EXISTS (SELECT FROM payments.refunds WHERE order_id = o.id)
            ELSE NOT EXISTS (SELECT FROM payments.refunds WHERE order_id = o.id AND amount < o.total)
        END""",
    "orders and their tickets": """
        SELECT count(*) FROM tickets.orders AS o JOIN tickets.tickets AS t ON t.order_id = o.id
        WHERE CASE o.status
            WHEN 'cancelled' THEN t.status <> 'cancelled'
            WHEN 'refunded' THEN t.status <> 'refunded'
            WHEN 'confirmed' THEN t.status <> 'sold'
            ELSE t.status NOT IN ('sold', 'refunded')
        END""",
    "prices of tickets": """
        SELECT count(*) FROM tickets.tickets AS t JOIN tickets.order_items AS i ON i.id = t.order_item_id
        WHERE t.price <> i.unit_price OR t.currency <> i.currency""",
    "prices of tiers": """
        SELECT count(*) FROM tickets.order_items AS i
        JOIN tickets.orders AS o ON o.id = i.order_id
        JOIN tickets.ticket_types AS t ON t.id = i.ticket_type_id
        LEFT JOIN tickets.pricing_tiers AS p ON p.id = i.pricing_tier_id
        WHERE i.unit_price <> coalesce(p.price, t.price) OR t.event_id <> o.event_id
           OR o.placed_at < coalesce(p.valid_from, o.placed_at)
           OR o.placed_at >= coalesce(p.valid_until, 'infinity')""",
    "tax": """
        SELECT count(*) FROM tickets.orders AS o
        JOIN events.events AS e ON e.id = o.event_id
        JOIN users.organizers AS g ON g.id = e.organizer_id
        LEFT JOIN events.venues AS v ON v.id = e.venue_id
        JOIN financial.tax_rates AS r ON r.country = coalesce(v.country, g.country)
        WHERE o.tax <> round((o.subtotal - o.discount) * r.rate, 2)""",
    "fee": """
        SELECT count(*) FROM tickets.orders AS o
        JOIN events.events AS e ON e.id = o.event_id
        JOIN users.organizers AS g ON g.id = e.organizer_id
        JOIN financial.fee_schedules AS f
          ON f.subscription_tier = g.subscription_tier AND f.currency = o.currency
        WHERE o.fee <> round((o.subtotal - o.discount) * f.percentage, 2) + f.fixed * (
            SELECT sum(quantity) FROM tickets.order_items AS i WHERE i.order_id = o.id)""",
    "payouts and sales": """
        SELECT count(*) FROM financial.payouts AS p WHERE gross <> (
            SELECT sum(o.subtotal - o.discount) FROM tickets.orders AS o
            JOIN events.events AS e ON e.id = o.event_id
            WHERE e.organizer_id = p.organizer_id AND o.currency = p.currency AND o.confirmed_at IS NOT NULL
              AND date_trunc('month', o.confirmed_at AT TIME ZONE 'UTC')::date = p.period_start)
          AND gross <> 0""",
    "invoices and orders": """
        SELECT count(*) FROM financial.invoices AS i JOIN tickets.orders AS o ON o.id = i.order_id
        WHERE i.total <> o.total OR i.tax <> o.tax""",
    "times": """
        SELECT count(*) FROM tickets.orders AS o JOIN events.events AS e ON e.id = o.event_id
        LEFT JOIN users.users AS u ON u.id = o.buyer_id
        WHERE o.placed_at < e.published_at OR o.placed_at > e.starts_at OR o.updated_at > now()
           OR o.updated_at < o.created_at OR u.created_at > o.placed_at""",
    "admission": """
        SELECT count(*) FROM tickets.check_ins AS c JOIN tickets.tickets AS t ON t.id = c.ticket_id
        WHERE t.status <> 'sold' OR t.event_id <> c.event_id""",
}


@pytest.mark.postgresql
@pytest.mark.parametrize("query", AGREEMENTS.values(), ids=AGREEMENTS)
def test_figures_agree(loaded: Settings, query: str) -> None:
    with psycopg.connect(loaded.operational_url) as connection:
        assert connection.execute(query.encode()).fetchone() == (0,)


@pytest.mark.postgresql
def test_keys_indexes_and_triggers_are_back(loaded: Settings, operational_settings: Settings) -> None:
    queries = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint",
        "SELECT schemaname, indexname, indexdef FROM pg_indexes WHERE schemaname !~ '^pg_'",
        "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal",
    )
    for query in queries:
        found = []
        for settings in (loaded, operational_settings):
            with psycopg.connect(settings.operational_url) as connection:
                found.append(sorted(connection.execute(query.encode()).fetchall()))
        assert found[0] == found[1]


@pytest.mark.postgresql
def test_there_is_something_of_everything(loaded: Settings) -> None:
    with psycopg.connect(loaded.operational_url) as connection:
        for table in ("tickets.orders", "payments.payments", "events.events", "events.carts"):
            rows = connection.execute(f"SELECT count(DISTINCT status) FROM {table}".encode()).fetchone()
            assert rows is not None
            assert rows[0] >= 3, table
        currencies = connection.execute("SELECT count(DISTINCT currency) FROM tickets.orders").fetchone()
    assert currencies == (4,)
