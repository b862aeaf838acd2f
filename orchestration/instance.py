"""Dagster's own storage."""

from __future__ import annotations

from pathlib import Path

from dagster import DagsterInstance


def create_storage(folder: Path) -> None:
    """Make the databases of runs, events and schedules, unless they are there.

    Dagster makes them when a process first opens them. Two processes that do so at the same moment both write
    the first revision, and no process can open the database afterwards.

    Args:
        folder: Dagster's home, with its ``dagster.yaml``.
    """
    with DagsterInstance.from_config(str(folder)):
        pass
