from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bilten.contracts import Contract, load_contracts
from operational import simulate
from tests.fixtures.stack import Stack


@pytest.fixture(scope="session")
def contracts() -> tuple[Contract, ...]:
    """The project's source contracts."""
    return load_contracts().captured()


@pytest.fixture(scope="session")
def capture(new_stack: Callable[..., Stack]) -> Stack:
    """Everything up to the change topics, with a little history; the tests bring their own loaders."""
    stack = new_stack(loader_flush_rows=200)
    stack.up("--only", "postgresql,kafka,connect,warehouse")
    return stack


class LoaderProcess:
    """A loader as its own process."""

    def __init__(self, stack: Stack, log: Path, *arguments: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, *(arguments or ("-m", "bilten.cli", "load"))],
                cwd=stack.home.parent,
                env=stack.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        """Send a signal and wait for the end; returns the exit status."""
        if self.is_running:
            self._process.send_signal(number)
        return self._process.wait(seconds)

    def wait(self, seconds: float = 150) -> int:
        """Wait until it ends by itself; returns the exit status."""
        return self._process.wait(seconds)


@pytest.fixture
def start_loader(capture: Stack, tmp_path: Path) -> Iterator[Callable[..., LoaderProcess]]:
    """Starts loaders, and ends them after the test."""
    started: list[LoaderProcess] = []

    def start(*arguments: str) -> LoaderProcess:
        loader = LoaderProcess(capture, tmp_path / f"loader-{len(started)}.log", *arguments)
        started.append(loader)
        return loader

    yield start
    for loader in started:
        loader.end(signal.SIGKILL)


@pytest.fixture
def traffic(capture: Stack) -> Callable[..., object]:
    """A context in which the operational database has live traffic."""

    @contextmanager
    def running(rate: float = 60, seed: int = 7) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(
            target=simulate.run, args=(capture.settings,), kwargs={"rate": rate, "seed": seed, "stop": stop}
        )
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    return running
