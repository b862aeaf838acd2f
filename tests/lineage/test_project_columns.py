"""Column lineage of the real dbt project: every column of every model, down to the sources' columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bilten.contracts import Contracts, load_contracts
from bilten.settings import Settings
from lineage.dbt import Invocation, columns_of, events_of, flows_of
from lineage.events import as_dict
from lineage.flows import Flow
from lineage.judging import judge
from lineage.names import DatasetName
from tests.dbt.project import run_dbt
from tests.lineage.samples import NAMES, PARENT
from tests.lineage.specification import validate

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(600)]

BUILD = "20260329T005930_1a2b3c4d"


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load_contracts()


@pytest.fixture(scope="module")
def invocation(
    warehouse_settings: Settings, contracts: Contracts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Invocation]:
    """The project as dbt compiles it; nothing has to be built for that."""
    target: Path = tmp_path_factory.mktemp("compiled")
    outcome = run_dbt(target, "compile", settings=warehouse_settings, build=BUILD)
    assert outcome.status == 0, outcome.output[-5000:]
    results = json.loads((target / "run_results.json").read_text())
    yield Invocation(outcome.manifest, results, columns=columns_of(contracts.sources()))


@pytest.fixture(scope="module")
def flows(invocation: Invocation) -> dict[DatasetName, Flow]:
    nodes = invocation.manifest["nodes"]
    return {
        NAMES.warehouse(nodes[identifier]["schema"], nodes[identifier]["alias"]): flow
        for identifier, flow in flows_of(NAMES, invocation).items()
    }


def test_every_column_of_every_model_is_resolved(flows: dict[DatasetName, Flow]) -> None:
    lost = {name.name: flow.unresolved for name, flow in flows.items() if flow.unresolved}
    assert lost == {}
    assert sum(len(flow.fields) for flow in flows.values()) > 500


def test_the_project_is_explained_and_shows_no_personal_data_undeclared(
    invocation: Invocation, contracts: Contracts
) -> None:
    found = judge(NAMES, contracts.values(), invocation, flows_of(NAMES, invocation))
    assert {each.mart for each in found} == {contract.name for contract in contracts.marts()}
    assert [each for each in found if each.failures or each.warnings] == []


def test_every_mart_has_the_columns_of_its_contract(
    flows: dict[DatasetName, Flow], contracts: Contracts
) -> None:
    for contract in contracts.marts():
        columns = [column.name for column in contract.columns]
        assert sorted(flows[NAMES.built(contract.name)].fields) == sorted(columns), contract.name


def test_every_mart_leads_to_columns_that_contracts_know(
    flows: dict[DatasetName, Flow], contracts: Contracts
) -> None:
    known = {
        (layer(contract.name), column.name)
        for contract in contracts.sources()
        for layer in (NAMES.ods, NAMES.raw)
        for column in contract.columns
    }
    # How fresh a mart is comes from when and where its changes were committed.
    known |= {
        (NAMES.raw(contract.name), name)
        for contract in contracts.sources()
        for name in ("_committed_at", "_position")
    }
    for contract in contracts.marts():
        for column in contract.columns:
            ends = leaves(flows, NAMES.built(contract.name), column.name)
            assert any(end in known for end in ends), f"{contract.name}.{column.name} comes from {ends}"


def test_the_money_of_sales_by_day_comes_from_the_money_of_orders(flows: dict[DatasetName, Flow]) -> None:
    ends = leaves(flows, NAMES.built("sales_by_day"), "total_amount_eur", rows=False)
    assert (NAMES.ods("tickets__orders"), "total") in ends
    assert (NAMES.ods("financial__exchange_rates"), "rate") in ends
    assert (NAMES.ods("users__users"), "email") not in ends


def test_the_events_of_the_whole_project_are_valid(invocation: Invocation) -> None:
    events = [as_dict(event) for event in events_of(NAMES, invocation, parent=PARENT)]
    for event in events:
        validate(event)
    models = {event["job"]["name"] for event in events if event["job"]["name"].startswith("dbt.model.")}
    assert len(models) > 50


def leaves(
    flows: dict[DatasetName, Flow], dataset: DatasetName, column: str, *, rows: bool = True
) -> set[tuple[DatasetName, str]]:
    """Columns of datasets that are no models, which a column of a model comes from."""
    found: set[tuple[DatasetName, str]] = set()
    done: set[tuple[DatasetName, str]] = set()
    waiting = [(dataset, column)]
    while waiting:
        here = waiting.pop()
        if here in done:
            continue
        done.add(here)
        flow = flows.get(here[0])
        if flow is None:
            found.add(here)
            continue
        origins = [*flow.fields[here[1]], *(flow.everything if rows else ())]
        waiting += [(origin.dataset, origin.field) for origin in origins]
    return found
