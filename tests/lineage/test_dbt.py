"""dbt's artifacts become valid runs with column lineage back to the source."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lineage.dbt import Invocation, columns_of, events_of, flows_of
from lineage.events import as_dict, as_json
from tests.lineage.artifacts import DATABASE, MANIFEST, RESULTS
from tests.lineage.samples import NAMES, ORDERS, PARENT
from tests.lineage.specification import validate


def invocation(results: dict[str, Any] = RESULTS) -> Invocation:
    return Invocation(
        MANIFEST, results, columns=columns_of([ORDERS]), sizes={(DATABASE, "sales_by_day"): (730, 40_960)}
    )


def events(results: dict[str, Any] = RESULTS) -> dict[tuple[str, str], dict[str, Any]]:
    found = [as_dict(event) for event in events_of(NAMES, invocation(results), parent=PARENT)]
    return {(each["job"]["name"], each["eventType"]): each for each in found}


def test_every_model_and_every_tested_dataset_has_one_start_and_one_end() -> None:
    assert sorted(events()) == [
        ("dbt.model.int_orders", "COMPLETE"),
        ("dbt.model.int_orders", "START"),
        ("dbt.model.sales_by_day", "COMPLETE"),
        ("dbt.model.sales_by_day", "START"),
        ("dbt.model.stg_tickets__orders", "COMPLETE"),
        ("dbt.model.stg_tickets__orders", "START"),
        ("dbt.test.int_orders", "FAIL"),
        ("dbt.test.int_orders", "START"),
        ("dbt.test.sales_by_day", "COMPLETE"),
        ("dbt.test.sales_by_day", "START"),
    ]


def test_all_of_them_are_valid_under_the_published_schemas() -> None:
    for event in events().values():
        validate(event)


@pytest.mark.parametrize(
    "key",
    [
        ("dbt.model.sales_by_day", "COMPLETE"),
        ("dbt.test.sales_by_day", "COMPLETE"),
        ("dbt.test.int_orders", "FAIL"),
    ],
)
def test_they_are_what_is_committed(key: tuple[str, str], golden: Callable[[Path, str], None]) -> None:
    text = json.dumps(events()[key], indent=2, sort_keys=True) + "\n"
    golden(Path(__file__).parent / "golden" / f"{key[0].replace('.', '_')}_{key[1].lower()}.json", text)


def test_the_same_artifacts_give_the_same_events() -> None:
    first = [as_json(event) for event in events_of(NAMES, invocation(), parent=PARENT)]
    assert first == [as_json(event) for event in events_of(NAMES, invocation(), parent=PARENT)]


def test_columns_are_followed_through_the_models_in_the_order_of_their_dependence() -> None:
    flows = flows_of(NAMES, invocation())
    assert {identifier: flow.unresolved for identifier, flow in flows.items()} == dict.fromkeys(flows, ())
    staged = flows["model.bilten.stg_tickets__orders"].fields
    assert list(staged) == ["id", "total", "buyer_email", "created_at"]
    gross = flows["model.bilten.sales_by_day"].fields["gross"]
    assert [(o.dataset.name, o.field, o.subtype) for o in gross] == [
        ("build.int_orders", "amount", "AGGREGATION")
    ]
    (buyer,) = flows["model.bilten.int_orders"].fields["buyer"]
    assert (buyer.field, buyer.masking) == ("buyer_email", True)


def test_what_a_build_made_is_one_dataset_whose_version_is_the_build() -> None:
    (output,) = events()["dbt.model.sales_by_day", "COMPLETE"]["outputs"]
    assert output["name"] == "build.sales_by_day"
    assert output["facets"]["version"]["datasetVersion"] == DATABASE.removeprefix("build_")
    assert output["facets"]["bilten_build"]["database"] == DATABASE
    assert output["outputFacets"]["outputStatistics"] | {"_producer": 0, "_schemaURL": 0} == {
        "rowCount": 730,
        "size": 40_960,
        "_producer": 0,
        "_schemaURL": 0,
    }


def test_a_found_row_is_an_outcome_and_a_test_that_cannot_run_is_a_failure() -> None:
    found = events()
    (read,) = found["dbt.test.sales_by_day", "COMPLETE"]["inputs"]
    outcomes = {
        each["name"]: (each["success"], each["severity"], each["actual"])
        for each in read["inputFacets"]["dataQualityAssertions"]["assertions"]
    }
    assert outcomes == {
        "not_null_sales_by_day_day": (True, "error", "0"),
        "gross_is_positive": (False, "warn", "3"),
    }
    assert "241" in found["dbt.test.int_orders", "FAIL"]["run"]["facets"]["errorMessage"]["message"]


def test_a_failed_and_a_skipped_model() -> None:
    results = deepcopy(RESULTS)
    results["results"][1] |= {"status": "error", "message": "Code: 60. Table does not exist"}
    results["results"][2] |= {"status": "skipped", "timing": []}
    found = events(results)
    assert ("dbt.model.int_orders", "FAIL") in found
    assert ("dbt.model.sales_by_day", "ABORT") in found
    assert ("dbt.model.sales_by_day", "COMPLETE") not in found


def test_the_catalog_gives_types() -> None:
    catalog = {
        "nodes": {
            "model.bilten.sales_by_day": {
                "columns": {
                    "gross": {"name": "gross", "type": "Decimal(18, 2)", "index": 2},
                    "day": {"name": "day", "type": "Date", "index": 1},
                }
            }
        },
        "sources": {},
    }
    found = events_of(NAMES, Invocation(MANIFEST, RESULTS, catalog, columns_of([ORDERS])))
    schema = next(
        as_dict(event)["outputs"][0]["facets"]["schema"]["fields"]
        for event in found
        if event.job.name == "dbt.model.sales_by_day"
        and event.outputs
        and "schema" in (event.outputs[0].facets or {})
    )
    assert [(each["name"], each["type"]) for each in schema] == [("day", "Date"), ("gross", "Decimal(18, 2)")]
