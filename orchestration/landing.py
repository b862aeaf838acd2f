"""What the streaming loader landed, shown in Dagster and reported to lineage, from its ledger."""

from datetime import UTC, datetime, timedelta

from dagster import (
    AssetMaterialization,
    DefaultSensorStatus,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from bilten.errors import BiltenError
from ingestion.receipts import Receipt, receipts
from orchestration.keys import ods_key, raw_key
from orchestration.reporting import report_landing
from orchestration.resources import Platform

SECONDS_BETWEEN_REPORTS = 60
"""One materialization a table and minute at most: more would make eager conditions run without end."""
SETTLED = timedelta(seconds=10)
"""Age at which no ledger row of that moment is on its way any more: a row is written as soon as its insert is
acknowledged, and the loader's own time-outs are shorter."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def ledger_sensor(platform: Platform) -> SensorDefinition:
    """Reports, once a minute, each table that received rows since the last report.

    The cursor is the end of the last window. Windows neither overlap nor leave anything out, and the same
    window gives the same lineage events, so a report repeated after a crash adds nothing.
    """

    @sensor(
        name="landed",
        description="Shows what the streaming loader landed as materializations of raw and ods.",
        minimum_interval_seconds=SECONDS_BETWEEN_REPORTS,
        default_status=DefaultSensorStatus.RUNNING,
    )
    def landed(context: SensorEvaluationContext) -> SensorResult | SkipReason:
        after = datetime.fromisoformat(context.cursor) if context.cursor else BEGINNING
        until = datetime.now(UTC) - SETTLED
        if until <= after:
            return SkipReason("The last report is newer than what has settled.")
        warehouse = platform.warehouse
        sources = platform.contracts.sources()
        try:
            found = receipts(platform.settings, sources, warehouse, after=after, until=until)
        except BiltenError as error:
            return SkipReason(f"{error.what} {error.remedy}")
        report_landing(platform, found)
        return SensorResult(
            asset_events=[event for receipt in found for event in materializations(receipt)],
            cursor=until.isoformat(),
        )

    return landed


def materializations(receipt: Receipt) -> tuple[AssetMaterialization, AssetMaterialization]:
    """A receipt as Dagster shows it: the raw table and the current table received these rows."""
    metadata: dict[str, int | str | dict[str, list[int]]] = {
        "rows": receipt.rows,
        "bytes": receipt.bytes,
        "batches": receipt.batches,
        "dead_letters": receipt.dead,
        "topic": receipt.topic,
        "offsets": {str(span.partition): [span.first_offset, span.next_offset] for span in receipt.ranges},
        "newest_record": receipt.last_timestamp.isoformat(),
        "landed_until": receipt.until.isoformat(),
    }
    return (
        AssetMaterialization(raw_key(receipt.dataset), metadata=metadata),
        AssetMaterialization(ods_key(receipt.dataset), metadata=metadata),
    )
