"""Walking graphs."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lineage.graph import DatasetEdge, Direction, Graph, walk
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
