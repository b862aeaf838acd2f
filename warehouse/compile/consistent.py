"""``consistent.<dataset>``: the rows as they stood at a cut through the source's log.

A cut is the end of a commit; a row is read as the last transaction until then left it. The log is in the
order of writing, not of commits, so the position of a change does not tell its side. What does is the commit
that the connector had passed on last when it sent the change: that of the transaction before, in the order
of commits. A change belongs to the cut when that commit lies before it.

Rows whose latest state belongs to the cut are taken from there; the few others are taken back to their last
version that does, which ``raw`` holds. Which these are is decided by one look at one table (the profile sets
``enable_shared_storage_snapshot_in_query``), so that a change that arrives meanwhile makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bilten.contracts import Column, Contract
from warehouse.compile import names
from warehouse.compile.current import current_column_type, current_columns, kept_apart
from warehouse.compile.statements import Statement, default_of, identifier, lines, literal

CUT = "{cut:UInt128}"
"""The view's parameter: epoch and position of the last commit that counts, as `cut_version` puts them."""

_POSITION_BITS, _EPOCH_BITS = 48, 112
_VERSION_COLUMNS = ("_committed_at", "_transaction", "_version")


def cut_version(epoch: int, position: int) -> int:
    """A cut as the views want it: in the unit of ``_version``."""
    return (epoch << _EPOCH_BITS) | (position << _POSITION_BITS)


def is_before_cut(cut: str = CUT) -> str:
    """SQL: whether a change in ``raw`` belongs to a transaction that was committed until a cut."""
    return f"{_place('`_epoch`', 'ifNull(`_commit_position`, `_position`)')} < {cut}"


def consistent_view(contract: Contract) -> Statement:
    """The view with the cut as its parameter: ``consistent.tickets__orders(cut = '…')``."""
    current = current_columns(contract)
    epoch = f"bitShiftRight({current.version}, {_EPOCH_BITS})"
    is_before = f"{_place(epoch, current.committed_after)} < {CUT}"
    state, raw, key = names.state(contract.name), names.raw(contract.name), _key(contract)
    truncated = f"SELECT max(`_version`) FROM {raw} WHERE {_is_truncation(contract)} AND {is_before_cut()}"
    moved_key = ", ".join(f"latest.{identifier(column.name)}" for column in contract.key)
    # Without FINAL, which would leave out what was deleted since; any version behind the cut says enough.
    moved = f"SELECT {moved_key} FROM {state} AS latest WHERE NOT ({is_before})"
    members = _members(contract)
    last_op, last_version = _member(members, "_op"), _member(members, "_version")
    name = names.consistent(contract.name)
    return Statement(
        names.plain_name(name),
        "view",
        f"CREATE OR REPLACE VIEW {name}\nAS SELECT\n{lines(current.selected)}\n"
        f"FROM {state} AS latest FINAL\n"
        f"WHERE {is_before} AND NOT {current.is_deleted} AND {current.version} > ({truncated})\n"
        f"UNION ALL\nSELECT\n{lines(_taken_back(contract))}\nFROM (\n"
        f"SELECT\n{lines(_last_versions(contract))}\n"
        f"FROM {raw}\n"
        f"WHERE {key} IN ({moved}) AND {is_before_cut()} AND `_op` != 't'\n"
        f"GROUP BY {', '.join(identifier(column.name) for column in contract.key)}\n)\n"
        f"WHERE {last_op} != 'd' AND {last_version} > ({truncated})",
    )


def _place(epoch: str, position: str) -> str:
    return (
        f"bitOr(bitShiftLeft(toUInt128({epoch}), {_EPOCH_BITS}), "
        f"bitShiftLeft(toUInt128({position}), {_POSITION_BITS}))"
    )


def _key(contract: Contract) -> str:
    key = ", ".join(identifier(column.name) for column in contract.key)
    return key if len(contract.key) == 1 else f"({key})"


def _is_truncation(contract: Contract) -> str:
    """SQL: a truncation, which has no key and stands under its default."""
    key = " AND ".join(
        f"{identifier(column.name)} = {default_of(column.mapping.warehouse)}" for column in contract.key
    )
    return f"{key} AND `_op` = 't'"


def _members(contract: Contract) -> list[str]:
    """Columns of a row's last version that are read as a whole."""
    apart = {column.name for column in kept_apart(contract)}
    columns = [column for column in contract.columns if column.name not in apart]
    values = [column.name for column in columns if column.key_position is None]
    return ["_op", *_VERSION_COLUMNS, *values, *_flags(columns)]


def _flags(columns: Iterable[Column]) -> list[str]:
    return [names.is_null(column) for column in columns if names.has_null_flag(column)]


def _last_versions(contract: Contract) -> list[str]:
    """Of two changes with one version a deletion is the earlier: what moved away before what came."""
    members = ", ".join(identifier(name) for name in _members(contract))
    selected = [identifier(column.name) for column in contract.key]
    selected.append(f"argMax(tuple({members}), (`_version`, `_op` != 'd')) AS _last")
    for column in kept_apart(contract):
        parts = ", ".join(identifier(name) for name in (column.name, *_flags([column])))
        has_one = f"`_op` != 'd' AND NOT has(`_unchanged`, {literal(column.name)})"
        selected.append(f"argMaxIf(tuple({parts}), `_version`, {has_one}) AS {_last_of(column)}")
    return selected


def _last_of(column: Column) -> str:
    return identifier(f"_last_{column.name}")


def _taken_back(contract: Contract) -> list[str]:
    """The columns of the state's part, in its order and types."""
    members, apart = _members(contract), kept_apart(contract)
    selected = []
    for column in contract.columns:
        name = identifier(column.name)
        if column.key_position is not None:
            selected.append(name)
            continue
        value = f"tupleElement({_last_of(column)}, 1)" if column in apart else _member(members, column.name)
        kind = literal(current_column_type(contract, column))
        selected.append(f"CAST({value}, {kind}) AS {name}")
    for column in contract.columns:
        for flag in _flags([column]):
            value = f"tupleElement({_last_of(column)}, 2)" if column in apart else _member(members, flag)
            selected.append(f"{value} AS {identifier(flag)}")
    return [*selected, *(f"{_member(members, name)} AS `{name}`" for name in _VERSION_COLUMNS)]


def _member(members: Sequence[str], name: str) -> str:
    return f"tupleElement(_last, {members.index(name) + 1})"
