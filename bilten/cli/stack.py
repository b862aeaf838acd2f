"""``bilten down | clean-data | env``: the stack as a whole, from the shell."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer
from rich.console import Console

from bilten.settings import load_settings
from stack import operate, remove
from stack.addresses import addresses
from stack.layout import Layout

app = typer.Typer()
console = Console(highlight=False)


@app.command()
def down() -> None:
    """Stop everything; the data stays."""
    with console.status("Stopping") as line:
        left = operate.stop(load_settings(), lambda name: line.update(f"Stopping: {name} has ended"))
    console.print("Everything is stopped; the data stays.")
    if left:
        console.print(f"{left} processes had lost their supervisor and were ended.")


@app.command("clean-data")
def clean_data(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Stop everything and delete its data: databases, log, warehouse, archive, secrets."""
    settings = load_settings()
    if not settings.home.exists():
        console.print(f"There is no data at {settings.home}.")
        return
    if not yes:
        typer.confirm(f"Delete everything below {settings.home}?", abort=True)
    operate.stop(settings, lambda _: None)
    remove.delete(Layout.of(settings))
    console.print("Deleted.")


@app.command()
def env() -> None:
    """Print the addresses as shell exports: ``eval "$(bilten env)"``."""
    for name, value in addresses(load_settings()).items():
        typer.echo(f"export {name}={shlex.quote(value)}")
