"""A query that somebody pastes, understood as a question about a mart: which figures, of which rows. Pure.

Nothing of the query is run. Its condition is built anew from the few forms that are understood, values as
parameters and columns by the mart's contract, so that it can be asked on somebody else's behalf.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bilten.contracts import Contract
from bilten.errors import TraceImpossible

DIALECT: Final = "clickhouse"
DATABASES: Final = frozenset({"", "marts", "masked", "personal", "sensitive"})
"""Where readers find marts; all show rows of the same build."""
_FORMS: Final = (
    *(exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE),
    *(exp.Between, exp.In, exp.Like, exp.ILike, exp.Is, exp.Null, exp.Boolean, exp.Literal, exp.Neg),
    *(
        exp.Column,
        exp.Identifier,
        exp.Tuple,
        exp.Var,
        exp.Cast,
        exp.DataType,
        exp.DateTrunc,
        exp.TimestampTrunc,
    ),
)
_FUNCTIONS: Final = frozenset(
    {
        *("todate", "todate32", "todatetime", "todatetime64", "tostring", "touuid", "lower", "upper"),
        *("toyear", "tomonth", "toyyyymm"),
        *("tostartofmonth", "tostartofweek", "tostartofquarter", "tostartofyear"),
    }
)
_NUMBER = re.compile(r"\d{1,30}(\.\d{1,30})?")


@dataclass(frozen=True)
class Asked:
    """What a query asks of a mart.

    Attributes:
        mart: the mart.
        figures: for each column of the result, the columns of the mart that it shows.
        condition: which rows, in the warehouse's SQL with parameters; empty for all.
        parameters: their values.
    """

    mart: str
    figures: Mapping[str, tuple[str, ...]]
    condition: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def understand(sql: str, contracts: Mapping[str, Contract], hidden: Mapping[str, Collection[str]]) -> Asked:
    """Read a query.

    Args:
        sql: one SELECT from one mart.
        contracts: of the marts, by name.
        hidden: columns of each mart that the reader may not see, and may not ask by either.

    Raises:
        TraceImpossible: it is something else; the remedy says what can be followed.
    """
    select = _select(sql)
    mart = _mart(select, contracts)
    columns = [column.name for column in contracts[mart].columns]
    figures: dict[str, tuple[str, ...]] = {}
    for each in select.expressions:
        if isinstance(each.unalias(), exp.Star):
            figures.update({name: (name,) for name in columns})
            continue
        used = tuple(dict.fromkeys(column.name for column in each.find_all(exp.Column)))
        for name in used:
            _known(name, columns, mart)
        figures[each.alias_or_name or each.sql(DIALECT)] = used
    where = select.args.get("where")
    if where is None:
        return Asked(mart, figures)
    values: dict[str, str] = {}
    condition = _condition(where.this.copy(), mart, columns, hidden.get(mart, ()), values)
    return Asked(mart, figures, condition, values)


def _select(sql: str) -> exp.Select:
    try:
        found = sqlglot.parse(sql, read=DIALECT)
    except (SqlglotError, RecursionError) as error:
        raise TraceImpossible("The query cannot be read.", why=str(error).splitlines()[0]) from error
    if len(found) != 1 or not isinstance(found[0], exp.Select):
        raise TraceImpossible("This is not one SELECT.", remedy="Paste a query of one mart.")
    return found[0]


def _mart(select: exp.Select, contracts: Mapping[str, Contract]) -> str:
    origin = select.args.get("from_") or select.args.get("from")
    table = origin.this if origin is not None else None
    joined = select.args.get("joins") or select.args.get("with_") or select.args.get("with")
    if not isinstance(table, exp.Table) or joined or table.db not in DATABASES:
        raise TraceImpossible(
            "The query reads something else than one mart.",
            remedy="Paste a SELECT from one mart without joins and subqueries, or trace its parts.",
        )
    if table.name not in contracts or contracts[table.name].kind != "mart":
        raise TraceImpossible(f"There is no mart {table.name}.", remedy="Run `bilten contracts list`.")
    return table.name


def _condition(
    where: exp.Expr, mart: str, columns: Collection[str], hidden: Collection[str], values: dict[str, str]
) -> str:
    for node in list(where.walk()):
        function = node.sql_name().lower() if isinstance(node, exp.Func) else ""
        if isinstance(node, exp.Anonymous):
            function = node.name.lower()
        if not isinstance(node, _FORMS) and function not in _FUNCTIONS:
            raise TraceImpossible(
                f"The condition {node.sql(DIALECT)[:80]} is not understood.",
                why="Comparisons, IN, BETWEEN, LIKE and functions of dates are.",
                remedy="Leave it out, and choose the row from those that are found.",
            )
        if isinstance(node, exp.Column):
            _known(node.name, columns, mart)
            if node.name in hidden:
                raise TraceImpossible(
                    f"{node.name} cannot be asked by.",
                    why="You may not see its values.",
                    remedy="Leave it out.",
                )
    replaced = where.transform(lambda node: _parameter(node, values))
    return replaced.sql(DIALECT)


def _parameter(node: exp.Expr, values: dict[str, str]) -> exp.Expr:
    if isinstance(node, exp.Column):
        return exp.column(node.name, quoted=True)
    if not isinstance(node, exp.Literal):
        return node
    if not node.is_string:
        if not _NUMBER.fullmatch(node.name):
            raise TraceImpossible(f"The number {node.name[:40]} is not understood.")
        return node
    name = f"p{len(values)}"
    values[name] = node.name
    return exp.Placeholder(this=name, kind=exp.Var(this="String"))


def _known(name: str, columns: Collection[str], mart: str) -> None:
    if name not in columns:
        raise TraceImpossible(f"{mart} has no column {name}.", remedy="Choose one of its columns.")
