"""Events of other forms, and lines of files, put into the one form that all others have."""

from __future__ import annotations

from bilten.contracts import Contract
from bilten.databases import FILES
from warehouse.compile.cell_events import row_events
from warehouse.compile.cells import is_of_cells
from warehouse.compile.names import POSITION_HEADER
from warehouse.compile.statements import literal

_AFTER = "simpleJSONExtractRaw(ifNull(value, ''), 'after')"
# An update whose document is gone by the time that it is looked up comes without one: its delete follows.
_OPERATION = (
    f"if({_AFTER} = 'null' AND JSONExtractString(value, 'op') = 'u', 'd', JSONExtractString(value, 'op'))"
)
_ROW = (
    f"if({_AFTER} = 'null', 'null', concat('{{\"id\":', simpleJSONExtractRaw(ifNull(key, ''), 'id'), "
    f"',\"document\":', {_AFTER}, '}}'))"
)
_TRANSACTION = "simpleJSONExtractRaw(assumeNotNull(value), 'transaction')"
# What is in that form already (a dead letter that is replayed, say), or is no event, stays as it is.
_OF_DOCUMENT = (
    f"if(startsWith({_AFTER}, '\"') OR {_AFTER} = 'null', concat('{{\"before\":null,\"after\":', {_ROW}, "
    "',\"source\":', simpleJSONExtractRaw(assumeNotNull(value), 'source'), ',\"transaction\":', "
    f"if({_TRANSACTION} = '', 'null', {_TRANSACTION}), ',\"op\":\"', {_OPERATION}, '\"}}'), value)"
)

_BEFORE_LINE = '{"before":null,"after":'


def _after_line(headers: str) -> str:
    """SQL of what follows a line in its event: the place that the line has among all that were delivered."""
    position = f"{headers}[{literal(POSITION_HEADER)}]"
    return (
        f'concat(\',"source":{{"lsn":\', {position}, \',"ts_us":\', '
        "toString(toUnixTimestamp64Milli(_timestamp) * 1000), ',\"row\":', toString(_offset), "
        '\'},"op":"c"}\')'
    )


def _is_line(headers: str) -> str:
    return f"{headers}[{literal(POSITION_HEADER)}] != ''"


# A line that is no JSON stays as it is, and is refused for that.
_OF_LINE = (
    f"if({_is_line('headers')} AND isValidJSON(assumeNotNull(value)), "
    f"concat({literal(_BEFORE_LINE)}, assumeNotNull(value), {_after_line('headers')}), value)"
)


def envelopes(contract: Contract, table: str) -> str:
    """SQL of where a table's records are read from, with events as those of rows.

    MongoDB's connector sends a document as a text, with its ``_id`` in the record's key. A file's line is a
    JSON object of its columns; what the platform itself adds to a file (deletes) is an event already.

    Args:
        contract: of the dataset.
        table: the passage with the records as they came.
    """
    if is_of_cells(contract):
        return row_events(contract, table)
    rewritten = {"mongodb": _OF_DOCUMENT, FILES: _OF_LINE}.get(contract.database)
    if rewritten is None:
        return table
    return f"(SELECT * REPLACE (if(isNull(value), NULL, {rewritten}) AS value) FROM {table})"


def as_it_came(contract: Contract) -> str:
    """SQL of a record's value as it came, byte for byte, from that of its event (``_value``)."""
    if contract.database != FILES:
        return "_value"
    after = _after_line("_headers")
    length = f"length(_value) - {len(_BEFORE_LINE)} - length({after})"
    return (
        f"if({_is_line('_headers')} AND startsWith(_value, {literal(_BEFORE_LINE)}) "
        f"AND endsWith(_value, {after}), substring(_value, {len(_BEFORE_LINE) + 1}, {length}), _value)"
    )
