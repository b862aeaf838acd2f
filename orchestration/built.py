"""What a build made of its models, as Dagster shows it: rows, columns, and what each column comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dagster import AssetKey, MetadataValue, Output

from lineage.flows import Flow
from lineage.names import DatasetName, Names
from orchestration.columns import column_lineage, table_schema
from orchestration.keys import ods_key, raw_key
from orchestration.models import ModelTranslator
from orchestration.resources import Platform
from warehouse.sizes import table_columns, table_sizes


def with_facts(
    platform: Platform, events: Iterable[object], manifest: Mapping[str, Any], flows: Mapping[str, Flow]
) -> Iterator[object]:
    """Dagster's events of a dbt run; those of models say more.

    Args:
        platform: the platform.
        events: as `dagster_dbt` made them.
        manifest: dbt's manifest of this run.
        flows: the column lineage of the models, by the node's identifier.

    Returns:
        The same events in the same order.
    """
    nodes = manifest["nodes"]
    models = {name: node for name, node in nodes.items() if node["resource_type"] == "model"}
    databases = sorted({str(node["schema"]) for node in models.values()})
    sizes = {each: table_sizes(platform.warehouse, each) for each in databases}
    columns = {each: table_columns(platform.warehouse, each) for each in databases}
    names = Names.of(platform.settings)
    keys = _keys(platform, names, models)
    for event in events:
        unique_id = _unique_id(event)
        node = models.get(unique_id)
        if node is None or not isinstance(event, Output):
            yield event
            continue
        database, table = str(node["schema"]), str(node["alias"])
        facts: dict[str, Any] = {}
        if table in sizes[database]:
            facts["dagster/row_count"] = sizes[database][table][0]
        if table in columns[database]:
            described = {name: each.get("description") or "" for name, each in node["columns"].items()}
            facts["dagster/column_schema"] = table_schema(columns[database][table], described)
        if unique_id in flows:
            facts["dagster/column_lineage"] = column_lineage(flows[unique_id], keys)
        yield event.with_metadata({**event.metadata, **facts})


def _unique_id(event: object) -> str:
    said = event.metadata.get("unique_id") if isinstance(event, Output) else None
    return str(said.value) if isinstance(said, MetadataValue) else ""


def _keys(
    platform: Platform, names: Names, models: Mapping[str, Mapping[str, Any]]
) -> dict[DatasetName, AssetKey]:
    translator = ModelTranslator(platform.contracts)
    keys = {
        names.warehouse(str(node["schema"]), str(node["alias"])): translator.get_asset_key(node)
        for node in models.values()
    }
    for contract in platform.contracts.sources():
        keys[names.warehouse("ods", contract.name)] = ods_key(contract.name)
        keys[names.warehouse("raw", contract.name)] = raw_key(contract.name)
    return keys
