"""``landing.<dataset>__parsed``: the fast way, for records in the form that the connector always sends.

The engine analyses every view again at each insert, about 20 microseconds a function; complete readers,
written out for each of twenty columns, took 300 ms so, every time. Here each value is converted by the
shortest call there is, leniently, and the whole record is then written back and compared with what came: a
record is regular when the two are the same. Whatever is not goes to the complete readers
(`warehouse.compile.examining`), whose view costs nothing while no such record comes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import indent

from bilten.contracts import Column, Contract
from bilten.contracts.unchanged import unchanged_columns
from bilten.types import Family, TypeMapping
from warehouse.compile import names
from warehouse.compile.columns import extra, unchanged
from warehouse.compile.passages import defined, parsed_columns
from warehouse.compile.records import (
    IS_A_TIME,
    definitions,
    event_select,
    header_select,
    text,
    text_select,
    version,
)
from warehouse.compile.statements import Statement, identifier, lines, literal
from warehouse.compile.values import INNER_ARRAY, placeholder

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
    landed = f"{names.landing(contract.name)}\nWHERE isNotNull(value)"
    event = f"SELECT\n{lines(event_select(contract))}\nFROM {landed}"
    inner = f"SELECT\n{lines(text_select())}\nFROM (\n{indent(event, '    ')}\n)"
    name = names.view(contract.name, "parse")
    return Statement(
        names.plain_name(name),
        "materialized_view",
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} TO {names.parsed(contract.name)} (\n"
        f"{defined(parsed_columns(contract))}\n)\n"
        f"AS WITH\n{lines(definitions(contract))}\nSELECT\n{lines(_select(contract))}\n"
        f"FROM (\n{indent(inner, '    ')}\n)",
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
    nothing = "[]" if column.mapping.family == "array" else "NULL"
    return f"CAST({nothing}, {literal(names.optional_type(column))})"


def _is_regular(contract: Contract) -> str:
    """SQL: whether the record is what the connector always sends; NULL and 0 both mean that it is not."""
    conditions = [
        "_op IN ('r', 'c', 'u', 'd')",
        "isNotNull(`_source.lsn`)",
        IS_A_TIME,
        "isNotNull(_epoch_or_null)",
        *_same_as_came(contract),
        *_texts_are_plain(contract),
        *_decimals_fit(contract),
        *_no_unexpected_placeholder(contract),
    ]
    return "\n    AND ".join(conditions)


def _same_as_came(contract: Contract) -> list[str]:
    """Values written back are the texts that came; where a value is required it is there.

    An equality with NULL in it is NULL, so one comparison covers both. A delete has its key alone.
    """
    keys: list[tuple[str, str]] = []
    required: list[tuple[str, str]] = []
    optional: list[tuple[str, str]] = []
    present = ["notEmpty(_fields)"]
    unread = []
    for column in contract.columns:
        conversion = _conversion(column.mapping)
        if conversion is None:
            unread.append(f"isNull({text(column)})")
        if column.key_position is not None:
            keys.append((_back(column, conversion), text(column)))
        elif conversion is None or conversion.back is None:
            present += [f"isNotNull({text(column)})"] if column.required else []
        else:
            (required if column.required else optional).append((_back(column, conversion), text(column)))
    present += [f"{_tuple(required, 0)} = {_tuple(required, 1)}"] if required else []
    conditions = [f"{_tuple(keys, 0)} = {_tuple(keys, 1)}", f"(_op = 'd' OR {' AND '.join(present)})"]
    if optional:
        conditions.append(f"isNotDistinctFrom({_tuple(optional, 0)}, {_tuple(optional, 1)})")
    return [*conditions, *unread]


def _back(column: Column, conversion: Conversion | None) -> str:
    if conversion is None or conversion.back is None:
        return text(column)
    back = conversion.back(identifier(column.name))
    if column.mapping.family == "array" and not column.required:
        return f"if(isNull({text(column)}), NULL, {back})"
    return back


def _tuple(pairs: list[tuple[str, str]], side: int) -> str:
    return f"tuple({', '.join(pair[side] for pair in pairs)})"


def _texts_are_plain(contract: Contract) -> list[str]:
    """A JSON object or array in the place of a text begins with a bracket; so do few texts.

    Labels that the contract does not know are looked at more closely too, and kept.
    """
    conditions = []
    texts = [column for column in contract.columns if column.mapping.family == "text"]
    if texts:
        firsts = ", ".join(f"substring({text(column)}, 1, 1)" for column in texts)
        conditions.append(f"NOT hasAny([{firsts}], ['{{', '['])")
    for column in contract.columns:
        if column.mapping.family == "enum":
            known = ", ".join(literal(label) for label in column.labels)
            if known:
                conditions.append(f"ifNull({text(column)} IN ({known}), 1)")
    return conditions


def _decimals_fit(contract: Contract) -> list[str]:
    """The engine lets a Decimal hold more digits than its precision; the text's length bounds them."""
    decimals = [column for column in contract.columns if column.mapping.family == "decimal"]
    if not decimals:
        return []
    lengths = ", ".join(f"length({text(column)})" for column in decimals)
    longest = [
        min((column.mapping.precision or 0) + (1 if column.mapping.scale else 0), _DIGITS_OF_A_DOUBLE)
        for column in decimals
    ]
    return [f"NOT arrayExists((length, longest) -> length > longest, [{lengths}], {longest})"]


def _no_unexpected_placeholder(contract: Contract) -> list[str]:
    """A left-out value where none can be is for the complete readers, and so is any left-out array."""
    left_out = unchanged_columns(contract)
    conditions = []
    for column in contract.columns:
        marker = placeholder(column.mapping) if column.mapping.can_be_unchanged else None
        if marker is not None and (column not in left_out or column.mapping.family == "array"):
            conditions.append(f"ifNull({text(column)} != {literal(marker)}, 1)")
        if column.mapping.family == "array":
            # What is left of an inner array is a text like any other.
            conditions.append(f"ifNull(position({text(column)}, {literal(INNER_ARRAY)}) = 0, 1)")
    return conditions
