"""Connections to MariaDB and MySQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.cursors import Cursor, SSCursor

from bilten.errors import SourceUnavailable
from ingestion.sources.definition import Source

CONNECT_SECONDS = 5
# In UTC, and with zero dates as they are; quotes and bars as in MariaDB's own mode.
_SESSION = "SET SESSION time_zone = '+00:00', sql_mode = '', group_concat_max_len = 1048576"
SERVER_IS_MARIADB = "MariaDB"


class Connection:
    """A connection in autocommit mode and UTC, with psycopg's way to execute.

    Args:
        driver: the driver's connection.
    """

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    @property
    def is_mariadb(self) -> bool:
        """Whether the server is a MariaDB; a MySQL otherwise."""
        return SERVER_IS_MARIADB in self._driver.get_server_info()

    def execute(self, query: str, parameters: object = None) -> Cursor:
        """Run a statement; its rows lie in memory.

        Args:
            query: the statement.
            parameters: values for its ``%s``; without any, a percent sign stands for itself.
        """
        cursor: Cursor = self._driver.cursor()
        cursor.execute(query, parameters)
        return cursor

    def row(self, query: str) -> tuple[Any, ...]:
        """The first row of an answer; empty when there is none."""
        return tuple(self.execute(query).fetchone() or ())

    def stream(self, query: str, rows_at_once: int) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of an answer as they come, some at once; no other statement may run meanwhile."""
        with closing(self._driver.cursor(SSCursor)) as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(rows_at_once):
                yield [tuple(row) for row in rows]

    def literal(self, value: str) -> str:
        """A text in SQL."""
        return str(self._driver.escape(value))


@contextmanager
def open_source(source: Source) -> Iterator[Connection]:
    """Connect.

    Raises:
        SourceUnavailable: the database does not answer, or refuses the user.
    """
    address = urlsplit(source.url)
    try:
        driver = pymysql.connect(
            host=address.hostname,
            port=source.port,
            user=unquote(address.username or ""),
            password=unquote(address.password or ""),
            charset="utf8mb4",
            autocommit=True,
            init_command=_SESSION,
            program_name="bilten",
            connect_timeout=CONNECT_SECONDS,
        )
    except (pymysql.Error, OSError) as error:
        # The driver's message holds host and user, never the password.
        raise SourceUnavailable(f"The source {source.name} does not answer.", why=_told(error)) from error
    try:
        yield Connection(driver)
    except pymysql.Error as error:
        raise SourceUnavailable(
            f"The source {source.name} went away, or refused a statement.", why=_told(error)
        ) from error
    finally:
        if driver.open:
            driver.close()


def _told(error: Exception) -> str:
    """The driver's message without its number."""
    return str(error.args[-1] if error.args else error).strip() or type(error).__name__
