"""What the streaming pipeline lands: tables that Dagster shows but does not run.

The loader is a process of its own; these specs give its datasets a place in the graph, and the ledger
sensor reports what it landed.
"""

from __future__ import annotations

from collections.abc import Iterator

from dagster import AssetKey, AssetSpec

from bilten.contracts import Contract, Contracts
from orchestration.columns import code_references, column_schema, contract_path
from orchestration.keys import ods_key, raw_key, source_key, topic_key


def landed_specs(contracts: Contracts, topic_prefix: str) -> list[AssetSpec]:
    """Specs of every source table, topic, raw table and current table.

    Args:
        contracts: all contracts; only those of operational tables count.
        topic_prefix: first part of the topics' names.

    Returns:
        Four specs a table, each depending on the one before; two where its rows come in files, which have
        an asset of their own.
    """
    return [spec for contract in contracts.sources() for spec in _specs(contract, topic_prefix)]


def _specs(contract: Contract, topic_prefix: str) -> Iterator[AssetSpec]:
    dataset = contract.name
    if contract.files is None:
        yield _spec(contract, source_key(contract), "source", {"postgres", "table"}, contract.description)
        yield _spec(
            contract,
            topic_key(contract),
            "topics",
            {"kafka", "debezium"},
            f"Every committed change of {contract.source_schema}.{contract.source_table}, in order.",
            after=source_key(contract),
            metadata={"topic": contract.topic(topic_prefix)},
        )
    yield _spec(
        contract,
        raw_key(dataset),
        "raw",
        {"clickhouse", "table"},
        f"Every change of {dataset} as delivered, typed, never updated.",
        after=topic_key(contract) if contract.files is None else source_key(contract),
    )
    yield _spec(
        contract,
        ods_key(dataset),
        "ods",
        {"clickhouse", "view"},
        f"The rows of {dataset} as they are now. {contract.grain}",
        after=raw_key(dataset),
    )


def _spec(
    contract: Contract,
    key: AssetKey,
    layer: str,
    kinds: set[str],
    description: str,
    after: AssetKey | None = None,
    metadata: dict[str, str] | None = None,
) -> AssetSpec:
    return AssetSpec(
        key,
        deps=[after] if after else [],
        description=description,
        group_name=layer,
        owners=[f"team:{contract.owner}"],
        kinds=kinds,
        tags={"domain": contract.domain, "personal_data": "yes" if has_personal_data(contract) else "no"},
        metadata={
            "dagster/column_schema": column_schema(contract),
            "dagster/table_name": ".".join(key.path),
            "dagster/code_references": code_references(contract_path(contract)),
            "contract": contract_path(contract),
            "contract_version": contract.version,
            **(metadata or {}),
        },
    )


def has_personal_data(contract: Contract) -> bool:
    """Whether any column of the dataset is about a person."""
    return any(column.is_personal for column in contract.columns)
