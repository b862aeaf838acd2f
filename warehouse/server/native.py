"""ClickHouse's Native blocks: rewritten from the engine's revision 0 to what a client's revision expects.

A newer client expects block information before each block, from revision 54454 on a flag byte in each
column's head, and the zone in ``DateTime('zone')``. To find the columns of a block, their data have to be
walked by type.
"""

from __future__ import annotations

import re
from typing import Final

from warehouse.server.failures import UNSUPPORTED, EngineError

REVISION_WITH_FLAGS: Final = 54454
"""From here on each column's head ends with a byte that tells whether it is serialized in a special way."""

BLOCK_INFORMATION: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"
"""Field 1 (overflows) = 0, field 2 (bucket) = -1, end of fields."""

_WIDTHS: Final = {
    **dict.fromkeys(["Int8", "UInt8", "Bool", "Enum8", "Nothing"], 1),
    **dict.fromkeys(["Int16", "UInt16", "Enum16", "Date", "BFloat16"], 2),
    **dict.fromkeys(["Int32", "UInt32", "Float32", "Date32", "DateTime", "Time", "IPv4", "Decimal32"], 4),
    **dict.fromkeys(["Int64", "UInt64", "Float64", "DateTime64", "Time64", "Decimal64"], 8),
    **dict.fromkeys(["Int128", "UInt128", "UUID", "IPv6", "Decimal128", "Point"], 16),
    **dict.fromkeys(["Int256", "UInt256", "Decimal256"], 32),
}
_SYNONYMS: Final = {
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "Polygon": "Array(Array(Point))",
    "MultiLineString": "Array(Array(Point))",
    "MultiPolygon": "Array(Array(Array(Point)))",
}
_NAMED_ELEMENT = re.compile(r"(?:[A-Za-z_]\w*|`(?:[^`\\]|\\.)*`)\s+(?=[A-Z])")


class Unwalkable(Exception):
    """The data of a type can't be measured here (Dynamic, Variant, JSON, AggregateFunction)."""


def read_number(data: bytes, position: int) -> tuple[int, int]:
    """A variable-length number and the position after it."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def write_number(value: int) -> bytes:
    """A number of variable length."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def write_text(text: str) -> bytes:
    """A string with its length in front."""
    data = text.encode()
    return write_number(len(data)) + data


def empty_block(names: list[str], types: list[str], revision: int) -> bytes:
    """The block of a result without rows: the columns alone."""
    flag = b"\x00" if revision >= REVISION_WITH_FLAGS else b""
    head = BLOCK_INFORMATION if revision else b""
    columns = b"".join(
        write_text(name) + write_text(kind) + flag for name, kind in zip(names, types, strict=True)
    )
    return head + write_number(len(names)) + b"\x00" + columns


def rewrite(block: bytes, revision: int, types: list[str] | None) -> bytes:
    """A revision 0 block as a client of another revision reads it.

    Args:
        block: one block as the engine wrote it.
        revision: the client's; 0 leaves the block as it is.
        types: full types to write into the head, or None to keep the engine's.

    Raises:
        EngineError: the client needs flags, and a column's type can't be walked.
    """
    if not revision:
        return block
    if revision < REVISION_WITH_FLAGS and types is None:
        return BLOCK_INFORMATION + block
    return _rewrite_one(block, 0, revision, types)[0]


def rewrite_all(data: bytes, revision: int, types: list[str] | None) -> bytes:
    """The same for several blocks in a row, such as a result that was not streamed.

    Raises:
        EngineError: a column's type can't be walked, so that the next block can't be found.
    """
    if not revision:
        return data
    out: list[bytes] = []
    position = 0
    while position < len(data):
        block, position = _rewrite_one(data, position, revision, types)
        out.append(block)
    return b"".join(out)


def _rewrite_one(data: bytes, position: int, revision: int, types: list[str] | None) -> tuple[bytes, int]:
    flag = b"\x00" if revision >= REVISION_WITH_FLAGS else b""
    begin = position
    columns, position = read_number(data, position)
    rows, position = read_number(data, position)
    out = [BLOCK_INFORMATION, data[begin:position]]
    for column in range(columns):
        start = position
        length, position = read_number(data, position)
        position += length
        name_end = position
        length, position = read_number(data, position)
        kind = data[position : position + length].decode()
        position += length
        out += [data[start:name_end], write_text(types[column] if types else kind), flag]
        content = position
        try:
            position = _skip(kind, data, position, rows)
        except Unwalkable as error:
            if flag or begin:
                raise EngineError(
                    f"The type {kind} cannot be sent to a client of revision {revision}.",
                    code=UNSUPPORTED,
                    name="NOT_IMPLEMENTED",
                ) from error
            # What is left keeps the engine's heads; only zones further right are lost to the client.
            out.append(data[content:])
            return b"".join(out), len(data)
        out.append(data[content:position])
    return b"".join(out), position


