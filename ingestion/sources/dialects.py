"""Every kind of database that is known."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

from bilten.databases import Database
from ingestion.sources.cassandra.dialect import Cassandra
from ingestion.sources.definition import Source
from ingestion.sources.dialect import Dialect
from ingestion.sources.mariadb.dialect import MariaDB
from ingestion.sources.postgresql.dialect import PostgreSQL

_KNOWN: Iterable[Dialect] = (PostgreSQL(), MariaDB(), Cassandra())
_BY_NAME = {dialect.database: dialect for dialect in _KNOWN}


def dialect_of(database: Database) -> Dialect:
    """What is known of a kind of database."""
    return _BY_NAME[database]


def open_source(source: Source) -> AbstractContextManager[Any]:
    """A connection in autocommit mode and UTC.

    Raises:
        SourceUnavailable: the database does not answer, or refuses the user.
    """
    return dialect_of(source.database).open(source)
