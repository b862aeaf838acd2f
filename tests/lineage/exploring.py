"""A running service with the lineage of the real project, shared by the tests of interface and page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bilten.contracts import load_contracts
from bilten.settings import Settings
from lineage.emitter import Emitter
from lineage.names import Names
from tests.lineage.seeding import compiled, real_events
from tests.lineage.test_server import ServiceProcess, running, until
from tests.settings import free_port
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore


def emit(settings: Settings, bodies: list[str]) -> None:
    emitter = Emitter(settings)
    emitter.emit_all(json.loads(body) for body in bodies)
    emitter.close()


def delivered(service: ServiceProcess) -> bool:
    return all(each["waiting"] == 0 for each in service.client.get("/health").json()["receivers"])


@pytest.fixture(scope="module")
def explored(
    warehouse: Warehouse, warehouse_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    """The service, after every event of two days was delivered."""
    home: Path = tmp_path_factory.mktemp("explored")
    settings = warehouse_settings.model_copy(update={"home": home, "lineage_port": free_port()})
    warehouse.command("DROP DATABASE IF EXISTS lineage")
    bodies = real_events(load_contracts(), *compiled(home, warehouse_settings), Names.of(settings))
    emit(settings, bodies)
    with running(settings) as service:
        until(lambda: delivered(service), 60)
        yield service
    warehouse.command("DROP DATABASE IF EXISTS lineage")
    LineageStore(warehouse).create()
