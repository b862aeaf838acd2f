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

from bilten.settings import load_settings
from warehouse.client import Warehouse
from warehouse.shell import Shell

HISTORY_LINES = 10_000

app = typer.Typer()


@app.command()
def sql(
    statement: Annotated[
        str | None, typer.Argument(help="What to run; without it, a shell, or what comes from a pipe.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object per row.")] = False,
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
        shell = Shell(warehouse, console)
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
