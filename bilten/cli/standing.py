"""``bilten status`` and ``bilten doctor``: what the components say of themselves."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from bilten.cli.pages import print_findings, print_status
from bilten.contracts import load_contracts
from bilten.settings import load_settings
from stack import doctor, status

app = typer.Typer()
console = Console(highlight=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print data instead of tables.")]


@app.command("status")
def show_status(as_json: AsJson = False) -> None:
    """How every process and every table stands now; status 1 when something does not answer."""
    settings = load_settings()
    now = status.gather(settings, load_contracts())
    if as_json:
        typer.echo(json.dumps(now.as_dict(), default=str))
    else:
        print_status(console, now)
    if not now.is_well:
        raise typer.Exit(1)


@app.command("doctor")
def diagnose(as_json: AsJson = False) -> None:
    """Find what is wrong and say what to do about it; status 1 when there is a problem."""
    findings = doctor.examine(load_settings(), load_contracts())
    if as_json:
        typer.echo(json.dumps([finding.as_dict() for finding in findings]))
    else:
        print_findings(console, findings)
    if any(finding.outcome in {"problem", "unknown"} for finding in findings):
        raise typer.Exit(1)
