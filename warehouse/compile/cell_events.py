"""Events of Cassandra's connector, put into the form that all others have.

It names every column of the table: one that was not written is null, one that was is
``{"value":…,"deletion_ts":…,"set":true}``. Dates, times and addresses become the texts of other connectors,
collections the text of their JSON, sets and maps in a fixed order. A delete of a partition has no clustering
key; a delete of a range of rows is none of the operations that can be kept, and so becomes a dead letter.
"""

from __future__ import annotations

from collections.abc import Iterable

from bilten.cassandra_types import normal_type
from bilten.contracts import Column, Contract
from warehouse.compile.cells import EXPIRES
from warehouse.compile.statements import literal, literals

RANGE_DELETION = "deletion of a range of rows"
"""What dead letters call it."""

_AFTER = "JSONExtractKeysAndValuesRaw(assumeNotNull(value), 'after')"
_SLASH = r"replaceAll(toJSONString({}), '\\/', '/')"
# From the first moment of the year 1 to the last of 9999, which is all that is kept; others are refused.
_MOMENT = (
    "if(toInt64OrZero(cell.2) BETWEEN -62135596800000 AND 253402300799999, concat('\"', formatDateTime("
    "toDateTime64(fromUnixTimestamp64Milli(toInt64OrZero(cell.2), 'UTC'), 6, 'UTC'), "
    "'%Y-%m-%dT%H:%i:%S.%fZ'), '\"'), cell.2)"
)
_DAY = (
    "if(toInt64OrZero(cell.2) BETWEEN -719162 AND 2932896, concat('\"', "
    "toString(addDays(toDate32('1970-01-01'), toInt32OrZero(cell.2))), '\"'), cell.2)"
)
# The engine writes a negative zero as a whole number, which it reads as zero the next time.
_VALUE = "if(startsWith(cell.2, '{\"value\":-0,'), '-0.0', JSONExtractRaw(cell.2, 'value'))"
_ADDRESS_TEXT = "extract(cell.2, '/([^/\"]*)\"$')"
_ADDRESS = (
    f"concat('\"', if(position({_ADDRESS_TEXT}, ':') > 0, "
    f"ifNull(toString(toIPv6OrNull({_ADDRESS_TEXT})), {_ADDRESS_TEXT}), {_ADDRESS_TEXT}), '\"')"
)
_SORTED = "concat('[', arrayStringConcat(arraySort(JSONExtractArrayRaw(cell.2)), ','), ']')"
_MAP = (
    "if(startsWith(cell.2, '{'), concat('{', arrayStringConcat(arraySort(arrayMap(pair -> concat("
    f"{_SLASH.format('pair.1')}, ':', pair.2), JSONExtractKeysAndValuesRaw(cell.2))), ','), '}}'), {_SORTED})"
)


def row_events(contract: Contract, table: str) -> str:
    """SQL of a table's records with events as those of rows; what has that form already stays as it is.

    Args:
        contract: of the dataset.
        table: the passage with the records as they came.
    """
    key = literals(column.name for column in contract.key)
    clustering = [column.name for column in contract.key if column.name not in contract.partition_key]
    # (name, value as JSON, when it expires) of what was written.
    cells = (
        f"arrayMap(cell -> (cell.1, {_VALUE}, "
        "if(startsWith(cell.2, '{\"value\":null,'), 0, "
        "intDiv(JSONExtractInt(cell.2, 'deletion_ts'), 1000000))), "
        f"arrayFilter(cell -> cell.2 != 'null' AND NOT startsWith(cell.1, '_range_'), {_AFTER}))"
    )
    converted = f"arrayMap(cell -> (cell.1, {_converted(contract.columns)}, cell.3), {cells})"
    operation = "JSONExtractString(assumeNotNull(value), 'op')"
    if contract.partition_key:
        is_partition = f"arrayExists(cell -> has({literals(clustering)}, cell.1) AND cell.2 = 'null', _cells)"
        deletion = f"if({is_partition}, 'p', 'd')"
    else:
        deletion = "'d'"
    named = (
        f"multiIf({operation} = 'i', 'c', {operation} = 'd', {deletion}, {operation} = 'r', "
        f"{literal(RANGE_DELETION)}, {operation})"
    )
    expiring = "arrayFilter(cell -> cell.3 > 0, _cells)"
    expires = (
        f"if(empty({expiring}), '', concat(',\"{EXPIRES}\":{{', "
        f"arrayStringConcat(arrayMap(cell -> concat(toJSONString(cell.1), ':', toString(cell.3)), "
        f"{expiring}), ','), '}}'))"
    )
    row = f"concat('{{', {_object('_cells')}, {expires}, '}}')"
    given = f"arrayFilter(cell -> has({key}, cell.1) AND cell.2 != 'null', _cells)"
    keys = f"concat('{{', {_object(given)}, '}}')"
    rewritten = (
        f"concat('{{\"before\":', if({operation} = 'd', {keys}, 'null'), ',\"after\":', "
        f"if({operation} IN ('i', 'u'), {row}, 'null'), ',\"source\":', "
        f"JSONExtractRaw(assumeNotNull(value), 'source'), ',\"transaction\":null,\"op\":\"', {named}, '\"}}')"
    )
    is_cells = "ifNull(JSONHas(value, 'after', '_range_start'), 0)"
    return (
        f"(SELECT * EXCEPT (_cells, value), if({is_cells}, {rewritten}, value) AS value\n"
        f"FROM (SELECT *, if({is_cells}, {converted}, []) AS _cells FROM {table}))"
    )


def _object(cells: str) -> str:
    return f"arrayStringConcat(arrayMap(cell -> concat(toJSONString(cell.1), ':', cell.2), {cells}), ',')"


def _converted(columns: Iterable[Column]) -> str:
    """SQL of a value as JSON in the form of other connectors."""
    by_way: dict[str, list[str]] = {}
    for column in columns:
        if (way := _way(column)) is not None:
            by_way.setdefault(way, []).append(column.name)
    if not by_way:
        return "cell.2"
    branches = ", ".join(f"has({literals(names)}, cell.1), {way}" for way, names in by_way.items())
    return f"multiIf(cell.2 = 'null', cell.2, {branches}, cell.2)"


def _way(column: Column) -> str | None:
    kind = normal_type(column.source_type)
    if column.mapping.family == "json":
        text = (
            _MAP
            if kind.startswith("frozen<map<")
            else _SORTED
            if kind.startswith("frozen<set<")
            else "cell.2"
        )
        return f"toJSONString({text})"
    return {"timestamp": _MOMENT, "date": _DAY, "inet": _ADDRESS}.get(kind)
