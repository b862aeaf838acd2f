"""Type mapping: from an operational type to the warehouse and the archive, without loss.

The table is closed on purpose: a type that is not here is refused (`UnmappedType`), never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bilten.errors import UnmappedType

Family = Literal[
    "text",
    "enum",
    "uuid",
    "boolean",
    "integer",
    "decimal",
    "float",
    "timestamp",
    "timestamp_local",
    "date",
    "time",
    "json",
    "bytes",
    "array",
]


@dataclass(frozen=True, slots=True)
class TypeMapping:
    """How one operational type is kept.

    Attributes:
        family: decides how its text in a change event is read.
        warehouse: the ClickHouse type, never Nullable.
        can_be_unchanged: whether PostgreSQL may keep such values out of line (TOAST) and so leave them out
            of the event of an update that did not touch them.
        maximum_bytes: most bytes that a value takes in a PostgreSQL row; None when there is no bound.
        precision: digits in all, for decimals.
        scale: digits after the point, for decimals.
        bits: width, for integers and floats.
        element: mapping of the elements, for arrays; elements may be null in any PostgreSQL array.
    """

    family: Family
    warehouse: str
    can_be_unchanged: bool = False
    maximum_bytes: int | None = None
    precision: int | None = None
    scale: int | None = None
    bits: int | None = None
    element: TypeMapping | None = None


_FIXED: dict[str, TypeMapping] = {
    "uuid": TypeMapping("uuid", "UUID", maximum_bytes=16),
    "text": TypeMapping("text", "String", can_be_unchanged=True),
    "citext": TypeMapping("text", "String", can_be_unchanged=True),
    "varchar": TypeMapping("text", "String", can_be_unchanged=True),
    "char": TypeMapping("text", "String", maximum_bytes=5),
    "inet": TypeMapping("text", "String", maximum_bytes=22),
    "cidr": TypeMapping("text", "String", maximum_bytes=22),
    "enum": TypeMapping("enum", "LowCardinality(String)", maximum_bytes=4),
    "boolean": TypeMapping("boolean", "Bool", maximum_bytes=1),
    "smallint": TypeMapping("integer", "Int16", maximum_bytes=2, bits=16),
    "integer": TypeMapping("integer", "Int32", maximum_bytes=4, bits=32),
    "bigint": TypeMapping("integer", "Int64", maximum_bytes=8, bits=64),
    "real": TypeMapping("float", "Float32", maximum_bytes=4, bits=32),
    "double precision": TypeMapping("float", "Float64", maximum_bytes=8, bits=64),
    "timestamptz": TypeMapping("timestamp", "DateTime64(6, 'UTC')", maximum_bytes=8),
    "timestamp": TypeMapping("timestamp_local", "DateTime64(6, 'UTC')", maximum_bytes=8),
    "date": TypeMapping("date", "Date32", maximum_bytes=4),
    "time": TypeMapping("time", "String", maximum_bytes=8),
    "json": TypeMapping("json", "String", can_be_unchanged=True),
    "jsonb": TypeMapping("json", "String", can_be_unchanged=True),
    "bytea": TypeMapping("bytes", "String", can_be_unchanged=True),
}

_SPELLINGS = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time without time zone": "time",
    "character varying": "varchar",
    "character": "char",
    "bool": "boolean",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "decimal": "numeric",
}

_DECIMAL = re.compile(r"^numeric\((\d+),\s*(\d+)\)$")
_BOUNDED_TEXT = re.compile(r"^(?:varchar|char)\((\d+)\)$")
# PostgreSQL never moves a value out of line that is not larger than the pointer it would leave behind:
# MAXALIGN(TOAST_POINTER_SIZE), 24 bytes (heap_toast_insert_or_update in its source).
_TOAST_POINTER_BYTES = 24
_VARLENA_HEADER_BYTES = 4
_UTF8_BYTES_PER_CHARACTER = 4
_LARGEST_DECIMAL_PRECISION = 76


def _nullable(warehouse_type: str) -> str:
    inner = warehouse_type.removeprefix("LowCardinality(").removesuffix(")")
    return (
        f"Nullable({inner})"
        if warehouse_type.startswith("LowCardinality(")
        else f"Nullable({warehouse_type})"
    )


def map_type(source_type: str) -> TypeMapping:
    """How values of an operational type are kept in the warehouse.

    Args:
        source_type: the type as PostgreSQL's ``format_type`` prints it, or ``enum``; ``[]`` marks an array.

    Returns:
        The mapping; for an array, with that of its elements.

    Raises:
        UnmappedType: values of this type could not be kept without loss.
    """
    text = source_type.strip().lower()
    if text.endswith("[]"):
        element = map_type(text.removesuffix("[]"))
        if element.family == "array":
            # Debezium writes the name of a Java class for each inner array: nothing could be kept of it.
            raise UnmappedType(f"The type {source_type} is an array of arrays.", type=source_type)
        return TypeMapping(
            "array", f"Array({_nullable(element.warehouse)})", can_be_unchanged=True, element=element
        )
    for spelling, standard in _SPELLINGS.items():
        if text == spelling or text.startswith(f"{spelling}("):
            text = standard + text.removeprefix(spelling)
            break
    if text in _FIXED:
        return _FIXED[text]
    bounded = _BOUNDED_TEXT.match(text)
    if bounded:
        maximum = int(bounded[1]) * _UTF8_BYTES_PER_CHARACTER + _VARLENA_HEADER_BYTES
        return TypeMapping(
            "text", "String", can_be_unchanged=maximum > _TOAST_POINTER_BYTES, maximum_bytes=maximum
        )
    decimal = _DECIMAL.match(text)
    if decimal and int(decimal[1]) <= _LARGEST_DECIMAL_PRECISION:
        precision, scale = int(decimal[1]), int(decimal[2])
        # Four digits to a two-byte group, one more for each side of the point, and an eight-byte header.
        maximum = (precision // 4 + 2) * 2 + 8
        return TypeMapping(
            "decimal",
            f"Decimal({precision}, {scale})",
            can_be_unchanged=maximum > _TOAST_POINTER_BYTES,
            maximum_bytes=maximum,
            precision=precision,
            scale=scale,
        )
    raise UnmappedType(f"The type {source_type} has no mapping to the warehouse.", type=source_type)
