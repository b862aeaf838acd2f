"""What is asked of a snapshot: around, paths, impact, personal data, coverage, differences, search."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineage.graph import Column, ColumnEdge, DatasetEdge
from lineage.highlight import lines_of
from lineage.names import DatasetName, JobName
from lineage.questions import coverage, difference, impact, personal_flow
from lineage.searching import search
from lineage.snapshot import Snapshot, around, follow, shortest_path
from tests.lineage.samples import NAMES

JOB = JobName("bilten", "job")
RAW, ODS, MART, OTHER = (
    NAMES.raw("users__users"),
    NAMES.ods("users__users"),
    NAMES.mart("customers"),
    NAMES.mart("orders"),
)


def way(source: Column, target: Column, *, kind: str = "DIRECT", masking: bool = False) -> ColumnEdge:
    return ColumnEdge(source, target, JobName("bilten", target.dataset.name), kind, "IDENTITY", masking)


def snapshot(*edges: ColumnEdge, classes: dict[Column, str] | None = None, **facets: Any) -> Snapshot:
    known: dict[DatasetName, dict[str, Any]] = {
        RAW: {"ownership": {"owners": [{"name": "users"}]}},
        MART: facets,
    }
    return Snapshot(None, (), tuple(sorted(edges)), known, classes or {})


EMAIL = [Column(each, "email") for each in (RAW, ODS, MART)]
CHAIN = (way(EMAIL[0], EMAIL[1]), way(EMAIL[1], EMAIL[2]))

nodes = st.integers(0, 7)
graphs = st.lists(st.tuples(nodes, nodes, st.booleans()), max_size=25)


def drawn(found: list[tuple[int, int, bool]]) -> Snapshot:
    """A graph of columns, each in a dataset of its own pair."""

    def column(number: int) -> Column:
        return Column(DatasetName("x://h", f"d{number // 2}"), f"c{number % 2}")

    edges = {
        ColumnEdge(column(a), column(b), JOB, "DIRECT" if direct else "INDIRECT", "IDENTITY")
        for a, b, direct in found
    }
    return Snapshot(None, (), tuple(sorted(edges)), {})


@given(graphs)
def test_the_graph_of_datasets_is_the_graph_of_columns_collapsed(found: list[tuple[int, int, bool]]) -> None:
    known = drawn(found)
    collapsed = {(edge.source.dataset, edge.target.dataset) for edge in known.column_edges}
    assert {(edge.source, edge.target) for edge in known.all_edges} == collapsed


@given(graphs, nodes, nodes)
def test_a_path_exists_exactly_where_following_arrives(
    found: list[tuple[int, int, bool]], start: int, end: int
) -> None:
    known = drawn(found)
    source = Column(DatasetName("x://h", f"d{start // 2}"), f"c{start % 2}")
    target = Column(DatasetName("x://h", f"d{end // 2}"), f"c{end % 2}")
    path = shortest_path(known, source, target, rows=False)
    reached, _ = follow(known, [source], downstream=True)
    assert (path is not None) == (target in reached)
    if path:
        assert path[0].source == source
        assert path[-1].target == target
        assert len(path) == reached[target]
        assert all(one.target == next_one.source for one, next_one in pairwise(path))


@given(graphs, nodes, st.integers(0, 4), st.integers(0, 4))
def test_one_level_more_never_loses_a_dataset(
    found: list[tuple[int, int, bool]], start: int, up: int, down: int
) -> None:
    known = drawn(found)
    node = DatasetName("x://h", f"d{start // 2}")
    less, more = around(known, [node], up, down), around(known, [node], up + 1, down + 1)
    assert less.keys() <= more.keys()
    assert all(-up <= distance <= down for distance in less.values())


@given(graphs, graphs)
def test_a_difference_turns_one_graph_into_the_other(
    left: list[tuple[int, int, bool]], right: list[tuple[int, int, bool]]
) -> None:
    before, after = drawn(left), drawn(right)
    changed = difference(before, after)
    rebuilt = (set(before.column_edges) - set(changed.column_edges_removed)) | set(changed.column_edges_added)
    assert rebuilt == set(after.column_edges)
    assert difference(after, after).is_empty
    assert changed.edges_added == difference(after, before).edges_removed


def test_dropping_a_column_breaks_who_names_it_and_starves_the_rest() -> None:
    further = way(Column(MART, "email"), Column(OTHER, "buyer"))
    joined = way(Column(ODS, "email"), Column(OTHER, ""), kind="INDIRECT")
    result = impact(snapshot(*CHAIN, further, joined), EMAIL[0])
    assert list(result.broken) == [ODS]
    assert set(result.stale) == {MART, OTHER}
    assert set(result.columns) == {EMAIL[1], EMAIL[2], Column(OTHER, "buyer")}
    assert set(impact(snapshot(*CHAIN, further, joined), EMAIL[1]).broken) == {MART, OTHER}


def test_personal_data_is_followed_until_it_is_masked() -> None:
    classes = {EMAIL[0]: "personal", EMAIL[1]: "personal"}
    clear = personal_flow(snapshot(*CHAIN, classes=classes))
    assert clear.violations == (EMAIL[2],)
    declared = personal_flow(snapshot(*CHAIN, classes={**classes, EMAIL[2]: "personal"}))
    assert declared.violations == ()
    masked = personal_flow(snapshot(CHAIN[0], way(EMAIL[1], EMAIL[2], masking=True), classes=classes))
    assert masked.violations == ()
    assert masked.masked == {EMAIL[2]: frozenset({EMAIL[0]})}


def test_coverage_counts_what_has_no_column_lineage() -> None:
    bare = Snapshot(None, (DatasetEdge(RAW, OTHER, JobName("bilten", "opaque")),), CHAIN, {})
    found = coverage(bare)
    assert (found.transformations, found.covered) == (3, 2)
    assert found.uncovered == ((JobName("bilten", "opaque"), OTHER),)


def test_one_box_finds_datasets_columns_owners_jobs_and_personal_data() -> None:
    known = snapshot(*CHAIN, classes={EMAIL[0]: "personal"})
    kinds = {
        (each.kind, each.text) for each in search(known, [JobName("bilten", "load.users__users")], "users")
    }
    assert {
        ("dataset", "raw.users__users"),
        ("owner", "raw.users__users"),
        ("job", "load.users__users"),
    } <= kinds
    assert [each.column for each in search(known, [], "pii")] == ["email"]
    assert {each.kind for each in search(known, [], "owner: users")} == {"owner"}
    assert search(known, [], "users nowhere") == []
    assert search(known, [], "  ") == []


def test_the_lines_that_made_a_column_are_singled_out() -> None:
    sql = (
        "with sales as (\n    select * from b.orders\n    where is_sale\n)\n"
        "select\n    day,\n    sum(\n        total\n    ) as gross,\n    count() as orders\n"
        "from sales\ngroup by day"
    )
    gross = lines_of(sql, "gross")
    assert set(gross.values) == {2, 7, 8, 9}
    assert set(gross.rows) == {3, 12}
    assert 10 in lines_of(sql, "orders").values
    assert lines_of(sql, "nowhere").values == ()
    assert lines_of("not sql at all (", "x").values == ()
