"""Every process of the stack."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pydantic import SecretStr

from bilten.settings import PROJECT_ROOT, Settings
from stack import account, connect, dagster, kafka, postgresql
from stack.layout import Layout
from stack.program import Program

NAMES = (
    "postgresql",
    "kafka",
    "connect",
    "warehouse",
    "lineage",
    "loader",
    "dagster-code",
    "dagster-webserver",
    "dagster-daemon",
    "simulate",
)

STOPPING_ORDER = (
    ("simulate", "loader", "dagster-daemon", "dagster-webserver"),
    ("dagster-code", "lineage"),
    ("connect",),
    ("kafka", "warehouse", "postgresql"),
)
"""Who asks others stops before them; each group together, since every one of them takes seconds."""


def elsewhere(settings: Settings) -> frozenset[str]:
    """The processes that are not started here, because a setting names an existing server instead."""
    given = {
        "postgresql": settings.database_url,
        "kafka": settings.kafka_bootstrap_servers,
        "connect": settings.connect_url,
        "warehouse": settings.warehouse_url,
    }
    return frozenset(name for name, address in given.items() if address is not None)


def all_of(settings: Settings, layout: Layout, jars: Path) -> tuple[Program, ...]:
    """Write every configuration and describe every process that these settings ask for.

    Args:
        settings: the stack's settings; components that live elsewhere are left out.
        layout: the data folder.
        jars: the folder that `stack.jars.ensure` returned.

    Raises:
        StackError: a component cannot be set up.
    """
    absent = elsewhere(settings)
    programs = []
    if "postgresql" not in absent:
        programs.append(postgresql.prepare(settings, layout, account.unprivileged()))
    if "kafka" not in absent:
        programs.append(kafka.prepare(settings, layout, jars))
    if "connect" not in absent:
        programs.append(connect.prepare(settings, layout, jars))
    programs.extend(program for program in _python(settings, layout) if program.name not in absent)
    return tuple(programs)


def _python(settings: Settings, layout: Layout) -> tuple[Program, ...]:
    environment = {
        **settings_environment(settings),
        "DAGSTER_HOME": str(dagster.home(layout)),
        "PYTHONUNBUFFERED": "1",
        # Dagster calls dbt by its name.
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
    }
    bilten = (sys.executable, "-m", "bilten.cli")

    code = _code()
    archive = layout.home / "archive"
    archive.mkdir(exist_ok=True)

    def program(
        name: str, stage: int, *command: str, stop_seconds: int = 20, directory: Path = layout.run
    ) -> Program:
        return Program(
            name=name,
            command=command,
            stage=stage,
            environment=environment,
            directory=directory,
            stop_seconds=stop_seconds,
            configuration=code,
        )

    return (
        # Closing the engine merges and flushes; it must never be cut short. The embedded engine reads files
        # below its working folder only, whatever `user_files_path` says: that shall be the archive.
        program("warehouse", 1, sys.executable, "-m", "warehouse.server", stop_seconds=60, directory=archive),
        program("lineage", 3, sys.executable, "-m", "lineage.server"),
        program("loader", 3, *bilten, "load"),
        *dagster.prepare(settings, layout, environment, code),
        program("simulate", 5, *bilten, "simulate", "--rate", str(settings.simulate_rate)),
    )


def _code() -> str:
    """A text that changes with the platform's code and contracts, so that running processes follow it."""
    packages = sorted(path.parent for path in PROJECT_ROOT.glob("*/__init__.py"))
    others = (PROJECT_ROOT / name for name in ("contracts", "dbt_project/models", "dbt_project/macros"))
    files = sorted(
        path
        for folder in (*packages, *others)
        if folder.name not in {"tests", "benchmarks"}
        for pattern in ("*.py", "*.yaml", "*.yml", "*.sql")
        for path in folder.rglob(pattern)
    )
    return "\n".join(f"{path} {path.stat().st_mtime_ns}" for path in files)


def settings_environment(settings: Settings) -> dict[str, str]:
    """The settings that differ from their defaults, as environment variables.

    The passwords made at the first start are left out: every process reads them from the secrets folder.
    """
    found = {"BILTEN_HOME": str(settings.home)}
    for name, value in settings.model_dump(exclude_defaults=True).items():
        if name in {"home", "postgres_password", "warehouse_password"} or value is None:
            continue
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        found[f"BILTEN_{name.upper()}"] = str(plain)
    return found
