"""One small shop in a warehouse of its own, and the marts that the real dbt makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bilten.contracts import Contracts, load_contracts
from bilten.settings import Settings
from tests.dbt.attention import Attention, draw_attention
from tests.dbt.changes import ChangeSource
from tests.dbt.project import BUILD, PROJECT, Outcome, run_dbt
from tests.dbt.selling import LONG_AGO, open_shop, sell
from tests.dbt.shop import Shop
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import free_port, make_settings
from warehouse.client import Warehouse
from warehouse.migrate import apply


@pytest.fixture(scope="package")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse of this module's own, with the tables that the marts are made of and nothing in them."""
    home: Path = tmp_path_factory.mktemp("marts-home")
    process = WarehouseProcess(make_settings(home, warehouse_port=free_port()))
    process.start()
    apply(process.settings, needed_contracts())
    yield process.settings
    assert process.stop() == 0


def needed_contracts() -> Contracts:
    contracts = load_contracts()
    inputs = [path.stem.removeprefix("input_") for path in (PROJECT / "models/inputs").glob("input_*__*.sql")]
    return Contracts({name: contracts[name] for name in inputs})


@pytest.fixture(scope="package")
def warehouse(settings: Settings) -> Iterator[Warehouse]:
    with Warehouse(settings) as client:
        yield client


@pytest.fixture(scope="package")
def source(warehouse: Warehouse) -> ChangeSource:
    return ChangeSource(warehouse, load_contracts())


@pytest.fixture(scope="package")
def shop() -> Shop:
    return Shop(seed=7, orders=300)


@pytest.fixture(scope="package")
def attention(shop: Shop) -> Attention:
    return Attention(shop)


@pytest.fixture(scope="package")
def built(
    shop: Shop,
    attention: Attention,
    source: ChangeSource,
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Outcome:
    """The first build: everything arrived long before."""
    open_shop(shop, source)
    for order in shop.orders:
        sell(order, source, LONG_AGO)
    draw_attention(attention, source)
    source.deliver()
    return run_dbt(tmp_path_factory.mktemp("target"), *BUILD, settings=settings, build="first")
