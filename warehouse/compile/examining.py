"""The complete readers: records that were not in the usual form become values exactly, or dead letters.

Decimals with an exponent or needless zeros, times with three decimals, specials of floats, sentinels, labels
that are new, and truncations are good all the same; the rest gets its reasons.

Columns that are read alike are read together, as arrays: the engine analyses a view at each insert that
reaches it, and its readers written out for every column of a wide table would take it a third of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from textwrap import indent

from bilten.contracts import Column, Contract
from bilten.contracts.unchanged import unchanged_columns
from warehouse.compile import names
from warehouse.compile.columns import extra, unchanged
from warehouse.compile.envelopes import envelopes
from warehouse.compile.logs import log_of
from warehouse.compile.passages import defined, examined_columns
from warehouse.compile.readers import Reader
from warehouse.compile.records import (
    DOCUMENT,
    ROW_OPERATIONS,
    definitions,
    envelope_reasons,
    event_select,
    has_key_alone,
    header_select,
    text,
    text_select,
    version,
)
from warehouse.compile.statements import Statement, identifier, lines, literal
from warehouse.compile.values import column_reader, placeholder

TOO_SMALL = ": came without its value, which rows of this table are too small for"

_PASSED = (
    *("_op", "_ordinal", "_topic", "_partition", "_offset", "_timestamp", "_headers", "_key", "_value"),
    *("_fields", "_epoch_text", "_epoch_or_null"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that are read alike.

    Attributes:
        number: tells the group's arrays from those of others.
        reader: reads ``text``, the variable of a lambda.
        columns: in the contract's order.
    """

    number: int
    reader: Reader
    columns: tuple[Column, ...]

    @property
    def texts(self) -> str:
        """Name of the array of texts."""
        return f"_texts_{self.number}"

    @property
    def values(self) -> str:
        """Name of the array of values."""
        return f"_values_{self.number}"

    def constants(self, of: Callable[[Column], str]) -> str:
        """SQL of an array with a constant for each column."""
        return f"[{', '.join(of(column) for column in self.columns)}]"


def examining_view(contract: Contract) -> Statement:
    """Reads every record of an irregular batch: event, texts, their values, the verdict, each a subquery."""
    groups = tuple(_groups(contract))
    source = f"{envelopes(contract, names.irregular(contract.name))}\nWHERE isNotNull(value)"
    query = f"SELECT\n{lines(event_select(contract))}\nFROM {source}"
    layers = (
        text_select(),
        _array_select(contract, groups),
        _value_select(contract, groups),
        _final_select(contract, groups),
    )
    for number, layer in enumerate(layers):
        given = f"WITH\n{lines(definitions(contract))}\n" if number == 1 else ""
        query = f"{given}SELECT\n{lines(layer)}\nFROM (\n{indent(query, '    ')}\n)"
    name = names.view(contract.name, "examine")
    return Statement(
        names.plain_name(name),
        "materialized_view",
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} TO {names.examined(contract.name)} (\n"
        f"{defined(examined_columns(contract))}\n)\nAS {query}",
    )


def _groups(contract: Contract) -> Iterable[Group]:
    found: dict[Reader, list[Column]] = {}
    for column in contract.columns:
        # Members of an array have one type, which the reader's text does not always say (enum and text).
        found.setdefault(column_reader(column, "text", "has(_strings, name)"), []).append(column)
    for number, (reader, columns) in enumerate(found.items(), start=1):
        yield Group(number, reader, tuple(columns))


def _array_select(contract: Contract, groups: Iterable[Group]) -> list[str]:
    arrays = [f"{group.constants(text)} AS {group.texts}" for group in groups]
    # A delete has its key alone, before the change or as the record's key.
    pairs = (
        f"if({has_key_alone(contract)}, arrayConcat(JSONExtractKeysAndValuesRaw({DOCUMENT}, 'before'), "
        f"JSONExtractKeysAndValuesRaw(ifNull(_key, ''))), JSONExtractKeysAndValuesRaw({DOCUMENT}, 'after'))"
    )
    strings = f"arrayMap(pair -> pair.1, arrayFilter(pair -> startsWith(pair.2, '\"'), {pairs})) AS _strings"
    return [*_passed(contract), strings, *arrays, *(text(column) for column in contract.columns)]


