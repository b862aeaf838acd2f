"""``_unchanged`` and ``_extra``: what an event left out, and what it has that the contract does not know."""

from __future__ import annotations

from bilten.contracts import Column, Contract
from bilten.contracts.unchanged import unchanged_columns
from warehouse.compile.records import DOCUMENT, ROW_OPERATIONS, text
from warehouse.compile.statements import literal, literals
from warehouse.compile.times import infinite_texts
from warehouse.compile.values import placeholder


def unchanged(contract: Contract) -> str:
    """SQL of the columns without a value in the event: the log left them out, or an older schema had none."""
    known = literals(column.name for column in contract.columns)
    absent = (
        f"if(_op NOT IN {ROW_OPERATIONS} OR _fields = {known}, [], "
        f"arrayFilter(name -> NOT has(_fields, name), {known}))"
    )
    left_out = [column for column in unchanged_columns(contract) if placeholder(column.mapping) is not None]
    if not left_out:
        return absent
    texts = ", ".join(text(column) for column in left_out)
    markers = literals(placeholder(column.mapping) or "" for column in left_out)
    marked = (
        f"arrayFilter((name, text, marker) -> ifNull(text = marker, 0), "
        f"{literals(column.name for column in left_out)}, [{texts}], {markers})"
    )
    return f"arrayConcat({marked}, {absent})"


def markable_columns(contract: Contract) -> list[Column]:
    """Columns that the log may leave out, and whose placeholder is a value of their type like any other."""
    return [
        column for column in unchanged_columns(contract) if column.mapping.family in {"text", "json", "bytes"}
    ]


def marked_as_unchanged(contract: Contract) -> str:
    """SQL of the columns that the log left out of a regular event, which names all of them."""
    left_out = markable_columns(contract)
    if not left_out:
        return "CAST([], 'Array(String)')"
    marks = literals(f'"{column.name}":"{placeholder(column.mapping)}"' for column in left_out)
    return (
        f"arrayFilter((name, place) -> place > 0, {literals(column.name for column in left_out)}, "
        f"multiSearchAllPositions(_text, {marks}))"
    )


def extra(contract: Contract, *, sentinels: bool) -> str:
    """SQL of the fields that the contract does not know, and of texts that a sentinel replaced, as JSON.

    Excluded columns are dropped: what must not be captured is not kept by a side door.
    """
    columns = literals(column.name for column in contract.columns)
    known = literals([*(column.name for column in contract.columns), *contract.excluded_columns])
    pairs = f"arrayFilter(pair -> NOT has({known}, pair.1), JSONExtractKeysAndValuesRaw({DOCUMENT}, 'after'))"
    unknown = f"arrayMap(pair -> concat(toJSONString(pair.1), ':', pair.2), {pairs})"
    none = f"_fields = {columns} OR hasAll({known}, _fields)"
    replaced = [
        f"if(ifNull({text(column)} IN ({', '.join(literal(infinite) for infinite in texts)}), 0), "
        f"[concat({literal(_json_key(column))}, toJSONString({text(column)}))], [])"
        for column in contract.columns
        if sentinels and (texts := infinite_texts(column))
    ]
    if not replaced:
        return f"if({none}, '', concat('{{', arrayStringConcat({unknown}, ','), '}}'))"
    parts = f"arrayConcat({', '.join([f'if({none}, [], {unknown})', *replaced])})"
    return f"if(empty({parts}), '', concat('{{', arrayStringConcat({parts}, ','), '}}'))"


def _json_key(column: Column) -> str:
    return f'"{column.name}":'
