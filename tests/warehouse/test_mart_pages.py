"""Contracts of marts compiled: dbt's page and the readers' views, as text and on the engine's terms."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from bilten.contracts import Column, load_contracts
from warehouse.mart_models import check_names, marts_page
from warehouse.readers import all_builds_table, mart_type, reader_statement

CONTRACTS = load_contracts()
PLAIN = Column(name="x", description="", logical_type="string", source_type="String", required=True)


@pytest.mark.parametrize(
    ("declared", "required", "expected"),
    [
        ("Decimal(18, 2)", True, "Decimal(18, 2)"),
        ("Decimal(18, 2)", False, "Nullable(Decimal(18, 2))"),
        ("LowCardinality(String)", True, "LowCardinality(String)"),
        ("LowCardinality(String)", False, "LowCardinality(Nullable(String))"),
        ("Array(String)", False, "Array(String)"),
    ],
)
def test_types_of_marts(declared: str, required: bool, expected: str) -> None:
    assert mart_type(replace(PLAIN, source_type=declared, required=required)) == expected


def test_a_view_names_its_columns_and_follows_the_pointer() -> None:
    statement = reader_statement(CONTRACTS["sales_by_day"])
    assert statement.startswith(
        "CREATE OR REPLACE VIEW marts.sales_by_day (\n    `sales_on` Date32 COMMENT '"
    )
    assert "WHERE _table = concat('sales_by_day__', (SELECT build_id FROM ops.publications " in statement
    assert "SELECT *" not in statement


def test_every_change_of_a_contract_moves_the_view() -> None:
    contract = CONTRACTS["orders"]
    first, *others = contract.columns
    changed = [
        replace(contract, columns=tuple(others)),
        replace(contract, columns=(replace(first, source_type="String"), *others)),
        replace(contract, columns=(replace(first, description="Another."), *others)),
        replace(contract, grain="one row per something else"),
    ]
    assert len({all_builds_table(each) for each in (contract, *changed)}) == 5


def test_rules_about_rows_become_one_test_that_names_failing_rows() -> None:
    page = yaml.safe_load(marts_page([CONTRACTS["orders"]]))
    (model,) = page["models"]
    tests = {
        next(iter(test.values()))["name"]: (next(iter(test)), next(iter(test.values())))
        for test in model["data_tests"]
    }
    kind, body = tests["orders__rows_hold"]
    assert kind == "rows_hold"
    held = {each["rule"]: each["expression"] for each in body["arguments"]["rules"]}
    assert held["order_total"] == "total_amount = sales_amount + tax_amount + fee_amount"
    assert held["currency_is_a_code"] == "currency IS NULL OR match(currency, '^[A-Z]{3}$')"
    assert "'refunded'" in held["status_is_a_label"]
    assert tests["orders__refund_shows_in_status"][1]["config"] == {"severity": "warn"}


def test_a_rule_over_two_marts_refers_to_both() -> None:
    page = yaml.safe_load(marts_page([CONTRACTS["sales_by_event"]]))
    (rule,) = [test["rule"] for test in page["models"][0]["data_tests"] if "rule" in test]
    assert rule["arguments"]["others"] == ["ref('orders')"]
    assert "{table}" in rule["arguments"]["query"]
    assert "{orders}" in rule["arguments"]["query"]


def test_names_of_tests_are_unique() -> None:
    names = [name for contract in CONTRACTS.marts() for name in check_names(contract)]
    assert len(names) == len(set(names)) > 100
