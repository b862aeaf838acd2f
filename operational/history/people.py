"""Accounts, guests, organizers and their members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from operational import vocabulary as words
from operational.history.columns import (
    DAY,
    NULL,
    Integers,
    Keys,
    Rows,
    chosen,
    constant,
    days,
    made,
    moments,
    optional,
    picked,
    strings,
    truths,
)

TEAM_SIZE = 2


@dataclass(frozen=True)
class People:
    """Everybody who buys: accounts first, in the order of signing up, then guests.

    Attributes:
        keys: keys of the accounts.
        names: full names; guests follow the accounts.
        emails: addresses, likewise.
        city: code of each one's city in `vocabulary.CITIES`.
        created: when each account was made, microseconds, ascending.
    """

    keys: Keys
    first_names: list[str]
    last_names: list[str]
    names: list[str]
    emails: list[str]
    city: Integers
    created: Integers

    @property
    def accounts(self) -> int:
        """Number of those with an account."""
        return len(self.keys)


@dataclass(frozen=True)
class Organizers:
    """Those who put events on sale; the first accounts own them.

    Attributes:
        keys: their keys.
        city: code of each one's city.
        tier: code of each one's plan in `vocabulary.TIERS`.
        created: when each was made, microseconds.
        commission: basis points that the platform keeps.
    """

    keys: Keys
    city: Integers
    tier: Integers
    created: Integers
    commission: Integers


def make_people(random: np.random.Generator, accounts: int, guests: int, start: int, end: int) -> People:
    """Draw accounts and guests.

    Args:
        random: the source of chance.
        accounts: how many have an account; half of them had it before the history starts.
        guests: how many have none.
        start: start of the history, microseconds.
        end: its end.
    """
    count = accounts + guests
    first = random.integers(0, len(words.FIRST_NAMES), count)
    last = random.integers(0, len(words.LAST_NAMES), count)
    before = random.integers(start - 365 * DAY, start, accounts - accounts // 2)
    created = np.sort(np.concatenate([before, random.integers(start, end - DAY, accounts // 2)]))
    first_names = [words.FIRST_NAMES[code] for code in first.tolist()]
    last_names = [words.LAST_NAMES[code] for code in last.tolist()]
    return People(
        keys=Keys.made(random, created),
        first_names=first_names,
        last_names=last_names,
        names=[f"{one} {other}" for one, other in zip(first_names, last_names, strict=True)],
        emails=[
            words.mailbox(one, other, number)
            for number, (one, other) in enumerate(zip(first_names, last_names, strict=True))
        ],
        city=random.integers(0, len(words.CITIES), count),
        created=created,
    )


def make_organizers(random: np.random.Generator, people: People, count: int) -> Organizers:
    """Draw organizers, each owned by one of the first accounts.

    Args:
        random: the source of chance.
        people: the accounts.
        count: how many.
    """
    tier = picked(random, (0.35, 0.4, 0.2, 0.05), count)
    created = people.created[:count] + DAY // 24
    shares = np.array([words.COMMISSION_BASIS_POINTS[name] for name in words.TIERS], dtype=np.int64)
    return Organizers(
        keys=Keys.made(random, created),
        city=people.city[:count].copy(),
        tier=tier,
        created=created,
        commission=shares[tier],
    )


def people_rows(random: np.random.Generator, people: People, organizers: Organizers) -> Iterator[Rows]:
    """The tables of the schema ``users``."""
    count, owners = people.accounts, len(organizers.keys)
    role = np.zeros(count, dtype=np.int64)
    role[:owners] = 1
    role[owners : owners + 3] = 2
    status = picked(random, (0.93, 0.03, 0.01, 0.03), count)
    status[: owners + 3] = 0
    verified = status != 3
    created = moments(people.created)
    has_phone = random.random(count) < 0.4
    phone = random.integers(1_000_000, 9_999_999, count)
    yield Rows(
        "users.users",
        count,
        {
            "id": people.keys.texts,
            "email": strings(people.emails),
            "first_name": strings(people.first_names),
            "last_name": strings(people.last_names),
            "phone": optional(has_phone, made(lambda row: f"+49 30 {phone[row]}")),
            "role": chosen(role, ("user", "organizer", "admin")),
            "status": chosen(status, ("active", "inactive", "suspended", "pending_verification")),
            "email_verified_at": optional(verified, moments(people.created + DAY // 48)),
            "created_at": created,
            "updated_at": moments(people.created + DAY // 48),
        },
    )
    yield from _profiles(random, people)
    yield from _organizers(random, people, organizers)


def _profiles(random: np.random.Generator, people: People) -> Iterator[Rows]:
    chosen_people = np.flatnonzero(random.random(people.accounts) < 0.4)
    created = people.created[chosen_people] + DAY // 12
    city = people.city[chosen_people]
    birth = random.integers(-30 * 365, 36 * 365, len(chosen_people)) * DAY
    yield Rows(
        "users.user_profiles",
        len(chosen_people),
        {
            "id": Keys.made(random, created).texts,
            "user_id": people.keys.take(chosen_people).texts,
            "country": chosen(city, [place.country for place in words.CITIES]),
            "city": chosen(city, [place.name for place in words.CITIES]),
            "birth_date": optional(random.random(len(chosen_people)) < 0.7, days(birth)),
            "locale": chosen(city, [f"en-{place.country}" for place in words.CITIES]),
            "time_zone": chosen(city, [place.time_zone for place in words.CITIES]),
            "created_at": moments(created),
            "updated_at": moments(created),
        },
    )
    chosen_people = np.flatnonzero(random.random(people.accounts) < 0.5)
    created = people.created[chosen_people] + DAY // 24
    count = len(chosen_people)
    yield Rows(
        "users.user_preferences",
        count,
        {
            "id": Keys.made(random, created).texts,
            "user_id": people.keys.take(chosen_people).texts,
            "marketing_consent": truths(random.random(count) < 0.45),
            "analytics_consent": truths(random.random(count) < 0.7),
            "channels": chosen(
                random.integers(0, 4, count), ("{email}", "{email,push}", "{email,sms,in_app}", "{}")
            ),
            "settings": chosen(
                random.integers(0, 3, count), ("{}", '{"theme": "dark"}', '{"theme": "light", "digest": 7}')
            ),
            "consented_at": moments(created),
            "created_at": moments(created),
            "updated_at": moments(created),
        },
    )


def _organizers(random: np.random.Generator, people: People, organizers: Organizers) -> Iterator[Rows]:
    count = len(organizers.keys)
    country = [place.country for place in words.CITIES]
    verified = random.random(count) < 0.85
    account = random.integers(10**15, 10**16, count)
    created = moments(organizers.created)

    def organization(row: int) -> str:
        return f"{people.last_names[row]} & {people.last_names[count - 1 - row]} Events {row + 1}"

    yield Rows(
        "users.organizers",
        count,
        {
            "id": organizers.keys.texts,
            "owner_id": Keys(people.keys.data[:count]).texts,
            "organization": made(organization),
            "slug": made(lambda row: f"organizer-{row + 1}"),
            "contact_email": made(lambda row: f"office.{row + 1}@organizer.example"),
            "tax_id": made(lambda row: f"{country[organizers.city[row]]}{account[row] // 10**7}"),
            "country": chosen(organizers.city, country),
            "verified": truths(verified),
            "verified_at": optional(verified, moments(organizers.created + 3 * DAY)),
            "subscription_tier": chosen(organizers.tier, words.TIERS),
            "commission_rate": made(lambda row: f"0.{organizers.commission[row]:04d}"),
            "payout_account": made(lambda row: f"{country[organizers.city[row]]}89{account[row]}"),
            "payout_currency": chosen(organizers.city, [words.currency_of(one) for one in country]),
            "website": made(lambda row: f"https://organizer-{row + 1}.example" if row % 3 else NULL),
            "created_at": created,
            "updated_at": moments(np.where(verified, organizers.created + 3 * DAY, organizers.created)),
        },
    )
    # The owner and one colleague, who is another account.
    member = np.concatenate([np.arange(count), (np.arange(count) + count + 3) % people.accounts])
    organizer = np.tile(np.arange(count), TEAM_SIZE)
    joined = np.maximum(organizers.created[organizer], people.created[member]) + DAY
    yield Rows(
        "users.organizer_members",
        len(member),
        {
            "id": Keys.made(random, joined).texts,
            "organizer_id": organizers.keys.take(organizer).texts,
            "user_id": people.keys.take(member).texts,
            "role": chosen(np.repeat([0, 1], count), ("owner", "staff")),
            "status": constant("active", len(member)),
            "invited_at": moments(joined - DAY),
            "joined_at": moments(joined),
            "created_at": moments(joined - DAY),
            "updated_at": moments(joined),
        },
    )


def access_rows(random: np.random.Generator, people: People, end: int) -> Iterator[Rows]:
    """The tables of the schema ``authentication``: sessions and activity of the last 90 days."""
    roles = {"user": "Buys tickets.", "organizer": "Sells tickets.", "admin": "Runs the platform."}
    permissions = ("orders:read", "orders:refund", "events:publish", "payouts:approve", "users:suspend")
    began = np.full(len(roles), people.created[0])
    role_keys = Keys.made(random, began)
    yield Rows(
        "authentication.roles",
        len(roles),
        {
            "id": role_keys.texts,
            "name": strings(list(roles)),
            "description": strings(list(roles.values())),
            "is_system": constant("t", len(roles)),
            "created_at": moments(began),
            "updated_at": moments(began),
        },
    )
    began = np.full(len(permissions), people.created[0])
    permission_keys = Keys.made(random, began)
    yield Rows(
        "authentication.permissions",
        len(permissions),
        {
            "id": permission_keys.texts,
            "name": strings(permissions),
            "description": made(lambda row: f"Allows {permissions[row].replace(':', ' to ')}."),
            "created_at": moments(began),
            "updated_at": moments(began),
        },
    )
    granted = np.array([[0, 0], [1, 0], [1, 1], [1, 2], [2, 0], [2, 1], [2, 3], [2, 4]])
    yield Rows(
        "authentication.role_permissions",
        len(granted),
        {
            "role_id": role_keys.take(granted[:, 0]).texts,
            "permission_id": permission_keys.take(granted[:, 1]).texts,
        },
    )
    holders = np.arange(0, people.accounts, 10)
    yield Rows(
        "authentication.user_roles",
        len(holders),
        {
            "user_id": people.keys.take(holders).texts,
            "role_id": role_keys.take(np.zeros(len(holders), dtype=np.int64)).texts,
            "created_at": moments(people.created[holders]),
            "updated_at": moments(people.created[holders]),
        },
    )
    owners = np.arange(0, people.accounts, 20)
    hashes = random.integers(0, 1 << 62, len(owners))
    yield Rows(
        "authentication.credentials",
        len(owners),
        {
            "user_id": people.keys.take(owners).texts,
            "password_hash": made(lambda row: f"$argon2id$v=19${hashes[row]:064x}"),
            "changed_at": moments(people.created[owners]),
            "created_at": moments(people.created[owners]),
            "updated_at": moments(people.created[owners]),
        },
    )
    yield from _sessions(random, people, end)


def _sessions(random: np.random.Generator, people: People, end: int) -> Iterator[Rows]:
    count = people.accounts // 4
    started = np.sort(random.integers(end - 90 * DAY, end - DAY // 4, count))
    user = random.integers(0, np.searchsorted(people.created, started, side="right"))
    channel = picked(random, (0.6, 0.35, 0.05), count)
    address = random.integers(1, 255, (count, 2))
    lasted = random.integers(60, 18_000, count) * 1_000_000
    keys = Keys.made(random, started)
    yield Rows(
        "authentication.sessions",
        count,
        {
            "id": keys.texts,
            "user_id": people.keys.take(user).texts,
            "channel": chosen(channel, ("web", "mobile", "api")),
            "ip_address": made(lambda row: f"198.51.{address[row, 0]}.{address[row, 1]}"),
            "user_agent": chosen(random.integers(0, len(words.USER_AGENTS), count), words.USER_AGENTS),
            "started_at": moments(started),
            "last_active_at": moments(started + lasted),
            "expires_at": moments(started + 30 * DAY),
            "created_at": moments(started),
            "updated_at": moments(started + lasted),
        },
    )
    acting = np.flatnonzero(random.random(count) < 0.3)
    action = random.integers(0, 3, len(acting))
    yield Rows(
        "authentication.user_activities",
        len(acting),
        {
            "id": Keys.made(random, started[acting]).texts,
            "user_id": people.keys.take(user[acting]).texts,
            "session_id": keys.take(acting).texts,
            "action": chosen(action, ("session.started", "profile.updated", "data.exported")),
            "resource_type": chosen(action, ("session", "profile", "export")),
            "details": constant('{"source": "web"}', len(acting)),
            "occurred_at": moments(started[acting]),
            "created_at": moments(started[acting]),
            "updated_at": moments(started[acting]),
        },
    )
