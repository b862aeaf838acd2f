"""From a model's statement to the statement that gives the rows behind one of its rows. Pure.

A row of an aggregate is made of the rows that were grouped: the same statement without its aggregates, for
the key of that row. A row of any other model is made of one row of each thing it selects from; it is found by
its key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bilten.contracts import Contract
from lineage.graph import Column
from lineage.names import Names
from lineage.snapshot import Snapshot, follow, identities

DIALECT = "clickhouse"
_BUILD = re.compile(r"build_\d{8}T\d{6}_[0-9a-f]{8}")
_CUT = re.compile(r"toDateTime64\('(?P<cut>[0-9:. -]+)', 6, 'UTC'\)")


@dataclass(frozen=True)
class Behind:
    """The statement that gives the rows behind a row.

    Attributes:
        query: the statement.
        grouped: whether the row is an aggregate of those rows.
        table: the model whose rows they are, where it can be told: database and table.
    """

    query: str
    grouped: bool
    table: tuple[str, str] | None


def rows_behind(sql: str, key: Sequence[tuple[str, str]]) -> Behind | None:
    """The statement that gives the rows behind the row with this key.

    Args:
        sql: the model's statement as it ran.
        key: the key columns of the row and their values, as text.

    Returns:
        The statement; None when the model's cannot be turned into one.
    """
    try:
        query = sqlglot.parse_one(sql, read=DIALECT)
    except (SqlglotError, RecursionError):
        return None
    if not isinstance(query, exp.Select):
        return None
    grouped = query.args.get("group") is not None
    if not grouped:
        condition = " AND ".join(f"toString(`{column}`) = {_text(value)}" for column, value in key)
        return Behind(f"SELECT * FROM ({sql}) WHERE {condition}", False, None)
    made = {each.alias_or_name: each.unalias() for each in query.selects}
    if any(column not in made for column, _ in key):
        return None
    bare = query.copy()
    for part in ("group", "having", "order", "limit", "qualify"):
        bare.set(part, None)
    bare.set("expressions", [exp.Star()])
    for column, value in key:
        text = exp.Anonymous(this="toString", expressions=[made[column].copy()])
        bare = bare.where(exp.EQ(this=text, expression=exp.Literal.string(value)))
    return Behind(bare.sql(DIALECT), True, _base(query))


def _base(query: exp.Select) -> tuple[str, str] | None:
    """The one table whose rows a statement passes on through its CTEs."""
    named = {each.alias: each.this for each in query.ctes}
    here: exp.Expr = query
    while isinstance(here, exp.Select):
        origin = here.args.get("from_") or here.args.get("from")
        if origin is None or not isinstance(origin.this, exp.Table):
            return None
        table = origin.this
        if table.db:
            return table.db, table.name
        if table.name not in named:
            return None
        here = named[table.name]
    return None


def in_build(sql: str, database: str) -> str:
    """The statement as it would run in another build's database."""
    return _BUILD.sub(database, sql)


def cut_of(sql: str) -> str | None:
    """The moment as of which a build read its sources, as its input models say it."""
    found = _CUT.search(sql)
    return found["cut"] if found else None


@dataclass(frozen=True)
class Way:
    """How the rows of a source are found from columns of the rows behind a figure.

    Attributes:
        dataset: the source.
        column: its column that says which rows.
        through: the column of the rows behind the figure that has its values.
    """

    dataset: str
    column: str
    through: str


def ways_to_sources(
    snapshot: Snapshot,
    names: Names,
    contracts: Mapping[str, Contract],
    table: Sequence[Column],
    wanted: Iterable[str],
) -> list[Way]:
    """How the rows of sources can be found: by a primary key that was passed on, or by a reference to one.

    Args:
        snapshot: the lineage.
        names: how datasets are named here.
        contracts: the contracts, for keys and references.
        table: the columns of the rows behind the figure.
        wanted: the sources that have a part in the figure.
    """
    keys = {
        Column(names.raw(contract.name), contract.key[0].name): contract
        for contract in contracts.values()
        if contract.kind == "source" and len(contract.key) == 1
    }
    unchanged = identities(snapshot)
    passed: dict[tuple[str, str], str] = {}
    for column in table:
        origins, _ = follow(unchanged, [column], downstream=False)
        for origin in origins:
            if origin in keys:
                passed.setdefault((keys[origin].name, origin.name), column.name)
    ways = []
    for name in wanted:
        contract = contracts[name]
        own = [(name, each.name) for each in contract.key]
        if len(own) == 1 and own[0] in passed:
            ways.append(Way(name, own[0][1], passed[own[0]]))
            continue
        for each in contract.columns:
            reference = each.references
            if reference is not None and (reference.dataset, reference.column) in passed:
                ways.append(Way(name, each.name, passed[reference.dataset, reference.column]))
                break
    return ways


def _text(value: str) -> str:
    return exp.Literal.string(value).sql(DIALECT)
