"""Which results can be sent block by block, and how blocks become one document.

The engine hands over each block as a whole document of its format. Formats without a header simply
concatenate; of others the repeated head must go, and those with a frame around all rows (JSON, Parquet, XML
…) have to be written to a file first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from warehouse.server import native

_PLAIN: Final = frozenset(
    [
        "rowbinary",
        "tsv",
        "tabseparated",
        "tsvraw",
        "tabseparatedraw",
        "raw",
        "csv",
        "jsoneachrow",
        "jsonlines",
        "jsonl",
        "ndjson",
        "jsoncompacteachrow",
        "jsonstringseachrow",
        "jsoncompactstringseachrow",
        "tskv",
        "lineasstring",
        "msgpack",
        "rawblob",
        "bsoneachrow",
    ]
)
_LINES: Final = {
    **dict.fromkeys(
        [
            "tsvwithnames",
            "tabseparatedwithnames",
            "tsvrawwithnames",
            "tabseparatedrawwithnames",
            "rawwithnames",
            "csvwithnames",
            "jsoncompacteachrowwithnames",
            "jsoncompactstringseachrowwithnames",
            "lineasstringwithnames",
        ],
        1,
    ),
    **dict.fromkeys(
        [
            "tsvwithnamesandtypes",
            "tabseparatedwithnamesandtypes",
            "tsvrawwithnamesandtypes",
            "tabseparatedrawwithnamesandtypes",
            "rawwithnamesandtypes",
            "csvwithnamesandtypes",
            "jsoncompacteachrowwithnamesandtypes",
            "jsoncompactstringseachrowwithnamesandtypes",
            "lineasstringwithnamesandtypes",
        ],
        2,
    ),
}
_BINARY_HEADS: Final = {"rowbinarywithnames": 1, "rowbinarywithnamesandtypes": 2}
_ARROW_END: Final = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_BREAKS_STREAMING: Final = frozenset(
    {"output_format_json_array_of_rows", "extremes", "output_format_write_statistics"}
)

_CONTENT_TYPES: Final = {
    "json": "application/json; charset=UTF-8",
    "xml": "application/xml; charset=UTF-8",
    "csv": "text/csv; charset=UTF-8; header=absent",
    "csvwithnames": "text/csv; charset=UTF-8; header=present",
    "csvwithnamesandtypes": "text/csv; charset=UTF-8; header=present",
    "ndjson": "application/x-ndjson; charset=UTF-8",
    "markdown": "text/markdown; charset=UTF-8",
}
_BINARY: Final = frozenset(
    [
        "native",
        "rowbinary",
        "rowbinarywithnames",
        "rowbinarywithnamesandtypes",
        "arrow",
        "arrowstream",
        "parquet",
        "orc",
        "avro",
        "msgpack",
        "protobuf",
        "protobufsingle",
        "protobuflist",
        "bsoneachrow",
        "rawblob",
        "npy",
    ]
)


def content_type(name: str) -> str:
    """The ``Content-Type`` of a format."""
    key = name.lower()
    if key in _CONTENT_TYPES:
        return _CONTENT_TYPES[key]
    if key in _BINARY:
        return "application/octet-stream"
    if key.startswith("json"):
        lines = "eachrow" in key or key in ("jsonlines", "jsonl")
        return f"application/{'x-ndjson' if lines else 'json'}; charset=UTF-8"
    if key.startswith(("tsv", "tabseparated")):
        return "text/tab-separated-values; charset=UTF-8"
    return "text/plain; charset=UTF-8"


def can_stream(name: str, settings: frozenset[str], *, with_totals: bool) -> bool:
    """Whether blocks of this format can be joined; totals and extremes exist only in a whole document."""
    key = name.lower()
    if key == "native":
        return True
    if with_totals or settings & _BREAKS_STREAMING:
        return False
    return key in _PLAIN or key in _LINES or key in _BINARY_HEADS or key == "arrowstream"


def has_head(name: str) -> bool:
    """Whether a result without rows still has something to send in this format."""
    key = name.lower()
    return key in _LINES or key in _BINARY_HEADS or key in ("arrowstream", "native")


class Joiner(Protocol):
    """Makes one document of the engine's blocks."""

    def add(self, block: bytes) -> bytes:
        """What to send for the next block."""

    def end(self) -> bytes:
        """What to send after the last block."""


class _Plain:
    def add(self, block: bytes) -> bytes:
        return block

    def end(self) -> bytes:
        return b""


class _WithHead:
    """Keeps the head of the first block only; all heads are equal, so its length is found once."""

    def __init__(self, head_length: Callable[[bytes], int]) -> None:
        self._measure = head_length
        self._length = -1

    def add(self, block: bytes) -> bytes:
        if self._length >= 0:
            return block[self._length :]
        self._length = self._measure(block)
        return block

    def end(self) -> bytes:
        return b""


class _ArrowStream:
    """Drops the schema message of every block but the first, and every end mark but one."""

    def __init__(self) -> None:
        self._schema = -1

    def add(self, block: bytes) -> bytes:
        body_end = len(block) - len(_ARROW_END) if block.endswith(_ARROW_END) else len(block)
        if self._schema >= 0:
            return block[self._schema : body_end]
        # An encapsulated message: four bytes 0xFF, the length of its metadata, the metadata (padded).
        self._schema = 8 + int.from_bytes(block[4:8], "little")
        return block[:body_end]

    def end(self) -> bytes:
        return _ARROW_END if self._schema >= 0 else b""


class _Native:
    def __init__(self, revision: int, types: list[str] | None) -> None:
        self._revision = revision
        self._types = types

    def add(self, block: bytes) -> bytes:
        return native.rewrite(block, self._revision, self._types)

    def end(self) -> bytes:
        return b""


def joiner(name: str, *, revision: int = 0, types: list[str] | None = None) -> Joiner:
    """The joiner of a format that `can_stream`.

    Args:
        name: the format.
        revision: the client's protocol revision, for Native.
        types: the columns' full types, where Native's own header would lose their zones.
    """
    key = name.lower()
    if key == "native":
        return _Native(revision, types) if revision else _Plain()
    if key == "arrowstream":
        return _ArrowStream()
    if key in _LINES:
        lines = _LINES[key]
        return _WithHead(lambda block: _lines_length(block, lines, quoted=key.startswith("csv")))
    if key in _BINARY_HEADS:
        parts = _BINARY_HEADS[key]
        return _WithHead(lambda block: _binary_head_length(block, parts))
    return _Plain()


def _lines_length(block: bytes, lines: int, *, quoted: bool) -> int:
    position = 0
    for _ in range(lines):
        end = block.find(b"\n", position)
        # In CSV a name may hold a line feed; then the quotes up to here are odd in number.
        while quoted and end >= 0 and block.count(b'"', position, end) % 2:
            end = block.find(b"\n", end + 1)
        if end < 0:
            return len(block)
        position = end + 1
    return position


def _binary_head_length(block: bytes, parts: int) -> int:
    columns, position = native.read_number(block, 0)
    for _ in range(columns * parts):
        length, position = native.read_number(block, position)
        position += length
    return position
