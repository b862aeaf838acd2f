from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from bilten.settings import Settings
from ingestion.connector_configuration import (
    change_topics,
    connector_configuration,
)
from ingestion.sources.postgresql.configuration import needs_full_identity
from tests.ingestion.samples import column, contract


@pytest.fixture
def settings() -> Settings:
    return Settings(database_url=SecretStr("postgresql://us%40er:p%2Fw@db.example:6543/tickets"))


def test_exactly_the_contracted_tables_are_captured(settings: Settings) -> None:
    configuration = connector_configuration(
        settings, [contract("tickets", "orders"), contract("users", "users")]
    )
    assert configuration["table.include.list"] == r"tickets\.orders,users\.users"
    assert configuration["publication.autocreate.mode"] == "filtered"
    assert "column.exclude.list" not in configuration


def test_excluded_columns_never_leave_the_database(settings: Settings) -> None:
    secret = contract("authentication", "sessions", excluded=("token", "refresh_token"))
    configuration = connector_configuration(settings, [secret])
    assert configuration["column.exclude.list"] == (
        r"authentication\.sessions\.token,authentication\.sessions\.refresh_token"
    )


def test_the_address_is_taken_apart_and_unquoted(settings: Settings) -> None:
    configuration = connector_configuration(settings, [contract("users", "users")])
    assert configuration["database.hostname"] == "db.example"
    assert configuration["database.port"] == "6543"
    assert configuration["database.user"] == "us@er"
    assert configuration["database.password"] == "p/w"
    assert configuration["database.dbname"] == "tickets"


def test_every_value_is_a_string_and_order_of_contracts_does_not_matter(settings: Settings) -> None:
    tables = [contract("users", "users"), contract("tickets", "orders", excluded=("note",))]
    configuration = connector_configuration(settings, tables)
    assert all(isinstance(value, str) for value in configuration.values())
    assert configuration == connector_configuration(settings, reversed(tables))


@pytest.mark.parametrize(
    ("source_type", "full"),
    [
        ("text[]", False),
        ("uuid[]", False),
        ("varchar(20)[]", False),
        ("numeric(10,2)[]", True),
        ("timestamptz[]", True),
        ("boolean[]", True),
        ("jsonb", False),
    ],
)
def test_arrays_whose_unchanged_values_cannot_be_marked_need_whole_rows(
    settings: Settings, source_type: str, full: bool
) -> None:
    table = contract("events", "details", column("id", "uuid", key=1), column("values", source_type))
    assert needs_full_identity(table) is full
    wanted = {"replica.identity.autoset.values": r"events\.details:FULL"} if full else {}
    assert wanted.items() <= connector_configuration(settings, [table]).items()


def test_a_table_without_a_key_needs_whole_rows() -> None:
    assert needs_full_identity(contract("system", "log", column("line")))


def test_topics_are_named_after_prefix_schema_and_table() -> None:
    tables = [contract("users", "users"), replace(contract("tickets", "orders"))]
    assert change_topics("ticketing", tables) == {
        "tickets__orders": "ticketing.tickets.orders",
        "users__users": "ticketing.users.users",
    }
