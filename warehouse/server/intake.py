"""What a request brings: its body decoded, the statement found in it, and where INSERT data begin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from warehouse.server import encodings, statements
from warehouse.server.frames import Unframer
from warehouse.server.statements import Statement

PIECE: Final = 1024 * 1024
"""INSERT data go to the engine in pieces of about this size: a hop into a thread costs 0.1 ms."""

LONGEST_HEAD: Final = 1024 * 1024
"""An INSERT's data begin within this many bytes, or the whole body is read as the statement."""

QUICK_BYTES: Final = 16 * 1024
"""A longer text is looked at in a thread: the lexer takes 0.5 µs a byte, and others wait meanwhile."""


@dataclass(frozen=True)
class Intake:
    """A statement with the data that came along so far.

    Attributes:
        data: the beginning of the INSERT data, or all of them.
        rest: the data that follow; None if there are none.
    """

    statement: Statement
    data: bytes = b""
    rest: AsyncIterator[bytes] | None = None


async def form(request: web.Request) -> tuple[list[tuple[str, str]], dict[str, bytes]]:
    """Fields and files of a form, if the body is one: long statements, long parameters, external tables."""
    if request.content_type != "multipart/form-data":
        return [], {}
    fields: list[tuple[str, str]] = []
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        else:
            fields.append((name, value if isinstance(value, str) else bytes(value).decode()))
    return fields, files


async def pieces(request: web.Request, *, framed: bool = False) -> AsyncIterator[bytes]:
    """The request's body, decoded, in pieces as they arrive.

    Args:
        request: the request.
        framed: whether the body is in ClickHouse's own frames.

    Raises:
        EngineError: it isn't in the encoding it says, or in one that nobody knows.
    """
    if not framed:
        async for piece in _decoded(request):
            yield piece
        return
    unframer = Unframer()
    async for piece in _decoded(request):
        data = unframer.decode(piece)
        if data:
            yield data
    unframer.end()


async def _decoded(request: web.Request) -> AsyncIterator[bytes]:
    if not request.body_exists:
        return
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        async for piece in request.content.iter_any():
            yield piece
        return
    decoder = encodings.Decompressor(encoding)
    async for piece in request.content.iter_any():
        decoded = decoder.decode(piece)
        if decoded:
            yield decoded
    decoder.end()


async def take_in(
    query: str,
    body: AsyncIterator[bytes],
    in_thread: Callable[[Callable[[bytes], Statement], bytes], Awaitable[Statement]],
) -> Intake:
    """Find the statement: in the URL, in the body, or begun in one and continued in the other.

    Args:
        query: what the URL or the form says.
        body: the body's pieces.
        in_thread: runs a function in a thread.
    """

    async def parse(source: bytes) -> Statement:
        if len(source) <= QUICK_BYTES:
            return statements.parse(source)
        return await in_thread(statements.parse, source)

    prefix = query.encode("utf-8", "surrogateescape")
    statement = await parse(prefix)
    if statement.through_query:
        # Its data may keep coming for a long while, and are wanted as they come.
        begun = prefix[statement.data_at or len(prefix) :]
        return Intake(statement, begun + b"\n" if begun.strip() else b"", body)
    head, whole = await _head(body)
    if prefix and statement.input_format is not None:
        begun = prefix[statement.data_at or len(prefix) :]
        data = (begun + b"\n" if begun.strip() else b"") + head
        return Intake(statement, data, None if whole else body)
    source = prefix + b"\n" + head if prefix and head else prefix or head
    if head:
        statement = await parse(source)
    if statement.input_format is None and not whole:
        source = b"".join([source, *[piece async for piece in body]])
        whole = True
        statement = await parse(source)
    data = source[statement.data_at :] if statement.data_at is not None else b""
    return Intake(statement, data, None if whole else body)


async def _head(body: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """The beginning of the body, and whether it is all of it."""
    parts: list[bytes] = []
    size = 0
    async for piece in body:
        parts.append(piece)
        size += len(piece)
        if size >= LONGEST_HEAD:
            return b"".join(parts), False
    return b"".join(parts), True


async def as_they_come(first: bytes, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pieces as the client sent them: it wants each to be inserted now."""
    if first:
        yield first
    async for piece in body:
        yield piece


async def gathered(first: bytes, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pieces of at least `PIECE`, but for the last."""
    waiting = [first]
    size = len(first)
    async for piece in body:
        waiting.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)
