"""Verdicts as Dagster shows them: one asset check a dataset, with the rules that failed."""

from __future__ import annotations

from collections.abc import Iterable

from dagster import AssetCheckResult, AssetCheckSeverity, AssetKey, MetadataValue

from bilten.results import Verdict


def check_result(asset_key: AssetKey, name: str, verdicts: Iterable[Verdict]) -> AssetCheckResult:
    """All verdicts on one dataset as one result.

    Args:
        asset_key: the dataset.
        name: the asset check's name.
        verdicts: of the dataset; none at all is no pass.

    Returns:
        Passed only if every rule passed. A broken rule that only warns, and nothing worse, gives a warning.
        The description says which rules failed on how many rows, the metadata adds samples.
    """
    judged = list(verdicts)
    broken = [verdict for verdict in judged if verdict.outcome != "passed"]
    blocking = [verdict for verdict in broken if not verdict.passes]
    severity = AssetCheckSeverity.ERROR if blocking or not judged else AssetCheckSeverity.WARN
    return AssetCheckResult(
        asset_key=asset_key,
        check_name=name,
        passed=bool(judged) and not broken,
        severity=severity,
        description="; ".join(_sentence(verdict) for verdict in broken) or f"{len(judged)} rules hold.",
        metadata={
            "rules": len(judged),
            "broken": len(broken),
            "failing_rows": sum(verdict.failing_rows for verdict in broken),
            **({"failures": MetadataValue.md(_table(broken))} if broken else {}),
        },
    )


def _sentence(verdict: Verdict) -> str:
    if verdict.outcome in {"failed", "warned"}:
        return f"{verdict.check_id}: {verdict.failing_rows} rows"
    return f"{verdict.check_id}: {verdict.outcome}: {verdict.message}"


def _table(verdicts: Iterable[Verdict]) -> str:
    lines = ["| rule | outcome | rows | samples | message |", "|---|---|---|---|---|"]
    for verdict in verdicts:
        samples = "; ".join(
            ", ".join(f"{name}={value}" for name, value in sample.items()) for sample in verdict.samples
        )
        cells = (verdict.check_id, verdict.outcome, str(verdict.failing_rows), samples, verdict.message)
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines)
