"""What the streaming loader landed, shown in Dagster and reported to lineage, from its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetMaterialization,
    DefaultSensorStatus,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from bilten.contracts import Contract
from bilten.errors import BiltenError
from orchestration.columns import same_columns
from orchestration.keys import ods_key, raw_key, source_key
from orchestration.reporting import report_landing
from orchestration.resources import Platform
from warehouse.sizes import table_sizes

if TYPE_CHECKING:
    from ingestion.receipts import Receipt

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
        # Kafka's client takes half a second to load, which the code location need not spend.
        from ingestion.receipts import receipts  # noqa: PLC0415

        try:
            found = receipts(platform.settings, sources, warehouse, after=after, until=until)
            sizes = table_sizes(warehouse, "raw")
        except BiltenError as error:
            return SkipReason(f"{error.what} {error.remedy}")
        report_landing(platform, found)
        return SensorResult(
            asset_events=[
                event
                for receipt in found
                for event in materializations(platform.contracts[receipt.dataset], receipt, sizes)
            ],
            cursor=until.isoformat(),
        )

    return landed


def materializations(
    contract: Contract, receipt: Receipt, sizes: Mapping[str, tuple[int, int]]
) -> tuple[AssetMaterialization, AssetMaterialization]:
    """A receipt as Dagster shows it: the raw table and the current table received these rows.

    Args:
        contract: of the table.
        receipt: what was landed.
        sizes: rows and bytes of the raw tables. Counting current rows would mean reading all of them.
    """
    dataset = receipt.dataset
    metadata: dict[str, Any] = {
        "rows": receipt.rows,
        "bytes": receipt.bytes,
        "batches": receipt.batches,
        "dead_letters": receipt.dead,
        "topic": receipt.topic,
        "offsets": {str(span.partition): [span.first_offset, span.next_offset] for span in receipt.ranges},
        "newest_record": receipt.last_timestamp.isoformat(),
        "landed_until": receipt.until.isoformat(),
    }
    raw: dict[str, Any] = {"dagster/column_lineage": same_columns(contract, source_key(contract))}
    if dataset in sizes:
        raw["dagster/row_count"] = sizes[dataset][0]
    ods = {"dagster/column_lineage": same_columns(contract, raw_key(dataset))}
    return (
        AssetMaterialization(raw_key(dataset), metadata={**metadata, **raw}),
        AssetMaterialization(ods_key(dataset), metadata={**metadata, **ods}),
    )
