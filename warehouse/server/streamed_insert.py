"""An INSERT through a query, carried out while its data arrive: ``INSERT INTO … SELECT … FROM input('…')``.

Every block of the data is in the table as soon as it has come, long before the request ends. The engine makes
its plan once for all of them, while each insert into a table with views has it plan every view again.

To the embedded engine ``input`` is a file: a pipe, which the request fills. Its readers seek over columns
that the query does not need, which no pipe can do, unless the file is compressed: then they read on. So it
is.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

import lz4.frame

from warehouse.server.engine import Connection, Output, quote
from warehouse.server.failures import EngineError
from warehouse.server.statements import input_call


def from_pipe(sql: str, path: str, input_format: str) -> str:
    """The statement with ``input('…')`` read from a file of the server that is an LZ4 frame.

    Args:
        sql: the statement without FORMAT and data.
        path: the file.
        input_format: the format of the data.

    Raises:
        EngineError: 62, there is no ``input`` in it after all.
    """
    source = sql.encode("utf-8", "surrogateescape")
    call = input_call(source)
    if call is None:
        raise EngineError(
            "Syntax error: INSERT … SELECT takes data only with FROM input('structure').",
            code=62,
            name="SYNTAX_ERROR",
        )
    start, end, argument = call
    structure = argument.decode("utf-8", "surrogateescape") if argument.strip() else "'auto'"
    before, after = (part.decode("utf-8", "surrogateescape") for part in (source[:start], source[end:]))
    return f"{before}file({quote(path)}, {input_format}, {structure}, 'lz4'){after}"


class StreamedInserter:
    """One such INSERT; begins at once. Not for two threads at once.

    Args:
        connection: a connection of its own.
        sql: the statement without FORMAT and data.
        input_format: the format of the data; one that can be read from its beginning to its end.
        parameters: of the statement.

    Raises:
        EngineError: the statement takes no data.
    """

    def __init__(
        self, connection: Connection, sql: str, input_format: str, parameters: Mapping[str, str] | None = None
    ) -> None:
        self._reading, self._writing = os.pipe()
        self._is_open = True
        # Whatever is given to it is handed on whole: the engine shall not wait for the next piece.
        self._frame = lz4.frame.LZ4FrameCompressor(auto_flush=True)
        self._output: Output | None = None
        self._error: EngineError | None = None
        try:
            text = from_pipe(sql, f"/proc/self/fd/{self._reading}", input_format)
        except EngineError:
            os.close(self._reading)
            os.close(self._writing)
            raise
        # A thread of its own: it waits for data as long as the client likes, while others need the pool.
        self._thread = threading.Thread(
            target=self._run, args=(connection, text, parameters), name="streamed-insert", daemon=True
        )
        self._thread.start()
        self._write(self._frame.begin())

    def _run(self, connection: Connection, sql: str, parameters: Mapping[str, str] | None) -> None:
        try:
            self._output = connection.execute(sql, parameters=parameters)
        except EngineError as error:
            self._error = error
        finally:
            # Whoever still writes learns by it that nobody reads any more.
            os.close(self._reading)

    def append(self, data: bytes) -> None:
        """More data; waits while the engine has not taken in what came before.

        Raises:
            EngineError: the statement has failed; blocks already written stay, as in every ClickHouse.
        """
        if not self._write(self._frame.compress(data)):
            self.finish()
            raise EngineError("The query took no more data.")

    def _write(self, data: bytes) -> bool:
        """Whether somebody still reads."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._writing, rest) :]
        except BrokenPipeError:
            return False
        return True

    def finish(self) -> Output:
        """End the data and wait for the statement; when this returns, all rows are in the table.

        Raises:
            EngineError: with the engine's code; blocks already written stay.
        """
        self.cancel()
        if self._error is not None:
            raise self._error
        if self._output is None:
            raise EngineError("The insert ended without a result.")
        return self._output

    def cancel(self) -> None:
        """End the data; what the engine has read of them is inserted."""
        if self._is_open:
            self._is_open = False
            self._write(self._frame.flush())
            os.close(self._writing)
        self._thread.join()
