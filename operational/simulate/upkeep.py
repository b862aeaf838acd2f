"""Everything that changes besides sales: people, organizers' events and promotions."""

from __future__ import annotations

import json
from datetime import timedelta

from operational import vocabulary as words
from operational.pricing import money
from operational.simulate.plan import Moment, Statement, Transaction, delete, insert, insert_many, update
from operational.simulate.world import Code, Event, Person, TicketType, World, remember

CAPACITY = 5_000


def sign_up(moment: Moment, world: World) -> Transaction:
    """Somebody makes an account, with profile, preferences and a first session."""
    random, now = moment.random, moment.now
    first, last = random.choice(words.FIRST_NAMES), random.choice(words.LAST_NAMES)
    key = moment.key()
    email = f"{words.mailbox(first, last, random.randrange(5)).partition('@')[0]}.{key[-12:]}@example.com"
    place = random.choice(words.CITIES)
    person = Person(key, f"{first} {last}", email, moment.key(), moment.key())
    return Transaction(
        "sign-up",
        [
            insert(
                "users.users",
                id=key,
                email=email,
                first_name=first,
                last_name=last,
                status="active",
                email_verified_at=now,
            ),
            insert(
                "users.user_profiles",
                id=person.profile,
                user_id=key,
                country=place.country,
                city=place.name,
                locale=f"en-{place.country}",
                time_zone=place.time_zone,
            ),
            insert(
                "users.user_preferences",
                id=person.preferences,
                user_id=key,
                marketing_consent=random.random() < 0.5,
                analytics_consent=random.random() < 0.7,
                channels=["email", "push"],
                consented_at=now,
            ),
            Statement(
                "INSERT INTO authentication.credentials (user_id, password_hash) VALUES (%(user)s, %(hash)s)",
                {"user": key, "hash": f"$argon2id$v=19${random.getrandbits(256):064x}"},
            ),
            _session(moment, key),
        ],
        applied=lambda: remember(world.people, person),
    )


def sign_in(moment: Moment, world: World) -> Transaction:
    """Somebody signs in."""
    return Transaction("sign-in", [_session(moment, moment.random.choice(world.people).id)])


def edit_profile(moment: Moment, world: World) -> Transaction:
    """Somebody changes name, telephone number, place or consents."""
    random = moment.random
    person = random.choice(world.people)
    kind = random.randrange(4)
    if kind == 0 and person.profile:
        place = random.choice(words.CITIES)
        changed = update(
            "users.user_profiles", person.profile, city=place.name, country=place.country,
            time_zone=place.time_zone,
        )  # fmt: skip
    elif kind == 1 and person.preferences:
        changed = update(
            "users.user_preferences",
            person.preferences,
            marketing_consent=random.random() < 0.5,
            settings=json.dumps({"theme": random.choice(("dark", "light"))}),
            consented_at=moment.now,
        )
    elif kind == 2:
        changed = update("users.users", person.id, last_name=random.choice(words.LAST_NAMES))
    else:
        changed = update("users.users", person.id, phone=f"+49 30 {random.randrange(10**7):07d}")
    activity = insert(
        "authentication.user_activities",
        id=moment.key(),
        user_id=person.id,
        action="profile.updated",
        resource_type="profile",
        occurred_at=moment.now,
    )
    return Transaction("profile edit", [changed, activity])


def drop_preferences(moment: Moment, world: World) -> Transaction | None:
    """Somebody withdraws everything they said about how to be reached; None when they said nothing."""
    person = moment.random.choice(world.people)
    if person.preferences is None:
        return None
    key, person.preferences = person.preferences, None
    return Transaction("preferences deleted", [delete("users.user_preferences", key)])


def read_message(moment: Moment, world: World) -> Transaction:
    """Somebody opens the latest message about an order."""
    sale = moment.random.choice(world.sales)
    return Transaction(
        "message read",
        [
            Statement(
                "UPDATE system.notifications SET status = 'delivered', read_at = %(now)s "
                "WHERE order_id = %(order)s",
                {"now": moment.now, "order": sale.order},
            )
        ],
    )


