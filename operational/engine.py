"""The operational database through SQLAlchemy, for the models and the migrations."""

from __future__ import annotations

import sqlalchemy

from bilten.settings import Settings


def engine(settings: Settings) -> sqlalchemy.Engine:
    """An SQLAlchemy engine over the operational database.

    Args:
        settings: where the database is.
    """
    url = sqlalchemy.make_url(settings.operational_url).set(drivername="postgresql+psycopg")
    return sqlalchemy.create_engine(
        url, poolclass=sqlalchemy.NullPool, connect_args={"options": "-c timezone=UTC"}
    )
