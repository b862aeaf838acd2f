"""Where faults happen: a running stack, traffic, loaders, and what is known of all that was ever sent."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from bilten.contracts import Contract
from bilten.errors import BiltenError, OperationalUnavailable
from bilten.settings import Settings
from faults.comparison import ChangeLog, Compared, assert_equal_to_source
from faults.loading import LoaderProcess
from ingestion.connector import connector_status
from ingestion.ledger import read_positions
from ingestion.topics import partition_bounds
from operational import simulate
from stack.readiness import PROBES
from tests.fixtures.stack import Stack
from warehouse.client import Warehouse
from warehouse.publish import current_publication

LOOK_SECONDS = 0.2


class Scene:
    """A stack without a loader of its own: the scene starts its loaders.

    Args:
        stack: runs at least PostgreSQL, Kafka, Connect and the warehouse.
        contracts: the source contracts.
        folder: for logs of loaders.
        random: decides pauses and the traffic.
    """

    def __init__(self, stack: Stack, contracts: Sequence[Contract], folder: Path, random: Random) -> None:
        self.stack = stack
        self.contracts = {contract.name: contract for contract in contracts}
        self.random = random
        self.log = ChangeLog.of(stack.settings, contracts)
        self.cut: set[str] = set()
        """Tables whose topic has lost records; the log cannot be held against ``raw`` any more."""
        self._folder = folder
        self._loaders: list[LoaderProcess] = []

    @property
    def settings(self) -> Settings:
        """Of the stack."""
        return self.stack.settings

    def topic(self, dataset: str) -> str:
        """The change topic of a table."""
        return self.contracts[dataset].topic(self.settings.topic_prefix)

    # --- time -------------------------------------------------------------------------------------

    def pause(self, shortest: float, longest: float) -> None:
        """Let a random time pass, seconds."""
        time.sleep(self.random.uniform(shortest, longest))

    def wait(self, what: str, condition: Callable[[], bool], seconds: float = 120) -> None:
        """Wait until a condition holds; an answer that a component owes counts as no.

        Raises:
            AssertionError: it does not in time.
        """
        deadline = time.monotonic() + seconds
        while not _holds(condition):
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"not within {seconds:.0f} s: {what}\n{self.stack.logs()}\n{self.loader_logs()}"
                )
            time.sleep(LOOK_SECONDS)

    # --- loaders ----------------------------------------------------------------------------------

    def start_loader(self, *arguments: str, **environment: str) -> LoaderProcess:
        """Start a loader beside those that run."""
        log = self._folder / f"loader-{len(self._loaders)}.log"
        loader = LoaderProcess(self.stack, log, *arguments, **environment)
        self._loaders.append(loader)
        return loader

    @property
    def loader(self) -> LoaderProcess:
        """A loader that runs; one is started if there is none."""
        running = [each for each in self._loaders if each.is_running]
        return running[0] if running else self.start_loader()

    def stop_loaders(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End all loaders."""
        for each in self._loaders:
            if each.is_running:
                each.end(number)

    def loader_logs(self) -> str:
        """The ends of the loaders' logs."""
        return "\n".join(each.text[-4000:] for each in self._loaders[-2:])

    # --- components -------------------------------------------------------------------------------

    def kill(self, component: str) -> None:
        """SIGKILL a process and wait until it answers again and does its work."""
        killed = self.stack.kill(component)
        self.wait(
            f"{component} is back",
            lambda: (
                self.stack.supervisor.states()[component].pid not in (None, killed)
                and self.answers(component)
            ),
            180,
        )

    def answers(self, component: str) -> bool:
        """Whether a component does its work."""
        if component == "connect":
            return connector_status(self.settings).is_running
        return PROBES[component](self.settings)

    def run(self, *arguments: str, seconds: float = 600) -> Any:
        """Call the command line with ``--json``; what it printed.

        Raises:
            AssertionError: its status is not 0.
        """
        done = self.stack.run(*arguments, "--json", seconds=seconds)
        assert done.returncode == 0, f"bilten {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def findings(self) -> list[dict[str, str]]:
        """What ``bilten doctor`` finds wrong."""
        done = self.stack.run("doctor", "--json")
        return [each for each in json.loads(done.stdout) if each["outcome"] == "problem"]

    # --- traffic and comparison --------------------------------------------------------------------

    @contextmanager
    def traffic(self, rate: float) -> Iterator[None]:
        """Live traffic meanwhile; a database that is away is waited for."""
        stop, seed, died = threading.Event(), self.random.getrandbits(31), list[BaseException]()

        def send() -> None:
            while not stop.is_set():
                try:
                    simulate.run(self.settings, rate=rate, seed=seed, stop=stop)
                except OperationalUnavailable:
                    stop.wait(LOOK_SECONDS)
                except BaseException as error:
                    died.append(error)
                    raise

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        assert not died, f"the traffic ended: {died}"

    def until_read(self) -> None:
        """Wait until the warehouse has all that Kafka has now."""
        topics = [contract.topic(self.settings.topic_prefix) for contract in self.contracts.values()]
        ends = {each: held.next_offset for each, held in partition_bounds(self.settings, topics).items()}

        def is_read() -> bool:
            with Warehouse(self.settings) as warehouse:
                read = {each: position.next_offset for each, position in read_positions(warehouse).items()}
            return all(read.get(each, 0) >= end for each, end in ends.items())

        self.wait("the warehouse has what Kafka had", is_read)

    def compare(self, seconds: float = 300) -> Compared:
        """Wait until everything has arrived, and compare everything.

        Raises:
            AssertionError: something differs.
        """
        assert self.loader.is_running
        try:
            return assert_equal_to_source(
                self.settings, self.contracts.values(), self.log, cut=self.cut, seconds=seconds
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.loader_logs()}") from error

    def published(self) -> Mapping[str, datetime]:
        """As of when each mart that readers see is complete."""
        with Warehouse(self.settings) as warehouse:
            if current_publication(warehouse) is None:
                return {}
            found = warehouse.query("SELECT mart, complete_as_of FROM marts.freshness").rows
            return {str(mart): moment for mart, moment in found}

    def assert_not_older(self, before: Mapping[str, datetime]) -> None:
        """Nothing in a mart is older than it was.

        Raises:
            AssertionError: a mart is.
        """
        now = self.published()
        older = [mart for mart, moment in before.items() if mart not in now or now[mart] < moment]
        assert not older, f"older than before: {older}"


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except BiltenError as error:
        if not error.retryable:
            raise
        return False
