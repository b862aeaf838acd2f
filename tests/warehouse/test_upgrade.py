"""A data folder that an older release made is brought to what this one wants, with all of its rows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bilten.contracts import Column, Contracts
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import free_port, make_settings
from tests.warehouse import releases
from tests.warehouse.events import PLAIN, PLAIN_ROW, current, deliver, event
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.drift import find_drift

LARGEST_BYTES = 400_000
NEW = Column("nickname", "Another name.", "string", "varchar(40)", required=False)


def kept() -> list[Path]:
    return sorted(releases.FOLDER.glob("*.tar.zst"))


def test_there_is_a_small_folder_of_each_release() -> None:
    assert kept()
    assert all(path.stat().st_size < LARGEST_BYTES for path in kept())


@pytest.mark.warehouse
@pytest.mark.parametrize("path", kept(), ids=lambda path: path.name.removesuffix(".tar.zst"))
def test_it_is_migrated_and_nothing_is_lost(path: Path, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, warehouse_port=free_port(), warehouse_fsync=False)
    releases.unpack(path, tmp_path)
    wider = dataclasses.replace(PLAIN, version="1.1.0", columns=(*PLAIN.columns, NEW))
    contracts = Contracts({**releases.CONTRACTS, wider.name: wider})
    process = WarehouseProcess(settings)
    process.start()
    try:
        with Warehouse(settings) as warehouse:
            assert migrate.apply(settings, contracts).steps
            assert migrate.plan(settings, contracts).steps == ()
            assert [drift for drift in find_drift(warehouse) if drift.kind != "unknown"] == []
            row = {**PLAIN_ROW, "id": "00000000-0000-7000-8000-000000000009", "nickname": "late"}
            deliver(warehouse, wider, [event("c", row, 2)])
            assert [one["nickname"] for one in current(warehouse, wider)] == [None, "late"]
            assert [one["title"] for one in current(warehouse, wider)] == [PLAIN_ROW["title"]] * 2
            assert warehouse.scalar("SELECT count() FROM marts.currencies") == 3
    finally:
        ended = process.stop()
    assert ended == 0
