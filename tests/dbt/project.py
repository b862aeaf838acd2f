"""Running the real dbt command on the real project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bilten.settings import PROJECT_ROOT, Settings
from warehouse.client import Warehouse

PROJECT = PROJECT_ROOT / "dbt_project"
BUILD = ("build", "--select", "+path:models/marts")
"""The marts and what they are made of; the other tables have no part in it."""
SETTLED_TEN_MINUTES_AGO = ("--vars", json.dumps({"settling_seconds": 600}))


@dataclass(frozen=True)
class Outcome:
    """What a dbt command did.

    Attributes:
        status: its exit status.
        output: what it printed.
        results: ``run_results.json``: status by the node's unique id.
        manifest: ``manifest.json``.
        run_results: ``run_results.json``.
    """

    status: int
    output: str
    results: Mapping[str, str]
    manifest: Mapping[str, Any]
    run_results: Mapping[str, Any]

    @property
    def broken(self) -> set[str]:
        """Names of the tests that did not pass."""
        return {
            name.split(".")[2]
            for name, status in self.results.items()
            if name.startswith(("test.", "unit_test.")) and status in {"fail", "error", "warn"}
        }


def run_dbt(target: Path, *arguments: str, settings: Settings | None = None, build: str = "dev") -> Outcome:
    """Run dbt in a child process, as a shell does.

    Args:
        target: folder for what it writes.
        arguments: command and options.
        settings: where the warehouse is; nowhere by default, for what needs none.
        build: the build to make.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BILTEN_")}
    environment = {"BILTEN_BUILD": build}
    if settings is not None:
        host, port = settings.warehouse_host_port
        environment |= {
            "BILTEN_WAREHOUSE_HOST": host,
            "BILTEN_WAREHOUSE_PORT": str(port),
            "BILTEN_WAREHOUSE_USER": settings.warehouse_user,
            "BILTEN_WAREHOUSE_PASSWORD": settings.warehouse_password.get_secret_value(),
        }
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *arguments),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ],
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    run_results = _read(target / "run_results.json")
    return Outcome(
        status=finished.returncode,
        output=finished.stdout + finished.stderr,
        results={result["unique_id"]: result["status"] for result in run_results.get("results", ())},
        manifest=_read(target / "manifest.json"),
        run_results=run_results,
    )


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def read(warehouse: Warehouse, mart: str, keys: list[str], measures: list[str], build: str = "first") -> Any:
    rows = warehouse.query(f"SELECT {', '.join(keys + measures)} FROM build_{build}.{mart}").rows
    return {tuple(row[: len(keys)]): dict(zip(measures, row[len(keys) :], strict=True)) for row in rows}