def _value_select(contract: Contract, groups: Iterable[Group]) -> list[str]:
    return [
        *_passed(contract),
        "_strings",
        *(group.texts for group in groups),
        *(text(column) for column in contract.columns),
        *(f"{_values(group)} AS {group.values}" for group in groups),
    ]


def _passed(contract: Contract) -> tuple[str, ...]:
    return (*_PASSED, *log_of(contract).columns)


def _values(group: Group) -> str:
    nothing = "[]" if group.columns[0].mapping.family == "array" else "NULL"
    return (
        f"arrayMap((text, name, marker) -> if(ifNull(text = marker, 0), {nothing}, {group.reader.value}), "
        f"{group.texts}, {group.constants(_name)}, {group.constants(_marker)})"
    )


def _final_select(contract: Contract, groups: tuple[Group, ...]) -> list[str]:
    places = {
        column.name: f"{group.values}[{place}]"
        for group in groups
        for place, column in enumerate(group.columns, start=1)
    }
    flags = [column for column in contract.columns if names.has_null_flag(column)]
    return [
        *(f"{places[column.name]} AS {identifier(column.name)}" for column in contract.columns),
        *(f"isNull({text(column)}) AS {identifier(names.is_null(column))}" for column in flags),
        *header_select(contract),
        f"{unchanged(contract)} AS _unchanged",
        f"{extra(contract, sentinels=True)} AS _extra",
        f"{version(contract)} AS _version",
        f"{_reasons(contract, groups)} AS _reasons",
        "_headers",
        "_key",
        "_value",
    ]


def _reasons(contract: Contract, groups: Iterable[Group]) -> str:
    may_be_left_out = frozenset(column.name for column in unchanged_columns(contract))
    envelope = f"[{', '.join(envelope_reasons(contract))}]"
    parts = ",\n    ".join([envelope, *(_group_reasons(group, may_be_left_out) for group in groups)])
    return (
        f"if(NOT isValidJSON({DOCUMENT}), ['not JSON'], "
        f"arrayFilter(reason -> notEmpty(reason), arrayConcat(\n    {parts}\n)))"
    )


def _group_reasons(group: Group, may_be_left_out: frozenset[str]) -> str:
    """SQL of the reasons against the columns of a group, empty where there is none.

    A delete is asked for its key only, a truncation for nothing.
    """
    accepted = group.reader.accepted or "isNotNull(value)"
    about_key = "(_op = 'd' OR (_op != 't' AND notEmpty(_fields)))"
    about_row = f"(_op IN {ROW_OPERATIONS} AND notEmpty(_fields))"
    concerned = f"if(startsWith(label, 'key'), {about_key}, {about_row})"
    missing = f"if({about_row} AND has(_fields, name), ': null in a required column', ': missing')"
    lambda_body = (
        f"multiIf(NOT {concerned}, '', isNull(text), if(required, concat(label, name, {missing}), ''), "
        f"ifNull(text = marker, 0), if(left_out, '', concat(label, name, {literal(TOO_SMALL)})), "
        f"ifNull({accepted}, 0), '', concat(label, name, ': ', {group.reader.refusal}))"
    )
    constants = (
        group.constants(_name),
        group.constants(lambda column: literal("column " if column.key_position is None else "key column ")),
        group.constants(lambda column: str(int(column.required))),
        group.constants(_marker),
        group.constants(lambda column: str(int(column.name in may_be_left_out))),
    )
    return (
        f"arrayMap((text, value, name, label, required, marker, left_out) -> {lambda_body}, "
        f"{group.texts}, {group.values}, {', '.join(constants)})"
    )


def _name(column: Column) -> str:
    return literal(column.name)


def _marker(column: Column) -> str:
    """The placeholder of a left-out value, which is never kept; no text where there is none."""
    marker = placeholder(column.mapping) if column.mapping.can_be_unchanged else None
    # No field's text holds a null byte: PostgreSQL knows none.
    return literal(marker) if marker is not None else "'\\0'"
