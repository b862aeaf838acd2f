"""``bilten version``: which version of everything this is."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from stack.versions import versions

app = typer.Typer()


@app.command("version")
def show_versions(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """The versions of the platform and of everything it stands on."""
    found = versions()
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2))
        return
    table = Table("Component", "Version")
    for one in found:
        table.add_row(one.component, one.version)
    Console(highlight=False).print(table)
