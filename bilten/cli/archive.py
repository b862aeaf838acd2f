"""``bilten archive``: append to the archive, list it, ask it, compare it with the warehouse."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from archives.append import AppendResult, append_all
from archives.catalog import archived_tables, open_catalog
from archives.compare import compare as compare_table
from archives.maintenance import tidy as tidy_table
from archives.reading import list_tables, query
from bilten.contracts import Contract, load_contracts
from bilten.errors import ArchiveError
from bilten.settings import load_settings
from warehouse.client import Warehouse

app = typer.Typer(name="archive", help="The Iceberg archive `bronze`.", no_args_is_help=True)

Dataset = Annotated[list[str] | None, typer.Option("--dataset", help="Only this table; repeat for more.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _chosen(names: list[str] | None) -> tuple[Contract, ...]:
    contracts = load_contracts()
    return tuple(contracts[name] for name in names) if names else contracts.sources()


@app.command()
def run(dataset: Dataset = None, as_json: Json = False) -> None:
    """Append what the warehouse has taken in since the last run."""
    settings = load_settings()
    chosen = _chosen(dataset)
    console = Console(stderr=True)
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=as_json) as progress:
        bar = progress.add_task("archiving", total=len(chosen), rows=0)
        rows = 0

        def advance(result: AppendResult) -> None:
            nonlocal rows
            rows += result.rows
            progress.update(bar, advance=1, rows=rows, description=result.dataset)

        with open_catalog(settings) as catalog:
            results = append_all(settings, catalog, Warehouse(settings), chosen, advance)
        progress.update(bar, completed=len(chosen), description="archived")
    if as_json:
        typer.echo(json.dumps([asdict(result) for result in results], default=str))
        return
    console.print(f"{sum(result.rows for result in results):,} rows added to {len(results)} tables.")


@app.command("list")
def list_command(as_json: Json = False) -> None:
    """What the archive holds, and how far it is."""
    with open_catalog(load_settings()) as catalog:
        tables = list_tables(catalog)
    if as_json:
        typer.echo(json.dumps([asdict(table) for table in tables], default=str))
        return
    shown = Table("table", "rows", "files", "KiB", "snapshots", "archived at", "position")
    for table in tables:
        shown.add_row(
            table.dataset,
            f"{table.rows:,}",
            f"{table.files:,}",
            f"{table.bytes // 1024:,}",
            f"{table.snapshots:,}",
            f"{table.archived_at:%Y-%m-%d %H:%M:%S}" if table.archived_at else "",
            ", ".join(f"{log.partition}:{log.next_offset}" for log in table.positions),
        )
    Console().print(shown)


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="One SELECT over bronze.<dataset>.")],
    limit: Annotated[int, typer.Option(help="Most rows printed.", min=1)] = 100,
    as_json: Json = False,
) -> None:
    """Ask the archive with DuckDB; the warehouse is not involved."""
    settings = load_settings()
    with open_catalog(settings) as catalog:
        answer = query(settings, catalog, statement, limit)
    if as_json:
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        typer.echo(json.dumps(rows, default=str))
        return
    shown = Table(*answer.columns)
    for row in answer.rows:
        shown.add_row(*("" if value is None else str(value) for value in row))
    console = Console()
    console.print(shown)
    if answer.truncated:
        console.print(f"Only the first {limit:,} rows are shown; --limit shows more.", style="dim")


@app.command()
def compare(dataset: Dataset = None, as_json: Json = False) -> None:
    """Compare rows and hashes with `raw`; status 1 if anything differs."""
    settings = load_settings()
    warehouse = Warehouse(settings)
    with open_catalog(settings) as catalog:
        found = [compare_table(catalog, warehouse, contract) for contract in _chosen(dataset)]
    comparisons = [comparison for comparison in found if comparison is not None]
    different = [comparison.dataset for comparison in comparisons if not comparison.equal]
    if as_json:
        typer.echo(json.dumps([asdict(each) | {"equal": each.equal} for each in comparisons]))
    else:
        shown = Table("table", "raw rows", "bronze rows", "equal")
        for each in comparisons:
            shown.add_row(
                each.dataset, f"{each.raw_rows:,}", f"{each.bronze_rows:,}", "yes" if each.equal else "NO"
            )
        Console().print(shown)
    if different:
        raise ArchiveError(
            f"The archive differs from the warehouse: {', '.join(different)}.",
            why="Rows are missing, or values differ, below the position that the archive has committed.",
            remedy="Drop the table from the archive and run `bilten archive run`; then look for the cause.",
        )


@app.command()
def tidy() -> None:
    """Expire old snapshots and remove files that no commit names."""
    with open_catalog(load_settings()) as catalog:
        results = [tidy_table(table) for table in archived_tables(catalog)]
    removed = sum(result.files for result in results)
    expired = sum(result.snapshots for result in results)
    Console(stderr=True).print(f"{expired:,} snapshots expired, {removed:,} files removed.")
