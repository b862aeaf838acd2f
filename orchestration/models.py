"""dbt models as assets: how the project's nodes appear in the graph."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dagster import AssetKey
from dagster_dbt import DagsterDbtTranslator

from bilten.contracts import Contracts
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

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own description, without its SQL: the page shows code elsewhere."""
        return str(dbt_resource_props.get("description") or "")


def marts_freshness(contracts: Contracts) -> Mapping[str, timedelta]:
    """The promised freshness of every published mart that promises one."""
    return {
        contract.name: contract.freshness for contract in contracts.marts() if contract.freshness is not None
    }
