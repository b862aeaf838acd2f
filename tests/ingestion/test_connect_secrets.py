from __future__ import annotations

from pathlib import Path

import pytest

from bilten.settings import Settings
from ingestion.connect_secrets import secrets_folder, with_references

COMPILED = {"database.user": "bilten", "database.password": "s3cr${env:X}\nt"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, home=tmp_path)
    secrets_folder(made).mkdir(parents=True)
    return made


def test_the_bundled_worker_gets_a_reference(settings: Settings) -> None:
    sent, is_new = with_references(settings, "shop", COMPILED)
    folder = secrets_folder(settings)
    assert sent == {
        "database.user": "bilten",
        "database.password": f"${{secrets:{folder.resolve()}:shop.database.password}}",
    }
    assert is_new
    kept = folder / "shop.database.password"
    assert kept.read_text(encoding="utf-8") == COMPILED["database.password"]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["shop.database.password"]


def test_only_another_password_is_new(settings: Settings) -> None:
    sent, _ = with_references(settings, "shop", COMPILED)
    assert with_references(settings, "shop", COMPILED) == (sent, False)
    assert with_references(settings, "shop", {**COMPILED, "database.password": "other"}) == (sent, True)


def test_a_worker_of_ones_own_gets_the_password(settings: Settings) -> None:
    own = settings.model_copy(update={"connect_url": "http://connect.example:8083"})
    assert with_references(own, "shop", COMPILED) == (COMPILED, False)
    assert list(secrets_folder(settings).iterdir()) == []


def test_an_address_that_holds_a_password_is_a_secret_too(settings: Settings) -> None:
    sent, _ = with_references(settings, "shop", {"mongodb.connection.string": "mongodb://u:p@db.example"})
    assert sent["mongodb.connection.string"].endswith(":shop.mongodb.connection.string}")
