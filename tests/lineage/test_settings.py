"""Who gets the events besides the warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from bilten.settings import Settings, load_settings
from lineage.server import receivers_of
from tests.settings import make_settings
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore


def receivers(settings: Settings) -> list[str]:
    with Warehouse(settings) as warehouse:
        return [receiver.name for receiver in receivers_of(settings, LineageStore(warehouse))]


@pytest.mark.parametrize("name", ["OPENLINEAGE_URL", "BILTEN_OPENLINEAGE_URL"])
def test_openlineages_own_name_is_understood_too(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENLINEAGE_URL", raising=False)
    monkeypatch.setenv(name, "http://marquez:5000")
    assert receivers(load_settings()) == ["warehouse", "http://marquez:5000"]


def test_the_name_with_prefix_is_stronger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENLINEAGE_URL", "http://a:1")
    monkeypatch.setenv("BILTEN_OPENLINEAGE_URL", "http://b:2")
    assert receivers(load_settings()) == ["warehouse", "http://b:2"]


def test_the_service_does_not_send_to_itself(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, lineage_port=3999, openlineage_url="http://127.0.0.1:3999/")
    assert receivers(settings) == ["warehouse"]
