"""Published marts: what readers see after the gate has let a build through."""

from collections.abc import Iterator
from datetime import UTC, datetime

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    AssetSpec,
    FreshnessPolicy,
    MaterializeResult,
    multi_asset,
)

from bilten.contracts import Contract
from bilten.errors import PublicationRefused
from orchestration.builds import build_id
from orchestration.columns import code_references, column_schema, contract_path, same_columns
from orchestration.failures import failures_explained
from orchestration.keys import mart_key, model_key
from orchestration.landed import has_personal_data
from orchestration.models import BUILD_LAYER
from orchestration.promises import late_after
from orchestration.reporting import report_publication, report_refusal
from orchestration.resources import ENGINE_POOL, Platform
from orchestration.verdicts import required_of
from warehouse.freshness import comment_readers, complete_as_of
from warehouse.publish import drop_old_builds, publish
from warehouse.sizes import table_sizes


def published_assets(platform: Platform) -> AssetsDefinition:
    """Every mart that has a contract, as readers see it. All of them are published in one step or none is."""
    marts = platform.contracts.marts()

    @multi_asset(
        name="publish", specs=[_spec(contract) for contract in marts], can_subset=False, pool=ENGINE_POOL
    )
    def publish_marts(context: AssetExecutionContext) -> Iterator[MaterializeResult[None]]:
        with failures_explained(context):
            warehouse = platform.warehouse
            build, begun = build_id(context), datetime.now(UTC)
            try:
                publication = publish(
                    warehouse,
                    build,
                    required_checks=required_of(platform.contracts, platform.manifest),
                    marts=marts,
                    run_id=context.run.run_id,
                )
            except PublicationRefused as refusal:
                report_refusal(platform, context, build, refusal, begun)
                raise
            dropped = drop_old_builds(warehouse)
            comment_readers(warehouse, marts)
            report_publication(platform, context, publication)
            sizes = table_sizes(warehouse, publication.database)
            complete = complete_as_of(warehouse)
        for contract in marts:
            yield MaterializeResult(
                asset_key=mart_key(contract.name),
                metadata={
                    "dagster/row_count": sizes[contract.name][0],
                    "dagster/column_lineage": same_columns(contract, model_key(BUILD_LAYER, contract.name)),
                    "build": publication.build_id,
                    "published_at": publication.published_at.isoformat(),
                    "builds_dropped": len(dropped),
                    **(
                        {
                            "complete_as_of": complete[contract.name].instant.isoformat(),
                            "complete_as_of_position": complete[contract.name].position,
                        }
                        if contract.name in complete
                        else {}
                    ),
                },
            )

    return publish_marts


def _spec(contract: Contract) -> AssetSpec:
    late = late_after(contract)
    return AssetSpec(
        mart_key(contract.name),
        deps=[model_key(BUILD_LAYER, contract.name)],
        description=f"{contract.description} {contract.grain}",
        group_name="published",
        owners=[f"team:{contract.owner}"],
        kinds={"clickhouse", "view"},
        tags={"personal_data": "yes" if has_personal_data(contract) else "no"},
        metadata={
            "dagster/column_schema": column_schema(contract),
            "dagster/table_name": f"marts.{contract.name}",
            "dagster/code_references": code_references(contract_path(contract)),
            "contract": contract_path(contract),
            "contract_version": contract.version,
        },
        freshness_policy=FreshnessPolicy.time_window(fail_window=late) if late else None,
    )
