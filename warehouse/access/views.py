"""Views that show a dataset at a level, and views of the rows that belong to who asks. Pure.

They read with the rights of who made them (``SQL SECURITY DEFINER``), so who may read such a view needs no
right to what it reads. What identifies somebody becomes a token: the same value gives the same token in every
dataset, so that masked datasets can be joined, and without the key in ``access.masking`` nobody finds the
value to a token. Other hidden values become a constant; a missing one stays missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from bilten.contracts import Column, Contract
from warehouse.access.policy import (
    OWN_DATABASE,
    OWNER,
    belongs_to_somebody,
    is_hidden,
    levels,
    view_name,
)
from warehouse.access.roles import Level
from warehouse.readers import READERS_DATABASE, mart_type

IDENTITY_SETTING: Final = "promql_database"
"""A setting without any effect here (PromQL isn't spoken) that carries who asks, as ``user:organizer``. It is
set before the first statement of a connection, and the role's profile forbids to change it."""

NOBODY: Final = "00000000-0000-0000-0000-000000000000"

BARRIER: Final = 1 << 62
"""A limit that nobody meets: no condition of a reader is moved below it. Otherwise one that fails on a value
(``throwIf``) would be tried on everybody's rows, and its error would tell of them."""

MASK: Final = "***"
KEY: Final = ", ".join(
    f"joinGet('access.masking', '{part}', materialize(toUInt8(0)))" for part in ("k0", "k1")
)
"""The key of the tokens, looked up when the rows are read. Were it a constant of the query, plans (EXPLAIN)
and error messages would show it (seen)."""

PREPARATIONS: Final = (
    "CREATE DATABASE IF NOT EXISTS access",
    "CREATE TABLE IF NOT EXISTS access.masking (id UInt8, k0 UInt64, k1 UInt64) ENGINE = Join(ANY, LEFT, id)",
    "INSERT INTO access.masking SELECT 0, reinterpretAsUInt64(randomFixedString(8)), "
    "reinterpretAsUInt64(randomFixedString(8)) WHERE (SELECT count() FROM access.masking) = 0",
    "CREATE TABLE IF NOT EXISTS access.views (name String, digest String, made_at DateTime64(6, 'UTC')) "
    "ENGINE = ReplacingMergeTree(made_at) ORDER BY name",
)
"""What stands before the views: the key of the tokens, and which text each view was made from."""


def definitions(contracts: Iterable[Contract]) -> dict[str, str]:
    """The SELECT of each view by its name ``database.`dataset` ``."""
    found: dict[str, str] = {}
    for contract in contracts:
        for level in levels(contract):
            found[view_name(level, contract)] = _select(contract, level)
        if belongs_to_somebody(contract):
            # The column's own type decides what an identifier is; one that is none belongs to nobody.
            mine = f"toUUIDOrZero(extract(getSetting('{IDENTITY_SETTING}'), '[^:]*$'))"
            condition = f"\nWHERE `{OWNER}` = {mine} AND {mine} != toUUID('{NOBODY}')\nLIMIT {BARRIER}"
            found[view_name(OWN_DATABASE, contract)] = _select(contract, "masked") + condition
    return found


def statement(name: str, select: str, definer: str = "CURRENT_USER") -> str:
    """DDL of a view.

    Args:
        name: as in `definitions`.
        select: its text there.
        definer: whose rights it reads with.
    """
    return f"CREATE OR REPLACE VIEW {name} DEFINER = {definer} SQL SECURITY DEFINER\nAS {select}"


def digest(select: str) -> str:
    """What tells whether a view was made from a text."""
    return hashlib.sha256(select.encode()).hexdigest()


def _select(contract: Contract, level: Level) -> str:
    columns = ",\n".join(
        f"    {_masked(column, _type(contract, column))} AS `{column.name}`"
        if is_hidden(column, level)
        else f"    `{column.name}`"
        for column in contract.columns
    )
    source = "ods" if contract.kind == "source" else READERS_DATABASE
    return f"SELECT\n{columns}\nFROM {source}.`{contract.name}`"


def _type(contract: Contract, column: Column) -> str:
    if contract.kind != "source":
        return mart_type(column)
    kind = column.mapping.warehouse
    return kind if column.required or kind.startswith(("Array(", "Map(")) else f"Nullable({kind})"


def _masked(column: Column, kind: str) -> str:
    name = f"`{column.name}`"
    plain = (
        kind.removeprefix("Nullable(")
        .removeprefix("LowCardinality(Nullable(")
        .removeprefix("LowCardinality(")
    )
    if plain.startswith("UUID"):
        return f"CAST(reinterpretAsUUID(sipHash128Keyed(({KEY}), {name})), '{_quoted(kind)}')"
    if plain.startswith("String"):
        constant = "'{}'" if column.logical_type == "object" else f"'{MASK}'"
        if kind.startswith("Nullable(") or "Nullable(" in kind:
            return f"CAST(if(isNull({name}), NULL, {constant}), '{_quoted(kind)}')"
        return f"CAST({constant}, '{_quoted(kind)}')"
    # Nothing is left of numbers, times and lists: their first or empty value, or none.
    return f"defaultValueOfTypeName('{_quoted(kind)}')"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
