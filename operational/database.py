"""Connections to the operational database."""

from __future__ import annotations

from typing import Any

import psycopg
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from bilten.errors import OperationalUnavailable
from bilten.settings import Settings


@retry(
    retry=retry_if_exception_type(OperationalUnavailable),
    wait=wait_exponential_jitter(multiplier=0.1, max=2),
    stop=stop_after_delay(15),
    reraise=True,
)
def connect(settings: Settings, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    """Open a connection, in UTC.

    Args:
        settings: where the database is.
        autocommit: whether every statement is its own transaction.

    Returns:
        The connection; the caller closes it, best by using it as a context manager.

    Raises:
        OperationalUnavailable: nobody answered for 15 seconds.
    """
    try:
        connection: psycopg.Connection[Any] = psycopg.connect(
            settings.operational_url,
            autocommit=autocommit,
            application_name="bilten",
            options="-c timezone=UTC",
            connect_timeout=5,
        )
    except psycopg.OperationalError as error:
        # The driver's message holds host, port and database, never the password.
        raise OperationalUnavailable(
            f"The operational database does not answer: {str(error).strip()}."
        ) from error
    return connection
