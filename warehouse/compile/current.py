"""``ods.<dataset>``: the rows that exist now, over a table with the latest state of every key.

The table has one of two forms. Where every event carries the whole row, the newest version of a row wins as
a whole. Where an update may leave columns out (TOAST), each such column keeps the value of the newest event
that had one: the maximum of (version, value), in which a left-out value has version 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bilten.contracts import Column, Contract
from bilten.contracts.unchanged import unchanged_columns
from warehouse.compile import names
from warehouse.compile.rows import null_flag, value_of
from warehouse.compile.statements import Statement, default_of, identifier, lines, literal
from warehouse.compile.tables import TABLE_SETTINGS, filling_view, with_codec
from warehouse.compile.values import placeholder

_BOOKKEEPING_MEMBERS = 4
_VERSION_COLUMNS = (
    ("_committed_at", "DateTime64(6, 'UTC')"),
    ("_transaction", "Nullable(UInt64)"),
    ("_version", "UInt128"),
)

COMMITTED_AFTER = "_committed_after"
"""Column of the state: position of the commit before that of the row's transaction; the row's own where the
event does not say. `warehouse.compile.consistent` tells by it on which side of a cut a row is."""
_AFTER = "ifNull(`_commit_position`, `_position`)"
_AFTER_LAYER = "Tuple(version UInt128, position UInt64)"


@dataclass(frozen=True, slots=True)
class Current:
    """How the latest state of a row is read, from the state table under FINAL as ``latest``.

    Attributes:
        selected: SQL of its columns, with their names.
        is_deleted: SQL of whether it no longer exists.
        version: SQL of its version.
        committed_after: SQL of `COMMITTED_AFTER`.
    """

    selected: tuple[str, ...]
    is_deleted: str
    version: str
    committed_after: str


def state_table(contract: Contract) -> Statement:
    """The latest state of every key, deleted ones too."""
    left_out = _left_out(contract)
    columns = state_columns(contract)
    engine = "AggregatingMergeTree" if left_out else "ReplacingMergeTree(`_version`, `_is_deleted`)"
    key = ", ".join(identifier(column.name) for column in contract.key)
    name = names.state(contract.name)
    return Statement(
        names.plain_name(name),
        "table",
        f"CREATE TABLE IF NOT EXISTS {name} (\n{lines(columns)}\n)\nENGINE = {engine}\nORDER BY ({key})\n"
        f"SETTINGS {TABLE_SETTINGS}\n"
        f"COMMENT {literal(f'Latest state of {contract.name}; read ods.{contract.name}.')}",
    )


def state_columns(contract: Contract) -> list[str]:
    """SQL of the state table's columns, with their types."""
    left_out = _left_out(contract)
    return _layered_columns(contract, left_out) if left_out else _plain_columns(contract)


def state_views(contract: Contract) -> tuple[Statement, ...]:
    """Good records → the state table, both ways."""
    left_out = _left_out(contract)
    regular = regular_state_select(contract)
    examined = _layered_select(contract, left_out) if left_out else _plain_select(contract)
    target, passed = names.state(contract.name), names.examined(contract.name)
    return (
        filling_view(contract, "to_ods", target, regular, names.parsed(contract.name)),
        filling_view(contract, "examined_to_ods", target, examined, passed, "empty(_reasons) AND _op != 't'"),
    )


def regular_state_select(contract: Contract) -> list[str]:
    """SQL of the columns of the state table, in their order, above what reads records in the usual form."""
    left_out = _left_out(contract)
    return _layered_regular(contract, left_out) if left_out else _plain_regular(contract)


def current_view(contract: Contract) -> Statement:
    """The rows that exist now: not deleted, not older than the last truncation. Readers need no FINAL."""
    current = current_columns(contract)
    truncated = f"SELECT max(version) FROM ops.truncations WHERE dataset = {literal(contract.name)}"
    name = names.ods(contract.name)
    return Statement(
        names.plain_name(name),
        "view",
        f"CREATE OR REPLACE VIEW {name}\nAS SELECT\n{lines(current.selected)}\n"
        f"FROM {names.state(contract.name)} AS latest FINAL\n"
        f"WHERE NOT {current.is_deleted} AND {current.version} > ({truncated})",
    )


