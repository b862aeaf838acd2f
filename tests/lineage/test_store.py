"""What the warehouse derives from events: the graph from a mart's column back to PostgreSQL's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bilten.errors import DatasetUnknown
from lineage.datasets import Field
from lineage.dbt import Invocation, columns_of, events_of
from lineage.events import as_json, completed, reported
from lineage.graph import Column
from lineage.names import DatasetName
from lineage.outbox import Entry, event_identifier
from lineage.producers import Publication, capture, load, publish
from lineage.runs import Engine
from lineage.store import Lineage, WarehouseReceiver
from tests.lineage.artifacts import BUILD, DATABASE, MANIFEST, RESULTS
from tests.lineage.samples import BEGUN, CLICKHOUSE, ENDED, NAMES, ORDERS, PARENT
from tests.lineage.test_events import ARCHIVE, CHECK, WINDOW
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore

pytestmark = pytest.mark.warehouse

TABLES = ("events", "runs", "dataset_facets", "job_facets", "edges", "column_edges")


def history() -> list[str]:
    """One event of everything between an order in PostgreSQL and the published mart."""
    invocation = Invocation(
        MANIFEST, RESULTS, columns=columns_of([ORDERS]), sizes={(DATABASE, "sales_by_day"): (730, 1)}
    )
    publication = publish(
        NAMES,
        Publication(BUILD, None, "every verdict passed", {"passed": 2}, ("sales_by_day",)),
        {"sales_by_day": tuple(Field(name) for name in ("day", "orders", "gross"))},
        engine=CLICKHOUSE,
        at=ENDED,
        parent=PARENT,
    )
    captured = capture(
        NAMES,
        [ORDERS],
        connector="c",
        slot="bilten",
        publication="bilten",
        at=BEGUN,
        engine=Engine("Debezium", "3.5"),
    )
    events = [
        *reported(captured, BEGUN, ENDED),
        *reported(load(NAMES, ORDERS, WINDOW, engine=CLICKHOUSE), BEGUN, ENDED),
        *events_of(NAMES, invocation, parent=PARENT),
        *reported(publication, ENDED, ENDED),
        *reported(ARCHIVE, BEGUN, ENDED),
        completed(CHECK, ENDED),
    ]
    return [as_json(event) for event in events]


def deliver(store: LineageStore, bodies: list[str]) -> None:
    entries = [Entry(place, event_identifier(body), body) for place, body in enumerate(bodies, start=1)]
    WarehouseReceiver(store).deliver(entries)


def contents(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    """Everything a reader can see, except when it was received."""
    found = {}
    for table in TABLES:
        columns = "* EXCEPT received_at" if table == "events" else "*"
        rows = warehouse.query(f"SELECT {columns} FROM lineage.{table} FINAL ORDER BY ALL").rows
        found[table] = [tuple(row) for row in rows]
    return found


@pytest.fixture
def store(warehouse: Warehouse) -> Iterator[LineageStore]:
    warehouse.command("DROP DATABASE IF EXISTS lineage")
    yield LineageStore(warehouse)
    warehouse.command("DROP DATABASE IF EXISTS lineage")
    # Other tests of the session may expect it as the platform made it.
    LineageStore(warehouse).create()


@pytest.fixture
def lineage(store: LineageStore) -> Lineage:
    deliver(store, history())
    return Lineage(store, NAMES)


def test_a_column_of_a_mart_leads_back_to_the_column_in_postgresql(lineage: Lineage) -> None:
    mart = lineage.find("marts.sales_by_day")
    graph = lineage.column_graph([Column(mart, "gross")], "upstream")
    assert [(column.dataset.store, column.dataset.name, column.name) for column in graph.nodes] == [
        ("clickhouse", "marts.sales_by_day", "gross"),
        ("clickhouse", "build.sales_by_day", "gross"),
        ("clickhouse", "build.int_orders", "amount"),
        ("clickhouse", "staging.stg_tickets__orders", "total"),
        ("clickhouse", "ods.tickets__orders", "total"),
        ("clickhouse", "raw.tickets__orders", "total"),
        ("kafka", "ticketing.tickets.orders", "total"),
        ("postgres", "ticketing.tickets.orders", "total"),
    ]
    assert graph.complete


def test_the_graph_of_datasets_agrees_with_the_graph_of_columns(lineage: Lineage) -> None:
    mart = lineage.find("marts.sales_by_day")
    datasets = lineage.graph([mart], "upstream")
    columns = lineage.column_graph(lineage.columns(mart), "upstream")
    collapsed = {(edge.source.dataset, edge.target.dataset, edge.job) for edge in columns.edges}
    assert collapsed == {(edge.source, edge.target, edge.job) for edge in datasets.edges}


def test_downstream_of_a_source_column_is_what_would_break(lineage: Lineage) -> None:
    source = Column(NAMES.source(ORDERS), "buyer_email")
    reached = lineage.column_graph([source], "downstream").nodes
    assert Column(NAMES.warehouse("build", "int_orders"), "buyer") in reached
    assert Column(NAMES.iceberg("s3://archive/bronze/tickets__orders"), "buyer_email") in reached
    assert not [column for column in reached if column.dataset.name == "marts.sales_by_day"]


def test_a_filter_leads_to_all_rows(lineage: Lineage) -> None:
    amount = Column(NAMES.built("int_orders"), "amount")
    targets = {
        (edge.target.name, edge.subtype) for edge in lineage.column_graph([amount], "downstream", 1).edges
    }
    assert targets == {("gross", "AGGREGATION"), ("", "FILTER")}


def test_a_count_comes_from_the_rows_that_were_counted(lineage: Lineage) -> None:
    orders = [Column(NAMES.mart("sales_by_day"), "orders")]
    source = NAMES.source(ORDERS)
    assert not [each for each in lineage.column_graph(orders, "upstream").nodes if each.dataset == source]
    reached = lineage.column_graph(orders, "upstream", rows=True).nodes
    assert {each.name for each in reached if each.dataset == source} == {"", "created_at", "total"}


def test_delivering_again_in_another_order_gives_the_same(store: LineageStore, warehouse: Warehouse) -> None:
    bodies = history()
    deliver(store, bodies)
    first = contents(warehouse)
    again = bodies * 2
    random.Random(7).shuffle(again)
    for start in range(0, len(again), 5):
        deliver(store, again[start : start + 5])
    assert contents(warehouse) == first
    assert store.count() == len(set(bodies)) == len(first["events"])


def test_the_same_events_in_any_order_give_the_same_graph(store: LineageStore, warehouse: Warehouse) -> None:
    bodies = history()
    deliver(store, bodies)
    first = contents(warehouse)
    warehouse.command("DROP DATABASE lineage")
    random.Random(11).shuffle(bodies)
    for start in range(0, len(bodies), 3):
        deliver(store, bodies[start : start + 3])
    assert contents(warehouse) == first


def test_edges_that_a_newer_run_no_longer_has_are_not_current(store: LineageStore) -> None:
    deliver(store, history())
    changed = {**MANIFEST, "nodes": dict(MANIFEST["nodes"])}
    model = dict(changed["nodes"]["model.bilten.sales_by_day"])
    model["compiled_code"] = f"select id as day, 1 as orders, 2 as gross from `{DATABASE}`.`int_orders`"
    changed["nodes"]["model.bilten.sales_by_day"] = model
    later = {**RESULTS, "results": [dict(each) for each in RESULTS["results"]]}
    for each in later["results"]:
        each["timing"] = [
            {key: str(value).replace("2026-03-29", "2026-03-30") for key, value in step.items()}
            for step in each["timing"]
        ]
    deliver(
        store,
        [
            as_json(event)
            for event in events_of(NAMES, Invocation(changed, later, columns=columns_of([ORDERS])))
        ],
    )
    lineage = Lineage(store, NAMES)
    built = NAMES.built("sales_by_day")
    assert lineage.column_graph([Column(built, "gross")], "upstream", 1).edges == ()
    (day,) = lineage.column_graph([Column(built, "day")], "upstream", 1).edges
    assert day.source.name == "id"


def test_runs_have_the_state_of_their_closing_event(lineage: Lineage) -> None:
    states = {(row["job_name"], row["state"]) for row in lineage.store.runs()}
    assert ("load.tickets__orders", "COMPLETE") in states
    assert ("dbt.test.int_orders", "FAIL") in states
    (run,) = lineage.store.runs(("bilten", "load.tickets__orders"))
    assert run["started_at"] == BEGUN
    assert run["ended_at"] == ENDED
    assert len(lineage.store.events(run["run_id"])) == 2
    (failed,) = lineage.store.runs(("bilten", "dbt.test.int_orders"))
    assert "241" in failed["error"]


def test_datasets_are_listed_with_what_is_known_of_them(lineage: Lineage) -> None:
    rows = {(row["namespace"], row["name"]): row for row in lineage.store.datasets()}
    raw = rows["clickhouse://warehouse", "raw.tickets__orders"]
    assert (raw["description"], raw["owner"], raw["columns"]) == ("Orders, one row each.", "sales", 4)
    assert raw["written_by"] == "load.tickets__orders"
    assert rows["clickhouse://warehouse", "marts.sales_by_day"]["version"] == BUILD
    assert [row["name"] for row in lineage.store.datasets("SALES_by")] == [
        "build.sales_by_day",
        "marts.sales_by_day",
    ]
    spaces = {row["namespace"]: row["datasets"] for row in lineage.store.namespaces()}
    assert spaces["kafka://127.0.0.1:9092"] == 1


def test_names_are_found_as_people_write_them(lineage: Lineage) -> None:
    mart = NAMES.mart("sales_by_day")
    assert lineage.find("marts.sales_by_day") == mart
    assert lineage.find(mart.node) == mart
    assert lineage.find("bronze.tickets__orders") == DatasetName("s3://archive", "bronze/tickets__orders")
    with pytest.raises(DatasetUnknown, match="several stores"):
        lineage.find("ticketing.tickets.orders")
    with pytest.raises(DatasetUnknown, match=r"Did you mean build\.sales_by_day"):
        lineage.find("mart.sales_by_day")


def test_names_with_quotes_and_backslashes_are_only_names(store: LineageStore) -> None:
    odd = "a'b\\c\"d"
    event = (
        '{"eventTime":"2026-01-01T00:00:00Z","producer":"urn:x","schemaURL":"urn:y","eventType":"COMPLETE",'
        '"run":{"runId":"019c1a2b-0000-7000-8000-000000000001"},"job":{"namespace":"n","name":"j"},'
        '"inputs":[{"namespace":"x://h","name":"source"}],'
        '"outputs":[{"namespace":"x://h","name":"a\'b\\\\c\\"d"}]}'
    )
    deliver(store, [event])
    lineage = Lineage(store, NAMES)
    assert lineage.find(odd) == DatasetName("x://h", odd)
    (edge,) = lineage.graph([DatasetName("x://h", odd)], "upstream").edges
    assert edge.source.name == "source"


def test_an_event_without_a_usable_time_is_kept_under_its_arrival(store: LineageStore) -> None:
    before = datetime.now(UTC)
    deliver(store, ['{"eventTime":"never","job":{"namespace":"n","name":"j"}}'])
    (row,) = store.jobs()
    assert row["first_seen"] >= before.replace(microsecond=0)
