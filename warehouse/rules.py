"""ClickHouse SQL of quality rules: which rows break one, how many, and a few of their keys.

Pure text. A rule's own query may name datasets in braces; everything else is compiled here.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bilten.errors import RuleRefused
from warehouse.client import Warehouse
from warehouse.compile.statements import identifier, literal

Resolve = Callable[[str], str]
"""Dataset name → where it stands, such as ``ods.`tickets__orders```."""

SETTLING_SECONDS = 10
"""Rows younger than this may refer to rows of another topic that are still on their way."""

# A digit first is a repetition of a regular expression.
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")
_COUNTING = re.compile(
    r"^\s*SELECT\s+count\(\s*\*?\s*\)\s+FROM\s+\{(?P<dataset>\w+)\}(?:\s+(?:AS\s+)?(?P<alias>(?!WHERE\b)\w+))?",
    re.IGNORECASE,
)
_PREDICATE = re.compile(r"^SELECT count\(\) FROM \{table\} WHERE NOT \((?P<predicate>.*)\)$")
_TABLE_NODE = re.compile(r"^(?P<indent> *)(?P<node>\w+)(?P<rest>.*)$")


@dataclass(frozen=True, slots=True)
class Breach:
    """Rows that break a rule: those of a relation that meet a condition.

    Attributes:
        relation: where the rows stand.
        condition: SQL that is true for rows that break the rule.
    """

    relation: str
    condition: str

    @property
    def counting(self) -> str:
        """SELECT of how many there are."""
        return f"SELECT count() FROM {self.relation} WHERE {self.condition}"

    def sampling(self, key: Sequence[str], most: int) -> str:
        """SELECT of some of their keys."""
        names = ", ".join(identifier(name) for name in key)
        return f"SELECT {names} FROM {self.relation} WHERE {self.condition} LIMIT {most}"


def null_breach(relation: str, column: str) -> Breach:
    """Rows without a value."""
    return Breach(relation, f"isNull({identifier(column)})")


def duplicate_breach(relation: str, columns: Sequence[str]) -> Breach:
    """Rows whose values, none of them null, stand in other rows too."""
    names = ", ".join(identifier(column) for column in columns)
    known = " AND ".join(f"isNotNull({identifier(column)})" for column in columns)
    twice = f"SELECT {names} FROM {relation} WHERE {known} GROUP BY {names} HAVING count() > 1"
    return Breach(relation, f"({names}) IN ({twice})")


def value_breach(relation: str, column: str, accepted: Sequence[str]) -> Breach:
    """Rows with a value outside a list; null is no value."""
    name = identifier(column)
    values = ", ".join(literal(value) for value in accepted)
    return Breach(relation, f"isNotNull({name}) AND toString({name}) NOT IN ({values})")


def pattern_breach(relation: str, column: str, pattern: str) -> Breach:
    """Rows with a value that does not match a regular expression (RE2); null is no value."""
    name = identifier(column)
    return Breach(relation, f"isNotNull({name}) AND NOT match({name}, {literal(pattern)})")


def reference_breach(relation: str, column: str, other: str, other_column: str, *, settling: bool) -> Breach:
    """Rows that refer to a row that does not exist; null refers to nothing.

    Args:
        relation: where the referring rows stand.
        column: the referring column.
        other: where the rows referred to stand.
        other_column: their column.
        settling: leave out rows that were committed in the last seconds; needed beside live traffic, where
            two tables are never read at the same instant.
    """
    name = identifier(column)
    condition = f"isNotNull({name}) AND {name} NOT IN (SELECT {identifier(other_column)} FROM {other})"
    if settling:
        condition += f" AND _committed_at < now64(6) - INTERVAL {SETTLING_SECONDS} SECOND"
    return Breach(relation, condition)


def row_predicate(query: str) -> str | None:
    """What every row has to keep by a rule of the form ``SELECT count() FROM {table} WHERE NOT (…)``.

    Args:
        query: the query as the contract has it.

    Returns:
        The expression; None for a rule of another form, or about another dataset as well.
    """
    found = _PREDICATE.match(" ".join(query.split()))
    return found["predicate"] if found and not _PLACEHOLDER.search(found["predicate"]) else None


def resolved(query: str, dataset: str, resolve: Resolve) -> str:
    """A rule's query with its datasets filled in; ``{table}`` is the rule's own.

    Args:
        query: the query as the contract has it.
        dataset: the rule's dataset.
        resolve: where a dataset stands; raises for one without a contract.
    """
    return _PLACEHOLDER.sub(
        lambda match: resolve(dataset if match[1] == "table" else match[1]), query.strip().rstrip(";")
    )


def sampling_query(
    query: str, dataset: str, resolve: Resolve, key_of: Callable[[str], Sequence[str]], most: int
) -> str | None:
    """Keys of failing rows of a rule's own query, where it counts rows of a dataset.

    Args:
        query: the query as the contract has it, such as ``SELECT count() FROM {table} AS o WHERE …``.
        dataset: the rule's dataset.
        resolve: where a dataset stands.
        key_of: a dataset's key columns.
        most: most rows.

    Returns:
        The query, or None when the rule counts something else.
    """
    counting = _COUNTING.match(query)
    if counting is None:
        return None
    named = counting["dataset"]
    prefix = f"{counting['alias']}." if counting["alias"] else ""
    key = key_of(dataset if named == "table" else named)
    if not key:
        return None
    names = ", ".join(f"{prefix}{identifier(name)} AS {identifier(name)}" for name in key)
    start = query.upper().index("FROM")
    text = resolved(query[start:], dataset, resolve)
    return f"SELECT {names} {text} LIMIT {most}"


def refuse_unless_reading(warehouse: Warehouse, name: str, query: str) -> None:
    """Let the engine itself parse a rule's query, and refuse all but one SELECT over tables.

    Args:
        warehouse: the warehouse; nothing is run but the parser.
        name: the rule, for the message.
        query: the query with its datasets filled in.

    Raises:
        RuleRefused: it is another statement, or reads from a table function (files, other servers).
        WarehouseError: it cannot be parsed.
    """
    tree = [str(row[0]) for row in warehouse.query(f"EXPLAIN AST {query}").rows]
    if not tree or not tree[0].startswith("SelectWithUnionQuery"):
        raise RuleRefused(f"The rule {name} is not a SELECT.")
    for parent, child in itertools.pairwise(tree):
        if parent.strip().startswith("TableExpression") and child.strip().startswith("Function"):
            raise RuleRefused(f"The rule {name} reads from {child.split()[1]}(…) and not from a dataset.")
