"""Errors of the platform as Dagster's retries and failures: inside of real runs."""

import pytest
from dagster import AssetExecutionContext, AssetsDefinition, ExecuteInProcessResult, asset, materialize

from bilten.errors import BiltenError, ContractError, WarehouseUnavailable
from orchestration import failures
from orchestration.failures import RETRIES, failures_explained, pause_before_retry


def failing(error: BiltenError, times: int) -> tuple[AssetsDefinition, list[int]]:
    tries: list[int] = []

    @asset
    def step(context: AssetExecutionContext) -> None:
        with failures_explained(context):
            tries.append(context.retry_number)
            if len(tries) <= times:
                raise error

    return step, tries


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "FIRST_PAUSE_SECONDS", 0.0)


def run(step: AssetsDefinition) -> ExecuteInProcessResult:
    return materialize([step], raise_on_error=False)


def test_an_error_that_may_pass_is_tried_again_until_it_has() -> None:
    step, tries = failing(WarehouseUnavailable("It is down."), times=2)
    assert run(step).success
    assert tries == [0, 1, 2]


def test_one_that_does_not_pass_says_why_in_the_end() -> None:
    step, tries = failing(WarehouseUnavailable("It is down."), times=99)
    result = run(step)
    assert not result.success
    assert len(tries) == RETRIES + 1
    failure = result.failure_data_for_node("step")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert failure.user_failure_data.description == "It is down."


def test_a_final_error_is_not_tried_again() -> None:
    step, tries = failing(
        ContractError("It is broken.", why="A typing error.", remedy="Correct it."), times=99
    )
    failure = run(step).failure_data_for_node("step")
    assert tries == [0]
    assert failure is not None
    assert failure.user_failure_data is not None
    assert {name: str(entry.value) for name, entry in failure.user_failure_data.metadata.items()} == {
        "why": "A typing error.",
        "next": "Correct it.",
        "code": "contract",
    }


def test_each_pause_is_twice_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert [pause_before_retry(number) for number in range(3)] == [10.0, 20.0, 40.0]
