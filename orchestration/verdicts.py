"""dbt's results and what lineage says, as verdicts on a build; and all that a build has to pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bilten.contracts import Contracts, Severity
from bilten.results import MAXIMUM_SAMPLES, Outcome, Verdict
from lineage.judging import QUESTIONS, Judgement, check_id, marts_of
from quality.gate import required_checks

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


def required_of(contracts: Contracts, manifest: Mapping[str, Any]) -> frozenset[str]:
    """Every check that a build has to pass before it may be published.

    Args:
        contracts: all contracts.
        manifest: dbt's ``manifest.json``.
    """
    lineage = {
        check_id(mart, question) for mart in marts_of(manifest, contracts.values()) for question in QUESTIONS
    }
    return required_checks(contracts) | required_tests(manifest) | lineage


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


def lineage_verdicts(
    judgements: Iterable[Judgement], build_id: str, run_id: str, at: datetime
) -> tuple[Verdict, ...]:
    """What lineage says about a build: each mart is explained, and shows no personal data undeclared.

    Args:
        judgements: about each mart.
        build_id: the build that was judged.
        run_id: the orchestrator's run.
        at: when it was judged.
    """
    return tuple(
        Verdict(
            build_id=build_id,
            dataset=each.mart,
            check_id=check_id(each.mart, each.question),
            kind="lineage",
            severity="error",
            outcome="failed" if each.failures else "warned" if each.warnings else "passed",
            checked_at=at,
            failing_rows=len(each.failures or each.warnings),
            total_rows=each.looked_at,
            message=" ".join((each.failures or each.warnings)[:MAXIMUM_SAMPLES]),
            run_id=run_id,
        )
        for each in judgements
    )


def _dataset(test: Mapping[str, Any]) -> str:
    attached = test.get("attached_node") or next(iter(test["depends_on"]["nodes"]), "")
    return str(attached).rsplit(".", maxsplit=1)[-1] or str(test["name"])


def _finished_at(result: Mapping[str, Any]) -> datetime:
    moments = [timing["completed_at"] for timing in result.get("timing", []) if timing.get("completed_at")]
    return datetime.fromisoformat(max(moments)) if moments else datetime.now(UTC)
