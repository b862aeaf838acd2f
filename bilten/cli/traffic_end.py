"""The end of the background traffic: its process stops, then the warehouse catches up."""

from __future__ import annotations

import time
from collections.abc import Callable

from bilten.contracts import load_contracts
from bilten.errors import ServiceNotReady
from bilten.settings import Settings
from stack import status
from stack.layout import Layout
from stack.supervision import Supervisor

PROCESS = "simulate"
"""Name of the supervised process of the background traffic."""
CATCH_UP_SECONDS = 300.0
LOOK_SECONDS = 1.0
"""Between two looks; a change needs about a tenth of that from its commit into a topic."""


def stop(settings: Settings) -> None:
    """Stop the background traffic and wait until its process has ended.

    Raises:
        StackError: the supervisor does not answer.
    """
    supervisor = Supervisor(Layout.of(settings))
    supervisor.stop(PROCESS)
    while (state := supervisor.states().get(PROCESS)) is not None and state.pid:
        time.sleep(0.1)


def wait_until_caught_up(
    settings: Settings, tell: Callable[[str], None], patience: float = CATCH_UP_SECONDS
) -> None:
    """Wait until what the source holds is in the warehouse, with nobody writing to the source any more.

    That is: every table has as many current rows as its source, nothing in the topics is left to be landed,
    and the topics did not grow between two looks, so that nothing is on its way into them either.

    Args:
        settings: where the components are.
        tell: told how far it is.
        patience: seconds after which to give up.

    Raises:
        ServiceNotReady: the warehouse has not caught up in that time.
    """
    contracts = load_contracts()
    deadline = time.monotonic() + patience
    before: list[int | None] = []
    while time.monotonic() < deadline:
        now = status.gather(settings, contracts)
        ends = [each.topic for each in now.tables]
        missing = sum(each.source != each.ods for each in now.tables)
        waiting = sum(each.lag or 0 for each in now.tables)
        if not (missing or waiting or now.unanswered) and ends == before:
            return
        tell(f"{waiting:,} records wait, {missing} tables differ in their number of rows")
        before = ends
        time.sleep(LOOK_SECONDS)
    raise ServiceNotReady(
        f"The warehouse has not caught up within {patience:.0f} s.",
        why="The loader or the connector is slow, stopped, or something else writes to the database.",
    )
