"""Events of every producer: committed text, valid under the published schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from jsonschema import ValidationError

from lineage.datasets import Assertion, Field, described
from lineage.events import (
    Event,
    aborted,
    as_dict,
    as_json,
    completed,
    declared,
    failed,
    reported,
    running,
    started,
)
from lineage.producers import (
    ArchiveReceipt,
    LoadWindow,
    OffsetRange,
    Publication,
    archive,
    capture,
    check,
    load,
    load_design,
    publish,
)
from lineage.runs import Engine
from tests.lineage.samples import BEGUN, CLICKHOUSE, ENDED, NAMES, ORDERS, PARENT
from tests.lineage.specification import facets_of, validate

WINDOW = LoadWindow(
    begun=BEGUN,
    ended=ENDED,
    ranges=(OffsetRange(0, 100, 160), OffsetRange(1, 0, 40)),
    rows=98,
    size=57_624,
    batches=12,
    loader="loader-1",
    epoch=1,
    topic_id="tq2k9wN1Q6mS1Yt1yqk3xA",
    first_timestamp=BEGUN,
    last_timestamp=ENDED,
    dead_letters=2,
)
CAPTURE = capture(
    NAMES,
    [ORDERS],
    connector="ticketing-postgresql",
    slot="bilten",
    publication="bilten",
    position="0/1A2B3C8",
    at=BEGUN,
    engine=Engine("Debezium", "3.5.0.Final"),
)
LOAD = load(NAMES, ORDERS, WINDOW, engine=CLICKHOUSE)
SHORT = load(NAMES, ORDERS, replace(WINDOW, begun=ENDED - timedelta(seconds=20)), engine=CLICKHOUSE)
CHECK = check(
    replace(described(NAMES.built("sales_by_day"), ORDERS), version="b1"),
    [
        Assertion("id_not_null", "not_null", True, "id", expected="0", actual="0"),
        Assertion("gross_equals_net_and_tax", "custom_sql", False, severity="warn", expected="0", actual="3"),
    ],
    suite="sales_by_day",
    at=BEGUN,
    engine=Engine("Great Expectations", "1.24.1"),
    run_key="b1",
    parent=PARENT,
    rows=730,
)
ARCHIVE = archive(
    NAMES,
    ORDERS,
    ArchiveReceipt("s3://archive/bronze/tickets__orders", "5471928371", 98, 4096, 1, "17"),
    at=BEGUN,
    engine=Engine("pyiceberg", "0.12.0"),
    parent=PARENT,
)
PUBLISH = publish(
    NAMES,
    Publication("b1", "b0", "every verdict passed", {"passed": 41, "warned": 1}, ("sales_by_day", "orders")),
    {
        "sales_by_day": (Field("day", "Date"), Field("gross", "Decimal(18, 2)")),
        "orders": (Field("order_id", "UUID"),),
    },
    engine=CLICKHOUSE,
    at=BEGUN,
    parent=PARENT,
)
EVENTS: dict[str, Callable[[], Event]] = {
    "capture_design": lambda: declared(CAPTURE, BEGUN),
    "load_design": lambda: declared(load_design(NAMES, ORDERS), BEGUN),
    "load_complete_short": lambda: completed(SHORT, ENDED),
    "capture_start": lambda: started(CAPTURE, BEGUN),
    "capture_running": lambda: running(CAPTURE, ENDED),
    "load_start": lambda: started(LOAD, BEGUN),
    "load_complete": lambda: completed(LOAD, ENDED),
    "load_fail": lambda: failed(LOAD, ENDED, "The warehouse did not answer."),
    "check_complete": lambda: completed(CHECK, ENDED),
    "archive_complete": lambda: completed(ARCHIVE, ENDED),
    "archive_abort": lambda: aborted(ARCHIVE, ENDED),
    "publish_complete": lambda: completed(PUBLISH, ENDED),
}


@pytest.mark.parametrize("name", EVENTS)
def test_events_are_what_is_committed(name: str, golden: Callable[[Path, str], None]) -> None:
    text = json.dumps(as_dict(EVENTS[name]()), indent=2, sort_keys=True) + "\n"
    golden(Path(__file__).parent / "golden" / f"{name}.json", text)


@pytest.mark.parametrize("name", EVENTS)
def test_events_are_valid_under_the_published_schemas(name: str) -> None:
    assert validate(as_dict(EVENTS[name]())) >= 1


def test_the_validation_itself_refuses_a_facet_that_breaks_its_schema() -> None:
    event = as_dict(completed(LOAD, ENDED))
    event["inputs"][0]["inputFacets"]["bilten_kafkaOffsets"]["partitions"][0]["firstOffset"] = -1
    with pytest.raises(ValidationError, match="less than the minimum"):
        validate(event)
    event = as_dict(completed(LOAD, ENDED))
    event["run"]["facets"]["nominalTime"].pop("nominalStartTime")
    with pytest.raises(ValidationError, match="nominalStartTime"):
        validate(event)


def test_every_own_facet_has_the_prefix() -> None:
    for build in EVENTS.values():
        for key, facet in facets_of(as_dict(build())):
            assert key.startswith("bilten_") == facet["_schemaURL"].startswith("urn:bilten:")


def test_a_window_reported_again_is_the_same_run_and_the_same_bytes() -> None:
    again = load(NAMES, ORDERS, WINDOW, engine=CLICKHOUSE)
    assert [as_json(event) for event in reported(again, BEGUN, ENDED)] == [
        as_json(event) for event in reported(LOAD, BEGUN, ENDED)
    ]


def test_other_offsets_and_a_recreated_topic_are_other_runs() -> None:
    runs = {
        load(NAMES, ORDERS, window, engine=CLICKHOUSE).context.run_id
        for window in (
            WINDOW,
            replace(WINDOW, ranges=(OffsetRange(0, 160, 170),)),
            replace(WINDOW, topic_id="other"),
            replace(WINDOW, begun=BEGUN + timedelta(milliseconds=1)),
        )
    }
    assert len(runs) == 4
    assert {UUID(run).version for run in runs} == {7}


def test_a_failed_window_says_why_and_closes_the_run() -> None:
    start, end = (as_dict(event) for event in reported(LOAD, BEGUN, ENDED, "Code: 241."))
    assert (start["eventType"], end["eventType"]) == ("START", "FAIL")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert end["run"]["facets"]["errorMessage"]["message"] == "Code: 241."


def test_the_opening_event_names_datasets_and_sources_but_no_results() -> None:
    event = as_dict(started(LOAD, BEGUN))
    assert event["inputs"][0]["inputFacets"] == {}
    assert all(set(output["facets"]) == {"dataSource", "lineage"} for output in event["outputs"])


def test_each_output_of_a_load_names_exactly_its_source() -> None:
    outputs = as_dict(completed(LOAD, ENDED))["outputs"]
    sources = {
        output["name"]: [each["name"] for each in output["facets"]["lineage"]["inputs"]] for output in outputs
    }
    assert sources == {
        "raw.tickets__orders": ["ticketing.tickets.orders"],
        "ods.tickets__orders": ["raw.tickets__orders"],
    }


def test_a_window_within_an_hour_tells_only_what_happened() -> None:
    short, full = as_json(completed(SHORT, ENDED)), as_json(completed(LOAD, ENDED))
    assert "columnLineage" in full
    assert "columnLineage" not in short
    assert '"outputStatistics"' in short
    assert '"bilten_kafkaOffsets"' in short
    assert len(short) < len(full) / 2


def test_a_design_belongs_to_no_run() -> None:
    event = as_dict(declared(load_design(NAMES, ORDERS), BEGUN))
    assert "run" not in event
    assert all("columnLineage" in output["facets"] for output in event["outputs"])


def test_a_published_mart_bears_its_contracts_meaning_and_owner() -> None:
    contract = replace(ORDERS, name="orders", kind="mart")
    work = publish(
        NAMES,
        Publication("b1", None, "first", {"passed": 1}, ("orders",)),
        {"orders": (Field("order_id", "UUID"),)},
        engine=CLICKHOUSE,
        at=BEGUN,
        contracts=[contract],
    )
    (output,) = as_dict(completed(work, ENDED))["outputs"]
    facets = output["facets"]
    assert facets["documentation"]["description"] == "Orders, one row each."
    assert facets["ownership"]["owners"][0]["name"] == "sales"
    assert [field["name"] for field in facets["schema"]["fields"]] == ["order_id"]
    assert facets["version"]["datasetVersion"] == "b1"
