"""The command line: the only part of the kernel that imports the other packages.

Each part of the platform has its own module here; this one joins them and turns errors into words.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from bilten.cli import dead_letters, load, stack
from bilten.errors import BiltenError

app = typer.Typer(
    name="bilten",
    help="The data platform of a ticketing company: change capture, warehouse, marts, gates, lineage.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(stack.app)
app.add_typer(load.app)
app.add_typer(dead_letters.app, name="dead-letters")


def explain(error: BiltenError) -> None:
    """Print what happened, why, and what to do next, on standard error."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(error.what, style="bold red", markup=False)
    console.print(f"Why: {error.why}", markup=False)
    console.print(f"Next: {error.remedy}", markup=False)
    if error.retryable:
        console.print("Running the same command again may help.", style="dim")


def main() -> None:
    """Run the command line; a known error ends with its explanation and status 1, never a traceback."""
    try:
        app()
    except BiltenError as error:
        explain(error)
        sys.exit(1)
