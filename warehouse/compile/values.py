"""The strict reader of a column, by the family of its type."""

from __future__ import annotations

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
_INNER_ARRAY = "[Ljava.lang."


def column_reader(column: Column, text: str, document: str, path: str) -> Reader:
    """How one column is read.

    Args:
        column: its contract.
        text: SQL of the field's text, Nullable(String).
        document: SQL of the JSON document of the whole event.
        path: SQL arguments that lead to the field in it, such as ``'after', 'id'``.

    Returns:
        The reader; it never gives a value that is not exactly what the text says.
    """
    reader = _reader(column.mapping, text, document, path)
    return times.with_sentinels(column, text, reader)


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


def _reader(mapping: TypeMapping, text: str, document: str, path: str) -> Reader:
    match mapping.family:
        case "text" | "enum":
            return _text_reader(text, document, path)
        case "json":
            return Reader(value=text, refusal="''")
        case "uuid":
            conversion = f"toUUIDOrNull({text})"
            return Reader(
                value=f"if(toString({conversion}) = lower({text}), {conversion}, NULL)",
                refusal=f"concat({shown(text)}, ' is not a UUID')",
            )
        case "boolean":
            return Reader(
                value=f"multiIf({text} = 'true', true, {text} = 'false', false, NULL)",
                refusal=f"concat({shown(text)}, ' is neither true nor false')",
            )
        case "integer":
            return integer_reader(mapping, text)
        case "float":
            return float_reader(mapping, text)
        case "decimal":
            return decimal_reader(mapping, text, document, path)
        case "timestamp" | "timestamp_local":
            return times.timestamp_reader(text)
        case "date":
            return times.date_reader(text)
        case "time":
            return times.time_reader(text)
        case "bytes":
            return Reader(
                value=f"if(base64Encode(tryBase64Decode({text})) = {text}, tryBase64Decode({text}), NULL)",
                refusal=f"concat({shown(text)}, ' is not base64')",
            )
        case "array":
            return _array_reader(mapping, text)


def _text_reader(text: str, document: str, path: str) -> Reader:
    """Text as it is. A JSON object or array in its place means that the column changed its type."""
    if not path:
        return Reader(
            value=f"if(startsWith({text}, {literal(_INNER_ARRAY)}), NULL, {text})",
            refusal=f"concat({shown(text)}, ' is what is left of an inner array')",
        )
    return Reader(
        value=(
            f"if(substring({text}, 1, 1) IN ('{{', '[') AND JSONType({document}, {path}) != 'String', NULL, {text})"
        ),
        refusal=f"concat({shown(text)}, ' is not a text but a JSON object or array')",
    )


def _array_reader(mapping: TypeMapping, text: str) -> Reader:
    if mapping.element is None:
        raise ValueError("an array's mapping names that of its elements")
    reader = _reader(mapping.element, "element", "", "")
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
