"""Connections to Cassandra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from cassandra import ConsistencyLevel, DriverException, RequestExecutionException
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable
from cassandra.policies import RoundRobinPolicy
from cassandra.query import SimpleStatement, tuple_factory

from bilten.errors import SourceUnavailable
from ingestion.sources.definition import Source

CONNECT_SECONDS = 5
REQUEST_SECONDS = 60.0
PROTOCOL = 5
"""Cassandra 4 and later."""

ERRORS = (DriverException, NoHostAvailable, RequestExecutionException, OSError)
Row = tuple[Any, ...]


class Answer:
    """Rows of an answer, in memory."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows

    def fetchall(self) -> list[Row]:
        """All of them."""
        return self._rows

    def fetchone(self) -> Row | None:
        """The first one."""
        return self._rows[0] if self._rows else None


class Connection:
    """A session with psycopg's way to execute. Times are in UTC, as everywhere in Cassandra.

    Args:
        session: the driver's session.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def execute(self, query: str, parameters: object = None) -> Answer:
        """Run a statement; its rows lie in memory.

        Args:
            query: the statement.
            parameters: values for its ``%s``; without any, a percent sign stands for itself.
        """
        return Answer([tuple(row) for row in self._session.execute(query, parameters)])

    def stream(self, query: str, rows_at_once: int) -> Iterator[list[Row]]:
        """The rows of an answer as they come, some at once."""
        answer = self._session.execute(SimpleStatement(query, fetch_size=rows_at_once))
        while True:
            yield [tuple(row) for row in answer.current_rows]
            if not answer.has_more_pages:
                return
            answer.fetch_next_page()


@contextmanager
def open_source(source: Source) -> Iterator[Connection]:
    """Connect.

    Raises:
        SourceUnavailable: the database does not answer, or refuses the user.
    """
    address = urlsplit(source.url)
    user = unquote(address.username or "")
    profile = ExecutionProfile(
        load_balancing_policy=RoundRobinPolicy(),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=REQUEST_SECONDS,
        row_factory=tuple_factory,
    )
    cluster = Cluster(
        [address.hostname or "localhost"],
        port=source.port,
        auth_provider=PlainTextAuthProvider(user, unquote(address.password or "")) if user else None,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        protocol_version=PROTOCOL,
        connect_timeout=CONNECT_SECONDS,
        application_name="bilten",
    )
    try:
        try:
            session = cluster.connect()
        except ERRORS as error:
            raise SourceUnavailable(f"The source {source.name} does not answer.", why=told(error)) from error
        yield Connection(session)
    except ERRORS as error:
        raise SourceUnavailable(
            f"The source {source.name} went away, or refused a statement.", why=told(error)
        ) from error
    finally:
        cluster.shutdown()


def told(error: Exception) -> str:
    """The driver's message, which never holds a password."""
    return str(error).strip() or type(error).__name__
