"""``bilten up | down | env``: the whole stack, from the shell."""

from __future__ import annotations

import shlex
import time
from typing import Annotated

import typer
from rich.console import Console

from bilten.errors import SettingsError
from bilten.settings import Settings, load_settings
from stack import credentials, jars, operate, programs
from stack.layout import Layout

app = typer.Typer()
console = Console(highlight=False)


@app.command()
def up(
    only: Annotated[
        str, typer.Option(help="Start just these processes, separated by commas, and nothing else.")
    ] = "",
) -> None:
    """Install what is missing, start everything, and show where it is."""
    settings = load_settings()
    layout = Layout.of(settings)
    layout.create()
    credentials.ensure(layout.secrets)
    settings = load_settings()
    names = _chosen(only)
    began = time.monotonic()

    def report(name: str) -> None:
        console.print(f"{name} answers after {time.monotonic() - began:.1f} s")

    folder = jars.ensure(layout.cache)
    console.print(f"jars after {time.monotonic() - began:.1f} s")
    known = operate.supervise(settings, folder, names)
    operate.start(settings, [each for each in known if each.name in names], report)


def _chosen(only: str) -> tuple[str, ...]:
    if not only:
        return programs.NAMES
    names = tuple(name.strip() for name in only.split(","))
    unknown = sorted(set(names) - set(programs.NAMES))
    if unknown:
        raise SettingsError(
            f"There is no process named {', '.join(unknown)}.",
            why=f"The processes are {', '.join(programs.NAMES)}.",
            remedy="Correct the option --only.",
        )
    return names


@app.command()
def down() -> None:
    """Stop everything; the data stays."""
    settings = load_settings()
    operate.stop(settings, lambda name: console.print(f"{name} stopped"))


@app.command()
def env() -> None:
    """Print the addresses as shell exports: ``eval "$(bilten env)"``."""
    for name, value in addresses(load_settings()).items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def addresses(settings: Settings) -> dict[str, str]:
    """Every address that a client of the stack needs, passwords included."""
    return {
        "BILTEN_HOME": str(settings.home),
        "DATABASE_URL": settings.operational_url,
        "WAREHOUSE_URL": settings.warehouse_http_url,
        "KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "CONNECT_URL": settings.connect_http_url,
        "DAGSTER_URL": settings.dagster_http_url,
        "LINEAGE_URL": settings.lineage_http_url,
    }
