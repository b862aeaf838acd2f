"""Which build of the marts a run works on."""

from __future__ import annotations

from datetime import UTC, datetime

from dagster import AssetCheckExecutionContext, AssetExecutionContext, DagsterInstance, DagsterRun


def build_id(context: AssetExecutionContext | AssetCheckExecutionContext) -> str:
    """The build that this run makes, judges and publishes.

    Every step derives the same identifier from the run, so nothing has to be handed from step to step. A run
    that re-executes another from its failure goes on with that one's build: it needs its tables and verdicts.

    Args:
        context: of any step of the run.

    Returns:
        The UTC second at which the first run was created and the first eight digits of its identifier,
        ``20260131T101500_1a2b3c4d``: unique, and sorted by time.
    """
    return build_id_of(context.instance, context.run)


def build_id_of(instance: DagsterInstance, run: DagsterRun) -> str:
    """As `build_id`, for code outside a run."""
    first = run.root_run_id or run.run_id
    record = instance.get_run_record_by_id(first)
    created = record.create_timestamp if record else datetime.now(UTC)
    return f"{created.astimezone(UTC):%Y%m%dT%H%M%S}_{first[:8]}"
