"""A contract drafted from some documents of a collection: which fields there are, within others too. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bilten.contracts.model import Classification, dataset_name
from ingestion.sources.inference import DRAFT, Document
from ingestion.sources.personal import classify

_EXTENDED = {
    "$oid": "string",
    "$date": "timestamp",
    "$timestamp": "timestamp",
    "$numberInt": "integer",
    "$numberLong": "integer",
    "$numberDouble": "number",
    "$numberDecimal": "number",
    "$binary": "string",
    "$uuid": "string",
}
_ORDER: Sequence[Classification] = ("public", "internal", "personal", "sensitive")


def draft_contract(source: str, collection: str, documents: Iterable[str]) -> Document:
    """A contract in the form of the Open Data Contract Standard.

    Args:
        source: name of the source.
        collection: ``database.collection``.
        documents: extended JSON of some documents.
    """
    database, _, name = collection.partition(".")
    fields = _fields([json.loads(document) for document in documents])
    dataset = dataset_name(source, database, name)
    return {
        "kind": "DataContract",
        "apiVersion": "v3.2.0",
        "id": dataset,
        "name": dataset,
        "version": "1.0.0",
        "status": "draft",
        "domain": database,
        "description": {"purpose": DRAFT},
        "team": {"name": source, "description": f"Owners of the source {source}."},
        "roles": [{"role": "engineer", "access": "read"}],
        "slaProperties": [{"property": "freshness", "value": 5, "unit": "s"}],
        "schema": [
            {
                "name": name,
                "physicalName": collection,
                "physicalType": "collection",
                "dataGranularityDescription": "one row per document",
                "properties": [
                    {
                        "name": "id",
                        "description": "The _id of the document.",
                        "logicalType": "string",
                        "physicalType": "id",
                        "primaryKey": True,
                        "primaryKeyPosition": 1,
                        "required": True,
                        "classification": "internal",
                    },
                    {
                        "name": "document",
                        "description": "The whole document.",
                        "logicalType": "object",
                        "physicalType": "document",
                        "required": True,
                        "classification": _strictest(fields),
                        "properties": fields,
                    },
                ],
            }
        ],
        "customProperties": [
            {"property": "kind", "value": "source"},
            {"property": "source", "value": source},
            {"property": "database", "value": "mongodb"},
            {"property": "dataSubject", "value": {"column": "id"}},
        ],
    }


def _fields(objects: Sequence[Mapping[str, Any]]) -> list[Document]:
    names = dict.fromkeys(name for each in objects for name in each)
    return [
        {
            "name": name,
            "required": all(each.get(name) is not None for each in objects),
            "classification": classify(
                name, [each[name] for each in objects if isinstance(each.get(name), str)]
            ),
            **_shape([each[name] for each in objects if each.get(name) is not None]),
        }
        for name in names
    ]


def _shape(values: Sequence[Any]) -> Document:
    """Type of some values that are not null, and what is within them."""
    kinds = {_kind(value) for value in values}
    if kinds == {"integer", "number"}:
        return {"logicalType": "number"}
    if len(kinds) != 1:
        told = f"Of several types: {', '.join(sorted(kinds))}." if kinds else "Always null."
        return {"logicalType": "string", "description": told}
    (kind,) = kinds
    if kind == "object":
        return {"logicalType": kind, "properties": _fields(values)}
    if kind == "array":
        return {
            "logicalType": kind,
            "items": _shape([item for value in values for item in value if item is not None]),
        }
    return {"logicalType": kind}


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    wrapped = next(iter(value), "")
    return _EXTENDED.get(wrapped, "object") if len(value) <= 2 else "object"


def _strictest(fields: Iterable[Document]) -> Classification:
    """The strictest classification of fields and of those within them."""
    found: Classification = "internal"
    for field in fields:
        within = [*field.get("properties", ()), *field.get("items", {}).get("properties", ())]
        found = max((found, field["classification"], _strictest(within)), key=_ORDER.index)
    return found
