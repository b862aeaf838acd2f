"""What a PostgreSQL database is, as change capture sees it: read from its catalogue, nothing is changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from bilten.errors import SourceUnavailable
from ingestion.sources.definition import Source
from ingestion.sources.tables import SourceColumn, SourceTable

CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class SourceServer:
    """The server and what it allows.

    Attributes:
        version: major version.
        wal_level: must be ``logical``.
        may_replicate: whether the user may open a replication slot.
        may_create: whether the user may create a publication in this database.
        free_slots: replication slots that nobody has.
        free_senders: connections for replication that nobody has.
        slot_keep_bytes: log that a slot may hold back before it is lost; None without a bound.
        labelless_enums: enum-like types without labels, at which the connector fails.
    """

    version: int
    wal_level: str
    may_replicate: bool
    may_create: bool
    free_slots: int
    free_senders: int
    slot_keep_bytes: int | None
    labelless_enums: tuple[str, ...]


@contextmanager
def open_source(source: Source) -> Iterator[psycopg.Connection[Any]]:
    """A connection in autocommit mode and UTC.

    Raises:
        SourceUnavailable: the database does not answer, or refuses the user.
    """
    try:
        connection: psycopg.Connection[Any] = psycopg.connect(
            source.url,
            autocommit=True,
            application_name="bilten",
            options="-c timezone=UTC -c intervalstyle=postgres -c datestyle=ISO -c extra_float_digits=1",
            connect_timeout=CONNECT_SECONDS,
        )
    except psycopg.OperationalError as error:
        # The driver's message holds host, port and database, never the password.
        raise SourceUnavailable(
            f"The source {source.name} does not answer.", why=str(error).strip().splitlines()[-1]
        ) from error
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        raise SourceUnavailable(
            f"The source {source.name} went away, or refused a statement.",
            why=(str(error).strip() or type(error).__name__).splitlines()[0],
        ) from error


def stream_start(connection: psycopg.Connection[Any], slot: str) -> str:
    """When the connector began to read the log that it reads now, as text; empty while nobody reads."""
    row = connection.execute(
        "SELECT backend_start::text FROM pg_stat_replication AS reader "
        "JOIN pg_replication_slots AS slot ON slot.active_pid = reader.pid WHERE slot.slot_name = %s",
        [slot],
    ).fetchone()
    return str(row[0]) if row else ""


def inspect_server(connection: psycopg.Connection[Any]) -> SourceServer:
    """Ask the server what it is."""
    row = connection.execute(_SERVER).fetchone()
    assert row is not None
    keep = int(row[6])
    return SourceServer(
        version=int(row[0]) // 10_000,
        wal_level=row[1],
        may_replicate=row[2],
        may_create=row[3],
        free_slots=int(row[4]),
        free_senders=int(row[5]),
        slot_keep_bytes=None if keep < 0 else keep * 1024 * 1024,
        labelless_enums=tuple(row[7]),
    )


def inspect_tables(
    connection: psycopg.Connection[Any], chosen: Collection[str] = ()
) -> tuple[SourceTable, ...]:
    """Every table, by name; partitions are part of their table.

    Args:
        connection: an open connection.
        chosen: schemas, or tables as ``schema.table``; all but the system's own by default.
    """
    tables = connection.execute(_TABLES).fetchall()
    columns: dict[int, list[SourceColumn]] = {}
    for table, name, kind, required, labels, *others in connection.execute(_COLUMNS).fetchall():
        generated, storage, default_storage, comment, known = others
        columns.setdefault(table, []).append(
            SourceColumn(
                name, kind, required, tuple(labels), generated, storage, default_storage, comment, known
            )
        )
    references: dict[int, dict[str, tuple[str, str, str]]] = {}
    for table, column, schema, target, target_column in connection.execute(_REFERENCES).fetchall():
        references.setdefault(table, {})[column] = (schema, target, target_column)
    found = (
        SourceTable(
            schema=row[1],
            name=row[2],
            kind=row[3],
            is_logged=row[4],
            replica_identity=row[5],
            key=tuple(row[6]),
            columns=tuple(columns.get(row[0], ())),
            references=references.get(row[0], {}),
            rows=int(row[7]),
            may_read=row[8],
            is_owned=row[9],
            is_inherited=row[10],
            comment=row[11],
        )
        for row in tables
    )
    return tuple(
        table for table in found if not chosen or table.schema in chosen or table.full_name in chosen
    )


_SERVER = """
SELECT current_setting('server_version_num'), current_setting('wal_level'),
    (SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user),
    has_database_privilege(current_database(), 'CREATE'),
    current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots),
    current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication),
    (SELECT setting FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
    (SELECT coalesce(array_agg(oid::regtype::text), '{}') FROM pg_type
     WHERE typcategory = 'E' AND NOT EXISTS (SELECT FROM pg_enum WHERE enumtypid = pg_type.oid)
         AND typtype IN ('e', 'd'))
"""

_IS_TABLE = (
    "class.relkind IN ('r', 'p', 'f') AND NOT class.relispartition AND class.relpersistence <> 't' "
    "AND space.nspname NOT IN ('pg_catalog', 'information_schema') AND space.nspname NOT LIKE 'pg\\_%'"
)

_TABLES = f"""
SELECT class.oid, space.nspname, class.relname,
    CASE class.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' ELSE 'foreign' END,
    class.relpersistence = 'p',
    CASE class.relreplident WHEN 'd' THEN 'default' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index'
        ELSE 'nothing' END,
    coalesce((SELECT array_agg(attribute.attname::text ORDER BY place)
        FROM pg_index AS index, unnest(index.indkey::int[]) WITH ORDINALITY AS part (number, place)
        JOIN pg_attribute AS attribute ON attribute.attnum = part.number
        WHERE index.indrelid = class.oid AND index.indisprimary AND attribute.attrelid = class.oid), '{{}}'),
    class.reltuples::bigint,
    has_schema_privilege(space.oid, 'USAGE') AND has_table_privilege(class.oid, 'SELECT'),
    pg_has_role(class.relowner, 'USAGE'),
    class.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = class.oid),
    coalesce(obj_description(class.oid, 'pg_class'), '')
FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
WHERE {_IS_TABLE}
ORDER BY 2, 3
"""

# A domain is what it is made of, also one over another domain.
_COLUMNS = f"""
WITH RECURSIVE base AS (
    SELECT oid, oid AS root, -1 AS modifier, false AS required FROM pg_type WHERE typtype <> 'd'
    UNION ALL
    SELECT type.oid, base.root, CASE WHEN type.typtypmod >= 0 THEN type.typtypmod ELSE base.modifier END,
        base.required OR type.typnotnull
    FROM pg_type AS type JOIN base ON base.oid = type.typbasetype WHERE type.typtype = 'd'
)
SELECT attribute.attrelid, attribute.attname,
    CASE WHEN type.typtype = 'e' THEN 'enum'
        WHEN element.typtype = 'e' THEN 'enum[]'
        ELSE format_type(base.root, greatest(base.modifier, attribute.atttypmod))
    END,
    attribute.attnotnull OR base.required,
    coalesce((SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum
        WHERE enumtypid IN (type.oid, element.oid)), '{{}}'),
    attribute.attgenerated <> '',
    CASE attribute.attstorage WHEN 'p' THEN 'plain' WHEN 'm' THEN 'main' WHEN 'e' THEN 'external'
        ELSE 'extended' END,
    CASE type.typstorage WHEN 'p' THEN 'plain' WHEN 'm' THEN 'main' WHEN 'e' THEN 'external'
        ELSE 'extended' END,
    coalesce(col_description(attribute.attrelid, attribute.attnum), ''),
    coalesce(element.typnamespace, type.typnamespace) = 'pg_catalog'::regnamespace
        OR coalesce(element.typtype, type.typtype) = 'e'
FROM pg_attribute AS attribute
JOIN pg_class AS class ON class.oid = attribute.attrelid
JOIN pg_namespace AS space ON space.oid = class.relnamespace
JOIN base ON base.oid = attribute.atttypid
JOIN pg_type AS type ON type.oid = base.root
LEFT JOIN pg_type AS element ON element.oid = type.typelem AND type.typcategory = 'A'
WHERE attribute.attnum > 0 AND NOT attribute.attisdropped AND {_IS_TABLE}
ORDER BY attribute.attrelid, attribute.attnum
"""

_REFERENCES = """
SELECT foreign_key.conrelid, here.attname, space.nspname, class.relname, there.attname
FROM pg_constraint AS foreign_key
JOIN pg_attribute AS here ON here.attrelid = foreign_key.conrelid AND here.attnum = foreign_key.conkey[1]
JOIN pg_class AS class ON class.oid = foreign_key.confrelid
JOIN pg_namespace AS space ON space.oid = class.relnamespace
JOIN pg_attribute AS there ON there.attrelid = foreign_key.confrelid AND there.attnum = foreign_key.confkey[1]
WHERE foreign_key.contype = 'f' AND cardinality(foreign_key.conkey) = 1
ORDER BY foreign_key.oid
"""
