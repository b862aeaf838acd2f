"""The reading interface, on the lineage of the real project in a real warehouse."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from lineage.evidence.verifying import verify
from tests.lineage.exploring import explored
from tests.lineage.seeding import FIRST, SECOND
from tests.lineage.test_delivery import event
from tests.lineage.test_server import ServiceProcess, until
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore

__all__ = ["explored"]
pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(600)]

MART = "dataset:clickhouse://warehouse:marts.sales_by_day"
BUILT = "dataset:clickhouse://warehouse:build.sales_by_day"
BETWEEN = (FIRST + timedelta(hours=12)).isoformat().replace("+00:00", "Z")


def get(service: ServiceProcess, path: str, **parameters: Any) -> Any:
    answer = service.client.get(f"/api/v1/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_graph_grows_by_levels_and_says_what_it_hides(explored: ServiceProcess) -> None:
    near = get(explored, "graph", node="marts.sales_by_day", up=1, down=0)
    assert {node["label"] for node in near["nodes"]} == {"marts.sales_by_day", "build.sales_by_day"}
    built = next(node for node in near["nodes"] if node["id"] == BUILT)
    assert (built["hiddenUp"], built["distance"], built["owner"]) == (1, -1, "Sales")
    opened = get(explored, "graph", node="marts.sales_by_day", up=1, down=0, open=f"up:{BUILT}")
    assert {"build.int_orders_priced"} == {n["label"] for n in opened["nodes"]} - {
        n["label"] for n in near["nodes"]
    }
    whole = get(explored, "graph", node="marts.sales_by_day", up=100, down=0)
    # The system's table is the one of the time zones.
    assert {"postgres", "kafka", "raw", "ods", "staging", "build", "marts", "system"} == {
        node["layer"] for node in whole["nodes"]
    }


def test_table_level_and_column_level_agree(explored: ServiceProcess) -> None:
    graph = get(explored, "graph")
    collapsed = {
        (graph["nodes"][edge[0]]["id"], graph["nodes"][edge[2]]["id"])
        for edge in graph["columnEdges"]
        if edge[0] != edge[2]
    }
    assert collapsed == {(edge["source"], edge["target"]) for edge in graph["edges"]}


def test_a_columns_path_is_whole_however_few_levels_were_asked_for(explored: ServiceProcess) -> None:
    graph = get(explored, "graph", node="marts.sales_by_day", column="total_amount_eur", up=0, down=0)
    assert {"postgres", "kafka"} <= {node["layer"] for node in graph["nodes"]}


def test_the_panel_has_meaning_owner_runs_verdicts_and_the_lines_that_made_a_column(
    explored: ServiceProcess,
) -> None:
    data = get(explored, "dataset", node=BUILT, column="total_amount_eur")
    assert data["owner"] == "Sales"
    column = next(each for each in data["columns"] if each["name"] == "total_amount_eur")
    assert column["description"]
    assert column["class"] == "internal"
    assert [each["source"]["label"] for each in column["from"]] == ["build.int_orders_priced"]
    assert [run["state"] for run in data["runs"]] == ["COMPLETE", "COMPLETE"]
    assert data["runs"][0]["rows"] == 1012
    assert data["runs"][0]["version"] != data["runs"][1]["version"]
    assert data["checks"]
    (statement,) = data["sql"]
    made = {statement["sql"].splitlines()[line - 1] for line in statement["lines"]["values"]}
    assert any("total_amount_eur" in line for line in made)
    assert not any("tickets" in line for line in made)


def test_the_newest_facets_win_although_parts_are_not_merged(explored: ServiceProcess) -> None:
    data = get(explored, "dataset", node=BUILT)
    assert data["version"].endswith("bbbb0002")
    assert data["written"].startswith(f"{SECOND:%Y-%m-%d}")


def test_the_past_is_as_it_was(explored: ServiceProcess) -> None:
    then = get(explored, "dataset", node=BUILT, at=BETWEEN)
    now = get(explored, "dataset", node=BUILT)
    assert then["version"].endswith("aaaa0001")
    assert "currency" not in {each["name"] for each in then["columns"] if each["from"]}
    assert "currency" in {each["name"] for each in now["columns"] if each["from"]}
    assert all(run["event_time"] < BETWEEN for run in then["runs"])
    assert "group by sales_on" in then["sql"][0]["sql"]
    for_run = get(explored, "dataset", node=BUILT, run=then["runs"][0]["run_id"])
    assert for_run["version"] == then["version"]
    before = explored.client.get("/api/v1/dataset", params={"node": BUILT, "at": "2020-01-01T00:00:00Z"})
    assert before.status_code == 404


def test_a_difference_names_what_a_refactor_changed(explored: ServiceProcess) -> None:
    changed = get(explored, "diff", before=BETWEEN)
    added = {(e["source"]["column"], e["target"]["column"]) for e in changed["columnEdges"]["added"]}
    assert ("currency", "currency") in added
    assert changed["edges"] == {"added": [], "removed": []}
    assert any(each["fact"] == "version" for each in changed["facts"])
    same = get(explored, "diff", before=BETWEEN, after=BETWEEN)
    assert same["empty"]


def test_path_impact_personal_data_and_coverage(explored: ServiceProcess) -> None:
    path = get(
        explored,
        "path",
        **{
            "from": "raw.tickets__orders",
            "from_column": "total",
            "to": MART,
            "to_column": "total_amount_eur",
        },
    )
    assert path["found"]
    assert path["edges"][-1]["target"]["label"] == "marts.sales_by_day"
    back = get(explored, "path", **{"from": MART, "to": "raw.tickets__orders"})
    assert not back["found"]
    broken = get(explored, "impact", node="staging.stg_tickets__orders", column="total")
    assert "marts.sales_by_day" in {each["label"] for each in broken["marts"]}
    assert "Sales" in {each["owner"] for each in broken["people"]}
    flow = get(explored, "personal")
    assert flow["violations"] == []
    assert {"users__users"} <= {each["label"].split(".")[-1] for each in flow["reached"]}
    counted = get(explored, "coverage")
    assert counted["transformations"] == counted["covered"] > 150
    assert counted["unresolved"] == []


def test_one_box_finds_anything(explored: ServiceProcess) -> None:
    def kinds(text: str) -> set[str]:
        return {each["kind"] for each in get(explored, "search", q=text)["results"]}

    assert get(explored, "search", q="sales_by_day")["results"][0]["name"] == "marts.sales_by_day"
    assert kinds("owner:sales") == {"owner"}
    assert kinds("pii") >= {"personal"}
    assert "job" in kinds("dbt.model.sales_by_day")
    run = get(explored, "runs", job="dbt.model.sales_by_day")["runs"][0]["run_id"]
    assert kinds(run) == {"run"}
    assert get(explored, "search", q="")["results"] == []


def test_refused_events_are_kept_aside_with_the_reason_and_without_secrets(explored: ServiceProcess) -> None:
    bad = {**event(1), "run": {"runId": "no uuid"}, "password": "hunter2"}
    assert explored.client.post("/api/v1/lineage", json=bad).status_code == 422
    assert explored.client.post("/api/v1/lineage", json=bad).status_code == 422
    assert explored.client.post("/api/v1/lineage", content=b"{not json").status_code == 422
    explored.client.post("/api/v1/lineage/batch", json=[{"x": 1}])
    found = get(explored, "refused")["refused"]
    reasons = {each["reason"]: each for each in found}
    assert reasons["`run.runId` is not a UUID."]["times"] == 2
    assert "hunter2" not in json.dumps(found)
    assert len(found) == 3
    for path in explored.settings.home.rglob("refused.db*"):
        assert b"hunter2" not in path.read_bytes()


def test_an_event_that_comes_twice_changes_nothing(explored: ServiceProcess, warehouse: Warehouse) -> None:
    store = LineageStore(warehouse)
    first = explored.client.post("/api/v1/lineage", json=event(7)).json()
    until(lambda: store.count() and explored.client.get("/health").json()["receivers"][0]["waiting"] == 0)
    count = store.count()
    assert explored.client.post("/api/v1/lineage", json=event(7)).json() == first
    until(lambda: explored.client.get("/health").json()["receivers"][0]["waiting"] == 0)
    assert store.count() == count


def test_marquez_scripts_go_on_working(explored: ServiceProcess) -> None:
    graph = get(explored, "lineage", nodeId=MART, depth=1)["graph"]
    nodes = {each["id"]: each for each in graph}
    assert nodes[MART]["inEdges"] == [{"origin": "job:bilten:publish.marts", "destination": MART}]
    assert nodes["job:bilten:publish.marts"]["type"] == "JOB"
    base = f"{explored.settings.lineage_http_url}/api/v1/namespaces/clickhouse:%2F%2Fwarehouse/datasets"
    client = explored.client
    assert client.get(f"{base}/marts.sales_by_day").json()["name"] == "marts.sales_by_day"
    assert client.get(base, params={"limit": 5}).json()["totalCount"] > 100
    assert get(explored, "namespaces/bilten/jobs/publish.marts")["type"] == "BATCH"
    assert {run["state"] for run in get(explored, "namespaces/bilten/jobs/publish.marts/runs")["runs"]} == {
        "COMPLETED"
    }


def test_the_interface_is_described_and_every_described_path_answers(explored: ServiceProcess) -> None:
    described = get(explored, "openapi.json")
    assert described["openapi"].startswith("3.1")
    for path, operations in described["paths"].items():
        if "get" not in operations:
            continue
        assert operations["get"]["summary"]
        concrete = path
        for part in ("namespace", "dataset", "job", "run", "name"):
            concrete = concrete.replace(f"{{{part}}}", "nothing")
        answer = explored.client.get(concrete)
        assert answer.status_code in {200, 400, 404}, (path, answer.text)
        if answer.status_code != 200 and answer.headers["Content-Type"].startswith("application/json"):
            assert set(answer.json()) >= {"code", "what", "why", "remedy", "retryable"}


def test_evidence_of_a_figure_verifies_and_its_export_is_recorded(explored: ServiceProcess) -> None:
    answer = explored.client.get(
        "/api/v1/export", params={"node": MART, "column": "total_amount_eur", "format": "bundle"}
    )
    assert answer.status_code == 200
    key = get(explored, "evidence/key")
    found = verify(answer.content, key["pem"].encode())
    assert found.events > 5
    assert found.fingerprint == key["fingerprint"]
    assert get(explored, "exports")["exports"][0]["format"] == "bundle"
    csv = explored.client.get("/api/v1/export", params={"node": MART, "format": "edges.csv"})
    assert csv.text.startswith("source,target,jobs\n")
    assert explored.client.get("/api/v1/export", params={"format": "bundle"}).status_code == 400
    assert explored.client.get("/api/v1/export", params={"node": MART, "format": "x"}).status_code == 400
