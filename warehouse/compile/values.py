"""The strict reader of a column, by the family of its type."""

from __future__ import annotations

from collections.abc import Callable

from bilten.contracts import Column
from bilten.types import TypeMapping
from warehouse.compile import times
from warehouse.compile.numbers import decimal_reader, float_reader, integer_reader
from warehouse.compile.readers import Reader, shown
from warehouse.compile.statements import literal

PLACEHOLDER = "__debezium_unavailable_value"
_PLACEHOLDER_BYTES = "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="
# The UUID of version 3 that Debezium derives from the placeholder for elements of uuid[].
_PLACEHOLDER_UUID = "b68a35a7-17ad-35b3-af2a-ae46edb4545a"
# Debezium writes inner arrays as the name of a Java class and an address: the values are lost.
INNER_ARRAY = "[Ljava.lang."


def column_reader(column: Column, text: str, is_string: str) -> Reader:
    """How one column is read.

    Args:
        column: its contract.
        text: SQL of the field's text, Nullable(String).
        is_string: SQL that says whether the field is a JSON string.

    Returns:
        The reader; it never gives a value that is not exactly what the text says.
    """
    return times.with_sentinels(column, text, _reader(column.mapping, text, is_string))


def placeholder(mapping: TypeMapping) -> str | None:
    """What Debezium sends in place of a value that the log leaves out.

    Returns:
        The text of the field, or None where it sends null, which cannot be told from a null.
    """
    if mapping.family == "bytes":
        return _PLACEHOLDER_BYTES
    if mapping.family != "array":
        return PLACEHOLDER
    match mapping.element:
        case TypeMapping(family="text" | "json"):
            return f'["{PLACEHOLDER}"]'
        case TypeMapping(family="uuid"):
            return f'["{_PLACEHOLDER_UUID}"]'
        case TypeMapping(family="integer"):
            return "[" + ",".join(str(byte) for byte in PLACEHOLDER.encode()) + "]"
    return None


def _reader(mapping: TypeMapping, text: str, is_string: str) -> Reader:
    if mapping.element is not None:
        return _array_reader(mapping.element, text)
    if mapping.family in {"text", "enum"}:
        return _text_reader(text, is_string)
    if mapping.family == "decimal":
        return decimal_reader(mapping, text, is_string)
    if mapping.family == "integer":
        return integer_reader(mapping, text)
    if mapping.family == "float":
        return float_reader(mapping, text)
    return _SIMPLE[mapping.family](text)


def _uuid_reader(text: str) -> Reader:
    conversion = f"toUUIDOrNull({text})"
    return Reader(
        value=f"if(toString({conversion}) = lower({text}), {conversion}, NULL)",
        refusal=f"concat({shown(text)}, ' is not a UUID')",
    )


def _boolean_reader(text: str) -> Reader:
    return Reader(
        value=f"multiIf({text} = 'true', true, {text} = 'false', false, NULL)",
        refusal=f"concat({shown(text)}, ' is neither true nor false')",
    )


def _bytes_reader(text: str) -> Reader:
    decoded = f"tryBase64Decode({text})"
    return Reader(
        value=f"if(base64Encode({decoded}) = {text}, {decoded}, NULL)",
        refusal=f"concat({shown(text)}, ' is not base64')",
    )


def _json_reader(text: str) -> Reader:
    """Kept to the letter. The engine's own check refuses numbers beyond a double, which jsonb may hold."""
    return Reader(value=text, refusal="''")


_SIMPLE: dict[str, Callable[[str], Reader]] = {
    "uuid": _uuid_reader,
    "boolean": _boolean_reader,
    "bytes": _bytes_reader,
    "json": _json_reader,
    "timestamp": times.timestamp_reader,
    "timestamp_local": times.timestamp_reader,
    "date": times.date_reader,
    "time": times.time_reader,
}


def _text_reader(text: str, is_string: str) -> Reader:
    """Text as it is. Anything but a JSON string in its place means that the column changed its type."""
    return Reader(
        value=f"if({is_string}, {text}, NULL)",
        refusal=f"concat({shown(text)}, ' is not a text')",
    )


def _array_reader(element: TypeMapping, text: str) -> Reader:
    reader = _element_reader(element)
    elements = f"JSONExtract(ifNull({text}, ''), 'Array(Nullable(String))')"
    refused = f"isNotNull(element) AND isNull({reader.value})"
    return Reader(
        value=f"arrayMap(element -> {reader.value}, {elements})",
        accepted=f"startsWith({text}, '[') AND NOT arrayExists(element -> {refused}, {elements})",
        refusal=(
            f"if(startsWith({text}, '['), concat('element ', arrayMap(element -> {reader.refusal}, "
            f"arrayFilter(element -> {refused}, {elements}))[1]), concat({shown(text)}, ' is not an array'))"
        ),
    )


def _element_reader(element: TypeMapping) -> Reader:
    if element.family in {"text", "enum"}:
        return Reader(
            value=f"if(startsWith(element, {literal(INNER_ARRAY)}), NULL, element)",
            refusal=f"concat({shown('element')}, ' is what is left of an inner array')",
        )
    return _reader(element, "element", "1")
