"""ClickHouse's own compression of bodies (``compress=1``, ``decompress=1``): frames with a checksum. Pure.

A frame is 16 bytes of checksum (CityHash128 of version 1.0.2, as ClickHouse has it, of all that follows), one
byte that names the method, the frame's size without the checksum, the size of the data, and the data.
"""

from __future__ import annotations

import struct
from typing import Final

import lz4.block
import zstandard
from clickhouse_cityhash import cityhash

from warehouse.server.failures import CANNOT_DECOMPRESS, EngineError

LZ4: Final = 0x82
ZSTD: Final = 0x90
NONE: Final = 0x02

PIECE: Final = 1024 * 1024
"""Data of one frame, as the server makes them."""

LARGEST: Final = 1024 * 1024 * 1024
_HEAD: Final = struct.Struct("<BII")
_CHECKSUM: Final = 16


def framed(data: bytes) -> bytes:
    """Data as LZ4 frames; nothing for no data."""
    view = memoryview(data)
    return b"".join(_frame(bytes(view[start : start + PIECE])) for start in range(0, len(view), PIECE))


def _frame(data: bytes) -> bytes:
    packed: bytes = lz4.block.compress(data, store_size=False)
    content = _HEAD.pack(LZ4, len(packed) + _HEAD.size, len(data)) + packed
    return _checksum(content) + content


def _checksum(content: bytes) -> bytes:
    value = cityhash.CityHash128(content)
    return struct.pack("<QQ", value >> 64, value & 0xFFFFFFFFFFFFFFFF)


class Unframer:
    """Decodes a body of frames in pieces cut anywhere.

    Raises:
        EngineError: the body isn't made of frames, or was damaged on its way.
    """

    def __init__(self) -> None:
        self._waiting = bytearray()

    def decode(self, data: bytes) -> bytes:
        """The data of the frames that are complete by now."""
        self._waiting += data
        out: list[bytes] = []
        while len(self._waiting) >= _CHECKSUM + _HEAD.size:
            method, packed, size = _HEAD.unpack_from(self._waiting, _CHECKSUM)
            if packed < _HEAD.size or max(packed, size) > LARGEST:
                raise _refusal("it is too large, or there is no frame where one should begin")
            end = _CHECKSUM + packed
            if len(self._waiting) < end:
                break
            content = bytes(self._waiting[_CHECKSUM:end])
            if _checksum(content) != bytes(self._waiting[:_CHECKSUM]):
                raise _refusal("the checksum of a frame is wrong")
            del self._waiting[:end]
            out.append(_unpacked(method, content[_HEAD.size :], size))
        return b"".join(out)

    def end(self) -> None:
        """The body is over: refuse one that was cut off."""
        if self._waiting:
            raise _refusal("the body ends in the middle of a frame")


def _unpacked(method: int, packed: bytes, size: int) -> bytes:
    try:
        if method == LZ4:
            data = lz4.block.decompress(packed, uncompressed_size=size)
        elif method == ZSTD:
            data = zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)
        elif method == NONE:
            data = packed
        else:
            raise EngineError(
                f"Unknown compression method: 0x{method:02x}.", code=89, name="UNKNOWN_COMPRESSION_METHOD"
            )
    except (lz4.block.LZ4BlockError, zstandard.ZstdError) as error:
        raise _refusal(str(error)) from error
    if len(data) != size:
        raise _refusal("a frame holds another number of bytes than it says")
    return bytes(data)


def _refusal(why: str) -> EngineError:
    return EngineError(
        f"Cannot decompress the body: {why}.", code=CANNOT_DECOMPRESS, name="CANNOT_DECOMPRESS"
    )


class Framer:
    """Compresses a body in pieces; small ones are gathered."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def compress(self, data: bytes) -> bytes:
        """What is ready of the frames."""
        self._waiting += data
        if len(self._waiting) < PIECE:
            return b""
        whole = len(self._waiting) // PIECE * PIECE
        ready = bytes(self._waiting[:whole])
        del self._waiting[:whole]
        return framed(ready)

    def flush(self) -> bytes:
        """The rest of it."""
        rest = bytes(self._waiting)
        self._waiting.clear()
        return framed(rest)
