"""Contracts drafted from a live database: types, keys, what is probably personal, ways to the person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from bilten.contracts import Contract, read_contract
from bilten.contracts.model import Classification, dataset_name
from bilten.databases import TYPE_SYSTEMS
from bilten.types import TypeMapping
from ingestion.sources.definition import Source
from ingestion.sources.dialects import dialect_of
from ingestion.sources.obstacles import captured_columns, contract_type
from ingestion.sources.personal import classify, is_about_people, subjects
from ingestion.sources.postgresql.configuration import hides_unchanged
from ingestion.sources.tables import SourceColumn, SourceTable

SAMPLED_ROWS = 200
DRAFT = "Not described yet."
_LOGICAL = {
    "text": "string",
    "enum": "string",
    "uuid": "string",
    "bytes": "string",
    "boolean": "boolean",
    "integer": "integer",
    "decimal": "number",
    "float": "number",
    "timestamp": "timestamp",
    "timestamp_local": "timestamp",
    "date": "date",
    "time": "time",
    "json": "object",
    "array": "array",
}

Document = dict[str, Any]


def draft_contracts(
    source: Source, tables: Iterable[SourceTable], samples: Mapping[str, Mapping[str, list[str | None]]]
) -> dict[str, Document]:
    """One contract per table, as documents of the Open Data Contract Standard. Pure.

    Args:
        source: the database.
        tables: the tables; each has a key.
        samples: values as text by table (``schema.table``) and column.

    Returns:
        Documents by dataset.
    """
    chosen = tuple(tables)
    classified = {
        table.full_name: {
            column.name: _classification(column, samples.get(table.full_name, {}).get(column.name, []))
            for column in captured_columns(table)
        }
        for table in chosen
    }
    names = {
        (table.schema, table.name): dataset_name(source.contract_source, table.schema, table.name)
        for table in chosen
    }
    people = {
        names[table.schema, table.name]
        for table in chosen
        if is_about_people(table.name) and set(classified[table.full_name].values()) - {"internal"}
    }
    return {
        names[table.schema, table.name]: _document(source, table, classified[table.full_name], names, people)
        for table in chosen
    }


def sample(source: Source, connection: Any, table: SourceTable) -> dict[str, list[str | None]]:
    """Some values of the columns that hold text or addresses; nothing of them is kept."""
    columns = [column.name for column in captured_columns(table) if _is_telling(column)]
    if not columns or not table.may_read:
        return {}
    rows = dialect_of(source.database).sample(connection, table, columns, SAMPLED_ROWS)
    return {name: [row[place] for row in rows] for place, name in enumerate(columns)}


def write_drafts(folder: Path, documents: Mapping[str, Document]) -> dict[str, Path]:
    """Write contracts that are not there yet; those that are stay as they are.

    Args:
        folder: the folder of all contracts.
        documents: by dataset.

    Returns:
        The new files by dataset.
    """
    written = {}
    for dataset, document in documents.items():
        path = contract_path(folder, dataset)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_text(document), encoding="utf-8")
            written[dataset] = path
    return written


def contract_path(folder: Path, dataset: str) -> Path:
    """Where the contract of a dataset is kept."""
    schema, _, table = dataset.partition("__")
    return folder / schema / f"{table}.yaml"


def as_text(document: Document) -> str:
    """A contract's file."""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def as_contract(document: Document, folder: Path) -> Contract:
    """A document as the platform reads it, by way of a file that is gone afterwards."""
    path = folder / f"{document['id']}.yaml"
    path.write_text(as_text(document), encoding="utf-8")
    try:
        return read_contract(path)
    finally:
        path.unlink()


def column_document(column: SourceColumn, classification: Classification) -> Document:
    """What a contract says of a column."""
    kind = contract_type(column) or column.type
    described: Document = {
        "name": column.name,
        "description": column.comment or DRAFT,
        "logicalType": _LOGICAL[_mapping(column, kind).family],
        "physicalType": kind,
        "required": column.required,
        "classification": classification,
    }
    if kind == "enum":
        described["enum"] = [{"value": label} for label in column.labels]
    custom = []
    if column.storage != column.default_storage:
        custom.append({"property": "storage", "value": column.storage})
    is_time = _mapping(column, kind).family in {"timestamp", "timestamp_local", "date"}
    if is_time and TYPE_SYSTEMS[column.database].has_infinite_times:
        custom.append({"property": "infinity", "value": "sentinel"})
    if custom:
        described["customProperties"] = custom
    return described


def _document(
    source: Source,
    table: SourceTable,
    classified: Mapping[str, Classification],
    names: Mapping[tuple[str, str], str],
    people: set[str],
) -> Document:
    dataset = names[table.schema, table.name]
    captured = captured_columns(table)
    references = {
        column: (names[schema, target], target_column)
        for column, (schema, target, target_column) in table.references.items()
        if (schema, target) in names
    }
    custom: list[Document] = [{"property": "kind", "value": "source"}]
    if source.contract_source:
        custom.append({"property": "source", "value": source.contract_source})
    if source.database != "postgresql":
        custom.append({"property": "database", "value": source.database})
    if table.partition_key:
        custom.append({"property": "partitionKey", "value": list(table.partition_key)})
    if left_out := [column.name for column in table.columns if column not in captured]:
        custom.append({"property": "excludedColumns", "value": left_out})
    arrays = [contract_type(column) or "" for column in captured]
    if table.replica_identity == "full" or any(hides_unchanged(kind) for kind in arrays):
        custom.append({"property": "replicaIdentity", "value": "full"})
    if ways := subjects(classified, table.key, references, people, dataset):
        custom.append({"property": "dataSubject", "value": ways})
    return {
        "kind": "DataContract",
        "apiVersion": "v3.2.0",
        "id": dataset,
        "name": dataset,
        "version": "1.0.0",
        "status": "draft",
        "domain": table.schema,
        "description": {"purpose": table.comment or DRAFT},
        "team": {"name": source.name, "description": f"Owners of the source {source.name}."},
        "roles": [{"role": "engineer", "access": "read"}],
        "slaProperties": [{"property": "freshness", "value": 5, "unit": "s"}],
        "schema": [
            {
                "name": table.name,
                "physicalName": table.full_name,
                "physicalType": "table",
                "dataGranularityDescription": f"one row per {', '.join(table.key)}",
                "properties": [_property(table, column, classified, references) for column in captured],
            }
        ],
        "customProperties": custom,
    }


def _property(
    table: SourceTable,
    column: SourceColumn,
    classified: Mapping[str, Classification],
    references: Mapping[str, tuple[str, str]],
) -> Document:
    described = column_document(column, classified[column.name])
    if column.name in table.key:
        described |= {
            "primaryKey": True,
            "primaryKeyPosition": table.key.index(column.name) + 1,
            "required": True,
        }
    if column.name in references:
        target, target_column = references[column.name]
        described["relationships"] = [{"type": "foreignKey", "to": f"{target}.{target_column}"}]
    return described


def _is_telling(column: SourceColumn) -> bool:
    kind = contract_type(column)
    return kind is not None and _mapping(column, kind).family == "text"


def _classification(column: SourceColumn, values: list[str | None]) -> Classification:
    kind = contract_type(column)
    # A flag or a time says nothing of a person by itself, whatever it is called.
    if kind is not None and _mapping(column, kind).family in {"boolean", "timestamp", "timestamp_local"}:
        return "internal"
    return classify(column.name, values)


def _mapping(column: SourceColumn, kind: str) -> TypeMapping:
    return TYPE_SYSTEMS[column.database].map_type(kind)
