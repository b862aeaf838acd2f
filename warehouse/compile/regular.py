"""``landing.<dataset>__parsed``: the fast way, for records in the form that the connector always sends.

The engine analyses every view again at each insert, about 20 microseconds a function; the complete readers of
a table with twenty columns take 300 ms so, every time. Here each value is converted by the shortest call there
is, leniently, and the whole record is then written back and compared with what came: a record is regular when
the two are the same. Whatever is not goes to the complete readers (`warehouse.compile.parsing`), whose view
costs nothing while no such record comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from textwrap import indent

from bilten.contracts import Column, Contract
from bilten.contracts.unchanged import unchanged_columns
from bilten.types import Family, TypeMapping
from warehouse.compile import names
from warehouse.compile.columns import extra, unchanged
from warehouse.compile.records import (
    definitions,
    event_select,
    header_select,
    text,
    text_select,
    version,
)
from warehouse.compile.statements import Statement, identifier, lines, literal
from warehouse.compile.values import placeholder

_DIGITS_OF_A_DOUBLE = 15
_DECIMAL_WIDTHS = ((9, 32), (18, 64), (38, 128), (76, 256))


@dataclass(frozen=True, slots=True)
class Conversion:
    """A lenient conversion and its way back.

    Attributes:
        value: SQL of the value, from SQL of the text.
        back: SQL of the text that the value has in the usual form, from SQL of the value; None where the
            value is the text itself.
    """

    value: Callable[[str], str]
    back: Callable[[str], str] | None


_TEXT = Conversion(lambda text: text, None)
_CONVERSIONS: dict[Family, Conversion] = {
    "text": _TEXT,
    "enum": _TEXT,
    "json": _TEXT,
    "uuid": Conversion(lambda text: f"toUUIDOrNull({text})", lambda value: f"toString({value})"),
    "boolean": Conversion(
        lambda text: f"accurateCastOrNull({text}, 'Bool')", lambda value: f"toString({value})"
    ),
    "timestamp": Conversion(
        lambda text: f"parseDateTime64BestEffortOrNull({text}, 6, 'UTC')",
        lambda value: f"formatDateTime({value}, '%Y-%m-%dT%H:%i:%S.%fZ')",
    ),
    "date": Conversion(
        lambda text: f"toDate32OrNull(substring({text}, 1, 10))",
        lambda value: f"concat(toString({value}), 'Z')",
    ),
    "bytes": Conversion(
        lambda text: f"tryBase64Decode({text})",
        lambda value: f"base64Encode({value})",
    ),
}
_CONVERSIONS["timestamp_local"] = _CONVERSIONS["timestamp"]


def regular_view(contract: Contract) -> Statement:
    """Reads every record of the landing table and says whether it was in the usual form."""
    event = f"SELECT\n{lines(event_select(contract))}\nFROM {names.landing(contract.name)}\nWHERE isNotNull(value)"
    inner = f"SELECT\n{lines(text_select())}\nFROM (\n{indent(event, '    ')}\n)"
    name = names.view(contract.name, "parse")
    return Statement(
        names.plain_name(name),
        "materialized_view",
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} TO {names.parsed(contract.name)}\n"
        f"AS WITH\n{lines(definitions(contract))}\nSELECT\n{lines(_select(contract))}\nFROM (\n{indent(inner, '    ')}\n)",
    )


def irregular_view(contract: Contract) -> Statement:
    """Sends what was not regular to the complete readers, as it came."""
    selected = [
        f"`{name}`" if name.startswith("_") else f"`_{name}` AS `{name}`" for name, _ in names.LANDING_COLUMNS
    ]
    name = names.view(contract.name, "to_irregular")
    return Statement(
        names.plain_name(name),
        "materialized_view",
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} TO {names.irregular(contract.name)}\n"
        f"AS SELECT\n{lines(selected)}\nFROM {names.parsed(contract.name)}\nWHERE NOT _is_regular",
    )


def _conversion(mapping: TypeMapping) -> Conversion | None:
    """How values of a type are converted; None when its texts have no single usual form."""
    if mapping.family == "decimal":
        width = next(bits for digits, bits in _DECIMAL_WIDTHS if (mapping.precision or 0) <= digits)
        scale = mapping.scale or 0
        return Conversion(
            lambda text: f"toDecimal{width}OrNull({text}, {scale})",
            lambda value: f"toDecimalString({value}, {scale})",
        )
    if mapping.family in {"integer", "float"}:
        return Conversion(
            lambda text: f"to{mapping.warehouse}OrNull({text})", lambda value: f"toString({value})"
        )
    if (
        mapping.family == "array"
        and mapping.element
        and mapping.element.family in {"text", "uuid", "integer"}
    ):
        return Conversion(
            lambda text: f"JSONExtract(ifNull({text}, '[]'), {literal(mapping.warehouse)})",
            lambda value: f"toJSONString({value})",
        )
    return _CONVERSIONS.get(mapping.family)


def _select(contract: Contract) -> list[str]:
    selected = []
    for column in contract.columns:
        conversion = _conversion(column.mapping)
        value = _nothing(column) if conversion is None else conversion.value(text(column))
        if conversion is _TEXT and column in unchanged_columns(contract):
            value = f"nullIf({text(column)}, {literal(placeholder(column.mapping) or '')})"
        selected.append(f"{value} AS {identifier(column.name)}")
    selected += [
        f"isNull({text(column)}) AS {identifier(names.is_null(column))}"
        for column in contract.columns
        if names.has_null_flag(column)
    ]
    selected += header_select()
    selected += [
        f"{unchanged(contract)} AS _unchanged",
        f"{extra(contract, sentinels=False)} AS _extra",
        f"{version()} AS _version",
        "_headers",
        "_key",
        "_value",
        f"ifNull({_is_regular(contract)}, 0) AS _is_regular",
    ]
    return selected


def _nothing(column: Column) -> str:
    return "[]" if column.mapping.family == "array" else "NULL"


def _is_regular(contract: Contract) -> str:
    def array(columns: Iterable[Column]) -> str:
        return f"[{', '.join(text(column) for column in columns)}]"

    left_out = unchanged_columns(contract)
    conditions = [
        "_op IN ('r', 'c', 'u', 'd')",
        "isNotNull(`_source.lsn`)",
        "isNotNull(`_source.ts_us`)",
        "isNotNull(_epoch_or_null)",
        f"NOT has({array(contract.key)}, NULL)",
    ]
    required = [column for column in contract.columns if column.required and column.key_position is None]
    if required:
        conditions.append(f"(_op = 'd' OR NOT has({array(required)}, NULL))")
    conditions.append("(_op = 'd' OR notEmpty(_fields))")
    converted = [
        (text(column), conversion.back(identifier(column.name)), column)
        for column in contract.columns
        if (conversion := _conversion(column.mapping)) is not None and conversion.back is not None
    ]
    if converted:
        backs = ", ".join(
            f"if(isNull({came}), NULL, {back})" if column.mapping.family == "array" else back
            for came, back, column in converted
        )
        texts = ", ".join(came for came, _, _ in converted)
        conditions.append(f"isNotDistinctFrom(tuple({backs}), tuple({texts}))")
    unreadable = [column for column in contract.columns if _conversion(column.mapping) is None]
    conditions += [f"isNull({text(column)})" for column in unreadable]
    conditions += _text_conditions(contract, array)
    conditions += _decimal_conditions(contract, array)
    unexpected = [
        column
        for column in contract.columns
        if column.mapping.can_be_unchanged and column not in left_out and column.mapping.family != "array"
    ]
    for text_marker in sorted({placeholder(column.mapping) or "" for column in unexpected}):
        same = [column for column in unexpected if placeholder(column.mapping) == text_marker]
        conditions.append(f"NOT has({array(same)}, {literal(text_marker)})")
    # The placeholder of an array is an array like any other: only the complete readers tell them apart.
    conditions += [
        f"ifNull({text(column)} != {literal(marker)}, 1)"
        for column in contract.columns
        if column.mapping.family == "array" and (marker := placeholder(column.mapping)) is not None
    ]
    return "\n    AND ".join(conditions)


def _text_conditions(contract: Contract, array: Callable[[Iterable[Column]], str]) -> list[str]:
    """A JSON object or array in the place of a text begins with a bracket; so do few texts."""
    texts = [column for column in contract.columns if column.mapping.family in {"text", "enum", "time"}]
    if not texts:
        return []
    return [f"NOT arrayExists(text -> substring(text, 1, 1) IN ('{{', '['), {array(texts)})"]


def _decimal_conditions(contract: Contract, array: Callable[[Iterable[Column]], str]) -> list[str]:
    """The engine lets a Decimal hold more digits than its precision; the length of the usual form bounds them."""
    decimals = [column for column in contract.columns if column.mapping.family == "decimal"]
    if not decimals:
        return []
    longest = [
        min((column.mapping.precision or 0) + (1 if column.mapping.scale else 0), _DIGITS_OF_A_DOUBLE)
        for column in decimals
    ]
    return [f"NOT arrayExists((text, longest) -> length(text) > longest, {array(decimals)}, {longest})"]
