"""The complete readers: records that were not in the usual form become values exactly, or dead letters.

Decimals with an exponent or needless zeros, times with three decimals, specials of floats, sentinels and
truncations are good all the same; the rest gets its reasons.
"""

from __future__ import annotations

from textwrap import indent

from bilten.contracts import Column, Contract
from bilten.contracts.unchanged import unchanged_columns
from warehouse.compile import names
from warehouse.compile.columns import extra, unchanged
from warehouse.compile.readers import Reader
from warehouse.compile.records import (
    DOCUMENT,
    ROW_OPERATIONS,
    definitions,
    envelope_is_good,
    envelope_reasons,
    event_select,
    header_select,
    text,
    text_select,
    version,
)
from warehouse.compile.statements import Statement, identifier, lines, literal
from warehouse.compile.values import column_reader, placeholder


def examining_view(contract: Contract) -> Statement:
    """Reads every irregular record: the event, its texts, their values, the verdict, each a subquery."""
    query = f"SELECT\n{lines(event_select(contract))}\nFROM {names.irregular(contract.name)}"
    layers = (text_select(), _value_select(contract), _final_select(contract))
    for number, layer in enumerate(layers):
        defined = f"WITH\n{lines(definitions(contract))}\n" if number == 1 else ""
        query = f"{defined}SELECT\n{lines(layer)}\nFROM (\n{indent(query, '    ')}\n)"
    name = names.view(contract.name, "examine")
    return Statement(
        names.plain_name(name),
        "materialized_view",
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} TO {names.examined(contract.name)}\nAS {query}",
    )


def _path(column: Column) -> str:
    return f"'after', {literal(column.name)}"


def _reader(column: Column) -> Reader:
    return column_reader(column, text(column), DOCUMENT, _path(column))


def _placeholder(column: Column) -> str | None:
    """The placeholder that a column must never keep; it is refused even where it cannot be expected."""
    return placeholder(column.mapping) if column.mapping.can_be_unchanged else None


def _value(column: Column) -> str:
    value = _reader(column).value
    left_out = _placeholder(column)
    if left_out is None:
        return value
    nothing = "[]" if column.mapping.family == "array" else "NULL"
    return f"if({text(column)} = {literal(left_out)}, {nothing}, {value})"


def _is_unchanged(column: Column) -> str:
    return f"{text(column)} = {literal(_placeholder(column) or '')}"


def _is_accepted(column: Column, can_be_unchanged: bool) -> str:
    """SQL: whether this column does not make the record a dead letter."""
    accepted = _reader(column).accepted or f"isNotNull({identifier(column.name)})"
    if column.mapping.family == "array" and (left_out := _placeholder(column)) is not None:
        accepted = f"({accepted} AND {text(column)} != {literal(left_out)})"
    ways = [accepted]
    if not column.required:
        ways.append(f"isNull({text(column)})")
    if can_be_unchanged and _placeholder(column) is not None:
        ways.append(_is_unchanged(column))
    condition = " OR ".join(ways)
    return f"ifNull({condition}, 0)" if len(ways) > 1 or column.mapping.family == "array" else condition


def _value_select(contract: Contract) -> list[str]:
    passed = [
        *("_op", "_ordinal", "_topic", "_partition", "_offset", "_timestamp", "_headers", "_key", "_value"),
        *("_fields", "_epoch_text", "_epoch_or_null"),
        *("`_source.lsn`", "`_source.ts_us`", "`_source.txId`", "`_source.sequence`"),
    ]
    texts = [text(column) for column in contract.columns]
    values = [f"{_value(column)} AS {identifier(column.name)}" for column in contract.columns]
    return [*passed, *texts, *values, f"{_is_good(contract)} AS _is_good"]


def _is_good(contract: Contract) -> str:
    can_be_unchanged = set(unchanged_columns(contract))
    key = " AND ".join(_is_accepted(column, False) for column in contract.key)
    others = [
        _is_accepted(column, column in can_be_unchanged)
        for column in contract.columns
        if column.key_position is None
    ]
    row = f" AND (_op NOT IN {ROW_OPERATIONS} OR ({' AND '.join(others)}))" if others else ""
    return f"{envelope_is_good()} AND (_op = 't' OR ({key}{row}))"


def _final_select(contract: Contract) -> list[str]:
    selected = [identifier(column.name) for column in contract.columns]
    selected += [
        f"isNull({text(column)}) AS {identifier(names.is_null(column))}"
        for column in contract.columns
        if names.has_null_flag(column)
    ]
    selected += header_select()
    return [
        *selected,
        f"{unchanged(contract)} AS _unchanged",
        f"{extra(contract, sentinels=True)} AS _extra",
        f"{version()} AS _version",
        f"if(_is_good, [], {_reasons(contract)}) AS _reasons",
        "_headers",
        "_key",
        "_value",
    ]


def _reasons(contract: Contract) -> str:
    can_be_unchanged = set(unchanged_columns(contract))
    reasons = envelope_reasons()
    reasons += [_reason(column, column in can_be_unchanged) for column in contract.columns]
    listed = ",\n    ".join(reasons)
    return f"if(NOT isValidJSON({DOCUMENT}), ['not JSON'], arrayFilter(reason -> notEmpty(reason), [\n    {listed}\n]))"


def _reason(column: Column, can_be_unchanged: bool) -> str:
    """SQL of the reason why a column is refused, empty when it is not."""
    name, came = literal(column.name), text(column)
    is_key = column.key_position is not None
    concerned = (
        "_op != 't' AND (_op = 'd' OR notEmpty(_fields))"
        if is_key
        else f"_op IN {ROW_OPERATIONS} AND notEmpty(_fields)"
    )
    label = "key column" if is_key else "column"
    cases = [
        f"NOT ({concerned})",
        "''",
        f"ifNull({_is_accepted(column, can_be_unchanged)}, 0)",
        "''",
        f"isNull({came}) AND _op IN {ROW_OPERATIONS} AND has(_fields, {name})",
        literal(f"{label} {column.name}: null in a required column"),
        f"isNull({came})",
        literal(f"{label} {column.name}: missing"),
    ]
    left_out = _placeholder(column)
    if left_out is not None and not can_be_unchanged:
        cases += [
            f"{came} = {literal(left_out)}",
            literal(
                f"column {column.name}: came without its value, which rows of this table are too small for"
            ),
        ]
    refusal = _reader(column).refusal
    cases.append(f"concat({literal(f'{label} {column.name}: ')}, {refusal})")
    return f"multiIf({', '.join(cases)})"
