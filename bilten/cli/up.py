"""``bilten up``: from an empty machine to a running stack."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from bilten.cli.pages import print_welcome, run_steps
from bilten.contracts import load_contracts
from bilten.errors import SettingsError
from bilten.settings import load_settings
from stack import credentials, programs, status
from stack.bring_up import BringUp
from stack.layout import Layout

app = typer.Typer()
console = Console(highlight=False)


@app.command()
def up(
    only: Annotated[
        str, typer.Option(help="Start just these processes, separated by commas.", show_default=False)
    ] = "",
    simulate: Annotated[
        bool, typer.Option("--simulate/--no-simulate", help="Whether live traffic is made.")
    ] = True,
) -> None:
    """Install what is missing, start everything, and show where it is."""
    layout = Layout.of(load_settings())
    layout.create()
    credentials.ensure(layout.secrets)
    settings = load_settings()
    contracts = load_contracts()
    names = [name for name in chosen(only) if simulate or name != "simulate"]
    run_steps(console, BringUp(settings, contracts, names).steps())
    if not only:
        print_welcome(console, settings, status.gather(settings, contracts))


def chosen(only: str) -> tuple[str, ...]:
    """The names of processes in an option; all of them when it is empty.

    Raises:
        SettingsError: there is none of a name.
    """
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
