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

from bilten.settings import Settings

ARCHIVE_JOB: Final = "archive_changes"
MARTS_JOB: Final = "publish_marts"
EXCLUSIVE_TAG: Final = "bilten/exclusive"
"""Of two runs with the same value of this tag, one waits in the queue; see `stack/dagster.py`."""
BUILT_GROUPS: Final = ("staging", "live", "inputs", "intermediate", "build", "published")
UNFINISHED: Final = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def files_job(dataset: str) -> str:
    """The job that lands what has arrived of a dataset that comes in files."""
    return f"load_files_of_{dataset}"


def archive_selection() -> AssetSelection:
    """Every table of the archive."""
    return AssetSelection.groups("bronze")


def marts_selection(sources: AssetChecksDefinition) -> AssetSelection:
    """The audit of the sources, every model and its checks, and the publication.

    Args:
        sources: the checks of the current tables.
    """
    return AssetSelection.groups(*BUILT_GROUPS) | AssetSelection.checks(*sources.check_keys)


def schedules(settings: Settings) -> list[ScheduleDefinition]:
    """The archive and the marts, each at its times; neither while its last run goes on."""
    return [_every(settings.archive_cron, ARCHIVE_JOB), _every(settings.marts_cron, MARTS_JOB)]


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
