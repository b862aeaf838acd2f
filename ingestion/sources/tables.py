"""Tables and columns as a database has them, and what stands against capturing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bilten.databases import Database

Weight = Literal["source", "table", "column", "note"]


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as the database has it.

    Attributes:
        name: its name.
        type: as the database prints it, domains taken back to what they are made of; ``enum`` for enums.
        required: whether it may not be null.
        labels: of an enum, in order.
        is_generated: whether the database computes it from others.
        storage: ``plain``, ``main``, ``external`` or ``extended``.
        default_storage: that of its type.
        comment: what the database says of it.
        is_known: whether the type is one of the database's own, an enum, or an array of these.
        database: the kind of database.
    """

    name: str
    type: str
    required: bool
    labels: tuple[str, ...]
    is_generated: bool
    storage: str
    default_storage: str
    comment: str
    is_known: bool
    database: Database = "postgresql"


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table as the database has it.

    Attributes:
        schema: its schema.
        name: its name.
        kind: ``table``, ``partitioned``, ``foreign``, ``versioned``, ``counter`` or ``view``.
        is_logged: whether its changes are in the log at all.
        replica_identity: ``default``, ``full``, ``index`` or ``nothing``.
        key: columns of the primary key, in order.
        columns: in order.
        references: column → schema, table and column that its values come from.
        rows: roughly, by the planner's statistics; -1 when nobody has counted.
        may_read: whether the user may read it.
        is_owned: whether the user may alter it.
        is_inherited: whether other tables inherit from it, which are no partitions.
        comment: what the database says of it.
        engine: how MariaDB stores it.
        cascades: foreign keys by which MariaDB deletes or changes rows of it without a record in the log.
        partition_key: the part of the key by which Cassandra places rows, where that is not all of it.
        time_to_live: seconds after which Cassandra forgets its rows; 0 for never.
        database: the kind of database.
    """

    schema: str
    name: str
    kind: str
    is_logged: bool
    replica_identity: str
    key: tuple[str, ...]
    columns: tuple[SourceColumn, ...]
    references: Mapping[str, tuple[str, str, str]]
    rows: int
    may_read: bool
    is_owned: bool
    is_inherited: bool
    comment: str
    engine: str = ""
    cascades: tuple[str, ...] = ()
    partition_key: tuple[str, ...] = ()
    time_to_live: int = 0
    database: Database = "postgresql"

    @property
    def full_name(self) -> str:
        """``schema.table``."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that stands against capturing something.

    Attributes:
        place: the source, ``schema.table``, or ``schema.table.column``.
        weight: what it keeps from being captured: all of the source, the table, the column, or nothing.
        what: what is wrong.
        remedy: what to do.
    """

    place: str
    weight: Weight
    what: str
    remedy: str
