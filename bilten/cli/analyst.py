"""``bilten analyst``: a shell with everything that building and asking marts takes."""

from __future__ import annotations

import getpass
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bilten.settings import load_settings
from orchestration.manifest import DBT_PROJECT, dbt_environment
from warehouse.client import Warehouse
from warehouse.development import development_build, development_database

app = typer.Typer()

Name = Annotated[str | None, typer.Option("--name", help="Of the database; by default your user's name.")]
Command = Annotated[list[str] | None, typer.Argument(help="Run this there instead of a shell.")]


@app.command()
def analyst(command: Command = None, name: Name = None) -> None:
    """Open a shell in the dbt project, with a database of your own that goes away with it."""
    settings = load_settings()
    chosen = name or re.sub(r"\W", "_", getpass.getuser().lower())
    with Warehouse(settings) as warehouse, development_database(warehouse, chosen) as database:
        Console(stderr=True).print(
            f"{database} is yours until this shell ends: dbt builds into it (`dbt build --select orders`), "
            f'`bilten sql "SELECT count() FROM {database}.orders"` reads it.',
            highlight=False,
            markup=False,
        )
        scripts = str(Path(sys.executable).parent)
        environment = {
            **os.environ,
            **dbt_environment(settings, development_build(chosen)),
            "BILTEN_HOME": str(settings.home),
            "DBT_PROFILES_DIR": str(DBT_PROJECT),
            "DBT_TARGET_PATH": str(settings.home / "dbt" / development_build(chosen)),
            "DBT_LOG_PATH": str(settings.home / "dbt" / development_build(chosen)),
            "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]),
        }
        shell = command or [os.environ.get("SHELL", "/bin/sh")]
        ended = subprocess.run(shell, cwd=DBT_PROJECT, env=environment, check=False)
    raise typer.Exit(ended.returncode)
