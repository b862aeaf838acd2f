"""Files that arrive by day, as Dagster sees them: the sensor asks for days, and runs land them."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterInstance, Definitions, build_sensor_context

from bilten.contracts import Contracts, load_contracts
from bilten.settings import Settings
from ingestion.files.arrivals import Arrival
from orchestration.files import RANGE_END_TAG, RANGE_START_TAG, file_definitions, requests
from orchestration.resources import Platform
from orchestration.schedules import files_job
from warehouse.client import Warehouse
from warehouse.compile import compile_dataset
from warehouse.schema import database_statements, platform_statements

DATASET = "financial__settlements"
KEY = AssetKey(["files", "financial", "settlements"])
HEADER = "id,settled_on,reference,kind,provider,provider_intent,gross,fee,net,currency,occurred_at\n"


def arrival(day: str, path: str = "f.csv") -> Arrival:
    return Arrival(path, date.fromisoformat(day), 0, 1, 1)


def test_days_without_a_gap_are_one_run() -> None:
    now = datetime(2026, 3, 9, 12, 30, tzinfo=UTC)
    waiting = [arrival(day) for day in ("2026-03-02", "2026-02-28", "2026-03-01", "2026-03-05", "2026-03-05")]
    first, second = requests(waiting, now)
    assert (first.tags[RANGE_START_TAG], first.tags[RANGE_END_TAG]) == ("2026-02-28", "2026-03-02")
    assert second.partition_key == "2026-03-05"
    assert [each.run_key for each in requests(waiting, now)] == [first.run_key, second.run_key], "asked once"
    changed = [*waiting[:4], Arrival("f.csv", date(2026, 3, 5), 0, 1, 2)]
    assert requests(changed, now)[1].run_key != second.run_key
    assert requests(waiting, now.replace(hour=13))[0].run_key != first.run_key, "and again an hour later"


@pytest.mark.warehouse
def test_the_sensor_asks_for_what_came_and_the_run_tells_what_it_landed(
    warehouse: Warehouse, warehouse_settings: Settings, tmp_path: Path
) -> None:
    contract = load_contracts()[DATASET]
    for statement in (*database_statements(), *platform_statements(), *compile_dataset(contract)):
        warehouse.command(statement.sql)
    for table in ("ops.files", f"raw.{DATASET}", f"ods.{DATASET}__state", "ops.dead_letters"):
        warehouse.command(f"TRUNCATE TABLE {table}")
    settings = warehouse_settings.model_copy(update={"files_url": f"file://{tmp_path}"})
    platform = Platform(settings, Contracts({DATASET: contract}), Path("manifest.json"))
    made = file_definitions(platform)
    defs = Definitions(assets=made.assets, jobs=made.jobs, sensors=made.sensors)
    job = defs.resolve_job_def(files_job(DATASET))
    (sensor,) = made.sensors

    def write(day: str, *lines: str) -> None:
        path = tmp_path / "financial" / "settlements" / f"settlements-{day}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEADER + "".join(f"{each}\n" for each in lines))
        os.utime(path, (1_773_100_000, 1_773_100_000 + len(lines)))

    def line(number: int, gross: str) -> str:
        return (
            f"l{number},2026-03-01,T,payment,stripe,pi_{number},{gross},0.00,{gross},EUR,2026-03-01T10:00:00Z"
        )

    with DagsterInstance.ephemeral() as instance:

        def asked() -> list[Any]:
            with build_sensor_context(instance, definitions=defs) as context:
                return list(sensor.evaluate_tick(context).run_requests or ())

        def facts(day: str) -> dict[str, Any]:
            records = instance.fetch_materializations(KEY, limit=50).records
            event = next(each.event_log_entry for each in records if each.partition_key == day)
            assert event is not None and event.asset_materialization is not None
            return {name: value.value for name, value in event.asset_materialization.metadata.items()}

        assert asked() == []
        write("2026-03-01", line(1, "1.50"), line(2, "1.239"))
        write("2026-03-02", line(3, "3.00"))
        (request,) = asked()
        assert job.execute_in_process(instance=instance, tags=dict(request.tags)).success
        first, second = facts("2026-03-01"), facts("2026-03-02")
        assert (first["dagster/partition_row_count"], first["dead_letters"], first["lines"]) == (1, 1, 2)
        assert (second["dagster/partition_row_count"], second["file"]) == (1, "settlements-2026-03-02.csv")
        assert len(first["content_sha256"]) == 64
        assert asked() == []

        def rows() -> list[tuple[str, str]]:
            amounts = f"SELECT id, toDecimalString(gross, 2) FROM ods.{DATASET} ORDER BY id"
            return [tuple(row) for row in warehouse.query(amounts).rows]

        assert rows() == [("l1", "1.50"), ("l3", "3.00")]
        assert job.execute_in_process(instance=instance, partition_key="2026-03-01").success
        assert facts("2026-03-01") == first
        write("2026-03-01", line(2, "2.00"), line(4, "4.00"), line(5, "5.00"))
        (request,) = asked()
        assert request.partition_key == "2026-03-01"
        assert job.execute_in_process(instance=instance, partition_key=request.partition_key).success
        again = facts("2026-03-01")
        assert (again["deliveries"], again["removed_rows"]) == (2, 1)
        assert rows() == [("l2", "2.00"), ("l3", "3.00"), ("l4", "4.00"), ("l5", "5.00")]
        write("2026-03-02", line(3, "3.00").replace("stripe", '"stripe'), line(6, "6.00"))
        (request,) = asked()
        failed = job.execute_in_process(
            instance=instance, partition_key=request.partition_key, raise_on_error=False
        )
        assert not failed.success
        assert asked() == [], "another content is needed"
        assert rows() == [("l2", "2.00"), ("l3", "3.00"), ("l4", "4.00"), ("l5", "5.00")]
