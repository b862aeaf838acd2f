"""What traffic is made of: transactions, decided before any of them is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

import uuid_utils


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its parameters, in psycopg's named style."""

    text: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Transaction:
    """Statements that are committed together.

    Attributes:
        kind: what it does, for the summary.
        statements: in order; those that take contended locks come last.
        applied: called after the commit, so that later decisions know of it.
        refused: called when a rule of the business forbade it.
    """

    kind: str
    statements: Sequence[Statement]
    applied: Callable[[], None] = lambda: None
    refused: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Moment:
    """One instant of the simulation: the source of chance and the clock.

    Attributes:
        random: decides everything; seeded once per run.
        now: the time that rows made now bear, in UTC.
    """

    random: Random
    now: datetime

    def key(self) -> str:
        """A UUID of version 7 for a row made now; its random bits come from the seed."""
        milliseconds = int(self.now.timestamp() * 1_000)
        value = (milliseconds << 80) | self.random.getrandbits(80)
        return str(uuid_utils.UUID(int=value, version=7))

    def number(self, prefix: str) -> str:
        """A number for people to read, unique like a key: prefix, milliseconds and 40 bits of chance."""
        milliseconds = int(self.now.timestamp() * 1_000)
        return f"{prefix}-{milliseconds:x}{self.random.getrandbits(40):010x}".upper()


def insert(table: str, **columns: object) -> Statement:
    """An INSERT of one row.

    Args:
        table: ``schema.table``.
        columns: its values by column.
    """
    names = ", ".join(columns)
    values = ", ".join(f"%({name})s" for name in columns)
    return Statement(f"INSERT INTO {table} ({names}) VALUES ({values})", columns)


def insert_many(table: str, types: Mapping[str, str], rows: Sequence[Mapping[str, object]]) -> Statement:
    """An INSERT of several rows in one statement, so that statement triggers run once.

    Args:
        table: ``schema.table``.
        types: the columns and their PostgreSQL types.
        rows: the values by column.
    """
    names = ", ".join(types)
    arrays = ", ".join(f"%({name})s::{kind}[]" for name, kind in types.items())
    values = {name: [row[name] for row in rows] for name in types}
    return Statement(f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})", values)


def update(table: str, key: str, **columns: object) -> Statement:
    """An UPDATE of one row by its key.

    Args:
        table: ``schema.table``.
        key: the row's id.
        columns: the new values.
    """
    changes = ", ".join(f"{name} = %({name})s" for name in columns)
    return Statement(f"UPDATE {table} SET {changes} WHERE id = %(key)s", {**columns, "key": key})


def delete(table: str, key: str) -> Statement:
    """A DELETE of one row by its key."""
    return Statement(f"DELETE FROM {table} WHERE id = %(key)s", {"key": key})