def needs_types(block: bytes, types: list[str]) -> bool:
    """Whether a block's heads differ from the full types, judged without walking."""
    return b"DateTime" in block and any("DateTime('" in kind for kind in types)


def split_arguments(text: str) -> list[str]:
    """The arguments of a type, separated by commas outside brackets and quotes."""
    out: list[str] = []
    depth = start = 0
    quote = ""
    index = 0
    while index < len(text):
        character = text[index]
        if quote:
            if character == "\\":
                index += 1
            elif character == quote:
                quote = ""
        elif character in "'`":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "," and depth == 0:
            out.append(text[start:index].strip())
            start = index + 1
        index += 1
    return [*out, text[start:].strip()] if text.strip() else []


def _element(argument: str) -> str:
    """The type of a tuple's element, whose name may stand before it."""
    match = _NAMED_ELEMENT.match(argument)
    return argument[match.end() :] if match else argument


def _parts(kind: str) -> tuple[str, list[str]]:
    name, bracket, rest = kind.partition("(")
    return name.strip(), split_arguments(rest[: rest.rindex(")")]) if bracket else []


def _nested(kind: str) -> tuple[str, list[str]]:
    """A type's name and its element types, with synonyms resolved."""
    name, arguments = _parts(kind)
    if name in _SYNONYMS:
        name, arguments = _parts(_SYNONYMS[name])
    if name == "Map":
        return "Array", [f"Tuple({', '.join(arguments)})"]
    if name == "Nested":
        return "Array", [f"Tuple({', '.join(arguments)})"]
    if name == "SimpleAggregateFunction":
        return _nested(arguments[-1])
    if name == "Tuple":
        arguments = [_element(argument) for argument in arguments]
    return name, arguments


def _prefix_length(kind: str) -> int:
    """Bytes before a column's data: eight for each LowCardinality inside."""
    name, arguments = _nested(kind)
    if name == "LowCardinality":
        return 8
    if name in ("Array", "Tuple", "Nullable"):
        return sum(_prefix_length(argument) for argument in arguments)
    return 0


def _skip(kind: str, data: bytes, position: int, rows: int) -> int:
    return _skip_data(kind, data, position + (_prefix_length(kind) if rows else 0), rows)


def _skip_data(kind: str, data: bytes, position: int, rows: int) -> int:  # noqa: PLR0911
    name, arguments = _nested(kind)
    if rows == 0:
        return position
    if name in _WIDTHS:
        return position + rows * _WIDTHS[name]
    if name == "String":
        for _ in range(rows):
            length, position = read_number(data, position)
            position += length
        return position
    if name == "FixedString":
        return position + rows * int(arguments[0])
    if name == "Decimal":
        precision = int(arguments[0])
        width = 4 if precision <= 9 else 8 if precision <= 18 else 16 if precision <= 38 else 32
        return position + rows * width
    if name == "Nullable":
        return _skip_data(arguments[0], data, position + rows, rows)
    if name == "Array":
        end = position + 8 * rows
        return _skip_data(arguments[0], data, end, int.from_bytes(data[end - 8 : end], "little"))
    if name == "Tuple":
        for argument in arguments:
            position = _skip_data(argument, data, position, rows)
        return position + (0 if arguments else rows)
    if name == "LowCardinality":
        return _skip_low_cardinality(arguments[0], data, position)
    if name.startswith("Interval"):
        return position + 8 * rows
    raise Unwalkable(kind)


def _skip_low_cardinality(kind: str, data: bytes, position: int) -> int:
    """The width of its indexes, a dictionary without the null map, and the indexes."""
    width = 1 << data[position]
    keys = int.from_bytes(data[position + 8 : position + 16], "little")
    name, arguments = _nested(kind)
    position = _skip_data(arguments[0] if name == "Nullable" else kind, data, position + 16, keys)
    indexes = int.from_bytes(data[position : position + 8], "little")
    return position + 8 + indexes * width
