"""One HTTP request: read the statement, run it in threads, send the result as it comes."""

from __future__ import annotations

import asyncio
import functools
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import structlog
from aiohttp import web

from warehouse.server import encodings, formats, statements
from warehouse.server.engine import Engine
from warehouse.server.execution import Answer, Execution, Job
from warehouse.server.failures import (
    ABORTED,
    AUTHENTICATION_FAILED,
    SESSION_IS_LOCKED,
    UNKNOWN_EXCEPTION,
    EngineError,
    frame,
    new_tag,
)
from warehouse.server.measures import Measures
from warehouse.server.parameters import Call, read_call
from warehouse.server.sessions import Session, Sessions

PIECE: Final = 1024 * 1024
"""INSERT data go to the engine in pieces of about this size: a hop into a thread costs 0.1 ms."""

LONGEST_HEAD: Final = 1024 * 1024
"""An INSERT's data begin within this many bytes, or the whole body is read as the statement."""

SESSION_PATIENCE_SECONDS: Final = 0.5
"""How long a request waits for its session before it is refused as locked."""

log = structlog.get_logger()
Result = TypeVar("Result")


class Handler:
    """Answers queries.

    Args:
        engine: the engine.
        pool: threads that run queries.
        control: threads for what must not wait behind queries: kills and health.
        user: the only user.
        password: its password.
        folder: for results that can't be sent block by block.
        suspect: called when the engine says it is shutting down.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        pool: Executor,
        control: Executor,
        user: str,
        password: str,
        folder: Path,
        measures: Measures,
        suspect: Callable[[], None],
    ) -> None:
        self.engine = engine
        self.sessions = Sessions()
        self._pool = pool
        self._control = control
        self._user = user
        self._password = password
        self._folder = folder
        self._measures = measures
        self._suspect = suspect
        self._closing = False
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._cleaning: set[asyncio.Task[None]] = set()

    async def query(self, request: web.Request) -> web.StreamResponse:
        """Run the request's statement and answer with its result or its error."""
        if self._closing:
            # Connections that are kept open could otherwise hold the end up for ever.
            error = EngineError("The server is shutting down.", code=ABORTED, name="ABORTED")
            return web.Response(
                status=503,
                text=error.body(self.engine.version),
                headers={
                    "X-ClickHouse-Exception-Code": str(ABORTED),
                    "Retry-After": "1",
                    "Connection": "close",
                },
            )
        exchange = _Exchange(self, request)
        return await exchange.run()

    async def in_thread(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run in a thread of the pool."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, functools.partial(function, *arguments))

    async def in_control(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run in a thread that no query holds."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._control, functools.partial(function, *arguments))

    def authenticate(self, call: Call) -> None:
        """Accept the one user with its password.

        Raises:
            EngineError: 516.
        """
        same_user = hmac.compare_digest(call.user.encode(), self._user.encode())
        same_password = hmac.compare_digest(call.password.encode(), self._password.encode())
        if not (same_user and same_password):
            raise EngineError(
                f"{call.user}: Authentication failed: password is incorrect, "
                "or there is no user with such name.",
                code=AUTHENTICATION_FAILED,
                name="AUTHENTICATION_FAILED",
            )

    def note(self, error: EngineError) -> None:
        """Count an error; one that means the engine is going down has its health checked at once."""
        self._measures.errors.labels(str(error.code)).inc()
        if error.code == ABORTED:
            self._suspect()

    def clean(self, work: Any) -> None:
        """Run a coroutine to its end, whatever becomes of the request it belongs to."""
        task = asyncio.get_running_loop().create_task(work)
        self._cleaning.add(task)
        task.add_done_callback(self._cleaning.discard)

    async def sweep(self) -> None:
        """Close the connections of sessions whose time is over."""
        for session in self.sessions.expired():
            if session.connection is not None:
                await self.in_control(session.connection.close)

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, wait until what was begun is over, and kill what isn't after the given time."""
        self._closing = True
        deadline = time.monotonic() + seconds
        while self._running and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        for request in list(self._running):
            await self.in_control(self.engine.kill, request)
        while self._running or self._cleaning:
            await asyncio.sleep(0.02)
        for session in self.sessions.take_all():
            if session.connection is not None:
                await self.in_control(session.connection.close)


class _Exchange:
    """The state of one request while it is answered."""

    def __init__(self, handler: Handler, request: web.Request) -> None:
        self._handler = handler
        self._request = request
        self._number = uuid.uuid4().hex
        self._query_id = str(uuid.uuid4())
        self._call: Call | None = None
        self._session: Session | None = None
        self._execution: Execution | None = None
        self._step: asyncio.Future[Any] | None = None
        self._reads_only = False
        self._started = time.perf_counter()

    async def run(self) -> web.StreamResponse:
        handler = self._handler
        measures = handler._measures
        measures.running.inc()
        finished = False
        try:
            response = await self._answer()
            finished = True
            return response
        except EngineError as error:
            finished = True
            handler.note(error)
            log.info("query refused", code=error.code, error=error.text[:500], query_id=self._query_id)
            return self._refusal(error)
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:
            finished = True
            log.exception("request failed", query_id=self._query_id)
            return self._refusal(EngineError(f"{type(error).__name__}: {error}", code=UNKNOWN_EXCEPTION))
        finally:
            measures.running.dec()
            measures.seconds.observe(time.perf_counter() - self._started)
            if finished:
                await self._free_session()
            self._leave(finished=finished)

    async def _answer(self) -> web.StreamResponse:
        request = self._request
        pairs, files = await self._form()
        call = self._call = read_call([*request.query.items(), *pairs], request.headers, files)
        self._query_id = call.query_id or self._query_id
        self._handler.authenticate(call)
        body = self._body()
        head, whole = await self._statement_bytes(call, body)
        prefix = call.query.encode("utf-8", "surrogateescape")
        statement = statements.parse(prefix)
        if prefix and statement.input_format is not None:
            data = prefix[statement.data_at or len(prefix) :]
            data = (data + b"\n" if data.strip() else b"") + head
        else:
            source = prefix + b"\n" + head if prefix and head else prefix or head
            statement = statements.parse(source)
            if statement.input_format is None and not whole:
                source = b"".join([source, *[piece async for piece in body]])
                whole = True
                statement = statements.parse(source)
            data = source[statement.data_at :] if statement.data_at is not None else b""
        job = Job(self._number, call, statement, self._query_id, read_only=request.method in ("GET", "HEAD"))
        if call.session_id:
            self._session = await self._take_session(call)
        execution = self._execution = Execution(
            self._handler.engine, job, self._session, self._handler._folder
        )
        task = asyncio.current_task()
        if task is not None:
            self._handler._running[self._number] = task
        if statement.input_format is None:
            self._reads_only = statement.has_result
            answer = await self._thread(execution.run)
        elif whole:
            answer = await self._thread(execution.insert_at_once, data)
        else:
            answer = await self._insert(execution, data, body)
        self._handler._measures.queries.labels(statement.verb).inc()
        self._handler._measures.inserted_rows.inc(answer.written_rows)
        return await self._send(answer)

    async def _take_session(self, call: Call) -> Session:
        """Take the session; give its last request a moment to end.

        A client may have read all it wants (the end mark of an Arrow stream, say) before the request that
        sent it is over here.
        """
        deadline = time.monotonic() + SESSION_PATIENCE_SECONDS
        while True:
            try:
                return self._handler.sessions.acquire(
                    call.user, call.session_id, call.session_timeout, must_exist=call.session_check
                )
            except EngineError as error:
                if error.code != SESSION_IS_LOCKED or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.005)

    async def _form(self) -> tuple[list[tuple[str, str]], dict[str, bytes]]:
        """Fields and files of a form: long statements, long parameters, external tables."""
        if self._request.content_type != "multipart/form-data":
            return [], {}
        fields: list[tuple[str, str]] = []
        files: dict[str, bytes] = {}
        for name, value in (await self._request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = value.file.read()
            else:
                fields.append((name, value if isinstance(value, str) else bytes(value).decode()))
        return fields, files

    async def _insert(self, execution: Execution, data: bytes, body: AsyncIterator[bytes]) -> Answer:
        await self._thread(execution.begin_insert)
        waiting = [data]
        size = len(data)
        async for piece in body:
            waiting.append(piece)
            size += len(piece)
            if size >= PIECE:
                await self._thread(execution.append, b"".join(waiting))
                waiting, size = [], 0
        if size:
            await self._thread(execution.append, b"".join(waiting))
        return await self._thread(execution.finish_insert)

    async def _body(self) -> AsyncIterator[bytes]:
        """The request's body, decoded, in pieces."""
        encoding = self._request.headers.get("Content-Encoding", "identity").strip().lower()
        if not self._request.body_exists:
            return
        content = self._request.content
        if encoding in ("", "identity"):
            async for piece in content.iter_any():
                yield piece
            return
        decoder = encodings.Decompressor(encoding)
        async for piece in content.iter_any():
            decoded = decoder.decode(piece)
            if decoded:
                yield decoded
        decoder.end()

    async def _statement_bytes(self, call: Call, body: AsyncIterator[bytes]) -> tuple[bytes, bool]:
        """The beginning of the body, and whether it is all of it."""
        limit = PIECE if call.query else LONGEST_HEAD
        parts: list[bytes] = []
        size = 0
        async for piece in body:
            parts.append(piece)
            size += len(piece)
            if size >= limit:
                return b"".join(parts), False
        return b"".join(parts), True

    async def _thread(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run in a thread; even if the client goes away, `_leave` cleans up only after it has ended."""
        step = asyncio.ensure_future(self._handler.in_thread(function, *arguments))
        self._step = step
        return await asyncio.shield(step)

    async def _send(self, answer: Answer) -> web.StreamResponse:
        call = self._call
        headers = self._headers(answer)
        encoding = None
        if call is not None and call.compressed_response:
            encoding = encodings.choose(self._request.headers.get("Accept-Encoding", ""))
        if answer.file is None and answer.complete:
            data = answer.data
            if encoding and len(data) >= encodings.SMALLEST:
                headers["Content-Encoding"] = encoding
                packer = encodings.compressor(encoding)
                data = packer.compress(data) + packer.flush()
            return web.Response(body=data, headers=headers)
        tag = new_tag()
        headers["X-ClickHouse-Exception-Tag"] = tag
        if encoding:
            headers["Content-Encoding"] = encoding
        response = web.StreamResponse(headers=headers)
        response.enable_chunked_encoding()
        await response.prepare(self._request)
        if self._request.method == "HEAD":
            await response.write_eof()
            return response
        stream_packer = encodings.compressor(encoding) if encoding else None
        try:
            async for piece in self._pieces(answer):
                packed = stream_packer.compress(piece) if stream_packer else piece
                if packed:
                    await response.write(packed)
        except EngineError as error:
            self._handler.note(error)
            log.info("query failed", code=error.code, error=error.text[:500], query_id=self._query_id)
            ending = frame(error.body(self._handler.engine.version).rstrip("\n"), tag)
            await response.write(stream_packer.compress(ending) if stream_packer else ending)
        if stream_packer:
            await response.write(stream_packer.flush())
        await self._free_session()
        await response.write_eof()
        return response

    async def _pieces(self, answer: Answer) -> AsyncIterator[bytes]:
        if answer.file is not None:
            file: IO[bytes] = answer.file
            try:
                while piece := await self._thread(file.read, PIECE):
                    yield piece
            finally:
                file.close()
            return
        if answer.data:
            yield answer.data
        execution = self._execution
        while execution is not None and (more := await self._thread(execution.more)) is not None:
            yield more

    def _headers(self, answer: Answer | None) -> dict[str, str]:
        engine = self._handler.engine
        zone = self._call.settings.get("session_timezone") if self._call else None
        if not zone and self._session is not None:
            zone = self._session.settings.get("session_timezone")
        headers = {
            "X-ClickHouse-Query-Id": self._query_id,
            "X-ClickHouse-Timezone": zone or engine.time_zone,
            "X-ClickHouse-Server-Display-Name": engine.host,
        }
        if answer is not None:
            summary = {
                "read_rows": answer.read_rows,
                "read_bytes": answer.read_bytes,
                "written_rows": answer.written_rows,
                "written_bytes": answer.written_bytes,
                "total_rows_to_read": answer.read_rows,
                "result_rows": answer.result_rows,
                "result_bytes": len(answer.data),
                "elapsed_ns": int((time.perf_counter() - self._started) * 1e9),
            }
            headers["X-ClickHouse-Summary"] = json.dumps(
                {name: str(value) for name, value in summary.items()}
            )
            if answer.output_format is not None:
                headers["X-ClickHouse-Format"] = answer.output_format
            headers["Content-Type"] = formats.content_type(answer.output_format or "TabSeparated")
        return headers

    def _refusal(self, error: EngineError) -> web.Response:
        headers = self._headers(None)
        headers["X-ClickHouse-Exception-Code"] = str(error.code)
        headers["Content-Type"] = "text/plain; charset=UTF-8"
        if error.code == AUTHENTICATION_FAILED:
            headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
        response = web.Response(
            status=error.status, body=error.body(self._handler.engine.version).encode(), headers=headers
        )
        if self._request.body_exists and not self._request.content.at_eof():
            # The rest of the body is not read; the connection can't carry another request.
            response.force_close()
        return response

    async def _free_session(self) -> None:
        """Before the client can know that its request is over, its session must be free for the next one."""
        if self._session is not None and self._execution is not None:
            await self._clean_up(kill=False)
            self._execution = None

    def _leave(self, *, finished: bool) -> None:
        """Give everything back, in the background if the client went away in the middle."""
        if self._execution is None:
            self._release()
            return
        self._handler.clean(self._clean_up(kill=not finished and self._reads_only))

    async def _clean_up(self, *, kill: bool) -> None:
        handler = self._handler
        try:
            if kill:
                await handler.in_control(handler.engine.kill, self._number)
            if self._step is not None:
                await asyncio.wait([self._step])
                if not self._step.cancelled():
                    self._step.exception()
            if self._execution is not None:
                await handler.in_thread(self._execution.close)
        except EngineError as error:
            log.warning("cleaning up failed", error=error.text[:500], query_id=self._query_id)
        finally:
            self._release()

    def _release(self) -> None:
        self._handler._running.pop(self._number, None)
        if self._session is not None:
            self._handler.sessions.release(self._session)
            self._session = None
