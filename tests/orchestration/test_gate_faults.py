"""Runs whose gate cannot tell, or says no: nothing is published, and everybody can see why."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    DagsterInstance,
    Definitions,
    ExecuteInProcessResult,
    MaterializeResult,
    define_asset_job,
    in_process_executor,
    multi_asset,
)

from bilten.settings import Settings
from orchestration.audit import build_checks
from orchestration.builds import build_id
from orchestration.publication import published_assets
from orchestration.resources import Platform
from orchestration.watching import WATCHERS
from tests.quality.shop import BUYERS, SALES, built, shop_contracts
from tests.settings import free_port
from warehouse.builds import database_of, finish_build, start_build, verdicts_of
from warehouse.client import Warehouse
from warehouse.publish import current_publication
from warehouse.readers import create_missing_readers
from warehouse.schema import database_statements
from warehouse.schema.operations import OPERATIONS_TABLES

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def warehouse(warehouse: Warehouse) -> Warehouse:
    """With the platform's own tables."""
    for statement in (*database_statements(), *OPERATIONS_TABLES):
        warehouse.command(statement.sql)
    return warehouse


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as instance:
        yield instance


def make_platform(settings: Settings, warehouse: Warehouse, folder: Path) -> Platform:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"nodes": {}}))
    platform = Platform(settings.model_copy(update={"home": folder}), shop_contracts(), manifest)
    vars(platform)["warehouse"] = warehouse
    return platform


def run(
    platform: Platform, instance: DagsterInstance, rows: list[tuple[object, ...]]
) -> ExecuteInProcessResult:
    """Build two small marts; the audit and the publication are the real ones."""
    warehouse = platform.warehouse
    create_missing_readers(warehouse, platform.contracts.marts())

    @multi_asset(specs=[AssetSpec(["build", "sales"]), AssetSpec(["build", "buyers"])], name="build")
    def build(context: AssetExecutionContext) -> Iterator[MaterializeResult[None]]:
        database = start_build(warehouse, build_id(context), context.run.run_id).database
        with built(warehouse, rows, BUYERS) as target:
            for table in ("sales", "buyers"):
                warehouse.command(f"CREATE TABLE `{database}`.{table} CLONE AS {target.database}.{table}")
                yield MaterializeResult(asset_key=AssetKey(["build", table]))
        finish_build(warehouse, build_id(context), succeeded=True)

    defs = Definitions(
        assets=[build, published_assets(platform)],
        asset_checks=[build_checks(platform)],
        jobs=[define_asset_job("publish_marts")],
        executor=in_process_executor,
    )
    return defs.resolve_job_def("publish_marts").execute_in_process(instance=instance, raise_on_error=False)


def build_of(result: ExecuteInProcessResult, warehouse: Warehouse) -> str:
    found = warehouse.scalar(
        "SELECT build_id FROM ops.builds WHERE run_id = {run:String} LIMIT 1", {"run": result.run_id}
    )
    assert database_of(str(found))
    return str(found)


def test_a_gate_that_cannot_be_evaluated_stays_shut(
    warehouse_settings: Settings, warehouse: Warehouse, instance: DagsterInstance, tmp_path: Path
) -> None:
    """Great Expectations finds nobody at its address; the build itself is sound."""
    before = current_publication(warehouse)
    elsewhere = warehouse_settings.model_copy(update={"warehouse_port": free_port()})
    platform = make_platform(elsewhere, warehouse, tmp_path)
    result = run(platform, instance, SALES)
    assert not result.success
    checks = result.get_asset_check_evaluations()
    assert {check.asset_key.path[1] for check in checks if not check.passed} == {"sales", "buyers"}
    verdicts = verdicts_of(warehouse, build_of(result, warehouse))
    assert {verdict.outcome for verdict in verdicts} == {"error"}
    assert all("Connection refused" in verdict.message for verdict in verdicts)
    assert not result.asset_materializations_for_node("publish")
    assert current_publication(warehouse) == before
    (gate,) = WATCHERS["gate"](platform, instance)
    assert "could not be evaluated" in gate.details


def test_a_refused_build_says_which_rule_and_which_rows(
    warehouse_settings: Settings, warehouse: Warehouse, instance: DagsterInstance, tmp_path: Path
) -> None:
    before = current_publication(warehouse)
    platform = make_platform(warehouse_settings, warehouse, tmp_path)
    result = run(platform, instance, [*SALES, (4, "d", None, "paid", 1, 1, 3)])
    assert not result.success
    (broken,) = [check for check in result.get_asset_check_evaluations() if not check.passed]
    assert broken.description == "sales.total_adds_up: 1 rows"
    assert current_publication(warehouse) == before
    (gate,) = WATCHERS["gate"](platform, instance)
    assert gate.parts == ("sales.total_adds_up",)
