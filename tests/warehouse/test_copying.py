"""A warehouse copied to another one, which then answers the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bilten.errors import CopyRefused
from bilten.settings import Settings
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import free_port, make_settings
from tests.warehouse import releases
from tests.warehouse.events import PLAIN
from tests.warehouse.releases import BUILD, CONTRACTS, MART
from warehouse.client import Warehouse
from warehouse.copying import Copied, copy_warehouse, fingerprint
from warehouse.readers import CLONES_DATABASE, clone_name

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Settings]]:
    processes = [
        WarehouseProcess(
            make_settings(
                Path(tmp_path_factory.mktemp(name)), warehouse_port=free_port(), warehouse_fsync=False
            )
        )
        for name in ("from", "to")
    ]
    for process in processes:
        process.start()
    source, target = (process.settings for process in processes)
    try:
        fill(source)
        yield source, target
    finally:
        ended = [process.stop() for process in processes]
    assert ended == [0, 0]


def fill(settings: Settings) -> None:
    """As a release, and a position that was moved."""
    releases.fill(settings)
    with Warehouse(settings) as warehouse:
        for offset in (5, 9):
            warehouse.command(
                "INSERT INTO ops.ledger (topic, next_offset, loaded_at) "
                f"SELECT 't', {offset}, now64(6) + {offset}"
            )


def copied(both: tuple[Settings, Settings], *, replace: bool = False) -> dict[str, Copied]:
    source, target = both
    url = SecretStr(target.warehouse_http_url)
    found = copy_warehouse(source, url, replace=replace, tell=lambda _: None, contracts=CONTRACTS)
    return {one.table: one for one in found}


def test_the_other_warehouse_answers_the_same(both: tuple[Settings, Settings]) -> None:
    found = copied(both)
    assert {one.outcome for one in found.values()} <= {"copied", "already there"}
    assert found[f"raw.{PLAIN.name}"] == Copied(f"raw.{PLAIN.name}", 1, "copied")
    source, target = both
    with Warehouse(source) as here, Warehouse(target) as there:
        for sql in (
            f"SELECT * FROM ods.`{PLAIN.name}`",
            "SELECT count(), max(currency) FROM marts.currencies",
            "SELECT * FROM ops.positions FINAL",
            "SELECT * FROM ops.publications",
        ):
            rows = here.query(sql).rows
            assert rows, sql
            assert there.query(sql).rows == rows, sql
    assert {one.outcome for one in copied(both).values()} == {"already there"}


def test_what_the_other_one_has_by_itself_is_not_overwritten(both: tuple[Settings, Settings]) -> None:
    copied(both)
    with Warehouse(both[1]) as there:
        there.command(
            f"INSERT INTO {CLONES_DATABASE}.`{clone_name(MART.name, BUILD)}` (currency) VALUES ('X')"
        )
    with pytest.raises(CopyRefused, match="4 rows"):
        copied(both)
    assert copied(both, replace=True)[f"builds.{clone_name(MART.name, BUILD)}"].outcome == "copied"


def test_a_warehouse_is_not_copied_to_itself(both: tuple[Settings, Settings]) -> None:
    with pytest.raises(CopyRefused, match="same warehouse"):
        copied((both[0], both[0]))


def test_the_fingerprint_knows_nulls_and_order(both: tuple[Settings, Settings]) -> None:
    with Warehouse(both[0]) as warehouse:
        for name, values in (
            ("a", "(1, NULL), (2, 'x')"),
            ("b", "(2, 'x'), (1, NULL)"),
            ("c", "(1, 'x'), (2, 'x')"),
        ):
            warehouse.command(
                f"CREATE TABLE default.{name} (n Int8, s Nullable(String)) ENGINE = MergeTree ORDER BY ()"
            )
            warehouse.command(f"INSERT INTO default.{name} VALUES {values}")
        prints = [fingerprint(warehouse, f"default.{name}") for name in "abc"]
    assert prints[0] == prints[1] != prints[2]
