"""What a piece of ClickHouse SQL takes from which column, and how: one expression at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from lineage.flows import Kind, Subtype

_HASH = re.compile(r"hash|md5|^sha|hmac|digest|^mask|encrypt", re.IGNORECASE)
_SOURCELESS = re.compile(
    r"^(numbers|numbers_mt|zeros|zeros_mt|generateseries|generaterandom|values|null|one)$", re.IGNORECASE
)
_FILTERING_LAMBDAS = frozenset(
    {"arrayfilter", "arrayfirst", "arraylast", "arraycount", "arrayexists", "arrayall"}
)
_RANK: dict[Subtype, int] = {"IDENTITY": 0, "TRANSFORMATION": 1, "AGGREGATION": 2}


@dataclass(frozen=True)
class Way:
    """How a value is used on its way: directly or as a decision, and whether it can still be read."""

    kind: Kind = "DIRECT"
    subtype: Subtype = "IDENTITY"
    masking: bool = False

    def then(self, outer: Way) -> Way:
        """The way, followed by another one around it."""
        masking = self.masking or outer.masking
        if outer.kind == "INDIRECT":
            return replace(outer, masking=masking)
        if self.kind == "INDIRECT":
            return replace(self, masking=masking)
        subtype = max(self.subtype, outer.subtype, key=lambda each: _RANK.get(each, 1))
        return Way("DIRECT", subtype, masking)


IDENTITY = Way()
TRANSFORMATION = Way("DIRECT", "TRANSFORMATION")
AGGREGATION = Way("DIRECT", "AGGREGATION")
CONDITIONAL = Way("INDIRECT", "CONDITIONAL")
WINDOW = Way("INDIRECT", "WINDOW")
SORT = Way("INDIRECT", "SORT")

Leaf = exp.Column | exp.Query | exp.Identifier
"""Where an expression ends: a column, a query inside it, or a name that is neither yet."""


def leaves(node: exp.Expr, way: Way = IDENTITY) -> Iterator[tuple[Leaf, Way]]:
    """Everything that an expression depends on, with the way it depends on it."""
    if isinstance(node, exp.Column | exp.Query) and not isinstance(node, exp.Subquery):
        yield node, way
    elif isinstance(node, exp.Subquery):
        yield node.this, way
    elif isinstance(node, exp.Alias | exp.Paren):
        yield from leaves(node.this, way)
    elif isinstance(node, exp.If):
        yield from _all(node.this, CONDITIONAL.then(way) if way.kind == "DIRECT" else way)
        yield from _all([node.args.get("true"), node.args.get("false")], TRANSFORMATION.then(way))
    elif isinstance(node, exp.Case):
        yield from _case(node, way)
    elif isinstance(node, exp.Window):
        yield from leaves(node.this, TRANSFORMATION.then(way))
        decisions = [node.args.get("partition_by"), node.args.get("order"), node.args.get("spec")]
        yield from _all(decisions, _indirect(WINDOW, way))
    elif isinstance(node, exp.Filter):
        yield from leaves(node.this, way)
        yield from _all(node.expression, _indirect(CONDITIONAL, way))
    elif isinstance(node, exp.Lambda):
        yield from leaves(node.this, way)
    elif isinstance(node, exp.In):
        yield from _all([node.this, node.expressions, node.args.get("query")], TRANSFORMATION.then(way))
    elif isinstance(node, exp.AggFunc | exp.ParameterizedAgg):
        yield from _aggregate(node, way)
    elif isinstance(node, exp.Func):
        yield from _function(node, way)
    else:
        yield from _all(list(node.args.values()), TRANSFORMATION.then(way))


def function_name(node: exp.Expr) -> str:
    """The name of a function as it is written in ClickHouse."""
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc | exp.ParameterizedAgg):
        return str(node.this)
    return node.sql_name() if isinstance(node, exp.Func) else ""


def is_sourceless(function: str) -> bool:
    """Whether a table function makes its rows out of nothing."""
    return bool(_SOURCELESS.match(function))


def _indirect(decision: Way, way: Way) -> Way:
    # A decision inside a decision stays what the outer one is.
    return way if way.kind == "INDIRECT" else replace(decision, masking=way.masking)


def _all(found: object, way: Way) -> Iterator[tuple[Leaf, Way]]:
    if isinstance(found, list):
        for each in found:
            yield from _all(each, way)
    elif isinstance(found, exp.Expr):
        yield from leaves(found, way)


def _case(node: exp.Case, way: Way) -> Iterator[tuple[Leaf, Way]]:
    decision = _indirect(CONDITIONAL, way)
    yield from _all(node.this, decision)
    for branch in node.args.get("ifs") or []:
        yield from _all(branch.this, decision)
        yield from _all(branch.args.get("true"), TRANSFORMATION.then(way))
    yield from _all(node.args.get("default"), TRANSFORMATION.then(way))


def _aggregate(node: exp.Expr, way: Way) -> Iterator[tuple[Leaf, Way]]:
    name = function_name(node).lower()
    if isinstance(node, exp.ParameterizedAgg):
        arguments = list(node.args.get("params") or [])
    elif isinstance(node, exp.AnonymousAggFunc):
        arguments = list(node.expressions)
    else:
        arguments = [
            each for key in ("this", "expression", "expressions") for each in _listed(node.args.get(key))
        ]
    inside = replace(
        AGGREGATION, masking=isinstance(node, exp.Count) or name.startswith(("count", "uniq"))
    ).then(way)
    if isinstance(node, exp.CountIf) or (name.endswith("if") and len(arguments) > 1):
        yield from _all(arguments.pop(), _indirect(CONDITIONAL, way))
    if name.startswith(("argmax", "argmin", "arg_max", "arg_min")) and len(arguments) > 1:
        yield from _all(arguments.pop(), _indirect(SORT, way))
    yield from _all(arguments, inside)


def _function(node: exp.Func, way: Way) -> Iterator[tuple[Leaf, Way]]:
    name = function_name(node)
    arguments = [each for value in node.args.values() for each in _listed(value)]
    if name.lower() == "multiif":
        # Conditions and values alternate; the last one is the value for all other rows.
        for position, argument in enumerate(arguments):
            decides = position % 2 == 0 and position < len(arguments) - 1
            yield from _all(argument, _indirect(CONDITIONAL, way) if decides else TRANSFORMATION.then(way))
        return
    filtering = isinstance(node, exp.ArrayFilter) or name.lower() in _FILTERING_LAMBDAS
    inside = replace(TRANSFORMATION, masking=bool(_HASH.search(name))).then(way)
    for argument in arguments:
        if isinstance(argument, exp.Lambda) and filtering:
            yield from _all(argument.this, _indirect(CONDITIONAL, way))
        else:
            yield from _all(argument, inside)


def _listed(value: object) -> list[exp.Expr]:
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, exp.Expr)]
