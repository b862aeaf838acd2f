"""Two years of history, drawn from a seed and written in bulk.

The same seed, number of orders and end give the same rows. All identities of `operational.pricing` hold in
them to the cent, and every counter that triggers would keep agrees with the rows it counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

import numpy as np

from bilten.settings import Settings
from operational.database import connect
from operational.history.aftermath import aftermath_rows, reference_rows
from operational.history.attention import attention_rows
from operational.history.catalogue import catalogue_rows, make_events, make_venues
from operational.history.columns import DAY, Rows
from operational.history.copying import Progress, in_bulk, write
from operational.history.ledgers import sales_rows
from operational.history.offers import capacities, make_offers, offer_rows
from operational.history.people import access_rows, make_organizers, make_people, people_rows
from operational.history.sales import make_sales
from operational.models import SCHEMAS
from operational.rules import business_rules

YEARS = 2


@dataclass(frozen=True)
class Loaded:
    """What was written.

    Attributes:
        rows: rows per table; empty when the database had customers already.
        seconds: how long it took.
        already: whether nothing was done because of that.
    """

    rows: dict[str, int]
    seconds: float
    already: bool = False

    @property
    def total(self) -> int:
        """Rows over all tables."""
        return sum(self.rows.values())


def load(
    settings: Settings,
    orders: int | None = None,
    seed: int = 1,
    progress: Progress | None = None,
    end: datetime | None = None,
) -> Loaded:
    """Fill an empty operational database with two years of history, in one transaction.

    Args:
        settings: where the database is; also the number of orders, unless it is given.
        orders: number of orders; everything else grows with it.
        seed: decides every value.
        progress: called with a table and the number of rows just written to it.
        end: end of the history, today at midnight (UTC) by default.

    Returns:
        The rows written; none when there were accounts already, so that a second call is harmless.

    Raises:
        OperationalError: the database refused; nothing was written.
    """
    began = perf_counter()
    count = settings.history_orders if orders is None else orders
    end = end or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    written: dict[str, int] = {}

    def note(table: str, rows: int) -> None:
        written[table] = written.get(table, 0) + rows
        if progress is not None:
            progress(table, rows)

    with business_rules(), connect(settings) as connection:
        # Two loads at once: the second waits here, then finds the first one's rows.
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('bilten.history', 0))")
        filled = connection.execute("SELECT EXISTS (SELECT FROM users.users)").fetchone()
        if filled is not None and filled[0]:
            return Loaded({}, perf_counter() - began, already=True)
        with in_bulk(connection, SCHEMAS):
            for rows in generate(count, seed, end):
                write(connection, rows, note)
    return Loaded(written, perf_counter() - began)


def generate(orders: int, seed: int, end: datetime) -> Iterator[Rows]:
    """Draw the history, table by table.

    Args:
        orders: number of orders.
        seed: decides every value.
        end: end of the history.

    Returns:
        Rows of every table that has a history; formatted only when they are read.
    """
    stop = int(end.timestamp()) * 1_000_000
    start = stop - YEARS * 365 * DAY

    def chance(part: int) -> np.random.Generator:
        # A stream of its own for every part, so that a change in one leaves the others as they were.
        return np.random.default_rng([seed, part])

    organizers_count = max(6, orders // 1_000)
    accounts = max(60, orders * 16 // 100)
    people = make_people(chance(1), accounts, max(20, orders // 12), start, stop)
    organizers = make_organizers(chance(2), people, min(organizers_count, accounts // 8))
    venues = make_venues(chance(3), max(12, orders // 1_600), start)
    events = make_events(chance(4), organizers, venues, max(24, orders // 125), start, stop)
    offers = make_offers(chance(5), events)
    sales = make_sales(chance(6), people, organizers, events, offers, orders, stop)
    sold = sales.sold(len(offers.keys))
    capacity = capacities(chance(7), events, offers, sold)
    places = np.bincount(offers.event, weights=capacity, minlength=len(events)).astype(np.int64)

    yield from reference_rows(chance(8), start, stop)
    yield from people_rows(chance(9), people, organizers)
    yield from access_rows(chance(10), people, stop)
    yield from catalogue_rows(chance(11), organizers, venues, events, places, stop)
    uses = sales.uses(len(offers.code_keys))
    yield from offer_rows(chance(12), organizers, events, offers, capacity, sold, uses, stop)
    yield from sales_rows(chance(13), people, events, offers, sales, stop)
    yield from aftermath_rows(chance(14), people, organizers, events, offers, sales, stop)
    yield from attention_rows(chance(15), people, events, offers, sales, orders * 16 // 100, stop)


__all__ = ["Loaded", "generate", "load"]
