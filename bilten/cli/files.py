"""``bilten files``: files that arrive by day."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bilten.contracts import Contract, load_contracts
from bilten.logs import hush_logs
from bilten.settings import load_settings
from ingestion.files.arrivals import Folder
from ingestion.files.landing import load_files
from ingestion.files.standing import FileStanding, standing
from warehouse.client import Warehouse
from warehouse.files import StoredFile, stored_files

app = typer.Typer(
    name="files",
    help="Files that arrive by day: what lies there, what became of it, land it now.",
    no_args_is_help=True,
)
console = Console(highlight=False)
TableOption = Annotated[
    str, typer.Option("--table", help="Only of this dataset, such as financial__settlements.")
]
DayOption = Annotated[
    list[datetime] | None, typer.Option("--day", formats=["%Y-%m-%d"], help="Only of this day.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_PLACE = "Files arrive in {place}: {names}."


@app.callback()
def _quietly() -> None:
    hush_logs()


@app.command("list")
def list_files(table: TableOption = "", day: DayOption = None, as_json: Json = False) -> None:
    """List deliveries and files by day: which counts, which was replaced, refused, or waits."""
    settings = load_settings()
    found: list[FileStanding] = []
    with Warehouse(settings) as warehouse:
        for contract in _chosen(table):
            arrivals = Folder(settings, contract).arrivals(datetime.now(UTC))
            found += standing(contract.name, arrivals, stored_files(warehouse, contract.name))
    days = {each.date() for each in day or ()}
    found = [each for each in found if not days or each.day in days]
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], indent=2, default=str))
        return
    shown = Table("table", "day", "file", "state", "lines", "dead", "removed", "written (UTC)", "why")
    for each in found:
        numbers = (str(each.lines), str(each.dead), str(each.removed))
        when = f"{each.modified_at:%Y-%m-%d %H:%M:%S}"
        shown.add_row(each.dataset, str(each.day or ""), each.path, each.state, *numbers, when, each.reason)
    console.print(shown)
    if not found:
        names = ", ".join(f"{one.source_schema}/{one.source_table}" for one in _chosen(table))
        console.print(
            _PLACE.format(place=settings.files_location.partition("?")[0], names=names), markup=False
        )


@app.command()
def load(table: TableOption = "", day: DayOption = None, as_json: Json = False) -> None:
    """Land what has arrived and is not in the warehouse yet; status 1 when a file cannot be read.

    Dagster does the same by itself, a minute after a file has come.
    """
    settings = load_settings()
    days = [each.date() for each in day or ()]
    loaded: list[StoredFile] = []
    with Warehouse(settings) as warehouse:
        for contract in _chosen(table):
            loaded += load_files(settings, warehouse, contract, days, None if as_json else _tell)
    if as_json:
        typer.echo(json.dumps([asdict(file) for file in loaded], indent=2, default=str))
    elif not loaded:
        console.print("Nothing is new, and nothing has changed.")
    if any(file.state == "refused" for file in loaded):
        raise typer.Exit(1)


def _tell(file: StoredFile) -> None:
    said = {
        "landed": f"{file.lines - file.dead:,} rows, {file.dead} dead letters, {file.removed} rows removed",
        "duplicate": file.reason,
        "refused": file.reason,
    }
    console.print(f"{file.day} {file.path}: {file.state}. {said.get(file.state, '')}", markup=False)


def _chosen(table: str) -> Iterable[Contract]:
    contracts = load_contracts()
    return [contracts[table]] if table else contracts.in_files()
