"""``ods.<dataset>`` of a store of cells: what Cassandra answers, out of what was written.

There a row is no whole: each value bears the time of its own write, the newest write of a value stands, and a
delete hides what was not written after it. At the same instant a null stands against a value and a delete
against both, and of two values the greater one. An INSERT says that the row exists, an UPDATE only that some
of its values do: such a row is gone with its last value. Values and rows may expire by themselves.
"""

from __future__ import annotations

from textwrap import indent

from bilten.contracts import Column, Contract
from warehouse.compile import names
from warehouse.compile.statements import Statement, default_of, identifier, lines, literal
from warehouse.compile.tables import TABLE_SETTINGS, filling_view

EXPIRES, WRITTEN, ROW = "_expires", "_written", "_row"
"""Fields of ``_extra``: by column when its value expires (seconds since 1970; ``_row`` is the row itself),
and when it was written (microseconds), where that is not the event's own time."""

# What tells writes of one instant apart in `raw` decides nothing here.
_INSTANT = "bitShiftLeft(bitShiftRight(`_version`, 48), 48)"
_NEVER = "toUInt128(0)"
_BOOKKEEPING = "Tuple(version UInt128, committed_at DateTime64(6, 'UTC'))"
_LIVE = "Tuple(version UInt128, expires UInt32)"


def is_of_cells(contract: Contract) -> bool:
    """Whether the rows of a dataset are made of cells."""
    return contract.database == "cassandra"


def passing_view(contract: Contract) -> Statement:
    """Landing table → the complete readers: an event that leaves values out is the usual case here."""
    columns = [identifier(name) for name, _ in names.LANDING_COLUMNS]
    return filling_view(
        contract, "parse", names.irregular(contract.name), columns, names.landing(contract.name)
    )


def cell_tables(contract: Contract) -> tuple[Statement, ...]:
    """The newest write of every value, and the last delete of every row and of every partition."""
    columns = [
        f"{identifier(column.name)} {column.mapping.warehouse} COMMENT {literal(column.description)}"
        for column in contract.key
    ]
    columns += [
        f"`_row` SimpleAggregateFunction(max, {_BOOKKEEPING})",
        "`_deleted` SimpleAggregateFunction(max, UInt128)",
        f"`_live` SimpleAggregateFunction(max, {_LIVE})",
    ]
    columns += [
        f"{identifier(column.name)} SimpleAggregateFunction(max, {_cell_type(column)}) "
        f"COMMENT {literal(column.description)}"
        for column in _values(contract)
    ]
    keys = ", ".join(identifier(column.name) for column in contract.key)
    made = [_aggregating(names.state(contract.name), columns, keys, contract)]
    if contract.partition_key:
        partition = [f"{identifier(each.name)} {each.mapping.warehouse}" for each in _partition(contract)]
        deleted = "`_deleted` SimpleAggregateFunction(max, UInt128)"
        listed = ", ".join(identifier(name) for name in contract.partition_key)
        made.append(_aggregating(_partitions(contract), [*partition, deleted], listed, contract))
    return tuple(made)


def cell_views(contract: Contract) -> tuple[Statement, ...]:
    """Good records → these tables."""
    source = names.examined(contract.name)
    good = "empty(_reasons) AND _op NOT IN ('t', 'p')"
    views = [
        filling_view(contract, "examined_to_ods", names.state(contract.name), _select(contract), source, good)
    ]
    if contract.partition_key:
        selected = [f"{_key(column)} AS {identifier(column.name)}" for column in _partition(contract)]
        selected.append(f"{_INSTANT} AS `_deleted`")
        condition = "empty(_reasons) AND _op = 'p'"
        target = _partitions(contract)
        views.append(filling_view(contract, "to_partitions", target, selected, source, condition))
    return tuple(views)


