"""The archive as assets: new changes are appended to Iceberg."""

from collections.abc import Iterator

from dagster import AssetExecutionContext, AssetsDefinition, AssetSpec, MaterializeResult, multi_asset

from bilten.contracts import Contract
from orchestration.columns import code_references, column_schema, contract_path, same_columns
from orchestration.failures import failures_explained
from orchestration.keys import bronze_key, raw_key
from orchestration.landed import has_personal_data
from orchestration.reporting import report_archive
from orchestration.resources import ENGINE_POOL, Platform


def bronze_assets(platform: Platform) -> AssetsDefinition:
    """One Iceberg table a dataset; any subset of them can be brought up to date in one run."""
    sources = platform.contracts.sources()

    @multi_asset(
        name="archive", specs=[_spec(contract) for contract in sources], can_subset=True, pool=ENGINE_POOL
    )
    def archive(context: AssetExecutionContext) -> Iterator[MaterializeResult[None]]:
        # Iceberg's libraries take two seconds to load, which the code location need not spend.
        from archives.append import append_all  # noqa: PLC0415
        from archives.catalog import open_catalog  # noqa: PLC0415
        from archives.reading import list_tables  # noqa: PLC0415

        chosen = [
            contract for contract in sources if bronze_key(contract.name) in context.selected_asset_keys
        ]
        with failures_explained(context), open_catalog(platform.settings) as catalog:
            appended = append_all(platform.settings, catalog, platform.warehouse, chosen)
            report_archive(platform, context, appended)
            total = {table.dataset: table.rows for table in list_tables(catalog)}
        results = {result.dataset: result for result in appended}
        for contract in chosen:
            result = results.get(contract.name)
            yield MaterializeResult(
                asset_key=bronze_key(contract.name),
                metadata={
                    "dagster/row_count": total.get(contract.name, 0),
                    "dagster/column_lineage": same_columns(contract, raw_key(contract.name)),
                    "rows": result.rows if result else 0,
                    "bytes": result.bytes if result else 0,
                    "snapshot": str(result.snapshot_id) if result and result.snapshot_id else "none yet",
                },
            )

    return archive


def _spec(contract: Contract) -> AssetSpec:
    return AssetSpec(
        bronze_key(contract.name),
        deps=[raw_key(contract.name)],
        description=f"Every change of {contract.name} in the open archive, exactly once.",
        group_name="bronze",
        owners=[f"team:{contract.owner}"],
        kinds={"iceberg", "parquet"},
        tags={"domain": contract.domain, "personal_data": "yes" if has_personal_data(contract) else "no"},
        metadata={
            "dagster/column_schema": column_schema(contract),
            "dagster/code_references": code_references(contract_path(contract), "archives/append.py"),
            "dagster/table_name": f"bronze.{contract.name}",
            "contract_version": contract.version,
        },
    )
