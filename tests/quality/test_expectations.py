"""Checks → Great Expectations: the suites of real contracts are goldens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bilten.contracts import Contracts
from quality.breaches import counting_query
from quality.checks import Check, Comparison, compile_contract
from quality.expectations import ExpectFailingRows, ExpectRowsToHold, compile_expectation, compile_suite
from tests.fixtures.golden import Golden

GOLDEN = Path(__file__).parent / "golden"


def resolve(dataset: str) -> str:
    return f"ods.{dataset}" if "__" in dataset else f"build.{dataset}"


@pytest.mark.parametrize(
    "dataset", ["tickets__orders", "tickets__tickets", "financial__exchange_rates", "orders"]
)
def test_the_suite_of_a_contract_is_its_golden(dataset: str, contracts: Contracts, golden: Golden) -> None:
    suite = compile_suite(dataset, compile_contract(contracts[dataset], contracts), resolve)
    expectations = [
        {"type": each["type"], "kwargs": each["kwargs"], "meta": each["meta"], "severity": each["severity"]}
        for each in suite.to_json_dict()["expectations"]
    ]
    golden(GOLDEN / f"{dataset}.json", json.dumps(expectations, indent=1, ensure_ascii=False) + "\n")


def test_braces_and_colons_of_a_rule_survive_the_templates_on_their_way() -> None:
    check = Check("d.r", "d", "r", "pattern", "error", "", columns=("code",), pattern="^[A-Z]{3}:\\d{2}$")
    made = compile_expectation(check, resolve, in_one_pass=False)
    assert isinstance(made, ExpectFailingRows)
    assert "{{3}}\\:" not in made.unexpected_rows_query
    assert "[A-Z]{{3}}" in made.unexpected_rows_query
    assert made.unexpected_rows_query.format(batch="ods.d").count("{3}") == 1


def test_only_no_failing_row_at_all_is_left_to_column_expectations() -> None:
    exact = Check("d.r", "d", "r", "not_null", "error", "", columns=("code",))
    few = Check("d.r", "d", "r", "not_null", "error", "", ("code",), Comparison("mustBeLessThan", 3))
    assert compile_expectation(exact, resolve).expectation_type == "expect_column_values_to_not_be_null"
    made = compile_expectation(few, resolve)
    assert isinstance(made, ExpectRowsToHold)
    assert (made.condition, made.operator, made.bound) == ("isNull(`code`)", "mustBeLessThan", 3)
    assert counting_query(few, resolve) == "SELECT count() FROM build.d WHERE isNull(`code`)"


def test_whatever_is_said_of_each_row_is_counted_in_one_pass() -> None:
    def made(query: str) -> object:
        check = Check("d.r", "d", "r", "query", "error", "", query=query)
        return compile_expectation(check, resolve)

    rows = made("SELECT count() FROM {table} WHERE NOT (amount >= 0)")
    assert isinstance(rows, ExpectRowsToHold)
    assert rows.condition == "NOT (amount >= 0)"
    for other in (
        "SELECT count() FROM {table} AS d WHERE NOT (d.amount >= 0)",
        "SELECT count() FROM {table} WHERE NOT (id IN (SELECT id FROM {orders}))",
        "SELECT count() FROM (SELECT id FROM {table} GROUP BY id HAVING count() > 1)",
    ):
        assert isinstance(made(other), ExpectFailingRows)