def current_columns(contract: Contract) -> Current:
    """What is read of a row's latest state."""
    left_out = _left_out(contract)
    if left_out:
        selected = [
            f"{_layered_source(column, left_out)} AS {identifier(column.name)}" for column in contract.columns
        ]
        selected += [
            f"{_layered_flag_source(column, left_out)} AS {identifier(names.is_null(column))}"
            for column in _flagged(contract.columns)
        ]
        selected += [f"{_member('_row', name)} AS `{name}`" for name, _ in _VERSION_COLUMNS]
        deleted, version = _member("_row", "_is_deleted"), _member("_row", "_version")
        after = _member(COMMITTED_AFTER, "position")
    else:
        stored = [column.name for column in contract.columns]
        stored += [names.is_null(column) for column in _flagged(contract.columns)]
        stored += [name for name, _ in _VERSION_COLUMNS]
        selected = [f"latest.{identifier(name)} AS {identifier(name)}" for name in stored]
        deleted, version = "latest.`_is_deleted`", "latest.`_version`"
        after = f"latest.`{COMMITTED_AFTER}`"
    return Current(tuple(selected), deleted, version, after)


def kept_apart(contract: Contract) -> tuple[Column, ...]:
    """Columns that an update may leave out: each keeps the value of the newest event that had one."""
    return _left_out(contract)


def current_column_type(contract: Contract, column: Column) -> str:
    """The type of a column of a row that exists, as the state table has it."""
    is_in_tuple = column.key_position is None and bool(_left_out(contract))
    return _stored_type(column) if is_in_tuple else names.current_type(column)


def _left_out(contract: Contract) -> tuple[Column, ...]:
    return tuple(column for column in unchanged_columns(contract) if placeholder(column.mapping) is not None)


def _flagged(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if names.has_null_flag(column)]


def _value(column: Column) -> str:
    """A value of a current row: a deleted one has defaults in required columns."""
    name = identifier(column.name)
    if column.mapping.family == "array" or not column.required:
        return name
    return f"ifNull({name}, {default_of(column.mapping.warehouse)})"


def _plain_columns(contract: Contract) -> list[str]:
    columns = [
        f"{identifier(column.name)} {names.current_type(column)} COMMENT {literal(column.description)}"
        for column in contract.columns
    ]
    columns += [f"{identifier(names.is_null(column))} Bool" for column in _flagged(contract.columns)]
    columns += [with_codec(name, kind) for name, kind in _VERSION_COLUMNS]
    return [*columns, "`_is_deleted` UInt8", f"`{COMMITTED_AFTER}` UInt64"]


def _plain_select(contract: Contract) -> list[str]:
    selected = [f"{_value(column)} AS {identifier(column.name)}" for column in contract.columns]
    selected += [identifier(names.is_null(column)) for column in _flagged(contract.columns)]
    selected += [f"`{name}`" for name, _ in _VERSION_COLUMNS]
    return [*selected, "_op = 'd' AS `_is_deleted`", f"{_AFTER} AS `{COMMITTED_AFTER}`"]


def _plain_regular(contract: Contract) -> list[str]:
    selected = [_regular_value(column) for column in contract.columns]
    selected += [
        f"{null_flag(column)} AS {identifier(names.is_null(column))}" for column in _flagged(contract.columns)
    ]
    selected += [f"`{name}`" for name, _ in _VERSION_COLUMNS]
    return [*selected, "_op = 'd' AS `_is_deleted`", f"{_AFTER} AS `{COMMITTED_AFTER}`"]


def _regular_value(column: Column) -> str:
    name = identifier(column.name)
    return f"{value_of(column, f'_row.{name}')} AS {name}"


def _row_members(contract: Contract, left_out: tuple[Column, ...]) -> list[tuple[str, str, str]]:
    """Name, type and value of the members of ``_row``; the version comes first, since it decides."""
    members = [("_version", "UInt128", "`_version`"), ("_is_deleted", "UInt8", "toUInt8(_op = 'd')")]
    members += [(name, kind, f"`{name}`") for name, kind in _VERSION_COLUMNS if name != "_version"]
    for column in contract.columns:
        if column.key_position is None and column not in left_out:
            members.append((column.name, _stored_type(column), _value(column)))
            if names.has_null_flag(column):
                members.append((names.is_null(column), "Bool", identifier(names.is_null(column))))
    return members


