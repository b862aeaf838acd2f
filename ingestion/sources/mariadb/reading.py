"""Rows of a MariaDB read in one snapshot, and the position of its log that belongs to it.

The log is in the order of commits. MariaDB tells the position of a snapshot itself; MySQL does not, so there
the snapshot begins under a lock that keeps commits away for an instant, as the connector and the backup tools
do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pymysql

from bilten.contracts import Contract
from bilten.errors import IngestionError
from ingestion.sources.dialect import Moment, Rows
from ingestion.sources.mariadb.connection import Connection
from ingestion.sources.mariadb.fingerprint import keys_condition
from ingestion.sources.mariadb.log import current_position, position_of
from ingestion.sources.mariadb.values import row_json, table_of

ROWS_AT_ONCE = 2_000
_SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"


@contextmanager
def reading(
    connection: Connection, contract: Contract, keys: Sequence[str] | None = None
) -> Iterator[tuple[Moment, Rows]]:
    """Read rows in a snapshot; see `ingestion.sources.dialect.Dialect`."""
    where = "" if keys is None else f" WHERE {keys_condition(connection, contract, keys)}"
    query = f"SELECT {row_json(contract.key)}, {row_json(contract.columns)} FROM {table_of(contract)}{where}"
    try:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        position = _begin(connection)
        try:
            yield Moment(position, time.time_ns() // 1000), _rows(connection, contract, query)
        finally:
            connection.execute("ROLLBACK")
    except pymysql.Error as error:
        raise IngestionError("Rows of the source could not be read.", why=str(error.args[-1])) from error


def _begin(connection: Connection) -> int:
    """Begin the snapshot; returns its position."""
    if not connection.is_mariadb:
        connection.execute("FLUSH TABLES WITH READ LOCK")
        try:
            connection.execute(_SNAPSHOT)
            return current_position(connection)
        finally:
            connection.execute("UNLOCK TABLES")
    connection.execute(_SNAPSHOT)
    found = dict(connection.execute("SHOW STATUS LIKE 'binlog_snapshot_%'").fetchall())
    told = {str(name).lower(): value for name, value in found.items()}
    return position_of(str(told["binlog_snapshot_file"]), int(told["binlog_snapshot_position"]))


def _rows(connection: Connection, contract: Contract, query: str) -> Rows:
    for rows in connection.stream(query, ROWS_AT_ONCE):
        if any(row is None for _, row in rows):
            raise IngestionError(
                f"A row of {contract.name} is too large.",
                why="Its text is longer than max_allowed_packet.",
                remedy="Raise max_allowed_packet in the source, then run the command again.",
            )
        yield [(str(key), str(row)) for key, row in rows]
