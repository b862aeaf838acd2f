"""Venues, categories, events and what surrounds them, drawn before any sale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from operational import vocabulary as words
from operational.history.columns import (
    DAY,
    HOUR,
    NULL,
    Integers,
    Keys,
    Rows,
    chosen,
    constant,
    made,
    moments,
    numbers,
    optional,
    picked,
    strings,
    truths,
)
from operational.history.people import Organizers

STATUSES = ("draft", "published", "live", "completed", "cancelled")
DRAFT, PUBLISHED, LIVE, COMPLETED, CANCELLED = range(5)
FORMATS = ("in_person", "virtual", "hybrid")
VIRTUAL = 1
NEVER = np.iinfo(np.int64).max

_COUNTRY_OF_CITY = np.array([words.COUNTRIES.index(city.country) for city in words.CITIES], dtype=np.int64)
_CURRENCY_OF_COUNTRY = np.array(
    [words.CURRENCIES.index(words.currency_of(country)) for country in words.COUNTRIES], dtype=np.int64
)
_CITY_NAMES = tuple(city.name for city in words.CITIES)
_CITY_COUNTRIES = tuple(city.country for city in words.CITIES)
_CITY_ZONES = tuple(city.time_zone for city in words.CITIES)


@dataclass(frozen=True)
class Venues:
    """Places: their keys and the code of each one's city."""

    keys: Keys
    city: Integers


@dataclass(frozen=True)
class Events:
    """Events. Times are microseconds; codes point into the vocabulary.

    Attributes:
        organizer: number of the organizer.
        venue: number of the venue; -1 for virtual events.
        country: code in `vocabulary.COUNTRIES` whose tax applies.
        currency: code in `vocabulary.CURRENCIES`.
        cancelled: when it was cancelled, or `NEVER`.
        popularity: weight in the distribution of orders.
    """

    keys: Keys
    organizer: Integers
    venue: Integers
    city: Integers
    country: Integers
    currency: Integers
    kind: Integers
    format: Integers
    status: Integers
    created: Integers
    published: Integers
    starts: Integers
    ends: Integers
    cancelled: Integers
    popularity: np.ndarray[tuple[int], np.dtype[np.float64]]

    def __len__(self) -> int:
        return len(self.keys)


def make_venues(random: np.random.Generator, count: int, start: int) -> Venues:
    """Draw venues, all of them older than the history."""
    created = np.full(count, start - 400 * DAY)
    # Cities of one country stand together in the vocabulary: a stride reaches every country early on.
    return Venues(Keys.made(random, created), np.arange(count) * 5 % len(words.CITIES))


def make_events(
    random: np.random.Generator, organizers: Organizers, venues: Venues, count: int, start: int, end: int
) -> Events:
    """Draw events whose sales lie between ``start`` and ``end``, or go on after it.

    Args:
        random: the source of chance.
        organizers: who puts them on.
        venues: where.
        count: how many.
        start: start of the history, microseconds.
        end: its end; events that begin later are on sale then.
    """
    published = np.sort(random.integers(start, end - 2 * DAY, count))
    starts = published + random.integers(14 * DAY, 150 * DAY, count)
    starts -= starts % HOUR
    ends = starts + random.choice(np.array([3 * HOUR, 6 * HOUR, 10 * HOUR, 34 * HOUR]), count)
    called_off = published + (starts - published) * 7 // 10
    cancelled = np.where((random.random(count) < 0.03) & (called_off < end - 10 * DAY), called_off, NEVER)
    status = np.where(ends <= end, COMPLETED, np.where(starts <= end, LIVE, PUBLISHED))
    status = np.where(cancelled < NEVER, CANCELLED, status)
    format_ = picked(random, (0.8, 0.1, 0.1), count)
    organizer = random.integers(0, len(organizers.keys), count)
    # Every venue has at least one event, so that a small history knows every currency.
    place = np.where(
        np.arange(count) < len(venues.keys), np.arange(count), random.integers(0, len(venues.keys), count)
    )
    venue = np.where(format_ == VIRTUAL, -1, place)
    city = np.where(venue < 0, organizers.city[organizer], venues.city[venue])
    country = _COUNTRY_OF_CITY[city]
    created = published - random.integers(DAY, 20 * DAY, count)
    return Events(
        keys=Keys.made(random, created),
        organizer=organizer,
        venue=venue,
        city=city,
        country=country,
        currency=_CURRENCY_OF_COUNTRY[country],
        kind=random.integers(0, len(words.EVENT_TYPES), count),
        format=format_,
        status=status,
        created=created,
        published=published,
        starts=starts,
        ends=ends,
        cancelled=cancelled,
        popularity=(random.pareto(1.6, count) + 0.2)
        * np.clip((np.minimum(starts, end) - published) / (starts - published), 0.05, 1),
    )


