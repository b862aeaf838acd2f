"""Contract → checks: what is implied, what a rule says, and what no rule may do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bilten.contracts import Contracts, Rule
from bilten.errors import QualityError, RuleRefused
from quality.checks import Comparison, compile_checks, compile_contract, guard
from quality.gate import required_checks

ORDERS = "tickets__orders"


def rule(query: str | None = None, **values: object) -> Rule:
    given: dict[str, object] = {
        "name": "the_rule",
        "metric": None,
        "query": query,
        "column": None,
        "arguments": {},
        "must_be": ("mustBe", 0),
        "severity": "error",
        "dimension": None,
        "description": "A rule.",
    }
    return Rule(**{**given, **values})  # type: ignore[arg-type]


def compiled(contracts: Contracts, made: Rule) -> object:
    contract = replace(contracts[ORDERS], rules=(made,))
    return compile_contract(contract, contracts)[-1]


def test_every_contract_compiles_and_identifiers_are_unique(contracts: Contracts) -> None:
    checks = compile_checks(contracts)
    identifiers = [check.check_id for check in checks]
    assert len(identifiers) == len(set(identifiers))
    assert not {check.dataset for check in checks} & {contract.name for contract in contracts.live()}
    for contract in (*contracts.sources(), *contracts.marts()):
        own = {(check.kind, check.columns) for check in checks if check.dataset == contract.name}
        key = tuple(column.name for column in contract.key)
        assert not key or ("unique", key) in own
        for column in contract.columns:
            assert not column.required or ("not_null", (column.name,)) in own
            assert not column.labels or ("accepted", (column.name,)) in own
            assert column.references is None or ("reference", (column.name,)) in own
        assert {entry.name for entry in contract.rules} <= {
            check.name for check in checks if check.dataset == contract.name
        }


def test_all_checks_are_required_of_a_build_and_so_are_comparisons_with_the_source(
    contracts: Contracts,
) -> None:
    required = required_checks(contracts)
    assert {check.check_id for check in compile_checks(contracts)} < required
    assert f"{ORDERS}.ods_equals_source" in required
    assert f"{ORDERS}.ods_equals_source" not in required_checks(contracts, reconciled=False)


def test_a_rule_replaces_the_check_that_its_column_implies(contracts: Contracts) -> None:
    made = rule(metric="duplicateValues", column="id", name="orders_are_single")
    checks = compile_contract(replace(contracts[ORDERS], rules=(made,)), contracts)
    assert [check.name for check in checks if check.kind == "unique" and check.columns == ("id",)] == [
        "orders_are_single"
    ]


def test_unknown_labels_of_a_source_only_warn_but_those_of_a_mart_block(contracts: Contracts) -> None:
    checks = {check.check_id: check for check in compile_checks(contracts)}
    assert checks[f"{ORDERS}.status_is_a_known_label"].severity == "warning"
    assert {
        check.severity
        for check in checks.values()
        if check.kind == "accepted" and contracts[check.dataset].kind == "mart"
    } <= {"error"}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count() FROM {table}",
        "SELECT count() FROM {table} AS o INNER JOIN {tickets__order_items} AS i ON i.order_id = o.id",
        "WITH x AS (SELECT id FROM {table}) SELECT count() FROM x",
        "SELECT count() FROM {table} WHERE note = 'a -- b; INSERT INTO c' AND `format` != \"x\"",
        "SELECT count() FROM ((SELECT 1 FROM {table}) UNION ALL (SELECT 2 FROM {tickets__tickets}))",
        "SELECT count() FROM {table};",
    ],
)
def test_a_single_select_over_datasets_is_accepted(query: str, contracts: Contracts) -> None:
    guard("a.rule", query, contracts)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("DROP TABLE {table}", "not a SELECT"),
        ("INSERT INTO {table} SELECT 1", "not a SELECT"),
        ("WITH 1 AS x INSERT INTO {table} SELECT 1", "INSERT INTO"),
        ("SELECT 1 FROM {table}; DROP TABLE {table}", "several statements"),
        ("SELECT 1 FROM {table} -- ; and more", "a comment"),
        ("SELECT 1 FROM {table} /* more */", "a comment"),
        ("SELECT 'open FROM {table}", "open quote"),
        ("SELECT 1 FROM {table} INTO OUTFILE 'x'", "INTO OUTFILE"),
        ("SELECT 1 FROM {table} FORMAT JSON", "FORMAT"),
        ("SELECT 1 FROM {table} SETTINGS max_threads = 1", "SETTINGS"),
        ("SELECT count() FROM url('http://example.org') AS u, {table}", "has no contract"),
        ("SELECT count() FROM {table} JOIN system.users ON 1", "has no contract"),
        ("SELECT count() FROM {tickets__nothing}", "names tickets__nothing"),
        ("SELECT 1", "names no dataset"),
        ("", "not a SELECT"),
    ],
)
def test_anything_else_is_refused(query: str, said: str, contracts: Contracts) -> None:
    with pytest.raises(RuleRefused, match=said):
        guard("a.rule", query, contracts)


@pytest.mark.parametrize(
    "made",
    [
        rule(metric="invalidValues", column="status"),
        rule(metric="duplicateValues"),
        rule(metric="nullValues"),
        rule(metric="freshness", column="status"),
    ],
)
def test_a_rule_without_what_it_needs_is_refused(made: Rule, contracts: Contracts) -> None:
    with pytest.raises(QualityError, match="cannot be compiled"):
        compiled(contracts, made)


@pytest.mark.parametrize(
    ("operator", "value", "holding", "breaking"),
    [
        ("mustBe", 0, 0, 1),
        ("mustNotBe", 3, 4, 3),
        ("mustBeGreaterThan", 3, 4, 3),
        ("mustBeGreaterOrEqualTo", 3, 3, 2),
        ("mustBeLessThan", 3, 2, 3),
        ("mustBeLessOrEqualTo", 3, 3, 4),
        ("mustBeBetween", [3, 5], 5, 6),
        ("mustNotBeBetween", [3, 5], 6, 5),
    ],
)
def test_comparisons_mean_what_the_standard_says(
    operator: str, value: object, holding: int, breaking: int
) -> None:
    comparison = Comparison(operator, value)
    assert comparison.holds(holding)
    assert not comparison.holds(breaking)


def test_an_unknown_comparison_says_nothing_of_the_data() -> None:
    with pytest.raises(QualityError, match="is unknown"):
        Comparison("mustResemble", 1).holds(1)
    with pytest.raises(QualityError, match="needs a number"):
        Comparison("mustBe", "many").holds(1)
