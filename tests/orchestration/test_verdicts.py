from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from dagster import AssetCheckSeverity, AssetKey

from bilten.results import Outcome, Verdict
from orchestration.check_results import check_result
from orchestration.verdicts import dbt_verdicts, required_tests

KEY = AssetKey(["build", "orders"])
COMPLETED = "2026-01-31T10:15:00.000001Z"


def node(name: str, severity: str = "error", kind: str = "test") -> dict[str, Any]:
    return {
        "name": name,
        "resource_type": kind,
        "config": {"severity": severity, "enabled": True},
        "attached_node": "model.bilten.orders",
        "depends_on": {"nodes": ["model.bilten.orders"]},
    }


MANIFEST = {
    "nodes": {
        "model.bilten.orders": node("orders", kind="model"),
        "test.bilten.total": node("total"),
        "test.bilten.late": node("late", severity="warn"),
    },
    "unit_tests": {"unit_test.bilten.orders.refunded": node("refunded", kind="unit_test")},
}


def result(name: str, status: str, failures: int | None = None) -> dict[str, Any]:
    return {
        "unique_id": name,
        "status": status,
        "failures": failures,
        "message": None,
        "timing": [{"name": "execute", "completed_at": COMPLETED}],
    }


def test_every_test_of_data_is_required() -> None:
    assert required_tests(MANIFEST) == {
        "test.bilten.total",
        "test.bilten.late",
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("pass", "passed"),
        ("warn", "warned"),
        ("fail", "failed"),
        ("error", "error"),
        ("runtime error", "error"),
        ("skipped", "skipped"),
        ("a word of a later dbt", "error"),
    ],
)
def test_a_word_of_dbt_becomes_an_outcome(status: str, outcome: Outcome) -> None:
    results = {"results": [result("test.bilten.total", status, 3)]}
    (verdict,) = dbt_verdicts(MANIFEST, results, "20260131T101500_1a2b3c4d", "run")
    assert (verdict.outcome, verdict.dataset, verdict.failing_rows) == (outcome, "orders", 3)
    assert verdict.checked_at == datetime.fromisoformat(COMPLETED)
    assert verdict.passes == (outcome in {"passed", "warned"})


def test_models_are_no_verdicts() -> None:
    results = {"results": [result("model.bilten.orders", "success")]}
    assert dbt_verdicts(MANIFEST, results, "20260131T101500_1a2b3c4d", "run") == ()


def verdict(name: str, outcome: Outcome, failing: int = 0) -> Verdict:
    return Verdict(
        build_id="20260131T101500_1a2b3c4d",
        dataset="orders",
        check_id=name,
        kind="expectation",
        severity="error",
        outcome=outcome,
        checked_at=datetime(2026, 1, 31, tzinfo=UTC),
        failing_rows=failing,
        samples=({"order_id": "7"},) if failing else (),
        message="The total is the sum.",
    )


def test_a_failed_rule_is_named_with_its_rows() -> None:
    shown = check_result(
        KEY, "contract", [verdict("orders.total", "failed", 3), verdict("orders.key", "passed")]
    )
    assert not shown.passed
    assert shown.severity is AssetCheckSeverity.ERROR
    assert shown.description == "orders.total: 3 rows"
    assert shown.metadata["failing_rows"].value == 3
    assert "order_id=7" in str(shown.metadata["failures"].value)


def test_a_warning_is_no_error() -> None:
    shown = check_result(KEY, "contract", [verdict("orders.email", "warned", 1)])
    assert (shown.passed, shown.severity) == (False, AssetCheckSeverity.WARN)


def test_what_nobody_could_tell_is_an_error() -> None:
    shown = check_result(KEY, "contract", [verdict("orders.total", "error")])
    assert (shown.passed, shown.severity) == (False, AssetCheckSeverity.ERROR)


def test_no_verdict_at_all_is_no_pass() -> None:
    shown = check_result(KEY, "contract", [])
    assert (shown.passed, shown.severity) == (False, AssetCheckSeverity.ERROR)
