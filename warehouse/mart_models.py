"""Contracts of marts → what dbt knows of them: columns, types, descriptions, tests.

The page of dbt about the marts is compiled from their contracts, so dbt enforces exactly
the columns that readers are promised, and a rule is written once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from bilten.contracts import Column, Contract, Rule
from warehouse.readers import mart_type
from warehouse.rules import row_predicate

GENERATED = "dbt_project/models/marts/_marts.generated.yml"
"""Where the page is kept, from the project's root."""
GENERATED_LIVE = "dbt_project/models/live/_live.generated.yml"
"""Where that of the live marts is kept."""

_HEADER = "# Generated from contracts by `make generate`; change the contract, not this page.\n"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def marts_page(marts: Iterable[Contract]) -> str:
    """The page of all marts, or of all live ones.

    Args:
        marts: their contracts.

    Returns:
        YAML, the same for the same contracts.
    """
    document = {"version": 2, "models": [_model(contract) for contract in marts]}
    return _HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def check_names(contract: Contract) -> tuple[str, ...]:
    """Names of the tests that dbt runs on a mart, in the order of the page."""
    model = _model(contract)
    tests = [test for column in model["columns"] for test in column.get("data_tests", [])]
    return tuple(next(iter(test.values()))["name"] for test in [*tests, *model["data_tests"]])


def _model(contract: Contract) -> dict[str, Any]:
    # Tests judge a build; a live mart belongs to none.
    tested = {"data_tests": list(_table_tests(contract))} if contract.kind == "mart" else {}
    return {
        "name": contract.name,
        "description": (
            f"{contract.description} Grain: {contract.grain}. {contract.usage} {contract.limitations}"
        ).strip(),
        "config": {
            "contract": {"enforced": True},
            "group": contract.owner.lower().replace(" ", "_"),
            "meta": {
                "grain": contract.grain,
                "owner": contract.owner,
                "version": contract.version,
                "roles": list(contract.roles),
            },
        },
        "columns": [_column(contract, column) for column in contract.columns],
        **tested,
    }


def _column(contract: Contract, column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "description": column.description,
        "data_type": mart_type(column),
    }
    tests = list(_column_tests(contract, column)) if contract.kind == "mart" else []
    return {**described, "data_tests": tests} if tests else described


def _column_tests(contract: Contract, column: Column) -> Iterator[dict[str, Any]]:
    if contract.key == (column,):
        yield {"unique": {"name": f"{contract.name}__{column.name}_is_unique"}}
    if column.references is not None:
        target = column.references
        yield {
            "relationships": {
                "name": f"{contract.name}__{column.name}_exists",
                "arguments": {"to": f"ref('{target.dataset}')", "field": target.column},
            }
        }


def _table_tests(contract: Contract) -> Iterator[dict[str, Any]]:
    if len(contract.key) > 1:
        columns = [column.name for column in contract.key]
        yield {
            "unique_together": {"name": f"{contract.name}__key_is_unique", "arguments": {"columns": columns}}
        }
    held = [{"rule": name, "expression": expression} for name, expression in row_rules(contract)]
    if held:
        yield {"rows_hold": {"name": f"{contract.name}__rows_hold", "arguments": {"rules": held}}}
    for rule in contract.rules:
        if rule.query is not None and not _is_row_rule(rule):
            yield _query_test(contract, rule, _one_line(rule.query))


def row_rules(contract: Contract) -> tuple[tuple[str, str], ...]:
    """What every row of a mart has to keep: names, and expressions that are true of a good row.

    One query judges them all, since each test costs dbt some 25 ms of its own, whatever it asks.
    """
    return (*_column_rules(contract), *_predicates(contract))


def _column_rules(contract: Contract) -> Iterator[tuple[str, str]]:
    for column in contract.columns:
        if column.labels:
            labels = ", ".join(f"'{label}'" for label in column.labels)
            yield f"{column.name}_is_a_label", f"{column.name} IS NULL OR {column.name} IN ({labels})"
    for rule in contract.rules:
        if rule.column is None or rule.severity == "warning":
            continue
        if rule.metric == "nullValues":
            yield rule.name, f"{rule.column} IS NOT NULL"
        elif rule.metric == "invalidValues" and "pattern" in rule.arguments:
            pattern = str(rule.arguments["pattern"]).replace("\\", "\\\\").replace("'", "\\'")
            yield rule.name, f"{rule.column} IS NULL OR match({rule.column}, '{pattern}')"


def _predicates(contract: Contract) -> Iterator[tuple[str, str]]:
    for rule in contract.rules:
        if rule.query is not None and _is_row_rule(rule):
            yield rule.name, row_predicate(rule.query) or ""


def _is_row_rule(rule: Rule) -> bool:
    return rule.severity == "error" and rule.query is not None and row_predicate(rule.query) is not None


def _one_line(query: str) -> str:
    return " ".join(query.split())


def _query_test(contract: Contract, rule: Rule, query: str) -> dict[str, Any]:
    body: dict[str, Any] = {"name": f"{contract.name}__{rule.name}", "description": rule.description}
    if rule.severity == "warning":
        body["config"] = {"severity": "warn"}
    predicate = row_predicate(query)
    if predicate:
        return {"identity": {**body, "arguments": {"expression": predicate}}}
    others = sorted({name for name in _PLACEHOLDER.findall(query) if name != "table"})
    return {
        "rule": {**body, "arguments": {"query": query, "others": [f"ref('{other}')" for other in others]}}
    }
