"""The end of the traffic: the warehouse has caught up only when nothing is on its way any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bilten.cli import traffic_end
from bilten.errors import ServiceNotReady
from stack.status import Status, TableStatus
from tests.settings import make_settings

TABLE = TableStatus(dataset="tickets__orders", source=5, topic=9, raw=9, ods=5, bronze=0, lag=0)
DONE = Status(
    home="",
    processes=(),
    tables=(TABLE,),
    marts={},
    published_build=None,
    refused=None,
    freshness=None,
    cuts={},
    dead_letters={},
    log=None,
    unanswered={},
)


def seen(**changes: object) -> Status:
    return replace(DONE, tables=(replace(TABLE, **changes),))  # type: ignore[arg-type]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Status]]:
    """What is seen, look by look; the last one stays."""
    states: list[Status] = []
    monkeypatch.setattr(traffic_end, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr("stack.status.gather", lambda *_: states.pop(0) if len(states) > 1 else states[0])
    yield states


def wait(tmp_path: Path, patience: float = 10) -> int:
    told: list[str] = []
    traffic_end.wait_until_caught_up(make_settings(tmp_path), told.append, patience)
    return len(told)


def test_two_equal_looks_with_nothing_left_are_enough(tmp_path: Path, looks: list[Status]) -> None:
    looks += [DONE]
    assert wait(tmp_path) == 1


def test_it_waits_while_records_or_rows_are_missing(tmp_path: Path, looks: list[Status]) -> None:
    looks += [seen(lag=3), seen(ods=4), replace(DONE, unanswered={"kafka": "down"}), seen(source=6), DONE]
    assert wait(tmp_path) == 4


def test_a_topic_that_still_grows_is_waited_for_though_counts_agree(
    tmp_path: Path, looks: list[Status]
) -> None:
    looks += [DONE, seen(topic=10), seen(topic=11), seen(topic=11)]
    assert wait(tmp_path) == 3


def test_it_gives_up_in_the_end(tmp_path: Path, looks: list[Status]) -> None:
    looks += [seen(lag=1)]
    with pytest.raises(ServiceNotReady, match="not caught up"):
        wait(tmp_path, patience=0.05)
