"""The warehouse over HTTP, whichever it is: the embedded server, a ClickHouse server, a cluster.

One `Warehouse` serves all threads of a process; it keeps its connections open and carries no session.
"""

from __future__ import annotations

import io
import logging
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import pyarrow as pa
import urllib3
from clickhouse_connect.driver.exceptions import Error as DriverError
from clickhouse_connect.driver.exceptions import OperationalError as DriverUnavailable

from bilten.errors import WarehouseError, WarehouseUnavailable
from bilten.settings import Settings

CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 300
SESSION_SECONDS: Final = 3600
CONNECTIONS: Final = 16
"""Connections kept open; more threads than this open further ones for a while."""

PASSING_CODES: Final = frozenset(
    {
        75,  # CANNOT_WRITE_TO_FILE_DESCRIPTOR: the disk is full, in the middle of a file
        159,  # TIMEOUT_EXCEEDED
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        236,  # ABORTED: the engine is shutting down
        241,  # MEMORY_LIMIT_EXCEEDED
        243,  # NOT_ENOUGH_SPACE
        252,  # TOO_MANY_PARTS
        439,  # CANNOT_SCHEDULE_TASK
    }
)
"""Codes that say something of the moment, not of the statement."""

# Both libraries warn on their own of what is raised here as an error, and would write it to the terminal.
for _name in ("clickhouse_connect", "urllib3.connectionpool"):
    logging.getLogger(_name).setLevel(logging.ERROR)

_NO_ROOM: Final = frozenset({75, 243})
_FULL_DISK: Final = ("Its disk is full.", "Free some of it; what was refused is then done by itself.")

_INSERT_SETTINGS: Final = {"async_insert": 0, "wait_end_of_query": 1}
_CODE = re.compile(r"Code: (\d+)\.")
_NOISE = re.compile(
    r"Expected one of: .*?(?=\(SYNTAX_ERROR\))| \(for url [^)]*\)$"
    r"|, Stack trace \(when copying.*?(?= \(version)",
    re.DOTALL,
)
_TAIL = 64 * 1024


