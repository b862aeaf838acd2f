"""What every step works with, built once when the definitions are loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from bilten.contracts import Contracts, load_contracts
from bilten.settings import Settings
from lineage.emitter import Emitter
from orchestration.manifest import manifest_path
from warehouse.client import Warehouse

ENGINE_POOL: Final = "engine"
"""Steps that keep the warehouse's engine busy; `stack/dagster.py` says how many runs may have one at once."""


@dataclass(frozen=True)
class Platform:
    """Settings, contracts and dbt's manifest, and the way to the warehouse and to lineage."""

    settings: Settings
    contracts: Contracts
    manifest_path: Path

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The dbt manifest, parsed."""
        content: Mapping[str, Any] = json.loads(self.manifest_path.read_text(encoding="utf-8"))
        return content

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse; one client serves all threads of the process."""
        return Warehouse(self.settings)

    @cached_property
    def emitter(self) -> Emitter:
        """The outbox of lineage events."""
        return Emitter(self.settings)


def load_platform(settings: Settings) -> Platform:
    """Read the contracts and dbt's manifest.

    Raises:
        ContractError: a contract cannot be used.
        OrchestrationError: dbt cannot parse its project.
    """
    return Platform(settings, load_contracts(), manifest_path(settings))
