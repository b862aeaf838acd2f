"""Files that arrive by day: an asset with a partition for each day, and the sensor that sees them come.

A run lands what has arrived of its days. Running a day again changes nothing, so a retry is harmless, and so
is a run beside `bilten files load`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    BackfillPolicy,
    DailyPartitionsDefinition,
    DefaultSensorStatus,
    Failure,
    RunRequest,
    RunsFilter,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    asset,
    define_asset_job,
    sensor,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from bilten.contracts import Contract
from bilten.errors import BiltenError
from orchestration.columns import code_references, column_schema, contract_path
from orchestration.failures import failures_explained
from orchestration.keys import source_key
from orchestration.landed import has_personal_data
from orchestration.resources import ENGINE_POOL, Platform
from orchestration.schedules import EXCLUSIVE_TAG, UNFINISHED, files_job

if TYPE_CHECKING:
    from ingestion.files.arrivals import Arrival
    from warehouse.files import StoredFile

SECONDS_BETWEEN_LOOKS: Final = 60
RANGE_START_TAG: Final = "dagster/asset_partition_range_start"
RANGE_END_TAG: Final = "dagster/asset_partition_range_end"
"""A run over several days; Dagster itself tags the runs of backfills so."""


@dataclass(frozen=True)
class FileDefinitions:
    """What belongs to datasets that come in files."""

    assets: Sequence[AssetsDefinition]
    jobs: Sequence[UnresolvedAssetJobDefinition]
    sensors: Sequence[SensorDefinition]


def file_definitions(platform: Platform) -> FileDefinitions:
    """An asset, a job and a sensor for each dataset that comes in files."""
    contracts = platform.contracts.in_files()
    jobs = [_job(contract) for contract in contracts]
    return FileDefinitions(
        assets=[_asset(platform, contract) for contract in contracts],
        jobs=jobs,
        sensors=[_sensor(platform, *pair) for pair in zip(contracts, jobs, strict=True)],
    )


def _job(contract: Contract) -> UnresolvedAssetJobDefinition:
    name = files_job(contract.name)
    return define_asset_job(
        name,
        [source_key(contract)],
        description=f"Land what has arrived of {contract.name}.",
        tags={EXCLUSIVE_TAG: name},
    )


def _asset(platform: Platform, contract: Contract) -> AssetsDefinition:
    assert contract.files is not None, "only datasets in files have this asset"

    @asset(
        key=source_key(contract),
        partitions_def=DailyPartitionsDefinition(contract.files.since.isoformat(), end_offset=1),
        backfill_policy=BackfillPolicy.single_run(),
        pool=ENGINE_POOL,
        description=f"Files of {contract.name}, by day. {contract.description}",
        group_name="source",
        owners=[f"team:{contract.owner}"],
        kinds={"file"},
        tags={"domain": contract.domain, "personal_data": "yes" if has_personal_data(contract) else "no"},
        metadata={
            "dagster/column_schema": column_schema(contract),
            "dagster/code_references": code_references(contract_path(contract), "ingestion/files/landing.py"),
            "contract": contract_path(contract),
            "contract_version": contract.version,
            "pattern": contract.files.pattern,
        },
    )
    def arrived(context: AssetExecutionContext) -> None:
        # Drivers and formats: the code location need not load them.
        from ingestion.files.landing import load_files  # noqa: PLC0415
        from warehouse.files import stored_files  # noqa: PLC0415

        days = [date.fromisoformat(key) for key in context.partition_keys]
        with failures_explained(context):
            loaded = load_files(platform.settings, platform.warehouse, contract, days)
            stored = stored_files(platform.warehouse, contract.name)
        for day in days:
            of_day = [file for file in stored if file.day == day]
            context.add_asset_metadata(day_facts(of_day), partition_key=day.isoformat())
        refused = [file for file in loaded if file.state == "refused"]
        if refused:
            raise Failure(
                description=f"{len(refused)} files cannot be read: "
                + "; ".join(f"{file.path}: {file.reason}" for file in refused),
                metadata={"next": "Ask the sender for another file; see docs/how-to/load-files-by-day.md."},
                allow_retries=False,
            )

    return arrived


def day_facts(files: "Iterable[StoredFile]") -> dict[str, Any]:
    """What Dagster shows of a day.

    Args:
        files: the files of the day that are known.
    """
    from ingestion.files.delivering import counting  # noqa: PLC0415

    known = list(files)
    counts = counting(known)
    facts: dict[str, Any] = {"deliveries": sum(file.state == "landed" for file in known)}
    if counts is not None:
        facts |= {
            "dagster/partition_row_count": counts.lines - counts.dead,
            "lines": counts.lines,
            "dead_letters": counts.dead,
            "removed_rows": counts.removed,
            "file": counts.path,
            "content_sha256": counts.content,
            "bytes": counts.bytes,
        }
    return facts


def _sensor(platform: Platform, contract: Contract, job: UnresolvedAssetJobDefinition) -> SensorDefinition:
    @sensor(
        name=f"files_of_{contract.name}",
        job=job,
        description=f"Lands files of {contract.name} that are new or have changed.",
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=DefaultSensorStatus.RUNNING,
    )
    def look(context: SensorEvaluationContext) -> SensorResult | SkipReason:
        from ingestion.files.arrivals import Folder  # noqa: PLC0415
        from ingestion.files.delivering import unsettled  # noqa: PLC0415
        from warehouse.files import stored_files  # noqa: PLC0415

        if context.instance.get_runs_count(RunsFilter(job_name=job.name, statuses=UNFINISHED)):
            return SkipReason("The last run has not ended yet.")
        now = datetime.now(UTC)
        try:
            arrivals = Folder(platform.settings, contract).arrivals(now)
            waiting = unsettled(arrivals, stored_files(platform.warehouse, contract.name))
        except BiltenError as error:
            return SkipReason(f"{error.what} {error.remedy}")
        if not waiting:
            return SkipReason(f"None of {len(arrivals)} files is new or has changed.")
        return SensorResult(run_requests=requests(waiting, now))

    return look


def requests(waiting: "Sequence[Arrival]", now: datetime) -> list[RunRequest]:
    """Runs that land some files: one for each row of days without a gap.

    Args:
        waiting: the files.
        now: the time. The same files are asked for once an hour: when their run failed for good, nothing
            may have changed since.
    """
    found = []
    for first, last in _spans({arrival.day for arrival in waiting if arrival.day is not None}):
        chosen = [arrival for arrival in waiting if arrival.day and first <= arrival.day <= last]
        seen = repr(sorted((one.path, one.bytes, one.modified_ns) for one in chosen))
        key = hashlib.sha256(f"{now:%Y-%m-%dT%H} {seen}".encode()).hexdigest()
        if first == last:
            found.append(RunRequest(run_key=key, partition_key=first.isoformat()))
        else:
            tags = {RANGE_START_TAG: first.isoformat(), RANGE_END_TAG: last.isoformat()}
            found.append(RunRequest(run_key=key, tags=tags))
    return found


def _spans(days: Iterable[date]) -> list[tuple[date, date]]:
    spans: list[tuple[date, date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1] = spans[-1][0], day
        else:
            spans.append((day, day))
    return spans
