"""What runs together, and when it runs by itself."""

from typing import Final

from dagster import (
    AssetChecksDefinition,
    AssetSelection,
    DagsterRunStatus,
    DefaultScheduleStatus,
    RunRequest,
    RunsFilter,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    schedule,
)

ARCHIVE_JOB: Final = "archive_changes"
MARTS_JOB: Final = "publish_marts"
CRON: Final = {ARCHIVE_JOB: "* * * * *", MARTS_JOB: "*/15 * * * *"}
BUILT_GROUPS: Final = ("staging", "inputs", "intermediate", "build", "published")
UNFINISHED: Final = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def archive_selection() -> AssetSelection:
    """Every table of the archive."""
    return AssetSelection.groups("bronze")


def marts_selection(sources: AssetChecksDefinition) -> AssetSelection:
    """The audit of the sources, every model and its checks, and the publication.

    Args:
        sources: the checks of the current tables.
    """
    return AssetSelection.groups(*BUILT_GROUPS) | AssetSelection.checks(*sources.check_keys)


def schedules() -> list[ScheduleDefinition]:
    """Every minute the archive, every quarter of an hour the marts; neither while its last run goes on."""
    return [_every(cron, name) for name, cron in CRON.items()]


def _every(cron: str, job_name: str) -> ScheduleDefinition:
    @schedule(
        name=f"{job_name}_schedule",
        cron_schedule=cron,
        job_name=job_name,
        default_status=DefaultScheduleStatus.RUNNING,
        execution_timezone="UTC",
    )
    def tick(context: ScheduleEvaluationContext) -> RunRequest | SkipReason:
        if context.instance.get_runs_count(RunsFilter(job_name=job_name, statuses=UNFINISHED)):
            return SkipReason(f"The last run of {job_name} has not ended yet.")
        return RunRequest()

    return tick
