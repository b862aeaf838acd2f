"""dbt's manifest: parsed once for each state of the project."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from bilten.errors import OrchestrationError
from bilten.settings import PROJECT_ROOT, Settings

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
_INPUTS = ("*.sql", "*.yml", "*.yaml", "*.csv", "*.md")
_OUTPUTS = {"target", "logs", "dbt_packages"}
_OUTPUT_TAIL = 2_000


def dbt_environment(settings: Settings, build: str) -> dict[str, str]:
    """What `dbt_project/profiles.yml` reads from the environment.

    Args:
        settings: where the warehouse is.
        build: identifier of the build whose database the marts go to.
    """
    host, port = settings.warehouse_host_port
    user, password = settings.warehouse_credentials
    return {
        "BILTEN_WAREHOUSE_HOST": host,
        "BILTEN_WAREHOUSE_PORT": str(port),
        "BILTEN_WAREHOUSE_USER": user,
        "BILTEN_WAREHOUSE_PASSWORD": password,
        "BILTEN_BUILD": build,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def manifest_path(settings: Settings) -> Path:
    """The manifest of the dbt project as it is now, parsed if it was not yet.

    Args:
        settings: the data folder holds the manifests, one for each state of the project.

    Returns:
        Path of ``manifest.json``.

    Raises:
        OrchestrationError: dbt cannot parse the project; the message ends with dbt's own.
    """
    folder = settings.home / "dbt" / _fingerprint()
    manifest = folder / "manifest.json"
    if manifest.exists():
        return manifest
    folder.mkdir(parents=True, exist_ok=True)
    parsed = subprocess.run(
        [
            sys.executable,
            "-m",
            "dbt.cli.main",
            "--quiet",
            "parse",
            "--project-dir",
            str(DBT_PROJECT),
            "--profiles-dir",
            str(DBT_PROJECT),
            "--target-path",
            str(folder),
            "--log-path",
            str(folder),
        ],
        env=os.environ | dbt_environment(settings, "parse"),
        capture_output=True,
        text=True,
        check=False,
    )
    if parsed.returncode != 0 or not manifest.exists():
        raise OrchestrationError(
            "dbt cannot parse the project.", why=(parsed.stdout + parsed.stderr).strip()[-_OUTPUT_TAIL:]
        )
    return manifest


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in _INPUTS:
        for path in sorted(DBT_PROJECT.rglob(pattern)):
            relative = path.relative_to(DBT_PROJECT)
            if relative.parts[0] not in _OUTPUTS:
                digest.update(str(relative).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
