"""Type mapping of Cassandra: like `bilten.types`, a closed table.

Collections, tuples and user-defined types are kept as JSON, and only when they are frozen: of others an event
holds what changed, without saying whether it was added or removed.
"""

from __future__ import annotations

import re

from bilten.errors import UnmappedType
from bilten.types import TypeMapping

_TEXT = TypeMapping("text", "String")
_NUMERAL = TypeMapping("text", "String", note="kept as text, digit for digit")

_FIXED: dict[str, TypeMapping] = {
    "ascii": _TEXT,
    "text": _TEXT,
    "varchar": _TEXT,
    "inet": TypeMapping("text", "String", note="kept as text, the address alone"),
    "tinyint": TypeMapping("integer", "Int16", bits=16),
    "smallint": TypeMapping("integer", "Int16", bits=16),
    "int": TypeMapping("integer", "Int32", bits=32),
    "bigint": TypeMapping("integer", "Int64", bits=64),
    "varint": _NUMERAL,
    "decimal": _NUMERAL,
    "float": TypeMapping("float", "Float32", bits=32),
    "double": TypeMapping("float", "Float64", bits=64),
    "boolean": TypeMapping("boolean", "Bool"),
    "uuid": TypeMapping("uuid", "UUID"),
    "timeuuid": TypeMapping("uuid", "UUID"),
    "timestamp": TypeMapping("timestamp", "DateTime64(6, 'UTC')"),
    "date": TypeMapping("date", "Date32"),
    "time": TypeMapping("integer", "Int64", bits=64, note="kept as nanoseconds since midnight"),
    "blob": TypeMapping("bytes", "String"),
}
_DOCUMENT = TypeMapping("json", "String", note="kept as JSON; numbers of any length in it are texts")
_COMPOSED = re.compile(r"^(?:frozen<(?:list|set|map)<.*>>|(?:tuple|udt)<.*>)$")


def normal_type(source_type: str) -> str:
    """The one spelling of a type: in lower case, without blanks."""
    return source_type.replace(" ", "").lower()


def map_type(source_type: str) -> TypeMapping:
    """How values of a type are kept in the warehouse.

    Args:
        source_type: the type as CQL has it; a user-defined one spelled out, ``udt<street:text,zip:int>``.

    Returns:
        The mapping.

    Raises:
        UnmappedType: values of this type could not be kept without loss.
    """
    text = normal_type(source_type)
    if (mapping := _DOCUMENT if _COMPOSED.match(text) else _FIXED.get(text)) is not None:
        return mapping
    raise UnmappedType(f"The type {source_type} has no mapping to the warehouse.", type=source_type)
