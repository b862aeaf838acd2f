"""What is told, when, and to whom; by a real HTTP receiver."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from dagster import DagsterInstance
from hypothesis import given
from hypothesis import strategies as st

from bilten.contracts import Contracts
from bilten.errors import AlertNotDelivered, SettingsError, WarehouseUnavailable
from bilten.settings import Settings
from orchestration import watching
from orchestration.alerting import tell_news
from orchestration.alerts import Alert, Look, Message, Problem, follow, read, written
from orchestration.resources import Platform
from orchestration.telling import tell
from tests.settings import free_port, make_settings

LOG = logging.getLogger("alerts")
BEGAN = datetime(2026, 2, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PATIENCE = timedelta(minutes=30)
GATE = Problem("gate", "Build 7 is not published: 1 rule did not pass", "- orders.total", ("orders.total",))
WORSE = Problem("gate", GATE.title, GATE.details, ("orders.total", "orders.key"))


class Receiver:
    """Takes what apprise's json:// sends."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.heard.append({**body, "path": self.path})
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", free_port()), Handler)

    def address(self, path: str) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/{path}"

    def titles(self, path: str = "/team") -> list[str]:
        return [each["title"] for each in self.heard if each["path"] == path]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.server.serve_forever, daemon=True)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()


@pytest.fixture
def settings(receiver: Receiver, tmp_path: Path) -> Settings:
    return make_settings(
        tmp_path,
        env="staging",
        alert_channels=receiver.address("team"),
        alert_escalation_channels=receiver.address("chief"),
    )


def look(*problems: Problem, untold: tuple[str, ...] = ()) -> Look:
    return Look({problem.key: problem for problem in problems}, frozenset(untold))


def watch(settings: Settings, looks: list[tuple[int, Look]]) -> dict[str, Alert]:
    """Looks at minutes; what stands goes through its text each time, as through the sensor's cursor."""
    kept = ""
    for minute, seen in looks:
        standing = tell_news(settings, read(kept), seen, BEGAN + minute * MINUTE, LOG)
        kept = written(standing)
    return read(kept)


def test_a_problem_is_told_once_escalates_and_is_over(settings: Settings, receiver: Receiver) -> None:
    looks = [(minute, look(GATE)) for minute in range(92)]
    standing = watch(settings, [*looks, (92, look()), (93, look())])
    assert standing == {}
    said = "Build 7 is not published: 1 rule did not pass"
    escalated = [f"{said}, for 30 min", f"{said}, for 1 h 0 min", f"Over after 1 h 33 min: {said}"]
    assert receiver.titles("/team") == [f"[bilten staging] {title}" for title in (said, *escalated)]
    assert receiver.titles("/chief") == [f"[bilten staging] {title}" for title in escalated]
    assert [each["type"] for each in receiver.heard] == ["failure"] * 5 + ["success"] * 2
    assert "orders.total" in receiver.heard[0]["message"]


def test_what_comes_and_goes_is_one_problem(settings: Settings, receiver: Receiver) -> None:
    watch(settings, [(minute, look(*([GATE] if minute % 2 else []))) for minute in range(1, 20)])
    assert len(receiver.heard) == 1


def test_a_rule_that_fails_as_well_is_news(settings: Settings, receiver: Receiver) -> None:
    watch(settings, [(0, look(GATE)), (1, look(WORSE)), (2, look(GATE)), (3, look(WORSE))])
    assert [title.partition("pass")[2] for title in receiver.titles()] == ["", " (more than before)"]


def test_whoever_cannot_look_has_not_seen_that_it_is_over(settings: Settings, receiver: Receiver) -> None:
    unknown = Problem("unknown:gate", "Nobody can tell: the warehouse does not answer.", "")
    dark = [(minute, look(unknown, untold=("gate",))) for minute in range(1, 10)]
    standing = watch(settings, [(0, look(GATE)), *dark, (10, look(GATE)), (11, look(GATE))])
    assert list(standing) == ["gate"]
    assert [title.partition("] ")[2][:12] for title in receiver.titles()] == [
        "Build 7 is n",
        "Nobody can t",
        "Over after 1",
    ]


def test_a_message_that_was_not_taken_is_sent_again(settings: Settings, receiver: Receiver) -> None:
    receiver.status = 503
    assert tell_news(settings, {}, look(GATE), BEGAN, LOG) == {}
    receiver.status = 200
    assert list(tell_news(settings, {}, look(GATE), BEGAN + MINUTE, LOG)) == ["gate"]
    assert len(receiver.heard) == 2


def test_a_channel_that_is_down_is_an_error_that_may_pass(settings: Settings, receiver: Receiver) -> None:
    receiver.status = 500
    with pytest.raises(AlertNotDelivered) as caught:
        tell(settings, Message("begins", GATE, MINUTE, escalated=False))
    assert caught.value.retryable


def test_an_address_that_apprise_does_not_know_is_not_shown(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, alert_channels="nowhere://user:secret@host")
    with pytest.raises(SettingsError) as caught:
        tell(settings, Message("begins", GATE, MINUTE, escalated=False))
    assert "secret" not in str(caught.value)


def test_without_channels_nobody_is_told(tmp_path: Path) -> None:
    assert not tell(make_settings(tmp_path), Message("begins", GATE, MINUTE, escalated=True))


@given(st.lists(st.booleans(), max_size=200))
def test_every_beginning_has_one_end(seen: list[bool]) -> None:
    alert: Alert | None = None
    told = []
    for minute, is_there in enumerate([*seen, False, False]):
        alert, message = follow(alert, GATE if is_there else None, BEGAN + minute * MINUTE, PATIENCE)
        if message is not None:
            told.append(message.news)
    assert alert is None
    ends = [news for news in told if news in {"begins", "is over"}]
    assert ends == ["begins", "is over"] * (len(ends) // 2)
    assert bool(told) == any(seen)


@pytest.mark.parametrize("error", [WarehouseUnavailable("It is down."), OSError("no route to host")])
def test_a_watcher_that_stumbles_stops_no_other(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*_: object) -> list[Problem]:
        raise error

    monkeypatch.setattr(watching, "WATCHERS", {"marts": stumbles, "gate": lambda *_: [GATE]})
    platform = Platform(make_settings(tmp_path), Contracts(), tmp_path)
    with DagsterInstance.ephemeral() as instance:
        seen = watching.look(platform, instance)
    assert set(seen.found) == {"gate", "unknown:marts"}
    assert seen.untold == {"marts"}
    assert str(error).split()[0] in seen.found["unknown:marts"].title + seen.found["unknown:marts"].details