def catalogue_rows(
    random: np.random.Generator,
    organizers: Organizers,
    venues: Venues,
    events: Events,
    capacity: Integers,
    end: int,
) -> Iterator[Rows]:
    """The tables of the schema ``events`` except carts and page views, and the organizers' looks.

    Args:
        random: the source of chance.
        organizers: who puts events on.
        venues: where.
        events: the events.
        capacity: places of each event.
        end: end of the history, microseconds.
    """
    yield _venues(venues, events, capacity)
    yield from _categories(random, events)
    yield _events(organizers, venues, events, capacity, end)
    yield from _details(random, events)
    yield from _looks(random, organizers)


def _venues(venues: Venues, events: Events, capacity: Integers) -> Rows:
    count = len(venues.keys)
    largest = np.full(count, 200, dtype=np.int64)
    present = events.venue >= 0
    np.maximum.at(largest, events.venue[present], capacity[present])
    city = [words.CITIES[code] for code in venues.city.tolist()]
    created = constant("2023-01-01", count)
    return Rows(
        "events.venues",
        count,
        {
            "id": venues.keys.texts,
            "name": made(
                lambda row: f"{city[row].name} {('Arena', 'Hall', 'Theatre', 'Forum')[row % 4]} {row}"
            ),
            "address_line": made(lambda row: f"{row % 180 + 1} Station Road"),
            "postal_code": made(lambda row: f"{10_000 + row * 37}"),
            "city": chosen(venues.city, _CITY_NAMES),
            "country": chosen(venues.city, _CITY_COUNTRIES),
            "latitude": made(lambda row: f"{city[row].latitude + row % 17 / 1000:.6f}"),
            "longitude": made(lambda row: f"{city[row].longitude + row % 13 / 1000:.6f}"),
            "capacity": numbers(largest),
            "time_zone": chosen(venues.city, _CITY_ZONES),
            "created_at": created,
            "updated_at": created,
        },
    )


def _categories(random: np.random.Generator, events: Events) -> Iterator[Rows]:
    names, parents = list(words.CATEGORIES), [-1] * len(words.CATEGORIES)
    for parent, children in enumerate(words.CATEGORIES.values()):
        names += children
        parents += [parent] * len(children)
    created = np.full(len(names), events.created[0])
    keys = Keys.made(random, created)
    texts = keys.texts(slice(0, len(names)))
    yield Rows(
        "events.categories",
        len(names),
        {
            "id": strings(texts),
            "parent_id": made(lambda row: NULL if parents[row] < 0 else texts[parents[row]]),
            "name": strings(names),
            "slug": made(lambda row: names[row].lower()),
            "position": made(str),
            "created_at": moments(created),
            "updated_at": moments(created),
        },
    )
    main = random.integers(len(words.CATEGORIES), len(names), len(events))
    more = np.flatnonzero(random.random(len(events)) < 0.4)
    second = np.array([parents[code] for code in main[more].tolist()], dtype=np.int64)
    event = np.concatenate([np.arange(len(events)), more])
    yield Rows(
        "events.event_categories",
        len(event),
        {
            "event_id": events.keys.take(event).texts,
            "category_id": keys.take(np.concatenate([main, second])).texts,
            "is_primary": truths(np.arange(len(event)) < len(events)),
            "created_at": moments(events.created[event]),
            "updated_at": moments(events.created[event]),
        },
    )


def _events(organizers: Organizers, venues: Venues, events: Events, capacity: Integers, end: int) -> Rows:
    count = len(events)
    last = np.where(events.status == LIVE, events.starts, events.published)
    last = np.where(events.status == COMPLETED, events.ends, last)
    last = np.minimum(np.where(events.cancelled < NEVER, events.cancelled, last), end)
    venue_keys = venues.keys.take(np.maximum(events.venue, 0))
    return Rows(
        "events.events",
        count,
        {
            "id": events.keys.texts,
            "organizer_id": organizers.keys.take(events.organizer).texts,
            "venue_id": optional(events.venue >= 0, venue_keys.texts),
            "title": made(lambda row: words.event_title(int(events.kind[row]), row)),
            "slug": made(lambda row: f"event-{row + 1}"),
            "status": chosen(events.status, STATUSES),
            "visibility": made(lambda row: "unlisted" if row % 29 == 0 else "public"),
            "type": chosen(events.kind, words.EVENT_TYPES),
            "format": chosen(events.format, FORMATS),
            "starts_at": moments(events.starts),
            "ends_at": moments(events.ends),
            "capacity": numbers(capacity),
            "time_zone": chosen(events.city, _CITY_ZONES),
            "currency": chosen(events.currency, words.CURRENCIES),
            "published_at": moments(events.published),
            "cancelled_at": optional(
                events.cancelled < NEVER, moments(np.where(events.cancelled < NEVER, events.cancelled, 0))
            ),
            "created_at": moments(events.created),
            "updated_at": moments(last),
        },
    )


