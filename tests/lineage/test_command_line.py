"""`bilten lineage`, as a person uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bilten.cli.lineage import app
from bilten.errors import BiltenError, EvidenceInvalid, LineageError
from bilten.settings import Settings
from lineage.emitter import Emitter
from tests.lineage.test_store import history
from tests.settings import environment, free_port, make_settings
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore
from warehouse.schema import database_statements, platform_statements

PATH = [
    "marts.sales_by_day",
    "build.sales_by_day",
    "build.int_orders",
    "staging.stg_tickets__orders",
    "ods.tickets__orders",
    "raw.tickets__orders",
    "ticketing.tickets.orders Kafka",
    "ticketing.tickets.orders PostgreSQL",
]


def use(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Let commands load these settings."""
    monkeypatch.chdir(settings.home)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str) -> Result:
    found = CliRunner().invoke(app, list(arguments))
    if isinstance(found.exception, BiltenError):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found


@pytest.fixture
def delivered(
    warehouse_settings: Settings, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A warehouse to which the whole way of an order was delivered by the command."""
    warehouse.command("DROP DATABASE IF EXISTS lineage")
    # Where the tables of further sources are is kept beside lineage.
    for statement in (*database_statements(), *platform_statements()):
        warehouse.command(statement.sql)
    settings = warehouse_settings.model_copy(update={"home": tmp_path})
    use(monkeypatch, settings)
    emitter = Emitter(settings)
    emitter.emit_all(json.loads(body) for body in history())
    emitter.close()
    assert "19 delivered, 0 refused" in run("deliver").output
    yield
    warehouse.command("DROP DATABASE IF EXISTS lineage")
    LineageStore(warehouse).create()


@pytest.mark.warehouse
def test_a_mart_is_drawn_back_to_the_columns_in_postgresql(delivered: None) -> None:
    lines = run("show", "marts.sales_by_day", "--upstream").output.splitlines()
    assert len(lines) == len(PATH) + 1
    for line, expected in zip(lines, PATH, strict=False):
        assert expected in line
    assert lines[-1].strip(" └─") == "created_at, total"


@pytest.mark.warehouse
def test_each_column_is_followed_with_the_way_it_was_used(delivered: None) -> None:
    text = run("show", "marts.sales_by_day", "--columns").output
    assert "build.int_orders.amount warehouse aggregation" in text
    assert "ticketing.tickets.orders.total PostgreSQL" in text
    assert "build.sales_by_day.(all rows)" in text
    text = run("show", "raw.tickets__orders", "--downstream", "--column", "buyer_email").output
    assert "build.int_orders.buyer warehouse transformation masked" in text
    assert "sales_by_day" not in text


@pytest.mark.warehouse
def test_json_is_for_programs(delivered: None) -> None:
    def load(*arguments: str) -> Any:
        return json.loads(run(*arguments, "--json").output)

    graph = load("show", "marts.sales_by_day")
    assert len(graph["nodes"]) == len(PATH)
    columns = load("show", "marts.sales_by_day", "--column", "gross")
    assert {"dataset": graph["start"][0], "column": "gross"} in columns["start"]
    assert {row["name"] for row in load("datasets", "sales_by")} == {
        "build.sales_by_day",
        "marts.sales_by_day",
    }
    assert [(state["receiver"], state["waiting"], state["delivered"]) for state in load("outbox")] == [
        ("warehouse", 0, 19)
    ]


@pytest.mark.warehouse
def test_a_dataset_nobody_named_is_an_explained_error(delivered: None) -> None:
    with pytest.raises(LineageError, match=r"No event has named the dataset marts\.nothing"):
        run("show", "marts.nothing")
    with pytest.raises(LineageError, match="One direction"):
        run("show", "marts.sales_by_day", "--upstream", "--downstream")


def test_what_waits_is_told_while_the_warehouse_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(tmp_path, warehouse_port=free_port())
    use(monkeypatch, settings)
    emitter = Emitter(settings)
    emitter.emit({"x": 1})
    emitter.close()
    with pytest.raises(LineageError, match="does not answer"):
        run("deliver")
    text = run("outbox").output
    assert "does not answer" in text
    assert text.splitlines()[1].split()[:2] == ["warehouse", "1"]


def test_evidence_is_exported_and_verified_and_a_changed_byte_is_named(
    delivered: None, tmp_path: Path
) -> None:
    target = tmp_path / "evidence.zip"
    assert "events" in run("export", "marts.sales_by_day", str(target), "--column", "gross").output
    answer = json.loads(run("verify", str(target), "--json").output)
    assert answer["valid"]
    assert not answer["trusted_key"]
    assert answer["question"]["column"] == "gross"
    assert "Nothing was changed." in run("verify", str(target)).output
    data = bytearray(target.read_bytes())
    data[data.index(b'"COMPLETE"') + 3] ^= 1
    target.write_bytes(data)
    with pytest.raises(EvidenceInvalid, match=r"Changed: events\.jsonl:\d+"):
        run("verify", str(target))
    with pytest.raises(LineageError, match="cannot be read"):
        run("verify", str(tmp_path / "nowhere.zip"))
