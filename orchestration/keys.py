"""Asset keys: one place says what each layer of the platform is called in the graph."""

from __future__ import annotations

from dagster import AssetKey

from bilten.contracts import Contract

OPERATIONAL = "postgresql"
"""First part of the keys of operational tables."""


def source_key(contract: Contract) -> AssetKey:
    """The table in the operational database, or the files that arrive by day."""
    if contract.files is not None:
        return AssetKey([contract.source, contract.source_schema, contract.source_table])
    return AssetKey([OPERATIONAL, contract.source_schema, contract.source_table])


def topic_key(contract: Contract) -> AssetKey:
    """The change topic of the table."""
    return AssetKey(["kafka", contract.name])


def raw_key(dataset: str) -> AssetKey:
    """Every change of the table, in the warehouse."""
    return AssetKey(["raw", dataset])


def ods_key(dataset: str) -> AssetKey:
    """The table's current rows, in the warehouse."""
    return AssetKey(["ods", dataset])


def bronze_key(dataset: str) -> AssetKey:
    """Every change of the table, in the archive."""
    return AssetKey(["bronze", dataset])


def model_key(layer: str, name: str) -> AssetKey:
    """A dbt model: ``staging``, ``intermediate``, or ``build`` for a mart that is not yet published."""
    return AssetKey([layer, name])


def mart_key(name: str) -> AssetKey:
    """A published mart, as readers see it."""
    return AssetKey(["marts", name])
