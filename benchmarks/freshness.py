"""Freshness: from a commit in PostgreSQL until ``ods`` shows it over HTTP, at 200 transactions a second.

A probe changes one order, commits, and asks the warehouse for that order until the change is there. The time
of asking counts, so that the figure is what a reader has, not what the loader believes.
"""

from __future__ import annotations

import random
import time
from threading import Event, Thread
from typing import Any

import psycopg

from benchmarks.harness import Measure, Report, percentile
from benchmarks.private_stack import private_stack
from bilten.settings import Settings
from operational import simulate
from operational.database import connect
from warehouse.client import Warehouse

RATE = 200
ROUNDS = 3
PROBES = 60
WARM_SECONDS = 15
PAUSE_SECONDS = (0.05, 0.35)
LOOK_SECONDS = 0.01
GIVEN_UP_SECONDS = 30
BAR_SECONDS = 0.5


def run(report: Report) -> list[Measure]:
    """Measure."""
    processes = "postgresql,kafka,connect,warehouse,loader"
    with private_stack(processes, report, history_orders=5_000) as stack:
        settings = stack.settings
        stop = Event()
        traffic = Thread(
            target=simulate.run, args=(settings,), kwargs={"rate": RATE, "stop": stop}, daemon=True
        )
        traffic.start()
        try:
            time.sleep(WARM_SECONDS)
            rounds = [_round(settings, number, report) for number in range(ROUNDS)]
        finally:
            stop.set()
            traffic.join()
    delays = [delay for one in rounds for delay in one]
    return [
        Measure(
            "freshness.p95",
            percentile(delays, 95),
            "s",
            BAR_SECONDS,
            at_least=False,
            rounds=tuple(percentile(one, 95) for one in rounds),
        ),
        Measure(
            "freshness.p50",
            percentile(delays, 50),
            "s",
            rounds=tuple(percentile(one, 50) for one in rounds),
        ),
    ]


def _round(settings: Settings, number: int, report: Report) -> list[float]:
    """Delays of one round of probes, seconds."""
    pauses = random.Random(number)
    delays: list[float] = []
    with connect(settings, autocommit=True) as connection, Warehouse(settings) as warehouse:
        keys = [
            row[0]
            for row in connection.execute("SELECT id FROM tickets.orders ORDER BY id LIMIT %s", [PROBES])
        ]
        for probe, key in enumerate(keys):
            delays.append(_delay(connection, warehouse, key, f"+{number}{probe:04}"))
            time.sleep(pauses.uniform(*PAUSE_SECONDS))
    p50, p95 = percentile(delays, 50), percentile(delays, 95)
    report(f"round {number + 1} of {ROUNDS}: p50 {p50:.3f} s, p95 {p95:.3f} s")
    return delays


def _delay(connection: psycopg.Connection[Any], warehouse: Warehouse, key: object, phone: str) -> float:
    connection.execute("UPDATE tickets.orders SET buyer_phone = %s WHERE id = %s", [phone, key])
    committed = time.perf_counter()
    while time.perf_counter() - committed < GIVEN_UP_SECONDS:
        found = warehouse.scalar(
            "SELECT buyer_phone FROM ods.tickets__orders WHERE id = {key:UUID}", {"key": str(key)}
        )
        if found == phone:
            return time.perf_counter() - committed
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"a change of order {key} was not in ods after {GIVEN_UP_SECONDS} s")
