"""What might help a query. Pure; whether it does is measured."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from warehouse.advice.plans import Use

Kind = Literal["index", "projection", "sort key"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as far as advice goes.

    Attributes:
        engine: without arguments: ``MergeTree``, ``ReplacingMergeTree``, …
        sorting_key: expressions that it is sorted by.
        columns: type by name.
    """

    engine: str
    sorting_key: tuple[str, ...]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that might help.

    Attributes:
        name: of the index or projection; for a sort key what tells it from others.
        definition: as in `warehouse.layout.Addition`; of a sort key its columns.
    """

    kind: Kind
    name: str
    definition: str


def candidates(table: Table, use: Use) -> tuple[Candidate, ...]:
    """What might help a query on a table.

    A projection or another sort key would change what engines that merge rows mean, so only tables that keep
    all of their rows get one.
    """
    leading = table.sorting_key[:1]
    filters = [column for column in use.filters if column not in leading]
    found = [_index(column, table.columns[column]) for column in filters]
    if table.engine == "MergeTree":
        found += _projections(table, use, filters)
    return tuple(found)


def _index(column: str, kind: str) -> Candidate:
    plain = kind.removeprefix("LowCardinality(").removeprefix("Nullable(").removeprefix("LowCardinality(")
    if plain.startswith(("String", "UUID", "FixedString", "IPv", "Array(", "Map(")):
        method = "bloom_filter(0.01) GRANULARITY 4"
        if "LowCardinality" in kind or plain.startswith("Enum"):
            method = "set(100) GRANULARITY 4"
    else:
        method = "minmax GRANULARITY 1"
    return _named("index", column, f"`{column}` TYPE {method}")


def _projections(table: Table, use: Use, filters: list[str]) -> Iterator[Candidate]:
    if use.keys is not None and use.aggregates:
        keys = [f"`{column}`" for column in dict.fromkeys((*use.filters, *use.keys))]
        selected = ", ".join((*keys, *dict.fromkeys(use.aggregates)))
        grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
        yield _named("projection", "groups", f"SELECT {selected}{grouped}")
    if filters:
        order = [*(f"`{column}`" for column in filters), *table.sorting_key]
        key = ", ".join(dict.fromkeys(order))
        yield _named("projection", filters[0], f"SELECT * ORDER BY {key}")
        yield Candidate("sort key", f"by {filters[0]}", key)


def _named(kind: Literal["index", "projection"], what: str, definition: str) -> Candidate:
    digest = hashlib.sha256(definition.encode()).hexdigest()[:8]
    return Candidate(kind, f"advised_{what}_{digest}", definition)
