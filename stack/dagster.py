"""Dagster: web server, daemon, and the one process that holds the platform's code for both of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from bilten.settings import PROJECT_ROOT, Settings
from stack.layout import Layout
from stack.program import Program

LOCATION = "bilten"

INSTANCE: dict[str, Any] = {
    "telemetry": {"enabled": False},
    # The page that asks for an address on the first visit cannot send it anywhere from here.
    "nux": {"enabled": False},
    # Two cores: a build of the marts and the archive beside it are enough.
    "concurrency": {
        "runs": {
            "max_concurrent_runs": 2,
            # Two builds at once would replace each other's staging views.
            "tag_concurrency_limits": [
                {"key": "bilten/exclusive", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}
            ],
        },
        # Whole runs wait for the engine. With steps that wait, a run that was killed would keep its slot.
        "pools": {"granularity": "run", "default_limit": 2},
    },
    # Only of runs that were killed: steps know which of their own errors a retry helps
    # (`orchestration/failures.py`).
    "run_retries": {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False},
    "freshness": {"enabled": True},
    # A worker that was killed, with or without the daemon, shows as failed and not as running for ever.
    "run_monitoring": {"enabled": True, "start_timeout_seconds": 120, "poll_interval_seconds": 10},
    # The ledger's sensor ticks all day; what it found stays in the assets.
    "retention": {
        "schedule": {"purge_after_days": 7},
        "sensor": {"purge_after_days": {"skipped": 1, "success": 7, "failure": 30}},
    },
}


def home(layout: Layout) -> Path:
    """DAGSTER_HOME of this stack."""
    return layout.home / "dagster"


def workspace(layout: Layout) -> dict[str, Any]:
    """The workspace of web server and daemon.

    Both ask one code server. With the checkout's ``workspace.yaml`` each of them would start its own.
    """
    server = {"socket": str(layout.socket("dagster-code")), "location_name": LOCATION}
    return {"load_from": [{"grpc_server": server}]}


def prepare(
    settings: Settings, layout: Layout, environment: dict[str, str], code: str
) -> tuple[Program, ...]:
    """Write the instance's and the workspace's configuration and describe the processes.

    Args:
        settings: host and port.
        layout: the data folder.
        environment: the settings, as every Python process gets them.
        code: changes with the code.
    """
    folder = home(layout)
    folder.mkdir(exist_ok=True)
    instance = yaml.safe_dump(INSTANCE, sort_keys=True)
    (folder / "dagster.yaml").write_text(instance, encoding="utf-8")
    workspace_path = layout.run / "workspace.yaml"
    workspace_path.write_text(yaml.safe_dump(workspace(layout)), encoding="utf-8")
    scripts = Path(sys.executable).parent

    def program(name: str, stage: int, *command: str) -> Program:
        return Program(
            name=name,
            command=(str(scripts / command[0]), *command[1:]),
            stage=stage,
            environment=environment,
            directory=layout.run,
            configuration=instance + code,
        )

    return (
        program(
            "dagster-code",
            3,
            *("dagster", "api", "grpc", "--module-name", "orchestration.definitions"),
            *("--working-directory", str(PROJECT_ROOT), "--location-name", LOCATION),
            *("--socket", str(layout.socket("dagster-code"))),
        ),
        program(
            "dagster-webserver",
            4,
            *("dagster-webserver", "--workspace", str(workspace_path)),
            *("--host", settings.host, "--port", str(settings.dagster_port)),
        ),
        program("dagster-daemon", 4, "dagster-daemon", "run", "--workspace", str(workspace_path)),
    )