@dataclass(frozen=True)
class Result:
    """A result set.

    Attributes:
        columns: the columns' names.
        rows: the rows, as the driver turns values into Python: times are aware, decimals exact.
        types: the columns' types in ClickHouse's words.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    types: tuple[str, ...] = ()


class Warehouse:
    """A thin, typed client.

    Nothing is sent before the first call, so that making one never fails.

    Args:
        settings: of the platform; the address, user and password come from ``warehouse_http_url``.
        session_id: a session that keeps SET, USE and temporary tables from one statement to the next, for one
            thread; without it every statement stands alone.

    Every method raises `WarehouseUnavailable` when the warehouse does not answer or asks to come back later,
    and `WarehouseError` with the engine's code in its details when it refuses; after a `WarehouseUnavailable`
    nothing is known of what the statement did.
    """

    def __init__(self, settings: Settings, *, session_id: str | None = None) -> None:
        self._session_id = session_id
        self._url = settings.warehouse_http_url
        self._lock = threading.Lock()
        self._driver: Any = None
        self._column_types: dict[tuple[str, tuple[str, ...]], Sequence[Any]] = {}

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        parts = urlsplit(self._url)
        return f"Warehouse({parts.hostname}:{parts.port})"

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> Result:
        """Run one statement and fetch all of its result.

        Args:
            sql: the statement; ``{name:Type}`` stands for a parameter.
            parameters: their values.
            settings: the engine's settings for this statement.
        """
        with _translated():
            answer = self._connected().query(
                sql, parameters=dict(parameters or {}), settings=dict(settings or {})
            )
            return Result(
                tuple(answer.column_names),
                answer.result_rows,
                tuple(kind.name for kind in answer.column_types),
            )

    def scalar(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> Any:
        """The first value of the first row, or None if there is no row."""
        rows = self.query(sql, parameters, settings=settings).rows
        return rows[0][0] if rows else None

    def command(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Run one statement whose result nobody needs (DDL, INSERT … SELECT, SYSTEM …)."""
        with _translated():
            self._connected().command(sql, parameters=dict(parameters or {}), settings=dict(settings or {}))

    def insert_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert a few rows; when this returns they are in the table and in its views.

        Args:
            table: ``database.table``.
            columns: the columns that the rows hold, in their order.
            rows: the rows; none is no insert.
        """
        data = list(rows)
        if not data:
            return
        key = (table, tuple(columns))
        with _translated():
            driver = self._connected()
            types = self._column_types.get(key)
            if types is None:
                # Otherwise the driver would describe the table before each insert, which doubles its time.
                context = driver.create_insert_context(table, list(columns))
                types = self._column_types[key] = context.column_types
            try:
                driver.insert(
                    table, data, column_names=list(columns), column_types=types, settings=_INSERT_SETTINGS
                )
            except BaseException:
                self._column_types.pop(key, None)
                raise

    def insert_arrow_stream(
        self,
        table: str,
        body: bytes | memoryview | Iterable[bytes],
        rows: int,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Insert an Arrow IPC stream; when this returns the rows are in the table and in its views.

        Args:
            table: ``database.table``; columns go by name.
            body: the stream, whole or in pieces cut anywhere.
            rows: how many rows it holds; for the error's details only.
            settings: further settings of the engine.
        """
        # A view of memory is sent as it is; the client copies bytes once more, behind the statement.
        block = memoryview(body) if isinstance(body, bytes | memoryview) else iter(body)
        with _translated(table=table, rows=rows):
            self._connected().raw_insert(
                table,
                insert_block=block,
                fmt="ArrowStream",
                settings={**_INSERT_SETTINGS, **(settings or {})},
            )

    def insert_through(self, sql: str, body: Iterable[bytes]) -> int:
        """Insert an Arrow IPC stream through a query, each piece as soon as it is there.

        Args:
            sql: ``INSERT INTO … SELECT … FROM input('…')``, without FORMAT.
            body: the stream, in pieces cut anywhere; they may take their time. Each is visible soon after it
                was given.

        Returns:
            How many rows were inserted. When this returns, all of them are.
        """
        with _translated():
            summary = self._connected().raw_insert(
                sql.removeprefix("INSERT INTO "),
                insert_block=(piece for piece in body),
                fmt="ArrowStream",
                settings=_INSERT_SETTINGS,
            )
            return int(summary.written_rows)

    def insert_stream(
        self, table: str, columns: Sequence[str], body: Iterable[bytes], input_format: str
    ) -> None:
        """Insert rows in one of ClickHouse's formats; when this returns they are in the table and its views.

        Args:
            table: ``database.table``, quoted if it must be.
            columns: the columns that the rows hold.
            body: the rows, cut anywhere; none is no insert.
            input_format: their format.
        """
        pieces = iter(body)
        first = next(pieces, None)
        if first is None:
            return
        with _translated(table=table):
            self._connected().raw_insert(
                table,
                column_names=list(columns),
                insert_block=(piece for piece in chain((first,), pieces)),
                fmt=input_format,
                settings=_INSERT_SETTINGS,
            )

    def stream_arrow(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """A result as Arrow batches, block by block; memory stays bounded by one block.

        Close the iterator, or read it to its end: the query runs as long as it is open.
        """
        with _translated():
            source = _Tail(
                self._connected().raw_stream(
                    sql,
                    parameters=dict(parameters or {}),
                    settings={"output_format_arrow_string_as_string": 1, **(settings or {})},
                    fmt="ArrowStream",
                )
            )
            try:
                with pa.ipc.open_stream(source) as reader:
                    yield from reader
            except (pa.ArrowInvalid, OSError) as error:
                raise source.failure(error) from error
            finally:
                source.close()

    def stream_bytes(
        self,
        sql: str,
        output_format: str | None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Iterator[bytes]:
        """A result in any of ClickHouse's formats (None: the one the statement names), as bytes.

        The engine computes all of it before the first byte, so that an error can't hide in the middle.
        """
        with _translated():
            source = self._connected().raw_stream(
                sql, parameters=dict(parameters or {}), settings={"wait_end_of_query": 1}, fmt=output_format
            )
            try:
                while piece := source.read(1024 * 1024):
                    yield piece
            finally:
                source.close()

    def ping(self) -> None:
        """Ask the engine something; returns if it works."""
        self.scalar("SELECT 1")

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with self._lock:
            driver, self._driver = self._driver, None
        if driver is not None:
            driver.close()

    def _connected(self) -> Any:
        with self._lock:
            if self._driver is None:
                parts = urlsplit(self._url)
                self._driver = clickhouse_connect.get_client(
                    host=parts.hostname or "127.0.0.1",
                    port=parts.port or 8123,
                    username=unquote(parts.username or "default"),
                    password=unquote(parts.password or ""),
                    secure=parts.scheme == "https",
                    # Compression costs more than it saves on one machine or one network.
                    compress=False,
                    connect_timeout=CONNECT_SECONDS,
                    send_receive_timeout=ANSWER_SECONDS,
                    query_limit=0,
                    # Sessions allow one statement at a time.
                    autogenerate_session_id=False,
                    session_id=self._session_id,
                    settings={"session_timeout": SESSION_SECONDS} if self._session_id else None,
                    tz_mode="aware",
                    pool_mgr=clickhouse_connect.driver.httputil.get_pool_manager(maxsize=CONNECTIONS),
                    client_name="bilten",
                )
            return self._driver


class _Tail(io.RawIOBase):
    """A body as a file; keeps its last bytes, where a failing server writes the error."""

    def __init__(self, source: Any) -> None:
        super().__init__()
        self._source = source
        self._last = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size if size >= 0 else None)
        self._last = (self._last + data[-_TAIL:])[-_TAIL:]
        return bytes(data)

    def failure(self, error: Exception) -> WarehouseError:
        """What a broken stream means: the error at its end, or a connection that was lost."""
        with _suppressed():
            self._last += self._source.read(_TAIL)
        _, mark, message = self._last.partition(b"__exception__\r\n")
        if mark:
            return _refusal(message.decode("utf-8", "replace").strip())
        return WarehouseUnavailable(f"A result of the warehouse broke off: {error}.")

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()


@contextmanager
def _suppressed() -> Iterator[None]:
    try:
        yield
    except (urllib3.exceptions.HTTPError, OSError, ValueError):
        return


@contextmanager
def _translated(**details: Any) -> Iterator[None]:
    """Turn the driver's errors into the platform's."""
    try:
        yield
    except DriverError as error:
        raise _refusal(str(error), error, **details) from error
    except (urllib3.exceptions.HTTPError, ConnectionError, TimeoutError) as error:
        raise WarehouseUnavailable(f"The warehouse does not answer: {error}.", **details) from error


def _refusal(message: str, error: DriverError | None = None, **details: Any) -> WarehouseError:
    code = getattr(error, "code", None)
    found = _CODE.search(message)
    if code is None and found:
        code = int(found.group(1))
    # What a parser would have liked to see instead is a list of a hundred words.
    text = _NOISE.sub("", message[found.start() :] if found else message)
    if code is None and isinstance(error, DriverUnavailable):
        return WarehouseUnavailable(f"The warehouse does not answer: {text}", **details)
    kind = WarehouseUnavailable if code in PASSING_CODES else WarehouseError
    why, remedy = _FULL_DISK if code in _NO_ROOM else (None, None)
    return kind(
        f"The warehouse refused a statement: {text}", why=why, remedy=remedy, engine_code=code, **details
    )
