"""From what a step did to lineage events: the glue between the packages' frozen results."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version

from dagster import AssetCheckExecutionContext, AssetExecutionContext

from archives.append import AppendResult
from ingestion.receipts import Receipt
from lineage.datasets import Field
from lineage.events import reported
from lineage.names import Names
from lineage.producers import (
    ArchiveReceipt,
    LoadWindow,
    OffsetRange,
    archive,
    load,
    publish,
)
from lineage.producers import Publication as PublicationReport
from lineage.runs import Engine, Parent, job
from orchestration.resources import Platform
from warehouse.builds import verdicts_of
from warehouse.publish import Publication, history

StepContext = AssetExecutionContext | AssetCheckExecutionContext


def parent_of(context: StepContext) -> Parent:
    """The Dagster run as the parent of what one of its steps did."""
    run = context.run
    name = job("dagster", run.job_name)
    return Parent(run.run_id, name, run.root_run_id, name if run.root_run_id else None)


def warehouse_engine(platform: Platform) -> Engine:
    """The engine behind the warehouse, and its version."""
    return Engine("ClickHouse", str(platform.warehouse.scalar("SELECT version()")))


def report_landing(platform: Platform, landed: Iterable[Receipt]) -> None:
    """One run a table and window of the streaming loader."""
    names, engine = Names.of(platform.settings), Engine("Bilten", version("bilten"))
    emitter = platform.emitter
    for receipt in landed:
        window = LoadWindow(
            begun=max(receipt.after, receipt.first_timestamp),
            ended=receipt.until,
            ranges=tuple(
                OffsetRange(span.partition, span.first_offset, span.next_offset) for span in receipt.ranges
            ),
            rows=receipt.rows,
            size=receipt.bytes,
            batches=receipt.batches,
            loader=receipt.loader,
            epoch=receipt.epoch,
            topic_id=receipt.topic_id,
            first_timestamp=receipt.first_timestamp,
            last_timestamp=receipt.last_timestamp,
            dead_letters=receipt.dead,
        )
        work = load(names, platform.contracts[receipt.dataset], window, engine=engine)
        emitter.emit(*reported(work, window.begun, window.ended))


def report_archive(
    platform: Platform, context: AssetExecutionContext, appended: Iterable[AppendResult]
) -> None:
    """One run a table that received rows."""
    names, engine = Names.of(platform.settings), Engine("PyIceberg", version("pyiceberg"))
    emitter, parent, now = platform.emitter, parent_of(context), datetime.now(UTC)
    for result in appended:
        if not result.rows or result.snapshot_id is None:
            continue
        work = archive(
            names,
            platform.contracts[result.dataset],
            ArchiveReceipt(result.location, str(result.snapshot_id), result.rows, result.bytes),
            at=now,
            engine=engine,
            parent=parent,
        )
        emitter.emit(*reported(work, now, datetime.now(UTC)))


def report_publication(platform: Platform, context: AssetExecutionContext, publication: Publication) -> None:
    """The decision that readers now see this build."""
    warehouse = platform.warehouse
    outcomes: dict[str, int] = {}
    for verdict in verdicts_of(warehouse, publication.build_id):
        outcomes[verdict.outcome] = outcomes.get(verdict.outcome, 0) + 1
    earlier = [each for each in history(warehouse, limit=10) if each.published_at < publication.published_at]
    marts = platform.contracts.marts()
    work = publish(
        Names.of(platform.settings),
        PublicationReport(
            publication.build_id,
            earlier[0].build_id if earlier else None,
            publication.reason,
            outcomes,
            tuple(contract.name for contract in marts),
        ),
        {
            contract.name: tuple(
                Field(column.name, column.source_type, column.description, column.classification)
                for column in contract.columns
            )
            for contract in marts
        },
        engine=warehouse_engine(platform),
        at=publication.published_at,
        parent=parent_of(context),
    )
    platform.emitter.emit(*reported(work, publication.published_at, datetime.now(UTC)))
