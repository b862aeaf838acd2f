"""Type mapping of MariaDB and MySQL: like `bilten.types`, a closed table.

No value is ever left out of an event: the log holds whole rows (``binlog_row_image`` FULL).
"""

from __future__ import annotations

import re

from bilten.errors import UnmappedType
from bilten.types import TypeMapping

_ZERO_DAY = "a zero date is kept as null, or as 1970-01-01 where null is not allowed"
_TEXT = TypeMapping("text", "String")
_BYTES = TypeMapping("bytes", "String")

_FIXED: dict[str, TypeMapping] = {
    "tinyint": TypeMapping("integer", "Int16", bits=16),
    "tinyint unsigned": TypeMapping("integer", "Int16", bits=16),
    "smallint": TypeMapping("integer", "Int16", bits=16),
    "smallint unsigned": TypeMapping("integer", "Int32", bits=32),
    "mediumint": TypeMapping("integer", "Int32", bits=32),
    "mediumint unsigned": TypeMapping("integer", "Int32", bits=32),
    "int": TypeMapping("integer", "Int32", bits=32),
    "int unsigned": TypeMapping("integer", "Int64", bits=64),
    "bigint": TypeMapping("integer", "Int64", bits=64),
    # With digits, since Iceberg knows no whole numbers without a sign.
    "bigint unsigned": TypeMapping("integer", "UInt64", bits=64, precision=20, scale=0),
    "float": TypeMapping("float", "Float32", bits=32),
    "double": TypeMapping("float", "Float64", bits=64),
    "bit(1)": TypeMapping("boolean", "Bool"),
    "year": TypeMapping("integer", "Int16", bits=16, note="the year 0000 is kept as 1900"),
    "date": TypeMapping("date", "Date32", note=_ZERO_DAY),
    "datetime": TypeMapping("timestamp_local", "DateTime64(6, 'UTC')", note=_ZERO_DAY),
    "timestamp": TypeMapping(
        "timestamp",
        "DateTime64(6, 'UTC')",
        note="a zero time is kept as 1970-01-01 00:00:00, which no other value is",
    ),
    "time": TypeMapping(
        "time",
        "String",
        note="24:00:00 is kept as 00:00:00, other values outside of a day as null, which the connector "
        "makes of them",
    ),
    "enum": TypeMapping("enum", "LowCardinality(String)"),
    "set": TypeMapping("text", "String", note="kept as text, the members joined by commas"),
    "json": TypeMapping("json", "String"),
    **dict.fromkeys(("tinytext", "text", "mediumtext", "longtext"), _TEXT),
    **dict.fromkeys(("tinyblob", "blob", "mediumblob", "longblob"), _BYTES),
}
_OF_SOME_LENGTH = {"char": _TEXT, "varchar": _TEXT, "binary": _BYTES, "varbinary": _BYTES}
_BITS = TypeMapping("bytes", "String", note="kept as bytes, the lowest first")
_DISPLAY_WIDTH = re.compile(
    r"^((?:tiny|small|medium|big)?int|year|float|double|datetime|timestamp|time)\([\d,]+\)"
)
_LENGTH = re.compile(r"^(char|varchar|binary|varbinary)\(\d+\)$")
_DECIMAL = re.compile(r"^decimal\((\d+),(\d+)\)$")


def normal_type(source_type: str) -> str:
    """The one spelling of a type: ``int(10) unsigned zerofill`` is ``int unsigned``.

    Widths for display and the precision of times are left out, and so are the labels of an enum.
    """
    text = source_type.strip().lower()
    if text.startswith(("enum(", "set(")):
        return text.partition("(")[0]
    text = _DISPLAY_WIDTH.sub(r"\1", text.removesuffix(" zerofill"))
    if text.startswith(("decimal", "float", "double")):
        text = text.removesuffix(" unsigned")
    return text


def map_type(source_type: str) -> TypeMapping:
    """How values of an operational type are kept in the warehouse.

    Args:
        source_type: the type as ``COLUMN_TYPE`` of the information schema has it.

    Returns:
        The mapping.

    Raises:
        UnmappedType: values of this type could not be kept without loss.
    """
    text = normal_type(source_type)
    if text in _FIXED:
        return _FIXED[text]
    if length := _LENGTH.match(text):
        return _OF_SOME_LENGTH[length[1]]
    if text.startswith("bit("):
        return _BITS
    if decimal := _DECIMAL.match(text):
        precision, scale = int(decimal[1]), int(decimal[2])
        return TypeMapping("decimal", f"Decimal({precision}, {scale})", precision=precision, scale=scale)
    raise UnmappedType(f"The type {source_type} has no mapping to the warehouse.", type=source_type)
