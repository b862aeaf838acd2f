"""What people ask of lineage, answered from a snapshot: impact, personal data, coverage, differences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lineage.graph import Column, ColumnEdge, DatasetEdge
from lineage.names import DatasetName, JobName
from lineage.snapshot import PERSONAL, Snapshot, follow, layer_of


@dataclass(frozen=True)
class Impact:
    """What breaks if a column (or, without a name, its dataset) is dropped.

    Attributes:
        column: what would be dropped.
        columns: columns whose values come from it, with their distance in steps.
        broken: datasets whose job names it and would fail at the next run, with the ways it is used.
        stale: datasets further down, which would not be renewed any more.
        people: teams to ask, with the datasets they answer for.
    """

    column: Column
    columns: dict[Column, int]
    broken: dict[DatasetName, tuple[ColumnEdge | DatasetEdge, ...]]
    stale: tuple[DatasetName, ...]
    people: dict[str, tuple[DatasetName, ...]]


def impact(snapshot: Snapshot, column: Column) -> Impact:
    """Answer "what breaks if I drop this column?"; an empty name drops the whole dataset."""
    uses: dict[DatasetName, list[ColumnEdge | DatasetEdge]] = {}
    if column.name:
        start = [column]
        for edge in snapshot.columns_out_of.get(column, ()):
            uses.setdefault(edge.target.dataset, []).append(edge)
    else:
        start = [Column(column.dataset, str(each["name"])) for each in snapshot.fields(column.dataset)]
        for whole in snapshot.out_of.get(column.dataset, ()):
            uses.setdefault(whole.target, []).append(whole)
    uses.pop(column.dataset, None)
    reached, _ = follow(snapshot, start, downstream=True)
    for each in start:
        reached.pop(each)
    stale = _below(snapshot, uses) - uses.keys() - {column.dataset}
    people: dict[str, list[DatasetName]] = {}
    for dataset in sorted({*uses, *stale}):
        owner = snapshot.owner(dataset)
        if owner:
            people.setdefault(owner, []).append(dataset)
    return Impact(
        column,
        reached,
        {dataset: tuple(sorted(set(found), key=str)) for dataset, found in sorted(uses.items())},
        tuple(sorted(stale)),
        {owner: tuple(found) for owner, found in sorted(people.items())},
    )


def _below(snapshot: Snapshot, start: Iterable[DatasetName]) -> set[DatasetName]:
    found, waiting = set(start), list(start)
    while waiting:
        for edge in snapshot.out_of.get(waiting.pop(), ()):
            if edge.target not in found:
                found.add(edge.target)
                waiting.append(edge.target)
    return found


@dataclass(frozen=True)
class PersonalFlow:
    """Where personal data goes.

    Attributes:
        sources: classified columns that come from no other column.
        reached: every column that values reach, with the sources they come from; masked ones end.
        masked: columns that receive them only masked (hashed, counted).
        edges: the ways.
        violations: columns of marts with unmasked personal data that no contract calls personal.
    """

    sources: dict[Column, str]
    reached: dict[Column, frozenset[Column]]
    masked: dict[Column, frozenset[Column]]
    edges: tuple[ColumnEdge, ...]
    violations: tuple[Column, ...]


def personal_flow(snapshot: Snapshot) -> PersonalFlow:
    """Follow every classified column from where it enters the platform."""
    classified = {
        column: found
        for dataset in snapshot.datasets
        for each in snapshot.fields(dataset)
        for column in (Column(dataset, str(each["name"])),)
        for found in (snapshot.classification(column),)
        if found in PERSONAL
    }
    sources = {
        column: kind
        for column, kind in classified.items()
        if not any(edge.kind == "DIRECT" for edge in snapshot.columns_into.get(column, ()))
    }
    reached: dict[Column, set[Column]] = {column: {column} for column in sources}
    masked: dict[Column, set[Column]] = {}
    edges: set[ColumnEdge] = set()
    waiting = list(sources)
    while waiting:
        column = waiting.pop()
        for edge in snapshot.columns_out_of.get(column, ()):
            if edge.kind != "DIRECT" or not edge.target.name:
                continue
            edges.add(edge)
            into = masked if edge.masking else reached
            known = into.setdefault(edge.target, set())
            if not reached[column] <= known:
                known |= reached[column]
                if not edge.masking:
                    waiting.append(edge.target)
    violations = sorted(
        column
        for column in reached
        if layer_of(column.dataset) == "marts" and snapshot.classification(column) not in PERSONAL
    )
    return PersonalFlow(
        sources,
        {column: frozenset(found) for column, found in reached.items()},
        {column: frozenset(found) for column, found in masked.items() if column not in reached},
        tuple(sorted(edges)),
        tuple(violations),
    )


@dataclass(frozen=True)
class Coverage:
    """How much of what ran has lineage.

    Attributes:
        transformations: jobs that wrote a dataset.
        covered: those whose output has column lineage.
        uncovered: the others, each with what it wrote.
        columns: columns of datasets that a job wrote.
        unresolved: columns whose origin could not be told, with the reasons.
    """

    transformations: int
    covered: int
    uncovered: tuple[tuple[JobName, DatasetName], ...]
    columns: int
    unresolved: tuple[tuple[Column, str], ...]


def coverage(snapshot: Snapshot) -> Coverage:
    """Count the transformations that have lineage, and the columns that could not be resolved."""
    wrote = {(edge.job, edge.target) for edge in snapshot.all_edges}
    explained = {(edge.job, edge.target.dataset) for edge in snapshot.column_edges}
    uncovered = sorted(wrote - explained)
    targets = {target for _, target in wrote}
    unresolved = tuple(
        (Column(dataset, str(each.get("column", ""))), str(each.get("reason", "")))
        for dataset in sorted(targets)
        for each in snapshot.facets.get(dataset, {}).get("bilten_unresolvedColumns", {}).get("columns") or ()
    )
    jobs = {job for job, _ in wrote}
    return Coverage(
        len(jobs),
        len(jobs - {job for job, _ in uncovered}),
        tuple(uncovered),
        sum(len(snapshot.fields(dataset)) for dataset in targets),
        unresolved,
    )


@dataclass(frozen=True)
class Difference:
    """What changed between two moments."""

    datasets_added: tuple[DatasetName, ...]
    datasets_removed: tuple[DatasetName, ...]
    edges_added: tuple[DatasetEdge, ...]
    edges_removed: tuple[DatasetEdge, ...]
    column_edges_added: tuple[ColumnEdge, ...]
    column_edges_removed: tuple[ColumnEdge, ...]
    fields: tuple[tuple[DatasetName, str, str | None, str | None], ...]
    """Dataset, column, its type before and after; None where it was not there."""
    facts: tuple[tuple[DatasetName, str, str | None, str | None], ...]
    """Dataset, what (owner, contract, version), before and after."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not any(getattr(self, name) for name in self.__dataclass_fields__)


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """What changed from one snapshot to a later one."""
    old, new = set(before.datasets), set(after.datasets)
    both = sorted(old & new)
    fields = []
    facts = []
    for dataset in both:
        left = {str(each["name"]): _kind(each) for each in before.fields(dataset)}
        right = {str(each["name"]): _kind(each) for each in after.fields(dataset)}
        fields += [
            (dataset, name, left.get(name), right.get(name))
            for name in sorted({*left, *right})
            if left.get(name) != right.get(name)
        ]
        then, now = _facts(before, dataset), _facts(after, dataset)
        facts += [(dataset, key, then[key], now[key]) for key in then if then[key] != now[key]]
    return Difference(
        tuple(sorted(new - old)),
        tuple(sorted(old - new)),
        tuple(sorted(set(after.all_edges) - set(before.all_edges))),
        tuple(sorted(set(before.all_edges) - set(after.all_edges))),
        tuple(sorted(set(after.column_edges) - set(before.column_edges))),
        tuple(sorted(set(before.column_edges) - set(after.column_edges))),
        tuple(fields),
        tuple(facts),
    )


def _kind(each: dict[str, Any]) -> str:
    return str(each.get("type") or "unknown")


def _facts(snapshot: Snapshot, dataset: DatasetName) -> dict[str, str | None]:
    facets = snapshot.facets.get(dataset, {})
    contract = facets.get("bilten_contract", {})
    return {
        "owner": snapshot.owner(dataset),
        "contract": f"{contract['id']} {contract['version']}" if "id" in contract else None,
        "version": facets.get("version", {}).get("datasetVersion"),
    }
