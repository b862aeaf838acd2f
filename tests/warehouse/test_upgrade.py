"""A data folder that an older release made is brought to what this one wants, with all of its rows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bilten.contracts import Column, Contracts
from bilten.errors import DataNewer, SnapshotRefused
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import free_port, make_settings
from tests.warehouse import releases
from tests.warehouse.events import PLAIN, PLAIN_ROW, current, deliver, event
from warehouse import migrate, snapshots
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
def test_it_is_migrated_and_nothing_is_lost_and_the_way_back_is_one_step(path: Path, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, warehouse_port=free_port(), warehouse_fsync=False)
    releases.unpack(path, tmp_path)
    wider = dataclasses.replace(PLAIN, version="1.1.0", columns=(*PLAIN.columns, NEW))
    contracts = Contracts({**releases.CONTRACTS, wider.name: wider})
    now = snapshots.this_maker("9.9.9", contracts)
    assert snapshots.has_data(settings)
    assert snapshots.needs_snapshot(snapshots.maker_of(settings), now)
    taken = snapshots.take(settings)
    process = WarehouseProcess(settings)
    process.start()
    try:
        with pytest.raises(SnapshotRefused, match="running"):
            snapshots.put_back(settings)
        with Warehouse(settings) as warehouse:
            assert migrate.apply(settings, contracts).steps
            assert migrate.plan(settings, contracts).steps == ()
            assert [drift for drift in find_drift(warehouse) if drift.kind != "unknown"] == []
            row = {**PLAIN_ROW, "id": "00000000-0000-7000-8000-000000000009", "nickname": "late"}
            deliver(warehouse, wider, [event("c", row, 2)])
            assert [one["nickname"] for one in current(warehouse, wider)] == [None, "late"]
            assert [one["title"] for one in current(warehouse, wider)] == [PLAIN_ROW["title"]] * 2
            assert warehouse.scalar("SELECT count() FROM marts.currencies") == 3
            # Parts that are merged away, or dropped, are still those of the snapshot.
            warehouse.command("OPTIMIZE TABLE ops.publications FINAL")
    finally:
        ended = process.stop()
    assert ended == 0
    snapshots.note_maker(settings, now)
    assert not snapshots.needs_snapshot(snapshots.maker_of(settings), now)

    assert snapshots.put_back(settings).path == taken.path
    assert snapshots.maker_of(settings) is None
    assert rows(process) == ([PLAIN_ROW["title"]], False)
    assert [one.maker for one in snapshots.snapshots(settings)] == [now]
    snapshots.put_back(settings)
    assert snapshots.maker_of(settings) == now
    assert rows(process) == ([PLAIN_ROW["title"]] * 2, True)


def rows(process: WarehouseProcess) -> tuple[list[object], bool]:
    """The titles in the warehouse, and whether its table has the new column."""
    process.start()
    try:
        with Warehouse(process.settings) as warehouse:
            titles = [one["title"] for one in current(warehouse, PLAIN)]
            columns = warehouse.query(
                "SELECT name FROM system.columns WHERE database = 'ods' AND table = {table:String}",
                {"table": PLAIN.name},
            ).rows
            return titles, (NEW.name,) in columns
    finally:
        process.stop()


def test_files_of_parts_are_linked_and_others_copied(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    part = tmp_path / "warehouse" / "data" / "store" / "all_1_1_0"
    part.mkdir(parents=True)
    for name in ("columns.txt", "data.bin"):
        (part / name).write_text("x")
    other = part.parent / "masking.bin"
    other.write_text("before")
    twin = snapshots.take(settings).path / "data" / "store"
    other.write_text("after")
    assert (part / "data.bin").samefile(twin / "all_1_1_0" / "data.bin")
    assert (twin / "masking.bin").read_text() == "before"


def test_what_a_newer_engine_made_is_refused() -> None:
    now = snapshots.Maker("1.0.0", "4.4.0", "schema")
    with pytest.raises(DataNewer, match=r"4\.10\.0"):
        snapshots.needs_snapshot(snapshots.Maker("2.0.0", "4.10.0", "schema"), now)
    assert not snapshots.needs_snapshot(dataclasses.replace(now, platform="0.9.0"), now)
    assert snapshots.needs_snapshot(dataclasses.replace(now, engine="4.3.9"), now)


def test_only_the_newest_snapshots_are_kept(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    (tmp_path / "warehouse" / "data" / "store").mkdir(parents=True)
    with pytest.raises(SnapshotRefused, match="no snapshot"):
        snapshots.put_back(settings)
    for day in (1, 2):
        (tmp_path / "warehouse" / "snapshots" / f"2026010{day}T000000Z").mkdir(parents=True)
    newest = snapshots.take(settings)
    assert [one.path.name for one in snapshots.snapshots(settings)] == [newest.path.name, "20260102T000000Z"]
