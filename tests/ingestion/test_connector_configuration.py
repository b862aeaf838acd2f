from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from bilten.errors import SourceRefused
from bilten.settings import Settings
from ingestion.connector_configuration import (
    change_topics,
    connector_configuration,
)
from ingestion.sources.definition import other_source
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


def test_a_mariadb_is_read_as_a_replica_with_a_number_of_its_own(settings: Settings) -> None:
    found = {
        scheme: connector_configuration(settings, [], other_source("shop", f"{scheme}://u:p@h/shop"))
        for scheme in ("mariadb", "mysql")
    }
    assert {scheme: each["connector.class"].rpartition(".")[2] for scheme, each in found.items()} == {
        "mariadb": "MariaDbConnector",
        "mysql": "MySqlConnector",
    }
    shop = found["mariadb"]
    assert (shop["database.port"], shop["snapshot.mode"]) == ("3306", "no_data")
    assert shop["schema.history.internal.kafka.topic"] == "shop.schema-history"
    assert not [name for name in shop if name.startswith(("slot.", "publication.", "plugin."))]
    other = connector_configuration(settings, [], other_source("crm", "mariadb://u:p@h/shop"))
    assert shop["database.server.id"] != other["database.server.id"]


def test_passwords_and_odd_addresses_of_sources_are_not_shown() -> None:
    source = other_source("shop", "mariadb://u:geheim@db.example/shop")
    assert (source.address, source.schemas) == ("mariadb://db.example:3306/shop", ("shop",))
    assert "geheim" not in repr(source)
    with pytest.raises(SourceRefused, match="cannot be used"):
        other_source("shop", "oracle://u:p@h/shop")
