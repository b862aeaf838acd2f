"""dbt's results as verdicts on a build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bilten.contracts import Severity
from bilten.results import Outcome, Verdict

# dbt's words for how a test ended (dbt documentation, "run results JSON file").
_OUTCOMES: Mapping[str, Outcome] = {
    "pass": "passed",
    "success": "passed",
    "warn": "warned",
    "fail": "failed",
    "error": "error",
    "runtime error": "error",
    "skipped": "skipped",
}
_TESTS = {"test", "unit_test"}


def required_tests(manifest: Mapping[str, Any]) -> frozenset[str]:
    """Every test that a build has to pass: the project's enabled tests of data.

    Unit tests say nothing of a build: they judge the code on rows of their own, whenever it changes.
    """
    return frozenset(
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and node["config"].get("enabled", True)
    )


def dbt_verdicts(
    manifest: Mapping[str, Any], run_results: Mapping[str, Any], build_id: str, run_id: str
) -> tuple[Verdict, ...]:
    """What dbt's tests said about a build.

    Args:
        manifest: dbt's ``manifest.json``.
        run_results: dbt's ``run_results.json`` of this build.
        build_id: the build that was tested.
        run_id: the orchestrator's run.

    Returns:
        A verdict for each test that dbt reported; a word of dbt's that is not known counts as an error.
    """
    return tuple(_verdicts(manifest, run_results, build_id, run_id))


def _verdicts(
    manifest: Mapping[str, Any], run_results: Mapping[str, Any], build_id: str, run_id: str
) -> Iterator[Verdict]:
    nodes = {**manifest["nodes"], **manifest.get("unit_tests", {})}
    for result in run_results["results"]:
        node = nodes.get(result["unique_id"])
        if node is None or node["resource_type"] not in _TESTS:
            continue
        severity: Severity = (
            "warning" if node["config"].get("severity", "error").lower() == "warn" else "error"
        )
        yield Verdict(
            build_id=build_id,
            dataset=_dataset(node),
            check_id=result["unique_id"],
            kind="dbt",
            severity=severity,
            outcome=_OUTCOMES.get(result["status"], "error"),
            checked_at=_finished_at(result),
            failing_rows=result.get("failures") or 0,
            message=result.get("message") or "",
            run_id=run_id,
        )


def _dataset(test: Mapping[str, Any]) -> str:
    attached = test.get("attached_node") or next(iter(test["depends_on"]["nodes"]), "")
    return str(attached).rsplit(".", maxsplit=1)[-1] or str(test["name"])


def _finished_at(result: Mapping[str, Any]) -> datetime:
    moments = [timing["completed_at"] for timing in result.get("timing", []) if timing.get("completed_at")]
    return datetime.fromisoformat(max(moments)) if moments else datetime.now(UTC)
