"""Migrations lead from nothing to what the models say, and back."""

from __future__ import annotations

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bilten.errors import OperationalUnavailable
from bilten.settings import Settings
from operational import migrate
from operational.engine import engine
from operational.models import SCHEMAS, metadata
from tests.fixtures.postgresql import new_database
from tests.settings import free_port

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def settings(postgresql_server: Settings) -> Settings:
    return new_database(postgresql_server, "operational_migrations")


def test_upgrading_twice_ends_where_the_models_are(settings: Settings) -> None:
    assert migrate.current(settings) is None
    assert migrate.upgrade(settings) == migrate.newest()
    assert migrate.upgrade(settings) == migrate.newest()
    with engine(settings).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name in SCHEMAS,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_no_table_asks_for_full_replica_identity_and_all_have_a_key(settings: Settings) -> None:
    migrate.upgrade(settings)
    with psycopg.connect(settings.operational_url) as connection:
        identities = connection.execute(
            "SELECT DISTINCT relreplident::text FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace "
            "WHERE relkind = 'r' AND nspname = ANY (%s)",
            [list(SCHEMAS)],
        ).fetchall()
    assert identities == [("d",)]
    assert all(table.primary_key.columns for table in metadata.tables.values())


def test_bounded_text_never_leaves_the_row(settings: Settings) -> None:
    migrate.upgrade(settings)
    with psycopg.connect(settings.operational_url) as connection:
        storages = connection.execute(
            "SELECT DISTINCT attstorage::text FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid "
            "JOIN pg_namespace AS n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname = ANY (%s) "
            "AND atttypid IN ('varchar'::regtype, 'bpchar'::regtype)",
            [list(SCHEMAS)],
        ).fetchall()
    assert storages == [("p",)]


def test_downgrading_leaves_nothing(settings: Settings) -> None:
    migrate.upgrade(settings)
    with engine(settings).begin() as connection:
        command.downgrade(migrate.configuration(connection), "base")
    with psycopg.connect(settings.operational_url) as plain:
        left = plain.execute(
            "SELECT count(*) FROM pg_namespace WHERE nspname = ANY (%s)", [list(SCHEMAS)]
        ).fetchone()
    assert left == (0,)
    migrate.upgrade(settings)


def test_a_server_that_is_not_there_is_a_clear_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from operational import database  # noqa: PLC0415

    monkeypatch.setattr(database.connect.retry, "stop", lambda _: True)
    nowhere = settings.model_copy(update={"postgres_port": free_port()})
    with pytest.raises(OperationalUnavailable) as caught:
        migrate.upgrade(nowhere)
    assert caught.value.retryable
    assert settings.postgres_password.get_secret_value() not in str(caught.value)
