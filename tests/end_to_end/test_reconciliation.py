"""On the whole stack: the source equals ods, the archive equals raw, and the contracts' rules hold."""

from __future__ import annotations

import json

import pytest

from bilten.contracts import load_contracts
from operational.database import connect
from orchestration.reconciling import archive_verdicts, source_verdicts
from quality.checks import compile_checks
from quality.run import Target, evaluate
from tests.fixtures.stack import Stack
from warehouse.client import Warehouse

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

BUILD = "20260101T000000_0000abcd"


def test_source_ods_and_archive_agree_beside_live_traffic(stack: Stack) -> None:
    contracts = load_contracts()
    settings = stack.settings
    traffic = stack.run("simulate", "--rate", "20", "--seconds", "5")
    assert traffic.returncode == 0, traffic.stderr
    archived = stack.run("archive", "run", "--json")
    assert archived.returncode == 0, archived.stderr
    tables = json.loads(stack.run("archive", "list", "--json").stdout)
    assert sum(table["rows"] for table in tables) > 1_000
    with Warehouse(settings) as warehouse:
        verdicts = source_verdicts(settings, warehouse, contracts, contracts.sources(), BUILD)
        assert {verdict.message for verdict in verdicts if verdict.outcome != "passed"} == set()
        assert len(verdicts) == len(contracts.captured())
        verdicts = archive_verdicts(settings, warehouse, contracts.sources(), BUILD)
        assert {verdict.message for verdict in verdicts if verdict.outcome != "passed"} == set()
        assert verdicts
        checks = [check for check in compile_checks(contracts) if check.live]
        judged = evaluate(settings, warehouse, contracts, checks, Target(BUILD, "marts"))
        wrong = {verdict.check_id: verdict for verdict in judged if not verdict.passes}
        assert wrong == {}


def test_a_row_that_was_changed_behind_the_streams_back_is_found(stack: Stack) -> None:
    contracts = load_contracts()
    venues = contracts["events__venues"]
    settings = stack.settings
    with connect(settings, autocommit=True) as source, Warehouse(settings) as warehouse:
        row = source.execute("SELECT id::text, name FROM events.venues ORDER BY id LIMIT 1").fetchone()
        assert row is not None
        key, name = row
        # What happens now stays out of the stream that the connector reads.
        source.execute("ALTER PUBLICATION bilten DROP TABLE events.venues")
        try:
            source.execute("UPDATE events.venues SET name = 'another' WHERE id = %s", (key,))
            (verdict,) = source_verdicts(settings, warehouse, contracts, [venues], BUILD)
            assert (verdict.outcome, verdict.failing_rows) == ("failed", 1)
            assert verdict.samples == ({"key": key, "nature": "different"},)
        finally:
            # In this order, so that the stream mends the row for the tests that follow.
            source.execute("ALTER PUBLICATION bilten ADD TABLE events.venues")
            source.execute("UPDATE events.venues SET name = %s WHERE id = %s", (name, key))
        (verdict,) = source_verdicts(settings, warehouse, contracts, [venues], BUILD)
        assert verdict.outcome == "passed"