def edit_event(moment: Moment, world: World) -> Transaction:
    """An organizer postpones an event by an hour, rewrites its text, or it goes live."""
    random = moment.random
    event = random.choice(world.events)
    if event.status == "published" and event.starts_at <= moment.now:
        event.status = "live"
        return Transaction("event live", [update("events.events", event.id, status="live")])
    if random.random() < 0.5:
        event.starts_at += timedelta(hours=1)
        event.ends_at += timedelta(hours=1)
        return Transaction(
            "event postponed",
            [update("events.events", event.id, starts_at=event.starts_at, ends_at=event.ends_at)],
        )
    return Transaction(
        "event described",
        [
            Statement(
                "UPDATE events.event_details SET tags = %(tags)s, age_restriction = %(age)s "
                "WHERE event_id = %(event)s",
                {
                    "tags": random.sample(words.TAGS, 3),
                    "age": random.choice((None, 12, 16, 18)),
                    "event": event.id,
                },
            )
        ],
    )


def promote(moment: Moment, world: World) -> Transaction:
    """An organizer gives out a new discount code."""
    random = moment.random
    event = random.choice(world.events)
    percentage = random.choice((500, 1000, 1500, 2000))
    code = Code(moment.key(), percentage, 0)
    return Transaction(
        "promotion",
        [
            insert(
                "tickets.discount_codes",
                id=code.id,
                organizer_id=event.organizer,
                event_id=event.id,
                code=moment.number("SAVE"),
                kind="percentage",
                value=money(percentage),
                maximum_uses=100_000,
                valid_from=moment.now - timedelta(minutes=1),
                valid_until=moment.now + timedelta(days=30),
            )
        ],
        applied=lambda: event.codes.append(code),
    )


def publish_event(moment: Moment, world: World) -> Transaction:
    """An organizer makes an event and puts it on sale at once; a rush follows."""
    random, now = moment.random, moment.now
    organizer, country, tier = random.choice(world.organizers)
    venue, country = random.choice(world.venues) if random.random() < 0.9 else (None, country)
    kind = random.randrange(len(words.EVENT_TYPES))
    currency = words.currency_of(country)
    starts = now + timedelta(days=random.randrange(20, 120))
    event = Event(
        moment.key(), organizer, currency, tier, country, "published", starts, starts + timedelta(hours=4)
    )
    base = words.EVENT_PRICES[words.EVENT_TYPES[kind]] * words.EURO_RATES[currency] * random.uniform(0.7, 1.4)
    event.types = [
        TicketType(moment.key(), round(base * factor / 50) * 50, CAPACITY)
        for factor in words.TICKET_FACTORS[: random.randrange(1, 5)]
    ]
    written = [
        insert(
            "events.events",
            id=event.id,
            organizer_id=organizer,
            venue_id=venue,
            title=words.event_title(kind, random.randrange(4_000)),
            slug=moment.number("event").lower(),
            type=words.EVENT_TYPES[kind],
            format="in_person" if venue else "virtual",
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            capacity=CAPACITY * len(event.types),
            currency=currency,
        ),
        insert(
            "events.event_details",
            id=moment.key(),
            event_id=event.id,
            description="Newly announced.",
            tags=random.sample(words.TAGS, 2),
        ),
        insert(
            "events.event_categories",
            event_id=event.id,
            category_id=random.choice(world.categories),
            is_primary=True,
        ),
        insert_many(
            "tickets.ticket_types",
            {
                "id": "uuid",
                "event_id": "uuid",
                "name": "text",
                "price": "numeric",
                "currency": "text",
                "capacity": "int",
                "sales_start_at": "timestamptz",
                "sales_end_at": "timestamptz",
            },
            [
                {
                    "id": type_.id,
                    "event_id": event.id,
                    "name": name,
                    "price": money(type_.price),
                    "currency": currency,
                    "capacity": CAPACITY,
                    "sales_start_at": now,
                    "sales_end_at": event.starts_at,
                }
                for name, type_ in zip(words.TICKET_NAMES, event.types, strict=False)
            ],
        ),
        insert_many(
            "tickets.ticket_configurations",
            {"id": "uuid", "ticket_type_id": "uuid"},
            [{"id": moment.key(), "ticket_type_id": type_.id} for type_ in event.types],
        ),
        update("events.events", event.id, status="published", published_at=now),
    ]

    def applied() -> None:
        remember(world.events, event)
        world.rush, world.rush_left = event, 400

    return Transaction("event published", written, applied=applied)


def _session(moment: Moment, user: str) -> Statement:
    return insert(
        "authentication.sessions",
        id=moment.key(),
        user_id=user,
        channel=moment.random.choice(("web", "web", "mobile")),
        token_hash=f"{moment.random.getrandbits(128):032x}{moment.key().replace('-', '')}",
        ip_address=f"198.51.100.{moment.random.randrange(1, 255)}",
        user_agent=moment.random.choice(words.USER_AGENTS),
        started_at=moment.now,
        last_active_at=moment.now,
        expires_at=moment.now + timedelta(days=30),
    )
