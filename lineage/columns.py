"""Column lineage of a ClickHouse query: which columns make which, by what way.

The query is parsed and qualified with the schemas of what it reads, so that every star is spelled out, and
then followed from each output column down to the columns of datasets, through CTEs, subqueries and unions.
What cannot be resolved is reported with its reason beside what is known of that column; it is never dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from lineage.expressions import Leaf, Way, function_name, is_sourceless, leaves
from lineage.flows import Flow, Origin, Unresolved
from lineage.names import DatasetName

DIALECT = "clickhouse"

Columns = Mapping[tuple[str, str], Iterable[str]]
"""Columns of what may be read, by database and table."""

_DICTIONARY = ("dictget", "dicthas")
_CLAUSES: tuple[tuple[str, Way], ...] = (
    ("prewhere", Way("INDIRECT", "FILTER")),
    ("where", Way("INDIRECT", "FILTER")),
    ("having", Way("INDIRECT", "FILTER")),
    ("qualify", Way("INDIRECT", "FILTER")),
    ("group", Way("INDIRECT", "GROUP_BY")),
    ("order", Way("INDIRECT", "SORT")),
    ("limit", Way("INDIRECT", "SORT")),
)
_JOIN = Way("INDIRECT", "JOIN")

# Its warnings say what is reported as unresolved here, with less detail.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def flow_of(
    sql: str,
    columns: Columns,
    name: Callable[[str, str], DatasetName],
    *,
    declared: Iterable[str] = (),
) -> Flow:
    """The column lineage of one query.

    Args:
        sql: one SELECT of ClickHouse's dialect, without placeholders.
        columns: the columns of the tables and views it may read.
        name: the dataset that a database and table are.
        declared: the columns that the result must have, where known; those that the query does not have, or
            all of them when it cannot be understood, are unresolved.

    Returns:
        Every output column with its origins, the columns that decide about all rows, and what is unresolved.
    """
    expected = tuple(declared)
    try:
        query = sqlglot.parse_one(sql, read=DIALECT)
        if not isinstance(query, exp.Query):
            return _nothing(expected, "It is not a query.")
        _inline_scalars(query)
        scope = build_scope(_qualified(query, columns))
    except (SqlglotError, RecursionError) as error:
        return _nothing(expected, f"The query cannot be analysed: {str(error).splitlines()[0]}")
    if scope is None:
        return _nothing(expected, "The query has no scope.")
    return _Tracer(columns, name).flow(scope, expected)


def _qualified(query: exp.Query, columns: Columns) -> exp.Expr:
    """The query with every star spelled out and every column under its table, as far as the schemas allow."""
    # Only of what is read: sqlglot normalizes every name of a schema anew, three quarters of the time.
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for table in query.find_all(exp.Table):
        # A table without columns, whose own query could not be read, would make the schema unusable.
        if names := tuple(columns.get((table.db, table.name), ())):
            schema.setdefault(table.db, {})[table.name] = dict.fromkeys(names, "String")
    try:
        return qualify(
            query.copy(),
            schema=cast("dict[str, object]", schema),
            dialect=DIALECT,
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
    except OptimizeError:
        # One unknown column is no reason to know nothing of the others: without the schemas it passes, and is
        # reported when it is followed.
        return qualify(
            query,
            dialect=DIALECT,
            validate_qualify_columns=False,
            quote_identifiers=False,
            expand_stars=False,
        )


def _nothing(declared: Iterable[str], reason: str) -> Flow:
    names = tuple(declared)
    lost = tuple(Unresolved(column, reason) for column in names) or (Unresolved("", reason),)
    return Flow(dict.fromkeys(names, ()), unresolved=lost)


def _inline_scalars(query: exp.Expr) -> None:
    """Put ClickHouse's scalar `WITH expression AS name` where the name is used: it is no table."""
    for clause in list(query.find_all(exp.With)):
        owner = clause.parent
        scalars = [each for each in clause.expressions if each.args.get("scalar")]
        if owner is None or not scalars:
            continue
        replacements = {each.alias: each.this for each in scalars}
        for scalar in scalars:
            scalar.pop()
        if not clause.expressions:
            clause.pop()
        # Scalars may use earlier ones: replace until nothing changes, once per scalar at most.
        for _ in scalars:
            for column in list(owner.find_all(exp.Column)):
                found = replacements.get(column.name)
                if found is None or column.table:
                    continue
                copied = found.copy()
                value = copied if isinstance(copied, exp.Subquery) else exp.Paren(this=copied)
                is_output = isinstance(column.parent, exp.Select) and column.arg_key == "expressions"
                column.replace(exp.alias_(value, column.name) if is_output else value)


