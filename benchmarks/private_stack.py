"""A stack of its own for a benchmark: other data folder, free ports, nobody's data."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.harness import Report
from bilten.errors import StackError
from bilten.settings import Settings
from tests.fixtures.stack import PORTS, Stack
from tests.settings import free_port


@contextmanager
def private_stack(processes: str, report: Report, **values: Any) -> Iterator[Stack]:
    """Start some processes with a little history, and delete everything at the end.

    Args:
        processes: their names, separated by commas.
        report: told what happens.
        values: settings that differ from the defaults.

    Raises:
        StackError: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="bilten-bench-", ignore_cleanup_errors=True) as folder:
        ports = {name: free_port() for name in PORTS}
        home = Path(folder) / "home"
        stack = Stack(Settings(_env_file=None, home=home, **{**ports, **values}))
        report(f"starting {processes}")
        try:
            result = stack.run("up", "--only", processes)
            if result.returncode != 0:
                raise StackError("The benchmark's stack does not start.", why=result.stderr[-2000:])
            yield stack
        finally:
            stack.run("clean-data", "--yes")