def _details(random: np.random.Generator, events: Events) -> Iterator[Rows]:
    count = len(events)
    tags = random.integers(0, len(words.TAGS), (count, 2))
    created = moments(events.created)
    yield Rows(
        "events.event_details",
        count,
        {
            "id": Keys.made(random, events.created).texts,
            "event_id": events.keys.texts,
            "description": made(
                lambda row: f"{words.event_title(int(events.kind[row]), row)}: an evening to remember."
            ),
            "tags": made(lambda row: f"{{{words.TAGS[tags[row, 0]]},{words.TAGS[tags[row, 1]]}}}"),
            "age_restriction": made(lambda row: "18" if row % 7 == 0 else NULL),
            "refund_policy": constant("Refunds until two days before the start.", count),
            "accessibility": constant("{wheelchair,hearing_loop}", count),
            "social_links": made(lambda row: f'{{"instagram": "https://social.example/event-{row + 1}"}}'),
            "created_at": created,
            "updated_at": created,
        },
    )
    some = np.flatnonzero(random.random(count) < 0.4)
    speakers = Keys.made(random, events.created[some])
    first = random.integers(0, len(words.FIRST_NAMES), len(some))
    last = random.integers(0, len(words.LAST_NAMES), len(some))
    yield Rows(
        "events.speakers",
        len(some),
        {
            "id": speakers.texts,
            "event_id": events.keys.take(some).texts,
            "name": made(lambda row: f"{words.FIRST_NAMES[first[row]]} {words.LAST_NAMES[last[row]]}"),
            "email": made(lambda row: f"speaker.{row}@stage.example"),
            "title": constant("Artist", len(some)),
            "biography": constant("Has appeared in many places.", len(some)),
            "created_at": moments(events.created[some]),
            "updated_at": moments(events.created[some]),
        },
    )
    yield Rows(
        "events.schedule_items",
        len(some),
        {
            "id": Keys.made(random, events.created[some]).texts,
            "event_id": events.keys.take(some).texts,
            "speaker_id": speakers.texts,
            "title": constant("Opening", len(some)),
            "room": constant("Main stage", len(some)),
            "starts_at": moments(events.starts[some]),
            "ends_at": moments(events.starts[some] + HOUR),
            "created_at": moments(events.created[some]),
            "updated_at": moments(events.created[some]),
        },
    )
    yield Rows(
        "events.media",
        count,
        {
            "id": Keys.made(random, events.created).texts,
            "event_id": events.keys.texts,
            "kind": constant("image", count),
            "url": made(lambda row: f"https://media.example/events/{row + 1}/cover.jpg"),
            "size_bytes": numbers(random.integers(50_000, 4_000_000, count)),
            "created_at": created,
            "updated_at": created,
        },
    )


def _looks(random: np.random.Generator, organizers: Organizers) -> Iterator[Rows]:
    some = np.flatnonzero(organizers.tier >= 2)
    created = organizers.created[some] + DAY
    owner = organizers.keys.take(some).texts
    logos = Keys.made(random, created)
    times = {"created_at": moments(created), "updated_at": moments(created)}
    yield Rows(
        "branding.assets",
        len(some),
        {
            "id": logos.texts,
            "organizer_id": owner,
            "kind": constant("logo", len(some)),
            "url": made(lambda row: f"https://media.example/logos/{row + 1}.svg"),
            "size_bytes": numbers(random.integers(2_000, 90_000, len(some))),
            "checksum": made(lambda row: f"{row + 1:064x}"),
            **times,
        },
    )
    yield Rows(
        "branding.brand_configurations",
        len(some),
        {
            "id": Keys.made(random, created).texts,
            "organizer_id": owner,
            "logo_id": logos.texts,
            "primary_color": made(lambda row: f"#{(row * 7919) % 0xFFFFFF:06x}"),
            "fonts": constant("{Inter,sans-serif}", len(some)),
            **times,
        },
    )
    yield Rows(
        "branding.custom_domains",
        len(some),
        {
            "id": Keys.made(random, created).texts,
            "organizer_id": owner,
            "domain": made(lambda row: f"tickets.organizer-{some[row] + 1}.example"),
            "status": constant("active", len(some)),
            "verified_at": moments(created),
            "certificate_expires_at": moments(created + 3 * 365 * DAY),
            **times,
        },
    )
    yield Rows(
        "branding.templates",
        len(some),
        {
            "id": Keys.made(random, created).texts,
            "organizer_id": owner,
            "kind": constant("email", len(some)),
            "name": constant("order_confirmation", len(some)),
            "body": constant("Thank you, {{ name }}. Your tickets are attached.", len(some)),
            **times,
        },
    )