class _Tracer:
    """Follows columns through the scopes of one query."""

    def __init__(self, columns: Columns, name: Callable[[str, str], DatasetName]) -> None:
        self._columns = {key: frozenset(names) for key, names in columns.items()}
        self._name = name
        self._known: dict[tuple[int, str], frozenset[tuple[DatasetName, str, Way]]] = {}
        self._reasons: dict[tuple[int, str], tuple[str, ...]] = {}
        self._open: list[list[str]] = [[]]

    def flow(self, scope: Scope, declared: tuple[str, ...]) -> Flow:
        fields: dict[str, tuple[Origin, ...]] = {}
        unresolved: list[Unresolved] = []
        for column, expression in zip(_outputs(scope), _selects(scope), strict=True):
            if expression.unalias().is_star or isinstance(expression, exp.Columns | exp.Apply):
                reason = f"{expression.sql(DIALECT)} cannot be spelled out without the schemas."
                unresolved.append(Unresolved("", reason))
                continue
            self._open = [[]]
            origins = self._column(scope, column)
            fields[column] = _origins(origins)
            unresolved += [Unresolved(column, reason) for reason in dict.fromkeys(self._open[0])]
        for column in declared:
            if column not in fields:
                fields[column] = ()
                unresolved.append(Unresolved(column, "The query has no such column."))
        self._open = [[]]
        everything = self._everything(scope, set())
        unresolved += [Unresolved("", reason) for reason in dict.fromkeys(self._open[0])]
        return Flow(fields, _origins(everything), tuple(unresolved))

    def _column(self, scope: Scope, column: str) -> frozenset[tuple[DatasetName, str, Way]]:
        """Where one output column of a scope comes from."""
        key = (id(scope), column)
        if key in self._known:
            self._open[-1].extend(self._reasons[key])
            return self._known[key]
        # A recursive CTE meets itself here; what it adds to itself is nothing new.
        self._known[key], self._reasons[key] = frozenset(), ()
        self._open.append([])
        found: set[tuple[DatasetName, str, Way]] = set()
        for branch, expression in _expressions(scope, column):
            for leaf, way in leaves(expression):
                found |= {(d, f, inner.then(way)) for d, f, inner in self._leaf(branch, leaf)}
            self._dictionaries(expression)
        reasons = tuple(dict.fromkeys(self._open.pop()))
        self._open[-1].extend(reasons)
        self._known[key], self._reasons[key] = frozenset(found), reasons
        return self._known[key]

    def _leaf(self, scope: Scope, leaf: Leaf) -> frozenset[tuple[DatasetName, str, Way]]:
        if isinstance(leaf, exp.Query):
            return self._query(scope, leaf)
        # A star (as in `count(*)`) and a lambda's parameter read no column of their own.
        if not isinstance(leaf, exp.Column) or isinstance(leaf.this, exp.Star):
            return frozenset()
        if isinstance(leaf.this, exp.Identifier):
            return self._source(scope, leaf.table, leaf.name) if leaf.table else self._bare(scope, leaf.name)
        # `pair.1` is an element of a tuple called pair.
        return self._bare(scope, leaf.table)

    def _bare(self, scope: Scope, name: str) -> frozenset[tuple[DatasetName, str, Way]]:
        """A name without a table: an array's element, or a column of the only table that has it."""
        arrays = _joined_arrays(scope)
        if name in arrays:
            found: set[tuple[DatasetName, str, Way]] = set()
            for inner, way in leaves(arrays[name], Way("DIRECT", "TRANSFORMATION")):
                found |= {(d, f, each.then(way)) for d, f, each in self._leaf(scope, inner)}
            return frozenset(found)
        holders = [source for source in scope.sources if self._has(scope.sources[source], name)]
        if len(holders) == 1:
            return self._source(scope, holders[0], name)
        self._open[-1].append(f"{name} could belong to several tables or to none.")
        return frozenset()

    def _has(self, source: object, column: str) -> bool:
        if isinstance(source, Scope):
            return column in _outputs(source)
        return isinstance(source, exp.Table) and column in self._columns.get((source.db, source.name), ())

    def _source(self, scope: Scope, table: str, column: str) -> frozenset[tuple[DatasetName, str, Way]]:
        holder: Scope | None = scope
        while holder is not None and table not in holder.sources:
            holder = holder.parent
        source = holder.sources[table] if holder is not None else None
        if isinstance(source, Scope):
            if column not in _outputs(source):
                self._open[-1].append(f"{table} has no column {column}.")
                return frozenset()
            return self._column(source, column)
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Func):
            function = function_name(source.this)
            if not is_sourceless(function):
                self._open[-1].append(f"{column} comes from the table function {function}.")
            return frozenset()
        if isinstance(source, exp.Table):
            known = self._columns.get((source.db, source.name))
            if known is None:
                self._open[-1].append(f"The columns of {source.db}.{source.name} are not known.")
            elif column not in known:
                self._open[-1].append(f"{source.db}.{source.name} has no column {column}.")
            return frozenset({(self._name(source.db, source.name), column, Way())})
        # A tuple's named element is written like a table's column.
        if table in _joined_arrays(scope) or any(self._has(each, table) for each in scope.sources.values()):
            return frozenset(
                (d, f, way.then(Way("DIRECT", "TRANSFORMATION")))
                for d, f, way in self._leaf(scope, exp.column(table))
            )
        self._open[-1].append(f"{table}.{column} is not a column of anything the query reads.")
        return frozenset()

    def _query(self, scope: Scope, query: exp.Query) -> frozenset[tuple[DatasetName, str, Way]]:
        """A query inside an expression: all that it gives, through its only column or columns."""
        for inner in scope.subquery_scopes:
            if inner.expression is query:
                found: set[tuple[DatasetName, str, Way]] = set()
                for column in _outputs(inner):
                    found |= self._column(inner, column)
                return frozenset(found)
        self._open[-1].append("A query inside the expression could not be followed.")
        return frozenset()

    def _dictionaries(self, expression: exp.Expr) -> None:
        for function in expression.find_all(exp.Func):
            if function_name(function).lower().startswith(_DICTIONARY):
                arguments = function.expressions or [function.this]
                self._open[-1].append(
                    f"It reads the dictionary {arguments[0].name or arguments[0].sql(DIALECT)}."
                )

    def _everything(self, scope: Scope, done: set[int]) -> set[tuple[DatasetName, str, Way]]:
        """What decides about rows, in this scope and all that it reads."""
        if id(scope) in done:
            return set()
        done.add(id(scope))
        found: set[tuple[DatasetName, str, Way]] = set()
        if isinstance(scope.expression, exp.Select):
            for clause, way in _clauses(scope.expression):
                for leaf, inside in leaves(clause, way):
                    found |= {(d, f, each.then(inside)) for d, f, each in self._leaf(scope, leaf)}
        read = [source for _, source in scope.selected_sources.values() if isinstance(source, Scope)]
        for each in [*read, *scope.set_operation_scopes, *scope.subquery_scopes]:
            found |= self._everything(each, done)
        return found


