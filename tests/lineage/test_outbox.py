"""The outbox: what `append` returned for is there, whatever happens to the process."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bilten.errors import LineageError
from bilten.settings import PROJECT_ROOT
from lineage.emitter import Emitter, outbox_path
from lineage.outbox import Outbox
from tests.settings import make_settings

WRITER = """
import sys
from pathlib import Path
from lineage.outbox import Outbox

outbox = Outbox(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    outbox.append([{"writer": sys.argv[2], "number": number}])
    print(number, flush=True)
"""


def event(number: int) -> dict[str, Any]:
    return {"number": number}


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    box = Outbox(tmp_path / "lineage" / "outbox.db")
    yield box
    box.close()


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT_ROOT,
    )


def test_events_wait_in_the_order_they_were_kept(outbox: Outbox) -> None:
    assert outbox.append(event(number) for number in range(3)) == 3
    waiting = outbox.waiting("warehouse")
    assert [entry.body for entry in waiting] == ['{"number":0}', '{"number":1}', '{"number":2}']
    assert [entry.sequence for entry in waiting] == [1, 2, 3]
    assert [entry.sequence for entry in outbox.waiting("warehouse", limit=2)] == [1, 2]


def test_the_same_event_is_kept_once(outbox: Outbox) -> None:
    assert outbox.append([event(1), event(1)]) == 1
    assert outbox.append([event(1), event(2)]) == 1
    assert len(outbox.waiting("warehouse")) == 2


def test_each_receiver_has_its_own_position(outbox: Outbox) -> None:
    outbox.append(event(number) for number in range(3))
    outbox.advance("warehouse", 2, 2)
    assert [entry.sequence for entry in outbox.waiting("warehouse")] == [3]
    assert len(outbox.waiting("other")) == 3


def test_a_position_never_goes_back(outbox: Outbox) -> None:
    outbox.append(event(number) for number in range(3))
    outbox.advance("warehouse", 3, 3)
    outbox.advance("warehouse", 1, 1)
    assert outbox.waiting("warehouse") == []


def test_a_refused_event_is_kept_aside_with_its_reason(outbox: Outbox) -> None:
    outbox.append(event(number) for number in range(2))
    outbox.refuse("other", 1, "no such facet")
    assert [entry.sequence for entry in outbox.waiting("other")] == [2]
    ((entry, reason),) = outbox.refusals("other")
    assert (entry.body, reason) == ('{"number":0}', "no such facet")
    outbox.accept("other", [1])
    assert outbox.refusals("other") == []


def test_the_state_tells_what_waits_and_why(outbox: Outbox) -> None:
    outbox.append(event(number) for number in range(3))
    outbox.advance("warehouse", 1, 1)
    outbox.fail("warehouse", "it is down")
    state, other = outbox.state(["warehouse", "other"])
    assert (state.waiting, state.delivered, state.refused, state.last_error) == (2, 1, 0, "it is down")
    assert state.oldest_waiting is not None
    assert (other.waiting, other.delivered, other.last_error) == (3, 0, None)
    outbox.advance("warehouse", 3, 2)
    assert outbox.state(["warehouse"])[0].last_error is None


def test_only_what_every_receiver_has_is_forgotten(outbox: Outbox) -> None:
    outbox.append(event(number) for number in range(4))
    outbox.advance("warehouse", 4, 4)
    assert outbox.prune(["warehouse", "other"], timedelta(0)) == 0
    outbox.advance("other", 1, 1)
    outbox.refuse("other", 2, "bad")
    outbox.advance("other", 3, 1)
    assert outbox.prune(["warehouse", "other"], timedelta(days=1)) == 0
    assert outbox.prune(["warehouse", "other"], timedelta(0)) == 2
    assert len(outbox.refusals("other")) == 1
    assert [entry.sequence for entry in outbox.waiting("new")] == [2, 4]


def test_a_transaction_that_fails_keeps_nothing(outbox: Outbox) -> None:
    with pytest.raises(TypeError):
        outbox.append([event(1), {"number": object()}])
    assert outbox.waiting("warehouse") == []
    assert outbox.append([event(1)]) == 1


def test_an_outbox_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LineageError, match="cannot be used"):
        Outbox(tmp_path / "file" / "outbox.db").append([event(1)])


def test_what_was_acknowledged_survives_sigkill_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    acknowledged: set[tuple[str, int]] = set()
    for round_number in range(4):
        process = writer(path, f"w{round_number}", 100_000)
        assert process.stdout is not None
        lines = []
        deadline = time.monotonic() + 0.15 * (round_number + 1)
        for line in process.stdout:
            lines.append(line)
            if time.monotonic() > deadline and len(lines) > 3:
                break
        process.send_signal(signal.SIGKILL)
        # Everything that came through the pipe was said after `append` had returned.
        lines += process.stdout.readlines()
        process.stdout.close()
        process.wait()
        acknowledged |= {(f"w{round_number}", int(line)) for line in lines if line.endswith("\n")}
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = {
            tuple(row)
            for row in connection.execute(
                "SELECT json_extract(body, '$.writer'), json_extract(body, '$.number') FROM events"
            )
        }
    assert len(acknowledged) > 12
    assert acknowledged <= found
    # At most the one event of each killed process that was on its way may be there too.
    assert len(found - acknowledged) <= 4


def test_several_processes_and_threads_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    processes = [writer(path, f"p{number}", 40) for number in range(3)]
    box = Outbox(path)

    def append(name: str) -> None:
        for number in range(40):
            box.append([{"writer": name, "number": number}])
        box.close()

    threads = [threading.Thread(target=append, args=(f"t{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    waiting = box.waiting("warehouse", limit=1000)
    assert len(waiting) == 6 * 40
    assert [entry.sequence for entry in waiting] == sorted({entry.sequence for entry in waiting})
    box.close()


def test_the_emitter_needs_nothing_but_the_data_folder(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "home")
    emitter = Emitter(settings)
    assert emitter.emit(event(1), event(2)) == 2
    assert emitter.emit(event(2)) == 0
    emitter.close()
    box = Outbox(outbox_path(settings))
    assert len(box.waiting("warehouse")) == 2
    box.close()
