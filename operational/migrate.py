"""Bringing the operational database's schema up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bilten.settings import Settings
from operational.database import connect
from operational.engine import engine

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def upgrade(settings: Settings, revision: str = "head") -> str:
    """Apply the migrations that are missing; harmless when there are none.

    Args:
        settings: where the database is.
        revision: where to stop; the newest by default.

    Returns:
        The revision the database is at now.

    Raises:
        OperationalUnavailable: the database does not answer.
    """
    connect(settings).close()
    with engine(settings).begin() as connection:
        command.upgrade(configuration(connection), revision)
    return current(settings) or ""


def current(settings: Settings) -> str | None:
    """The revision the database is at; None when it is empty."""
    with engine(settings).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for a connection; there is no ``alembic.ini``.

    Args:
        connection: where the migrations run; its transaction is the caller's.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
