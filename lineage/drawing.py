"""Where datasets and arrows stand on the page: layers from left to right, few crossings, smooth arrows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lineage.graph import DatasetEdge, Graph, layers
from lineage.names import DatasetName

BOX_WIDTH = 216
HEAD_HEIGHT = 46
LINE_HEIGHT = 18
GAP_X = 56
GAP_Y = 22
MARGIN = 18
MOST_COLUMNS = 12
"""Columns shown inside a box; further ones are counted."""


@dataclass(frozen=True)
class Box:
    """A dataset on the page, in pixels."""

    dataset: DatasetName
    x: int
    y: int
    height: int
    columns: tuple[str, ...]
    more: int
    dimmed: bool

    @property
    def right(self) -> int:
        """Its right edge."""
        return self.x + BOX_WIDTH


@dataclass(frozen=True)
class Arrow:
    """An edge on the page: the path of a curve, and the jobs behind it."""

    path: str
    jobs: str
    dimmed: bool


@dataclass(frozen=True)
class Drawing:
    """The whole picture."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(
    graph: Graph[DatasetName, DatasetEdge],
    columns: Mapping[DatasetName, tuple[str, ...]],
    focus: Collection[DatasetName] | None = None,
) -> Drawing:
    """Lay a graph out.

    Args:
        graph: the datasets and edges.
        columns: columns to show inside boxes.
        focus: datasets that stay bright; all of them when None.
    """
    ordered = _uncrossed(layers(graph), graph)
    boxes: dict[DatasetName, Box] = {}
    tallest = max((_height(layer, columns) for layer in ordered), default=0)
    for position, layer in enumerate(ordered):
        y = MARGIN + (tallest - _height(layer, columns)) // 2
        for dataset in layer:
            shown = columns.get(dataset, ())
            box = Box(
                dataset,
                MARGIN + position * (BOX_WIDTH + GAP_X),
                y,
                _box_height(shown),
                shown[:MOST_COLUMNS],
                max(0, len(shown) - MOST_COLUMNS),
                focus is not None and dataset not in focus,
            )
            boxes[dataset] = box
            y += box.height + GAP_Y
    jobs: dict[tuple[DatasetName, DatasetName], list[str]] = {}
    for edge in graph.edges:
        jobs.setdefault((edge.source, edge.target), []).append(edge.job.name)
    arrows = tuple(
        _arrow(boxes[source], boxes[target], found)
        for (source, target), found in jobs.items()
        if source != target
    )
    width = 2 * MARGIN + len(ordered) * BOX_WIDTH + max(0, len(ordered) - 1) * GAP_X
    return Drawing(width, tallest + 2 * MARGIN, tuple(boxes.values()), arrows)


def _arrow(source: Box, target: Box, jobs: list[str]) -> Arrow:
    start, end = source.y + HEAD_HEIGHT // 2, target.y + HEAD_HEIGHT // 2
    bend = max(GAP_X // 2, (target.x - source.right) // 2)
    path = (
        f"M{source.right},{start} C{source.right + bend},{start} {target.x - bend},{end} {target.x - 6},{end}"
    )
    return Arrow(path, ", ".join(sorted(jobs)), source.dimmed or target.dimmed)


def _uncrossed(
    ordered: list[list[DatasetName]], graph: Graph[DatasetName, DatasetEdge]
) -> list[list[DatasetName]]:
    """Order each layer by the middle of its neighbours, forth and back twice: most crossings go."""
    neighbours: dict[DatasetName, list[DatasetName]] = {node: [] for node in graph.nodes}
    for edge in graph.edges:
        neighbours[edge.source].append(edge.target)
        neighbours[edge.target].append(edge.source)
    place = {node: index for layer in ordered for index, node in enumerate(layer)}
    for sweep in (ordered, ordered[::-1], ordered, ordered[::-1]):
        for layer in sweep:
            middle = {
                node: sum(place[each] for each in neighbours[node]) / len(neighbours[node])
                if neighbours[node]
                else place[node]
                for node in layer
            }
            layer.sort(key=lambda node: (middle[node], node))
            place.update({node: index for index, node in enumerate(layer)})
    return ordered


def _box_height(shown: tuple[str, ...]) -> int:
    lines = min(len(shown), MOST_COLUMNS) + (1 if len(shown) > MOST_COLUMNS else 0)
    return HEAD_HEIGHT + (lines * LINE_HEIGHT + 8 if lines else 0)


def _height(layer: list[DatasetName], columns: Mapping[DatasetName, tuple[str, ...]]) -> int:
    return sum(_box_height(columns.get(node, ())) for node in layer) + GAP_Y * max(0, len(layer) - 1)
