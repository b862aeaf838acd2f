"""One HTTP request: find its statement, run it in threads, send the result as it comes."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog
from aiohttp import web

from warehouse.server import denials, encodings, intake, replies
from warehouse.server.execution import Execution
from warehouse.server.failures import (
    ACCESS_DENIED,
    QUERY_WITH_SAME_ID,
    SESSION_IS_LOCKED,
    UNKNOWN_EXCEPTION,
    EngineError,
    frame,
    new_tag,
)
from warehouse.server.frames import Framer, framed
from warehouse.server.jobs import Answer, Job
from warehouse.server.parameters import Call, read_call
from warehouse.server.principals import Principal
from warehouse.server.sessions import Session

if TYPE_CHECKING:
    from warehouse.server.handler import Handler

SESSION_PATIENCE_SECONDS: Final = 0.5
"""How long a request waits for its session before it is refused as locked."""

log = structlog.get_logger()
Result = TypeVar("Result")


class Exchange:
    """The state of one request while it is answered.

    Args:
        handler: what all requests share.
        request: the request.
    """

    def __init__(self, handler: Handler, request: web.Request) -> None:
        self._handler = handler
        self._request = request
        self._query_id = str(uuid.uuid4())
        self._zone = ""
        self._registered = False
        self._session: Session | None = None
        self._execution: Execution | None = None
        self._answer: Answer | None = None
        self._step: asyncio.Future[Any] | None = None
        self._reads_only = False
        self._principal: Principal | None = None
        self._started = time.perf_counter()

    async def run(self) -> web.StreamResponse:
        """Answer the request; an error of any kind is an answer too, unless the client is gone."""
        finished = False
        try:
            response = await self._respond()
            finished = True
            return response
        except EngineError as error:
            finished = True
            error = self._explained(error)
            self._handler.note(error)
            log.info("query refused", code=error.code, error=error.text[:500], query_id=self._query_id)
            return self._refusal(error)
        except ConnectionError:
            # To the HTTP library a client that is gone is news only in this form.
            raise asyncio.CancelledError from None
        except Exception as error:
            finished = True
            log.exception("request failed", query_id=self._query_id)
            return self._refusal(EngineError(f"{type(error).__name__}: {error}", code=UNKNOWN_EXCEPTION))
        finally:
            if self._principal is not None:
                self._handler.dismiss(self._principal)
            self._handler.measures.seconds.observe(time.perf_counter() - self._started)
            if finished:
                await self._free_session()
            self._leave(finished=finished)

    async def _respond(self) -> web.StreamResponse:
        request, handler = self._request, self._handler
        pairs = list(request.query.items())
        # Nobody's body is read before it is known who sends it.
        call = read_call(pairs, request.headers)
        principal = self._principal = await handler.authenticate(call)
        handler.admit(principal)
        fields, files = await intake.form(request)
        if fields or files:
            call = read_call([*pairs, *fields], request.headers, files)
        self._query_id = call.query_id or self._query_id
        self._zone = call.settings.get("session_timezone", "")
        taken = await intake.take_in(
            call.query, intake.pieces(request, framed=call.framed_body), handler.in_thread
        )
        self._register()
        if call.session_id:
            self._session = await self._take_session(call, principal)
            self._zone = self._zone or self._session.settings.get("session_timezone", "")
        read_only = request.method in ("GET", "HEAD")
        job = Job(call, taken.statement, self._query_id, read_only=read_only, principal=principal)
        question = await handler.answers.question(job, self._session)
        kept = await handler.answers.find(question) if question is not None else None
        if kept is not None:
            handler.measures.queries.labels(taken.statement.verb).inc()
            return await self._send(call, kept.answer(), {"X-Bilten-Cache": kept.layer, "Age": str(kept.age)})
        execution = Execution(
            handler.engine,
            job,
            self._session,
            handler.folder,
            handler.spares,
            handler.reach,
            handler.answers.changed,
        )
        self._execution = execution
        self._reads_only = taken.statement.has_result
        if taken.statement.input_format is None:
            answer = await self._thread(execution.run)
        elif taken.rest is None:
            answer = await self._thread(execution.insert_at_once, taken.data)
        else:
            await self._thread(execution.begin_insert)
            gather = intake.as_they_come if taken.statement.through_query else intake.gathered
            async for piece in gather(taken.data, taken.rest):
                await self._thread(execution.append, piece)
            answer = await self._thread(execution.finish_insert)
        self._answer = answer
        handler.measures.queries.labels(taken.statement.verb).inc()
        handler.measures.inserted_rows.inc(answer.written_rows)
        if question is None:
            return await self._send(call, answer)
        # In the background: whoever asked first need not wait for it.
        handler.clean(handler.answers.keep(question, job, answer))
        return await self._send(call, answer, {"X-Bilten-Cache": "miss"})

    def _register(self) -> None:
        """Make the query known by its id, by which it can be killed; no two may have the same."""
        if self._query_id in self._handler.running:
            raise EngineError(
                f"Query with id = {self._query_id} is already running.",
                code=QUERY_WITH_SAME_ID,
                name="QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING",
            )
        self._handler.running.add(self._query_id)
        self._registered = True

    async def _take_session(self, call: Call, principal: Principal) -> Session:
        """Take the session; give its last request a moment to end.

        A client may have read all it wants (the end mark of an Arrow stream, say) before the request that
        sent it is over here.
        """
        deadline = time.monotonic() + SESSION_PATIENCE_SECONDS
        while True:
            try:
                return self._handler.sessions.acquire(
                    principal.session_owner,
                    call.session_id,
                    call.session_timeout,
                    must_exist=call.session_check,
                )
            except EngineError as error:
                if error.code != SESSION_IS_LOCKED or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.005)

    async def _thread(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run in a thread; even if the client goes away, `_leave` cleans up only after it has ended."""
        step = self._handler.in_thread(function, *arguments)
        self._step = step
        return await asyncio.shield(step)

    async def _send(
        self, call: Call, answer: Answer, more: Mapping[str, str] | None = None
    ) -> web.StreamResponse:
        headers = replies.result_headers(self._identity(), answer, time.perf_counter() - self._started)
        headers.update(more or {})
        encoding = None
        if call.compressed_response and not call.framed_response:
            encoding = encodings.choose(self._request.headers.get("Accept-Encoding", ""))
        if answer.file is None and answer.complete:
            data = framed(answer.data) if call.framed_response else answer.data
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
        if self._request.method != "HEAD":
            await self._stream(response, answer, tag, _packer(encoding, framed_response=call.framed_response))
        await self._free_session()
        await response.write_eof()
        return response

    async def _stream(
        self,
        response: web.StreamResponse,
        answer: Answer,
        tag: str,
        packer: encodings.Compressor | None,
    ) -> None:
        try:
            async for piece in self._pieces(answer):
                packed = packer.compress(piece) if packer else piece
                if packed:
                    await response.write(packed)
        except EngineError as caught:
            error = self._explained(caught)
            self._handler.note(error)
            log.info("query failed", code=error.code, error=error.text[:500], query_id=self._query_id)
            ending = frame(error.body(self._handler.engine.version).rstrip("\n"), tag)
            await response.write(packer.compress(ending) if packer else ending)
        if packer:
            await response.write(packer.flush())

    async def _pieces(self, answer: Answer) -> AsyncIterator[bytes]:
        if answer.file is not None:
            while piece := await self._thread(answer.file.read, intake.PIECE):
                yield piece
            return
        if answer.data:
            yield answer.data
        execution = self._execution
        while execution is not None and (more := await self._thread(execution.more)) is not None:
            yield more

    def _explained(self, error: EngineError) -> EngineError:
        """The error in words that fit who asks."""
        if error.code != ACCESS_DENIED or self._principal is None:
            return error
        return EngineError(denials.explained(error.text, self._principal, self._handler.policy))

    def _identity(self) -> replies.Identity:
        engine = self._handler.engine
        return replies.Identity(engine.version, engine.host, self._zone or engine.time_zone, self._query_id)

    def _refusal(self, error: EngineError) -> web.Response:
        response = replies.refusal(self._identity(), error)
        if self._request.body_exists and not self._request.content.at_eof():
            # The rest of the body is not read; the connection can't carry another request.
            response.force_close()
        return response

    async def _free_session(self) -> None:
        """Before the client can know that its request is over, its session must be free for the next one."""
        if self._session is not None:
            await self._clean_up(kill=self._is_streaming)
            self._execution = None

    @property
    def _is_streaming(self) -> bool:
        return self._execution is not None and self._execution.is_streaming

    def _leave(self, *, finished: bool) -> None:
        """Give everything back, in the background: nobody waits for it."""
        if self._execution is None:
            self._release()
            return
        if finished and self._session is None and self._execution.is_over and self._answer is not None:
            # Nothing is left to be closed that a thread would have to be asked for.
            if self._answer.file is not None:
                self._answer.file.close()
            self._release()
            return
        kill = self._is_streaming or (not finished and self._reads_only)
        self._handler.clean(self._clean_up(kill=kill))

    async def _clean_up(self, *, kill: bool) -> None:
        handler = self._handler
        try:
            if kill:
                await handler.in_control(handler.engine.kill, self._query_id)
            if self._step is not None:
                await asyncio.wait([self._step])
                if not self._step.cancelled():
                    self._step.exception()
            if self._answer is not None and self._answer.file is not None:
                self._answer.file.close()
            if self._execution is not None:
                await handler.in_thread(self._execution.close)
        except EngineError as error:
            log.warning("cleaning up failed", error=error.text[:500], query_id=self._query_id)
        finally:
            self._release()

    def _release(self) -> None:
        if self._registered:
            self._handler.running.discard(self._query_id)
            self._registered = False
        if self._session is not None:
            self._handler.sessions.release(self._session)
            self._session = None


def _packer(encoding: str | None, *, framed_response: bool) -> encodings.Compressor | None:
    """What packs a body that is streamed, if anything does."""
    if framed_response:
        return Framer()
    return encodings.compressor(encoding) if encoding else None
