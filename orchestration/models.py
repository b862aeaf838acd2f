"""dbt models as assets: how the project's nodes appear in the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster import AssetKey
from dagster_dbt import DagsterDbtTranslator

from bilten.contracts import Contracts
from orchestration.columns import code_references, contract_path
from orchestration.keys import model_key, ods_key

MARTS_FOLDER = "marts"
BUILD_LAYER = "build"
"""Group of the marts that a build makes; `marts` holds the published ones."""


class ModelTranslator(DagsterDbtTranslator):
    """One short decision a method; the contracts know the owners."""

    def __init__(self, contracts: Contracts) -> None:
        super().__init__()
        self._contracts = contracts

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """Sources are the current tables, models are named by their layer."""
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            return ods_key(name)
        return model_key(self.get_group_name(dbt_resource_props), name)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer: the first folder below ``models``."""
        layer = dbt_resource_props["fqn"][1]
        return BUILD_LAYER if layer == MARTS_FOLDER else str(layer)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """A mart's owner is its contract's; everything before it belongs to the data platform."""
        contract = self._contracts.contracts.get(dbt_resource_props["name"])
        return [f"team:{contract.owner if contract else 'data-platform'}"]

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """The columns that are described, and the files that make the model what it is."""
        contract = self._contracts.contracts.get(dbt_resource_props["name"])
        path = f"dbt_project/{dbt_resource_props['original_file_path']}"
        return {
            **super().get_metadata(dbt_resource_props),
            "dagster/code_references": code_references(
                path, *([contract_path(contract)] if contract else [])
            ),
        }

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own description, without its SQL: the page shows code elsewhere."""
        return str(dbt_resource_props.get("description") or "")
