"""Type mapping: from an operational type to the warehouse and the archive, without loss.

The table is closed on purpose: a type that is not here is refused (`UnmappedType`), never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bilten.errors import UnmappedType

OPAQUE = "opaque"
"""What a contract calls a type that is kept as PostgreSQL's text, since nothing else is known of it."""

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
        source_value: PostgreSQL's SQL that makes of a value (``{0}``) the one that is kept, where it differs.
        note: what a reader of the kept value must know; empty where it is the source's value.
    """

    family: Family
    warehouse: str
    can_be_unchanged: bool = False
    maximum_bytes: int | None = None
    precision: int | None = None
    scale: int | None = None
    bits: int | None = None
    element: TypeMapping | None = None
    source_value: str = "{0}"
    note: str = ""


# As Debezium writes them; PostgreSQL's own text is another.
_NUMERAL = (
    "CASE WHEN {0} = 'NaN' THEN 'NAN' WHEN {0} = 'Infinity' THEN 'POSITIVE_INFINITY' "
    "WHEN {0} = '-Infinity' THEN 'NEGATIVE_INFINITY' ELSE {0}::text END"
)
_DURATION = (
    "CASE WHEN {0} IS NOT NULL THEN format('P%sY%sM%sDT%sH%sM%sS', extract(year FROM {0})::int, "
    "extract(month FROM {0})::int, extract(day FROM {0})::int, extract(hour FROM {0})::bigint, "
    "extract(minute FROM {0})::int, trim_scale(extract(second FROM {0}))) END"
)
_UNBOUNDED_NUMERAL = TypeMapping(
    "text", "String", can_be_unchanged=True, source_value=_NUMERAL, note="kept as text, digit for digit"
)
_RANGE = TypeMapping("text", "String", can_be_unchanged=True, source_value="{0}::text", note="kept as text")

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
    "time": TypeMapping(
        "time",
        "String",
        maximum_bytes=8,
        source_value="CASE {0} WHEN '24:00' THEN '00:00'::time ELSE {0} END",
        note="24:00:00 is kept as 00:00:00, which the connector makes of it",
    ),
    "timetz": TypeMapping(
        "time",
        "String",
        maximum_bytes=12,
        source_value="({0} AT TIME ZONE 'UTC')::time",
        note="kept as the time in UTC; the offset is not kept",
    ),
    "interval": TypeMapping(
        "text", "String", maximum_bytes=16, source_value=_DURATION, note="kept as text such as P0Y1M2DT3H4M5S"
    ),
    "numeric": _UNBOUNDED_NUMERAL,
    "money": TypeMapping(
        "decimal",
        "Decimal(19, 2)",
        maximum_bytes=8,
        precision=19,
        scale=2,
        source_value="{0}::numeric(19, 2)",
        note="kept without its currency, which is a setting of the source",
    ),
    "oid": TypeMapping("integer", "Int64", maximum_bytes=4, bits=64, source_value="{0}::bigint"),
    "bit(1)": TypeMapping("boolean", "Bool", maximum_bytes=5, source_value="({0} = B'1')"),
    '"char"': TypeMapping("text", "String", maximum_bytes=1),
    "name": TypeMapping("text", "String", maximum_bytes=64),
    "macaddr": TypeMapping("text", "String", maximum_bytes=6),
    "macaddr8": TypeMapping("text", "String", maximum_bytes=8),
    "int4range": _RANGE,
    "int8range": _RANGE,
    "numrange": _RANGE,
    "tsrange": _RANGE,
    "tstzrange": _RANGE,
    "daterange": _RANGE,
    "tsvector": _RANGE,
    OPAQUE: TypeMapping(
        "bytes",
        "String",
        can_be_unchanged=True,
        source_value="convert_to({0}::text, 'UTF8')",
        note="of a type that the platform does not know: kept as PostgreSQL's text of it",
    ),
    "json": TypeMapping("json", "String", can_be_unchanged=True),
    "jsonb": TypeMapping("json", "String", can_be_unchanged=True),
    "bytea": TypeMapping("bytes", "String", can_be_unchanged=True),
}

_SPELLINGS = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time without time zone": "time",
    "time with time zone": "timetz",
    "character varying": "varchar",
    "character": "char",
    "bool": "boolean",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "decimal": "numeric",
    "bpchar": "char",
    "bit varying": "varbit",
}

_TIME_PRECISION = re.compile(r"^(timestamp|timestamptz|time|timetz|interval)\s*\(\d\)")
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


def normal_type(source_type: str) -> str:
    """The one spelling of a type among several: ``character varying(3)`` is ``varchar(3)``.

    The precision of times is left out: it bounds what the source stores, and all of it is kept.
    """
    text = _TIME_PRECISION.sub(r"\1", source_type.strip().lower())
    element, array = (text.removesuffix("[]"), "[]") if text.endswith("[]") else (text, "")
    for spelling, standard in _SPELLINGS.items():
        if element == spelling or element.startswith(f"{spelling}("):
            element = standard + element.removeprefix(spelling)
            break
    return element.replace(", ", ",") + array


def map_type(source_type: str) -> TypeMapping:
    """How values of an operational type are kept in the warehouse.

    Args:
        source_type: the type as PostgreSQL's ``format_type`` prints it, or ``enum``; ``[]`` marks an array.

    Returns:
        The mapping; for an array, with that of its elements.

    Raises:
        UnmappedType: values of this type could not be kept without loss.
    """
    text = normal_type(source_type)
    if text.endswith("[]"):
        element = map_type(text.removesuffix("[]"))
        if element.family == "array":
            # Debezium writes the name of a Java class for each inner array: nothing could be kept of it.
            raise UnmappedType(f"The type {source_type} is an array of arrays.", type=source_type)
        return TypeMapping(
            "array", f"Array({_nullable(element.warehouse)})", can_be_unchanged=True, element=element
        )
    if text in _FIXED:
        return _FIXED[text]
    bounded = _BOUNDED_TEXT.match(text)
    if bounded:
        maximum = int(bounded[1]) * _UTF8_BYTES_PER_CHARACTER + _VARLENA_HEADER_BYTES
        return TypeMapping(
            "text", "String", can_be_unchanged=maximum > _TOAST_POINTER_BYTES, maximum_bytes=maximum
        )
    decimal = _DECIMAL.match(text)
    if decimal and max(int(decimal[1]), int(decimal[2])) > _LARGEST_DECIMAL_PRECISION:
        return _UNBOUNDED_NUMERAL
    if decimal:
        # A scale beyond the precision means zeros behind the point, which count as digits in the warehouse.
        precision, scale = max(int(decimal[1]), int(decimal[2])), int(decimal[2])
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
