"""Live traffic: decided by a seed, refused where a rule says so, and right to the cent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import psycopg
import pytest

from bilten.errors import Oversold, UnknownBreakingRule
from bilten.settings import PROJECT_ROOT, Settings
from operational import history, migrate, simulate
from operational.database import connect
from operational.simulate.plan import Moment, Transaction
from operational.simulate.purchase import decide, paid_at_once
from operational.simulate.run import send
from operational.simulate.traffic import next_transaction
from operational.simulate.world import Code, Event, Person, TicketType, Tier, World, read_world
from tests.fixtures.postgresql import new_database
from tests.operational.judging import broken
from tests.settings import environment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def key(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def small_world() -> World:
    events = [
        Event(
            key(number),
            key(900),
            "EUR",
            "standard",
            "DE",
            "published",
            NOW + timedelta(days=30),
            NOW + timedelta(days=30, hours=3),
            [TicketType(key(100 + number), 4_950, 500), TicketType(key(200 + number), 12_345, 500)],
            [Code(key(300 + number), 1_500, 0)],
        )
        for number in range(20)
    ]
    return World(
        events=events,
        people=[Person(key(400 + n), f"Person {n}", f"person{n}@example.com") for n in range(50)],
        organizers=[(key(900), "DE", "standard")],
        venues=[(key(800), "DE")],
        categories=[key(700)],
        sales=[],
    )


def decided(seed: int, count: int = 400) -> list[Transaction]:
    world, random = small_world(), Random(seed)
    made = []
    for number in range(count):
        moment = Moment(random, NOW + timedelta(milliseconds=number))
        transaction = next_transaction(moment, world, number)
        transaction.applied()
        made.append(transaction)
    return made


def statements(transactions: list[Transaction]) -> list[object]:
    return [
        (each.kind, statement.text, dict(statement.parameters))
        for each in transactions
        for statement in each.statements
    ]


def test_a_seed_decides_every_statement() -> None:
    assert statements(decided(1)) == statements(decided(1))
    assert statements(decided(1)) != statements(decided(2))


def test_traffic_is_of_many_kinds_and_mostly_purchases_and_views() -> None:
    kinds = Counter(each.kind for each in decided(1, 3_000))
    assert {kind for kind, _ in kinds.most_common(2)} == {"purchase", "page view"}
    assert len(kinds) >= 18


@pytest.mark.parametrize("seed", range(20))
def test_a_purchase_adds_up(seed: int) -> None:
    world = small_world()
    for number in range(50):
        purchase = decide(Moment(Random(seed * 100 + number), NOW), world, world.events[number % 20], None)
        assert purchase.subtotal == sum(item.quantity * item.unit_price for item in purchase.items)
        assert purchase.discount == sum(item.discount for item in purchase.items) <= purchase.subtotal
        assert purchase.total == sum(item.total for item in purchase.items) + purchase.tax + purchase.fee
        assert purchase.paid == purchase.total
        assert all(len(item.tickets) == item.quantity for item in purchase.items)


def test_an_early_price_is_paid_only_in_its_time() -> None:
    kind = TicketType(key(1), 5_000, 10, tiers=[Tier(key(2), 4_000, NOW, NOW + timedelta(hours=1))])
    assert kind.price_at(NOW) == (4_000, key(2))
    assert kind.price_at(NOW + timedelta(hours=1)) == (5_000, None)
    assert kind.price_at(NOW - timedelta(seconds=1)) == (5_000, None)


@pytest.fixture(scope="module")
def settings(postgresql_server: Settings) -> Settings:
    own = new_database(postgresql_server, "operational_simulate")
    migrate.upgrade(own)
    history.load(own, 1_000, seed=5)
    return own


def rows(settings: Settings, query: str) -> int:
    with psycopg.connect(settings.operational_url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.postgresql
def test_traffic_keeps_every_rule_and_is_counted_truly(settings: Settings) -> None:
    before = rows(settings, "SELECT count(*) FROM tickets.orders")
    summary = simulate.run(settings, rate=150, seconds=6, seed=7)
    bought = summary.committed["purchase"] + summary.committed["reservation"]
    assert bought > 50
    assert rows(settings, "SELECT count(*) FROM tickets.orders") - before == bought
    assert summary.transactions > 300
    assert summary.latency(95) >= summary.latency(50) > 0
    with psycopg.connect(settings.operational_url) as connection:
        assert broken(connection) == {}


@pytest.mark.postgresql
def test_the_same_traffic_can_be_sent_twice(settings: Settings) -> None:
    # Numbers and keys hold the time: a seed used again does not meet its own rows.
    for _ in range(2):
        summary = simulate.run(settings, rate=100, seconds=1, seed=11)
        assert summary.transactions > 0
        assert not summary.refused["already-exists"]


@pytest.mark.postgresql
def test_a_sold_out_type_is_refused_and_offered_no_more(settings: Settings) -> None:
    with connect(settings, autocommit=True) as connection:
        world = read_world(connection)
        event = world.on_sale()[0]
        before = len(event.types)
        connection.execute("UPDATE tickets.ticket_types SET capacity = sold WHERE event_id = %s", [event.id])
        moment = Moment(Random(1), datetime.now(UTC))
        purchase = decide(moment, world, event, None)
        transaction = paid_at_once(moment, world, purchase)
        with pytest.raises(Oversold):
            send(connection, transaction)
        transaction.refused()
    assert len(event.types) == before - len(purchase.items)
    assert rows(settings, f"SELECT count(*) FROM tickets.orders WHERE id = '{purchase.order}'") == 0


@pytest.mark.postgresql
def test_a_database_that_goes_away_is_waited_for(settings: Settings) -> None:
    stop = threading.Event()

    def cut_once(summary: simulate.Summary) -> None:
        if summary.transactions > 60 and not summary.reconnections:
            with psycopg.connect(settings.operational_url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'bilten' AND datname = current_database()"
                )
        if summary.reconnections and summary.transactions > 200:
            stop.set()

    summary = simulate.run(settings, rate=150, seconds=60, seed=13, stop=stop, progress=cut_once)
    assert summary.reconnections >= 1
    assert summary.transactions > 200


@pytest.mark.postgresql
def test_a_rate_of_nothing_sends_nothing(settings: Settings) -> None:
    assert simulate.run(settings, rate=0, seconds=0.1).transactions == 0


@pytest.mark.postgresql
@pytest.mark.parametrize("rule", simulate.RULES.values(), ids=simulate.RULES)
def test_breaking_a_rule_breaks_it_and_no_other_until_it_is_mended(
    postgresql_server: Settings, settings: Settings, rule: simulate.Rule
) -> None:
    name = f"broken_{rule.name}"
    with connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {settings.postgres_database}".encode())
    copy = settings.model_copy(update={"postgres_database": name})
    result = simulate.break_rule(copy, rule.name, rows=4)
    assert len(result.keys) == 4
    with psycopg.connect(copy.operational_url) as plain:
        assert broken(plain) == {(rule.dataset, rule.name): 4}
        plain.rollback()
        assert simulate.mend_rule(copy, rule.name) >= 4
        assert broken(plain) == {}


@pytest.mark.postgresql
def test_a_rule_that_nobody_knows_is_refused_with_those_there_are(settings: Settings) -> None:
    with pytest.raises(UnknownBreakingRule, match="order_total"):
        simulate.break_rule(settings, "no_such_rule")


@pytest.mark.postgresql
def test_the_command_ends_cleanly_when_asked_to(settings: Settings) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BILTEN_")}
    settings.home.mkdir(parents=True, exist_ok=True)
    before = rows(settings, "SELECT count(*) FROM tickets.orders")
    process = subprocess.Popen(
        [sys.executable, "-m", "bilten.cli", "simulate", "--rate", "50"],
        cwd=settings.home,
        env={**inherited, **environment(settings), "PYTHONPATH": str(PROJECT_ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while rows(settings, "SELECT count(*) FROM tickets.orders") == before:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert "all committed" in output
