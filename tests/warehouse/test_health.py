from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from warehouse.server.failures import EngineError
from warehouse.server.health import Health


class Patient:
    """An engine that answers as it was told, and works from then on."""

    def __init__(self, answers: Iterable[int | None]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self) -> None:
        self.asked += 1
        code = self.answers.pop(0) if self.answers else None
        if code is not None:
            raise EngineError("no", code=code, name="NAME")


async def watched(patient: Patient, *, alarms: int = 0, seconds: float = 0.3) -> bool:
    """Whether the watch gave the engine up within some time."""
    health = Health(patient, interval=0.01 if not alarms else 60, retry=0.01, patience=0.05)
    for _ in range(alarms):
        health.suspect()
    try:
        await asyncio.wait_for(health.watch(), seconds)
    except TimeoutError:
        return False
    return True


def test_an_engine_that_fails_three_times_in_a_row_is_given_up() -> None:
    patient = Patient([None, 236, 236, 236])
    assert asyncio.run(watched(patient))
    assert patient.asked == 4


def test_an_engine_that_recovers_is_kept() -> None:
    assert not asyncio.run(watched(Patient([236, 236, None, 236, 236, None])))


@pytest.mark.parametrize("code", [241, 202])
def test_a_busy_engine_is_not_a_broken_one(code: int) -> None:
    assert not asyncio.run(watched(Patient([code] * 10)))


def test_a_watch_that_is_ended_as_an_answer_arrives_ends() -> None:
    async def watch() -> None:
        async def ask() -> None:
            watching.cancel()

        watching = asyncio.create_task(Health(ask, interval=0.01).watch())
        await asyncio.wait([watching], timeout=2)
        assert watching.cancelled()

    asyncio.run(watch())


def test_a_suspicion_is_looked_into_at_once() -> None:
    assert asyncio.run(watched(Patient([236, 236, 236]), alarms=1))


def test_an_engine_that_does_not_answer_is_given_up() -> None:
    async def silent() -> None:
        await asyncio.sleep(60)

    async def watch() -> str | None:
        health = Health(silent, interval=0.01, retry=0.01, patience=0.02)
        await asyncio.wait_for(health.watch(), 2)
        return await health.problem()

    assert "did not answer" in (asyncio.run(watch()) or "")
