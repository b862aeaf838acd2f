"""Verdicts of checks: outcomes are data, and "could not tell" is an outcome of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bilten.contracts.model import Severity

CheckKind = Literal["dbt", "expectation", "reconciliation", "lineage"]
Outcome = Literal["passed", "warned", "failed", "error", "skipped"]

PASSING: frozenset[Outcome] = frozenset({"passed", "warned"})
"""Outcomes that let a build be published. ``failed`` means that the data broke the rule, ``error`` that
nobody could tell, ``skipped`` that nobody looked: none of the three is a pass."""

MAXIMUM_SAMPLES = 5
"""Failing rows kept with a verdict: enough to find the cause, few enough to read in a terminal."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check said about one build.

    Attributes:
        build_id: the build that was judged; a verdict says nothing about any other.
        dataset: name of the mart or source dataset that the check is about.
        check_id: stable name of the check, unique over all datasets.
        kind: who evaluated it.
        severity: ``error`` blocks publication when the rule is broken, ``warning`` is shown.
        outcome: what came out.
        failing_rows: rows that break the rule; 0 when it holds or when nothing could be said.
        total_rows: rows looked at, None when the check does not count them.
        samples: some failing rows, column → value as text; never personal data.
        message: one sentence for people; the cause when the outcome is ``error``.
        checked_at: when the check ended, in UTC.
        run_id: the orchestrator's run, empty outside one.
    """

    build_id: str
    dataset: str
    check_id: str
    kind: CheckKind
    severity: Severity
    outcome: Outcome
    checked_at: datetime
    failing_rows: int = 0
    total_rows: int | None = None
    samples: tuple[Mapping[str, str | None], ...] = field(default=())
    message: str = ""
    run_id: str = ""

    @property
    def passes(self) -> bool:
        """Whether this verdict lets its build be published."""
        return self.outcome in PASSING
