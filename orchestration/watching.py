"""What is wrong now: each watcher asks the platform one question and says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from dagster import DagsterEventType, DagsterInstance, DagsterRunStatus, RunsFilter

from bilten.errors import BiltenError, NotCaughtUp
from ingestion.progress import SourceProgress
from operational.database import connect
from orchestration.alerts import Look, Problem
from orchestration.promises import late_after
from orchestration.resources import Platform
from orchestration.schedules import ARCHIVE_JOB, MARTS_JOB, files_job
from warehouse.freshness import complete_as_of
from warehouse.gate import reason_of
from warehouse.publish import last_refusal
from warehouse.sources import held_tables

SOURCE_SECONDS = 20.0
"""The slackest contract of a source promises 15 s."""
_LINES = 20
_WILL_RETRY = "dagster/will_retry"
"""Dagster's tag of a failed run that it starts again by itself."""

Watcher = Callable[[Platform, DagsterInstance], Iterable[Problem]]


def look(platform: Platform, instance: DagsterInstance) -> Look:
    """Let every watcher look. One that cannot tell is a problem of its own, never a sign that all is well."""
    found: dict[str, Problem] = {}
    untold: set[str] = set()
    for name, watcher in WATCHERS.items():
        try:
            found.update({problem.key: problem for problem in watcher(platform, instance)})
        except Exception as error:
            # Whatever a driver stumbles over: the other watchers go on.
            untold.add(name)
            found[f"unknown:{name}"] = _unknown(name, error)
    if "gate" in found:
        # The run failed because the build was refused: one problem, and the gate knows more of it.
        found.pop(f"runs:{MARTS_JOB}", None)
    return Look(found, frozenset(untold))


def _unknown(name: str, error: Exception) -> Problem:
    if isinstance(error, BiltenError):
        what, details = error.what, f"{error.why}\n\n{error.remedy}"
    else:
        what, details = f"{type(error).__name__} while looking at {name}.", str(error)
    return Problem(f"unknown:{name}", f"Nobody can tell: {what}", details)


def _gate(platform: Platform, _: DagsterInstance) -> Iterator[Problem]:
    refused = last_refusal(platform.warehouse)
    if refused is not None:
        rules = tuple(verdict.check_id for verdict in refused.blocking)
        yield Problem(
            "gate",
            f"Build {refused.build_id} is not published: {_counted(len(rules), 'rule')} did not pass",
            _listed(map(reason_of, refused.blocking))
            + "\n\nReaders see the build before. Next: docs/how-to/a-gate-failed.md",
            rules,
        )


def _marts(platform: Platform, _: DagsterInstance) -> Iterator[Problem]:
    now = datetime.now(UTC)
    ages = {mart: now - each.instant for mart, each in complete_as_of(platform.warehouse).items()}
    late: dict[str, timedelta] = {}
    for contract in platform.contracts.marts():
        bound, age = late_after(contract), ages.get(contract.name)
        if bound is not None and age is not None and age > bound:
            late[contract.name] = age
    if late:
        oldest = now - max(late.values())
        yield Problem(
            "marts",
            f"{_counted(len(late), 'mart')} late, complete as of {oldest:%Y-%m-%d %H:%M} UTC",
            f"{_listed(sorted(late))}\n\nNext: look at the last runs of {MARTS_JOB} in "
            f"{platform.settings.dagster_http_url}/jobs",
            tuple(late),
        )


def _sources(platform: Platform, _: DagsterInstance) -> Iterator[Problem]:
    with (
        connect(platform.settings, autocommit=True) as connection,
        SourceProgress(
            platform.settings, platform.contracts.sources(), platform.warehouse, connection
        ) as progress,
    ):
        try:
            progress.wait(SOURCE_SECONDS)
        except NotCaughtUp as late:
            yield Problem("sources", "Changes arrive late in the warehouse", f"{late.what}\n\n{late.remedy}")


def _tables(platform: Platform, _: DagsterInstance) -> Iterator[Problem]:
    # Whoever paused a table knows of it.
    held = {
        name: state.reason
        for name, state in held_tables(platform.warehouse).items()
        if state.state == "quarantined"
    }
    if held:
        yield Problem(
            "tables",
            f"{_counted(len(held), 'table')} in quarantine: {', '.join(held)}",
            _listed(f"{name}: {reason}" for name, reason in held.items())
            + "\n\nNext: docs/how-to/accept-a-change.md",
            tuple(held),
        )


def _runs(platform: Platform, instance: DagsterInstance) -> Iterator[Problem]:
    files = [files_job(contract.name) for contract in platform.contracts.in_files()]
    for job in (ARCHIVE_JOB, MARTS_JOB, *files):
        ended = RunsFilter(job_name=job, statuses=[DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE])
        for run in instance.get_runs(ended, limit=1):
            # One that is taken up again has not failed yet.
            if run.status is DagsterRunStatus.FAILURE and run.tags.get(_WILL_RETRY) != "true":
                page = f"{platform.settings.dagster_http_url}/runs/{run.run_id}"
                details = f"{_reason(instance, run.run_id)}\n\nNext: {page}"
                yield Problem(f"runs:{job}", f"{job} failed", details)


def _reason(instance: DagsterInstance, run_id: str) -> str:
    for kind in (DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE):
        for record in instance.get_records_for_run(run_id, of_type=kind, limit=1).records:
            event = record.event_log_entry.dagster_event
            failure = event.step_failure_data if event and event.is_step_failure else None
            if failure and failure.user_failure_data and failure.user_failure_data.description:
                return failure.user_failure_data.description
            if failure and failure.error:
                return failure.error.message.strip()
            if event and event.message:
                return event.message
    return "Dagster tells no reason."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _listed(lines: Iterable[str]) -> str:
    every = list(lines)
    told = [f"- {line}" for line in every[:_LINES]]
    return "\n".join([*told, *([f"- and {len(every) - _LINES} more"] if len(every) > _LINES else [])])


WATCHERS: Mapping[str, Watcher] = {
    "gate": _gate,
    "marts": _marts,
    "sources": _sources,
    "tables": _tables,
    "runs": _runs,
}
"""Each begins the keys of what it finds with its name."""
