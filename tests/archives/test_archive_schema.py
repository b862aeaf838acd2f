"""Contract → Iceberg schema: goldens of real contracts, and one of every type."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pyiceberg.types import (
    BinaryType,
    DecimalType,
    ListType,
    StringType,
    TimestampType,
    TimestamptzType,
    UUIDType,
)

from archives.schema import BOOKKEEPING, bronze_schema, iceberg_type
from bilten.contracts import Contracts, load_contracts
from bilten.types import map_type
from warehouse.compile.names import RECORD_COLUMNS, has_null_flag, is_null


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load_contracts()


GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    "dataset", ["tickets__orders", "tickets__discount_codes", "users__users", "events__event_details"]
)
def test_the_schema_of_a_contract_is_its_golden(
    dataset: str, contracts: Contracts, golden: Callable[[Path, str], None]
) -> None:
    schema = bronze_schema(contracts[dataset])
    text = json.dumps(json.loads(schema.model_dump_json()), indent=1) + "\n"
    golden(GOLDEN / f"{dataset}.json", text)


@pytest.mark.parametrize(
    ("source_type", "expected"),
    [
        ("numeric(10,2)", DecimalType(10, 2)),
        ("numeric(60,4)", StringType()),
        ("uuid", UUIDType()),
        ("timestamptz", TimestamptzType()),
        ("timestamp", TimestampType()),
        ("jsonb", StringType()),
        ("bytea", BinaryType()),
        ("enum", StringType()),
        ("uuid[]", ListType(-1, UUIDType(), element_required=False)),
    ],
)
def test_a_type_is_kept_without_loss(source_type: str, expected: object) -> None:
    assert iceberg_type(map_type(source_type)) == expected


def test_every_source_contract_has_a_schema_with_all_columns_of_raw(contracts: Contracts) -> None:
    recorded = [name for name, _ in RECORD_COLUMNS]
    assert [name for name, _, _ in BOOKKEEPING] == recorded
    for contract in contracts.sources():
        schema = bronze_schema(contract)
        flags = [is_null(column) for column in contract.columns if has_null_flag(column)]
        names = [field.name for field in schema.fields]
        assert names == [*(column.name for column in contract.columns), *recorded, *flags]
        required = {name for name in names if schema.find_field(name).required and name not in recorded}
        assert required == {column.name for column in contract.key}
        identifiers = list(schema.field_ids)
        assert len(identifiers) == len(set(identifiers))
