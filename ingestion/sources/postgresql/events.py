"""Rows as PostgreSQL itself writes them in the form of change events: the text that the connector would send.

Values never pass through Python's types. The connector's own snapshot is not used for this: it shifts times
before the Gregorian calendar (15 October 1582) by days, and writes dates before Christ as dates after (seen
with Debezium 3.5.0).
"""

from __future__ import annotations

from collections.abc import Iterable

from bilten.contracts import Column, Contract
from bilten.types import Family, TypeMapping
from ingestion.fingerprint import source_value


def row_json(columns: Iterable[Column]) -> str:
    """SQL of a row as the text of a JSON object, fields in the order of the columns."""
    fields = [f"'{_field(column.name)}' || {value_json(column)}" for column in columns]
    return "'{' || " + " || ',' || ".join(fields) + " || '}'"


def value_json(column: Column) -> str:
    """SQL of a column's value as JSON, ``null`` where it has none."""
    return f"coalesce({_json(column.mapping, quoted(column.name))}, 'null')"


def select_events(contract: Contract, condition: str = "") -> str:
    """The query of key and row of every row, each as JSON.

    Args:
        contract: the table.
        condition: SQL that chooses rows; all by default.
    """
    where = f" WHERE {condition}" if condition else ""
    return f"SELECT {row_json(contract.key)}, {row_json(contract.columns)} FROM {table_of(contract)}{where}"


def quoted(name: str) -> str:
    """An identifier for PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def table_of(contract: Contract) -> str:
    """The table's name for PostgreSQL."""
    return f"{quoted(contract.source_schema)}.{quoted(contract.source_table)}"


def _field(name: str) -> str:
    return f'"{name}":'


_MOMENT = 'to_char({0}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'
_MOMENT_WITH_ZONE = _MOMENT.format("({0} AT TIME ZONE 'UTC')")
# Beyond the years 1 to 9999 PostgreSQL's own text is sent, which is refused as it should be.
_IS_REGULAR = "{0} >= '0001-01-01' AND {0} < '10000-01-01'"
_AS_TEXT: dict[Family, str] = {
    # Prints what the output function does; a cast would add the netmask to inet and strip char's blanks.
    "text": "CASE WHEN {0} IS NOT NULL THEN format('%s', {0}) END",
    "decimal": "CASE WHEN {0} = 'NaN' THEN 'NAN' ELSE {0}::text END",
    "timestamp": (f"CASE WHEN {_IS_REGULAR} THEN {_MOMENT_WITH_ZONE} ELSE {{0}}::text END"),
    "timestamp_local": (
        "CASE {0} WHEN 'infinity' THEN '+294247-01-10T04:00:25.2Z' "
        "WHEN '-infinity' THEN '-290308-12-21T19:59:27.6Z' "
        f"ELSE CASE WHEN {_IS_REGULAR} THEN {_MOMENT} ELSE {{0}}::text END END"
    ),
    "date": (
        "CASE {0} WHEN 'infinity' THEN '-5877611-06-21Z' WHEN '-infinity' THEN '-5877611-06-22Z' "
        f"ELSE CASE WHEN {_IS_REGULAR} THEN to_char({{0}}, 'YYYY-MM-DD\"Z\"') ELSE {{0}}::text END END"
    ),
    "bytes": "replace(encode({0}, 'base64'), chr(10), '')",
}


def _json(mapping: TypeMapping, value: str) -> str:
    """SQL of a value as JSON text, null where the value is."""
    value = source_value(mapping, value)
    if mapping.element is not None:
        element = _json(mapping.element, "element")
        listed = (
            f"(SELECT coalesce(string_agg(coalesce({element}, 'null'), ',' ORDER BY position), '') "
            f"FROM unnest({value}) WITH ORDINALITY AS item (element, position))"
        )
        return f"CASE WHEN {value} IS NOT NULL THEN '[' || {listed} || ']' END"
    if mapping.family == "float":
        # Without a point it would be read as a whole number, which has no negative zero.
        return f"CASE WHEN {value}::text = '-0' THEN '-0.0' ELSE to_json({value})::text END"
    if mapping.family in {"boolean", "integer"}:
        return f"to_json({value})::text"
    return f"to_json({_AS_TEXT.get(mapping.family, '{0}::text').format(value)})::text"
