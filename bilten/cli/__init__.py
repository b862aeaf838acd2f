"""The command line: the only part of the kernel that imports the other packages.

Each part of the platform has its own module here; this one joins them and turns errors into words. Only the
module of the command that was asked for is imported: all of them together take seconds, and the long-running
commands would carry libraries that they never use.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import typer
from rich.console import Console

from bilten.errors import BiltenError

PARTS: Mapping[str, str] = {
    "up": "up",
    "down": "stack",
    "clean-data": "stack",
    "env": "stack",
    "status": "standing",
    "doctor": "standing",
    "contracts": "contracts",
    "load": "load",
    "source": "source",
    "outbox": "outbox",
    "documents": "documents",
    "files": "files",
    "sql": "sql",
    "simulate": "simulate",
    "dead-letters": "dead_letters",
    "archive": "archive",
    "marts": "marts",
    "analyst": "analyst",
    "lineage": "lineage",
    "quality": "quality",
    "users": "users",
    "warehouse": "warehouse",
    "version": "version",
}
"""Command, or name of a group of commands → module that has it in its ``app``.

The ``app`` of a group bears the group's name; that of single commands has none.
"""


def assemble(arguments: Sequence[str]) -> typer.Typer:
    """The command line for some arguments: with the one command they name, or with all of them.

    Args:
        arguments: as given after the program's name.
    """
    app = typer.Typer(
        name="bilten",
        help="The data platform of a ticketing company: change capture, warehouse, marts, gates, lineage.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    command = next((argument for argument in arguments if not argument.startswith("-")), "")
    modules = [PARTS[command]] if command in PARTS else dict.fromkeys(PARTS.values())
    for module in modules:
        app.add_typer(import_module(f"bilten.cli.{module}").app)

    @app.callback()
    def bilten() -> None:
        """Keep a single command a command by its name."""

    return app


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
        assemble(sys.argv[1:])()
    except BiltenError as error:
        explain(error)
        sys.exit(1)
