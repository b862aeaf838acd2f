"""When a failed connector is restarted."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ingestion.connector import ConnectorStatus
from ingestion.revival import LONGEST_PAUSE_SECONDS, SOUND_SECONDS, Pauses

RUNNING = ConnectorStatus("ticketing", "RUNNING", {0: "RUNNING"})
FAILED = ConnectorStatus("ticketing", "RUNNING", {0: "FAILED"}, "it broke")


def restarts(statuses: dict[float, ConnectorStatus]) -> list[float]:
    pauses = Pauses()
    return [now for now, status in statuses.items() if pauses.is_due(status, now)]


@pytest.mark.parametrize(
    "status",
    [RUNNING, ConnectorStatus("ticketing", "PAUSED", {0: "PAUSED"}), ConnectorStatus("t", "MISSING", {})],
)
def test_what_did_not_fail_is_left_alone(status: ConnectorStatus) -> None:
    assert restarts({0.0: status, 1000.0: status}) == []


def test_the_first_failure_is_mended_at_once_and_later_ones_ever_more_rarely() -> None:
    seen = restarts({float(second): FAILED for second in range(0, 3600, 5)})
    assert seen[:6] == [0, 5, 15, 35, 75, 155]
    assert {later - earlier for earlier, later in pairwise(seen[8:])} == {LONGEST_PAUSE_SECONDS}


def test_after_ten_sound_minutes_it_begins_again() -> None:
    statuses = {0.0: FAILED, 5.0: FAILED, 15.0: FAILED, 20.0: RUNNING, 15 + SOUND_SECONDS: RUNNING}
    statuses |= {700.0: FAILED, 704.0: FAILED, 705.0: FAILED}
    assert restarts(statuses) == [0, 5, 15, 700, 705]


def test_a_short_recovery_is_none() -> None:
    assert restarts({0.0: FAILED, 5.0: FAILED, 10.0: RUNNING, 12.0: FAILED, 15.0: FAILED}) == [0, 5, 15]
