"""Processes under the real supervisor: PostgreSQL, Kafka and Connect, since they start in seconds."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from stack import processes, readiness
from stack.layout import Layout
from tests.fixtures.stack import Stack

pytestmark = pytest.mark.stack
NAMES = ("postgresql", "kafka", "connect")
ONLY = ("--only", ",".join(NAMES))


@pytest.fixture(scope="module")
def services(new_stack: Callable[..., Stack]) -> Stack:
    """PostgreSQL, Kafka and Connect."""
    stack = new_stack(history_orders=50)
    stack.up(*ONLY)
    return stack


def states(stack: Stack) -> dict[str, str]:
    return {name: state.state for name, state in stack.supervisor.states().items() if name in NAMES}


def test_they_run_and_answer(services: Stack) -> None:
    assert set(states(services).values()) <= {"RUNNING", "STARTING"}
    assert [name for name in NAMES if not readiness.PROBES[name](services.settings)] == []


def test_a_second_start_is_quick_and_leaves_them_alone(services: Stack) -> None:
    before = {name: services.supervisor.states()[name].pid for name in NAMES}
    assert services.up(*ONLY) < 60
    assert {name: services.supervisor.states()[name].pid for name in NAMES} == before


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_process_comes_back_and_answers(services: Stack, name: str) -> None:
    killed = services.kill(name)
    services.wait_for(
        f"{name} is back",
        lambda: (
            services.supervisor.states()[name].pid not in (None, killed)
            and readiness.PROBES[name](services.settings)
        ),
    )


def test_files_with_secrets_are_private(services: Stack) -> None:
    for folder in ("run", "secrets", "logs"):
        assert (services.home / folder).stat().st_mode & 0o077 == 0
    assert [path for path in (services.home / "secrets").iterdir() if path.stat().st_mode & 0o077] == []


def test_another_stack_on_the_same_port_is_told_which_setting_to_change(
    services: Stack, new_stack: Callable[..., Stack]
) -> None:
    second = new_stack(kafka_port=services.asked.kafka_port)
    result = second.run("up", *ONLY)
    assert result.returncode == 1
    assert f"Port {services.asked.kafka_port}, which kafka needs, is taken." in result.stderr
    assert "BILTEN_KAFKA_PORT" in result.stderr
    assert processes.of_stack(Layout.of(second.asked)) == []


def test_a_changed_setting_moves_only_the_process_it_concerns(services: Stack) -> None:
    before = {name: services.supervisor.states()[name].pid for name in NAMES}
    result = services.run("up", *ONLY, BILTEN_CONNECT_HEAP_MEGABYTES="256")
    assert result.returncode == 0, result.stderr
    after = {name: services.supervisor.states()[name].pid for name in NAMES}
    assert [name for name in NAMES if before[name] != after[name]] == ["connect"]


def test_after_the_supervisors_death_the_next_start_mends_all(services: Stack) -> None:
    layout = Layout.of(services.asked)
    supervisor = int(layout.supervisor_pid.read_text())
    orphans = {services.supervisor.states()[name].pid for name in NAMES}
    os.kill(supervisor, signal.SIGKILL)
    services.wait_for("the supervisor is gone", lambda: not services.supervisor.is_alive())
    assert orphans <= {process.pid for process in processes.of_stack(layout)}
    services.up(*ONLY)
    assert [pid for pid in orphans if pid and psutil.pid_exists(pid)] == []
    assert [name for name in NAMES if not readiness.PROBES[name](services.settings)] == []


def test_down_leaves_no_process_and_all_data(services: Stack) -> None:
    layout = Layout.of(services.asked)
    result = services.run("down")
    assert result.returncode == 0, result.stderr
    assert processes.of_stack(layout) == []
    services.up(*ONLY)
    result = services.run("up", *ONLY)
    assert "already there" in result.stdout
