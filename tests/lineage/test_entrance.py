"""Who may ask: sign-in as in the warehouse, sessions, keys of producers, the record of auditors' views."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from bilten.contracts import load_contracts
from bilten.errors import SignInFailed
from bilten.settings import Settings
from tests.lineage.test_delivery import event
from tests.lineage.test_server import ServiceProcess, running
from tests.settings import free_port
from warehouse.access.identity import Reader, sign_in
from warehouse.access.users import Users
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(300)]
PASSWORD = "correct horse battery"
ORGANIZER = UUID("01890a5d-ac96-774b-bcce-b302099a8001")
CONTRACTS = load_contracts()


def test_contracts_say_how_much_a_reader_sees() -> None:
    users = CONTRACTS["users__users"]
    email = users.by_name["email"]
    assert Reader("platform", is_platform=True).may_see(users, email)
    assert Reader("anna", ("auditor",)).may_see(users, email)
    assert not Reader("lea", ("analyst",)).may_see(users, email)
    assert Reader("lea", ("analyst",)).may_see(users, users.by_name["id"])
    assert Reader("lea", ("analyst", "support")).may_see(users, email)
    # No contract names the role, or it is one that sees rows of its own only, or none at all.
    unnamed = replace(users, roles=("support",))
    assert Reader("lea", ("analyst",)).level(unnamed) is None
    assert not Reader("lea", ("analyst",)).may_see(unnamed, users.by_name["id"])
    mine = CONTRACTS["sales_by_organizer"]
    assert "organizer" in mine.roles
    assert Reader("olga", ("organizer",)).level(mine) is None
    assert not Reader("olga", ("organizer",)).sees_structure
    assert not Reader("nobody", ()).sees_structure


@pytest.fixture(scope="module")
def service(
    warehouse: Warehouse, warehouse_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    """A service with a key of producers, beside a warehouse with a user of each of three roles."""
    LineageStore(warehouse).create()
    users = Users(warehouse_settings)
    for name, role in (("anna", "auditor"), ("lea", "analyst"), ("olga", "organizer")):
        users.add(name, PASSWORD, [role], organizer=ORGANIZER if role == "organizer" else None)
    home = tmp_path_factory.mktemp("entrance")
    changed = {"home": home, "lineage_port": free_port(), "lineage_api_key": SecretStr("a key")}
    with running(warehouse_settings.model_copy(update=changed)) as found:
        yield found
    for name in ("anna", "lea", "olga"):
        users.remove(name)


def stranger(service: ServiceProcess, user: str = "", password: str = PASSWORD) -> httpx.Client:
    return httpx.Client(
        base_url=service.settings.lineage_http_url, auth=(user, password) if user else None, timeout=30
    )


def test_the_warehouse_says_who_somebody_is(warehouse_settings: Settings, service: ServiceProcess) -> None:
    assert sign_in(warehouse_settings, "anna", PASSWORD) == Reader("anna", ("auditor",))
    name, password = warehouse_settings.warehouse_credentials
    assert sign_in(warehouse_settings, name, password).is_platform
    for wrong in (("anna", "another password"), ("nobody", PASSWORD), (name, "x"), (name, ""), ("", "")):
        with pytest.raises(SignInFailed):
            sign_in(warehouse_settings, *wrong)


def test_nobody_reads_without_signing_in(service: ServiceProcess) -> None:
    described = service.client.get("/api/v1/openapi.json").json()
    with stranger(service) as client, stranger(service, "lea", "a wrong password") as liar:
        asked = 0
        for path, methods in described["paths"].items():
            if "get" in methods and methods["get"]["security"]:
                address = path.replace("{", "").replace("}", "")
                assert client.get(address).status_code == 401, path
                assert liar.get(address).json()["code"] == "sign-in-failed"
                asked += 1
        assert asked > 20
        for open_to_all in ("/health", "/explorer", "/api/v1/openapi.json"):
            assert client.get(open_to_all).status_code == 200


def test_a_session_lasts_until_it_is_ended(service: ServiceProcess) -> None:
    with stranger(service) as browser:
        given = {"user": "lea", "password": PASSWORD}
        assert browser.post("/api/v1/session", json={**given, "password": "x"}).status_code == 401
        answer = browser.post("/api/v1/session", json=given)
        assert answer.json() == {"user": "lea", "roles": ["analyst"], "recorded": False}
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert browser.get("/api/v1/datasets").status_code == 200
        kept = dict(browser.cookies)
        assert browser.delete("/api/v1/session").status_code == 200
        browser.cookies.update(kept)
        assert browser.get("/api/v1/datasets").status_code == 401


def test_who_sees_own_rows_only_does_not_see_the_platform(service: ServiceProcess) -> None:
    with stranger(service, "olga") as client:
        assert client.get("/api/v1/datasets").json()["code"] == "reading-refused"
        assert client.post("/api/v1/session", json={"user": "olga", "password": PASSWORD}).status_code == 403


def test_producers_need_the_key_and_nothing_else(service: ServiceProcess) -> None:
    with stranger(service) as producer:
        assert producer.post("/api/v1/lineage", json=event(1)).status_code == 401
        key = {"Authorization": "Bearer a key"}
        assert producer.post("/api/v1/lineage", json=event(1), headers=key).status_code == 201
        # It opens no door to readers.
        assert producer.get("/api/v1/datasets", headers=key).status_code == 401


def test_every_view_of_an_auditor_is_recorded_before_it_is_answered(service: ServiceProcess) -> None:
    path: Path = service.settings.home / "lineage" / "views.jsonl"
    path.unlink(missing_ok=True)
    with stranger(service, "anna") as auditor, stranger(service, "lea") as analyst:
        analyst.get("/api/v1/coverage")
        auditor.get("/api/v1/impact", params={"node": "ods.tickets__orders", "column": "total"})
        (entry,) = [json.loads(line) for line in path.read_text().splitlines()]
        assert (entry["by"], entry["path"]) == ("anna", "/api/v1/impact")
        assert entry["query"] == "node=ods.tickets__orders&column=total"
        assert [each["by"] for each in auditor.get("/api/v1/views").json()["views"]] == ["anna"]
        # Others see what concerns themselves.
        assert analyst.get("/api/v1/views").json()["views"] == []