def _selects(scope: Scope) -> list[exp.Expr]:
    return list(cast("exp.Query", scope.expression).selects)


def _outputs(scope: Scope) -> list[str]:
    return [each.alias_or_name for each in _selects(scope)]


def _expressions(scope: Scope, column: str) -> list[tuple[Scope, exp.Expr]]:
    """The expressions of an output column: one, or one of each branch of a union, by position."""
    position = _outputs(scope).index(column)
    if not scope.set_operation_scopes:
        return [(scope, _selects(scope)[position])]
    found = []
    for branch in scope.set_operation_scopes:
        names = _outputs(branch)
        if position < len(names):
            found += _expressions(branch, names[position])
    return found


def _joined_arrays(scope: Scope) -> dict[str, exp.Expr]:
    """Names that ARRAY JOIN gives, with the arrays they are elements of."""
    found = {}
    for join in scope.expression.args.get("joins") or []:
        if str(join.kind).upper() == "ARRAY":
            for each in [join.this, *join.expressions]:
                if isinstance(each, exp.Alias):
                    found[each.alias] = each.this
    return found


def _clauses(select: exp.Select) -> list[tuple[exp.Expr, Way]]:
    found = [(select.args[key], way) for key, way in _CLAUSES if select.args.get(key) is not None]
    for join in select.args.get("joins") or []:
        if str(join.kind).upper() == "ARRAY":
            continue
        found += [(each, _JOIN) for each in (join.args.get("on"),) if each is not None]
        found += [(exp.column(each.name), _JOIN) for each in join.args.get("using") or []]
    return found


def _origins(found: Iterable[tuple[DatasetName, str, Way]]) -> tuple[Origin, ...]:
    return tuple(
        sorted({Origin(dataset, field, way.kind, way.subtype, way.masking) for dataset, field, way in found})
    )
