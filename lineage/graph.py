"""The graph of datasets and of columns: pure values and how to walk them.

A walk asks for the neighbours of a whole level at once, so that it costs one question a level however wide
the graph is. Cycles (an incremental model reads itself) end it no later than their absence would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from lineage.names import DatasetName, JobName

Direction = Literal["upstream", "downstream"]


@dataclass(frozen=True, order=True)
class Column:
    """A column of a dataset; an empty name stands for all its rows."""

    dataset: DatasetName
    name: str


@dataclass(frozen=True, order=True)
class DatasetEdge:
    """A dataset was made of another one by a job."""

    source: DatasetName
    target: DatasetName
    job: JobName


@dataclass(frozen=True, order=True)
class ColumnEdge:
    """A column was made of another one, how, and by which job."""

    source: Column
    target: Column
    job: JobName
    kind: str
    subtype: str
    masking: bool = False


NodeType = TypeVar("NodeType", bound=DatasetName | Column)
EdgeType = TypeVar("EdgeType", bound=DatasetEdge | ColumnEdge)


@dataclass(frozen=True)
class Graph(Generic[NodeType, EdgeType]):
    """What was found around some nodes.

    Args:
        start: where the walk began.
        nodes: every node met, by its distance from the start.
        edges: every edge met, sorted.
        complete: False when the depth ended the walk before the graph did.
    """

    start: tuple[NodeType, ...]
    nodes: dict[NodeType, int]
    edges: tuple[EdgeType, ...]
    complete: bool

    def joined(self, other: Graph[NodeType, EdgeType]) -> Graph[NodeType, EdgeType]:
        """The graph and another one as one, each node at its smaller distance."""
        nodes = dict(self.nodes)
        for node, distance in other.nodes.items():
            nodes[node] = min(distance, nodes.get(node, distance))
        edges = tuple(sorted({*self.edges, *other.edges}))
        return Graph((*self.start, *other.start), nodes, edges, self.complete and other.complete)


def walk(
    start: Sequence[NodeType],
    neighbours: Callable[[Sequence[NodeType]], Sequence[EdgeType]],
    direction: Direction,
    depth: int = 100,
) -> Graph[NodeType, EdgeType]:
    """Walk the graph level by level.

    Args:
        start: where to begin.
        neighbours: the edges into (upstream) or out of (downstream) the given nodes.
        direction: which way to go.
        depth: how many levels at most.
    """
    nodes = dict.fromkeys(start, 0)
    edges: set[EdgeType] = set()
    level = list(start)
    for distance in range(1, depth + 1):
        if not level:
            break
        found = neighbours(level)
        edges.update(found)
        reached: set[Any] = {edge.source if direction == "upstream" else edge.target for edge in found}
        level = sorted(reached - nodes.keys())
        nodes.update(dict.fromkeys(level, distance))
    return Graph(tuple(start), nodes, tuple(sorted(edges)), complete=not level)