def _layered_columns(contract: Contract, left_out: tuple[Column, ...]) -> list[str]:
    columns = [
        f"{identifier(column.name)} {column.mapping.warehouse} COMMENT {literal(column.description)}"
        for column in contract.key
    ]
    columns.append(f"`_row` SimpleAggregateFunction(max, {_row_type(contract, left_out)})")
    columns += [
        f"{identifier(column.name)} SimpleAggregateFunction(max, {_layer_type(column)}) "
        f"COMMENT {literal(column.description)}"
        for column in left_out
    ]
    columns.append(f"`{COMMITTED_AFTER}` SimpleAggregateFunction(max, {_AFTER_LAYER})")
    return columns


def _row_type(contract: Contract, left_out: tuple[Column, ...]) -> str:
    return f"Tuple({', '.join(f'`{name}` {kind}' for name, kind, _ in _row_members(contract, left_out))})"


def _layer_type(column: Column) -> str:
    flag = "is_null Bool, " if names.has_null_flag(column) else ""
    return f"Tuple(version UInt128, {flag}value {_stored_type(column)})"


def _stored_type(column: Column) -> str:
    """The type inside a tuple: the engine's `max` gives no LowCardinality back."""
    if column.mapping.family == "enum":
        return "String" if column.required else "Nullable(String)"
    return names.current_type(column)


def _layered_select(contract: Contract, left_out: tuple[Column, ...]) -> list[str]:
    row = ", ".join(value for _, _, value in _row_members(contract, left_out))
    selected = [f"{_value(column)} AS {identifier(column.name)}" for column in contract.key]
    selected.append(f"CAST(tuple({row}), {literal(_row_type(contract, left_out))}) AS `_row`")
    for column in left_out:
        # A delete carries no values at all.
        version = f"if(_op = 'd' OR has(`_unchanged`, {literal(column.name)}), toUInt128(0), `_version`)"
        flag = f"{identifier(names.is_null(column))}, " if names.has_null_flag(column) else ""
        selected.append(
            f"CAST(tuple({version}, {flag}{_value(column)}), {literal(_layer_type(column))}) "
            f"AS {identifier(column.name)}"
        )
    return [*selected, _after_layer()]


def _after_layer() -> str:
    return f"CAST(tuple(`_version`, {_AFTER}), {literal(_AFTER_LAYER)}) AS `{COMMITTED_AFTER}`"


def _layered_regular(contract: Contract, left_out: tuple[Column, ...]) -> list[str]:
    """Members of tuples with names are cast by name: the part of the row that ``_row`` holds is one call."""
    members = _row_members(contract, left_out)
    bookkeeping, members = members[:_BOOKKEEPING_MEMBERS], members[_BOOKKEEPING_MEMBERS:]
    head = ", ".join(value for _, _, value in bookkeeping)
    part = ", ".join(f"`{name}` {kind}" for name, kind, _ in members)
    whole = _row_type(contract, left_out)
    selected = [_regular_value(column) for column in contract.key]
    row = f"tuple({head})"
    if members:
        row = f"tupleConcat({row}, CAST(_row, {literal(f'Tuple({part})')}))"
    selected.append(f"CAST({row}, {literal(whole)}) AS `_row`")
    for column in left_out:
        name, layer = identifier(column.name), _layer_type(column)
        nothing = f"_op = 'd' OR has(`_unchanged`, {literal(column.name)})"
        flag = "false, " if names.has_null_flag(column) else ""
        value = f"CAST(tuple(`_version`, {flag}{value_of(column, f'_row.{name}')}), {literal(layer)})"
        selected.append(f"if({nothing}, {default_of(layer)}, {value}) AS {name}")
    return [*selected, _after_layer()]


def _layered_source(column: Column, left_out: tuple[Column, ...]) -> str:
    if column.key_position is not None:
        return f"latest.{identifier(column.name)}"
    return _member(column.name, "value") if column in left_out else _member("_row", column.name)


def _layered_flag_source(column: Column, left_out: tuple[Column, ...]) -> str:
    if column in left_out:
        return _member(column.name, "is_null")
    return _member("_row", names.is_null(column))


def _member(column: str, name: str) -> str:
    """SQL of a tuple's member as it is under FINAL.

    Read as a subcolumn (``_row.total``) it is not aggregated: the engine answers with that of any version.
    """
    return f"tupleElement(latest.{identifier(column)}, {literal(name)})"
