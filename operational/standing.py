"""How the operational database stands: rows per table, and whether changes can be captured from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from psycopg import sql

from bilten.settings import Settings
from operational.database import connect


@dataclass(frozen=True, slots=True)
class Slot:
    """The replication slot that keeps changes until the connector has taken them.

    Attributes:
        name: its name.
        is_active: whether somebody reads from it now.
        wal_status: ``reserved``, ``extended``, ``unreserved`` or ``lost``, in PostgreSQL's words.
        behind_bytes: log written since the position that its reader confirmed.
        safe_bytes: log that may still be written before the slot is lost; None without a bound.
    """

    name: str
    is_active: bool
    wal_status: str
    behind_bytes: int
    safe_bytes: int | None


@dataclass(frozen=True, slots=True)
class Server:
    """What the server is and allows.

    Attributes:
        version: as it calls itself.
        wal_level: must be ``logical``.
        may_replicate: whether the user may open a replication slot.
    """

    version: str
    wal_level: str
    may_replicate: bool


def rows_per_table(settings: Settings, tables: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Rows that exist now, counted in one snapshot.

    Args:
        settings: where the database is.
        tables: schema and table names; those that do not exist are left out of the answer.

    Raises:
        OperationalUnavailable: the database does not answer.
    """
    with connect(settings) as connection:
        found = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        ).fetchall()
        present = sorted({(str(schema), str(name)) for schema, name in found} & set(tables))
        if not present:
            return {}
        parts = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, {}, count(*) FROM {}").format(
                sql.Literal(schema), sql.Literal(name), sql.Identifier(schema, name)
            )
            for schema, name in present
        )
        return {(schema, name): rows for schema, name, rows in connection.execute(parts).fetchall()}


def replication_slot(settings: Settings, name: str) -> Slot | None:
    """The slot of that name, or None when there is none.

    Raises:
        OperationalUnavailable: the database does not answer.
    """
    with connect(settings) as connection:
        row = connection.execute(
            "SELECT slot_name, active, wal_status, "
            "coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint, safe_wal_size "
            "FROM pg_replication_slots WHERE slot_name = %s",
            (name,),
        ).fetchone()
    return None if row is None else Slot(*row)


def seconds_left(settings: Settings, slot: Slot) -> float | None:
    """Seconds until the slot is lost, if the log grows on as it does now and nobody reads from it.

    It is looked at for a second, unless the slot is not bounded.

    Args:
        settings: where the database is.
        slot: the slot.

    Returns:
        None without a bound, or while the log does not grow.

    Raises:
        OperationalUnavailable: the database does not answer.
    """
    if slot.safe_bytes is None:
        return None
    with connect(settings) as connection:
        row = connection.execute(
            "WITH before AS MATERIALIZED (SELECT pg_current_wal_insert_lsn() AS at, pg_sleep(1)) "
            "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), at)::bigint FROM before"
        ).fetchone()
    grown = 0 if row is None else int(row[0])
    return max(0, slot.safe_bytes) / grown if grown > 0 else None


def server(settings: Settings) -> Server:
    """What the server is and allows.

    Raises:
        OperationalUnavailable: the database does not answer.
    """
    with connect(settings) as connection:
        row = connection.execute(
            "SELECT current_setting('server_version'), current_setting('wal_level'), "
            "rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    return Server(*row) if row is not None else Server("", "", False)
