"""The whole stack: everything answers, everything that is killed comes back, nothing is lost meanwhile."""

from __future__ import annotations

import json

import httpx
import pytest

from ingestion.connector import connector_status
from ingestion.connector_configuration import CONNECTOR_NAME
from operational.database import connect
from stack import programs, readiness
from tests.fixtures.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

KILLED = tuple(name for name in programs.NAMES if name != "simulate")


def test_every_process_answers_and_every_row_arrived(stack: Stack) -> None:
    status = stack.wait_until_caught_up()
    states = {each["name"]: (each["state"], each["answers"]) for each in status["processes"]}
    assert {name: state for name, (state, _) in states.items() if name != "simulate"} == dict.fromkeys(
        KILLED, "RUNNING"
    )
    assert [name for name, (_, answers) in states.items() if answers is False] == []
    assert sum(table["source"] for table in status["tables"]) > 5_000
    assert status["published_build"]


def test_all_of_it_together_stays_below_four_gibibytes(stack: Stack) -> None:
    used = {each["name"]: each["megabytes"] or 0 for each in stack.status()["processes"]}
    assert 0 < sum(used.values()) < 4096, used


def test_the_doctor_finds_no_problem(stack: Stack) -> None:
    result = stack.run("doctor", "--json")
    findings = json.loads(result.stdout)
    assert [finding for finding in findings if finding["outcome"] in {"problem", "unknown"}] == []


def test_kafka_connect_tells_nobody_a_password(stack: Stack) -> None:
    settings = stack.settings
    told = httpx.get(f"{settings.connect_http_url}/connectors?expand=info").text
    assert "${secrets:" in told
    assert settings.postgres_password.get_secret_value() not in told


def test_the_addresses_are_plain_shell_exports(stack: Stack) -> None:
    lines = stack.run("env").stdout.splitlines()
    given = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    assert given["DATABASE_URL"].startswith("postgresql://")
    assert {"WAREHOUSE_URL", "KAFKA_BOOTSTRAP_SERVERS", "CONNECT_URL", "DAGSTER_URL", "LINEAGE_URL"} <= set(
        given
    )


def test_a_failed_connector_is_restarted_by_itself(stack: Stack) -> None:
    """A missing publication stands for whatever a task can die of."""
    address = f"{stack.settings.connect_http_url}/connectors/{CONNECTOR_NAME}/config"
    sound = httpx.get(address).json()
    broken = {**sound, "publication.autocreate.mode": "disabled", "publication.name": "absent"}
    httpx.put(address, json=broken).raise_for_status()
    try:
        stack.wait_for(
            "the connector has failed", lambda: connector_status(stack.settings).is_failed, seconds=120
        )
        with connect(stack.settings) as connection:
            connection.execute("CREATE PUBLICATION absent FOR ALL TABLES")
        stack.wait_for(
            "the connector runs again", lambda: connector_status(stack.settings).is_running, seconds=120
        )
    finally:
        httpx.put(address, json=sound).raise_for_status()
        with connect(stack.settings) as connection:
            connection.execute("DROP PUBLICATION IF EXISTS absent")
    stack.wait_until_caught_up()


@pytest.mark.parametrize("name", KILLED)
def test_a_killed_process_comes_back_and_no_change_is_lost(stack: Stack, name: str) -> None:
    killed = stack.kill(name)
    stack.wait_for(
        f"{name} is back",
        lambda: (
            stack.supervisor.states()[name].pid not in (None, killed)
            and (name not in readiness.PROBES or readiness.PROBES[name](stack.settings))
        ),
        seconds=180,
    )
    with connect(stack.settings) as connection:
        connection.execute(
            "INSERT INTO events.categories (id, name, slug) VALUES (gen_random_uuid(), %s, %s)", (name, name)
        )
    stack.wait_until_caught_up(180)
