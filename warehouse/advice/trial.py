"""Measures what would help, on clones: they share the files of the tables, and go when it is over."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from statistics import median

from bilten.errors import WarehouseError
from warehouse.advice.candidates import Candidate, Table, candidates
from warehouse.advice.plans import use_of
from warehouse.advice.stand_ins import StandIn, stand_ins
from warehouse.client import Warehouse
from warehouse.layout import Addition
from warehouse.queries import HeavyQuery
from warehouse.renaming import renamed
from warehouse.server.statements import parse

ROUNDS = 5
LEAST_GAIN = 1.3
LEAST_MILLISECONDS = 2.0
"""Less than this is within the noise of a busy machine."""

_SETTINGS = {
    # What was learnt in one round would make the next one look better.
    "use_query_condition_cache": 0,
    "max_execution_time": 60,
    # The text is somebody else's.
    "readonly": 2,
    "log_queries": 0,
}


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that helped a query.

    Attributes:
        query: the query.
        target: the table, as the layout names it.
        candidate: what helped.
        before_milliseconds: median of the runs without it.
        after_milliseconds: median of the runs with it.
        bytes: what it takes on disk; of a sort key nothing, it takes the place of the present one.
    """

    query: HeavyQuery
    target: str
    candidate: Candidate
    before_milliseconds: float
    after_milliseconds: float
    bytes: int

    @property
    def gain(self) -> float:
        """How many times quicker the query is."""
        return self.before_milliseconds / max(self.after_milliseconds, 0.001)

    @property
    def addition(self) -> Addition | None:
        """It as a part of the layout; None for what needs a table to be written anew."""
        if self.candidate.kind == "sort key":
            return None
        reason = (
            f"{self.query.runs} runs of query {self.query.hash:x}: "
            f"{self.before_milliseconds:.1f} to {self.after_milliseconds:.1f} ms, measured on a clone"
        )
        return Addition(
            self.target, self.candidate.kind, self.candidate.name, self.candidate.definition, reason
        )


def advise(warehouse: Warehouse, query: HeavyQuery) -> tuple[Advice, ...]:
    """What makes a query quicker, best first; each was measured, on clones of the tables it reads.

    Args:
        warehouse: with the platform's own user.
        query: a query that reads; it is run some times for each candidate.

    Returns:
        What helped. Nothing as well if its tables can't be told, or if it answers otherwise on the clones.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    statement = parse(query.example.encode())
    sql = statement.text[: statement.format_at].decode()
    found: list[Advice] = []
    with _place(warehouse) as place:
        for stand_in in stand_ins(warehouse, query.tables):
            if renamed(sql, stand_in.shown, "") != sql:
                with suppress(WarehouseError):
                    found += _tried(warehouse, place, query, sql, stand_in)
    return tuple(sorted(found, key=lambda one: -one.gain))


def _tried(warehouse: Warehouse, place: str, query: HeavyQuery, sql: str, stand_in: StandIn) -> list[Advice]:
    base = _clone(warehouse, place, "base", stand_in, sql)
    # Else the clone is not what the query reads, or the query never answers the same twice.
    if _answer(warehouse, sql) != _answer(warehouse, base):
        return []
    table = _table(warehouse, stand_in.table)
    plan = json.loads(warehouse.scalar(f"EXPLAIN PLAN json = 1, actions = 1 {base}", settings=_SETTINGS))
    use = use_of(plan[0]["Plan"], frozenset(table.columns))
    found = []
    for number, candidate in enumerate(candidates(table, use)):
        name = f"candidate_{number}"
        with suppress(WarehouseError):
            changed = _clone(warehouse, place, name, stand_in, sql, candidate)
            before, after = _compared(warehouse, base, changed)
            bytes_taken = 0 if candidate.kind == "sort key" else _bytes(warehouse, place, name, candidate)
            advice = Advice(query, stand_in.target, candidate, before, after, bytes_taken)
            if advice.gain >= LEAST_GAIN and before - after >= LEAST_MILLISECONDS:
                found.append(advice)
    return found


@contextmanager
def _place(warehouse: Warehouse) -> Iterator[str]:
    name = f"advice_{secrets.token_hex(4)}"
    warehouse.command(f"CREATE DATABASE {name}")
    try:
        yield name
    finally:
        warehouse.command(f"DROP DATABASE IF EXISTS {name}")


def _clone(
    warehouse: Warehouse,
    place: str,
    name: str,
    stand_in: StandIn,
    sql: str,
    candidate: Candidate | None = None,
) -> str:
    """Make a clone with a candidate.

    Returns:
        The query on it.
    """
    clone = f"{place}.{name}"
    if candidate is not None and candidate.kind == "sort key":
        warehouse.command(
            f"CREATE TABLE {clone} ENGINE = MergeTree ORDER BY ({candidate.definition}) "
            f"SETTINGS allow_nullable_key = 1 AS SELECT * FROM {stand_in.table}"
        )
    else:
        warehouse.command(f"CREATE TABLE {clone} CLONE AS {stand_in.table}")
    if candidate is not None and candidate.kind != "sort key":
        addition = Addition(clone, candidate.kind, candidate.name, candidate.definition, "")
        for command in addition.commands(clone):
            warehouse.command(command, settings={"mutations_sync": 2})
    if stand_in.view:
        view = renamed(stand_in.view, stand_in.table, clone)
        warehouse.command(f"CREATE VIEW {clone}_view AS {view}")
        return renamed(sql, stand_in.shown, f"{clone}_view")
    return renamed(sql, stand_in.shown, clone)


def _answer(warehouse: Warehouse, sql: str) -> Sequence[object]:
    counted = f"SELECT count(), sum(cityHash64(toString(tuple(*)))) FROM (\n{sql}\n)"
    return tuple(warehouse.query(counted, settings=_SETTINGS).rows[0])


def _compared(warehouse: Warehouse, before: str, after: str) -> tuple[float, float]:
    """Medians in milliseconds; both sides take turns, so that a slow minute hits both."""
    figures: tuple[list[float], list[float]] = ([], [])
    for round_number in range(ROUNDS + 1):
        for side, sql in enumerate((before, after)):
            began = time.perf_counter()
            warehouse.command(f"{sql}\nFORMAT Null", settings=_SETTINGS)
            # The first round warms both sides' files.
            if round_number:
                figures[side].append((time.perf_counter() - began) * 1000)
    return median(figures[0]), median(figures[1])


def _table(warehouse: Warehouse, table: str) -> Table:
    database, _, name = table.partition(".")
    place = {"database": database, "name": name}
    engine, key = warehouse.query(
        "SELECT engine, sorting_key FROM system.tables "
        "WHERE database = {database:String} AND name = {name:String}",
        place,
    ).rows[0]
    columns = warehouse.query(
        "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {name:String}",
        place,
    ).rows
    return Table(
        str(engine),
        tuple(part.strip() for part in str(key).split(", ") if part),
        {str(name): str(kind) for name, kind in columns},
    )


def _bytes(warehouse: Warehouse, place: str, name: str, candidate: Candidate) -> int:
    source, taken = (
        ("data_skipping_indices", "data_compressed_bytes + marks_bytes")
        if candidate.kind == "index"
        else ("projection_parts", "bytes_on_disk")
    )
    return int(
        warehouse.scalar(
            f"SELECT sum({taken}) FROM system.{source} WHERE database = {{place:String}} "
            "AND table = {table:String} AND name = {name:String}",
            {"place": place, "table": name, "name": candidate.name},
        )
    )
