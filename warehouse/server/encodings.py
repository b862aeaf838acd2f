"""HTTP's content encodings, both ways, chunk by chunk."""

from __future__ import annotations

import importlib
import importlib.util
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

import lz4.frame
import zstandard

from warehouse.server.failures import CANNOT_DECOMPRESS, EngineError

brotli: Any = importlib.import_module("brotli") if importlib.util.find_spec("brotli") else None
"""An extra: no client insists on it."""

SMALLEST: Final = 4096
"""Bytes below which a body is sent as it is: compressing it costs more than sending it."""


class Compressor(Protocol):
    """Compresses a body in pieces."""

    def compress(self, data: bytes) -> bytes:
        """What is ready of the compressed body."""

    def flush(self) -> bytes:
        """The rest of it."""


class _Lz4:
    def __init__(self) -> None:
        self._frame = lz4.frame.LZ4FrameCompressor()
        self._begun = False

    def compress(self, data: bytes) -> bytes:
        head = b"" if self._begun else self._frame.begin()
        self._begun = True
        return bytes(head + self._frame.compress(data))

    def flush(self) -> bytes:
        head = b"" if self._begun else self._frame.begin()
        return bytes(head + self._frame.flush())


class _Brotli:
    def __init__(self) -> None:
        self._compressor = brotli.Compressor(quality=1)

    def compress(self, data: bytes) -> bytes:
        return bytes(self._compressor.process(data))

    def flush(self) -> bytes:
        return bytes(self._compressor.finish())


# In order of preference: what costs the least time on one machine comes first.
_COMPRESSORS: Final[dict[str, Callable[[], Any]]] = {
    "lz4": _Lz4,
    "zstd": lambda: zstandard.ZstdCompressor(level=1).compressobj(),
    "gzip": lambda: zlib.compressobj(1, zlib.DEFLATED, 31),
    "deflate": lambda: zlib.compressobj(1),
    **({"br": _Brotli} if brotli is not None else {}),
}


def choose(accepted: str) -> str | None:
    """The encoding to answer in, for an ``Accept-Encoding`` header; None for the plain body."""
    offered = set()
    for part in accepted.split(","):
        name, _, weight = part.strip().lower().partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            offered.add(name.strip())
    return next((name for name in _COMPRESSORS if name in offered), None)


def compressor(encoding: str) -> Compressor:
    """A compressor for an encoding that `choose` returned."""
    chosen: Compressor = _COMPRESSORS[encoding]()
    return chosen


class Decompressor:
    """Decodes a body in pieces; several frames one after the other are one body.

    Raises:
        EngineError: the encoding is unknown, or the body isn't in it.
    """

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding.strip().lower()
        makers: dict[str, Callable[[], Any]] = {
            "gzip": lambda: zlib.decompressobj(31),
            "x-gzip": lambda: zlib.decompressobj(31),
            "deflate": zlib.decompressobj,
            "zstd": lambda: zstandard.ZstdDecompressor().decompressobj(),
            "lz4": lz4.frame.LZ4FrameDecompressor,
            **({"br": brotli.Decompressor} if brotli is not None else {}),
        }
        if self.encoding not in makers:
            raise EngineError(
                f"Unknown compression method: {encoding}.", code=89, name="UNKNOWN_COMPRESSION_METHOD"
            )
        self._make = makers[self.encoding]
        self._current: Any = None

    def decode(self, data: bytes) -> bytes:
        """What can be decoded of the body so far and was not returned yet."""
        out: list[bytes] = []
        try:
            while data:
                if self._current is None:
                    self._current = self._make()
                if self.encoding == "br":
                    out.append(self._current.process(data))
                    break
                out.append(self._current.decompress(data))
                if not self._current.eof:
                    break
                data = self._current.unused_data or b""
                self._current = None
        except (zlib.error, zstandard.ZstdError, RuntimeError, EOFError) as error:
            raise self._refusal(str(error)) from error
        except Exception as error:
            if brotli is not None and isinstance(error, brotli.error):
                raise self._refusal(str(error)) from error
            raise
        return b"".join(out)

    def end(self) -> None:
        """The body is over: refuse one that was cut off."""
        if self._current is not None and self.encoding != "br":
            raise self._refusal("the body ends in the middle of a frame")

    def _refusal(self, why: str) -> EngineError:
        return EngineError(
            f"Cannot decompress the body as {self.encoding}: {why}.",
            code=CANNOT_DECOMPRESS,
            name="CANNOT_DECOMPRESS",
        )
