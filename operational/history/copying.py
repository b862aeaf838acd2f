"""Bulk writing: COPY with the rules judged once for all rows instead of once per row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from operational.history.columns import Rows

Progress = Callable[[str, int], None]
"""Called with a table's name and the number of rows just written."""

PIECE_ROWS = 20_000

_KEYS = """
SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)
FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
WHERE c.contype IN ('u', 'f') AND n.nspname = ANY (%s)
ORDER BY c.contype DESC, 1, 2
"""
_INDEXES = """
SELECT format('%%I.%%I', n.nspname, i.relname), pg_get_indexdef(x.indexrelid)
FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_namespace AS n ON n.oid = i.relnamespace
WHERE n.nspname = ANY (%s) AND NOT x.indisunique
ORDER BY 1
"""


@contextmanager
def in_bulk(connection: psycopg.Connection[Any], schemas: Iterable[str]) -> Iterator[None]:
    """Take keys but the primary ones, secondary indexes and triggers out of the way, then put them back.

    Putting a key back checks all rows at once, which costs a fraction of a check per row. Needs no superuser,
    only the tables' owner. Counters that triggers keep (tickets sold, uses of a code, amounts refunded) must
    be right in the rows that are written.

    Args:
        connection: an open transaction; nothing is committed here, and on an error everything is as before
            once the caller rolls back.
        schemas: PostgreSQL schemas whose tables are written.

    Raises:
        psycopg.errors.IntegrityError: a row names another one that does not exist, or a value is taken.
    """
    names = list(schemas)
    keys = connection.execute(_KEYS, [names]).fetchall()
    indexes = connection.execute(_INDEXES, [names]).fetchall()
    tables = sorted({table for table, _, _ in keys})
    for table, name, _ in keys:
        _run(connection, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        _run(connection, f"DROP INDEX {name}")
    for table in tables:
        _run(connection, f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in tables:
        _run(connection, f"ALTER TABLE {table} ENABLE TRIGGER USER")
    for _, definition in indexes:
        _run(connection, definition)
    for table, name, definition in keys:
        _run(connection, f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def write(connection: psycopg.Connection[Any], rows: Rows, progress: Progress) -> None:
    """Write the rows of one table.

    Args:
        connection: an open transaction.
        rows: what to write.
        progress: told of every piece.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(*rows.table.split(".")), sql.SQL(", ").join(map(sql.Identifier, rows.columns))
    )
    with connection.cursor().copy(statement) as copy:
        for count, piece in rows.pieces(PIECE_ROWS):
            copy.write(piece)
            progress(rows.table, count)


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    # Definitions come from the catalogue itself, quoted by it.
    connection.execute(statement.encode())
