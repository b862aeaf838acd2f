"""From what a step did to lineage events: the glue between the packages' frozen results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dagster import AssetCheckExecutionContext, AssetExecutionContext

from bilten.contracts import Contract
from bilten.errors import BiltenError
from bilten.results import Verdict
from lineage.datasets import Assertion, Field, described
from lineage.dbt import Invocation, columns_of, events_of
from lineage.events import Work, reported
from lineage.flows import Flow
from lineage.names import DatasetName, Names
from lineage.producers import (
    ArchiveReceipt,
    LoadWindow,
    OffsetRange,
    archive,
    check,
    load,
    publish,
)
from lineage.producers import Publication as PublicationReport
from lineage.runs import Engine, Parent, job
from orchestration.resources import Platform
from warehouse.builds import database_of, verdicts_of
from warehouse.publish import Publication, history
from warehouse.sizes import table_sizes
from warehouse.sizes import version as engine_version

if TYPE_CHECKING:
    from archives.append import AppendResult
    from ingestion.receipts import Receipt

StepContext = AssetExecutionContext | AssetCheckExecutionContext


def parent_of(context: StepContext) -> Parent:
    """The Dagster run as the parent of what one of its steps did."""
    run = context.run
    name = job("dagster", run.job_name)
    return Parent(run.run_id, name, run.root_run_id, name if run.root_run_id else None)


def warehouse_engine(platform: Platform) -> Engine:
    """The engine behind the warehouse, and its version."""
    return Engine("ClickHouse", engine_version(platform.warehouse))


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


def report_dbt(
    platform: Platform,
    context: AssetExecutionContext,
    artifacts: tuple[Mapping[str, Any], Mapping[str, Any]],
    build: str,
    flows: Mapping[str, Flow],
) -> None:
    """A run for every model and every tested dataset.

    Args:
        platform: the platform.
        context: of the step that ran dbt.
        artifacts: dbt's manifest and run results.
        build: the build that dbt made.
        flows: the column lineage of the models, by the node's identifier.
    """
    database = database_of(build)
    invocation = Invocation(
        *artifacts,
        columns=columns_of(platform.contracts.sources()),
        sizes={(database, table): size for table, size in table_sizes(platform.warehouse, database).items()},
    )
    names, parent = Names.of(platform.settings), parent_of(context)
    events = events_of(names, invocation, parent=parent, flows=flows)
    platform.emitter.emit_all(events)


def report_checks(
    platform: Platform,
    context: AssetCheckExecutionContext,
    dataset: str,
    verdicts: Sequence[Verdict],
    *,
    suite: str,
    begun: datetime,
) -> None:
    """A run of one dataset's checks, with an assertion for each rule.

    Args:
        platform: the platform.
        context: of the step that evaluated them.
        dataset: what was checked.
        verdicts: at least one.
        suite: who evaluated: ``contract`` or ``reconciliation``.
        begun: when the evaluation began.
    """
    contract = platform.contracts[dataset]
    build = verdicts[0].build_id
    work = check(
        replace(
            described(_checked(platform, contract), contract),
            version=build if contract.kind == "mart" else None,
        ),
        [_assertion(verdict) for verdict in verdicts],
        suite=f"{suite}.{dataset}",
        at=begun,
        engine=Engine("Great Expectations", version("great-expectations"))
        if suite == "contract"
        else warehouse_engine(platform),
        run_key=build,
        parent=parent_of(context),
        rows=verdicts[0].total_rows,
    )
    unknown = [verdict.message for verdict in verdicts if verdict.outcome == "error"]
    platform.emitter.emit(*reported(work, begun, datetime.now(UTC), "; ".join(unknown) or None))


def _checked(platform: Platform, contract: Contract) -> DatasetName:
    names = Names.of(platform.settings)
    return names.built(contract.name) if contract.kind == "mart" else names.ods(contract.name)


def report_publication(platform: Platform, context: AssetExecutionContext, publication: Publication) -> None:
    """The decision that readers now see this build."""
    at = publication.published_at
    work = _publication_work(platform, context, publication.build_id, publication.reason, at)
    platform.emitter.emit(*reported(work, at, datetime.now(UTC)))


def report_refusal(
    platform: Platform, context: AssetExecutionContext, build: str, error: BiltenError, at: datetime
) -> None:
    """The decision that readers go on seeing what they saw.

    Args:
        platform: the platform.
        context: of the step that was to publish.
        build: the build that was refused.
        error: why.
        at: when the step began.
    """
    work = _publication_work(platform, context, build, error.what, at)
    platform.emitter.emit(*reported(work, at, datetime.now(UTC), f"{error.what} {error.why}"))


def _publication_work(
    platform: Platform, context: AssetExecutionContext, build: str, reason: str, at: datetime
) -> Work:
    warehouse = platform.warehouse
    outcomes: dict[str, int] = {}
    for verdict in verdicts_of(warehouse, build):
        outcomes[verdict.outcome] = outcomes.get(verdict.outcome, 0) + 1
    earlier = [each for each in history(warehouse, limit=10) if each.published_at < at]
    marts = platform.contracts.marts()
    return publish(
        Names.of(platform.settings),
        PublicationReport(
            build,
            earlier[0].build_id if earlier else None,
            reason,
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
        at=at,
        parent=parent_of(context),
        contracts=marts,
    )


def _assertion(verdict: Verdict) -> Assertion:
    return Assertion(
        name=verdict.check_id,
        kind=verdict.kind,
        success=verdict.outcome == "passed",
        severity="warn" if verdict.severity == "warning" else "error",
        actual=str(verdict.failing_rows),
        description=verdict.message or None,
    )
