"""All definitions, joined: what `workspace.yaml` points Dagster to."""

from __future__ import annotations

from dagster import Definitions, define_asset_job, definitions, in_process_executor

from bilten.settings import load_settings
from orchestration.alerting import alert_sensor
from orchestration.audit import build_checks, source_checks
from orchestration.bronze import bronze_assets
from orchestration.building import model_assets
from orchestration.files import file_definitions
from orchestration.landed import landed_specs
from orchestration.landing import ledger_sensor
from orchestration.publication import published_assets
from orchestration.resources import Platform, load_platform
from orchestration.schedules import (
    ARCHIVE_JOB,
    EXCLUSIVE_TAG,
    MARTS_JOB,
    archive_selection,
    marts_selection,
    schedules,
)


def build_definitions(platform: Platform) -> Definitions:
    """The whole graph, its jobs, schedules and sensors.

    Args:
        platform: settings, contracts and dbt's manifest.
    """
    sources, files = source_checks(platform), file_definitions(platform)
    return Definitions(
        assets=[
            *landed_specs(platform.contracts, platform.settings.topic_prefix),
            bronze_assets(platform),
            model_assets(platform),
            published_assets(platform),
            *files.assets,
        ],
        asset_checks=[sources, build_checks(platform)],
        jobs=[
            define_asset_job(
                ARCHIVE_JOB,
                archive_selection(),
                description="Append what the loader landed to the open archive.",
                tags={EXCLUSIVE_TAG: ARCHIVE_JOB},
            ),
            define_asset_job(
                MARTS_JOB,
                marts_selection(sources),
                description="Compare with the source, build all marts, judge the build, publish it.",
                tags={EXCLUSIVE_TAG: MARTS_JOB},
            ),
            *files.jobs,
        ],
        schedules=schedules(platform.settings),
        sensors=[ledger_sensor(platform), alert_sensor(platform), *files.sensors],
        # The steps of a run follow one another, so a process for each would only add its start-up time.
        executor=in_process_executor,
    )


@definitions
def platform_definitions() -> Definitions:
    """The definitions of this installation."""
    return build_definitions(load_platform(load_settings()))
