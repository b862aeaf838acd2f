"""A warehouse with everything the contracts ask for, some rows in it, and a user for each role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from bilten.contracts import Contracts, load_contracts
from bilten.settings import Settings
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import free_port, make_settings
from warehouse import migrate
from warehouse.access.install import install_views
from warehouse.access.policy import Policy, make_policy
from warehouse.access.roles import BY_NAME, ORGANIZER
from warehouse.access.users import Users
from warehouse.client import Warehouse
from warehouse.readers import CLONES_DATABASE, clone_name, create_missing_readers, mart_type

PASSWORD = "correct horse battery"
MINE = UUID("01890a5d-ac96-774b-bcce-b302099a8001")
OTHERS = UUID("01890a5d-ac96-774b-bcce-b302099a8002")
BUILD = "20260101T000000Z"
SOURCES = ("users__users", "authentication__credentials", "tickets__orders", "users__organizers")
SECRET = "Zyxw4711"
"""Stands in every personal and sensitive text of the rows: wherever it comes out, something has leaked."""


@dataclass(frozen=True)
class Access:
    """The running warehouse."""

    settings: Settings
    contracts: Contracts
    policy: Policy
    users: Users
    client: httpx.Client

    def post(self, user: str, sql: str, password: str = PASSWORD, **parameters: str) -> httpx.Response:
        """Run a statement as a user."""
        return self.client.post(
            "/",
            params=parameters,
            content=sql.encode(),
            headers={"X-ClickHouse-User": user, "X-ClickHouse-Key": password},
        )

    def run(self, user: str, sql: str, password: str = PASSWORD, **parameters: str) -> str:
        """The result of a statement that must not be refused."""
        answer = self.post(user, sql, password, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.text

    @property
    def platform_password(self) -> str:
        return self.settings.warehouse_password.get_secret_value()


@pytest.fixture(scope="session")
def access(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    home: Path = tmp_path_factory.mktemp("access-home")
    settings = make_settings(home, warehouse_port=free_port(), warehouse_fsync=False)
    every = load_contracts()
    contracts = Contracts({name: every[name] for name in (*SOURCES, *(mart.name for mart in every.marts()))})
    users = Users(settings)
    for role in BY_NAME:
        users.add(role, PASSWORD, [role], MINE if role == ORGANIZER else None)
    process = WarehouseProcess(settings)
    process.start()
    policy = make_policy(every.values())
    with Warehouse(settings) as warehouse:
        migrate.apply(settings, Contracts({name: every[name] for name in SOURCES}))
        fill_sources(warehouse, contracts)
        fill_marts(warehouse, contracts)
        install_views(warehouse, policy)
    address = f"http://{settings.host}:{settings.warehouse_port}"
    with httpx.Client(base_url=address, timeout=60) as client:
        yield Access(settings, contracts, policy, users, client)
    assert process.stop() == 0


def fill_sources(warehouse: Warehouse, contracts: Contracts) -> None:
    """One row in each source, where its view reads it: every text says which column it stands in."""
    for name in SOURCES:
        texts = {
            column.name: f"{SECRET}-{column.name}"
            for column in contracts[name].columns
            if column.mapping.warehouse == "String"
        }
        columns = warehouse.query(
            "SELECT name, type FROM system.columns WHERE database = 'ods' AND table = {table:String}",
            {"table": f"{name}__state"},
        ).rows
        row: dict[str, object] = {"_version": "1"}
        for column, kind in columns:
            if column == "_row":
                row[column] = {"_version": "1", **{key: text for key, text in texts.items() if key in kind}}
            elif "Tuple(" in kind:
                row[column] = {"version": "1", "value": texts.get(column)}
            elif column in texts:
                row[column] = texts[column]
        known = {key: value for key, value in row.items() if key in {column for column, _ in columns}}
        members = {"input_format_json_defaults_for_missing_elements_in_named_tuple": 1}
        # Names in a tuple that a column of its own has are left out there.
        members["input_format_json_ignore_unknown_keys_in_named_tuple"] = 1
        sql = f"INSERT INTO ods.`{name}__state` FORMAT JSONEachRow {json.dumps(known)}"
        warehouse.command(sql, settings=members)


def fill_marts(warehouse: Warehouse, contracts: Contracts) -> None:
    """Two rows in each mart: of the organizer whose members ask, and of another."""
    warehouse.command("CREATE DATABASE IF NOT EXISTS marts")
    create_missing_readers(warehouse, contracts.marts())
    for mart in contracts.marts():
        table = f"{CLONES_DATABASE}.{clone_name(mart.name, BUILD)}"
        columns = ", ".join(f"`{column.name}` {mart_type(column)}" for column in mart.columns)
        warehouse.command(f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY ()")
        for owner in (MINE, OTHERS):
            values = []
            for column in mart.columns:
                kind = mart_type(column)
                if column.name == "organizer_id":
                    values.append(f"toUUID('{owner}')")
                elif column.is_personal and "String" in kind:
                    values.append(f"'{SECRET}-{column.name}'")
                elif "String" in kind:
                    values.append(f"'{column.name} of {owner}'")
                elif "UUID" in kind and not column.is_personal:
                    values.append("generateUUIDv4()")
                elif "UUID" in kind:
                    values.append(f"toUUID('{owner}')")
                else:
                    values.append("defaultValueOfTypeName('" + kind.replace("'", "\\'") + "')")
            warehouse.command(f"INSERT INTO {table} SELECT {', '.join(values)}")
    warehouse.command(
        "INSERT INTO ops.publications (published_at, build_id, database, reason, run_id) "
        f"VALUES (now64(6), '{BUILD}', 'build_x', 'publish', '')"
    )
