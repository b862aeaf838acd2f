"""Walking and laying out graphs."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lineage.drawing import BOX_WIDTH, draw
from lineage.graph import DatasetEdge, Direction, Graph, layers, walk
from lineage.names import DatasetName, JobName

JOB = JobName("n", "j")


def name(number: int) -> DatasetName:
    return DatasetName("x://h", f"d{number}")


def around(
    pairs: Sequence[tuple[int, int]], start: int, direction: Direction, depth: int = 100
) -> Graph[DatasetName, DatasetEdge]:
    edges = [DatasetEdge(name(source), name(target), JOB) for source, target in pairs]

    def neighbours(level: Sequence[DatasetName]) -> list[DatasetEdge]:
        side = "target" if direction == "upstream" else "source"
        return [edge for edge in edges if getattr(edge, side) in level]

    return walk([name(start)], neighbours, direction, depth)


def test_a_walk_tells_distances_and_whether_it_saw_all() -> None:
    chain = [(0, 1), (1, 2), (2, 3)]
    graph = around(chain, 3, "upstream")
    assert graph.nodes == {name(3): 0, name(2): 1, name(1): 2, name(0): 3}
    assert graph.complete
    short = around(chain, 3, "upstream", depth=2)
    assert set(short.nodes) == {name(3), name(2), name(1)}
    assert not short.complete
    assert set(around(chain, 1, "downstream").nodes) == {name(1), name(2), name(3)}


pairs = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=25)


@given(pairs)
def test_a_walk_ends_and_reaches_exactly_what_leads_there(found: list[tuple[int, int]]) -> None:
    graph = around(found, 0, "upstream")
    reached, level = {0}, {0}
    while level:
        level = {source for source, target in found if target in level} - reached
        reached |= level
    assert set(graph.nodes) == {name(number) for number in reached}
    assert graph.complete


@given(pairs)
def test_layers_hold_every_dataset_once_and_only_cycles_point_backwards(found: list[tuple[int, int]]) -> None:
    graph = around(found, 0, "downstream")
    ordered = layers(graph)
    place = {node: position for position, layer in enumerate(ordered) for node in layer}
    assert sorted(place) == sorted(graph.nodes)
    assert sum(len(layer) for layer in ordered) == len(place)
    forward = [(source, target) for source, target in found if source < target]
    acyclic = around(forward, 0, "downstream")
    place = {node: position for position, layer in enumerate(layers(acyclic)) for node in layer}
    assert all(place[edge.source] < place[edge.target] for edge in acyclic.edges)


@given(pairs)
def test_no_two_boxes_overlap_and_all_fit_the_page(found: list[tuple[int, int]]) -> None:
    graph = around(found, 0, "downstream")
    columns = {
        node: tuple(f"c{number}" for number in range(index * 3)) for index, node in enumerate(graph.nodes)
    }
    drawing = draw(graph, columns)
    boxes = drawing.boxes
    assert all(box.x >= 0 and box.x + BOX_WIDTH <= drawing.width for box in boxes)
    assert all(box.y >= 0 and box.y + box.height <= drawing.height for box in boxes)
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            assert one.x != other.x or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_what_is_out_of_focus_is_dimmed() -> None:
    drawing = draw(around([(0, 1), (1, 2)], 0, "downstream"), {}, focus={name(0), name(1)})
    assert {box.dataset for box in drawing.boxes if box.dimmed} == {name(2)}
    assert [arrow.dimmed for arrow in drawing.arrows] == [False, True]
