"""Loaders as processes of their own, so that they can be killed, stopped, doubled, and told lies."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.fixtures.stack import Stack
from tests.settings import free_port

END_SECONDS = 40
DOOMED = "faults.doomed_loader"
IMPATIENT = "faults.impatient_loader"


class LoaderProcess:
    """A loader.

    Args:
        stack: whose changes it lands.
        log: where its log goes.
        arguments: of Python; the ordinary loader by default.
        environment: variables that differ from the stack's.
    """

    def __init__(self, stack: Stack, log: Path, *arguments: str, **environment: str) -> None:
        self.log = log
        port = {"BILTEN_LOADER_METRICS_PORT": str(free_port())}
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, *(arguments or ("-m", "bilten.cli", "load"))],
                cwd=stack.home.parent,
                env={**stack.environment, **port, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def peak_megabytes(self) -> int:
        """The most memory that it has had resident, MiB."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
        raise AssertionError("the loader has ended")

    @property
    def text(self) -> str:
        """Its log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        psutil.Process(self._process.pid).send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = END_SECONDS) -> int:
        """Send a signal and wait for the end; returns the exit status."""
        if self.is_running:
            self._process.send_signal(number)
        return self._process.wait(seconds)

    def wait(self, seconds: float = 150) -> int:
        """Wait until it ends by itself; returns the exit status."""
        return self._process.wait(seconds)
