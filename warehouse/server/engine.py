"""The embedded engine: connections that run in parallel, their errors, and the end of it all.

One process holds one engine. A connection is a session of its own (settings, current database, temporary
tables) and costs 0.2 ms, so each query gets a fresh one and leaves nothing behind for the next. Everything
here blocks; the engine lets go of Python's interpreter lock while it works.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from warehouse.server.configuration import EngineFiles
from warehouse.server.failures import NOT_ENOUGH_SPACE, EngineError
from warehouse.server.statements import settings_at

HELD_BYTES: Final = 4 * 1024 * 1024
"""Data of an INSERT up to this size wait in memory; a file on the disk took 0.12 ms longer (p50 of 500)."""

ID_SETTING: Final = "promql_table"
"""A setting without any effect here (PromQL isn't spoken) that carries a query's id, so that exactly this
query can be killed: the engine takes neither ids nor settings of ours, and ``log_comment`` may be the
client's own."""


@dataclass(frozen=True)
class Output:
    """The whole result of a statement and what it cost."""

    data: bytes
    read_rows: int
    read_bytes: int
    written_rows: int
    written_bytes: int


@dataclass(frozen=True)
class Block:
    """One block of a streamed result, and what the query had read when it was ready."""

    data: bytes
    rows: int
    read_rows: int
    read_bytes: int


def quote(value: str) -> str:
    """A string literal of the engine."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _encode(sql: str) -> bytes:
    """Statements are bytes to the engine; a client's need not be valid UTF-8."""
    return sql.encode("utf-8", "surrogateescape")


def quote_name(name: str) -> str:
    """A quoted identifier of the engine."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def from_file(sql: str, path: str, input_format: str, settings: Mapping[str, str] | None = None) -> str:
    """An INSERT without data and FORMAT, with its data in a file; that clause stands before SETTINGS.

    Args:
        sql: the statement.
        path: the file.
        input_format: the format of the data.
        settings: of this statement alone; what its own SETTINGS say wins.
    """
    source = _encode(sql)
    place = settings_at(source)
    before, after = (part.decode("utf-8", "surrogateescape") for part in (source[:place], source[place:]))
    if settings:
        ours = ", ".join(f"{quote_setting(name)} = {quote(value)}" for name, value in settings.items())
        own = after[len("SETTINGS") :]
        after = f"SETTINGS {ours}" + (f", {own}" if own else "")
    return f"{before}\nFROM INFILE {quote(path)} COMPRESSION 'none' {after}\nFORMAT {input_format}"


class Inserter:
    """An INSERT whose data arrive in pieces, cut anywhere; they wait until they are complete.

    The engine's own streaming insert (``send_insert``) is not used, because it loses what fails behind the
    parser: after an error in a materialized view or a constraint its ``finish`` reports the rows as written,
    and nothing is (chdb 4.4.0). An INSERT from a file raises such errors, and takes no longer. The file is
    one in memory, until the data outgrow it.
    """

    def __init__(
        self,
        connection: Connection,
        sql: str,
        input_format: str,
        folder: Path | None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._connection = connection
        self._sql = sql
        self._format = input_format
        self._folder = folder
        self._settings = settings
        self._size = 0
        self._file = open(os.memfd_create("insert"), "w+b", buffering=0)  # noqa: SIM115, PTH123
        self._in_memory = True

    def append(self, data: bytes) -> None:
        """Take more data.

        Raises:
            EngineError: there is no room for them.
        """
        try:
            self._size += len(data)
            if self._in_memory and self._size > HELD_BYTES:
                self._move()
            self._write(data)
        except OSError as error:
            self._file.close()
            raise EngineError(
                f"The data of an INSERT cannot be kept: {error}",
                code=NOT_ENOUGH_SPACE,
                name="NOT_ENOUGH_SPACE",
            ) from error

    def _move(self) -> None:
        """To a file on the disk: large data must not fill the memory."""
        held = self._file
        with held:
            # The name goes with the file; nobody else can read it.
            self._file = tempfile.TemporaryFile(prefix="insert-", dir=self._folder, buffering=0)  # noqa: SIM115
            self._in_memory = False
            held.seek(0)
            self._write(held.read())

    def _write(self, data: bytes) -> None:
        # A disk that is almost full takes a part and says so only by the number.
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def finish(self) -> Output:
        """Commit; when this returns, the rows are in the table and in its views.

        Raises:
            EngineError: with the engine's code; blocks already written stay, as in every ClickHouse.
        """
        path = f"/proc/self/fd/{self._file.fileno()}"
        try:
            return self._connection.execute(from_file(self._sql, path, self._format, self._settings))
        finally:
            self._file.close()

    def cancel(self) -> None:
        """Give up; nothing was written."""
        self._file.close()


class Connection:
    """One session of the engine. Not for two threads at once."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def execute(
        self, sql: str, output_format: str = "TSV", parameters: Mapping[str, str] | None = None
    ) -> Output:
        """Run one statement to its end.

        Raises:
            EngineError: with the engine's code.
        """
        try:
            result = self._raw._conn.query(_encode(sql), output_format, params=dict(parameters or {}))
        except RuntimeError as error:
            raise EngineError(str(error)) from None
        return Output(
            data=bytes(result.bytes()),
            read_rows=result.storage_rows_read(),
            read_bytes=result.storage_bytes_read(),
            written_rows=result.rows_written(),
            written_bytes=result.bytes_written(),
        )

    def stream(
        self, sql: str, output_format: str, parameters: Mapping[str, str] | None = None
    ) -> Iterator[Block]:
        """Run one SELECT and yield its blocks, each a whole document of the format.

        The iterator has to be read to its end (after `Engine.kill`, if nobody wants the rest): the engine's
        own cancellation blocks for ever before the first block and once left the whole engine shut down.

        Raises:
            EngineError: with the engine's code, at the start or between blocks.
        """
        try:
            handle = self._raw._conn.send_query(_encode(sql), output_format, params=dict(parameters or {}))
            while True:
                block = self._raw._conn.streaming_fetch_result(handle)
                if block is None or block.rows_read() == 0:
                    return
                yield Block(
                    bytes(block.bytes()),
                    block.rows_read(),
                    block.storage_rows_read(),
                    block.storage_bytes_read(),
                )
        except RuntimeError as error:
            raise EngineError(str(error)) from None

    def insert(
        self,
        sql: str,
        input_format: str,
        folder: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> Inserter:
        """Begin an INSERT (given without FORMAT and data).

        Args:
            sql: the statement.
            input_format: the format of its data.
            folder: where large data wait until they are complete; the system's folder by default.
            settings: of this statement alone.
        """
        return Inserter(self, sql, input_format, folder, settings)

    def describe(self, sql: str, parameters: Mapping[str, str] | None = None) -> tuple[list[str], list[str]]:
        """Names and full types of a query's columns, without running it."""
        output = self.execute(f"DESCRIBE (\n{sql}\n)", "JSONCompactEachRow", parameters)
        rows = [json.loads(line) for line in output.data.splitlines() if line]
        return [row[0] for row in rows], [row[1] for row in rows]

    def apply(self, settings: Mapping[str, str]) -> None:
        """Set several settings in one statement.

        Raises:
            EngineError: 115 for an unknown one; then none is set.
        """
        if settings:
            self.execute("SET " + ", ".join(f"{quote_setting(k)} = {quote(v)}" for k, v in settings.items()))

    def changed_settings(self) -> dict[str, str]:
        """Settings that differ from the engine's defaults."""
        output = self.execute("SELECT name, value FROM system.settings WHERE changed", "JSONCompactEachRow")
        return dict(json.loads(line) for line in output.data.splitlines() if line)

    def classify(self, sql: str) -> tuple[str, int]:
        """What a text would do, and how many statements it is.

        Returns:
            READ_ONLY, MUTATING, MUTATING_GLOBAL, CONTROL or UNKNOWN, and a count (0 if it doesn't parse).
        """
        answer = self._raw._conn.classify_query(_encode(sql))
        return str(answer["query_class"]).rpartition(".")[2].partition(":")[0], int(answer["statement_count"])

    def close(self) -> None:
        """End the session."""
        self._raw.close()


def quote_setting(name: str) -> str:
    """A setting's name, as it may stand in SET.

    Raises:
        EngineError: 115, as the engine says for a name it doesn't know.
    """
    if not name.replace("_", "").replace(".", "").isalnum() or name[0].isdigit():
        raise EngineError(f"Unknown setting {name!r}.", code=115, name="UNKNOWN_SETTING")
    return name


class Engine:
    """The engine of this process. While it is open, one connection of its own keeps it alive.

    Args:
        files: where its data and configuration are.

    Raises:
        EngineError: the engine doesn't start, for example because another process holds the data.
    """

    def __init__(self, files: EngineFiles) -> None:
        # Importing it starts an engine in memory (1.2 s), which this one replaces.
        from chdb.state.sqlitelike import Connection as RawConnection  # noqa: PLC0415

        self._open_raw: Callable[[], Any] = lambda: RawConnection(files.connection_string)
        try:
            self._anchor = Connection(self._open_raw())
            facts = self._anchor.execute("SELECT version(), serverTimezone(), hostName()")
        except RuntimeError as error:
            raise EngineError(str(error)) from None
        self.version, self.time_zone, self.host = facts.data.decode().rstrip("\n").split("\t")
        rows = self._anchor.execute("SELECT name, value FROM system.settings", "JSONCompactEachRow").data
        self.base_settings: Mapping[str, str] = dict(json.loads(line) for line in rows.splitlines())

    def connect(self) -> Connection:
        """A fresh session with the profile's settings."""
        try:
            return Connection(self._open_raw())
        except RuntimeError as error:
            raise EngineError(str(error)) from None

    def check(self) -> None:
        """Ask the engine something, on a session of its own.

        Raises:
            EngineError: it does not work.
        """
        with self.connect() as connection:
            if connection.execute("SELECT 1").data != b"1\n":
                raise EngineError("The engine does not answer.")

    def run(self, sql: str) -> None:
        """Run a statement of the server's own, on a session of its own that nobody logs.

        Raises:
            EngineError: with the engine's code.
        """
        with self.connect() as connection:
            connection.execute(sql)

    def kill(self, query_id: str) -> None:
        """Cancel the query with this id.

        Does not wait until it is over: a stream ends only when somebody reads on and meets the error.
        """
        with self.connect() as connection:
            connection.execute(f"KILL QUERY WHERE Settings[{quote(ID_SETTING)}] = {quote(query_id)} ASYNC")

    def close(self) -> None:
        """End the last session: with it the engine writes out what it holds and stops its threads."""
        self._anchor.close()
