"""``bilten warehouse``: its tables and views against what the contracts say."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from bilten.cli import warehouse_advice, warehouse_move, warehouse_upgrades
from bilten.settings import load_settings
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.drift import find_drift, repair
from warehouse.migrations import recorded

app = typer.Typer(
    name="warehouse",
    help="The warehouse's tables and views: plan, apply, history, drift, advise, copy, back.",
    no_args_is_help=True,
)
app.command("advise")(warehouse_advice.command)
for command in (
    *(warehouse_move.copy, warehouse_move.schema, warehouse_move.deployment),
    *(warehouse_upgrades.snapshots, warehouse_upgrades.back),
):
    app.command(command.__name__)(command)
console = Console(highlight=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CheckOption = Annotated[bool, typer.Option("--check", help="End with status 1 when there is anything.")]


@app.command()
def plan(as_json: JsonOption = False, check: CheckOption = False) -> None:
    """What would have to be done for the warehouse to be as the contracts say; nothing is changed."""
    migration = migrate.plan(load_settings())
    if as_json:
        typer.echo(json.dumps([_step(step) for step in migration.steps], indent=2))
    else:
        _show(migration)
    raise typer.Exit(int(check and bool(migration.steps)))


@app.command()
def apply(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the warehouse to what the contracts say. Readers go on; data are never rewritten."""
    settings = load_settings()
    if not yes:
        migration = migrate.plan(settings)
        _show(migration)
        if not migration.steps:
            return
        typer.confirm("Do it?", abort=True)
    with console.status("Altering…"):
        done = migrate.apply(settings)
    if as_json:
        typer.echo(json.dumps([_step(step) for step in done.steps], indent=2))
    else:
        console.print(f"{len(done.steps)} objects made or altered.")


@app.command()
def history(
    name: Annotated[str, typer.Argument(help="An object, such as raw.tickets__orders; all by default.")] = "",
    as_json: JsonOption = False,
) -> None:
    """When each object was last made or altered, newest first."""
    with Warehouse(load_settings()) as warehouse:
        found = recorded(warehouse, name)
    if as_json:
        typer.echo(json.dumps([entry.as_dict() for entry in found], indent=2))
        return
    table = Table("Object", "Kind", "Applied", "Digest")
    for entry in found:
        made = entry.statement
        table.add_row(made.name, made.kind, f"{entry.applied_at:%Y-%m-%d %H:%M:%S} UTC", made.digest[:12])
    console.print(table)
    if name and found:
        console.print(Syntax(found[0].statement.sql, "sql", word_wrap=True))


@app.command()
def drift(
    mend: Annotated[bool, typer.Option("--repair", help="Bring back what can be brought back.")] = False,
    as_json: JsonOption = False,
    check: CheckOption = False,
) -> None:
    """What was altered by hand, is gone, or was made by nobody known."""
    with Warehouse(load_settings()) as warehouse:
        with console.status("Comparing every object with its record…"):
            found = find_drift(warehouse)
        left = repair(warehouse, found) if mend else found
    if as_json:
        facts = [
            {"name": one.name, "kind": one.kind, "reason": one.reason, "commands": one.commands}
            for one in found
        ]
        typer.echo(json.dumps(facts, indent=2))
    else:
        table = Table("Object", "What", "Why", "Can be repaired")
        for one in found:
            table.add_row(one.name, one.kind, one.reason, "yes" if one.commands else "no")
        console.print(table if found else "Everything is as it was made.")
        if mend:
            console.print(f"{len(found) - len(left)} objects brought back, {len(left)} left to you.")
    raise typer.Exit(int(check and bool(left)))


def _show(migration: migrate.Migration) -> None:
    if not migration.steps:
        console.print("The warehouse is as the contracts say.")
        return
    for step in migration.steps:
        console.print(f"[bold]{step.statement.name}[/bold] {step.reason}")
        for command in (*step.commands, *step.afterwards):
            console.print(Syntax(command, "sql", word_wrap=True))
    console.print(f"{len(migration.steps)} objects would be made or altered.")


def _step(step: migrate.Step) -> dict[str, object]:
    return {
        "object": step.statement.name,
        "reason": step.reason,
        "commands": (*step.commands, *step.afterwards),
    }
