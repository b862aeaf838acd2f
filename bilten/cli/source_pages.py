"""How commands about sources show plans, progress and tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ingestion.sources.dialects import dialect_of
from ingestion.sources.onboarding import Plan

console = Console(stderr=True, highlight=False)


def show_plan(plan: Plan) -> None:
    """Tables, what stands against others, and what would be written where."""
    shown = Table(
        "table", "rows, roughly", "key", "columns", "personal", title=f"Plan for {plan.source.name}"
    )
    for table, contract in zip(plan.tables, plan.contracts.values(), strict=True):
        personal = ", ".join(column.name for column in contract.columns if column.is_personal)
        key = ", ".join(table.key)
        shown.add_row(table.full_name, f"{max(table.rows, 0):,}", key, str(len(contract.columns)), personal)
    console.print(shown)
    for each in plan.obstacles:
        style = "yellow" if each.weight in {"column", "note"} else "red"
        console.print(
            f"{each.place} ({each.weight}): {each.what}.\n    {each.remedy}", style=style, markup=False
        )
    for name in plan.full_identities:
        console.print(f"{name}: its replica identity is set to full, so that no value is lost.", markup=False)
    source = plan.source
    console.print(
        f"In the source: {dialect_of(source.database).footprint(source)}. "
        f"Here: connector {source.connector}, {len(plan.drafts)} new contracts, the topics {source.name}.*, "
        "and their tables in the warehouse.",
        markup=False,
    )


def finish(rows: list[Mapping[str, object]], as_json: bool) -> None:
    """Show comparisons; status 1 unless all are equal."""
    print_rows(rows, as_json, title="Source and warehouse")
    if not all(row["equal"] for row in rows):
        raise typer.Exit(1)


def progress_bars(quiet: bool) -> Progress:
    """Bars of rows read; none when quiet."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=quiet)


def print_rows(rows: Sequence[Mapping[str, Any]], as_json: bool, *, title: str) -> None:
    """Rows as JSON, or as a table with a title."""
    if as_json:
        typer.echo(json.dumps(list(rows), indent=2, default=str))
        return
    shown = Table(title=title, title_justify="left", highlight=False)
    for name in rows[0] if rows else ():
        shown.add_column(name)
    for row in rows:
        shown.add_row(*(str(value) for value in row.values()))
    Console().print(shown)
