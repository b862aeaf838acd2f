"""Data folders of releases, kept small: ``python -m tests.warehouse.releases VERSION`` makes one.

It holds one table of a source with a row, and a published mart, as that release's ``apply`` made them.
"""

from __future__ import annotations

import io
import sys
import tarfile
import tempfile
from pathlib import Path

import zstandard

from bilten.contracts import Contracts, load_contracts
from bilten.settings import Settings
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import free_port, make_settings
from tests.warehouse.events import PLAIN, PLAIN_ROW, deliver, event
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.readers import CLONES_DATABASE, clone_name, mart_type

FOLDER = Path(__file__).parent / "releases"
MART = load_contracts()["currencies"]
CONTRACTS = Contracts({PLAIN.name: PLAIN, MART.name: MART})
BUILD = "20260101T000000Z"


def fill(settings: Settings) -> None:
    """A record, and a published mart of three rows."""
    migrate.apply(settings, CONTRACTS)
    columns = ", ".join(f"`{column.name}` {mart_type(column)}" for column in MART.columns)
    table = f"{CLONES_DATABASE}.`{clone_name(MART.name, BUILD)}`"
    with Warehouse(settings) as warehouse:
        for sql in (
            f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY currency",
            f"INSERT INTO {table} (currency) VALUES ('AUD'), ('BAM'), ('CAD')",
            f"INSERT INTO ops.publications VALUES (now64(6), '{BUILD}', 'build_x', 'publish', '')",
        ):
            warehouse.command(sql)
        deliver(warehouse, PLAIN, [event("c", PLAIN_ROW, 1)])


def make(version: str) -> Path:
    """Write the data folder of this checkout as a release."""
    with tempfile.TemporaryDirectory() as folder:
        process = WarehouseProcess(make_settings(Path(folder), warehouse_port=free_port()))
        process.start()
        try:
            fill(process.settings)
        finally:
            process.stop()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(Path(folder) / "warehouse" / "data", "warehouse/data")
    path = FOLDER / f"{version}.tar.zst"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zstandard.ZstdCompressor(19).compress(packed.getvalue()))
    return path


def unpack(path: Path, home: Path) -> None:
    """Lay a release's data folder out."""
    data = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(home, filter="data")


if __name__ == "__main__":
    sys.stdout.write(f"{make(sys.argv[1])}\n")
