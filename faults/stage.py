"""A stack of its own for faults: other data folder, free ports, nobody's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bilten.errors import StackError
from bilten.settings import Settings
from tests.fixtures.stack import ORDERS, PORTS, Stack
from tests.settings import free_port

CAPTURE = frozenset({"postgresql", "kafka", "connect", "warehouse"})
MARTS = frozenset({"dagster-code", "dagster-webserver", "dagster-daemon"})


@contextmanager
def stage(folder: Path, *, with_marts: bool, report: Callable[[str], object]) -> Iterator[Stack]:
    """Start it with a little history, and delete everything at the end.

    Args:
        folder: for its data.
        with_marts: whether marts are built and published, so that they can grow old.
        report: told what happens.

    Raises:
        StackError: it does not start.
    """
    values: dict[str, Any] = {
        **{name: free_port() for name in PORTS},
        "history_orders": ORDERS,
        "loader_flush_rows": 200,
        # Built when a fault asks for it.
        "marts_cron": "0 0 1 1 *",
        "archive_cron": "0 0 1 1 *",
    }
    stack = Stack(Settings(_env_file=None, home=folder / "home", **values))
    report(f"starting a stack{' with marts' if with_marts else ''}")
    try:
        names = CAPTURE | MARTS | {"loader"} if with_marts else CAPTURE
        result = stack.run("up", "--only", ",".join(sorted(names)), seconds=900)
        if result.returncode != 0:
            raise StackError("The stack for faults does not start.", why=result.stderr[-2000:])
        if with_marts:
            # The scene has loaders of its own.
            stack.supervisor.stop("loader")
        yield stack
    finally:
        stack.run("clean-data", "--yes")
