"""Runs of Dagster whose process dies, and the daemon with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from dagster import DagsterEventType, DagsterInstance, DagsterRun

from orchestration.launch import RunResult, launch, wait
from orchestration.schedules import MARTS_JOB
from stack import dagster
from stack.layout import Layout
from tests.fixtures.stack import Stack


@contextmanager
def dagster_of(stack: Stack) -> Iterator[DagsterInstance]:
    with DagsterInstance.from_config(str(dagster.home(Layout.of(stack.settings)))) as instance:
        yield instance


def has_begun(instance: DagsterInstance, run_id: str, step: str) -> bool:
    events = instance.get_records_for_run(run_id, of_type=DagsterEventType.STEP_START).records
    return any(
        record.event_log_entry.dagster_event is not None
        and record.event_log_entry.dagster_event.step_key == step
        for record in events
    )


def workers(stack: Stack) -> list[psutil.Process]:
    """The processes that execute a run which has come to dbt: below the code server, and above dbt."""
    server = stack.supervisor.states()["dagster-code"].pid
    found = []
    for child in psutil.Process(server).children():
        # Either may end while it is looked at.
        with suppress(psutil.NoSuchProcess):
            arguments = [argument for each in child.children() for argument in each.cmdline()]
            if any("dbt" in argument for argument in arguments):
                found.append(child)
    return found


def retry_of(instance: DagsterInstance, run_id: str) -> DagsterRun | None:
    found = instance.get_run_group(run_id)
    runs = found[1] if found else ()
    return next((run for run in runs if run.parent_run_id == run_id), None)


def run_that_dies(stack: Stack, seconds: float) -> RunResult:
    """Publish the marts; the worker is killed amid the build, and so is the daemon that would notice.

    Returns:
        How the run ended that took it up again by itself.
    """
    run_id = launch(stack.settings, MARTS_JOB)
    with dagster_of(stack) as instance:
        stack.wait_for("dbt runs", lambda: bool(workers(stack)), seconds)
        (worker,) = workers(stack)
        # The worker first: one that sees its dbt die ends with a word of its own, and is not taken up again.
        for process in (worker, *worker.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        stack.kill("dagster-daemon")
        stack.wait_for("the run is taken up again", lambda: bool(retry_of(instance, run_id)), seconds)
        retried = retry_of(instance, run_id)
        assert retried is not None
        result = wait(stack.settings, retried.run_id, seconds)
        assert not has_begun(instance, retried.run_id, "audit_sources"), "what succeeded is not done again"
    return result
