"""What a query does with one table, read from the engine's plan (``EXPLAIN PLAN`` as JSON). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_COLUMN: Final = re.compile(r"__table\d+\.`?(\w+)`?")
_PLAIN_COLUMN: Final = re.compile(r"__table\d+\.`?(\w+)`?|(\w+)")


@dataclass(frozen=True, slots=True)
class Use:
    """How a query uses a table.

    Attributes:
        filters: columns that its conditions name, in their order.
        keys: columns it groups by; None if it groups by something else, or not this table alone.
        aggregates: what it computes for each group, such as ``sum(total)``.
    """

    filters: tuple[str, ...]
    keys: tuple[str, ...] | None
    aggregates: tuple[str, ...]


def use_of(plan: Mapping[str, Any], columns: frozenset[str]) -> Use:
    """Read the plan of a query.

    Args:
        plan: the outermost node.
        columns: of the table.
    """
    nodes = list(_nodes(plan))
    conditions = [node["Filter Column"] for node in nodes if "Filter Column" in node]
    conditions += [
        info["Prewhere filter"]["Prewhere filter column"]
        for node in nodes
        if "Prewhere filter" in (info := node.get("Prewhere info", {}))
    ]
    named = [name for condition in conditions for name in _COLUMN.findall(condition) if name in columns]
    filters = tuple(dict.fromkeys(named))
    aggregating = [node for node in nodes if node["Node Type"] == "Aggregating"]
    reads = sum(node["Node Type"].startswith("ReadFrom") for node in nodes)
    if len(aggregating) != 1 or reads != 1 or any(node["Node Type"].startswith("Join") for node in nodes):
        return Use(filters, None, ())
    keys = _plain(aggregating[0].get("Keys", ()), columns)
    aggregates: list[str] = []
    for aggregate in aggregating[0].get("Aggregates", ()):
        arguments = _plain(aggregate["Arguments"], columns)
        if arguments is None or "(" in aggregate["Function"]["Name"]:
            return Use(filters, None, ())
        aggregates.append(f"{aggregate['Function']['Name']}({', '.join(f'`{name}`' for name in arguments)})")
    return Use(filters, keys, tuple(aggregates))


def _plain(names: list[str] | tuple[str, ...], columns: frozenset[str]) -> tuple[str, ...] | None:
    """Columns of the table; None if one of them is something computed."""
    found = []
    for name in names:
        match = _PLAIN_COLUMN.fullmatch(name)
        column = (match[1] or match[2]) if match else ""
        if column not in columns:
            return None
        found.append(column)
    return tuple(found)


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)
