"""The gate: everything that a build must have passed, evaluated and put into words.

It fails closed. What is required is compiled from the contracts before anything is evaluated, and every
required check has a verdict afterwards: one that Great Expectations could not evaluate, or that nobody
evaluated, is no pass. The decision itself is `warehouse.gate.decide`, over the verdicts that were recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import get_args

from bilten.contracts import Contract, Contracts
from bilten.results import Outcome, Verdict
from bilten.settings import Settings
from quality.checks import Check, compile_checks
from quality.reconciliation import source_check_id
from quality.run import Target, evaluate
from warehouse.builds import record_verdicts
from warehouse.client import Warehouse


def required_checks(contracts: Contracts, *, reconciled: bool = True) -> frozenset[str]:
    """Identifiers of all checks that must have a passing verdict before a build may be published.

    Args:
        contracts: all contracts.
        reconciled: whether comparisons with the source belong to it; not where the source cannot be reached
            by design, as in a restored warehouse.
    """
    identifiers = {check.check_id for check in compile_checks(contracts)}
    if reconciled:
        identifiers |= {source_check_id(each.name) for each in contracts.sources() if is_reconciled(each)}
    return frozenset(identifiers)


def is_reconciled(contract: Contract) -> bool:
    """Whether a build demands that a table equals its source: it has a key, and is of the own database."""
    return bool(contract.kind == "source" and contract.key and not contract.source)


def audit(
    settings: Settings,
    warehouse: Warehouse,
    contracts: Contracts,
    target: Target,
    *,
    datasets: Iterable[str] | None = None,
    progress: Callable[[str, Sequence[Verdict]], None] | None = None,
) -> tuple[Verdict, ...]:
    """Evaluate every check that the contracts give, and record the verdicts under the build.

    Args:
        settings: where the warehouse is.
        warehouse: the same warehouse.
        contracts: all contracts.
        target: the build.
        datasets: only checks of these; all by default.
        progress: called after each dataset.

    Returns:
        One verdict per check, all recorded.

    Raises:
        QualityError: the contracts' rules cannot be compiled; nothing was evaluated or may be published.
        WarehouseError: the verdicts could not be recorded, which leaves the build without them.
    """
    chosen = set(datasets) if datasets is not None else None
    checks = [check for check in compile_checks(contracts) if chosen is None or check.dataset in chosen]
    verdicts = _completed(checks, evaluate(settings, warehouse, contracts, checks, target, progress), target)
    record_verdicts(warehouse, verdicts)
    return verdicts


def _completed(checks: Iterable[Check], verdicts: Sequence[Verdict], target: Target) -> tuple[Verdict, ...]:
    judged = {verdict.check_id for verdict in verdicts}
    missing = [
        Verdict(
            build_id=target.build_id,
            dataset=check.dataset,
            check_id=check.check_id,
            kind="expectation",
            severity=check.severity,
            outcome="skipped",
            checked_at=datetime.now(UTC),
            message="Nobody evaluated it.",
            run_id=target.run_id,
        )
        for check in checks
        if check.check_id not in judged
    ]
    return (*verdicts, *missing)


def summary(verdicts: Sequence[Verdict]) -> str:
    """Verdicts in one line, such as ``724 checks: 720 passed, 3 warned, 1 failed``."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    parts = [f"{counts[outcome]} {outcome}" for outcome in get_args(Outcome) if counts[outcome]]
    return f"{len(verdicts)} checks: {', '.join(parts)}"
