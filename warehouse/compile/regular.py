"""``landing.<dataset>__parsed``: the short way, for records in the form that the connector always sends.

The engine analyses every view again at each insert, about 50 microseconds for each name and each call in it,
more where wide tuples are passed on. So one call reads a whole row (`JSONExtract`, leniently), one writes it
back (`toJSONString`), and a record is regular when that is the text that came: every value of it was read
without loss then, no field is missing and none is unknown. A batch with any other record is refused as a
whole, and takes the way of the complete readers (`warehouse.compile.examining`, `warehouse.landing`).
"""

from __future__ import annotations

from textwrap import indent

from bilten.contracts import Contract
from bilten.contracts.unchanged import unchanged_columns
from warehouse.compile import names
from warehouse.compile.columns import marked_as_unchanged
from warehouse.compile.envelopes import envelopes
from warehouse.compile.logs import log_of
from warehouse.compile.passages import defined, parsed_columns
from warehouse.compile.records import (
    IS_A_TIME,
    LOADED_NOW,
    header_select,
    header_type,
    source_select,
    version,
)
from warehouse.compile.rows import JSON_SETTINGS, row_type, values_type
from warehouse.compile.statements import Statement, lines, literal, literals
from warehouse.compile.values import INNER_ARRAY, PLACEHOLDER, placeholder

_PRECISIONS_OF_WHOLE_WIDTHS = (9, 18, 38, 76)
"""Of these the engine reads no number with more digits."""

IRREGULAR = "a record is not in the usual form"
"""What the engine says of a batch that must take the way of the complete readers."""


def regular_view(contract: Contract) -> Statement:
    """Reads every record of the landing table, and refuses the batch if one is not in the usual form."""
    settings = ", ".join(f"{name} = {literal(value)}" for name, value in JSON_SETTINGS.items())
    name = names.view(contract.name, "parse")
    return Statement(
        names.plain_name(name),
        "materialized_view",
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} TO {names.parsed(contract.name)} (\n"
        f"{defined(parsed_columns(contract))}\n)\n"
        f"AS {regular_select(contract, names.landing(contract.name))}\nSETTINGS {settings}",
    )


def regular_select(contract: Contract, records: str, *, tells_loading: bool = False) -> str:
    """The query that reads records, and fails if one is not in the usual form and ``_is_irregular`` is asked.

    Args:
        contract: of the dataset.
        records: SQL of what has the columns of a landing table.
        tells_loading: whether it has ``_loaded_at``, too; the time of the query is taken otherwise.
    """
    source = f"{envelopes(contract, records)}\nWHERE isNotNull(value)"
    event = [*_event_select(contract), *(["_loaded_at"] if tells_loading else [])]
    inner = f"SELECT\n{lines(event)}\nFROM {source}"
    selected = _select(contract, loaded_at="_loaded_at" if tells_loading else LOADED_NOW)
    return f"SELECT\n{lines(selected)}\nFROM (\n{indent(inner, '    ')}\n)"


def _event_select(contract: Contract) -> list[str]:
    """The record, the parts of the event around the row, and the row's text: of a delete, the key's."""
    row = "if(_op = 'd', assumeNotNull(key), simpleJSONExtractRaw(assumeNotNull(value), 'after'))"
    return [
        "_topic",
        "_partition",
        "_offset",
        "_timestamp",
        "headers AS _headers",
        f"JSONExtract(assumeNotNull(value), {literal(header_type(contract))}) AS _event",
        *source_select(),
        f"{_without_time_zones(contract, row)} AS _text",
    ]


def _without_time_zones(contract: Contract, row: str) -> str:
    """SQL of a row's text with dates that have lost their ``Z``, as the engine reads and writes them.

    A name in quotes before a colon is a field, never a part of a text: there each quote is escaped.
    """
    dates = "|".join(column.name for column in contract.columns if column.mapping.family == "date")
    if not dates:
        return row
    found, kept = rf'("(?:{dates})":"[^"]{{10}})Z"', r'\1"'
    return f"replaceRegexpAll({row}, {literal(found)}, {literal(kept)})"


def _select(contract: Contract, *, loaded_at: str) -> list[str]:
    values = literal(values_type(contract.columns))
    return [
        f"JSONExtract(_text, {literal(row_type(contract.columns))}) AS _row",
        # Only the text of a delete lacks columns, which are read once more, without a value. 1.1 of 6.6 µs a
        # record were spent on reading each text twice.
        f"if(_op = 'd', JSONExtract(_text, {values}), CAST(_row, {values})) AS _values",
        *header_select(contract, loaded_at=loaded_at),
        f"{marked_as_unchanged(contract)} AS _unchanged",
        "'' AS _extra",
        f"{version(contract)} AS _version",
        f"throwIf(NOT ifNull({_is_regular(contract)}, 0), {literal(IRREGULAR)}) AS _is_irregular",
    ]


def _is_regular(contract: Contract) -> str:
    """SQL: whether the record is what the connector always sends; NULL and 0 both mean that it is not."""
    key = f"toJSONString(JSONExtract(_text, {literal(row_type(contract.key))}))"
    conditions = [
        f"if(_op = 'd', {key}, toJSONString(_row)) = _text",
        "_op IN ('r', 'c', 'u', 'd')",
        f"isNotNull({log_of(contract).position})",
        IS_A_TIME,
        "isNotNull(_epoch_or_null)",
        *_decimals_are_within_their_precision(contract),
        *_bytes_are_canonical(contract),
        *_nothing_left_out_unawares(contract),
    ]
    return "\n    AND ".join(conditions)


def _decimals_are_within_their_precision(contract: Contract) -> list[str]:
    """The engine reads as many digits as an integer of its width holds, some more than a column's precision.

    A search of the text for such numbers took 1.9 of 11.6 µs a record of ``tickets.orders``.
    """
    conditions = []
    for column in contract.columns:
        precision, scale = column.mapping.precision or 0, column.mapping.scale or 0
        if column.mapping.family == "decimal" and precision not in _PRECISIONS_OF_WHOLE_WIDTHS:
            is_within = f"abs(tupleElement(_row, {literal(column.name)})) < {10 ** (precision - scale)}"
            conditions.append(is_within if column.required else f"ifNull({is_within}, true)")
    return conditions


def _bytes_are_canonical(contract: Contract) -> list[str]:
    """More than one text of base64 may stand for the same bytes; the connector writes one of them."""
    texts = [
        f"JSONExtractString(_text, {literal(column.name)})"
        for column in contract.columns
        if column.mapping.family == "bytes"
    ]
    return [f"base64Encode(tryBase64Decode({text})) = {text}" for text in texts]


def _nothing_left_out_unawares(contract: Contract) -> list[str]:
    """A placeholder where none can be is for the complete readers, and so is any in an array.

    Inner arrays arrive as the name of a Java class and an address.
    """
    left_out = unchanged_columns(contract)
    if not left_out:
        telling = [f':"{PLACEHOLDER}"']
    else:
        telling = [
            f'"{column.name}":"{PLACEHOLDER}"'
            for column in contract.columns
            if column.mapping.can_be_unchanged and column.mapping.family != "array" and column not in left_out
        ]
    arrays = [column for column in contract.columns if column.mapping.family == "array"]
    telling += [f'"{column.name}":{marker}' for column in arrays if (marker := placeholder(column.mapping))]
    telling += [INNER_ARRAY] if arrays else []
    return [f"NOT multiSearchAny(_text, {literals(telling)})"] if telling else []
