"""The source contracts and the models say the same, so that neither drifts."""

from __future__ import annotations

import pytest
from sqlalchemy import CHAR, Column, Dialect, Enum, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql

from bilten.contracts import Contract, load_contracts
from operational.models import SCHEMAS, metadata

CONTRACTS = {contract.name: contract for contract in load_contracts().captured()}
TABLES = {f"{table.schema}__{table.name}": table for table in metadata.tables.values()}
BOTH = [pytest.param(TABLES[name], CONTRACTS[name], id=name) for name in sorted(TABLES.keys() & CONTRACTS)]

DIALECT: Dialect = postgresql.base.PGDialect()  # type: ignore[no-untyped-call]


def type_of(column: Column[object]) -> str:
    if isinstance(column.type, Enum):
        return "enum"
    text = column.type.compile(dialect=DIALECT)
    if text == "TIMESTAMP WITH TIME ZONE":
        return "timestamptz"
    return text.lower().replace(", ", ",")


def captured(table: Table) -> list[Column[object]]:
    return [column for column in table.columns if not column.info.get("secret")]


def test_every_table_has_a_contract_and_every_contract_a_table() -> None:
    assert TABLES.keys() == CONTRACTS.keys()
    assert {contract.domain for contract in CONTRACTS.values()} == set(SCHEMAS)


@pytest.mark.parametrize(("table", "contract"), BOTH)
def test_columns_are_the_same_in_name_order_and_type(table: Table, contract: Contract) -> None:
    assert (contract.source_schema, contract.source_table) == (table.schema, table.name)
    assert [(column.name, column.source_type) for column in contract.columns] == [
        (column.name, type_of(column)) for column in captured(table)
    ]


@pytest.mark.parametrize(("table", "contract"), BOTH)
def test_nullability_and_keys_are_the_same(table: Table, contract: Contract) -> None:
    assert {column.name: column.required for column in contract.columns} == {
        column.name: not column.nullable for column in captured(table)
    }
    assert [column.name for column in contract.key] == [column.name for column in table.primary_key]


@pytest.mark.parametrize(("table", "contract"), BOTH)
def test_unique_columns_are_the_same(table: Table, contract: Contract) -> None:
    alone = {
        next(iter(constraint.columns)).name
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint) and len(constraint.columns) == 1
    }
    secret = {column.name for column in table.columns if column.info.get("secret")}
    assert {column.name for column in contract.columns if column.unique} == alone - secret


@pytest.mark.parametrize(("table", "contract"), BOTH)
def test_labels_of_enums_are_the_same_in_order(table: Table, contract: Contract) -> None:
    labels = {
        column.name: tuple(column.type.enums) for column in captured(table) if isinstance(column.type, Enum)
    }
    assert {column.name: column.labels for column in contract.columns if column.labels} == labels


@pytest.mark.parametrize(("table", "contract"), BOTH)
def test_references_are_the_same(table: Table, contract: Contract) -> None:
    references = {
        key.parent.name: (f"{key.column.table.schema}__{key.column.table.name}", key.column.name)
        for key in table.foreign_keys
    }
    assert {
        column.name: (column.references.dataset, column.references.column)
        for column in contract.columns
        if column.references
    } == references


@pytest.mark.parametrize(("table", "contract"), BOTH)
def test_secrets_are_named_as_excluded_and_nowhere_else(table: Table, contract: Contract) -> None:
    secret = [column.name for column in table.columns if column.info.get("secret")]
    assert list(contract.excluded_columns) == secret
    assert not {"hash", "token", "password"} & {
        part for column in contract.columns for part in column.name.split("_")
    }


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_every_way_to_a_person_leads_somewhere(contract: Contract) -> None:
    for way in contract.subjects:
        assert way.column in contract.by_name
        if way.references is not None:
            assert way.references.column in CONTRACTS[way.references.dataset].by_name
            onward = CONTRACTS[way.references.dataset]
            assert onward.name == "users__users" or onward.subjects
    personal = [column.name for column in contract.columns if column.is_personal]
    assert contract.subjects or not personal or contract.name == "events__venues", personal


def test_every_money_column_stands_beside_its_currency() -> None:
    for name, table in TABLES.items():
        money = [c for c in table.columns if type_of(c) in {"numeric(10,2)", "numeric(12,2)"}]
        currencies = [
            column for column in table.columns if isinstance(column.type, CHAR) and column.type.length == 3
        ]
        if money and name != "events__cart_items":
            assert currencies, name
