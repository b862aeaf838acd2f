"""``bilten sql``: a shell on the warehouse, one statement, or a script from a pipe."""

from __future__ import annotations

import contextlib
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bilten.contracts import load_contracts
from bilten.settings import Settings, load_settings
from ingestion.cutting import cut_sources
from warehouse.client import Warehouse
from warehouse.consistent_reads import ConsistentReads
from warehouse.cuts import newest_cuts
from warehouse.shell import Shell

HISTORY_LINES = 10_000

app = typer.Typer()


@app.command()
def sql(
    statement: Annotated[
        str | None, typer.Argument(help="What to run; without it, a shell, or what comes from a pipe.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object per row.")] = False,
    consistent: Annotated[
        bool,
        typer.Option(
            "--consistent",
            help="Read the tables of `ods` at the newest position where all of a source's are complete.",
        ),
    ] = False,
    output_format: Annotated[
        str | None,
        typer.Option("--format", help="Any of ClickHouse's formats, such as CSVWithNames or Parquet."),
    ] = None,
) -> None:
    """Query the warehouse."""
    settings = load_settings()
    console = Console(highlight=False)
    chosen = "JSONEachRow" if json else output_format
    with Warehouse(settings, session_id=f"shell-{uuid.uuid4()}") as warehouse:
        reads = _consistent_reads(settings, warehouse) if consistent else None
        shell = Shell(warehouse, console, reads.prepare if reads else str)
        if statement is None and sys.stdin.isatty():
            with _history(settings.home / "sql_history"):
                shell.interact(input)
            return
        if chosen is None and not sys.stdout.isatty():
            chosen = "TabSeparated"
        shell.run(
            statement if statement is not None else sys.stdin.read(),
            output_format=chosen,
            output=sys.stdout.buffer,
        )
        if reads is not None:
            # Not in the way of what is read by a program.
            _tell_cuts(reads, Console(stderr=True, highlight=False))


def _consistent_reads(settings: Settings, warehouse: Warehouse) -> ConsistentReads:
    """The newest cuts: laid now where that is possible, else the last that were."""
    contracts = load_contracts().sources()
    cut_sources(settings, warehouse, contracts)
    sources = {one.name: one.source or settings.topic_prefix for one in contracts}
    return ConsistentReads(warehouse, newest_cuts(warehouse), sources)


def _tell_cuts(reads: ConsistentReads, console: Console) -> None:
    for cut in {cut.source: cut for cut in reads.pinned.values()}.values():
        console.print(str(cut), style="dim", soft_wrap=True)
        for reservation in cut.reservations(reads.pinned):
            console.print(reservation, style="yellow", soft_wrap=True)


@contextlib.contextmanager
def _history(path: Path) -> Iterator[None]:
    """Lines typed in earlier shells, where the platform has readline."""
    try:
        import readline  # noqa: PLC0415
    except ImportError:
        yield
        return
    with contextlib.suppress(OSError):
        readline.read_history_file(path)
    readline.set_history_length(HISTORY_LINES)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.touch(mode=0o600)
            readline.write_history_file(path)
