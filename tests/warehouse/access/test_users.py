"""Users and their passwords, in the file, at the server, and on the command line."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from bilten.cli.users import app
from bilten.errors import UserExists, UserNotFound, UserRefused
from tests.settings import environment, make_settings
from tests.warehouse.access.conftest import PASSWORD, Access
from warehouse.access.passwords import REMEMBERED_SECONDS, Memory, hash_password
from warehouse.access.roles import BY_NAME
from warehouse.access.users import Users


def test_a_password_is_remembered_for_a_while_and_never_after_it_was_changed() -> None:
    now = [0.0]
    memory = Memory(lambda: now[0])
    stored = hash_password(PASSWORD)
    assert PASSWORD not in stored
    assert not memory.remembers("a", stored, PASSWORD)
    assert not memory.verify("a", stored, "wrong")
    assert not memory.verify("nobody", None, PASSWORD)
    assert memory.verify("a", stored, PASSWORD)
    assert memory.remembers("a", stored, PASSWORD)
    assert not memory.remembers("b", stored, PASSWORD)
    assert not memory.remembers("a", hash_password(PASSWORD), PASSWORD)
    now[0] = REMEMBERED_SECONDS + 1
    assert not memory.remembers("a", stored, PASSWORD)


def test_users_are_added_found_changed_and_removed(tmp_path: Path) -> None:
    users, reader = Users(make_settings(tmp_path)), Users(make_settings(tmp_path))
    assert reader.all() == ()
    users.add("alice", PASSWORD, ["analyst", "finance"])
    found = reader.find("alice")
    assert found is not None
    assert found.roles == ("analyst", "finance")
    with pytest.raises(UserExists):
        users.add("alice", PASSWORD, ["analyst"])
    users.set_password("alice", PASSWORD + "!")
    changed = reader.find("alice")
    assert changed is not None
    assert changed.password_hash != found.password_hash
    users.remove("alice")
    assert reader.find("alice") is None
    with pytest.raises(UserNotFound):
        users.remove("alice")
    path = tmp_path / "warehouse" / "access" / "users.json"
    assert path.stat().st_mode & 0o077 == 0


def test_two_who_add_users_at_once_lose_none(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: Users(settings).add(f"user{n}", PASSWORD, ["analyst"]), range(12)))
    assert len(Users(settings).all()) == 12


@pytest.mark.parametrize(
    ("name", "password", "roles", "organizer"),
    [
        ("bilten", PASSWORD, ["analyst"], None),
        ("default", PASSWORD, ["analyst"], None),
        ("O'Hara", PASSWORD, ["analyst"], None),
        ("a", "short", ["analyst"], None),
        ("a", PASSWORD, [], None),
        ("a", PASSWORD, ["platform"], None),
        ("a", PASSWORD, ["organizer"], None),
        ("a", PASSWORD, ["analyst"], UUID(int=1)),
        ("a", PASSWORD, ["organizer", "analyst"], UUID(int=1)),
    ],
)
def test_what_cannot_be_a_user(
    tmp_path: Path, name: str, password: str, roles: list[str], organizer: UUID | None
) -> None:
    with pytest.raises(UserRefused):
        Users(make_settings(tmp_path)).add(name, password, roles, organizer)


@pytest.mark.warehouse
def test_wrong_passwords_are_refused_and_right_ones_cost_once(access: Access) -> None:
    for name, password in (("analyst", "wrong"), ("nobody", PASSWORD), ("default", ""), ("bilten", PASSWORD)):
        refused = access.post(name, "SELECT 1", password)
        assert (refused.status_code, refused.headers["X-ClickHouse-Exception-Code"]) == (403, "516")
    access.run("analyst", "SELECT 1")
    began = time.perf_counter()
    for _ in range(20):
        access.run("analyst", "SELECT 1")
    assert (time.perf_counter() - began) / 20 < 0.05


@pytest.mark.warehouse
def test_users_come_and_go_while_the_server_runs(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(access.settings).items():
        monkeypatch.setenv(name, value)
    runner = CliRunner()

    def call(*arguments: str, password: str = "") -> str:
        result = runner.invoke(app, arguments, input=password + "\n", catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    call("add", "carol", "--role", "analyst", "--password-from-input", password=PASSWORD)
    assert access.run("carol", "SELECT currentRoles()") == "['analyst']\n"
    assert "carol" in call("list", "--json")
    call("password", "carol", "--password-from-input", password="another one, longer")
    assert access.post("carol", "SELECT 1").status_code == 403
    assert access.post("carol", "SELECT 1", "another one, longer").status_code == 200
    call("remove", "carol")
    assert access.post("carol", "SELECT 1", "another one, longer").status_code == 403
    assert all(role in call("roles") for role in BY_NAME)
    assert "0 views" in call("views")


@pytest.mark.warehouse
def test_one_user_cannot_take_all_there_is(access: Access) -> None:
    limits = BY_NAME["analyst"].limits
    memory = access.post("analyst", "SELECT length(groupArray(number)) FROM numbers(200000000)")
    assert memory.headers["X-ClickHouse-Exception-Code"] == "241"
    for setting in ("max_memory_usage", "max_execution_time"):
        for value in ("0", "99999999999"):
            refused = access.post("analyst", "SELECT 1", **{setting: value})
            assert refused.headers["X-ClickHouse-Exception-Code"] == "452", refused.text
            refused = access.post("analyst", f"SELECT 1 SETTINGS {setting} = {value}")
            assert refused.headers["X-ClickHouse-Exception-Code"] == "452", refused.text
    with ThreadPoolExecutor(limits.concurrent + 3) as pool:
        answers = list(
            pool.map(lambda _: access.post("analyst", "SELECT sleep(1)"), range(limits.concurrent + 3))
        )
    refused_now = [answer for answer in answers if answer.status_code == 503]
    assert len(refused_now) == 3
    assert all(answer.headers["Retry-After"] == "1" for answer in refused_now)
    assert access.run("analyst", "SELECT 1") == "1\n"
