"""A shell on the warehouse: statements in, tables or any of ClickHouse's formats out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Final

from rich.console import Console
from rich.table import Table

from bilten.errors import BiltenError
from warehouse.client import Result, Warehouse
from warehouse.server.statements import is_complete, parse, split

ROWS_SHOWN: Final = 1_000
"""Rows that a table on the screen has at most."""

HELP: Final = r"""A statement ends with a semicolon and may have several lines.
\q  leave          \d [database]  databases, or tables of one
\h  this help      Ctrl-C         drop what was typed, or cancel what runs"""

PROMPT: Final = "warehouse> "
CONTINUED: Final = "       ... "


def cell(value: Any) -> str:
    """A value as a table shows it."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "isoformat"):
        return str(value.isoformat(" ") if hasattr(value, "hour") else value.isoformat())
    return str(value)


def table_of(result: Result, rows: Sequence[Sequence[Any]]) -> Table:
    """A result as a table; numbers stand to the right."""
    table = Table(header_style="bold", show_lines=False)
    kinds = result.types or ("",) * len(result.columns)
    for name, kind in zip(result.columns, kinds, strict=True):
        inner = kind.removeprefix("Nullable(").removeprefix("LowCardinality(")
        number = inner.startswith(("Int", "UInt", "Float", "Decimal"))
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    return table


class Shell:
    """Runs statements and shows what comes back.

    Args:
        warehouse: the client; give it a session, or SET and USE are forgotten at once.
        console: where tables and messages go.
        prepare: what is run instead of a statement that was typed; that one itself by default.
    """

    def __init__(self, warehouse: Warehouse, console: Console, prepare: Callable[[str], str] = str) -> None:
        self._warehouse = warehouse
        self._console = console
        self._prepare = prepare

    def run(self, script: str, *, output_format: str | None = None, output: BinaryIO | None = None) -> None:
        """Run the statements of a script one after the other; the first that fails ends it.

        Args:
            script: statements, separated by semicolons.
            output_format: a format of ClickHouse to write results in; None shows tables.
            output: where results in that format go.

        Raises:
            WarehouseError: the statement that failed.
        """
        for statement in split(script.encode("utf-8", "surrogateescape")):
            sql = self._prepare(statement.decode("utf-8", "surrogateescape"))
            known = parse(statement)
            if not known.has_result:
                self._warehouse.command(sql)
            elif (output_format or known.output_format) and output is not None:
                for piece in self._warehouse.stream_bytes(
                    sql, None if known.output_format else output_format
                ):
                    output.write(piece)
                output.flush()
            else:
                self.show(sql)

    def show(self, sql: str) -> None:
        """Run one statement and show its result as a table, with rows and time."""
        started = time.perf_counter()
        result = self._warehouse.query(sql)
        seconds = time.perf_counter() - started
        self._console.print(table_of(result, result.rows[:ROWS_SHOWN]))
        hidden = len(result.rows) - ROWS_SHOWN
        more = f", the first {ROWS_SHOWN:,} shown" if hidden > 0 else ""
        self._console.print(f"{len(result.rows):,} rows{more}, {seconds * 1000:.1f} ms", style="dim")

    def interact(self, read: Callable[[str], str]) -> None:
        r"""Read statements and run them until ``\q`` or the end of the input.

        Args:
            read: asks for a line, given a prompt; raises EOFError at the end.
        """
        self._console.print(r"The warehouse. \h helps, \q leaves.", style="dim", markup=False)
        typed = ""
        while True:
            try:
                line = read(CONTINUED if typed else PROMPT)
            except EOFError:
                return
            except KeyboardInterrupt:
                typed = ""
                self._console.print()
                continue
            if not typed and line.strip().startswith("\\"):
                if line.strip() == "\\q":
                    return
                self._guarded(self._backslash, line.strip())
                continue
            typed = f"{typed}\n{line}" if typed else line
            if not typed.strip():
                typed = ""
            elif is_complete(typed.encode("utf-8", "surrogateescape")):
                script, typed = typed, ""
                self._guarded(self._run_and_tell, script)

    def _run_and_tell(self, script: str) -> None:
        started = time.perf_counter()
        self.run(script)
        if not any(parse(one).has_result for one in split(script.encode("utf-8", "surrogateescape"))):
            self._console.print(f"Done, {(time.perf_counter() - started) * 1000:.1f} ms", style="dim")

    def _backslash(self, line: str) -> None:
        command, _, argument = line.partition(" ")
        if command == "\\d" and argument.strip():
            quoted = argument.strip().strip("`").replace("`", "\\`")
            self.show(f"SHOW TABLES FROM `{quoted}`")
        elif command == "\\d":
            self.show("SHOW DATABASES")
        else:
            self._console.print(HELP, markup=False, highlight=False)

    def _guarded(self, action: Callable[[str], None], text: str) -> None:
        """An error or an interruption ends the statement, not the shell."""
        try:
            action(text)
        except BiltenError as error:
            self._console.print(error.what, style="red", markup=False, highlight=False)
        except KeyboardInterrupt:
            self._warehouse.close()
            self._console.print("Cancelled.", style="dim")
