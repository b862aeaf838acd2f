"""Columns as Dagster shows them: what they are, which columns they come from, and where that is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dagster import (
    AssetKey,
    CodeReferencesMetadataValue,
    LocalFileCodeReference,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableSchema,
)

from bilten.contracts import Contract
from bilten.settings import PROJECT_ROOT
from lineage.flows import Flow, Origin
from lineage.names import DatasetName


def contract_path(contract: Contract) -> str:
    """Where a contract is, from the project's root."""
    if contract.kind != "source":
        return f"contracts/{'marts' if contract.kind == 'mart' else 'live'}/{contract.name}.yaml"
    is_own = not contract.source or contract.files is not None
    folder = contract.source_schema if is_own else f"{contract.source}/{contract.source_schema}"
    return f"contracts/{folder}/{contract.source_table}.yaml"


def code_references(*paths: str) -> CodeReferencesMetadataValue:
    """Files that make an asset what it is, as links.

    Args:
        paths: from the project's root.
    """
    return CodeReferencesMetadataValue(
        code_references=[
            LocalFileCodeReference(file_path=str(PROJECT_ROOT / path), label=path) for path in paths
        ]
    )


def column_schema(contract: Contract) -> TableSchema:
    """The contract's columns."""
    return TableSchema(
        columns=[
            TableColumn(
                name=column.name,
                type=column.source_type,
                description=column.description,
                constraints=TableColumnConstraints(nullable=not column.required, unique=column.unique),
                tags={"classification": column.classification},
            )
            for column in contract.columns
        ]
    )


def table_schema(columns: Iterable[tuple[str, str]], described: Mapping[str, str]) -> TableSchema:
    """Columns as the warehouse has them.

    Args:
        columns: names and types.
        described: what is known of some of them.
    """
    return TableSchema(
        columns=[
            TableColumn(
                name=name,
                type=kind,
                description=described.get(name),
                constraints=TableColumnConstraints(
                    nullable=kind.startswith(("Nullable(", "LowCardinality(Nullable("))
                ),
            )
            for name, kind in columns
        ]
    )


def same_columns(contract: Contract, upstream: AssetKey) -> TableColumnLineage:
    """Every column comes from the one of its name."""
    return TableColumnLineage(
        {column.name: [TableColumnDep(upstream, column.name)] for column in contract.columns}
    )


def column_lineage(flow: Flow, keys: Mapping[DatasetName, AssetKey]) -> TableColumnLineage:
    """The column lineage of a model: the columns whose values flow into each of its own.

    Args:
        flow: what the SQL says.
        keys: the assets that datasets are; what is none, such as the engine's own tables, is left out.
    """
    return TableColumnLineage({column: _deps(origins, keys) for column, origins in flow.fields.items()})


def _deps(origins: Iterable[Origin], keys: Mapping[DatasetName, AssetKey]) -> list[TableColumnDep]:
    # A column may flow into another by several ways.
    sources = {(origin.dataset, origin.field): None for origin in origins if origin.kind == "DIRECT"}
    return [TableColumnDep(keys[dataset], field) for dataset, field in sources if dataset in keys]
