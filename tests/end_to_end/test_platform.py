"""From commits in PostgreSQL to published marts, with processes dying on the way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bilten.contracts import load_contracts
from bilten.errors import KafkaUnavailable
from ingestion.progress import SourceProgress
from ingestion.sources.definition import own_source
from ingestion.sources.postgresql.inspection import stream_start
from ingestion.topics import partition_bounds
from operational.database import connect
from orchestration.launch import RunResult, launch, wait
from orchestration.schedules import ARCHIVE_JOB, MARTS_JOB
from tests.end_to_end.dying import run_that_dies
from tests.end_to_end.figures import PAIRS
from tests.fixtures.stack import Stack
from warehouse.client import Warehouse
from warehouse.sources import checked_streams

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

RUN_SECONDS = 400
SETTLING_SECONDS = 12
"""A build leaves out the newest changes, which may not all have arrived; after this they are old enough."""


def run_job(stack: Stack, job: str) -> RunResult:
    return wait(stack.settings, launch(stack.settings, job), RUN_SECONDS)


def broker_answers(stack: Stack) -> bool:
    try:
        partition_bounds(stack.settings, ["any"])
    except KafkaUnavailable:
        return False
    return True


def catch_up(stack: Stack) -> None:
    """Wait until all has arrived, and what a connector that began anew has left out was read again."""
    contracts = load_contracts().sources()
    source = own_source(stack.settings)
    # It was killed a moment ago, perhaps.
    stack.wait_for("the broker answers", lambda: broker_answers(stack), seconds=120)
    with (
        Warehouse(stack.settings) as warehouse,
        connect(stack.settings, autocommit=True) as connection,
        SourceProgress(stack.settings, contracts, warehouse, connection) as progress,
    ):
        progress.wait(180)
        stack.wait_for(
            "the source was compared after its stream began",
            lambda: checked_streams(warehouse).get(source.name) == stream_start(connection, source.slot),
            seconds=240,
        )
        progress.wait(60)


def figures(stack: Stack) -> Iterator[tuple[str, list[tuple[Any, ...]], list[tuple[Any, ...]]]]:
    with Warehouse(stack.settings) as warehouse, connect(stack.settings) as connection:
        for name, (source, mart) in PAIRS.items():
            yield (
                name,
                connection.execute(source).fetchall(),
                [tuple(row) for row in warehouse.query(mart).rows],
            )


def published(stack: Stack) -> str:
    with Warehouse(stack.settings) as warehouse:
        return str(
            warehouse.scalar("SELECT build_id FROM ops.publications ORDER BY published_at DESC LIMIT 1")
        )


def test_marts_equal_the_source_to_the_cent_whatever_dies(stack: Stack) -> None:
    with ThreadPoolExecutor(1) as threads:
        traffic = threads.submit(
            stack.run, "simulate", "--rate", "60", "--seconds", "30", "--seed", "11", seconds=300
        )
        for name in ("loader", "connect", "warehouse", "kafka", "loader"):
            time.sleep(5)
            stack.kill(name)
        result = traffic.result()
    assert result.returncode == 0, result.stderr
    catch_up(stack)
    time.sleep(SETTLING_SECONDS)
    run = run_that_dies(stack, RUN_SECONDS)
    assert run.succeeded, f"{run.url}\n{stack.run('marts', 'verdicts').stdout}\n{stack.logs(40)}"
    for name, source, mart in figures(stack):
        assert source, name
        assert mart == source, name


def test_every_table_equals_the_source_value_for_value(stack: Stack) -> None:
    catch_up(stack)
    result = stack.run("quality", "reconcile", "--json")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_archive_equals_raw(stack: Stack) -> None:
    assert run_job(stack, ARCHIVE_JOB).succeeded, stack.logs(40)
    result = stack.run("archive", "compare", "--json")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_broken_batch_leaves_the_published_marts_as_they_are(stack: Stack) -> None:
    before, build = list(figures(stack)), published(stack)
    broken = stack.run("simulate", "--break", "order_total", "--rows", "3")
    assert broken.returncode == 0, broken.stderr
    catch_up(stack)
    time.sleep(SETTLING_SECONDS)
    run = run_job(stack, MARTS_JOB)
    assert run.status == "FAILURE"
    assert published(stack) == build
    with Warehouse(stack.settings) as warehouse:
        for name, _, mart in before:
            assert [tuple(row) for row in warehouse.query(PAIRS[name][1]).rows] == mart, name
    verdicts = json.loads(stack.run("marts", "verdicts", "--json").stdout)
    failed = [verdict for verdict in verdicts if verdict["outcome"] == "failed"]
    assert any(verdict["failing_rows"] == 3 and verdict["samples"] for verdict in failed), verdicts
    status = stack.run("status")
    assert any(verdict["check_id"] in status.stdout for verdict in failed), status.stdout
    mended = stack.run("simulate", "--mend", "order_total")
    assert mended.returncode == 0, mended.stderr


def test_lineage_leads_from_a_mart_to_the_operational_columns(stack: Stack) -> None:
    deadline = time.monotonic() + 60
    while True:
        shown = stack.run("lineage", "show", "marts.sales_by_day", "--upstream", "--columns")
        if "tickets.orders" in shown.stdout and "total" in shown.stdout:
            return
        if time.monotonic() > deadline:
            pytest.fail(shown.stdout + shown.stderr)
        time.sleep(2)
