"""Finding and ending what one stack left running, whatever became of its supervisor."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from stack.layout import Layout
from stack.program import MARKER

PATIENCE_SECONDS = 20


def of_stack(layout: Layout) -> list[psutil.Process]:
    """Every process of this data folder: by the marker all of them inherit, or PostgreSQL's own pid file.

    PostgreSQL overwrites the memory that holds its environment, so the marker cannot be seen there.
    """
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(MARKER) == str(layout.home):
                found[process.pid] = process
    server = postmaster(layout)
    if server is not None:
        with suppress(psutil.Error):
            for process in (server, *server.children(recursive=True)):
                found[process.pid] = process
    found.pop(os.getpid(), None)
    return [process for process in found.values() if process.status() != psutil.STATUS_ZOMBIE]


def postmaster(layout: Layout) -> psutil.Process | None:
    """The running PostgreSQL server of this data folder, if there is one."""
    try:
        first = (layout.postgresql / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0]
        process = psutil.Process(int(first))
        # The number may have been given to another program since.
        return process if str(layout.postgresql.resolve()) in process.cmdline() else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def named_in(pid_file: Path) -> psutil.Process | None:
    """The running process that a pid file names, if there is one."""
    try:
        return psutil.Process(int(pid_file.read_text(encoding="ascii")))
    except (OSError, ValueError, psutil.Error):
        return None


def wait_for_end_of(process: psutil.Process | None) -> None:
    """Wait until a process has ended, at most `PATIENCE_SECONDS`."""
    if process is not None:
        with suppress(psutil.Error):
            process.wait(PATIENCE_SECONDS)


def end(processes: Iterable[psutil.Process]) -> int:
    """Ask processes to end, wait, and kill what remains.

    Returns:
        How many there were.
    """
    chosen = list(processes)
    for process in chosen:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, remaining = psutil.wait_procs(chosen, timeout=PATIENCE_SECONDS)
    for process in remaining:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(remaining, timeout=PATIENCE_SECONDS)
    return len(chosen)


def end_orphans(layout: Layout) -> int:
    """End what a former supervisor of this data folder left behind, the supervisor itself included.

    Returns:
        How many processes there were.
    """
    server = postmaster(layout)
    if server is not None:
        # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
        with suppress(psutil.Error):
            server.send_signal(2)
            server.wait(PATIENCE_SECONDS)
    return end(of_stack(layout)) + (server is not None)
