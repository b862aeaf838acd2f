"""A whole row as one tuple, so that the engine reads it from JSON and writes it back in one call each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bilten.contracts import Column
from warehouse.compile.statements import identifier, literal

JSON_SETTINGS = {
    "date_time_input_format": "best_effort",
    "date_time_output_format": "iso",
    "output_format_decimal_trailing_zeros": "1",
    "output_format_json_escape_forward_slashes": "0",
    "output_format_json_quote_64bit_integers": "0",
    "output_format_json_quote_decimals": "1",
}
"""With these the engine writes a row as the connector does: times in ISO form, decimals as texts with all
their decimals, whole numbers as numbers."""

_READABLE = frozenset(
    {"text", "enum", "json", "uuid", "integer", "float", "boolean", "decimal", "timestamp", "timestamp_local"}
    | {"date", "bytes"}
)
_READABLE_ELEMENTS = frozenset({"text", "uuid", "integer"})


def row_type(columns: Iterable[Column]) -> str:
    """The tuple of a row that exists: a required column that has no value holds its type's default."""
    return _tuple(columns, stored_type)


def values_type(columns: Iterable[Column]) -> str:
    """The tuple of a change: every column may be without a value, but for arrays, which are empty then."""
    return _tuple(columns, lambda column: _optional(_base_type(column)))


def stored_type(column: Column) -> str:
    """The type of a column inside a tuple; a LowCardinality is not kept there."""
    return _base_type(column) if column.required else _optional(_base_type(column))


def value_of(column: Column, text: str) -> str:
    """SQL of a column's value, from SQL of the member of such a tuple."""
    if column.mapping.family == "array" and not is_readable(column):
        return f"CAST([], {literal(column.mapping.warehouse)})"
    return f"tryBase64Decode({text})" if column.mapping.family == "bytes" else text


def is_readable(column: Column) -> bool:
    """Whether values of a column have one text only, so that they can be regular; others only when null."""
    mapping = column.mapping
    if mapping.family == "array":
        return mapping.element is not None and mapping.element.family in _READABLE_ELEMENTS
    # Bytes are decoded on their way out of the tuple; those that stay in a tuple of `ods` are not.
    return mapping.family in _READABLE and not (mapping.family == "bytes" and column.storage == "plain")


def null_flag(column: Column) -> str:
    """SQL of whether an array of a regular record is null: there it is only where it cannot be read."""
    return "_op = 'd'" if is_readable(column) else "true"


def _base_type(column: Column) -> str:
    mapping = column.mapping
    if not is_readable(column):
        # Their texts have no single form. No text is a small number written back, so only a null is regular.
        return "UInt8"
    return "String" if mapping.family == "enum" else mapping.warehouse


def _optional(kind: str) -> str:
    return kind if kind.startswith("Array(") else f"Nullable({kind})"


def _tuple(columns: Iterable[Column], kind: Callable[[Column], str]) -> str:
    return f"Tuple({', '.join(f'{identifier(column.name)} {kind(column)}' for column in columns)})"
