"""The dbt project without a warehouse: it parses, is described, and says what the contracts say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from bilten.contracts import load_contracts
from bilten.settings import PROJECT_ROOT
from tests.dbt.project import run_dbt
from warehouse.mart_models import GENERATED, check_names, marts_page, row_rules
from warehouse.readers import mart_type

MARTS = load_contracts().marts()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    outcome = run_dbt(tmp_path_factory.mktemp("parse"), "--warn-error", "parse")
    assert outcome.status == 0, outcome.output
    return outcome.manifest


def models(manifest: Mapping[str, Any], layer: str) -> dict[str, Mapping[str, Any]]:
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == layer
    }


def test_the_page_of_the_marts_is_current() -> None:
    written = (PROJECT_ROOT / GENERATED).read_text(encoding="utf-8")
    assert written == marts_page(MARTS), "run `make generate`"


def test_every_mart_has_a_contract_and_every_contract_a_mart(manifest: Mapping[str, Any]) -> None:
    assert set(models(manifest, "marts")) == {contract.name for contract in MARTS}


def test_marts_enforce_what_readers_are_promised(manifest: Mapping[str, Any]) -> None:
    for contract in MARTS:
        node = models(manifest, "marts")[contract.name]
        assert node["config"]["contract"]["enforced"]
        assert {name: column["data_type"] for name, column in node["columns"].items()} == {
            column.name: mart_type(column) for column in contract.columns
        }


def test_every_rule_of_a_contract_is_a_test(manifest: Mapping[str, Any]) -> None:
    tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    for contract in MARTS:
        assert set(check_names(contract)) <= tests
        held = {name for name, _ in row_rules(contract)}
        for rule in contract.rules:
            assert rule.name in held or f"{contract.name}__{rule.name}" in tests


def test_every_money_column_has_an_identity() -> None:
    checked = 0
    for contract in MARTS:
        said = " ".join(rule.query or "" for rule in contract.rules)
        money = [column.name for column in contract.columns if column.source_type == "Decimal(18, 2)"]
        for name in money:
            assert re.search(rf"\b{name}\b", said), f"{contract.name}.{name}"
        checked += len(money)
    assert checked > 100


@pytest.mark.parametrize("layer", ["inputs", "intermediate", "marts"])
def test_models_are_described_with_their_grain(manifest: Mapping[str, Any], layer: str) -> None:
    for name, node in models(manifest, layer).items():
        assert "Grain: one row per" in node["description"], name


def test_marts_go_to_the_database_of_the_build(manifest: Mapping[str, Any]) -> None:
    assert {node["schema"] for node in models(manifest, "marts").values()} == {"build_dev"}
    assert {node["schema"] for node in models(manifest, "staging").values()} == {"staging"}


def test_each_layer_reads_the_one_before(manifest: Mapping[str, Any]) -> None:
    """Only inputs read what is live, so that a build is one state of the source."""
    allowed = {
        "inputs": {"staging"},
        "intermediate": {"inputs", "intermediate"},
        "marts": {"inputs", "intermediate"},
    }
    layer_of = {
        unique_id: node["fqn"][1]
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    for unique_id, layer in layer_of.items():
        if layer in allowed:
            parents = manifest["nodes"][unique_id]["depends_on"]["nodes"]
            assert {layer_of[parent] for parent in parents} <= allowed[layer], unique_id


def test_every_mart_is_in_the_group_of_its_owner(manifest: Mapping[str, Any]) -> None:
    groups = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    for contract in MARTS:
        node = models(manifest, "marts")[contract.name]
        assert groups[node["config"]["group"]] == contract.owner
        assert node["config"]["access"] == "public"


def test_organizers_are_shown_what_the_exposure_says(manifest: Mapping[str, Any]) -> None:
    (exposure,) = (each for each in manifest["exposures"].values() if each["name"] == "organizers_own_rows")
    shown = {unique_id.rsplit(".", 1)[1] for unique_id in exposure["depends_on"]["nodes"]}
    assert shown == {contract.name for contract in MARTS if "organizer" in contract.roles}


def test_every_source_of_the_marts_has_its_position(manifest: Mapping[str, Any]) -> None:
    """What `freshness` knows are the sources that models read."""
    read = {
        name.removeprefix("input_").removeprefix("history_")
        for name in models(manifest, "inputs")
        if name != "input_positions"
    }
    node = models(manifest, "inputs")["input_positions"]
    positions = {unique_id.rsplit(".stg_", 1)[1] for unique_id in node["depends_on"]["nodes"]}
    assert positions == read


def test_the_amounts_of_sales_are_metrics(manifest: Mapping[str, Any]) -> None:
    metrics = {metric["name"] for metric in manifest["metrics"].values()}
    columns = {column.name for column in load_contracts()["sales_by_day"].columns}
    assert {name for name in columns if "_amount" in name} <= metrics