def cell_view(contract: Contract) -> Statement:
    """The rows that exist now: whoever reads later sees fewer of those that expire."""
    values = _values(contract)
    kept = [column.name for column in (*contract.key, *values)]
    inner = [f"latest.{identifier(name)} AS {identifier(name)}" for name in (*kept, "_row", "_live")]
    truncated = f"(SELECT max(version) FROM ops.truncations WHERE dataset = {literal(contract.name)})"
    hiding = ["latest.`_deleted`", f"ifNull({truncated}, {_NEVER})"]
    source = f"{names.state(contract.name)} AS latest FINAL"
    if contract.partition_key:
        listed = ", ".join(identifier(name) for name in contract.partition_key)
        hiding.append(f"ifNull(removed.`_version`, {_NEVER})")
        source += (
            f"\nLEFT JOIN (\n    SELECT {listed}, max(`_deleted`) AS `_version`\n"
            f"    FROM {_partitions(contract)} GROUP BY {listed}\n) AS removed USING ({listed})"
        )
    inner.append(f"greatest({', '.join(hiding)}) AS `_hidden`")
    selected = [f"written.{identifier(column.name)} AS {identifier(column.name)}" for column in contract.key]
    selected += [
        f"if({_stands(column.name)}, {_member(column.name, 'value')}, NULL) AS {identifier(column.name)}"
        for column in values
    ]
    selected += [
        f"{_member('_row', 'committed_at')} AS `_committed_at`",
        "CAST(NULL, 'Nullable(UInt64)') AS `_transaction`",
        f"{_member('_row', 'version')} AS `_version`",
    ]
    exists = "\n    OR ".join([_lasts("_live"), *(_stands(column.name) for column in values)])
    query = f"SELECT\n{lines(inner)}\nFROM {source}"
    name = names.ods(contract.name)
    return Statement(
        names.plain_name(name),
        "view",
        f"CREATE OR REPLACE VIEW {name}\nAS SELECT\n{lines(selected)}\n"
        f"FROM (\n{indent(query, '    ')}\n) AS written\nWHERE {exists}",
    )


def _stands(column: str) -> str:
    return f"({_lasts(column)} AND NOT {_member(column, 'is_null')})"


def _lasts(column: str) -> str:
    """SQL: written after the last delete, and not expired."""
    expires = _member(column, "expires")
    is_there = f"({expires} = 0 OR {expires} > toUnixTimestamp(now()))"
    return f"({_member(column, 'version')} > written.`_hidden` AND {is_there})"


def _member(column: str, name: str) -> str:
    return f"tupleElement(written.{identifier(column)}, {literal(name)})"


def _select(contract: Contract) -> list[str]:
    selected = [f"{_key(column)} AS {identifier(column.name)}" for column in contract.key]
    row = f"CAST(tuple(`_version`, `_committed_at`), {literal(_BOOKKEEPING)})"
    expires = (
        f"if(_op = 'r', toUInt32(JSONExtractUInt(`_extra`, '{EXPIRES}', '{ROW}')), "
        f"toUInt32(arrayMax(pair -> pair.2, "
        f"arrayPushBack(JSONExtractKeysAndValues(`_extra`, '{EXPIRES}', 'UInt64'), ('', 0)))))"
    )
    live = f"CAST(tuple({_INSTANT}, {expires}), {literal(_LIVE)})"
    selected += [
        f"{row} AS `_row`",
        f"if(_op = 'd', {_INSTANT}, {_NEVER}) AS `_deleted`",
        f"if(_op IN ('c', 'r'), {live}, {default_of(_LIVE)}) AS `_live`",
    ]
    return [*selected, *(f"{_cell(column)} AS {identifier(column.name)}" for column in _values(contract))]


def _cell(column: Column) -> str:
    """SQL of a cell of an event; one that the event has not is older than all others."""
    name, kind = identifier(column.name), _cell_type(column)
    place = literal(column.name)
    written = f"JSONExtractUInt(`_extra`, '{WRITTEN}', {place})"
    own = f"bitOr(bitShiftLeft(toUInt128(`_epoch`), 112), bitShiftLeft(toUInt128({written}), 48))"
    version = f"if({written} = 0, {_INSTANT}, {own})"
    expires = f"toUInt32(JSONExtractUInt(`_extra`, '{EXPIRES}', {place}))"
    value = f"ifNull({name}, {default_of(column.mapping.warehouse)})"
    cell = f"CAST(tuple({version}, isNull({name}), {expires}, {value}), {literal(kind)})"
    return f"if(_op = 'd' OR has(`_unchanged`, {place}), {default_of(kind)}, {cell})"


def _cell_type(column: Column) -> str:
    return f"Tuple(version UInt128, is_null UInt8, expires UInt32, value {column.mapping.warehouse})"


def _key(column: Column) -> str:
    return f"ifNull({identifier(column.name)}, {default_of(column.mapping.warehouse)})"


def _values(contract: Contract) -> list[Column]:
    return [column for column in contract.columns if column.key_position is None]


def _partition(contract: Contract) -> list[Column]:
    return [contract.by_name[name] for name in contract.partition_key]


def _partitions(contract: Contract) -> str:
    return f"ods.`{contract.name}__partitions`"


def _aggregating(name: str, columns: list[str], key: str, contract: Contract) -> Statement:
    return Statement(
        names.plain_name(name),
        "table",
        f"CREATE TABLE IF NOT EXISTS {name} (\n{lines(columns)}\n)\nENGINE = AggregatingMergeTree\n"
        f"ORDER BY ({key})\nSETTINGS {TABLE_SETTINGS}\n"
        f"COMMENT {literal(f'What was written to {contract.name}; read ods.{contract.name}.')}",
    )
