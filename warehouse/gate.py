"""Whether a build of the marts may be published: a pure decision over verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bilten.results import Verdict

_MISSING_TOLD = 10
"""Missing verdicts told by name: a build that nobody judged lacks some nine hundred."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate says about one build.

    Attributes:
        build_id: the build it is about.
        required: how many checks had to pass.
        missing: required checks without a verdict on this very build, sorted.
        blocking: the latest verdicts that are no pass, sorted by check.
    """

    build_id: str
    required: int
    missing: tuple[str, ...]
    blocking: tuple[Verdict, ...]

    @property
    def allowed(self) -> bool:
        """Whether the build may be published; nothing required is never a pass."""
        return self.required > 0 and not self.missing and not self.blocking

    @property
    def reasons(self) -> tuple[str, ...]:
        """One line for each thing that stands in the way, for people."""
        if self.required == 0:
            return ("No check is required, so nothing was judged.",)
        told, untold = self.missing[:_MISSING_TOLD], self.missing[_MISSING_TOLD:]
        return (
            *(reason_of(verdict) for verdict in self.blocking),
            *(f"{check}: no verdict bears this build." for check in told),
            *([f"{len(untold)} more required checks have no verdict on this build."] if untold else []),
        )


def decide(build_id: str, required: Collection[str], verdicts: Iterable[Verdict]) -> Decision:
    """Judge a build by the verdicts that were recorded.

    A check that was evaluated again counts with its latest verdict, of several at one instant with the worst.
    A verdict that was not required but is no pass blocks as well: somebody looked and did not like it.

    Args:
        build_id: the build to be published.
        required: identifiers of the checks that must have passed.
        verdicts: verdicts of any builds; those of others are ignored.

    Returns:
        The decision with everything that stands in the way.
    """
    latest: dict[str, Verdict] = {}
    for verdict in sorted(verdicts, key=lambda verdict: (verdict.checked_at, not verdict.passes)):
        if verdict.build_id == build_id:
            latest[verdict.check_id] = verdict
    return Decision(
        build_id=build_id,
        required=len(set(required)),
        missing=tuple(sorted(set(required) - latest.keys())),
        blocking=tuple(verdict for _, verdict in sorted(latest.items()) if not verdict.passes),
    )


def reason_of(verdict: Verdict) -> str:
    """One verdict that is no pass, for people: the rule, on how many rows it broke, and some of them."""
    if verdict.outcome == "failed":
        of_total = f" of {verdict.total_rows}" if verdict.total_rows is not None else ""
        said = f"{verdict.failing_rows}{of_total} rows break the rule"
    else:
        said = "could not be evaluated" if verdict.outcome == "error" else "was not evaluated"
    samples = "".join(
        "\n    " + ", ".join(f"{name}={value}" for name, value in sample.items())
        for sample in verdict.samples
    )
    message = f" ({verdict.message})" if verdict.message else ""
    return f"{verdict.dataset}: {verdict.check_id}: {said}{message}{samples}"
