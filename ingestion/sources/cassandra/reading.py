"""Rows of a Cassandra read again, each value with the time of its own write.

There is no moment at which a cluster stands still, and none is needed: the warehouse keeps the newest write
of each value, as Cassandra does. A row that is read is as old as the reading, less the time that a write may
be under way; values that were written since bear their own times, so that what is still to come from the log
stands over what was read exactly when Cassandra says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bilten.contracts import Column, Contract
from bilten.errors import IngestionError
from ingestion.sources.cassandra.connection import ERRORS, Connection, told
from ingestion.sources.cassandra.values import quoted, row_json, row_text, table_of
from ingestion.sources.dialect import Moment, Rows
from warehouse.compile.cells import EXPIRES, ROW, WRITTEN

ROWS_AT_ONCE = 1_000
UNDER_WAY_MICROSECONDS = 2_000_000
"""Longest time between a write's own time and the moment from which it is read."""


@contextmanager
def reading(
    connection: Connection, contract: Contract, keys: Sequence[str] | None = None
) -> Iterator[tuple[Moment, Rows]]:
    """Read rows; see `ingestion.sources.dialect.Dialect`."""
    now = server_microseconds(connection)
    wanted = None if keys is None else frozenset(keys)
    position = now - UNDER_WAY_MICROSECONDS
    try:
        yield Moment(position, position), _rows(connection, contract, position, wanted)
    except ERRORS as error:
        raise IngestionError("Rows of the source could not be read.", why=told(error)) from error


def server_microseconds(connection: Connection) -> int:
    """The node's clock, since 1970."""
    (found,) = connection.execute("SELECT toUnixTimestamp(now()) FROM system.local").fetchone() or (0,)
    return int(found) * 1000


def select_values(contract: Contract) -> str:
    """CQL of every row's values, in the order of the contract's columns."""
    return f"SELECT {', '.join(quoted(column.name) for column in contract.columns)} FROM {table_of(contract)}"


def _rows(connection: Connection, contract: Contract, position: int, wanted: frozenset[str] | None) -> Rows:
    columns = contract.columns
    others = [column for column in columns if column.key_position is None]
    listed = [quoted(column.name) for column in columns]
    listed += [f"{what}({quoted(column.name)})" for column in others for what in ("WRITETIME", "TTL")]
    query = f"SELECT {', '.join(listed)} FROM {table_of(contract)}"
    places = {column.name: place for place, column in enumerate(columns)}
    for rows in connection.stream(query, ROWS_AT_ONCE):
        found = []
        for row in rows:
            key = [row[places[column.name]] for column in contract.key]
            if wanted is None or row_text(contract.key, key) in wanted:
                values, times = row[: len(columns)], row[len(columns) :]
                more = _times(others, [values[places[column.name]] for column in others], times, position)
                found.append((row_json(contract.key, key), row_json(columns, values, more)))
        yield found


def _times(
    columns: Sequence[Column], values: Sequence[Any], times: Sequence[int | None], position: int
) -> dict[str, object]:
    """Fields with the times of a row's values, where they are not those of the event."""
    now = int(time.time())
    written = {
        column.name: at
        for column, at in zip(columns, times[::2], strict=True)
        if at is not None and at > position
    }
    expires = {
        column.name: now + left for column, left in zip(columns, times[1::2], strict=True) if left is not None
    }
    standing = [column.name for column, value in zip(columns, values, strict=True) if value is not None]
    if standing and set(standing) <= expires.keys():
        # When a row itself expires cannot be asked for: it was written with its values, most likely.
        expires[ROW] = max(expires.values())
    return {name: found for name, found in ((WRITTEN, written), (EXPIRES, expires)) if found}
