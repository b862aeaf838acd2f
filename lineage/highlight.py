"""The lines of a statement that made one of its columns, so that nobody has to read the other two hundred."""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, build_scope

DIALECT = "clickhouse"
_DECIDES = ("prewhere", "where", "having", "qualify", "group", "joins", "limit")


@dataclass(frozen=True)
class Lines:
    """Line numbers of a statement, from 1.

    Attributes:
        values: where the column's values are made.
        rows: where it is decided which rows take part: filters, joins, groups of the queries on the way.
    """

    values: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()


def lines_of(sql: str, column: str) -> Lines:
    """The lines that made a column.

    Args:
        sql: the statement as it ran.
        column: one of its output columns.

    Returns:
        The lines; none when the statement cannot be understood or has no such column.
    """
    try:
        query = sqlglot.parse_one(sql, read=DIALECT)
        scope = build_scope(query) if isinstance(query, exp.Query) else None
    except (SqlglotError, RecursionError):
        return Lines()
    if scope is None:
        return Lines()
    values: set[int] = set()
    rows: set[int] = set()
    _follow(scope, column, values, rows, set())
    return Lines(tuple(sorted(values)), tuple(sorted(rows - values)))


def _follow(scope: Scope, column: str, values: set[int], rows: set[int], done: set[tuple[int, str]]) -> bool:
    """Note the lines of a column in a scope; whether the scope has it."""
    if (id(scope), column) in done:
        return True
    done.add((id(scope), column))
    if scope.set_operation_scopes:
        found = [_follow(branch, column, values, rows, done) for branch in scope.set_operation_scopes]
        return any(found)
    if not isinstance(scope.expression, exp.Select):
        return False
    named = [each for each in scope.expression.selects if each.alias_or_name == column]
    stars = [each for each in scope.expression.selects if each.is_star]
    has_it = bool(named)
    if named:
        reads = [(each.table, each.name) for each in named[0].find_all(exp.Column)]
    else:
        reads = [("", column)] if stars else []
    for table, name in reads:
        for alias, source in scope.sources.items():
            if table in ("", alias) and isinstance(source, Scope):
                has_it |= _follow(source, name, values, rows, done)
    # A star over the only table that is read passes everything on.
    has_it |= bool(stars) and not any(isinstance(each, Scope) for each in scope.sources.values())
    if has_it:
        for each in named[:1] or stars:
            values |= _lines(each)
        rows |= _rows(scope.expression)
    return has_it


def _rows(select: exp.Select) -> set[int]:
    found: set[int] = set()
    for key in _DECIDES:
        part = select.args.get(key)
        for each in part if isinstance(part, list) else [part]:
            if isinstance(each, exp.Expr):
                found |= _lines(each)
    return found


def _lines(expression: exp.Expr) -> set[int]:
    """Every line from an expression's first word to its last."""
    known = [node.meta["line"] for node in expression.walk() if "line" in node.meta]
    return set(range(min(known), max(known) + 1)) if known else set()
