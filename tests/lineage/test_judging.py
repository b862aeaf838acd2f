"""What lineage says about a build: no mart gets through unexplained, or showing persons undeclared."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from bilten.contracts import Contract
from lineage.dbt import Invocation, columns_of, flows_of
from lineage.judging import Judgement, check_id, judge, marts_of
from tests.lineage.artifacts import DATABASE, MANIFEST, RESULTS
from tests.lineage.samples import NAMES, ORDERS, column

SALES = replace(
    ORDERS,
    name="sales_by_day",
    kind="mart",
    columns=(column("day", "date"), column("buyer", "text"), column("gross", "numeric(10,2)")),
)


def judged(sales: str, orders: str | None = None, contract: Contract = SALES) -> dict[str, Judgement]:
    manifest: dict[str, Any] = copy.deepcopy(MANIFEST)
    nodes = manifest["nodes"]
    nodes["model.bilten.sales_by_day"].update(compiled_code=sales, columns={})
    if orders is not None:
        nodes["model.bilten.int_orders"]["compiled_code"] = orders
    invocation = Invocation(manifest, RESULTS, columns=columns_of([ORDERS]))
    contracts = [ORDERS, contract]
    assert marts_of(manifest, contracts) == ("sales_by_day",)
    found = judge(NAMES, contracts, invocation, flows_of(NAMES, invocation))
    return {each.question: each for each in found}


def test_a_mart_that_shows_persons_undeclared_is_named_with_where_it_has_them_from() -> None:
    leaking = f"SELECT toDate(created_at) AS day, lower(mail) AS buyer FROM `{DATABASE}`.`int_orders`"
    passing_on = "SELECT id, buyer_email AS mail, created_at FROM `staging`.`stg_tickets__orders`"
    found = judged(leaking, passing_on)
    (line,) = found["personal"].failures
    assert line.startswith("buyer shows ")
    assert "ods.tickets__orders.buyer_email" in line or "staging.stg_tickets__orders.buyer_email" in line
    assert found["explained"].failures == ()
    # What the contract declares is shown to those it names; what is hashed is nobody's data.
    declared = replace(
        SALES,
        columns=tuple(
            replace(each, classification="personal") if each.name == "buyer" else each
            for each in SALES.columns
        ),
    )
    assert judged(leaking, passing_on, declared)["personal"].failures == ()
    hashed = leaking.replace("lower(mail)", "cityHash64(mail)")
    assert judged(hashed, passing_on)["personal"].failures == ()


def test_a_transformation_without_lineage_stands_against_every_mart_after_it() -> None:
    ordinary = f"SELECT toDate(created_at) AS day FROM `{DATABASE}`.`int_orders`"
    assert judged(ordinary)["explained"] == Judgement("sales_by_day", "explained", (), (), 3)
    found = judged(ordinary, "this is no SQL (")["explained"]
    assert any(line.startswith("build.int_orders: ") for line in found.failures)
    assert judged("")["explained"].failures == ("build.sales_by_day has no SQL to explain it.",)


def test_a_column_that_cannot_be_resolved_is_a_warning_with_the_reason() -> None:
    sql = f"SELECT dictGet('names', 'name', id) AS buyer FROM `{DATABASE}`.`int_orders`"
    found = judged(sql)["explained"]
    assert found.failures == ()
    assert "build.sales_by_day.buyer: It reads the dictionary names." in found.warnings


def test_a_model_that_did_not_run_is_not_judged() -> None:
    manifest: dict[str, Any] = copy.deepcopy(MANIFEST)
    results = copy.deepcopy(RESULTS)
    for each in results["results"]:
        each["status"] = "skipped" if each["unique_id"] == "model.bilten.sales_by_day" else each["status"]
    invocation = Invocation(manifest, results, columns=columns_of([ORDERS]))
    assert judge(NAMES, [ORDERS, SALES], invocation, flows_of(NAMES, invocation)) == ()
    assert check_id("sales_by_day", "personal") == "lineage.sales_by_day.personal"
