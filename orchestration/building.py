"""dbt as assets: every run builds all models into a database of its own."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from dagster import AssetExecutionContext, AssetsDefinition
from dagster_dbt import DagsterDbtCliRuntimeError, DbtCliInvocation, DbtCliResource, dbt_assets

from bilten.errors import OrchestrationError
from bilten.results import Verdict
from lineage.dbt import Invocation, columns_of, flows_of
from lineage.flows import Flow
from lineage.judging import judge
from lineage.names import Names
from orchestration.builds import build_id
from orchestration.built import with_facts
from orchestration.failures import failures_explained
from orchestration.manifest import DBT_PROJECT, dbt_environment
from orchestration.models import ModelTranslator
from orchestration.reporting import report_dbt
from orchestration.resources import ENGINE_POOL, Platform
from orchestration.samples import with_samples
from orchestration.verdicts import dbt_verdicts, lineage_verdicts
from warehouse.builds import finish_build, record_verdicts, start_build

Artifacts = tuple[Mapping[str, Any], Mapping[str, Any]]
"""dbt's manifest and run results."""


def model_assets(platform: Platform) -> AssetsDefinition:
    """Every dbt model as an asset, every dbt test as an asset check."""

    @dbt_assets(
        manifest=platform.manifest_path,
        dagster_dbt_translator=ModelTranslator(platform.contracts),
        name="dbt_build",
        op_tags={"kind": "build"},
        pool=ENGINE_POOL,
    )
    def dbt_build(context: AssetExecutionContext) -> Iterator[object]:
        with failures_explained(context):
            yield from _build(platform, context)

    return dbt_build


def _build(platform: Platform, context: AssetExecutionContext) -> Iterator[object]:
    build = build_id(context)
    warehouse = platform.warehouse
    start_build(warehouse, build, context.run.run_id)
    # dbt is a child process that reads where to build from its environment; this process runs one step only.
    os.environ.update(dbt_environment(platform.settings, build))
    dbt = DbtCliResource(project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT))
    invocation = dbt.cli(
        ["build", "--exclude-resource-type", "unit_test"],
        context=context,
        raise_on_error=False,
        target_path=platform.settings.home / "dbt" / "runs" / build,
    )
    events = list(invocation.stream())
    succeeded = invocation.is_successful()
    artifacts = (invocation.get_artifact("manifest.json"), invocation.get_artifact("run_results.json"))
    left = Invocation(*artifacts, columns=columns_of(platform.contracts.sources()))
    flows = flows_of(Names.of(platform.settings), left)
    unexplained = _record(platform, context, left, flows, build)
    finish_build(warehouse, build, succeeded=succeeded and not unexplained)
    yield from with_facts(platform, events, left.manifest, flows)
    if not succeeded:
        raise OrchestrationError(
            f"dbt did not finish build {build}.",
            why=_reason(invocation),
            remedy=f"Run `bilten marts verdicts {build}` for the rules that failed; nothing was published.",
        )
    if unexplained:
        raise OrchestrationError(
            f"The lineage of build {build} does not allow to publish it.",
            why=" ".join(f"{verdict.dataset}: {verdict.message}" for verdict in unexplained),
            remedy="Mask the column or declare it personal in the contract; write SQL that can be followed. "
            "Nothing was published.",
        )


def _record(
    platform: Platform,
    context: AssetExecutionContext,
    invocation: Invocation,
    flows: Mapping[str, Flow],
    build: str,
) -> tuple[Verdict, ...]:
    """Record what dbt and lineage say about a build.

    Returns:
        The verdicts of lineage that are no pass.
    """
    manifest, results = invocation.manifest, invocation.results
    verdicts = dbt_verdicts(manifest, results, build, context.run.run_id)
    record_verdicts(
        platform.warehouse, with_samples(platform.warehouse, platform.contracts, results, verdicts)
    )
    report_dbt(platform, context, (manifest, results), build, flows)
    judgements = judge(Names.of(platform.settings), platform.contracts.values(), invocation, flows)
    judged = lineage_verdicts(judgements, build, context.run.run_id, datetime.now(UTC))
    record_verdicts(platform.warehouse, judged)
    return tuple(verdict for verdict in judged if not verdict.passes)


def _reason(invocation: DbtCliInvocation) -> str:
    error = invocation.get_error()
    return str(error) if isinstance(error, DagsterDbtCliRuntimeError) else "dbt reported errors."
